//! From a typed result to the JSON that the agent reads: without secrets, with end users' texts made
//! safe, at the level of detail and of the size that was asked for.

use std::{borrow::Cow, cell::Cell, fmt};

use serde_json::{Map, Value};

use super::fit;
use crate::{
    Ctx, Error,
    redact::Redactor,
    text,
    tool::{
        Content, Output, Reader, ResultKind, Tool,
        detail::Detail,
        field::Fields,
        nearest, pick,
        projection::Projection,
        record::{Record, Trust},
    },
};

/// How many bytes of responses are taken for large.
const LARGE: usize = 512 << 10;

const SECRETS_HIDDEN: &str = "Fields that are secrets are left out; the operator can show them by naming the tool in --tools.";

/// What a result is made to fit into.
#[derive(Clone, Debug)]
pub(super) struct Presentation {
    /// The form of the result.
    pub(super) kind: ResultKind,
    /// What the agent wants to see of it.
    pub(super) projection: Projection,
    /// Who reads it.
    pub(super) reader: Reader,
    /// How many tokens it may have.
    pub(super) limit: Ceiling,
    /// How many rows were skipped, and how many were asked for.
    pub(super) page: (u64, u64),
    /// Arguments that would narrow a list.
    pub(super) filters: Vec<String>,
    /// Whether secrets are shown: the operator names the tool.
    pub(super) shows_secrets: bool,
}

/// How many tokens a result may have, and who limits it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ceiling {
    pub(super) tokens: usize,
    /// Whether it is the operator's limit and not the caller's.
    pub(super) is_operators: bool,
}

impl Ceiling {
    /// The lower of the operator's limit and the caller's.
    pub(super) fn of(operators: usize, callers: Option<usize>) -> Self {
        match callers {
            Some(tokens) if tokens <= operators => Self { tokens, is_operators: false },
            _ => Self { tokens: operators, is_operators: true },
        }
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.is_operators { ", the operator's limit" } else { "" };
        write!(f, "{} tokens{whose}", self.tokens)
    }
}

impl Presentation {
    /// The level of detail that is wanted.
    pub(super) fn wanted(&self) -> Detail {
        if self.is_sample() && self.kind.rows().is_some() {
            // The file has the rest.
            return Detail::Concise;
        }
        self.projection.detail.unwrap_or(self.kind.detail(self.reader))
    }

    /// The level of detail of the rows in a file.
    pub(super) fn file_detail(&self) -> Detail {
        self.projection.detail.unwrap_or(self.kind.detail(Reader::Agent))
    }

    /// Whether the rows are the first ones of a file, which has them all.
    pub(super) fn is_sample(&self) -> bool {
        self.projection.export_to.is_some()
    }

    /// What is shown of one object.
    pub(super) fn row(&self, record: &Record, detail: Detail) -> Map<String, Value> {
        let Some(paths) = &self.projection.fields else { return record.at(detail) };
        let mut picked = Map::new();
        for part in paths.iter().filter_map(|path| record.pick(path, detail)) {
            pick::join(&mut picked, part);
        }
        picked
    }

    /// Says which of the chosen fields nothing in the result has.
    fn missing(&self, content: &Content, fields: &'static Fields) -> Option<String> {
        if self.is_sample() {
            return None;
        }
        let records = match content {
            Content::Object(record) => std::slice::from_ref(&**record),
            Content::Rows(rows) => rows.as_slice(),
            Content::None => &[],
        };
        let is_missing = |path: &&str| {
            let has_it = |record: &Record| record.pick(path, Detail::Concise).is_some();
            !records.is_empty() && !records.iter().any(has_it)
        };
        let paths = self.projection.fields.iter().flatten().map(String::as_str);
        let missing: Vec<&str> = paths.filter(is_missing).collect();
        let known = fields.names();
        let is_known = |name: &str| known.iter().any(|known| known == name);
        let slip = missing.iter().find(|path| !is_known(path.split('.').next().unwrap_or(path)));
        let near = slip.and_then(|slip| nearest(slip, known.iter().map(String::as_str)));
        let near = near.map(|near| format!("; did you mean {near}?"));
        (!missing.is_empty()).then(|| {
            format!("The result has no {}{}", missing.join(", "), near.as_deref().unwrap_or("."))
        })
    }

