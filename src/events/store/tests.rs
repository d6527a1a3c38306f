use serde_json::json;

use super::*;
use crate::sqlite::FileError;

const DAY: Duration = Duration::from_hours(24);

fn in_memory() -> Events {
    Events::open(Settings { file: None, retention: Some(30 * DAY) }).unwrap()
}

fn in_file(file: &std::path::Path) -> Result<Events, StoreError> {
    Events::open(Settings { file: Some(file.to_owned()), retention: Some(30 * DAY) })
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn event(id: &str, kind: &str, user_id: &str, at: i64) -> Event {
    let body = json!({ "type": kind, "timestamp": at, "data": { "id": user_id } }).to_string();
    Event::read(id, body.as_bytes(), at).unwrap()
}

fn ids(rows: &[Stored]) -> Vec<&str> {
    rows.iter().map(|row| row.event.id.as_str()).collect()
}

async fn found(events: &Events, filter: Filter) -> Vec<String> {
    let page = events.page(filter, 100, 0).await.unwrap();
    assert_eq!(page.total, page.rows.len() as u64);
    ids(&page.rows).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn events_are_found_by_all_that_they_are_about() {
    let events = in_memory();
    let now = now();
    for (id, kind, user, age) in [
        ("a", "user.created", "user_1", 4),
        ("b", "user.updated", "user_1", 1),
        ("c", "user.created", "user_2", 3),
        // Out of order, as Svix may deliver.
        ("d", "session.created", "sess_1", 2),
        ("e", "usertype.created", "x", 5),
    ] {
        assert_eq!(events.keep(event(id, kind, user, now - age)).await.unwrap(), Kept::New);
    }
    let types = |patterns: &[&str]| Filter {
        types: Types::parse(patterns.iter().copied()).unwrap(),
        ..Filter::default()
    };
    let cases = [
        (Filter::default(), "b d c a e"),
        (types(&["*"]), "b d c a e"),
        (types(&["user.*"]), "b c a"),
        (types(&["user.created"]), "c a"),
        (types(&["user.updated", "session.*"]), "b d"),
        (types(&["user.deleted"]), ""),
        (Filter { user_id: Some("user_1".into()), ..types(&["user.*"]) }, "b a"),
        (Filter { session_id: Some("sess_1".into()), ..Filter::default() }, "d"),
        (Filter { since: Some(now - 3), until: Some(now - 1), ..Filter::default() }, "d c"),
    ];
    for (filter, expected) in cases {
        assert_eq!(found(&events, filter.clone()).await.join(" "), expected, "{filter:?}");
    }
    let page = events.page(Filter::default(), 2, 2).await.unwrap();
    assert_eq!((ids(&page.rows), page.total, page.latest), (vec!["c", "a"], 5, 5));
    let later = events.after(3, types(&["session.*", "usertype.created"]), 10).await.unwrap();
    assert_eq!(ids(&later), ["d", "e"]);
    let before = events.before(page.rows).await.unwrap();
    assert!(before.iter().all(|(_, before)| before.is_none()));
    let updated = events.get("b".into()).await.unwrap().unwrap();
    let before = events.before(vec![updated]).await.unwrap();
    assert_eq!(before[0].1.as_ref().unwrap().event.id, "a");
    assert_eq!(events.get("z".into()).await.unwrap(), None);
}

#[tokio::test]
async fn events_are_found_by_a_text_at_a_place_in_their_bodies() {
    const PATHS: &[&str] = &["$.data.email_address", "$.event_attributes.http_request.client_ip"];
    let events = in_memory();
    assert_eq!(events.since().await.unwrap(), None);
    let bodies = [
        r#"{"data":{"email_address":"ada@example.com"}}"#,
        r#"{"event_attributes":{"http_request":{"client_ip":"192.0.2.7"}}}"#,
        r#"{"data":{"email_address":"ada@example.com.example"},"note":"192.0.2.7"}"#,
        r#"{"data":{"email_address":"\u00e4da@example.com"}}"#,
        "[]",
    ];
    for (number, body) in bodies.into_iter().enumerate() {
        let body = body.to_owned();
        let kept = Event { body, ..event(&number.to_string(), "email.created", "user_1", 1) };
        events.keep(kept).await.unwrap();
    }
    for (text, expected) in
        [("ada@example.com", "0"), ("192.0.2.7", "1"), ("äda@example.com", "3"), ("ada@", "")]
    {
        let holds = Some(Holds { paths: PATHS, text: text.to_owned() });
        let found = found(&events, Filter { holds, ..Filter::default() }).await;
        assert_eq!(found.join(","), expected, "{text}");
    }
    assert!(events.since().await.unwrap().is_some());
}

#[test]
fn invalid_types_are_refused() {
    for pattern in ["", ".*", "user.", "user created", "user.*.*", "a.b.*", "'; DROP", "user.c*"] {
        assert!(Types::parse([pattern]).is_err(), "{pattern}");
    }
}

#[tokio::test]
async fn an_event_that_is_delivered_twice_is_kept_once_across_processes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let (one, other) = (in_file(&file).unwrap(), in_file(&file).unwrap());
    let at = now();
    assert_eq!(one.keep(event("a", "user.created", "user_1", at)).await.unwrap(), Kept::New);
    assert_eq!(one.keep(event("a", "user.created", "user_1", at)).await.unwrap(), Kept::Again);
    assert_eq!(other.keep(event("a", "user.created", "user_1", at)).await.unwrap(), Kept::Again);
    let together = (0..200).map(|number| {
        let events = if number % 2 == 0 { &one } else { &other };
        events.keep(event(&format!("m{}", number / 4), "user.updated", "user_1", at))
    });
    let kept = futures::future::join_all(together).await;
    assert_eq!(kept.iter().filter(|kept| matches!(kept, Ok(Kept::New))).count(), 50);
    drop((one, other));
    let again = in_file(&file).unwrap();
    assert_eq!(found(&again, Filter::default()).await.len(), 51);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "events hold personal data");
    }
}

