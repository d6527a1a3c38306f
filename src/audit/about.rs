//! The writes that concern someone or something, for those who ask what happened to them.

use std::{collections::VecDeque, fs::File, io, io::BufReader};

use jiff::Timestamp;

use super::{
    Audit,
    line::{Lines, Raw, Record},
    show::join::{Join, Story},
};

/// Which writes are wanted.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Those that name one of these: as their target, as a value in their arguments, or as what
    /// they created.
    pub names: Vec<String>,
    /// Or those with this trace ID of Clerk.
    pub trace_id: Option<String>,
    /// Those that were begun then or later, in Unix ms.
    pub after: Option<i64>,
    /// Those that were begun before, in Unix ms.
    pub before: Option<i64>,
    /// Those with the key that has this fingerprint.
    pub instance: Option<String>,
    /// At most so many, the newest.
    pub most: usize,
}

/// A write, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// When it was begun, in Unix ms.
    pub at: i64,
    /// The identifier that its lines have.
    pub call: String,
    /// The MCP client's name and version.
    pub client: Option<String>,
    /// Who it was made for, as logs show them.
    pub who: Option<String>,
    /// The tool.
    pub tool: String,
    /// The identifiers in the request's path, with slashes between them.
    pub target: Option<String>,
    /// The reason that the agent gave.
    pub reason: Option<String>,
    /// `done`, `failed`, `unknown` or `refused`.
    pub outcome: String,
    /// The code of the error.
    pub code: Option<String>,
    /// Clerk's name for the request.
    pub trace_id: Option<String>,
    /// The identifier of what was created.
    pub id: Option<String>,
}

/// What the log has of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The newest writes, newest first.
    pub writes: Vec<Logged>,
    /// How many older ones there are in the time that was asked for.
    pub more: u64,
    /// How many fit but were made with another key.
    pub of_other_keys: u64,
    /// The time of the first line that the file still has, in Unix ms.
    pub since: Option<i64>,
    /// How many lines aren't audit lines.
    pub unreadable: u64,
}

impl Audit {
    /// Reads the whole file for the writes that are wanted. It blocks: don't call it on an async
    /// thread. A log without a file yet is empty.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn about(&self, wanted: &About) -> io::Result<Account> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Account::default()),
            file => file?,
        };
        let mut lines = Lines::new(BufReader::new(file));
        let mut join = Join::new(false, &wanted.names);
        let (mut account, mut newest) = (Account::default(), VecDeque::new());
        while let Some(raw) = lines.next()? {
            let read = match raw {
                Raw::Line(line) => str::from_utf8(line).ok().zip(Record::read(line)),
                Raw::TooLong => None,
                // It is being written just now.
                Raw::Torn(_) => continue,
            };
            match read {
                Some((line, record)) => {
                    account.since = account.since.or_else(|| time(&record));
                    join.add(line, record);
                }
                None => account.unreadable += 1,
            }
            while let Some(story) = join.next() {
                account.add(story, wanted, &mut newest);
            }
        }
        for story in join.rest() {
            account.add(story, wanted, &mut newest);
        }
        account.writes = newest.into_iter().rev().collect();
        Ok(account)
    }
}

impl Account {
    fn add(&mut self, story: Story, wanted: &About, newest: &mut VecDeque<Logged>) {
        let Some(at) = time(&story.first).filter(|at| wanted.fits(&story, *at)) else { return };
        if wanted.instance != story.first.instance {
            self.of_other_keys += 1;
            return;
        }
        newest.extend(logged(story, at));
        if newest.len() > wanted.most {
            newest.pop_front();
            self.more += 1;
        }
    }
}

impl About {
    fn fits(&self, story: &Story, at: i64) -> bool {
        let end = story.end.as_ref().unwrap_or(&story.first);
        let is_of_trace = self.trace_id.is_some() && self.trace_id == end.trace_id;
        (story.is_named || is_of_trace)
            && self.after.is_none_or(|after| at >= after)
            && self.before.is_none_or(|before| at < before)
    }
}

