//! The JSON object in a request's body, read field by field with Clerk's errors.
//!
//! As with a query, each read removes its field, and [`Fields::finish`] refuses the rest.

use std::ops::RangeInclusive;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::Metadata;
use crate::refusal::{
    Error, FORM_PARAM_ARRAY_SIZE_EXCEEDED, FORM_PARAM_EXCEEDS_ALLOWED_SIZE,
    FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MAX_LENGTH_EXCEEDED, FORM_PARAM_MISSING,
    FORM_PARAM_UNKNOWN, FORM_PARAM_VALUE_INVALID, REQUEST_BODY_INVALID, REQUEST_BODY_TOO_LARGE,
    Refusal, UNSUPPORTED_CONTENT_TYPE,
};
use crate::time;

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// How long a metadata object may be as JSON, in bytes.
const MAX_METADATA: usize = 8 * 1024;

/// The fields not read yet, and what was wrong with the others.
#[derive(Debug)]
pub(crate) struct Fields {
    fields: Map<String, Value>,
    errors: Vec<Error>,
}

/// What a nullable field asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// The field was not given.
    Keep,
    /// It was null.
    Clear,
    Set(T),
}

/// A list of JSON objects in a request's body.
#[derive(Debug)]
pub(crate) struct ManyFields(pub(crate) Vec<Fields>);

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        read_json::<Map<String, Value>>(request, "a JSON object").await.map(Self::from)
    }
}

impl<S: Sync> FromRequest<S> for ManyFields {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let many: Vec<Map<String, Value>> = read_json(request, "a list of JSON objects").await?;
        Ok(Self(many.into_iter().map(Fields::from).collect()))
    }
}

/// The JSON object in a request's body, or nothing if there is no body.
#[derive(Debug)]
pub(crate) struct OptionalFields(pub(crate) Fields);

impl<S: Sync> FromRequest<S> for OptionalFields {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| too_large())?;
        if bytes.is_empty() {
            return Ok(Self(Fields::from(Map::new())));
        }
        let fields: Map<String, Value> = parse_json(&parts.headers, &bytes, "a JSON object")?;
        Ok(Self(Fields::from(fields)))
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(fields: Map<String, Value>) -> Self {
        Self { fields, errors: Vec::new() }
    }
}

async fn read_json<T: DeserializeOwned>(request: Request, expected: &str) -> Result<T, Refusal> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| too_large())?;
    parse_json(&parts.headers, &bytes, expected)
}

/// The JSON in a body; `expected` says what it must be.
pub(crate) fn parse_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    bytes: &[u8],
    expected: &str,
) -> Result<T, Refusal> {
    if !is_json(headers) {
        let sentence = "Content-Type must be application/json.";
        return Err(UNSUPPORTED_CONTENT_TYPE.because(sentence).into());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let sentence = format!("The body is not {expected}: {error}.");
        REQUEST_BODY_INVALID.because(sentence).into()
    })
}

