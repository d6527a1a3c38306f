use serde_json::json;

use super::*;
use crate::tool::{
    detail::Detail,
    field::{boolean, code, objects, time},
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

static TIMED: Fields = Fields::closed(&[&[code("id"), time("created_at"), time("expire_at")]]);

#[test]
fn times_in_seconds_are_milliseconds_and_a_note_says_so_once() {
    let read = |body: &Value| {
        let read = page(&TIMED, "data", body.to_string().as_bytes()).unwrap();
        let rows = read.value.rows.iter().map(|row| Value::Object(row.at(Detail::Full)));
        (rows.collect::<Value>(), read.notes)
    };
    let (rows, notes) = read(&json!([
        { "id": "a", "created_at": 1_769_817_600, "expire_at": 1_769_817_600.5 },
        { "id": "b", "created_at": 1_769_817_600_000_i64, "expire_at": 0 },
    ]));
    assert_eq!(
        rows,
        json!([
            { "id": "a", "createdAt": 1_769_817_600_000_i64, "expireAt": 1_769_817_600_500_i64 },
            { "id": "b", "createdAt": 1_769_817_600_000_i64, "expireAt": 0 },
        ])
    );
    assert_eq!(notes, [crate::tool::date::IN_SECONDS]);
    let (_, notes) = read(&json!([{ "id": "b", "created_at": 1_769_817_600_000_i64 }]));
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn more_wrong_places_than_are_named_are_said_to_be_more() {
    const NAMES: [&str; 22] = [
        "f01", "f02", "f03", "f04", "f05", "f06", "f07", "f08", "f09", "f10", "f11", "f12", "f13",
        "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22",
    ];
    for (count, more) in [(20, false), (21, true), (22, true)] {
        let faults = Faults::default();
        for name in NAMES.iter().take(count).chain(&NAMES[..1]) {
            faults.within(name, || faults.add());
        }
        let notes = faults.notes();
        assert_eq!(notes[0].contains("f20 and more: null"), more, "{notes:?}");
        assert!(notes[0].contains("f20") && !notes[0].contains("f21"), "{notes:?}");
    }
}

/// A record has a value for each of its fields, however few bytes it came in.
#[test]
fn very_many_records_are_too_many() {
    let rows = |count: usize| format!("[{}{{\"id\":\"a\"}}]", "{\"id\":\"a\"},".repeat(count - 1));
    let most = 1_000_000 / ROW_FIELDS.iter().count();
    let read = page(&ROW_FIELDS, "data", rows(most).as_bytes()).unwrap();
    assert_eq!(read.value.rows.len(), most);
    let error = page(&ROW_FIELDS, "data", rows(most + 1).as_bytes()).unwrap_err();
    assert!(error.to_string().contains("too many values"), "{error}");
}
