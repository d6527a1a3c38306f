//! The file of the journal.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{
    Connection, OptionalExtension, Row, ToSql, Transaction, TransactionBehavior, params,
    params_from_iter, types::Value as Sql,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Begin, Change, End, Inverse, State, change_id};
use crate::sqlite::{FileError, Form, Names};

static JOURNAL: Form = Form {
    holds: "the journal of changes",
    application: 0x636c_6b4a,
    tables: TABLE,
    upgrades: &["
        ALTER TABLE changes ADD COLUMN who TEXT;
        ALTER TABLE changes ADD COLUMN session TEXT;
        ALTER TABLE changes ADD COLUMN partly INTEGER NOT NULL DEFAULT 0;
    "],
};

/// One row a change. What is JSON is read leniently; what is asked for has a column.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS changes (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        ended_at INTEGER,
        state TEXT NOT NULL,
        tool TEXT NOT NULL,
        key TEXT NOT NULL,
        instance TEXT,
        client TEXT,
        target TEXT,
        reason TEXT,
        confirmation TEXT,
        part_of INTEGER,
        undoes INTEGER,
        undone_by INTEGER,
        arguments TEXT NOT NULL,
        fields TEXT NOT NULL,
        kept TEXT NOT NULL,
        inverse TEXT,
        who TEXT,
        session TEXT,
        partly INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS changes_at ON changes (at);
    CREATE INDEX IF NOT EXISTS changes_target ON changes (target) WHERE target IS NOT NULL;
    CREATE INDEX IF NOT EXISTS changes_undoes ON changes (undoes) WHERE undoes IS NOT NULL;
    CREATE INDEX IF NOT EXISTS changes_part_of ON changes (part_of) WHERE part_of IS NOT NULL;
    CREATE INDEX IF NOT EXISTS changes_session ON changes (session) WHERE session IS NOT NULL;
";

const COLUMNS: &str = "seq, at, ended_at, state, tool, key, instance, client, target, reason, \
                       confirmation, part_of, undoes, undone_by, arguments, fields, kept, \
                       inverse, who, session, partly";

/// A change that holds, as [`Filter::holds`] says.
const HOLDS: &str = "state != 'failed' AND undoes IS NULL \
    AND NOT EXISTS (SELECT 1 FROM changes AS part WHERE part.part_of = changes.seq) \
    AND NOT EXISTS (SELECT 1 FROM changes AS back WHERE back.undoes = changes.seq \
        AND back.state = 'done' AND back.undone_by IS NULL AND NOT back.partly)";

/// How many changes are kept at most; the oldest go first.
const MOST: i64 = 100_000;
/// How long a change can be under way, in ms: longer than any single call. One that is in doubt for
/// longer was cut off.
const UNDER_WAY: i64 = 120_000;

/// Where changes are kept, and for how long.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file.
    pub file: PathBuf,
    /// How long a change is kept.
    pub retention: Duration,
}

/// Why changes can't be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file can't be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// `SQLite` fails.
    #[error("the journal of changes: {0}")]
    Database(#[from] rusqlite::Error),
    /// The thread that reads or writes has ended.
    #[error("the journal of changes has stopped")]
    Stopped,
    /// Another call takes the same change back, or has done so.
    #[error("{} takes {} back already", change_id(*by), change_id(*change))]
    Taken {
        /// The change that is to be taken back.
        change: i64,
        /// The change that takes it back.
        by: i64,
    },
}

/// Which changes are asked for; a field that isn't given lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this instance.
    pub instance: Option<String>,
    /// Of this object.
    pub target: Option<String>,
    /// By this tool.
    pub tool: Option<String>,
    /// By this client, named with its version or without.
    pub client: Option<String>,
    /// For this person, named by their ID, with or without what stands behind it in parentheses.
    pub who: Option<String>,
    /// In this MCP session.
    pub session: Option<String>,
    /// Begun at this time or later, in Unix ms.
    pub since: Option<i64>,
    /// Begun before this time, in Unix ms.
    pub until: Option<i64>,
    /// These, and the parts of these.
    pub seqs: Option<Vec<i64>>,
    /// Only what changed something that nobody has taken back: no undo, no call that was on many
    /// objects, whose steps are changes themselves.
    pub holds: bool,
}

/// The changes there are. Clones share them.
#[derive(Clone, Debug)]
pub struct Journal {
    settings: Arc<Settings>,
    /// None until the file is used.
    open: Arc<Mutex<Option<OpenFile>>>,
}

#[derive(Debug)]
struct OpenFile {
    connection: Connection,
    names: Names,
}

impl Journal {
    /// Opens the file, or makes it, and removes what is too old.
    ///
    /// # Errors
    /// It can't be opened, or holds something else.
    pub fn open(settings: Settings) -> Result<Self, JournalError> {
        let open = OpenFile::new(&settings)?;
        Ok(Self { settings: Arc::new(settings), open: Arc::new(Mutex::new(Some(open))) })
    }