#[tokio::test]
async fn a_file_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    assert!(matches!(in_file(&file), Err(StoreError::File(FileError::Foreign { .. }))));
    let text = folder.path().join("text");
    std::fs::write(&text, "no database, but a text that is long enough".repeat(10)).unwrap();
    assert!(matches!(in_file(&text), Err(StoreError::File(FileError::Open { .. }))));
    assert!(std::fs::read_to_string(&text).unwrap().starts_with("no database"));
    assert!(matches!(
        in_file(&folder.path().join("no/such/folder")),
        Err(StoreError::File(FileError::File { .. }))
    ));
}

#[tokio::test]
async fn what_is_too_old_goes_and_memory_keeps_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let month = i64::try_from((31 * DAY).as_millis()).unwrap();
    {
        let events = in_file(&file).unwrap();
        events.keep(event("old", "user.created", "user_1", now())).await.unwrap();
        events.keep(event("new", "user.created", "user_1", now())).await.unwrap();
    }
    let received = "UPDATE events SET received_at = received_at - ? WHERE id = 'old'";
    Connection::open(&file).unwrap().execute(received, [month]).unwrap();
    let reader = Events::open(Settings { file: Some(file.clone()), retention: None }).unwrap();
    // The thread that writes looks for what is too old before it keeps its first event.
    reader.keep(event("newer", "user.created", "user_1", now())).await.unwrap();
    assert_eq!(found(&reader, Filter::default()).await.len(), 3, "who only reads removes nothing");
    let events = in_file(&file).unwrap();
    events.keep(event("newest", "user.created", "user_1", now())).await.unwrap();
    assert_eq!(found(&events, Filter::default()).await, ["newest", "newer", "new"]);

    let events = in_memory();
    let most = IN_MEMORY + 20;
    let mut kept = Vec::new();
    for number in 0..most {
        kept.push(events.keep(event(&format!("m{number}"), "user.created", "u", number + 1)));
        if kept.len() == 1000 {
            futures::future::join_all(std::mem::take(&mut kept)).await;
        }
    }
    futures::future::join_all(kept).await;
    let page = events.page(Filter::default(), 1, 0).await.unwrap();
    assert_eq!((page.total, page.latest), (10_000, most));
    assert!(events.get("m19".into()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_tail_misses_nothing_and_sees_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let (writer, reader) = (in_file(&file).unwrap(), in_file(&file).unwrap());
    let filter = Filter { types: Types::parse(["user.*"]).unwrap(), ..Filter::default() };
    let mut tail = crate::events::Tail::from_now(&reader, filter).await.unwrap();
    let writing = async {
        for number in 0..450 {
            let kind = if number % 3 == 0 { "session.created" } else { "user.created" };
            writer.keep(event(&format!("m{number}"), kind, "user_1", now())).await.unwrap();
        }
    };
    let reading = async {
        let mut seen = Vec::new();
        while seen.len() < 300 {
            let rows = tail.next().await.unwrap();
            seen.extend(rows.into_iter().map(|row| row.event.id));
        }
        seen
    };
    let ((), seen) = tokio::join!(writing, reading);
    let expected: Vec<_> =
        (0..450).filter(|number| number % 3 != 0).map(|number| format!("m{number}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn retention_counts_from_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let year = i64::try_from((365 * DAY).as_millis()).unwrap();
    {
        let events = in_file(&file).unwrap();
        events.keep(event("sent_again", "user.created", "user_1", now() - year)).await.unwrap();
    }
    let events = in_file(&file).unwrap();
    // The thread that writes removes what is too old before it keeps its first event.
    events.keep(event("new", "user.created", "user_1", now())).await.unwrap();
    assert_eq!(found(&events, Filter::default()).await, ["new", "sent_again"]);
}

#[cfg(unix)]
#[tokio::test]
async fn no_event_is_kept_in_a_file_that_was_removed_or_replaced() {
    for name in ["events.db", "events.db-wal", "events.db-shm"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.db");
        let events = in_file(&file).unwrap();
        events.keep(event("a", "user.created", "user_1", now())).await.unwrap();
        events.check().await.unwrap();
        let (named, away) = (folder.path().join(name), folder.path().join("away"));
        std::fs::rename(&named, &away).unwrap();
        for replacement in [None, Some(&away)] {
            if let Some(other) = replacement {
                std::fs::copy(other, &named).unwrap();
            }
            let kept = events.keep(event("b", "user.created", "user_1", now())).await;
            assert!(kept.unwrap_err().to_string().contains("removed or replaced"), "{name}");
            let read = events.page(Filter::default(), 1, 0).await;
            assert!(matches!(read, Err(StoreError::File(FileError::Gone { .. }))), "{name}");
            assert!(events.check().await.is_err(), "{name}");
        }
        // Back at its place it continues.
        std::fs::rename(&away, &named).unwrap();
        events.check().await.unwrap();
        events.keep(event("c", "user.created", "user_1", now())).await.unwrap();
        assert!(events.get("c".into()).await.unwrap().is_some(), "{name}");
    }
}

/// Without its lock on the file, `SQLite` of another program may take itself for the last one that
/// has it open, and remove the log that this one still writes to. Closing any other descriptor of the
/// file would release the lock.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_file_is_locked_as_long_as_it_is_open() {
    use std::os::unix::fs::MetadataExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let events = in_file(&file).unwrap();
    events.keep(event("a", "user.created", "user_1", now())).await.unwrap();
    let number = format!(":{} ", file.metadata().unwrap().ino());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    assert!(locks.lines().any(|lock| lock.contains(&number)), "{locks}");
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_others_can_read_are_made_private() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let events = in_file(&file).unwrap();
    events.keep(event("a", "user.created", "user_1", now())).await.unwrap();
    let names =
        ["events.db", "events.db-wal", "events.db-shm"].map(|name| folder.path().join(name));
    for name in &names {
        std::fs::set_permissions(name, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let again = in_file(&file).unwrap();
    assert_eq!(names.map(|name| mode(&name)), [0o600; 3]);
    again.keep(event("b", "user.created", "user_1", now())).await.unwrap();
}

#[tokio::test]
async fn a_look_at_a_file_changes_nothing_and_knows_ours_from_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    assert!(look(&file).is_err() && !file.exists(), "it isn't created");
    let events = in_file(&file).unwrap();
    assert_eq!(look(&file).unwrap(), Look { events: 0, last: None });
    events.keep(event("a", "user.created", "user_1", now())).await.unwrap();
    let seen = look(&file).unwrap();
    assert!(seen.events == 1 && seen.last.is_some(), "{seen:?}");
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(look(&other), Err(StoreError::File(FileError::Foreign { .. }))));
    std::fs::write(&other, "text, and no database at all").unwrap();
    assert!(matches!(look(&other), Err(StoreError::File(FileError::Open { .. }))));
}
