//! Objects of resources that the sandbox doesn't have, such as machines and API keys, and what
//! requests do to them. Everything else goes to the sandbox.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// The largest body of a request, in bytes.
const MAX_BODY: usize = 1 << 20;
/// Query parameters that search in all fields.
const SEARCHES: [&str; 2] = ["query", "name_query"];

/// An object by its fields.
type Object = Map<String, Value>;

/// What a task keeps outside the sandbox.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extras {
    /// Objects by their paths below `/v1`. A path above several of them lists these.
    #[serde(default)]
    pub(crate) objects: BTreeMap<String, Object>,
    /// What requests do that neither read, update nor delete one of the objects as its path says.
    #[serde(default)]
    rules: Vec<Rule>,
}

/// What one kind of request does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// Method and path, and the query parameters that the request must have. `{}` stands for one
    /// segment, here and in all other paths of the rule. The first rule that fits applies.
    request: String,
    /// The object that the body's fields are merged into, and the response. It is created if it
    /// doesn't exist.
    object: String,
    /// Fields that are set besides, by the path of their object.
    #[serde(default)]
    sets: BTreeMap<String, Object>,
    /// Fields that have another name in responses than in requests.
    #[serde(default)]
    renames: BTreeMap<String, String>,
}

/// The extras of a running world.
#[derive(Clone, Debug)]
pub(crate) struct StandIn(Arc<Mutex<Extras>>);

impl StandIn {
    pub(crate) fn new(extras: Extras) -> Self {
        Self(Arc::new(Mutex::new(extras)))
    }

    /// All objects as they are now, by path.
    pub(crate) fn objects(&self) -> BTreeMap<String, Object> {
        self.lock().objects.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Extras> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Responds to what is about the extras, and hands on everything else.
pub(crate) async fn serve(State(this): State<StandIn>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path().strip_prefix("/v1").unwrap_or_default();
    let query = parameters(parts.uri.query().unwrap_or_default());
    let fields = serde_json::from_slice(&body).unwrap_or_default();
    let response = this.lock().respond(&parts.method, path, &query, fields);
    match response {
        Some(response) => response,
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    }
}

impl Extras {
    fn respond(
        &mut self,
        method: &Method,
        path: &str,
        query: &HashMap<String, String>,
        fields: Object,
    ) -> Option<Response> {
        let request = format!("{method} {path}");
        let found = self.rules.iter().find_map(|rule| {
            rule.segment(&request, query).map(|segment| (rule.clone(), segment.to_owned()))
        });
        if let Some((rule, segment)) = found {
            return Some(Json(self.apply(&rule, &segment, fields)).into_response());
        }
        if let Some(object) = self.objects.get_mut(path) {
            return match *method {
                Method::GET => Some(Json(&*object).into_response()),
                Method::PATCH => {
                    update(object, fields);
                    Some(Json(&*object).into_response())
                }
                Method::DELETE => {
                    let gone = self.objects.remove(path)?;
                    let (object, id) = (gone.get("object"), gone.get("id"));
                    let body = json!({ "object": object, "id": id, "deleted": true });
                    Some(Json(body).into_response())
                }
                _ => None,
            };
        }
        if *method == Method::GET && self.is_above_objects(path) {
            return Some(Json(self.list(path, query)).into_response());
        }
        let (parent, _) = path.rsplit_once('/')?;
        self.is_above_objects(parent).then(not_found)
    }

    fn apply(&mut self, rule: &Rule, segment: &str, fields: Object) -> Object {
        let fields = fields.into_iter().map(|(name, value)| {
            let name = rule.renames.get(&name).cloned().unwrap_or(name);
            (name, value)
        });
        let path = rule.object.replace("{}", segment);
        update(self.objects.entry(path.clone()).or_default(), fields.collect());
        for (path, fields) in &rule.sets {
            let path = path.replace("{}", segment);
            update(self.objects.entry(path).or_default(), fields.clone());
        }
        self.objects.get(&path).cloned().unwrap_or_default()
    }

    fn is_above_objects(&self, path: &str) -> bool {
        self.objects.keys().any(|key| is_directly_below(key, path))
    }

    /// The objects directly below a path. A parameter with the name of a field is a filter.
    fn list(&self, path: &str, query: &HashMap<String, String>) -> Value {
        let number = |name: &str| query.get(name).and_then(|value| value.parse::<usize>().ok());
        let below = self.objects.iter().filter(|(key, _)| is_directly_below(key, path));
        let fits = |object: &Object| {
            query.iter().all(|(name, wanted)| {
                if SEARCHES.contains(&name.as_str()) {
                    let text = Value::from(object.clone()).to_string().to_lowercase();
                    return text.contains(&wanted.to_lowercase());
                }
                object.get(name).is_none_or(|value| match value {
                    Value::String(text) => text == wanted,
                    value => {
                        serde_json::from_str(wanted).is_ok_and(|wanted: Value| *value == wanted)
                    }
                })
            })
        };
        let found: Vec<&Object> =
            below.map(|(_, object)| object).filter(|object| fits(object)).collect();
        let total_count = found.len();
        let page = found.into_iter().skip(number("offset").unwrap_or(0));
        let data: Vec<&Object> = page.take(number("limit").unwrap_or(usize::MAX)).collect();
        json!({ "data": data, "total_count": total_count })
    }
}

impl Rule {
    /// The segment that `{}` stands for if the rule fits; empty if the rule has none.
    fn segment<'a>(&self, request: &'a str, query: &HashMap<String, String>) -> Option<&'a str> {
        let (pattern, wanted) = self.request.split_once('?').unwrap_or((&self.request, ""));
        if parameters(wanted).iter().any(|(name, value)| query.get(name) != Some(value)) {
            return None;
        }
        let Some((before, after)) = pattern.split_once("{}") else {
            return (pattern == request).then_some("");
        };
        let segment = request.strip_prefix(before)?.strip_suffix(after)?;
        (!segment.is_empty() && !segment.contains('/')).then_some(segment)
    }
}

