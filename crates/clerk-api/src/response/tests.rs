use serde_json::json;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
struct Row {
    id: String,
    banned: Option<bool>,
    mails: Option<Vec<Row>>,
}

fn response(body: &(impl ToString + ?Sized)) -> Response {
    Response { status: 200, trace_id: None, body: body.to_string().into() }
}

fn row(id: &str, banned: Option<bool>) -> Row {
    Row { id: id.to_owned(), banned, mails: None }
}

#[test]
fn unknown_and_missing_fields_are_nothing_special() {
    let decoded = response(&json!({ "id": "a", "new": { "x": 1 } })).read_now::<Row>().unwrap();
    assert_eq!(decoded, Decoded { value: row("a", None), notes: vec![] });
}

#[test]
fn wrong_typed_fields_become_null_and_are_named_once() {
    let rows = json!([
        { "id": "a", "banned": "yes" },
        { "id": "b", "banned": true },
        { "id": "c", "banned": 1 },
        { "id": 4 },
        null,
        { "banned": true },
        { "id": "d", "mails": [{ "id": "m", "banned": {} }, 5] },
    ]);
    let decoded = response(&rows).page_now::<Row>().unwrap();
    let mail = row("m", None);
    let last = Row { mails: Some(vec![mail]), ..row("d", None) };
    assert_eq!(decoded.value.rows, [row("a", None), row("b", Some(true)), row("c", None), last]);
    assert_eq!(decoded.notes.len(), 1);
    for place in ["[].banned", "[].id", "[].mails[].banned", "[].mails[]"] {
        assert!(decoded.notes[0].contains(place), "{}", decoded.notes[0]);
    }
}

/// More wrong values than one object may have: each row is repaired by itself.
#[test]
fn a_page_may_have_any_number_of_wrong_values() {
    let row = json!({ "id": "a", "banned": "yes", "mails": [{ "id": 1 }, { "id": 2 }] });
    let page = response(&Value::Array(vec![row; 5_000])).page_now::<Row>().unwrap();
    assert_eq!((page.value.rows.len(), page.notes.len()), (5_000, 1));
}

#[test]
fn an_object_with_too_many_wrong_values_is_unreadable() {
    let mails = |count: usize| json!({ "id": "a", "mails": vec![json!({ "id": "m", "banned": 1 }); count] });
    assert!(response(&mails(REPAIR_LIMIT - 1)).read_now::<Row>().is_ok());
    assert!(response(&mails(REPAIR_LIMIT)).read_now::<Row>().is_err());
}

/// What is gone over is counted: a large object is given up sooner than a small one.
#[test]
fn what_repairs_cost_is_bounded() {
    let mails: Vec<Value> =
        (0..20).map(|n| json!({ "id": "x".repeat(100_000), "banned": n })).collect();
    let rows = vec![json!({ "id": "a", "mails": mails }); 4];
    let mut repair = Repair::default();
    let read = rows.into_iter().filter(|row| repair.read::<Row>(row.clone(), "[]").is_ok()).count();
    assert_eq!(read, 1, "40 MB for each");
    assert!(repair.bytes < REPAIR_BYTES + 3 * 2_100_000, "{}", repair.bytes);
}

#[tokio::test]
async fn a_large_body_is_read_off_the_thread_that_serves_others() {
    let small = response(&json!({ "id": "a" }));
    let large = response(&json!({ "id": "a".repeat(LARGE) }));
    let here = std::thread::current().id();
    let thread = |response: &Response| {
        let response = response.clone();
        async move { response.read_by(|_| Ok(std::thread::current().id())).await.unwrap() }
    };
    assert_eq!(thread(&small).await, here);
    assert_ne!(thread(&large).await, here);
    assert_eq!(large.read::<Row>().await.unwrap().value.id.len(), LARGE);
}

#[tokio::test]
async fn a_body_with_very_many_values_is_not_read() {
    let body = |count: usize| response(&format!("[{}{{}}]", "{},".repeat(count)));
    let read = |response: Response| async move { response.page::<Value>().await };
    assert_eq!(
        read(body(VALUE_LIMIT / 2 - 2)).await.unwrap().value.rows.len(),
        VALUE_LIMIT / 2 - 1
    );
    let error = read(body(VALUE_LIMIT / 2)).await.unwrap_err();
    assert!(error.to_string().ends_with("it has more than a million values"), "{error}");
}

#[test]
fn both_forms_of_a_list_are_read() {
    let bare = response(&json!([{ "id": "a" }])).page_now::<Row>().unwrap().value;
    assert_eq!((bare.rows.len(), bare.total), (1, None));
    let enveloped = json!({ "data": [{ "id": "a" }], "total_count": 7 });
    let enveloped = response(&enveloped).page_now::<Row>().unwrap().value;
    assert_eq!((enveloped.rows.len(), enveloped.total), (1, Some(7)));
    let odd = json!({ "data": [{ "id": "a" }], "total_count": "many" });
    let odd = response(&odd).page_now::<Row>().unwrap();
    assert_eq!((odd.value.rows.len(), odd.value.total, odd.notes.len()), (1, None, 1));
}

#[test]
fn a_page_proves_the_total_only_where_the_list_ends_in_it() {
    let page = |rows, total| Page { rows: vec![(); rows], total };
    let cases = [
        (page(3, None), 10, 0, Some(3)),
        (page(3, None), 10, 20, Some(23)),
        (page(10, None), 10, 0, None),
        (page(0, None), 10, 0, Some(0)),
        (page(0, None), 10, 20, None),
        (page(3, Some(7)), 10, 0, Some(7)),
    ];
    for (page, limit, offset, total) in cases {
        assert_eq!(page.total(limit, offset), total, "{page:?} {limit} {offset}");
    }
}

#[test]
fn a_response_that_is_something_else_is_an_error() {
    for body in
        ["", "<html>", "[{\"id\":", "7", "null", "{\"object\":\"total_count\"}", "{\"id\":null}"]
    {
        let error = response(&body).read_now::<Row>().unwrap_err();
        assert!(matches!(error, Error::Unreadable { status: 200, .. }), "{body}: {error:?}");
    }
    assert!(response("{}").page_now::<Row>().is_err());
}
