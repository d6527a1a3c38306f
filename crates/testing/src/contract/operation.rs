//! An operation: what it takes and what comes back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::form_urlencoded;

use super::{Contract, Property, Schema, fields, items};

const JSON: &str = "application/json";

/// An operation of the document.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    pub(super) contract: &'a Contract,
    /// As HTTP writes it: `GET`.
    pub method: &'static str,
    /// The path template, such as `/users/{user_id}`; of a webhook, the type of the event.
    pub path: &'a str,
    pub(super) item: &'a Value,
    pub(super) value: &'a Value,
}

/// A parameter in path, query, header or cookie.
#[derive(Clone, Debug)]
pub struct Parameter<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// Its place: `path`, `query`, `header` or `cookie`.
    pub place: &'a str,
    /// How arrays and objects are written: `form`, `simple`, `deepObject`…
    pub style: &'a str,
    /// Whether an array is written by repeating the name.
    pub explode: bool,
    /// Whether it must be given.
    pub required: bool,
    /// Whether Clerk advises against it.
    pub deprecated: bool,
    /// Its values.
    pub schema: Schema<'a>,
}

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    /// Whether it must be given.
    pub required: bool,
    /// In which forms.
    pub content: Vec<Media<'a>>,
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response<'a> {
    /// Its HTTP status.
    pub status: u16,
    /// The forms of its body; empty if it has none.
    pub content: Vec<Media<'a>>,
}

/// One form of a body.
#[derive(Clone, Debug)]
pub struct Media<'a> {
    /// Such as `application/json` or `multipart/form-data`.
    pub media_type: &'a str,
    /// What the body must be.
    pub schema: Schema<'a>,
    value: &'a Value,
}

impl<'a> Operation<'a> {
    /// Its `operationId`.
    pub fn id(&self) -> &'a str {
        self.value["operationId"].as_str().unwrap_or_default()
    }

    /// The parts of the API that it belongs to.
    pub fn tags(&self) -> impl Iterator<Item = &'a str> {
        items(&self.value["tags"]).filter_map(Value::as_str)
    }

    /// Whether Clerk advises against it.
    pub fn is_deprecated(&self) -> bool {
        self.value["deprecated"] == true
    }

    /// Its parameters, in the document's order.
    pub fn parameters(&self) -> Vec<Parameter<'a>> {
        let both = [self.item, self.value].into_iter();
        let all = both.flat_map(|parent| items(&parent["parameters"]));
        all.map(|value| self.parameter_of(self.contract.resolve(value))).collect()
    }

    fn parameter_of(&self, value: &'a Value) -> Parameter<'a> {
        let place = value["in"].as_str().expect("where the parameter stands");
        let in_list = ["query", "cookie"].contains(&place);
        let style = value["style"].as_str().unwrap_or(if in_list { "form" } else { "simple" });
        Parameter {
            name: value["name"].as_str().expect("the parameter's name"),
            place,
            style,
            explode: value["explode"].as_bool().unwrap_or(style == "form"),
            required: value["required"] == true,
            deprecated: value["deprecated"] == true,
            schema: Schema::new(self.contract, &value["schema"]),
        }
    }

    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<Parameter<'a>> {
        self.parameters().into_iter().find(|parameter| parameter.name == name)
    }

    /// The names of the parameters in the query.
    pub fn query_parameters(&self) -> BTreeSet<&'a str> {
        let all = self.parameters().into_iter();
        all.filter(|parameter| parameter.place == "query").map(|parameter| parameter.name).collect()
    }

    /// The parameter and the key of a name such as `payload_filter[path]`, if the operation takes
    /// an object so.
    pub(super) fn member<'n>(&self, name: &'n str) -> Option<(&'n str, &'n str)> {
        let (name, key) = name.strip_suffix(']')?.split_once('[')?;
        let parameter = self.parameter(name)?;
        (parameter.place == "query" && parameter.style == "deepObject").then_some((name, key))
    }

    /// The names in the query of a path that the operation doesn't take.
    pub fn unknown_in_query(&self, path: &str) -> Vec<String> {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let known = self.query_parameters();
        let names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned());
        names.filter(|name| !known.contains(&**name) && self.member(name).is_none()).collect()
    }

    /// The body of the request, if it takes one.
    pub fn body(&self) -> Option<Body<'a>> {
        let body = self.contract.resolve(self.value.get("requestBody")?);
        Some(Body { required: body["required"] == true, content: self.content(body) })
    }

    /// What the body of the request must be: of its JSON form, else of the only form that it has.
    pub fn body_schema(&self) -> Option<Schema<'a>> {
        schema_of(&self.body()?.content)
    }

    /// The fields of the request's body, each with whether it is required.
    pub fn body_fields(&self) -> BTreeMap<&'a str, bool> {
        let properties = self.body_schema().map(|schema| schema.properties()).unwrap_or_default();
        properties.into_iter().map(|Property { name, required, .. }| (name, required)).collect()
    }

    /// Clerk's examples of the request's body.
    pub fn body_examples(&self) -> Vec<&'a Value> {
        let content = self.body().map(|body| body.content).unwrap_or_default();
        let examples = content.into_iter().flat_map(|media| {
            let several = fields(&media.value["examples"]).map(|(_, example)| example);
            let several = several.map(|example| &self.contract.resolve(example)["value"]);
            several.chain(media.value.get("example"))
        });
        examples.collect()
    }

    /// The responses that are described.
    pub fn responses(&self) -> Vec<Response<'a>> {
        let all = fields(&self.value["responses"]);
        let numbered = all.filter_map(|(status, value)| {
            let content = self.content(self.contract.resolve(value));
            Some(Response { status: status.parse().ok()?, content })
        });
        numbered.collect()
    }

    /// The response with this status.
    pub fn response(&self, status: u16) -> Option<Response<'a>> {
        self.responses().into_iter().find(|response| response.status == status)
    }

    /// What the body of the response with this status is; `None` if it has no body or isn't
    /// described.
    pub fn response_schema(&self, status: u16) -> Option<Schema<'a>> {
        self.response(status)?.schema()
    }

    /// The first success that is described.
    ///
    /// # Panics
    /// There is none.
    pub fn success(&self) -> Response<'a> {
        let mut all = self.responses().into_iter();
        let success = all.find(|response| (200..300).contains(&response.status));
        success.unwrap_or_else(|| panic!("{} {} has no success", self.method, self.path))
    }

    fn content(&self, parent: &'a Value) -> Vec<Media<'a>> {
        let all = fields(&parent["content"]);
        let media = all.map(|(media_type, value)| {
            let schema = Schema::new(self.contract, &value["schema"]);
            Media { media_type, schema, value }
        });
        media.collect()
    }
}

impl<'a> Response<'a> {
    /// What its body is, if it has one.
    pub fn schema(&self) -> Option<Schema<'a>> {
        schema_of(&self.content)
    }
}

fn schema_of<'a>(content: &[Media<'a>]) -> Option<Schema<'a>> {
    let json = content.iter().find(|media| media.media_type == JSON);
    json.or(content.first()).map(|media| media.schema)
}
