use serde_json::json;

use super::*;
use crate::tool::{
    detail::Detail,
    field::{boolean, code, objects},
};

static MAIL: Fields = Fields::closed(&[&[code("id"), boolean("banned")]]);
static ROW_FIELDS: Fields =
    Fields::closed(&[&[code("id").required(), boolean("banned"), objects("mails", &MAIL)]]);

fn rows_of(body: &Value) -> (Value, Vec<String>) {
    let read = page(&ROW_FIELDS, "data", body.to_string().as_bytes()).unwrap();
    let rows = read.value.rows.iter().map(|row| Value::Object(row.at(Detail::Full)));
    (rows.collect(), read.notes)
}

#[test]
fn unknown_and_missing_fields_are_nothing_special() {
    let body = json!({ "id": "a", "new": { "x": 1 } });
    let read = object(&ROW_FIELDS, body.to_string().as_bytes()).unwrap();
    assert_eq!(Value::Object(read.value.at(Detail::Full)), json!({ "id": "a" }));
    assert!(read.notes.is_empty());
}

#[test]
fn wrong_typed_fields_become_null_and_are_named_once() {
    let (rows, notes) = rows_of(&json!([
        { "id": "a", "banned": "yes" },
        { "id": "b", "banned": true },
        { "id": "c", "banned": 1 },
        { "id": 4 },
        null,
        { "banned": true },
        { "id": "d", "mails": [{ "id": "m", "banned": {} }, 5] },
    ]));
    let expected = json!([
        { "id": "a" }, { "id": "b", "banned": true }, { "id": "c" },
        { "id": "d", "mails": [{ "id": "m" }] },
    ]);
    assert_eq!(rows, expected);
    assert_eq!(notes.len(), 1);
    for place in ["[].banned", "[].id", "[].mails[].banned", "[].mails[]"] {
        assert!(notes[0].contains(place), "{}", notes[0]);
    }
}

#[test]
fn both_forms_of_a_list_are_read() {
    let read = |body: Value| {
        let read = page(&ROW_FIELDS, "data", body.to_string().as_bytes()).unwrap();
        (read.value.rows.len(), read.value.total, read.notes.len())
    };
    assert_eq!(read(json!([{ "id": "a" }])), (1, None, 0));
    assert_eq!(read(json!({ "data": [{ "id": "a" }], "total_count": 7 })), (1, Some(7), 0));
    assert_eq!(read(json!({ "data": [{ "id": "a" }], "total_count": "7" })), (1, None, 1));
}

#[test]
fn an_answer_that_is_something_else_is_an_error() {
    for body in
        ["", "<html>", "[{\"id\":", "7", "null", "{\"object\":\"x\"}", "{\"id\":null}", "[]"]
    {
        assert!(object(&ROW_FIELDS, body.as_bytes()).is_err(), "{body}");
    }
    for body in ["", "{}", "7", "{\"data\":7}", "[{}] []"] {
        assert!(page(&ROW_FIELDS, "data", body.as_bytes()).is_err(), "{body}");
    }
}
