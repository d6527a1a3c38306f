//! Checking a call's arguments against a tool's row: tolerant of the forms that models write,
//! strict in what is allowed at any depth, and with all errors reported at once.
//!
//! What a client adds is not the person's will: null is "left out", on a read so is `""`, and only
//! the argument `clear` clears what is there.

mod clear;
mod convert;
mod expected;
mod format;
mod level;
mod rules;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub(super) use self::{clear::clearable_names, expected::expected, rules::default_of};
use self::{
    convert::{alone, array, is_list_in_text, misfit, single, structure, within},
    expected::{shown, wanted},
    level::Level,
    rules::check_view,
};
use super::{
    ArgumentError, Tool, camel_case, is_camel_of, nearest,
    param::{Clear, Param, Role, Shape, Type},
};

/// How many characters of a refused value are shown.
const SHOWN: usize = 60;
/// Arguments that clients add on their own: n8n and Cursor do.
const ADDED: [&str; 3] = ["toolCallId", "_meta", "random_string"];

/// Arguments in the form that their row asks for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Checked {
    /// Under the names that agents know. What is cleared is there as null or empty.
    pub(crate) arguments: Map<String, Value>,
    /// What was ignored, as sentences for the reader of the result.
    pub(crate) notes: Vec<String>,
}

/// Brings `arguments` into the form that the row asks for, or reports all that is wrong with them.
///
/// `10.0` and `"10"` are 10, `"true"` is true, `["a"]` is `a` where one value is wanted, an object
/// may come as its JSON text, a list as an array, as its JSON text or with commas.
pub(super) fn check(
    tool: &'static Tool,
    mut arguments: Map<String, Value>,
) -> Result<Checked, Vec<ArgumentError>> {
    let mut check = Check { is_read: tool.effect.is_read(), ..Check::default() };
    arguments.retain(|name, _| !ADDED.contains(&name.as_str()) || tool.argument(name).is_some());
    check.take_clear(tool, &mut arguments);
    let level = Level { params: tool.arguments(), rules: tool.rules, open: false, is_top: true };
    let arguments = check.level(&level, arguments, "");
    if check.errors.is_empty() {
        check_view(tool, &arguments, &mut check.errors);
    }
    let notes = check.notes();
    if check.errors.is_empty() { Ok(Checked { arguments, notes }) } else { Err(check.errors) }
}

/// What a parameter makes of a value, if it takes it.
pub(super) fn converted(param: &'static Param, value: &Value) -> Option<Value> {
    let mut check = Check::default();
    check.convert(param, value, "").filter(|_| check.errors.is_empty())
}

/// A check under way. Arguments are named by their paths: `invitations[2].emailAddress`.
#[derive(Default)]
struct Check {
    is_read: bool,
    /// What is to be cleared.
    clear: Vec<String>,
    /// What came empty and was ignored.
    ignored: Vec<String>,
    /// What came as null and could have been cleared.
    kept: Vec<String>,
    errors: Vec<ArgumentError>,
}

impl Check {
    fn error(&mut self, at: impl Into<String>, problem: impl Into<String>) {
        self.errors.push(ArgumentError::new(at, problem));
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.ignored.is_empty() {
            notes.push(format!("Empty arguments were ignored: {}.", self.ignored.join(", ")));
        }
        if !self.kept.is_empty() {
            notes.push(format!(
                "Null leaves an argument out, so nothing was cleared: {}. To clear it, name it in \
                 `clear`.",
                self.kept.join(", ")
            ));
        }
        notes
    }

    /// Makes of `value` what the parameter asks for. `None` if it is wrong, or empty and ignored.
    fn convert(&mut self, param: &'static Param, value: &Value, at: &str) -> Option<Value> {
        // What a required object lacks is said by its own properties.
        let is_required_object = param.required && matches!(param.ty, Type::Object(_));
        if is_empty(param, value) && !(is_required_object && value.is_object()) {
            // The arguments of a tool that is run by its name: it may take none.
            if param.role == Role::Arguments {
                return None;
            }
            if self.is_read && !param.required {
                self.ignored.push(at.to_owned());
            } else {
                self.error(at, Self::empty(param, at));
            }
            return None;
        }
        match &param.ty {
            Type::Object(shape) => {
                let object = self.object_of(value, shape, at);
                if object.is_none() {
                    self.report(param, value, at);
                }
                // All that it held was null.
                object.filter(|object| shape.open || !object.is_empty()).map(Value::Object)
            }
            Type::Map { of, nulls, max } => self.map_of(param, value, at, of, *nulls, *max),
            Type::Objects { shape, min, max } => {
                self.objects_of(param, value, at, shape, (*min, *max))
            }
            _ => self.scalar(param, value, at),
        }
    }

