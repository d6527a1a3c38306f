use clerk_api::Route;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::tool::{kind::Kind, param::Relation};
use crate::tool::{
    param::{
        EMAIL_DOMAIN, ROLE_KEY, TEXT, boolean, choice, id, integer, json as free, list, metadata,
        object, objects, order, text,
    },
    rest::rest,
};

static INVITATION: Shape = Shape {
    params: &[&[
        text("email_address").required(),
        integer("expires_in_days").between(1, 365),
        text("ticket_secret").secret(),
        metadata("public_metadata"),
    ]],
    rules: &[],
    open: false,
    brief: false,
};

static TOOL: Tool = rest("t", "T", Route::post("/users/{user_id}"), "T.").takes(&[&[
    id("user_id", &[Kind::User], Relation::Target).path(),
    integer("limit").between(1, 500),
    boolean("banned"),
    list("email_address", &TEXT).at_most(3),
    choice("status", &["active", "ended", "neverSeen"]),
    order("order_by", &["created_at", "name"]),
    text("password").at_least(8).secret(),
    metadata("metadata"),
    free("claims"),
    objects("invitations", &INVITATION).between(1, 2),
]]);

static SAML: Shape = Shape {
    params: &[&[text("idp_entity_id").clearable(), boolean("active")]],
    rules: &[],
    open: false,
    brief: false,
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

fn run(arguments: Value) -> Result<Value, Vec<String>> {
    let Value::Object(arguments) = arguments else { unreachable!() };
    match check(&TOOL, arguments) {
        Ok(checked) => Ok(checked.arguments.into()),
        Err(errors) => Err(errors.iter().map(ToString::to_string).collect()),
    }
}

#[test]
fn the_forms_that_models_write_are_understood() {
    let cases = [
        (json!({ "limit": 10.0 }), json!({ "limit": 10 })),
        (json!({ "limit": " 10 " }), json!({ "limit": 10 })),
        (json!({ "limit": "1e1" }), json!({ "limit": 10 })),
        (json!({ "limit": null }), json!({})),
        (json!({ "banned": "false" }), json!({ "banned": false })),
        (json!({ "emailAddress": " a@x , ,b@x" }), json!({ "emailAddress": ["a@x", "b@x"] })),
        (json!({ "emailAddress": ["a@x", " "] }), json!({ "emailAddress": ["a@x"] })),
        (json!({ "emailAddress": "[\"a@x\",\"b@x\"]" }), json!({ "emailAddress": ["a@x", "b@x"] })),
        (json!({ "emailAddress": 5 }), json!({ "emailAddress": ["5"] })),
        (json!({ "orderBy": "-createdAt" }), json!({ "orderBy": "-created_at" })),
        (json!({ "status": "Active" }), json!({ "status": "active" })),
        (json!({ "status": "never_seen" }), json!({ "status": "neverSeen" })),
        (json!({ "metadata": "{\"a\":1}" }), json!({ "metadata": { "a": 1 } })),
        (json!({ "password": " 12345678" }), json!({ "password": " 12345678" })),
        (
            json!({ "invitations": "[{\"email_address\": \"a@x\", \"expiresInDays\": \"7\"}]" }),
            json!({ "invitations": [{ "emailAddress": "a@x", "expiresInDays": 7 }] }),
        ),
    ];
    for (mut arguments, mut checked) in cases {
        arguments["userId"] = json!("user_1");
        checked["userId"] = json!("user_1");
        assert_eq!(run(arguments), Ok(checked));
    }
}

#[test]
fn each_error_names_the_argument_and_what_would_be_right() {
    let id = "a user's id of letters, digits, `_`, `-` and `:`";
    let cases = [
        (json!({}), format!("`userId` is missing: it must be {id}")),
        (json!({ "userId": null }), format!("`userId` is missing: it must be {id}")),
        (json!({ "userId": "../x" }), format!("`userId` must be {id}, not \"../x\"")),
        (json!({ "userId": "-user_1" }), format!("`userId` must be {id}, not \"-user_1\"")),
        (json!({ "userId": "org_1" }), format!("`userId` must be {id}, not \"org_1\"")),
        (
            json!({ "userId": "ada@x.example" }),
            format!(
                "`userId` must be {id}, not \"ada@x.example\"; clerk_list_users finds users by \
                 emailAddress"
            ),
        ),
    ];
    for (arguments, error) in cases {
        assert_eq!(run(arguments), Err(vec![error]));
    }
    let number = "`limit` must be a whole number from 1 to 500, not";
    let empty = "must not be empty: leave it out or give a value";
    let list = "`emailAddress` must be a list of at most 3 texts, as an array or with commas \
                between them, not";
    let cases = [
        (json!({ "limit": 501 }), format!("{number} 501")),
        (json!({ "limit": 1.5 }), format!("{number} 1.5")),
        (json!({ "limit": 1e300 }), format!("{number} 1e+300")),
        (json!({ "limit": u64::MAX }), format!("{number} 18446744073709551615")),
        (json!({ "limit": "many" }), format!("{number} \"many\"")),
        (json!({ "limit": [] }), format!("{number} []")),
        (json!({ "banned": 1 }), "`banned` must be true or false, not 1".to_owned()),
        (
            json!({ "status": "gone" }),
            "`status` must be one of active, ended, neverSeen, not \"gone\"".to_owned(),
        ),
        (json!({ "emailAddress": " , " }), format!("`emailAddress` {empty}")),
        (json!({ "emailAddress": "" }), format!("`emailAddress` {empty}")),
        (json!({ "emailAddress": [] }), format!("`emailAddress` {empty}")),
        (json!({ "emailAddress": ["a", {}] }), format!("{list} [\"a\",{{}}]")),
        (json!({ "emailAddress": "a,b,c,d" }), format!("{list} \"a,b,c,d\"")),
        (
            json!({ "password": "geheim" }),
            "`password` must be text of at least 8 characters".to_owned(),
        ),
        (json!({ "metadata": [1] }), "`metadata` must be a JSON object, not [1]".to_owned()),
        (json!({ "metadata": "x" }), "`metadata` must be a JSON object, not \"x\"".to_owned()),
        (
            json!({ "lmit": 5 }),
            "`lmit` isn't an argument of this tool: did you mean `limit`?".to_owned(),
        ),
        (
            json!({ "user_id": "user_1" }),
            "`user_id` isn't an argument of this tool: did you mean `userId`?".to_owned(),
        ),
        (
            json!({ "secretKey": "sk_test_x" }),
            "`secretKey` isn't an argument: the server takes its key from its own configuration"
                .to_owned(),
        ),
        (
            json!({ "invitations": [{ "emailAddress": "a@x" }, { "expiresInDays": 3 }] }),
            "`invitations[1].emailAddress` is missing: it must be text".to_owned(),
        ),
        (
            json!({ "invitations": [{ "emailAddress": "a@x", "expiresInDays": 400 }] }),
            "`invitations[0].expiresInDays` must be a whole number from 1 to 365, not 400"
                .to_owned(),
        ),
        (
            json!({ "invitations": [{ "emailAddress": "a@x", "expires": 4 }] }),
            "`invitations[0].expires` isn't a property of this object: did you mean `expiresInDays`?"
                .to_owned(),
        ),
        (
            json!({ "invitations": [] }),
            "`invitations` must be a list of at most 2 JSON objects, not []".to_owned(),
        ),
    ];
    for (mut arguments, error) in cases {
        arguments["userId"] = json!("user_1");
        assert_eq!(run(arguments), Err(vec![error]));
    }
}

#[test]
fn all_errors_are_reported_at_once_and_long_values_are_cut() {
    let errors =
        run(json!({ "limit": 0, "zzzzzzzz": 1, "metadata": "x".repeat(500) })).unwrap_err();
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors.iter().all(|error| error.len() < 200), "{errors:?}");
}

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
    // A list of nothing is somebody's mistake.
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
        ("userId", json!("ada@b.example")),
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

