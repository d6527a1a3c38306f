//! Clerk's responses, read tolerantly: an unknown, missing or wrong-typed field breaks nothing, and
//! what could not be read is said.

#[cfg(test)]
mod tests;

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
/// Larger bodies are read on a thread of their own, so that other calls continue meanwhile.
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
