//! What the journal keeps of a write: what it changed, from what to what, and how it is taken back.

use clerk_api::SecretKey;
use serde_json::{Map, Value};

use super::{Call, consent::Inherited, record::Record};
use crate::{
    Ctx, Error,
    audit::Write,
    catalog::{
        self,
        changes::{keep, look, shown},
    },
    guard::Denial,
    journal::{Begin, End, FieldChange, Inverse, Journal, JournalError, State},
    metrics::metrics,
    text::marked,
    tool::{
        Output, Tool,
        bulk::BulkPreview,
        camel_case,
        changes::{at, is_nothing, is_same, note_after, whole_fields},
        param::{Place, Role},
        undo::{Opposite, Source, Undo},
    },
};

/// A change that is in the journal and not ended yet.
pub(super) struct Changing {
    journal: Journal,
    seq: i64,
    fields: Vec<FieldChange>,
    /// The object before the call, as agents see it, or why it isn't known.
    before: Result<Map<String, Value>, String>,
}

impl Call<'_> {
    /// Looks at what the call is about to change, and keeps it in the journal, if there is one.
    ///
    /// # Errors
    /// A [`Denial`] if the journal can't be written: then nothing is to be sent.
    pub(super) async fn begin_change(
        &self,
        record: &Record,
        arguments: &Map<String, Value>,
    ) -> Result<Option<Changing>, Error> {
        let leaves = !self.tool.effect.is_read() && !matches!(self.tool.undo, Undo::Nothing);
        let Some(journal) = self.ctx.journal().filter(|_| leaves) else { return Ok(None) };
        let ctx = self.ctx.clone().apart();
        let (before, kept) = self.server.working(&ctx, self.look_before(arguments, &ctx)).await?;
        let mut fields = match &before {
            Ok(before) => fields(self.tool, arguments, before),
            Err(_) => Vec::new(),
        };
        for key in fields.iter_mut().flat_map(|field| &mut field.path) {
            *key = ctx.redact(key);
        }
        let step = self.step.clone().unwrap_or_default();
        if let Some(field) = fields.iter().find(|field| step.is_outdated(field)) {
            return Err(changed_since(field));
        }
        let mut arguments = self.tool.masked(arguments);
        if let Ok(before) = &before {
            lasting(self.tool, &mut arguments, before);
        }
        let begin = Begin {
            part_of: step.part_of,
            undoes: step.undoes,
            partly: step.partly,
            arguments: without_secrets(arguments, &ctx),
            fields: fields.clone(),
            kept,
            ..begin(&record.write, &ctx)
        };
        let seq = journal.begin(begin).await.map_err(|error| unwritable(&error))?;
        Ok(Some(Changing { journal: journal.clone(), seq, fields, before }))
    }

    /// The fields that the call would change, from what to what, as far as Clerk shows them.
    ///
    /// # Errors
    /// The object can't be read.
    pub(super) async fn diff(
        &self,
        arguments: &Map<String, Value>,
    ) -> Result<Vec<FieldChange>, Error> {
        if !matches!(self.tool.undo, Undo::SetBack { .. }) {
            return Ok(Vec::new());
        }
        let ctx = self.ctx.clone().apart();
        let before = look(self.tool, arguments, &ctx).await?.unwrap_or_default();
        let mut fields = fields(self.tool, arguments, &before);
        note_after(&mut fields, arguments);
        Ok(fields)
    }

    /// The object before the call, or why it isn't known; and what is lost by the call.
    async fn look_before(
        &self,
        arguments: &Map<String, Value>,
        ctx: &Ctx,
    ) -> Result<(Result<Map<String, Value>, String>, Map<String, Value>), Error> {
        if let Undo::Gone { looks, .. } = self.tool.undo {
            return Ok((Ok(Map::new()), keep(looks, arguments, ctx).await));
        }
        let before = match look(self.tool, arguments, ctx).await {
            Ok(Some(object)) => Ok(object),
            Ok(None) if self.tool.undo.is_of_presence() => Ok(Map::new()),
            Ok(None) => Err("it was not found".to_owned()),
            Err(error) => Err(ctx.redact(&error.to_string())),
        };
        Ok((before, Map::new()))
    }

    /// Keeps a call on many objects in the journal: its steps are changes of their own, and parts of
    /// this one. Returns its number, if there is a journal.
    ///
    /// # Errors
    /// A [`Denial`] if the journal can't be written: then nothing is to be sent.
    pub(super) async fn begin_bulk_change(
        &self,
        record: &Record,
        plan: &BulkPreview,
    ) -> Result<Option<i64>, Error> {
        let is_empty = plan.due().next().is_none();
        let Some(journal) = self.ctx.journal().filter(|_| !is_empty) else { return Ok(None) };
        let seq = journal
            .begin(begin(&record.write, &self.ctx))
            .await
            .map_err(|error| unwritable(&error))?;
        let end = ended(State::Done, Inverse::None("its parts are taken back".to_owned()));
        journal.end(seq, end).await.map_err(|error| unwritable(&error))?;
        Ok(Some(seq))
    }
}

