//! What clients make of arguments: null, empty values, and filters that can match nothing.

use super::*;
use crate::tool::param::{EMAIL_DOMAIN, ROLE_KEY, object};

static SAML: Shape = Shape {
    params: &[&[text("idp_entity_id").clearable(), boolean("active")]],
    rules: &[],
    open: false,
};

static READ: Tool = rest("r", "R", Route::get("/users"), "R.").takes(&[&[
    text("query").filter(),
    list("email_address", &EMAILS).filter(),
    list("phone_number", &PHONES).filter(),
    list("user_id", &USERS).filter(),
    list("role", &ROLE_KEY).filter(),
    list("email_domain", &EMAIL_DOMAIN).filter(),
    integer("limit"),
]]);
const EMAILS: Type = Type::Email { relation: Relation::Filter };
const PHONES: Type = Type::Phone { relation: Relation::Filter };
const USERS: Type = Type::Id { kinds: &[Kind::User], relation: Relation::Filter };

static CHANGES: Tool = rest("n", "N", Route::post("/users/{user_id}"), "N.").takes(&[&[
    id("user_id", &[Kind::User], Relation::Target).path(),
    text("name").clearable(),
    integer("limit"),
    list("domains", &TEXT).clearable(),
    metadata("public_metadata").clearable(),
    object("saml", &SAML),
]]);

fn changes(arguments: Value) -> Result<Checked, Vec<String>> {
    checked(&CHANGES, arguments)
}

fn reads(arguments: Value) -> Result<Checked, Vec<String>> {
    checked(&READ, arguments)
}