#[test]
fn secrets_are_masked_at_any_depth_and_so_is_what_nobody_knows() {
    let arguments = json!({
        "userId": "user_1", "password": "geheim12", "unknown": 1, "claims": { "a": 1 },
        "invitations": [{ "emailAddress": "a@x", "ticketSecret": "s", "other": 2 }],
    });
    let expected = json!({
        "userId": "user_1", "password": "[removed]", "unknown": "[removed]", "claims": { "a": 1 },
        "invitations": [{
            "emailAddress": "a@x", "ticketSecret": "[removed]", "other": "[removed]",
        }],
    });
    assert_eq!(Value::Object(TOOL.masked(arguments.as_object().unwrap())), expected);
    let unread = json!({ "invitations": "[{\"ticketSecret\":\"s\"}]" });
    let expected = json!({ "invitations": "[removed]" });
    assert_eq!(Value::Object(TOOL.masked(unread.as_object().unwrap())), expected);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(".{0,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_panics_and_what_is_read_is_read_again_as_it_is(
        name in prop_oneof![Just("limit"), Just("emailAddress"), Just("metadata"), Just("status"), Just("password")],
        value in any_json(),
    ) {
        if let Ok(first) = run(json!({ "userId": "user_1", name: value })) {
            prop_assert_eq!(run(first.clone()), Ok(first));
        }
    }
}