    /// The same, but the file is opened or made when it is used first. If that fails, it is tried
    /// again each time.
    #[must_use]
    pub fn when_used(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), open: Arc::default() }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.settings.file
    }

    /// Keeps a change that is about to be sent. When this returns, it is on disk. Returns its number.
    ///
    /// # Errors
    /// It couldn't be kept, or another call takes the same change back.
    pub async fn begin(&self, begin: Begin) -> Result<i64, JournalError> {
        let at = jiff::Timestamp::now().as_millisecond();
        let retention = self.settings.retention;
        self.work(move |connection| {
            let seq = insert(connection, at, &begin)?;
            // Seldom enough to cost nothing, often enough for the bound to hold.
            if seq % 256 == 0 {
                prune(connection, retention)?;
            }
            Ok(seq)
        })
        .await
    }

    /// Keeps how a change ended.
    ///
    /// # Errors
    /// It couldn't be kept: then the change stays in doubt.
    pub async fn end(&self, seq: i64, end: End) -> Result<(), JournalError> {
        let at = jiff::Timestamp::now().as_millisecond();
        self.work(move |connection| {
            finish(connection, seq, at, &end)?;
            Ok(())
        })
        .await
    }

    /// The changes that match, the newest first, and how many there are.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn page(
        &self,
        filter: Filter,
        limit: u64,
        offset: u64,
    ) -> Result<(Vec<Change>, u64), JournalError> {
        self.work(move |connection| {
            let (clause, mut values) = filter.sql();
            let count = format!("SELECT count(*) FROM changes WHERE {clause}");
            let total: i64 =
                connection.query_row(&count, params_from_iter(&values), |row| row.get(0))?;
            let select = format!(
                "SELECT {COLUMNS} FROM changes WHERE {clause} ORDER BY seq DESC LIMIT ? OFFSET ?"
            );
            let pages =
                [limit, offset].map(|count| Sql::from(i64::try_from(count).unwrap_or(i64::MAX)));
            values.extend(pages);
            let mut statement = connection.prepare(&select)?;
            let changes = statement.query_map(params_from_iter(values), change)?;
            Ok((changes.collect::<Result<_, _>>()?, total.unsigned_abs()))
        })
        .await
    }

    /// The change of a number.
    ///
    /// # Errors
    /// The file can't be read.
    pub async fn get(&self, seq: i64) -> Result<Option<Change>, JournalError> {
        self.work(move |connection| {
            let select = format!("SELECT {COLUMNS} FROM changes WHERE seq = ?");
            Ok(connection.query_row(&select, [seq], change).optional()?)
        })
        .await
    }

    /// Works with the file off the thread that serves.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let Self { settings, open } = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            let file = match open.take() {
                Some(file) => file,
                None => OpenFile::new(&settings)?,
            };
            let file = open.insert(file);
            file.names.check()?;
            work(&file.connection)
        });
        done.await.map_err(|_| JournalError::Stopped)?
    }
}

impl OpenFile {
    fn new(settings: &Settings) -> Result<Self, JournalError> {
        let connection = JOURNAL.open(&settings.file)?;
        let names = Names::of(&JOURNAL, &settings.file);
        prune(&connection, settings.retention)?;
        Ok(Self { connection, names })
    }
}

/// How many changes a file has, without making or changing it.
///
/// # Errors
/// It can't be read, or holds something else.
pub fn count(path: &Path) -> Result<u64, JournalError> {
    let connection = JOURNAL.open_to_read(path)?;
    let count: i64 = connection.query_row("SELECT count(*) FROM changes", [], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// One transaction that no other process can come between: a change is taken back once.
fn insert(connection: &Connection, at: i64, begin: &Begin) -> Result<i64, JournalError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if let Some(change) = begin.undoes
        && let Some(by) = taken(connection, at, change)?
    {
        return Err(JournalError::Taken { change, by });
    }
    let Begin { tool, key, instance, client, who, session, .. } = begin;
    let Begin { target, reason, confirmation, .. } = begin;
    let values: [&dyn ToSql; 18] = [
        &at,
        &word(State::InDoubt),
        tool,
        key,
        instance,
        client,
        target,
        reason,
        confirmation,
        &begin.part_of,
        &begin.undoes,
        &json(&begin.arguments),
        &json(&begin.fields),
        &json(&begin.kept),
        &None::<String>,
        who,
        session,
        &begin.partly,
    ];
    transaction.execute(
        "INSERT INTO changes (at, state, tool, key, instance, client, target, reason, \
         confirmation, part_of, undoes, arguments, fields, kept, inverse, who, session, partly) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &values[..],
    )?;
    let seq = transaction.last_insert_rowid();
    transaction.commit()?;
    Ok(seq)
}

/// The change that takes another back, all of it: one that was done and holds, or one that is under
/// way.
fn taken(connection: &Connection, at: i64, change: i64) -> rusqlite::Result<Option<i64>> {
    let select = "SELECT seq FROM changes WHERE undoes = ?1 AND \
                  ((state = 'done' AND undone_by IS NULL AND NOT partly) \
                  OR (state = 'in_doubt' AND at > ?2))";
    connection.query_row(select, [change, at - UNDER_WAY], |row| row.get(0)).optional()
}

/// One transaction: a change that takes another back ends together with what is said of that one.
fn finish(connection: &Connection, seq: i64, at: i64, end: &End) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.execute(
        "UPDATE changes SET ended_at = ?, state = ?, target = coalesce(target, ?), fields = ?, \
         inverse = ? WHERE seq = ?",
        params![at, word(end.state), end.target, json(&end.fields), json(&end.inverse), seq],
    )?;
    if end.state == State::Done {
        transaction.execute(
            "UPDATE changes SET undone_by = ?1 \
             WHERE seq = (SELECT undoes FROM changes WHERE seq = ?1 AND NOT partly)",
            [seq],
        )?;
    }
    transaction.commit()
}

