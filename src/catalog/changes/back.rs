//! Taking changes back: what would be set back, and what somebody else changed since.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{MOST, instance, journal, line, look, seqs, session, tool, unread};
use crate::{
    Ctx, Error,
    journal::{Change, FieldChange, Filter, Inverse, State, change_id},
    text::marked,
    tool::{
        Tool,
        bulk::{BulkPreview, Step, TakenBack},
        changes::{at, is_nothing, is_same, put},
        param::{Clear, Param, Place, Role, Shape, Type},
        undo::Look,
        values::{List, typed},
    },
};

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UndoChanges {
    change_ids: Option<List>,
    session: Option<String>,
    overwrite: Option<bool>,
    #[serde(rename = "dryRun")]
    _dry_run: Option<bool>,
}

/// The objects that changes are about, as they will be when the steps planned so far are done: one
/// change after another is taken back from the same object.
struct Objects<'a> {
    ctx: &'a Ctx,
    known: HashMap<String, Result<Map<String, Value>, String>>,
    /// Those that a step planned so far makes or removes.
    remade: HashSet<String>,
}

/// What taking a change back comes to.
#[derive(Debug, Default)]
struct Back {
    arguments: Map<String, Value>,
    /// What is set back, in lines.
    sets_back: Vec<String>,
    /// What isn't, each with the reason.
    left_alone: Vec<String>,
    /// Whether somebody else changed some of it since, which is left alone.
    partly: bool,
    /// What the fields that are set back must be when it is sent, as they are now.
    expects: Vec<(Vec<String>, Option<Value>)>,
}

/// What would be done to take changes back, the newest first.
pub(super) async fn plan(arguments: Map<String, Value>, ctx: Ctx) -> Result<BulkPreview, Error> {
    let wanted: UndoChanges = typed(arguments)?;
    let numbers = wanted.change_ids.as_ref().map(seqs).transpose()?;
    let filter = Filter {
        instance: instance(&ctx)?,
        holds: numbers.is_none(),
        seqs: numbers.clone(),
        session: session(wanted.session, &ctx)?,
        ..Filter::default()
    };
    let page = journal(&ctx)?.page(filter, MOST as u64, 0).await.map_err(|error| unread(&error))?;
    let (mut changes, total) = page;
    let parents: HashSet<i64> = changes.iter().filter_map(|change| change.begin.part_of).collect();
    let found: HashSet<i64> = changes.iter().map(|change| change.seq).collect();
    // A bulk call itself changed nothing but by its steps.
    changes.retain(|change| !parents.contains(&change.seq));
    let more = total.saturating_sub(MOST as u64);
    let mut preview = BulkPreview { more, ..BulkPreview::default() };
    let mut objects = Objects { ctx: &ctx, known: HashMap::new(), remade: HashSet::new() };
    for change in &changes {
        preview.steps.push(step(change, wanted.overwrite == Some(true), &mut objects).await?);
    }
    for seq in numbers.into_iter().flatten().filter(|seq| !found.contains(seq)) {
        preview
            .steps
            .push(skipped(&change_id(seq), "the journal has no such change of this instance"));
    }
    Ok(preview)
}

async fn step(change: &Change, overwrites: bool, objects: &mut Objects<'_>) -> Result<Step, Error> {
    let id = change_id(change.seq);
    let target = change.end.target.as_deref().or(change.begin.target.as_deref());
    let name = match target {
        Some(target) => format!("{} of {target}", change.begin.tool),
        None => change.begin.tool.clone(),
    };
    let tools = (tool(&change.begin.tool), opposite(change));
    let (made, back) = match objects.why_not(change).await? {
        Some(why) => return Ok(Step { name: Some(name), ..skipped(&id, why) }),
        None => match tools {
            (Some(own), Ok(opposite)) => (opposite, objects.back(own, change, overwrites).await),
            (_, Err(why)) => return Ok(Step { name: Some(name), ..skipped(&id, why) }),
            (None, _) => {
                let why = "this version of clerk-mcp has no such tool".to_owned();
                return Ok(Step { name: Some(name), ..skipped(&id, why) });
            }
        },
    };
    let Back { arguments, sets_back, left_alone, partly, expects } = match back {
        Ok(back) => back,
        Err(why) => return Ok(Step { name: Some(name), ..skipped(&id, why) }),
    };
    let why = if left_alone.is_empty() {
        "it is as it was before already"
    } else {
        "nothing of it can be set back"
    };
    let skip = sets_back.is_empty().then(|| why.to_owned());
    let of = TakenBack { change: change.seq, sets_back, left_alone, partly, expects };
    Ok(Step {
        id,
        name: Some(name),
        is_known_by_name: true,
        tool: made,
        arguments,
        skip,
        takes_back: Some(of),
    })
}

