//! Requests as plain data: what to send, before anything is sent.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    Error, Id, Route,
    route::{JOINT, placeholder},
};

/// One request to Clerk: everything but the host, the key and the headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    route: Route,
    /// The path below `/v1`, with the identifiers in it.
    path: String,
    query: Vec<(String, String)>,
    body: Option<Value>,
    /// Sent as a form, with the body's fields.
    file: Option<FilePart>,
}

/// A file on its way to Clerk, as the field `file` of a multipart form.
#[derive(Clone, PartialEq, Eq)]
pub struct FilePart {
    /// The name that Clerk gets.
    pub file_name: String,
    /// The media type, such as `image/png`.
    pub media_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl fmt::Debug for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePart")
            .field("file_name", &self.file_name)
            .field("media_type", &self.media_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Request {
    /// Puts `fields` where the route has them: placeholders into the path, the rest into the
    /// query of a GET or DELETE and into the JSON body of the others. An empty body is not sent.
    ///
    /// # Errors
    /// [`Error::InvalidId`] if a placeholder's field isn't an identifier, [`Error::Internal`] if
    /// `fields` isn't a struct or a map.
    pub fn new(route: Route, fields: &impl Serialize) -> Result<Self, Error> {
        match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => Self::from_fields(route, fields),
            _ => Err(Error::Internal("a request's fields aren't a JSON object")),
        }
    }

    fn from_fields(route: Route, mut fields: Map<String, Value>) -> Result<Self, Error> {
        let mut path = String::new();
        for segment in route.path.split('/').skip(1) {
            let is_joined = segment.contains(JOINT);
            for (place, part) in segment.split(JOINT).enumerate() {
                path.push(if place == 0 { '/' } else { JOINT });
                let Some(name) = placeholder(part) else {
                    path.push_str(part);
                    continue;
                };
                let value = fields.shift_remove(name);
                match value.as_ref().and_then(Value::as_str).map(Id::parse) {
                    // With a joint in a part, another part would begin in it.
                    Some(Ok(id)) if !(is_joined && id.as_str().contains(JOINT)) => {
                        path.push_str(id.as_str());
                    }
                    _ => return Err(Error::InvalidId(name)),
                }
            }
        }
        let (query, body) = if route.method.has_body() {
            (Vec::new(), (!fields.is_empty()).then_some(Value::Object(fields)))
        } else {
            (pairs(fields), None)
        };
        Ok(Self { route, path, query, body, file: None })
    }

    /// The same request with one more query parameter.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with another body.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The same request as a form with a file.
    #[must_use]
    pub fn with_file(mut self, file: FilePart) -> Self {
        self.file = Some(file);
        self
    }

    /// The route that it was made for.
    #[must_use]
    pub const fn route(&self) -> Route {
        self.route
    }

    /// The path below `/v1`, with the identifiers in it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query parameters, in their order.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The JSON body, or the fields of the form beside its file.
    #[must_use]
    pub const fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The file of the form.
    #[must_use]
    pub const fn file(&self) -> Option<&FilePart> {
        self.file.as_ref()
    }

    /// Whether the request changes nothing, so that it can be sent again.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.route.method.is_read()
    }
}

impl fmt::Display for Request {
    /// The method and the path, without query and body: those hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.route.method.as_str(), self.path)
    }
}

/// Clerk wants a list's key repeated for each value. What is null is not given.
fn pairs(fields: Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                pairs.extend(items.into_iter().map(|item| (name.clone(), plain(item))));
            }
            value => pairs.push((name, plain(value))),
        }
    }
    pairs
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const GET: Route = Route::get("/users/{user_id}");
    const LOG: Route = Route::get("/logs/{event_time}:{event_id}");
    const REVOKE: Route = Route::post("/sessions/{session_id}/revoke");

    #[test]
    fn fields_go_where_the_route_has_them() {
        let cases = [
            (GET, json!({ "user_id": "user_1" }), "GET /users/user_1", json!([]), None),
            (
                REVOKE,
                json!({ "session_id": "sess_1" }),
                "POST /sessions/sess_1/revoke",
                json!([]),
                None,
            ),
            (
                Route::get("/users"),
                json!({ "limit": 2, "banned": false, "email_address": ["a+b@x.y", "c"] }),
                "GET /users",
                json!([
                    ["limit", "2"],
                    ["banned", "false"],
                    ["email_address", "a+b@x.y"],
                    ["email_address", "c"]
                ]),
                None,
            ),
            (
                LOG,
                json!({ "event_id": "019400f7-7", "event_time": "1705315800000" }),
                "GET /logs/1705315800000:019400f7-7",
                json!([]),
                None,
            ),
            (
                Route::patch("/users/{user_id}"),
                json!({ "user_id": "user_1", "first_name": null, "n": 1 }),
                "PATCH /users/user_1",
                json!([]),
                Some(json!({ "first_name": null, "n": 1 })),
            ),
        ];
        for (route, fields, line, query, body) in cases {
            let request = Request::new(route, &fields).unwrap();
            assert_eq!(request.to_string(), line);
            assert_eq!(json!(request.query()), query, "{line}");
            assert_eq!(request.body, body, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_string_given_as_an_id_changes_the_path(
            id in prop_oneof!["[A-Za-z0-9_:-]{1,40}", ".*", "[a-z:./%?#\\\\2eF]{1,12}"]
        ) {
            match Request::new(REVOKE, &json!({ "session_id": id })) {
                Ok(request) => {
                    prop_assert!(Id::parse(&id).is_ok());
                    let url = format!("https://api.clerk.com/v1{}", request.path);
                    let url = url::Url::parse(&url).unwrap();
                    prop_assert_eq!(url.path(), format!("/v1/sessions/{id}/revoke"));
                    prop_assert_eq!((url.query(), url.fragment()), (None, None));
                }
                Err(error) => {
                    prop_assert!(Id::parse(&id).is_err());
                    prop_assert!(matches!(error, Error::InvalidId("session_id")), "{error:?}");
                }
            }
        }
    }

    #[test]
    fn a_missing_or_wrong_typed_id_is_refused() {
        for fields in [json!({}), json!({ "user_id": 7 }), json!({ "user_id": null })] {
            assert!(matches!(Request::new(GET, &fields), Err(Error::InvalidId("user_id"))));
        }
    }

    #[test]
    fn a_part_of_a_joined_segment_has_no_joint() {
        let time = json!({ "event_time": "1:2", "event_id": "a" });
        assert!(matches!(Request::new(LOG, &time), Err(Error::InvalidId("event_time"))));
        let id = json!({ "event_time": "1", "event_id": "a:b" });
        assert!(matches!(Request::new(LOG, &id), Err(Error::InvalidId("event_id"))));
    }
}