fn checked(tool: &'static Tool, arguments: Value) -> Result<Checked, Vec<String>> {
    let Value::Object(mut arguments) = arguments else { unreachable!() };
    if !tool.effect.is_read() {
        arguments.insert("userId".to_owned(), "user_1".into());
    }
    let checked = check(tool, arguments);
    checked.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn null_leaves_an_argument_out_and_a_note_says_what_was_not_cleared() {
    let all = json!({
        "name": null, "limit": null, "domains": null, "publicMetadata": null, "clear": null,
        "saml": { "idpEntityId": null, "active": null },
    });
    let note = "Null leaves an argument out, so nothing was cleared: name, domains, \
                publicMetadata, saml.idpEntityId. To clear it, name it in `clear`.";
    let Checked { arguments, notes } = changes(all).unwrap();
    assert_eq!(Value::Object(arguments), json!({ "userId": "user_1" }));
    assert_eq!(notes, [note]);
}

#[test]
fn clear_is_the_one_way_to_clear() {
    let nothing = json!({
        "userId": "user_1", "name": null, "domains": [], "publicMetadata": {},
        "saml": { "idpEntityId": null },
    });
    let names = "name, domains,publicMetadata,saml.idpEntityId";
    for clear in [json!(names), json!(names.replace(' ', "").split(',').collect::<Vec<_>>())] {
        // What a client fills in beside it changes nothing.
        let Checked { arguments, notes } =
            changes(json!({ "clear": clear, "name": null })).unwrap();
        assert_eq!(Value::Object(arguments), nothing);
        assert!(notes.is_empty(), "{notes:?}");
    }
    let both = changes(json!({ "saml": { "active": true }, "clear": ["saml.idpEntityId"] }));
    let saml = json!({ "active": true, "idpEntityId": null });
    assert_eq!(both.unwrap().arguments["saml"], saml);
    for clear in [json!(null), json!(""), json!([])] {
        let Checked { arguments, .. } = changes(json!({ "clear": clear, "limit": 1 })).unwrap();
        assert_eq!(Value::Object(arguments), json!({ "userId": "user_1", "limit": 1 }));
    }
    let cases = [
        (
            json!({ "clear": ["nam"] }),
            "`clear` has \"nam\", which can't be cleared: did you mean \"name\"?",
        ),
        (
            json!({ "clear": ["limit"] }),
            "`clear` has \"limit\", which can't be cleared: it can be name, domains, \
             publicMetadata, saml.idpEntityId",
        ),
        (
            json!({ "clear": 5.5e10 }),
            "`clear` has \"55000000000.0\", which can't be cleared: it can be name, domains, \
             publicMetadata, saml.idpEntityId",
        ),
        (
            json!({ "clear": { "name": true } }),
            "`clear` must be a list of names, as an array or with commas between them",
        ),
        (
            json!({ "clear": ["name"], "name": "x" }),
            "`name` is given and named in `clear`: do one of the two",
        ),
    ];
    for (arguments, error) in cases {
        assert_eq!(changes(arguments), Err(vec![error.to_owned()]));
    }
}

#[test]
fn an_empty_value_is_refused_on_a_write_and_ignored_with_a_note_on_a_read() {
    let empty = "must not be empty: leave it out or give a value, or clear it with `clear`:";
    for (name, value) in [
        ("name", json!("")),
        ("name", json!(" ")),
        ("domains", json!([])),
        ("domains", json!(" , ")),
        ("publicMetadata", json!({})),
        ("publicMetadata", json!("{}")),
        ("publicMetadata", json!(" { } ")),
    ] {
        let refused = changes(json!({ name: value }));
        assert_eq!(refused, Err(vec![format!("`{name}` {empty} [\"{name}\"]")]));
    }
    let refused = changes(json!({ "saml": { "idpEntityId": "" } }));
    let error = format!("`saml.idpEntityId` {empty} [\"saml.idpEntityId\"]");
    assert_eq!(refused, Err(vec![error]));

    let all = json!({ "query": "", "emailAddress": " ", "limit": "", "userId": null });
    let Checked { arguments, notes } = reads(all).unwrap();
    assert!(arguments.is_empty(), "{arguments:?}");
    assert_eq!(notes, ["Empty arguments were ignored: query, emailAddress, limit."]);
    // A list of nothing is someone's mistake.
    let error = "`emailAddress` must not be empty: leave it out or give a value".to_owned();
    assert_eq!(reads(json!({ "emailAddress": " , " })), Err(vec![error]));
}

#[test]
fn what_clients_add_on_their_own_is_ignored() {
    let added = json!({ "toolCallId": "1", "_meta": {}, "random_string": "x", "limit": 1 });
    assert_eq!(Value::Object(reads(added).unwrap().arguments), json!({ "limit": 1 }));
    let error = "`sessionIdx` isn't an argument of this tool; it takes query, emailAddress, \
                 phoneNumber, userId, role, emailDomain, limit, all, maxRows, detail, fields, maxTokens";
    let refused = reads(json!({ "sessionIdx": "1" })).unwrap_err();
    assert!(error.starts_with(&refused[0][..40]), "{refused:?}");
}

#[test]
fn a_filter_that_can_match_nothing_is_an_error() {
    let right = [
        ("emailAddress", json!("[\"a@b.example\"]"), json!(["a@b.example"])),
        (
            "emailAddress",
            json!("+a@b.example,-c@d.example"),
            json!(["+a@b.example", "-c@d.example"]),
        ),
        ("phoneNumber", json!("+1 (555) 010-0100"), json!(["+15550100100"])),
        ("phoneNumber", json!("-+15550100"), json!(["-+15550100"])),
        ("userId", json!(["-user_1", "+user_2"]), json!(["-user_1", "+user_2"])),
        ("userId", json!("-a@b.example,c@d.example"), json!(["-a@b.example", "c@d.example"])),
        ("role", json!("org:admin"), json!(["org:admin"])),
        ("emailDomain", json!("@acme.example"), json!(["@acme.example"])),
        ("query", json!(["ada"]), json!("ada")),
    ];
    for (name, value, filter) in right {
        assert_eq!(
            reads(json!({ name: value })).unwrap().arguments[name],
            filter,
            "{name} {value}"
        );
    }
    let wrong = [
        ("emailAddress", json!("Ada <ada@b.example>")),
        ("emailAddress", json!("ada%40b.example")),
        ("emailAddress", json!("b.example")),
        ("emailAddress", json!("\"ada@b.example\"")),
        ("emailAddress", json!("['ada@b.example']")),
        ("emailAddress", json!("mailto:ada@b.example")),
        ("emailAddress", json!([["ada@b.example"]])),
        ("phoneNumber", json!("15550100")),
        ("phoneNumber", json!("%2B15550100")),
        ("phoneNumber", json!("tel:+15550100")),
        ("userId", json!("org_1")),
        ("userId", json!("Ada <ada@b.example>")),
        ("userId", json!("--ada@b.example")),
        ("userId", json!("../user_1")),
        ("role", json!("admin")),
        ("role", json!("org:admin org:member")),
        ("emailDomain", json!("ada@acme.example")),
        ("emailDomain", json!("https://acme.example")),
        ("query", json!(["a", "b"])),
    ];
    for (name, value) in wrong {
        let errors = reads(json!({ name: value })).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with(&format!("`{name}` ")), "{errors:?}");
    }
}