impl Fields {
    pub(crate) fn text(&mut self, name: &str) -> Change<String> {
        self.read(name, "a string", |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        })
    }

    /// A string that must be there and not be empty.
    pub(crate) fn required(&mut self, name: &str) -> String {
        let text = self.text(name).value().unwrap_or_default();
        if text.trim().is_empty() {
            self.refuse_missing(name);
        }
        text
    }

    pub(crate) fn refuse_missing(&mut self, name: &str) {
        self.refuse(FORM_PARAM_MISSING.at(name, format!("{name} must be included.")));
    }

    /// Refuses the value of `email_address` if it isn't one. An empty one is missing, which
    /// [`required`](Self::required) refuses.
    pub(crate) fn check_email_address(&mut self, value: &str) {
        if !value.is_empty() && !value.contains('@') {
            let sentence = "email_address must be a valid email address.";
            self.refuse(FORM_PARAM_FORMAT_INVALID.at("email_address", sentence));
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Change<bool> {
        self.read(name, "a boolean", |value| value.as_bool())
    }

    pub(crate) fn count(&mut self, name: &str) -> Change<u64> {
        self.read(name, "an integer of at least 0", |value| value.as_u64())
    }

    /// A count within these bounds; without the field it is the default.
    pub(crate) fn count_within(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> u64 {
        let count = self.count(name).value().unwrap_or(default);
        if !range.contains(&count) {
            let sentence = format!("{name} must be from {} to {}.", range.start(), range.end());
            self.refuse(FORM_PARAM_VALUE_INVALID.at(name, sentence));
        }
        count
    }

    /// A text of at most this many characters.
    pub(crate) fn short_text(&mut self, name: &str, most: usize) -> Change<String> {
        let change = self.text(name);
        if let Change::Set(text) = &change
            && text.chars().count() > most
        {
            let sentence = format!("{name} should not exceed {most} characters.");
            self.refuse(FORM_PARAM_MAX_LENGTH_EXCEEDED.at(name, sentence));
        }
        change
    }

    /// An RFC 3339 date and time, as Unix milliseconds.
    pub(crate) fn date(&mut self, name: &str) -> Change<i64> {
        self.read(name, "a date and time in RFC 3339 format", |value| {
            value.as_str().and_then(time::parse_rfc3339)
        })
    }

    /// An object that must not be null.
    pub(crate) fn metadata(&mut self, name: &str) -> Option<Metadata> {
        let change = self.nullable_metadata(name);
        self.not_null(name, change)
    }

    pub(crate) fn nullable_metadata(&mut self, name: &str) -> Change<Metadata> {
        let change = self.read(name, "an object", |value| match value {
            Value::Object(object) => Some(object),
            _ => None,
        });
        if let Change::Set(metadata) = &change
            && let Some(error) = size_error(name, metadata)
        {
            self.refuse(error);
        }
        change
    }

    /// A list of strings, which is not nullable.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let change =
            self.read(name, "an array of strings", |value| serde_json::from_value(value).ok());
        self.not_null(name, change)
    }

    /// Makes a list of a field that holds one string.
    pub(crate) fn wrap(&mut self, name: &str) {
        if let Some(value) = self.fields.get_mut(name)
            && value.is_string()
        {
            *value = Value::Array(vec![value.take()]);
        }
    }

    /// Gives a field a value, in place of any other.
    pub(crate) fn give(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.to_owned(), value.into());
    }

    /// The text of a field that is still there.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Whether the field is still there, even if null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Whether the field is still there and not null.
    pub(crate) fn gives(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// The value of a field as it is, null included.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.shift_remove(name)
    }

    pub(crate) fn refuse(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// What was wrong with the fields of an object within the body, and with those left over;
    /// `outer` is the object's name.
    pub(crate) fn errors_within(self, outer: &str) -> Vec<Error> {
        let mut errors = self.errors;
        errors.extend(self.fields.keys().map(|name| unknown(&format!("{outer}.{name}"))));
        errors
    }

    /// Refuses the request if a field was wrong or is left over.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let mut errors = self.errors;
        errors.extend(self.fields.keys().map(|name| unknown(name)));
        Refusal::unless_empty(errors)
    }

    fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Change<T> {
        // Removal by shifting keeps the order in which unknown fields are reported.
        match self.fields.shift_remove(name) {
            None => Change::Keep,
            Some(Value::Null) => Change::Clear,
            Some(value) => read(value).map_or_else(
                || {
                    self.refuse(must_be(name, expected));
                    Change::Keep
                },
                Change::Set,
            ),
        }
    }

    fn not_null<T>(&mut self, name: &str, change: Change<T>) -> Option<T> {
        if matches!(change, Change::Clear) {
            self.refuse(must_be(name, "given or left out, not null"));
        }
        change.value()
    }
}

impl<T> Change<T> {
    /// The value, for a field whose null means the same as its absence.
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    pub(crate) fn apply(self, target: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *target = None,
            Self::Set(value) => *target = Some(value),
        }
    }
}

impl Change<String> {
    /// For a field where the empty string means null.
    pub(crate) fn or_clear_if_empty(self) -> Self {
        match self {
            Self::Set(text) if text.is_empty() => Self::Clear,
            change => change,
        }
    }
}

/// Refuses a list in the body that is too long.
pub(crate) fn check_count(count: usize, most: usize) -> Result<(), Refusal> {
    if count <= most {
        return Ok(());
    }
    let sentence = format!("A request takes at most {most} items.");
    Err(FORM_PARAM_ARRAY_SIZE_EXCEEDED.because(sentence).into())
}

/// The error about a metadata field whose value is too long, if it is.
pub(crate) fn size_error(name: &str, metadata: &Metadata) -> Option<Error> {
    let size = serde_json::to_vec(metadata).map_or(usize::MAX, |json| json.len());
    if size <= MAX_METADATA {
        return None;
    }
    let sentence = format!(
        "The given {name} exceeds the maximum allowed size of {MAX_METADATA} bytes (8 KB)."
    );
    Some(FORM_PARAM_EXCEEDS_ALLOWED_SIZE.at(name, sentence))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

fn unknown(name: &str) -> Error {
    let sentence = format!("{name} is not a valid parameter for this request.");
    FORM_PARAM_UNKNOWN.at(name, sentence)
}

fn must_be(name: &str, expected: &str) -> Error {
    FORM_PARAM_FORMAT_INVALID.at(name, format!("{name} must be {expected}."))
}

fn too_large() -> Error {
    REQUEST_BODY_TOO_LARGE.because(format!("The body must not be longer than {MAX_BODY} bytes."))
}