    fn objects_of(
        &mut self,
        param: &'static Param,
        value: &Value,
        at: &str,
        shape: &'static Shape,
        (min, max): (u32, u32),
    ) -> Option<Value> {
        let items = array(value).filter(|items| within(items.len(), min, max));
        let Some(items) = items else {
            self.report(param, value, at);
            return None;
        };
        if items.is_empty() {
            self.error(at, Self::empty(param, at));
            return None;
        }
        let mut converted = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let at = format!("{at}[{index}]");
            let before = self.errors.len();
            match self.object_of(item, shape, &at) {
                Some(object) if object.is_empty() && self.errors.len() == before => {
                    self.error(at, "must not be empty: give its properties, or leave it out");
                }
                Some(object) => converted.push(Value::Object(object)),
                None => self.error(at, "must be a JSON object"),
            }
        }
        Some(converted.into())
    }

    /// An object, or its JSON text, whose values are of one type.
    fn map_of(
        &mut self,
        param: &'static Param,
        value: &Value,
        at: &str,
        of: &'static Type,
        nulls: bool,
        max: u32,
    ) -> Option<Value> {
        let Some(Value::Object(members)) = structure(value) else {
            self.report(param, value, at);
            return None;
        };
        if !within(members.len(), 0, max) {
            self.error(at, format!("has {} members: at most {max} are allowed", members.len()));
        }
        let mut converted = Map::new();
        for (name, value) in members {
            let item = if value.is_string() { single(of, &value) } else { None };
            if let Some(item) = item.or_else(|| (nulls && value.is_null()).then_some(Value::Null)) {
                converted.insert(name, item);
                continue;
            }
            let or_null = if nulls { ", or null to remove it" } else { "" };
            let problem = format!("must be {}{or_null}{}", expected(of), shown(&value));
            self.error(join(at, &name), problem);
        }
        Some(converted.into())
    }

    fn scalar(&mut self, param: &'static Param, value: &Value, at: &str) -> Option<Value> {
        let ty = &param.ty;
        if matches!(ty, Type::Text { .. }) && !param.secret && is_list_in_text(value) {
            let problem = "is a JSON list in a text: give the text alone";
            self.error(at, problem);
            return None;
        }
        let value = alone(ty, value);
        if let Some(converted) = single(ty, &value) {
            if matches!(&converted, Value::Array(items) if items.is_empty()) {
                // Sent as it is, an empty filter would match everybody.
                self.error(at, Self::empty(param, at));
                return None;
            }
            if converted.as_str().is_some_and(|id| !expected::is_whole(param, id)) {
                self.report(param, &value, at);
                return None;
            }
            return Some(converted);
        }
        match misfit(ty, &value) {
            Some((item, of)) => {
                self.error(at, format!("has {item}, which must be {}", expected(of)));
            }
            None => self.report(param, &value, at),
        }
        None
    }

    /// An object, or its JSON text, with its properties checked. `None` if it is neither.
    fn object_of(
        &mut self,
        value: &Value,
        shape: &'static Shape,
        at: &str,
    ) -> Option<Map<String, Value>> {
        let Value::Object(properties) = structure(value)? else { return None };
        Some(self.level(&Level::of(shape), properties, at))
    }

    fn report(&mut self, param: &Param, value: &Value, at: &str) {
        let shown = if param.secret { String::new() } else { shown(value) };
        let mut error = ArgumentError::new(at, format!("must be {}{shown}", wanted(param)));
        let is_address = value.as_str().is_some_and(|text| text.contains('@'));
        if matches!(param.ty, Type::Id { .. }) && is_address {
            error.find = Some("{clerk_list_users} finds users by emailAddress.");
        }
        self.errors.push(error);
    }

    fn empty(param: &Param, at: &str) -> String {
        let or_clear = match param.clear {
            Clear::Never => String::new(),
            Clear::Null | Clear::Empty => format!(", or clear it with `clear`: [\"{at}\"]"),
        };
        let leave_out =
            if param.required { "give a value" } else { "leave it out or give a value" };
        format!("must not be empty: {leave_out}{or_clear}")
    }
}

/// Whether a value holds nothing: a blank text, or an object without properties.
fn is_empty(param: &Param, value: &Value) -> bool {
    let is_object =
        matches!(param.ty, Type::Object(_) | Type::Metadata { .. } | Type::Json | Type::Map { .. });
    let is_blank = matches!(value, Value::String(text) if text.trim().is_empty());
    is_blank
        || is_object
            && structure(value).is_some_and(|value| value.as_object().is_some_and(Map::is_empty))
}

/// The path of a property of what is at `path`.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
