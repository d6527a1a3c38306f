use serde_json::json;

use super::*;
use crate::journal::{FieldChange, change_id, change_seq};

const DAY: Duration = Duration::from_hours(24);

fn open(file: &Path) -> Journal {
    Journal::open(Settings { file: file.to_owned(), retention: 30 * DAY }).unwrap()
}

fn begin(tool: &str, target: &str) -> Begin {
    let field =
        FieldChange { path: vec!["firstName".to_owned()], before: Some(json!("Ada")), after: None };
    Begin {
        tool: tool.to_owned(),
        key: "test".to_owned(),
        instance: Some("0011".to_owned()),
        client: Some("Claude 1.2".to_owned()),
        who: Some("user_9 (jo@example.com)".to_owned()),
        session: Some("mcp_000000000001".to_owned()),
        target: Some(target.to_owned()),
        arguments: json!({ "firstName": "Eve" }).as_object().unwrap().clone(),
        fields: vec![field],
        ..Begin::default()
    }
}

fn end(state: State) -> End {
    let field = FieldChange {
        path: vec!["firstName".to_owned()],
        before: Some(json!("Ada")),
        after: Some(json!("Eve")),
    };
    End { state, target: None, fields: vec![field], inverse: Inverse::SetBack }
}

async fn found(journal: &Journal, filter: Filter) -> Vec<i64> {
    let (changes, total) = journal.page(filter, 100, 0).await.unwrap();
    assert_eq!(changes.len() as u64, total);
    changes.into_iter().map(|change| change.seq).collect()
}

#[tokio::test]
async fn a_change_without_an_end_is_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.db");
    let seq = open(&file).begin(begin("clerk_update_user", "user_1")).await.unwrap();
    // Another process, after this one was killed.
    let journal = open(&file);
    let change = journal.get(seq).await.unwrap().unwrap();
    assert_eq!((change.end.state, change.ended_at), (State::InDoubt, None));
    assert!(matches!(change.end.inverse, Inverse::None(_)));
    assert_eq!(change.begin, begin("clerk_update_user", "user_1"));
    journal.end(seq, end(State::Done)).await.unwrap();
    let change = journal.get(seq).await.unwrap().unwrap();
    assert_eq!((&change.end.state, &change.end.inverse), (&State::Done, &Inverse::SetBack));
    assert_eq!(change.end.fields, end(State::Done).fields);
    assert!(change.ended_at.is_some());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a journal holds personal data");
    }
}

#[tokio::test]
async fn changes_are_found_by_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder.path().join("changes.db"));
    let all = journal.begin(begin("clerk_bulk_update", "user_1")).await.unwrap();
    let part = Begin { part_of: Some(all), ..begin("clerk_ban_user", "user_2") };
    let part = journal.begin(part).await.unwrap();
    let other = Begin {
        instance: Some("9999".to_owned()),
        client: Some("Claudette 1".to_owned()),
        who: Some("user_99".to_owned()),
        session: None,
        ..begin("clerk_ban_user", "user_2")
    };
    let other = journal.begin(other).await.unwrap();
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (Filter::default(), vec![other, part, all]),
        (Filter { target: text("user_2"), ..Filter::default() }, vec![other, part]),
        (Filter { instance: text("0011"), ..Filter::default() }, vec![part, all]),
        (Filter { tool: text("clerk_ban_user"), ..Filter::default() }, vec![other, part]),
        (Filter { client: text("Claude"), ..Filter::default() }, vec![part, all]),
        (Filter { client: text("Claude 1.2"), ..Filter::default() }, vec![part, all]),
        (Filter { who: text("user_9"), ..Filter::default() }, vec![part, all]),
        (Filter { session: text("mcp_000000000001"), ..Filter::default() }, vec![part, all]),
        (Filter { seqs: Some(vec![all]), ..Filter::default() }, vec![part, all]),
        (Filter { seqs: Some(Vec::new()), ..Filter::default() }, vec![]),
        (Filter { since: Some(0), until: Some(1), ..Filter::default() }, vec![]),
    ] {
        assert_eq!(found(&journal, filter.clone()).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_change_that_was_taken_back_names_the_one_that_did_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder.path().join("changes.db"));
    let first = journal.begin(begin("clerk_update_user", "user_1")).await.unwrap();
    journal.end(first, end(State::Done)).await.unwrap();
    for (state, expected) in [(State::Failed, false), (State::Done, true)] {
        let undo = Begin { undoes: Some(first), ..begin("clerk_update_user", "user_1") };
        let undo = journal.begin(undo).await.unwrap();
        journal.end(undo, end(state)).await.unwrap();
        let undone_by = journal.get(first).await.unwrap().unwrap().undone_by;
        assert_eq!(undone_by, expected.then_some(undo));
    }
}

