//! Requests as plain data: what to send, before anything is sent.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Error, Id, Upload};

/// The HTTP methods that Clerk's Backend API uses.
///
/// An own type since [`http::Method`](reqwest::Method) cannot stand in a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request with this method changes nothing, so that it can be sent again.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }

    /// Whether the fields travel in a JSON body; otherwise they travel in the query. Of Clerk's
    /// operations none has query parameters on a write or a body on a GET or DELETE.
    const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

/// A method and a path below `/v1`, such as `DELETE /users/{user_id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path template, as Clerk's OpenAPI file has it.
    pub path: &'static str,
}

impl Route {
    /// A route that is read.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self { method: Method::Get, path }
    }

    /// A route that is posted to.
    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        Self { method: Method::Post, path }
    }

    /// A route whose resource is replaced.
    #[must_use]
    pub const fn put(path: &'static str) -> Self {
        Self { method: Method::Put, path }
    }

    /// A route whose resource is changed in part.
    #[must_use]
    pub const fn patch(path: &'static str) -> Self {
        Self { method: Method::Patch, path }
    }

    /// A route whose resource is deleted.
    #[must_use]
    pub const fn delete(path: &'static str) -> Self {
        Self { method: Method::Delete, path }
    }

    /// The names of the path's placeholders, in their order.
    pub fn placeholders(self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(placeholder)
    }
}

impl Route {
    /// Whether a path is one of the route's, whatever stands in its placeholders.
    #[must_use]
    pub fn fits(self, path: &str) -> bool {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their))
                    if our == their || (placeholder(our).is_some() && !their.is_empty()) => {}
                _ => return false,
            }
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
    }
}

fn placeholder(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// One request to Clerk: everything but the host, the key and the headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub(super) method: Method,
    /// The path as the route has it, with its placeholders.
    pub(super) template: &'static str,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    /// Sent as a form, with the body's fields.
    pub(super) file: Option<Upload>,
}

impl Request {
    /// Puts `fields` where the route has them: placeholders into the path, the rest into the
    /// query of a GET or DELETE and into the JSON body of the others. An empty body is not sent.
    ///
    /// # Errors
    /// [`Error::Id`] where a placeholder's field is no identifier, [`Error::Internal`] where
    /// `fields` is no struct.
    pub fn new(route: Route, fields: &impl Serialize) -> Result<Self, Error> {
        match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => Self::from_fields(route, fields),
            _ => Err(Error::Internal("a request's fields are no JSON object")),
        }
    }

    fn from_fields(route: Route, mut fields: Map<String, Value>) -> Result<Self, Error> {
        let mut path = String::new();
        for segment in route.path.split('/').skip(1) {
            path.push('/');
            match placeholder(segment) {
                None => path.push_str(segment),
                Some(name) => {
                    let value = fields.shift_remove(name);
                    match value.as_ref().and_then(Value::as_str).map(Id::parse) {
                        Some(Ok(id)) => path.push_str(id.as_str()),
                        _ => return Err(Error::Id(name)),
                    }
                }
            }
        }
        let (query, body) = if route.method.has_body() {
            (Vec::new(), (!fields.is_empty()).then_some(Value::Object(fields)))
        } else {
            (pairs(fields), None)
        };
        Ok(Self { method: route.method, template: route.path, path, query, body, file: None })
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
    pub fn with_file(mut self, file: Upload) -> Self {
        self.file = Some(file);
        self
    }

    /// Whether the request changes nothing, so that it can be sent again.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.method.is_read()
    }

    /// Whether the request has a body, which is to say, anything to change.
    #[must_use]
    pub const fn has_body(&self) -> bool {
        self.body.is_some()
    }
}

impl fmt::Display for Request {
    /// The method and the path, without query and body: those hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
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
            assert_eq!(json!(request.query), query, "{line}");
            assert_eq!(request.body, body, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_string_given_as_an_id_changes_the_path(
            id in prop_oneof!["[A-Za-z0-9_-]{1,40}", ".*", "[a-z./%?#\\\\2eF]{1,12}"]
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
                    prop_assert!(matches!(error, Error::Id("session_id")), "{error:?}");
                }
            }
        }
    }

    #[test]
    fn a_missing_or_wrong_typed_id_is_refused() {
        for fields in [json!({}), json!({ "user_id": 7 }), json!({ "user_id": null })] {
            assert!(matches!(Request::new(GET, &fields), Err(Error::Id("user_id"))));
        }
    }
}
