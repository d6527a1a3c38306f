//! Plain operations: one request, whose answer is given on. All that such an operation is, is data;
//! an operation that needs code of its own is an [`Operation`](super::Operation).

use std::sync::OnceLock;

use clerk_api::{Decoded, Request, Route};
use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};

use super::{
    Effect, Entry, Flag, Form, Rule, Source, camel_case,
    param::{self, Kind, Param},
    snake_case,
};
use crate::{Error, ctx::Ctx};

/// How many rows Clerk's lists have where no limit is given.
const DEFAULT_LIMIT: u64 = 10;

/// A plain operation's own part of its row in the catalog.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain {
    about: &'static str,
    params: &'static [Param],
    /// The fields of the answer, or of each of its rows, that Clerk always has, in snake_case.
    fields: &'static [&'static str],
    /// Clerk tells the total only where `paginated` is sent.
    is_paginated: bool,
}

/// Begins the row of a plain operation: its effect is what its method says, its answer an object.
pub(crate) const fn plain(
    name: &'static str,
    title: &'static str,
    route: Route,
    about: &'static str,
) -> Entry {
    Entry {
        name,
        title,
        route,
        effect: Effect::of(route.method),
        look: "",
        undo: "It can't be undone.",
        returns_secret: false,
        flags: &[],
        form: Form::Object,
        of_events: false,
        cursor: "",
        consent: &[],
        rules: &[],
        input: OnceLock::new(),
        output: OnceLock::new(),
        source: Source::Plain(Plain { about, params: &[], fields: &[], is_paginated: false }),
    }
}

impl Entry {
    /// The arguments; those of the path are ids where they are not here.
    pub(crate) const fn takes(mut self, params: &'static [Param]) -> Self {
        if let Source::Plain(plain) = &mut self.source {
            plain.params = params;
        }
        self
    }

    /// The fields that the answer, or each of its rows, has in any case, in snake_case.
    pub(crate) const fn answers(mut self, fields: &'static [&'static str]) -> Self {
        if let Source::Plain(plain) = &mut self.source {
            plain.fields = fields;
        }
        self
    }

    /// The answer is a list, whose rows are in the field of this name.
    pub(crate) const fn rows(mut self, rows: &'static str) -> Self {
        self.form = Form::List(rows);
        self
    }

    /// Clerk tells the total of the list only where `paginated` is sent with it.
    pub(crate) const fn paginated(mut self) -> Self {
        if let Source::Plain(plain) = &mut self.source {
            plain.is_paginated = true;
        }
        self
    }

    /// What it does, where the method does not say it.
    pub(crate) const fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Whether what it does can be taken back, in a sentence.
    pub(crate) const fn undo(mut self, undo: &'static str) -> Self {
        self.undo = undo;
        self
    }

    /// The tool that shows whether it took place.
    pub(crate) const fn look(mut self, look: &'static str) -> Self {
        self.look = look;
        self
    }

    /// Arguments that make it need the consent that a destructive call needs: with them somebody
    /// else gets in.
    pub(crate) const fn needs_consent(mut self, arguments: &'static [&'static str]) -> Self {
        self.consent = arguments;
        self
    }

    /// Its answer holds a secret that opens something.
    pub(crate) const fn secret(mut self) -> Self {
        self.returns_secret = true;
        self
    }

    /// What is special about it.
    pub(crate) const fn flags(mut self, flags: &'static [Flag]) -> Self {
        self.flags = flags;
        self
    }

    /// Rules that tie its arguments together.
    pub(crate) const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }
}

impl Plain {
    pub(super) fn input(&self, route: Route) -> JsonObject {
        let path: Vec<Param> = route.placeholders().map(param::id).collect();
        param::schema(self.about, &path, self.params)
    }

    pub(super) fn output(&self, form: Form) -> JsonObject {
        let fields: JsonObject =
            self.fields.iter().map(|name| (camel_case(name), json!({}))).collect();
        let properties = if let Some(rows) = form.rows() {
            let items = if fields.is_empty() {
                json!({ "type": "object" })
            } else {
                json!({ "properties": fields })
            };
            json!({
                rows: { "type": "array", "items": items },
                "totalCount": {}, "hasMore": {}, "nextOffset": {}, "success": {},
            })
        } else {
            let mut fields = fields;
            fields.insert("success".to_owned(), json!({}));
            fields.into()
        };
        let mut schema = JsonObject::new();
        schema.insert("type".to_owned(), "object".into());
        schema.insert("properties".to_owned(), properties);
        schema
    }

    /// Whether the argument of this name is the whole body.
    pub(super) fn is_body(&self, name: &str) -> bool {
        self.params.iter().any(|it| it.is_body && it.name == name)
    }

    /// One request, and what Clerk answers.
    pub(super) async fn run(
        self,
        (route, form): (Route, Form),
        arguments: JsonObject,
        call: Ctx,
    ) -> Result<Decoded<Value>, Error> {
        let number = |name: &str| arguments.get(name).and_then(Value::as_u64);
        let (limit, offset) = (number("limit"), number("offset").unwrap_or(0));
        let response = call.send(self.request(route, arguments)?).await?;
        let Some(rows) = form.rows() else {
            // Only an operation that promises nothing answers with nothing.
            if response.is_empty() && self.fields.is_empty() {
                return Ok(Decoded { value: json!({}), notes: Vec::new() });
            }
            return Ok(response.read::<JsonObject>()?.map(|it| camel(it.into())));
        };
        let page = response.page::<JsonObject>()?;
        let has_limit = self.params.iter().any(|it| it.name == "limit");
        let total = if has_limit {
            page.value.total(limit.unwrap_or(DEFAULT_LIMIT), offset)
        } else {
            page.value.total.or(Some(page.value.rows.len() as u64))
        };
        let mut answer = page.map(|page| {
            let shown: Vec<Value> = page.rows.into_iter().map(|row| camel(row.into())).collect();
            json!({ rows: shown, "totalCount": total })
        });
        if total.is_none() {
            answer.notes.push("totalCount is not known: Clerk did not tell it.".to_owned());
        }
        Ok(answer)
    }

    fn request(&self, route: Route, arguments: JsonObject) -> Result<Request, Error> {
        let mut fields = Map::new();
        let mut body = None;
        for (argument, value) in arguments {
            let param = self.params.iter().find(|it| it.argument() == argument);
            let Some(param) = param else {
                fields.insert(snake_case(&argument), value);
                continue;
            };
            let value = match param.kind {
                Kind::Object | Kind::Objects => snake(value),
                _ => value,
            };
            if param.is_body {
                body = Some(value);
            } else {
                fields.insert(param.name.to_owned(), value);
            }
        }
        let mut request = Request::new(route, &fields)?;
        if self.is_paginated {
            request = request.with_query("paginated", "true");
        }
        Ok(match body {
            Some(body) => request.with_body(body),
            None => request,
        })
    }
}

/// Whether the names in a value are somebody's own, and not Clerk's.
fn is_free(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["metadata", "claims", "headers", "attributes"].iter().any(|end| name.ends_with(end))
}

fn renamed(value: Value, rename: fn(&str) -> String) -> Value {
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| {
                let value = if is_free(&name) { value } else { renamed(value, rename) };
                (rename(&name), value)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| renamed(item, rename)).collect(),
        value => value,
    }
}

/// What Clerk answers, under the names of the tools.
pub(crate) fn camel(value: Value) -> Value {
    renamed(value, camel_case)
}

/// What an agent gives, under Clerk's names.
fn snake(value: Value) -> Value {
    renamed(value, snake_case)
}
