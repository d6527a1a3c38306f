//! A request to an operation.

use axum::RequestExt as _;
use axum::body::{Bytes, to_bytes};
use axum::extract::{RawPathParams, Request};
use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::body::{Fields, parse_json};
use crate::query::Query;
use crate::refusal::{REQUEST_BODY_TOO_LARGE, Refusal};

/// The longest body that is read, in bytes: an image of 10 MB, and what is around it.
const MAX_BODY: usize = 11 << 20;

/// What a request gives.
pub(super) struct Call {
    /// The ids in the path, in their order.
    ids: Vec<String>,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The machine whose secret key the request has, if it isn't the instance's key.
    pub(super) machine: Option<String>,
    path: String,
}

/// Marks a request with the id of the machine whose secret key it has.
#[derive(Clone, Debug)]
pub(crate) struct Machine(pub(crate) String);

impl Call {
    pub(super) async fn read(mut request: Request) -> Result<Self, Refusal> {
        let ids = match request.extract_parts::<RawPathParams>().await {
            Ok(params) => params.iter().map(|(_, value)| value.to_owned()).collect(),
            // Ids that are not UTF-8 are nobody's.
            Err(_) => Vec::new(),
        };
        let Ok(query) = request.extract_parts::<Query>().await;
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BODY).await.map_err(|_| {
            let sentence = format!("The body must not be longer than {MAX_BODY} bytes.");
            REQUEST_BODY_TOO_LARGE.because(sentence)
        })?;
        let machine = parts.extensions.get::<Machine>().map(|Machine(id)| id.clone());
        let path = parts.uri.path().to_owned();
        Ok(Self { ids, query, headers: parts.headers, body, machine, path })
    }

    /// The first id in the path.
    pub(super) fn id(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// The second.
    pub(super) fn second_id(&self) -> &str {
        self.ids.get(1).map_or("", String::as_str)
    }

    pub(super) fn take_query(&mut self) -> Query {
        std::mem::take(&mut self.query)
    }

    /// Whether the path is below that of this collection.
    pub(super) fn is_of(&self, collection: &str) -> bool {
        self.path.strip_prefix("/v1/").is_some_and(|path| path.starts_with(collection))
    }

    /// The fields of the JSON object in the body. No body has no fields.
    pub(super) fn fields(&self) -> Result<Fields, Refusal> {
        self.object().map(Fields::from)
    }

    /// The JSON object in the body; an empty one if there is no body.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_empty() {
            return Ok(Map::new());
        }
        parse_json(&self.headers, &self.body, "a JSON object")
    }

    /// The fields of each JSON object of the list in the body.
    pub(super) fn many_fields(&self) -> Result<Vec<Fields>, Refusal> {
        let many: Vec<Map<String, Value>> =
            parse_json(&self.headers, &self.body, "a list of JSON objects")?;
        Ok(many.into_iter().map(Fields::from).collect())
    }
}
