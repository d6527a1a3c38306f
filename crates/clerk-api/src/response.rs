//! Clerk's responses, read tolerantly: an unknown, missing or wrong-typed field breaks nothing, and
//! what could not be read is said.

use bytes::Bytes;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::Error;

/// How many wrong values of one object are taken out before it counts as unreadable. Each costs a
/// pass over the object.
const REPAIR_LIMIT: usize = 50;
/// How many bytes these passes go over in all, so that it takes little time whatever the objects are.
const REPAIR_BYTES: usize = 64 << 20;
/// How many values a response may have. A page of 500 users has some 100,000.
const VALUE_LIMIT: usize = 1_000_000;
/// Larger bodies are read on a thread of their own, so that other calls go on meanwhile.
const LARGE: usize = 512 << 10;

/// A response with a status of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The trace id in its headers, for Clerk's support.
    pub trace_id: Option<String>,
    /// The body as it came.
    pub body: Bytes,
}

/// What was read of a response, and what could not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<T> {
    /// What was read.
    pub value: T,
    /// Notes for the reader of the value, as sentences.
    pub notes: Vec<String>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows, in Clerk's order.
    pub rows: Vec<T>,
    /// How many rows the whole list has, where Clerk says it.
    pub total: Option<u64>,
}

impl<T> Decoded<T> {
    /// The same notes with another value made of it.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Decoded<U> {
        Decoded { value: change(self.value), notes: self.notes }
    }
}

impl<T> Page<T> {
    /// How many rows the whole list has: what Clerk says, or what the page itself proves where
    /// it is not full and not past the end.
    #[must_use]
    pub fn total(&self, limit: u64, offset: u64) -> Option<u64> {
        let rows = self.rows.len() as u64;
        let ends_here = rows < limit && (rows > 0 || offset == 0);
        self.total.or(ends_here.then_some(offset + rows))
    }
}

impl Response {
    /// Reads the body as `T`. A field that is not of its type becomes null, a row that can't be
    /// one is left out, and a note names each.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the body isn't JSON or isn't what was asked for at all.
    pub async fn read<T: DeserializeOwned + Send + 'static>(&self) -> Result<Decoded<T>, Error> {
        self.read_by(Self::read_now).await
    }

    /// Reads the body by `read`, on a thread of its own if it is large.
    ///
    /// # Errors
    /// Those of `read`, and [`Error::Unreadable`] if the body has more than a million values.
    pub async fn read_by<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        if self.body.len() < LARGE {
            return read(self);
        }
        let response = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            // Each value but the first comes after one of these.
            let is_mark = |byte: &&u8| matches!(byte, b',' | b'[' | b'{' | b':');
            if response.body.iter().filter(is_mark).count() > VALUE_LIMIT {
                return Err(response.unreadable("it has more than a million values"));
            }
            read(&response)
        });
        reading.await.unwrap_or(Err(Error::Internal("the thread that reads responses failed")))
    }

    fn read_now<T: DeserializeOwned>(&self) -> Result<Decoded<T>, Error> {
        match serde_json::from_slice(&self.body) {
            Ok(value) => Ok(Decoded { value, notes: Vec::new() }),
            Err(error) if error.is_data() => {
                let mut repair = Repair::default();
                let value = repair.read(self.json()?, "");
                let value = value.map_err(|error| self.unreadable(error.to_string()))?;
                Ok(Decoded { value, notes: repair.notes() })
            }
            Err(error) => Err(self.unreadable(format!("it isn't valid JSON ({error})"))),
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    /// Reads the body as a page of a list, in either of Clerk's forms: a bare array, or an
    /// object of `data` and `total_count`.
    ///
    /// # Errors
    /// As [`Response::read`].
    pub async fn page<T: DeserializeOwned + Send + 'static>(
        &self,
    ) -> Result<Decoded<Page<T>>, Error> {
        self.read_by(Self::page_now).await
    }

    fn page_now<T: DeserializeOwned>(&self) -> Result<Decoded<Page<T>>, Error> {
        let is_bare = self.body.trim_ascii_start().starts_with(b"[");
        let page = if is_bare {
            serde_json::from_slice(&self.body).map(|rows| Page { rows, total: None })
        } else {
            serde_json::from_slice::<Envelope<T>>(&self.body)
                .map(|envelope| Page { rows: envelope.data, total: envelope.total_count })
        };
        match page {
            Ok(value) => Ok(Decoded { value, notes: Vec::new() }),
            Err(error) if error.is_data() => self.repaired_page(),
            Err(error) => Err(self.unreadable(format!("it isn't valid JSON ({error})"))),
        }
    }

    /// Each row is repaired by itself, so a page costs what its rows cost.
    fn repaired_page<T: DeserializeOwned>(&self) -> Result<Decoded<Page<T>>, Error> {
        let mut repair = Repair::default();
        let (rows, total) = match self.json()? {
            Value::Array(rows) => (rows, None),
            json => {
                let envelope: Envelope<Value, Value> = serde_json::from_value(json)
                    .map_err(|error| self.unreadable(error.to_string()))?;
                let total = envelope.total_count.filter(|total| !total.is_null());
                if total.as_ref().is_some_and(|total| !total.is_u64()) {
                    repair.note("total_count".to_owned());
                }
                (envelope.data, total.and_then(|total| total.as_u64()))
            }
        };
        let rows = rows.into_iter().filter_map(|row| repair.read(row, "[]").ok()).collect();
        Ok(Decoded { value: Page { rows, total }, notes: repair.notes() })
    }

    fn json(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| self.unreadable(format!("it isn't valid JSON ({error})")))
    }

    /// The error of a response that can't be read for this reason, a clause. A page of a proxy's is
    /// named as what it is.
    #[must_use]
    pub fn unreadable(&self, reason: impl Into<String>) -> Error {
        let reason = if self.body.trim_ascii_start().starts_with(b"<") {
            "it is an HTML page, so it is likely a proxy's and not Clerk's".to_owned()
        } else if self.is_empty() {
            "it is empty".to_owned()
        } else {
            reason.into()
        };
        Error::Unreadable { status: self.status, reason }
    }
}

