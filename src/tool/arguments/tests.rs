use clerk_api::Route;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::tool::{kind::Kind, param::Relation};
use crate::tool::{
    param::{
        TEXT, boolean, choice, id, integer, json as free, list, metadata, objects, order, text,
    },
    rest::rest,
};

mod clients;

static INVITATION: Shape = Shape {
    params: &[&[
        text("email_address").required(),
        integer("expires_in_days").between(1, 365),
        text("ticket_secret").secret(),
        metadata("public_metadata"),
    ]],
    rules: &[],
    open: false,
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
    let id = "a user's ID such as user_2ab, or an email address";
    let cases = [
        (json!({}), format!("`userId` is missing: it must be {id}")),
        (json!({ "userId": null }), format!("`userId` is missing: it must be {id}")),
        (json!({ "userId": "../x" }), format!("`userId` must be {id}, not \"../x\"")),
        (json!({ "userId": "-user_1" }), format!("`userId` must be {id}, not \"-user_1\"")),
        (json!({ "userId": "org_1" }), format!("`userId` must be {id}, not \"org_1\"")),
        (json!({ "userId": "ada@" }), format!("`userId` must be {id}, not \"ada@\"")),
        (
            json!({ "userId": "-ada@x.example" }),
            format!("`userId` must be {id}, not \"-ada@x.example\""),
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
            "`invitations` must be a list of 1 to 2 JSON objects, not []".to_owned(),
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
    let unread = json!({
        "invitations": "[{\"ticketSecret\":\"s\"}]", "userId": { "password": "s" },
        "emailAddress": ["a@x", { "password": "s" }], "limit": [{ "password": "s" }],
    });
    let expected = json!({
        "invitations": "[removed]", "userId": "[removed]",
        "emailAddress": ["a@x", "[removed]"], "limit": "[removed]",
    });
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
