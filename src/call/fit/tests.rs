//! What comes back fits, whatever there is and whatever is asked for.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    super::render::{Ceiling, Presentation},
    fit,
};
use crate::tokens;
use crate::tool::{
    Content, Reader, ResultKind,
    detail::Detail,
    field::{Fields, boolean, code, metadata, objects, text, time},
    projection::{LEAST_TOKENS, Projection},
    read::composed,
};

static EMAIL: Fields = Fields::closed(&[&[code("id").identity(), code("email_address")]]);
static ROW: Fields = Fields::open(&[&[
    code("id").identity(),
    text("first_name").always(),
    text("last_name").always(),
    code("image_url").full(),
    boolean("banned"),
    code("primary_email_address_id").full(),
    time("created_at"),
    metadata("public_metadata"),
    objects("email_addresses", &EMAIL),
]])
.person();

fn record(row: &Value) -> crate::tool::record::Record {
    composed(&ROW, row.clone()).unwrap().value
}

fn fit_list(rows: &[Value], total: u64, presentation: &Presentation) -> Value {
    let content = Content::Rows(rows.iter().map(record).collect());
    let head = json!({ "totalCount": total, "success": true });
    fit(content, head.as_object().unwrap().clone(), presentation.kind, presentation).into()
}

fn real(value: &Value) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(&value.to_string()).len()
}

fn row() -> impl Strategy<Value = Value> {
    let text = || prop_oneof!["[a-zA-Z0-9]{27}", "[a-z ]{0,30}", ".{0,12}", "[ -~]{0,60}"];
    let metadata = prop::collection::hash_map("[a-z_]{1,8}", text(), 0..6);
    (text(), text(), text(), any::<bool>(), 0..4_000_000_000_000_i64, metadata).prop_map(
        |(id, name, email, flag, time, metadata)| {
            json!({
                "id": id, "firstName": name, "lastName": null, "imageUrl": id, "banned": flag,
                "primaryEmailAddressId": id, "createdAt": time, "publicMetadata": metadata,
                "emailAddresses": [{ "id": id, "emailAddress": email }],
            })
        },
    )
}

fn projection() -> impl Strategy<Value = Projection> {
    let detail = prop::option::of(prop_oneof![
        Just(Detail::Full),
        Just(Detail::Standard),
        Just(Detail::Concise)
    ]);
    let field = prop_oneof![
        Just("id"),
        Just("emailAddresses.emailAddress"),
        Just("publicMetadata"),
        Just("createdAt")
    ];
    let fields = prop::option::of(prop::collection::vec(field.prop_map(str::to_owned), 1..4));
    (detail, fields).prop_map(|(detail, fields)| Projection {
        detail,
        fields,
        ..Projection::default()
    })
}

fn frame(kind: ResultKind, projection: Projection, limit: usize, page: (u64, u64)) -> Presentation {
    let filters = ["username", "userId", "query"].map(str::to_owned).to_vec();
    let limit = Ceiling { tokens: limit, is_operators: true };
    let reader = Reader::Agent;
    Presentation { kind, projection, reader, limit, page, filters, shows_secrets: false }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_list_fits_and_its_rows_are_the_first_ones(
        rows in prop::collection::vec(row(), 0..30),
        projection in projection(),
        limit in LEAST_TOKENS as usize..4_000_usize,
        offset in 0_u64..1_000_000,
    ) {
        let (count, fields) = (rows.len(), projection.fields.clone());
        let frame = frame(ResultKind::List("users"), projection, limit, (offset, 30));
        let answer = fit_list(&rows, offset + 1_000, &frame);
        let cost = real(&answer);
        prop_assert!(cost <= limit, "{cost} of {limit}: {answer}");
        let shown = answer["users"].as_array().unwrap();
        for (shown, row) in shown.iter().zip(&rows) {
            let is_same = |name: &str| shown.get(name).is_none_or(|value| *value == row[name]);
            prop_assert!(["id", "firstName", "publicMetadata"].into_iter().all(is_same));
            if fields.is_none() {
                prop_assert_eq!(&shown["id"], &row["id"]);
            }
        }
        prop_assert_eq!(&answer["hasMore"], &json!(true));
        prop_assert_eq!(&answer["nextOffset"], &json!(offset + shown.len() as u64));
        let note = answer.get("note").and_then(Value::as_str).unwrap_or_default();
        prop_assert_eq!(shown.len() < count, note.starts_with("Cut") || note.starts_with("Not one"));
    }

    #[test]
    fn an_object_costs_what_it_costs_once_it_is_made(row in row()) {
        let record = record(&row);
        for detail in [Detail::Full, Detail::Standard, Detail::Concise] {
            prop_assert_eq!(record.cost(detail), tokens::of_object(&record.at(detail)));
        }
    }

    #[test]
    fn an_object_fits_and_says_what_it_lacks(
        object in row(),
        more in prop::collection::hash_map("[a-z]{1,12}", "[a-z ]{0,400}", 0..6),
        projection in projection(),
        limit in LEAST_TOKENS as usize..1_000_usize,
    ) {
        let mut object = object;
        object["publicMetadata"] = json!(more);
        let all = object.as_object().unwrap().clone();
        let is_chosen = projection.fields.is_some() || projection.detail.is_some();
        let head = Map::from_iter([("success".to_owned(), true.into())]);
        let content = Content::Object(Box::new(record(&object)));
        let answer: Value =
            fit(content, head, ResultKind::Object, &frame(ResultKind::Object, projection, limit, (0, 0)))
                .into();
        let cost = real(&answer);
        prop_assert!(cost <= limit, "{cost} of {limit}: {answer}");
        let answer = answer.as_object().unwrap();
        let is_whole = |name: &String| answer.contains_key(name);
        prop_assert!(is_chosen || answer.contains_key("note") || all.keys().all(is_whole));
        prop_assert_eq!(&answer["success"], &json!(true));
    }
}

#[test]
fn a_lowered_list_and_one_without_a_row_say_so() {
    let row = |n: usize| json!({ "id": format!("user_{n}"), "firstName": "Ada", "publicMetadata": { "a": "b".repeat(900) } });
    let rows = [row(1), row(2)];
    let list = |projection, limit| {
        fit_list(&rows, 2, &frame(ResultKind::List("users"), projection, limit, (0, 10)))
    };
    let lowered = list(Projection::default(), 400);
    assert_eq!(
        lowered["users"],
        json!([
            { "id": "user_1", "name": "Ada" }, { "id": "user_2", "name": "Ada" },
        ])
    );
    assert_eq!(lowered["hasMore"], false);
    assert!(lowered.get("nextOffset").is_none());
    assert!(lowered["note"].as_str().unwrap().starts_with("Lowered to concise detail"));
    let fields = Some(vec!["publicMetadata".to_owned()]);
    let none = list(Projection { fields, ..Projection::default() }, 400);
    assert_eq!((&none["users"], &none["nextOffset"]), (&json!([]), &json!(0)));
    assert!(none["note"].as_str().unwrap().starts_with("Not one row of these fields fits"));
}