/// The object form of a list.
#[derive(Deserialize)]
struct Envelope<T, N = u64> {
    #[serde(alias = "m2m_tokens")]
    data: Vec<T>,
    total_count: Option<N>,
}

/// How many places with a wrong type are named.
const PLACES: usize = 20;

/// Reads values without what is of a wrong type in them.
#[derive(Default)]
struct Repair {
    /// Where something was taken out, each place once.
    places: Vec<String>,
    has_more: bool,
    /// How many bytes were gone over.
    bytes: usize,
}

impl Repair {
    /// Reads a value at the place `at`.
    ///
    /// # Errors
    /// Why it can't be a `T` even so.
    fn read<T: DeserializeOwned>(
        &mut self,
        mut json: Value,
        at: &str,
    ) -> Result<T, serde_json::Error> {
        let mut size = None;
        for _ in 0..REPAIR_LIMIT {
            let error = match serde_path_to_error::deserialize(&json) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            self.note(place(at, error.path()));
            self.bytes += *size.get_or_insert_with(|| json.to_string().len());
            if self.bytes > REPAIR_BYTES || !take_out(&mut json, error.path()) {
                return Err(serde_json::Error::custom(error));
            }
        }
        Err(serde_json::Error::custom("too much of it is not of the type that it should be"))
    }

    fn note(&mut self, place: String) {
        if self.places.contains(&place) {
        } else if self.places.len() < PLACES {
            self.places.push(place);
        } else {
            self.has_more = true;
        }
    }

    fn notes(&self) -> Vec<String> {
        if self.places.is_empty() {
            return Vec::new();
        }
        let more = if self.has_more { " and more" } else { "" };
        vec![format!(
            "Clerk's answer has an unexpected type in {}{more}: null or missing here.",
            self.places.join(", ")
        )]
    }
}

/// A path below `at`, without its indices, as `[].banned`: one note then stands for all rows.
fn place(at: &str, path: &Path) -> String {
    let mut place = at.to_owned();
    for segment in path {
        match segment {
            Segment::Seq { .. } => place.push_str("[]"),
            Segment::Map { key } if place.is_empty() => place.push_str(key),
            Segment::Map { key } => {
                place.push('.');
                place.push_str(key);
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    place
}

/// Takes what stands at `path` out of the way: a value becomes null, a row that is null goes.
/// Where null will not do either, the whole that it is a part of is taken away in the same manner.
/// Says whether there was anything but the whole response to be taken away.
fn take_out(json: &mut Value, path: &Path) -> bool {
    let segments: Vec<&Segment> = path.iter().collect();
    (1..=segments.len())
        .rev()
        .any(|depth| take_away(json, segments.get(..depth).unwrap_or_default()))
}

fn take_away(json: &mut Value, path: &[&Segment]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let Some(parent) = parents.iter().try_fold(json, |node, segment| step(node, segment)) else {
        return false;
    };
    match step(parent, last) {
        Some(Value::Null) => match (parent, last) {
            (Value::Array(rows), Segment::Seq { index }) => {
                rows.remove(*index);
                true
            }
            _ => false,
        },
        Some(value) => {
            *value = Value::Null;
            true
        }
        None => false,
    }
}

fn step<'json>(node: &'json mut Value, segment: &Segment) -> Option<&'json mut Value> {
    match segment {
        Segment::Seq { index } => node.get_mut(*index),
        Segment::Map { key } => node.get_mut(key),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            decoded.value.rows,
            [row("a", None), row("b", Some(true)), row("c", None), last]
        );
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
        let read =
            rows.into_iter().filter(|row| repair.read::<Row>(row.clone(), "[]").is_ok()).count();
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
        for body in [
            "",
            "<html>",
            "[{\"id\":",
            "7",
            "null",
            "{\"object\":\"total_count\"}",
            "{\"id\":null}",
        ] {
            let error = response(&body).read_now::<Row>().unwrap_err();
            assert!(matches!(error, Error::Unreadable { status: 200, .. }), "{body}: {error:?}");
        }
        assert!(response("{}").page_now::<Row>().is_err());
    }
}