/// The write, if it is one.
fn logged(story: Story, at: i64) -> Option<Logged> {
    let outcome = story.outcome()?.to_owned();
    let Story { first, end, .. } = story;
    let (code, trace_id, id) = match end {
        Some(end) => (end.code, end.trace_id, end.id),
        None => (first.code, first.trace_id, first.id),
    };
    let Record { call, client, target, reason, .. } = first;
    let who = first.principal.as_ref().map(ToString::to_string);
    let tool = first.tool?;
    Some(Logged { at, call, client, who, tool, target, reason, outcome, code, trace_id, id })
}

fn time(record: &Record) -> Option<i64> {
    record.time.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::audit::{Outcome, Write};

    fn write(tool: &str, arguments: &Value, target: Option<&str>, instance: &str) -> Write {
        Write {
            client: Some("tests 1".to_owned()),
            key: "test",
            instance: Some(instance.to_owned()),
            tool: tool.to_owned(),
            effect: "write".to_owned(),
            target: target.map(str::to_owned),
            arguments: arguments.as_object().cloned().unwrap_or_else(Map::new),
            ..Write::default()
        }
    }

    fn wanted(names: &[&str]) -> About {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        About { names, instance: Some("one".to_owned()), most: 10, ..About::default() }
    }

    fn tools(account: &Account) -> Vec<(&str, &str)> {
        account.writes.iter().map(|write| (&*write.tool, &*write.outcome)).collect()
    }

    #[test]
    fn writes_are_found_by_target_argument_creation_and_trace_and_only_of_the_own_key() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::new(folder.path().join("audit.jsonl"));
        assert_eq!(audit.about(&wanted(&["user_1"])).unwrap(), Account::default());
        let done = |trace: &str, id: Option<&str>| Outcome {
            outcome: "done",
            trace_id: Some(trace.to_owned()),
            id: id.map(str::to_owned),
            ..Outcome::default()
        };
        let begun = audit.begin(&write("create", &json!({}), None, "one")).unwrap();
        audit.end(&begun, &done("t1", Some("user_1"))).unwrap();
        let begun = audit.begin(&write("remove", &json!({}), Some("org_1/user_1"), "one")).unwrap();
        let many = write("ban", &json!({ "userIds": ["user_2", "user_1"] }), None, "one");
        let refused = Outcome { outcome: "refused", ..Outcome::default() };
        audit.refuse(&many, &refused).unwrap();
        audit.end(&begun, &done("t2", None)).unwrap();
        let _open = audit.begin(&write("lock", &json!({}), Some("user_1"), "one")).unwrap();
        let _other = audit.begin(&write("lock", &json!({}), Some("user_1"), "two")).unwrap();
        let _nobody = audit.begin(&write("lock", &json!({}), Some("user_10"), "one")).unwrap();

        let account = audit.about(&wanted(&["user_1"])).unwrap();
        let all = [("lock", "unknown"), ("ban", "refused"), ("remove", "done"), ("create", "done")];
        assert_eq!(tools(&account), all);
        assert_eq!((account.of_other_keys, account.more, account.unreadable), (1, 0, 0));
        assert!(account.since.is_some());
        let oldest = account.writes.last().unwrap().clone();
        assert_eq!(
            (oldest.id.as_deref(), oldest.trace_id.as_deref()),
            (Some("user_1"), Some("t1"))
        );

        let newest = audit.about(&About { most: 1, ..wanted(&["user_1"]) }).unwrap();
        assert_eq!((tools(&newest), newest.more), (vec![("lock", "unknown")], 3));
        let trace = About { trace_id: Some("t2".to_owned()), ..wanted(&[]) };
        assert_eq!(tools(&audit.about(&trace).unwrap()), [("remove", "done")]);
        let before = About { before: Some(oldest.at), ..wanted(&["user_1"]) };
        assert_eq!(audit.about(&before).unwrap().writes, []);
        let after = About { after: Some(i64::MAX), ..wanted(&["user_1"]) };
        assert_eq!(audit.about(&after).unwrap().writes, []);
    }
}