    /// What is shown of several.
    pub(super) fn rows(&self, records: &[Record], detail: Detail) -> Value {
        records.iter().map(|record| Value::Object(self.row(record, detail))).collect()
    }
}

/// The result as the agent reads it. What was made of large responses is rendered on a thread of its
/// own, so that other calls continue meanwhile.
///
/// # Errors
/// That thread failed.
pub(super) async fn apart(
    output: Output,
    tool: &'static Tool,
    presentation: Box<Presentation>,
    ctx: &Ctx,
) -> Result<Value, Error> {
    if ctx.last_response().bytes < LARGE {
        return Ok(render(output, tool, &presentation, ctx));
    }
    let ctx = ctx.clone();
    let rendering = tokio::task::spawn_blocking(move || render(output, tool, &presentation, &ctx));
    rendering.await.map_err(|_| Error::Internal("the thread that renders results failed"))
}

/// The result as the agent reads it.
fn render(mut output: Output, tool: &Tool, presentation: &Presentation, ctx: &Ctx) -> Value {
    let redactor = ctx.redactor();
    let cleaning = Cleaning::new(redactor, presentation.shows_secrets);
    match &mut output.content {
        Content::None => {}
        Content::Object(record) => cleaning.record(record),
        Content::Rows(rows) => rows.iter_mut().for_each(|row| cleaning.record(row)),
    }
    let Output { content, mut head, mut notes } = output;
    notes.extend(presentation.missing(&content, tool.fields));
    let success = head.shift_remove("success").unwrap_or(Value::Bool(true));
    let mut head = cleaned(head, ctx);
    let notes: Vec<String> = notes
        .iter()
        .map(|note| text::clean_text(&redactor.text(note), text::LIMIT).into_owned())
        .collect();
    if let Some(profile) = ctx.profile().filter(|_| !tool.effect.is_read()) {
        head.insert("profile".to_owned(), profile.into());
    }
    head.insert("success".to_owned(), success);
    for note in &notes {
        fit::note(&mut head, note);
    }
    if cleaning.hides_secret.get() {
        fit::note(&mut head, SECRETS_HIDDEN);
    }
    fit::fit(content, head, tool.result, presentation).into()
}

/// Takes secrets out of records, and makes safe what others wrote.
pub(super) struct Cleaning<'a> {
    redactor: &'a Redactor,
    shows_secrets: bool,
    /// Whether a secret was left out.
    hides_secret: Cell<bool>,
}

impl<'a> Cleaning<'a> {
    pub(super) fn new(redactor: &'a Redactor, shows_secrets: bool) -> Self {
        Self { redactor, shows_secrets, hides_secret: Cell::new(false) }
    }

    pub(super) fn record(&self, record: &mut Record) {
        let json = |value: &mut Value| {
            self.redactor.value(value);
            text::clean(value);
        };
        record.visit(&|string: &mut String, trust| self.string(string, trust), &json);
    }

    /// A text that is cut first could end in half a secret.
    fn string(&self, string: &mut String, trust: Trust) {
        if trust == Trust::Secret && self.shows_secrets {
            // It has the form of a secret; of the server's own key it must have nothing.
            replace(string, |string| self.redactor.without_known(string));
            return;
        }
        if trust == Trust::Secret && !string.is_empty() {
            self.hides_secret.set(true);
            text::SECRET.clone_into(string);
            return;
        }
        replace(string, |string| self.redactor.text(string));
        // Never cut where code relies on it whole. A character that nobody sees is no part of it.
        let limit = if trust == Trust::Text { text::LIMIT } else { usize::MAX };
        replace(string, |string| text::clean_text(string, limit));
    }
}

/// Most strings stay as they are, and aren't copied.
fn replace(string: &mut String, with: impl FnOnce(&str) -> Cow<'_, str>) {
    if let Some(changed) = text::changed(with(string)) {
        *string = changed;
    }
}

/// A result that this server composed whole.
pub(super) fn composed(result: Map<String, Value>, ctx: &Ctx) -> Value {
    cleaned(result, ctx).into()
}

fn cleaned(object: Map<String, Value>, ctx: &Ctx) -> Map<String, Value> {
    let mut value = Value::Object(object);
    ctx.redactor().value(&mut value);
    text::clean(&mut value);
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