fn skipped(id: &str, why: impl Into<String>) -> Step {
    Step {
        id: id.to_owned(),
        name: None,
        is_known_by_name: true,
        tool: super::UNDO_ROW,
        arguments: Map::new(),
        skip: Some(why.into()),
        takes_back: None,
    }
}

/// The tool that takes a change back.
fn opposite(change: &Change) -> Result<&'static Tool, String> {
    let name = match &change.end.inverse {
        Inverse::SetBack => &change.begin.tool,
        Inverse::Call { tool, .. } => tool,
        Inverse::None(why) => return Err(why.clone()),
    };
    tool(name).ok_or_else(|| format!("this version of clerk-mcp has no tool {name}"))
}

impl Objects<'_> {
    /// Why a change isn't taken back, whatever the object is now.
    async fn why_not(&self, change: &Change) -> Result<Option<String>, Error> {
        Ok(match change.end.state {
            State::Failed => Some("nothing was changed".to_owned()),
            State::InDoubt => Some(
                "it isn't known whether it happened: look at the object, and set it right by hand"
                    .to_owned(),
            ),
            State::Done => match change.undone_by {
                None => None,
                Some(by) => {
                    let back = journal(self.ctx)?.get(by).await.map_err(|error| unread(&error))?;
                    let holds = back.is_none_or(|back| back.undone_by.is_none());
                    holds.then(|| format!("{} took it back already", change_id(by)))
                }
            },
        })
    }

    /// What taking a change back comes to.
    ///
    /// # Errors
    /// It can't be, for a reason in words.
    async fn back(
        &mut self,
        own: &'static Tool,
        change: &Change,
        overwrites: bool,
    ) -> Result<Back, String> {
        let mut back = Back { left_alone: not_shown(own, change), ..Back::default() };
        let (sets_fields, arguments) = match &change.end.inverse {
            Inverse::Call { arguments, .. } => (false, arguments.clone()),
            _ => (true, in_path(own, &change.begin.arguments)),
        };
        back.arguments = arguments;
        if change.end.fields.is_empty() {
            // What creates or removes an object has no fields: whether it is there, Clerk says.
            if let Inverse::Call { tool, .. } = &change.end.inverse {
                back.sets_back.push(format!("by {tool}"));
            }
            return Ok(back);
        }
        let current = self.current(own, change).await?;
        let due = due(&change.end.fields, current, overwrites, &mut back);
        if !sets_fields && !back.left_alone.is_empty() {
            // The opposite call sets all of them.
            return Ok(back);
        }
        for (field, now) in due {
            if sets_fields && !set(own, field, &mut back.arguments) {
                let why = "Clerk has no way to clear it";
                back.left_alone.push(format!("{}: it had no value, and {why}", field.name()));
                continue;
            }
            put(current, &field.path, field.before.clone());
            match &change.end.inverse {
                Inverse::Call { tool, .. } if own.undo.is_of_presence() => {
                    back.sets_back = vec![format!("by {tool}")];
                }
                _ => back.sets_back.push(line(&field.name(), now.as_ref(), field.before.as_ref())),
            }
            back.expects.push((field.path.clone(), now));
        }
        // An object that a step before makes again has an ID that nobody knows yet.
        if own.undo.is_of_presence() && !self.remade.insert(object_key(own, change)) {
            back.expects.clear();
        }
        Ok(back)
    }

    /// The object of a change as it is now, or will be when the steps before are done.
    async fn current(
        &mut self,
        own: &'static Tool,
        change: &Change,
    ) -> Result<&mut Map<String, Value>, String> {
        let key = object_key(own, change);
        if !self.known.contains_key(&key) {
            let looked = look::look(own, &change.begin.arguments, self.ctx).await;
            let looked = match looked {
                Ok(Some(object)) => Ok(object),
                Ok(None) if own.undo.is_of_presence() => Ok(Map::new()),
                Ok(None) => Err("it isn't there any more".to_owned()),
                Err(error) => {
                    let error = self.ctx.redact(&error.to_string());
                    Err(format!("how it is now can't be read: {error}"))
                }
            };
            self.known.insert(key.clone(), looked);
        }
        match self.known.get_mut(&key) {
            Some(Ok(object)) => Ok(object),
            Some(Err(why)) => Err(why.clone()),
            None => Err("how it is now isn't known".to_owned()),
        }
    }
}

/// Tells objects apart, by how they are read.
fn object_key(own: &Tool, change: &Change) -> String {
    let reader = look::reader(look::of(own));
    let asked = reader.map(|tool| look::arguments_for(tool, &change.begin.arguments));
    let row = match look::of(own) {
        Look::Row { argument, .. } => own.by_wire(argument, &change.begin.arguments),
        _ => None,
    };
    let key = (reader.map(|tool| tool.name), asked, row);
    serde_json::to_string(&key).unwrap_or_default()
}