impl Changing {
    /// Keeps that nothing was sent.
    pub(super) async fn not_sent(self) {
        let why = Inverse::None("nothing was sent".to_owned());
        if let Err(error) = self.journal.end(self.seq, ended(State::Failed, why)).await {
            metrics().log_failed("journal");
            tracing::error!(%error, "the journal lacks the end of a change");
        }
    }

    /// Keeps how the call ended. Returns the number of the change, and a note if its end could not be
    /// kept.
    pub(super) async fn end(
        self,
        call: &Call<'_>,
        arguments: &Map<String, Value>,
        result: &Result<Output, Error>,
    ) -> (i64, Option<String>) {
        let Self { journal, seq, mut fields, before } = self;
        let unknown = before.as_ref().err().map(|error| {
            format!("It can't be undone: how it was before could not be read: {error}.")
        });
        let end = match result {
            Ok(output) => {
                let after = call.after(arguments, output, &fields).await;
                let is_known = matches!(after, Ok(Some(_)));
                note_after(&mut fields, &after.ok().flatten().unwrap_or_default());
                let inverse = match before {
                    Ok(before) => inverse(call, arguments, output, &before, &fields, is_known),
                    Err(error) => {
                        Inverse::None(format!("how it was before could not be read: {error}"))
                    }
                };
                let target = output.id().map(|id| call.ctx.redact(id));
                End { target, fields, ..ended(State::Done, inverse) }
            }
            // It stays in doubt, as it begins.
            Err(error) if error.may_have_changed() => return (seq, None),
            Err(_) => ended(State::Failed, Inverse::None("nothing was changed".to_owned())),
        };
        let note = journal.end(seq, end).await.err().map(|error| {
            metrics().log_failed("journal");
            tracing::error!(%error, "the journal lacks the end of a change");
            format!("It was done, but the journal of changes lacks its end: {error}.")
        });
        (seq, note.or(unknown))
    }
}

impl Call<'_> {
    /// The object after the call: what Clerk returned for it if that has all of the fields, else a
    /// second look.
    async fn after(
        &self,
        arguments: &Map<String, Value>,
        output: &Output,
        fields: &[FieldChange],
    ) -> Result<Option<Map<String, Value>>, Error> {
        let is_removed = || fields.iter().any(|field| field.before.is_some());
        if fields.is_empty() || (self.tool.undo.is_of_presence() && is_removed()) {
            return Ok(Some(Map::new()));
        }
        let undo = self.tool.undo;
        let object = output.record().map(|object| undo.in_place(shown(object, &self.ctx)));
        let has = |object: &Map<String, Value>| {
            fields
                .iter()
                .filter_map(|field| field.path.first())
                .all(|name| object.contains_key(name))
        };
        match object.filter(has) {
            Some(object) => Ok(Some(object)),
            None => look(self.tool, arguments, &self.ctx.clone().apart()).await,
        }
    }
}

/// Puts what lasts in the place of a name in the request's path that the call may change.
fn lasting(tool: &Tool, arguments: &mut Map<String, Value>, before: &Map<String, Value>) {
    let Undo::SetBack { elsewhere, .. } = tool.undo else { return };
    for (wire, _) in elsewhere {
        let Some(param) = tool.arguments().find(|param| param.wire == *wire) else { continue };
        if let Some(value) = before.get(&param.name()).filter(|_| param.place == Place::Path) {
            arguments.insert(param.name(), value.clone());
        }
    }
}

/// The fields that a call changes, with their values before.
fn fields(
    tool: &Tool,
    arguments: &Map<String, Value>,
    before: &Map<String, Value>,
) -> Vec<FieldChange> {
    match tool.undo {
        Undo::SetBack { fields, .. } => tool.changes(fields, arguments, before),
        undo if undo.is_of_presence() => {
            let given = tool
                .arguments()
                .filter(|param| param.place == Place::Body && param.role == Role::None);
            let names: Vec<&str> =
                std::iter::once("id").chain(given.map(|param| param.wire)).collect();
            whole_fields(&names, before)
        }
        Undo::By(Opposite { changes, .. }) => whole_fields(changes, before),
        Undo::Nothing | Undo::Never(_) | Undo::Gone { .. } => Vec::new(),
    }
}