#[tokio::test]
async fn what_holds_was_done_and_not_taken_back_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(&folder.path().join("changes.db"));
    let ban = |of: Begin| Begin { tool: "clerk_ban_user".to_owned(), ..of };
    let write = async |of: Begin, state| {
        let seq = journal.begin(ban(of)).await.unwrap();
        journal.end(seq, end(state)).await.unwrap();
        seq
    };
    let all = write(Begin::default(), State::Done).await;
    let [one, two, three] = [(); 3].map(|()| Begin { part_of: Some(all), ..Begin::default() });
    let (one, two) = (write(one, State::Done).await, write(two, State::Done).await);
    write(three, State::Failed).await;
    let doubt = journal.begin(ban(Begin::default())).await.unwrap();
    let holds = || Filter { holds: true, ..Filter::default() };
    assert_eq!(found(&journal, holds()).await, [doubt, two, one]);
    let partly = Begin { undoes: Some(one), partly: true, ..Begin::default() };
    write(partly, State::Done).await;
    assert_eq!(found(&journal, holds()).await, [doubt, two, one]);
    let back = write(Begin { undoes: Some(one), ..Begin::default() }, State::Done).await;
    assert_eq!(found(&journal, holds()).await, [doubt, two]);
    // Once that is taken back, it holds again.
    write(Begin { undoes: Some(back), ..Begin::default() }, State::Done).await;
    assert_eq!(found(&journal, holds()).await, [doubt, two, one]);
}

/// The tables of version 1, as that version made them.
const FIRST: &str = "
    PRAGMA application_id = 1668049738; PRAGMA user_version = 1;
    CREATE TABLE changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, ended_at INTEGER,
        state TEXT NOT NULL, tool TEXT NOT NULL, key TEXT NOT NULL, instance TEXT, client TEXT,
        target TEXT, reason TEXT, confirmation TEXT, part_of INTEGER, undoes INTEGER,
        undone_by INTEGER, arguments TEXT NOT NULL, fields TEXT NOT NULL, kept TEXT NOT NULL,
        inverse TEXT
    ) STRICT;";

#[tokio::test]
async fn a_file_of_the_version_before_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch(FIRST).unwrap();
    let row = "INSERT INTO changes (at, state, tool, key, arguments, fields, kept)
               VALUES (?, 'done', 'clerk_ban_user', 'test', '{}', '[]', '{}')";
    connection.execute(row, [jiff::Timestamp::now().as_millisecond()]).unwrap();
    drop(connection);
    assert_eq!(count(&file).unwrap(), 1, "it is only read");
    let journal = open(&file);
    let change = journal.get(1).await.unwrap().unwrap();
    assert_eq!((change.begin.who, change.begin.session), (None, None));
    let seq = journal.begin(begin("clerk_update_user", "user_1")).await.unwrap();
    assert_eq!(found(&open(&file), Filter::default()).await, [seq, 1]);
    // One of a later version isn't touched.
    rusqlite::Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
    let settings = Settings { file: file.clone(), retention: DAY };
    Journal::open(settings).unwrap_err();
}

#[tokio::test]
async fn what_is_too_old_goes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.db");
    let seq = open(&file).begin(begin("clerk_update_user", "user_1")).await.unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute("UPDATE changes SET at = at - ?", [31 * 86_400_000_i64]).unwrap();
    drop(connection);
    let journal = open(&file);
    assert_eq!(journal.get(seq).await.unwrap(), None);
    let next = journal.begin(begin("clerk_update_user", "user_1")).await.unwrap();
    assert!(next > seq, "no number is used twice");
}

#[test]
fn an_id_is_read_strictly() {
    assert_eq!(change_seq(&change_id(17)), Some(17));
    for wrong in ["", "chg_", "17", "chg_-1", "chg_1x", "chg_99999999999999999999", "usr_1"] {
        assert_eq!(change_seq(wrong), None, "{wrong}");
    }
}

#[tokio::test]
async fn one_change_takes_another_back_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.db");
    let (one, other) = (open(&file), open(&file));
    let change = one.begin(begin("clerk_update_user", "user_1")).await.unwrap();
    one.end(change, end(State::Done)).await.unwrap();
    let undo = || Begin { undoes: Some(change), ..begin("clerk_update_user", "user_1") };
    let first = one.begin(undo()).await.unwrap();
    for journal in [&one, &other] {
        let error = journal.begin(undo()).await.unwrap_err();
        assert!(matches!(error, JournalError::Taken { by, .. } if by == first), "{error}");
    }
    one.end(first, end(State::Failed)).await.unwrap();
    let second = other.begin(undo()).await.unwrap();
    other.end(second, end(State::Done)).await.unwrap();
    one.begin(undo()).await.unwrap_err();
    // Once that is taken back itself, it can be taken back again.
    let redo = Begin { undoes: Some(second), ..begin("clerk_update_user", "user_1") };
    let redo = one.begin(redo).await.unwrap();
    one.end(redo, end(State::Done)).await.unwrap();
    let third = other.begin(undo()).await.unwrap();
    // One that was cut off holds nobody back for long.
    let connection = rusqlite::Connection::open(&file).unwrap();
    let age = "UPDATE changes SET at = at - ?1 WHERE seq = ?2";
    connection.execute(age, [UNDER_WAY, third]).unwrap();
    one.begin(undo()).await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_yet_is_tried_again_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("later").join("changes.db");
    let settings = Settings { file: file.clone(), retention: 30 * DAY };
    let journal = Journal::when_used(settings);
    journal.begin(begin("clerk_update_user", "user_1")).await.unwrap_err();
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let change = journal.begin(begin("clerk_update_user", "user_1")).await.unwrap();
    assert_eq!(journal.get(change).await.unwrap().unwrap().end.state, State::InDoubt);
    assert_eq!(count(&file).unwrap(), 1);
}