/// The arguments that say which object it is.
fn in_path(tool: &Tool, arguments: &Map<String, Value>) -> Map<String, Value> {
    let names = tool.arguments().filter(|param| param.place == Place::Path);
    let given = names.filter_map(|param| {
        let name = param.name();
        Some((name.clone(), arguments.get(&name)?.clone()))
    });
    given.collect()
}

/// The fields that are to be set back, each with its value now. What isn't is named, with the reason.
fn due<'a>(
    fields: &'a [FieldChange],
    current: &Map<String, Value>,
    overwrites: bool,
    back: &mut Back,
) -> Vec<(&'a FieldChange, Option<Value>)> {
    let mut due = Vec::new();
    for field in fields {
        let now = at(current, &field.path);
        if field.is_hidden() || now.is_some_and(marked) {
            let why = "it looks like a secret, so it isn't kept";
            back.left_alone.push(format!("{}: {why}", field.name()));
        } else if is_same(now, field.before.as_ref()) {
        } else if (is_same(now, field.after.as_ref()) && holds(current, &field.path)) || overwrites
        {
            due.push((field, now.cloned()));
        } else {
            let line = line(&field.name(), field.after.as_ref(), now);
            back.left_alone.push(format!("{line}: somebody changed it since"));
            back.partly = true;
        }
    }
    due
}

/// Whether what a key of metadata is in is there still: if not, somebody removed it since.
fn holds(object: &Map<String, Value>, path: &[String]) -> bool {
    match path {
        [_, .., _] if path.len() > 2 => path
            .split_last()
            .is_some_and(|(_, above)| at(object, above).is_some_and(Value::is_object)),
        _ => true,
    }
}

/// The arguments of a change that aren't set back, because Clerk doesn't show what they were.
fn not_shown(tool: &Tool, change: &Change) -> Vec<String> {
    if !matches!(change.end.inverse, Inverse::SetBack) {
        return Vec::new();
    }
    let given = tool.arguments().filter(|param| {
        param.role == Role::None
            && param.place == Place::Body
            && change.begin.arguments.contains_key(&param.name())
    });
    let names = given.flat_map(|param| set_by(param, &change.begin.arguments));
    let lost =
        names.filter(|path| !change.end.fields.iter().any(|field| field.path.starts_with(path)));
    lost.map(|path| format!("{}: Clerk doesn't show what it was", path.join("."))).collect()
}

/// What an argument sets: itself, or each property that is given of an object.
fn set_by(param: &Param, arguments: &Map<String, Value>) -> Vec<Vec<String>> {
    let name = param.name();
    match (param.ty, arguments.get(&name)) {
        (Type::Object(_), Some(Value::Object(given))) => {
            given.keys().map(|part| vec![name.clone(), part.clone()]).collect()
        }
        _ => vec![vec![name]],
    }
}

/// Adds a field to the arguments that set it back; whether it can be set back.
fn set(tool: &Tool, field: &FieldChange, arguments: &mut Map<String, Value>) -> bool {
    let Some((name, below)) = field.path.split_first() else { return false };
    let Some(param) = tool.argument(name) else { return false };
    let (param, is_key) = match (param.ty, below) {
        (_, []) => (Some(param), false),
        (Type::Object(shape), [name]) => {
            (shape.params().find(|param| param.name() == *name), false)
        }
        _ => (Some(param), true),
    };
    let Some(param) = param else { return false };
    if is_key {
        // A key of metadata that is merged: null removes it.
        put(arguments, &field.path, Some(field.before.clone().unwrap_or(Value::Null)));
        return true;
    }
    let before = field.before.clone().map(|before| taken(param.ty, before));
    if let Some(before) = before.filter(|before| !is_nothing(before)) {
        put(arguments, &field.path, Some(before));
        return true;
    }
    if param.clear != Clear::Never {
        let cleared = arguments.entry("clear").or_insert_with(|| Value::Array(Vec::new()));
        if let Some(cleared) = cleared.as_array_mut() {
            cleared.push(field.name().into());
        }
        return true;
    }
    false
}

/// What an argument takes of a value that a field shows: objects show more than that.
fn taken(ty: Type, value: Value) -> Value {
    let of = |shape: &'static Shape, mut members: Map<String, Value>| {
        members.retain(|name, value| {
            !value.is_null() && shape.params().any(|param| param.name() == *name)
        });
        Value::Object(members)
    };
    match (ty, value) {
        (Type::Object(shape), Value::Object(members)) => of(shape, members),
        (Type::Objects { shape, .. }, Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::Object(members) => of(shape, members),
                item => item,
            })
            .collect(),
        (_, value) => value,
    }
}