/// How a call that was done is taken back.
fn inverse(
    call: &Call<'_>,
    arguments: &Map<String, Value>,
    output: &Output,
    before: &Map<String, Value>,
    fields: &[FieldChange],
    is_known: bool,
) -> Inverse {
    let none = |why: &str| Inverse::None(why.to_owned());
    let is_unchanged = !fields.is_empty() && fields.iter().all(|field| field.before == field.after);
    match call.tool.undo {
        Undo::Nothing => none("it changed nothing"),
        Undo::Never(why) | Undo::Gone { why, .. } => none(why.trim_end_matches('.')),
        _ if !is_known => none("how it is since then could not be read"),
        _ if is_unchanged => none("it changed nothing"),
        _ if !fields.is_empty() && fields.iter().all(FieldChange::is_hidden) => {
            none("what it was looks like a secret, so it isn't kept")
        }
        Undo::SetBack { .. } if fields.is_empty() => none("Clerk doesn't show what it was before"),
        Undo::SetBack { .. } => Inverse::SetBack,
        Undo::By(opposite) => {
            opposite_call(&opposite, call.tool, arguments, output, before, &call.ctx)
        }
    }
}

/// Whether a tool can't be called without an argument.
fn must_have(tool: &str, wire: &str) -> bool {
    let tool = catalog::all().find(|(_, row)| row.name == tool);
    let param = tool.and_then(|(_, row)| row.arguments().find(|param| param.wire == wire));
    param.is_none_or(|param| param.required)
}

/// The opposite call, if all of its arguments are known.
fn opposite_call(
    opposite: &Opposite,
    tool: &Tool,
    arguments: &Map<String, Value>,
    output: &Output,
    before: &Map<String, Value>,
    ctx: &Ctx,
) -> Inverse {
    let mut inverse = Map::new();
    for (wire, source) in opposite.arguments {
        let value = match source {
            Source::Argument(name) => tool.by_wire(name, arguments).cloned(),
            Source::Result(name) => output.record().and_then(|object| object.value(name)),
            Source::Before(path) => {
                let path: Vec<String> = path.split('.').map(camel_case).collect();
                at(before, &path).cloned()
            }
        };
        let Some(value) = value.filter(|value| !is_nothing(value)) else {
            if !must_have(opposite.tool, wire) {
                continue;
            }
            return Inverse::None(format!("Clerk didn't say which {wire} it had"));
        };
        inverse.insert(camel_case(wire), value);
    }
    let inverse = without_secrets(inverse, ctx);
    if inverse.values().any(marked) {
        return Inverse::None("what it was looks like a secret, so it isn't kept".to_owned());
    }
    Inverse::Call { tool: opposite.tool.to_owned(), arguments: inverse }
}

fn ended(state: State, inverse: Inverse) -> End {
    End { state, target: None, fields: Vec::new(), inverse }
}

/// The beginning of a change. What looks like a secret is taken out of all of it.
fn begin(write: &Write, ctx: &Ctx) -> Begin {
    let text = |text: &Option<String>| text.as_deref().map(|text| ctx.redact(text));
    Begin {
        tool: write.tool.clone(),
        key: ctx.key().map_or("none", SecretKey::kind).to_owned(),
        instance: write.instance.clone(),
        client: text(&write.client),
        who: write.principal.as_ref().map(|who| ctx.redact(&who.to_string())),
        session: ctx.session().map(str::to_owned),
        target: text(&write.target),
        reason: text(&write.reason),
        confirmation: write.confirmation.clone(),
        arguments: without_secrets(write.arguments.clone(), ctx),
        ..Begin::default()
    }
}

/// The values with a mark in the place of whatever looks like a secret.
fn without_secrets(values: Map<String, Value>, ctx: &Ctx) -> Map<String, Value> {
    let mut values = Value::Object(values);
    ctx.redactor().value(&mut values);
    match values {
        Value::Object(values) => values,
        _ => Map::new(),
    }
}

impl Inherited {
    /// Whether a field that the step sets back isn't any more what the person or agent was shown.
    fn is_outdated(&self, field: &FieldChange) -> bool {
        let expected = self.expects.iter().find(|(path, _)| *path == field.path);
        expected.is_some_and(|(_, value)| !is_same(value.as_ref(), field.before.as_ref()))
    }
}

fn changed_since(field: &FieldChange) -> Error {
    Denial::new(
        "changed_since",
        format!("somebody changed {} since it was looked at", field.name()),
        "Nothing was sent to Clerk. Preview the undo again.",
    )
    .into()
}

fn unwritable(error: &JournalError) -> Error {
    if let JournalError::Taken { .. } = error {
        let hint = "Nothing was sent to Clerk. clerk_list_changes shows its state.";
        return Denial::new("already_undone", error.to_string(), hint).into();
    }
    metrics().log_failed("journal");
    Denial::new(
        "journal_unwritable",
        format!("every write must be in the journal of changes first, and {error}"),
        "Nothing was sent to Clerk. Writes stay off until a person has fixed the journal; reads \
         still work.",
    )
    .into()
}