fn parameters(query: &str) -> HashMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Whether a path is another one with exactly one segment more.
fn is_directly_below(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above).and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| !rest.contains('/'))
}

/// Sets fields as an update does: objects are merged, everything else is replaced.
fn update(object: &mut Object, fields: Object) {
    for (name, value) in fields {
        match (object.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => update(old, new),
            (_, value) => {
                object.insert(name, value);
            }
        }
    }
}

fn not_found() -> Response {
    let error = json!({
        "code": "resource_not_found",
        "message": "not found",
        "long_message": "Nothing was found with this ID.",
    });
    (StatusCode::NOT_FOUND, Json(json!({ "errors": [error] }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extras() -> Extras {
        let extras = json!({
            "objects": {
                "/keys/k1": { "id": "k1", "owner": "ada", "tags": ["a"], "limits": { "day": 1, "hour": 2 } },
                "/keys/k2": { "id": "k2", "owner": "bob", "tags": [] },
            },
            "rules": [
                { "request": "POST /keys/{}/end?now=true", "object": "/keys/{}", "sets": { "/keys/{}": { "ended": "now" } } },
                { "request": "POST /keys/{}/end", "object": "/keys/{}", "sets": { "/keys/{}": { "ended": "later" } },
                  "renames": { "why": "reason" } },
            ],
        });
        serde_json::from_value(extras).unwrap_or_default()
    }

    /// Sends a request, and says with which status it is responded to, if it is.
    fn status(extras: &mut Extras, method: &Method, target: &str, body: &Value) -> Option<u16> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let fields = body.as_object().cloned().unwrap_or_default();
        let response = extras.respond(method, path, &parameters(query), fields)?;
        Some(response.status().as_u16())
    }

    fn list(extras: &Extras, query: &str) -> Value {
        extras.list("/keys", &parameters(query))
    }

    #[test]
    fn an_update_merges_objects_and_replaces_lists() {
        let mut extras = extras();
        let body = json!({ "tags": ["b"], "limits": { "day": 5 } });
        assert_eq!(status(&mut extras, &Method::PATCH, "/keys/k1", &body), Some(200));
        let now =
            json!({ "id": "k1", "owner": "ada", "tags": ["b"], "limits": { "day": 5, "hour": 2 } });
        assert_eq!(extras.objects.get("/keys/k1").cloned().map(Value::from), Some(now));
    }

    #[test]
    fn a_list_can_be_filtered_searched_and_paged() {
        let extras = extras();
        let ids = |query| {
            let list = list(&extras, query);
            (list.pointer("/data/0/id").cloned(), list.pointer("/total_count").cloned())
        };
        assert_eq!(ids("owner=bob"), (Some("k2".into()), Some(1.into())));
        assert_eq!(ids("query=ADA&paginated=true"), (Some("k1".into()), Some(1.into())));
        assert_eq!(ids("limit=1&offset=1"), (Some("k2".into()), Some(2.into())));
    }

    #[test]
    fn a_rule_applies_only_with_its_query_parameters() {
        let mut extras = extras();
        let ended = |extras: &Extras, path: &str| {
            extras
                .objects
                .get(path)
                .map(|object| (object.get("ended").cloned(), object.get("reason").cloned()))
        };
        status(&mut extras, &Method::POST, "/keys/k1/end?now=true", &json!({}));
        assert_eq!(ended(&extras, "/keys/k1"), Some((Some("now".into()), None)));
        status(&mut extras, &Method::POST, "/keys/k2/end?now=false", &json!({ "why": "old" }));
        assert_eq!(ended(&extras, "/keys/k2"), Some((Some("later".into()), Some("old".into()))));
    }

    #[test]
    fn an_unknown_id_is_not_found_and_everything_else_is_the_sandboxs() {
        let mut extras = extras();
        assert_eq!(status(&mut extras, &Method::GET, "/keys/k3", &json!({})), Some(404));
        assert_eq!(status(&mut extras, &Method::GET, "/users", &json!({})), None);
        assert_eq!(status(&mut extras, &Method::DELETE, "/keys/k1", &json!({})), Some(200));
        assert_eq!(status(&mut extras, &Method::GET, "/keys/k1", &json!({})), Some(404));
    }
}