/// Removes changes that are older than the retention, and the oldest of too many.
fn prune(connection: &Connection, retention: Duration) -> rusqlite::Result<()> {
    let retention = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
    let oldest = jiff::Timestamp::now().as_millisecond().saturating_sub(retention);
    connection.execute(
        "DELETE FROM changes WHERE at < ? OR seq <= (SELECT max(seq) FROM changes) - ?",
        [oldest, MOST],
    )?;
    Ok(())
}

fn word(state: State) -> &'static str {
    match state {
        State::InDoubt => "in_doubt",
        State::Done => "done",
        State::Failed => "failed",
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// One row. What can't be read is left out, and spoils no other row.
fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    let state: String = row.get("state")?;
    Ok(Change {
        seq: row.get("seq")?,
        at: row.get("at")?,
        ended_at: row.get("ended_at")?,
        undone_by: row.get("undone_by")?,
        begin: Begin {
            tool: row.get("tool")?,
            key: row.get("key")?,
            instance: row.get("instance")?,
            client: row.get("client")?,
            who: row.get("who")?,
            session: row.get("session")?,
            target: row.get("target")?,
            reason: row.get("reason")?,
            confirmation: row.get("confirmation")?,
            part_of: row.get("part_of")?,
            undoes: row.get("undoes")?,
            partly: row.get("partly")?,
            arguments: read(row, "arguments")?.unwrap_or_default(),
            fields: read(row, "fields")?.unwrap_or_default(),
            kept: read(row, "kept")?.unwrap_or_default(),
        },
        end: End {
            state: match state.as_str() {
                "done" => State::Done,
                "failed" => State::Failed,
                _ => State::InDoubt,
            },
            target: row.get("target")?,
            fields: read(row, "fields")?.unwrap_or_default(),
            inverse: read(row, "inverse")?
                .unwrap_or_else(|| Inverse::None("how it ended was not written".to_owned())),
        },
    })
}

fn read<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

impl Filter {
    /// The condition, and the values in it.
    fn sql(&self) -> (String, Vec<Sql>) {
        let mut clauses = vec!["true".to_owned()];
        let mut values = Vec::new();
        let texts = [
            ("instance = ?", &self.instance),
            ("target = ?", &self.target),
            ("tool = ?", &self.tool),
            ("session = ?", &self.session),
        ];
        for (clause, value) in texts {
            if let Some(value) = value {
                clauses.push(clause.to_owned());
                values.push(value.clone().into());
            }
        }
        for (column, wanted) in [("client", &self.client), ("who", &self.who)] {
            let Some(wanted) = wanted else { continue };
            clauses
                .push(format!("({column} = ? OR substr({column}, 1, length(?) + 1) = ? || ' ')"));
            values.extend(std::iter::repeat_n(Sql::from(wanted.clone()), 3));
        }
        for (clause, value) in [("at >= ?", self.since), ("at < ?", self.until)] {
            if let Some(value) = value {
                clauses.push(clause.to_owned());
                values.push(value.into());
            }
        }
        if let Some(seqs) = &self.seqs {
            let places = vec!["?"; seqs.len()].join(", ");
            clauses.push(format!("(seq IN ({places}) OR part_of IN ({places}))"));
            values.extend(seqs.iter().chain(seqs).map(|seq| Sql::from(*seq)));
        }
        if self.holds {
            clauses.push(HOLDS.to_owned());
        }
        (clauses.join(" AND "), values)
    }
}

#[cfg(test)]
mod tests;
