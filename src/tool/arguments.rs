//! Checking a call's arguments against a tool's row: tolerant of the forms that models write,
//! strict in what is allowed at any depth, and with all errors reported at once.

use serde_json::{Map, Number, Value};

use super::{
    ArgumentError, Tool, camel_case,
    date::Date,
    is_camel_of,
    kind::Kind,
    nearest,
    param::{Format, Literal, Param, Relation, Role, Rule, Shape, Type},
    snake_case,
};
use clerk_api::Id;

/// How many characters of a refused value are shown.
const SHOWN: usize = 60;
const EMPTY: &str = "must not be empty: leave it out or give a value";

/// Brings `arguments` into the form that the row asks for, or reports all that is wrong with them.
///
/// `10.0` and `"10"` are 10, `"true"` is true, an object may come as its JSON text, a list as an
/// array, as its JSON text or with commas. Null means absent, except in a tool with arguments that
/// null clears: there it would be unclear what was meant.
pub(super) fn check(
    tool: &'static Tool,
    arguments: Map<String, Value>,
) -> Result<Map<String, Value>, Vec<ArgumentError>> {
    let mut errors = Vec::new();
    let level = Level { params: tool.arguments(), rules: tool.rules, open: false, is_top: true };
    let checked = level.check(arguments, "", &mut errors);
    if errors.is_empty() {
        check_view(tool, &checked, &mut errors);
    }
    if errors.is_empty() { Ok(checked) } else { Err(errors) }
}

/// The arguments of a call, or the properties of one object in them.
struct Level<P> {
    params: P,
    rules: &'static [Rule],
    /// Whether unknown names are passed on.
    open: bool,
    is_top: bool,
}

impl<P: Iterator<Item = &'static Param> + Clone> Level<P> {
    fn check(
        &self,
        arguments: Map<String, Value>,
        path: &str,
        errors: &mut Vec<ArgumentError>,
    ) -> Map<String, Value> {
        let before = errors.len();
        let null_clears = self.params.clone().any(|param| param.clearable);
        let mut checked = Map::new();
        for (name, value) in arguments {
            let Some(param) = self.find(&name) else {
                if self.open {
                    checked.insert(name, value);
                } else {
                    errors.push(ArgumentError::new(join(path, &name), self.unknown(&name)));
                }
                continue;
            };
            let at = join(path, &param.name());
            if value.is_null() && !param.clearable {
                if null_clears {
                    let problem = "can't be cleared with null: leave it out to keep what it is";
                    errors.push(ArgumentError::new(at, problem));
                }
                continue;
            }
            if let Some(value) = convert(param, &value, &at, errors) {
                checked.insert(param.name(), value);
            }
        }
        for param in self.params.clone().filter(|param| param.required) {
            let at = join(path, &param.name());
            let is_reported = errors.iter().skip(before).any(|error| error.argument == at);
            if !checked.contains_key(&param.name()) && !is_reported {
                let problem = format!("is missing: it must be {}", expected(&param.ty));
                errors.push(ArgumentError::new(at, problem));
            }
        }
        let reported: Vec<String> =
            errors.iter().skip(before).map(|error| error.argument.clone()).collect();
        let is_given = |wire: &str| {
            let name = camel_case(wire);
            checked.contains_key(&name) || reported.contains(&join(path, &name))
        };
        for rule in self.rules {
            let is_required =
                |wire: &str| self.params.clone().any(|param| param.wire == wire && param.required);
            let wires = self.params.clone().map(|param| param.wire);
            if let Some((wire, problem)) = rule.broken(wires, is_given, is_required) {
                errors.push(ArgumentError::new(join(path, &camel_case(wire)), problem));
            }
        }
        checked
    }

    /// The parameter of a name. In nested objects Clerk's own spelling is understood too.
    fn find(&self, name: &str) -> Option<&'static Param> {
        let mut params = self.params.clone();
        params.find(|param| is_camel_of(param.wire, name) || (!self.is_top && param.wire == name))
    }

    fn unknown(&self, name: &str) -> String {
        if self.is_top && name == "secretKey" {
            return "isn't an argument: the server takes its key from its own configuration"
                .to_owned();
        }
        let what =
            if self.is_top { "an argument of this tool" } else { "a property of this object" };
        let takes = if self.is_top { "it takes" } else { "it has" };
        let known: Vec<String> = self.params.clone().map(Param::name).collect();
        let end = name.to_lowercase();
        let ends: Vec<&str> = known
            .iter()
            .map(String::as_str)
            .filter(|known| known.to_lowercase().ends_with(&end))
            .collect();
        if ends.len() > 1 {
            return format!("isn't {what}: did you mean `{}`?", ends.join("` or `"));
        }
        match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("isn't {what}: did you mean `{near}`?"),
            None if known.is_empty() => format!("isn't {what}: it takes none"),
            None => format!("isn't {what}; {takes} {}", known.join(", ")),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Makes of `value` what the parameter asks for. What is wrong with it goes into `errors`.
fn convert(
    param: &'static Param,
    value: &Value,
    at: &str,
    errors: &mut Vec<ArgumentError>,
) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    if is_blank(value) {
        let or_null = if param.clearable { ", or null to clear it" } else { "" };
        errors.push(ArgumentError::new(at, format!("{EMPTY}{or_null}")));
        return None;
    }
    let shown = if param.secret { String::new() } else { shown(value) };
    match &param.ty {
        Type::Object(shape) => object_of(value, shape, at, errors).or_else(|| {
            report(&param.ty, &shown, at, errors);
            None
        }),
        Type::Objects { shape, min, max } => {
            let items = array(value).filter(|items| {
                within(items.len(), *min, *max) && items.iter().all(Value::is_object)
            });
            let Some(items) = items else {
                report(&param.ty, &shown, at, errors);
                return None;
            };
            if items.is_empty() {
                errors.push(ArgumentError::new(at, EMPTY));
                return None;
            }
            let converted = items.into_iter().enumerate().filter_map(|(index, item)| {
                object_of(&item, shape, &format!("{at}[{index}]"), errors)
            });
            Some(Value::Array(converted.collect()))
        }
        ty => {
            if let Some(converted) = single(ty, value) {
                if matches!(&converted, Value::Array(items) if items.is_empty()) {
                    // Sent as it is, an empty filter would match everybody.
                    errors.push(ArgumentError::new(at, EMPTY));
                    return None;
                }
                return Some(converted);
            }
            let find = match (ty, value.as_str()) {
                (Type::Id { .. }, Some(text)) if text.contains('@') => {
                    "; clerk_list_users finds users by emailAddress"
                }
                _ => "",
            };
            match misfit(ty, value) {
                Some((item, of)) => {
                    let problem = format!("has {item}, which must be {}", expected(of));
                    errors.push(ArgumentError::new(at, problem));
                }
                None => report(ty, &format!("{shown}{find}"), at, errors),
            }
            None
        }
    }
}

fn report(ty: &Type, shown: &str, at: &str, errors: &mut Vec<ArgumentError>) {
    errors.push(ArgumentError::new(at, format!("must be {}{shown}", expected(ty))));
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.trim().is_empty())
}

/// An object, or its JSON text, with its properties checked. `None` if it is neither.
fn object_of(
    value: &Value,
    shape: &'static Shape,
    at: &str,
    errors: &mut Vec<ArgumentError>,
) -> Option<Value> {
    let Value::Object(properties) = structure(value)? else { return None };
    let level =
        Level { params: shape.params(), rules: shape.rules, open: shape.open, is_top: false };
    Some(Value::Object(level.check(properties, at, errors)))
}

/// A scalar value, in the form that its type asks for.
fn single(ty: &Type, value: &Value) -> Option<Value> {
    match ty {
        Type::Integer { min, max } => integer(value)
            .filter(|number| number.as_i64().is_some_and(|it| (*min..=*max).contains(&it))),
        Type::Bool => boolean(value),
        Type::Metadata { .. } | Type::Json => structure(value),
        Type::List { of, max } => list(of, *max, value),
        Type::FieldNames => list(&super::param::TEXT, 100, value),
        Type::Choice(choices) => {
            let word = text(value)?;
            spelled(word.trim(), |word| choices.contains(&word))
        }
        Type::Order(fields) => {
            let word = text(value)?;
            spelled(word.trim(), |word| fields.contains(&word.trim_start_matches(['+', '-'])))
                .filter(|order| order.as_str().is_some_and(|it| !it.starts_with("--")))
        }
        Type::Id { kinds, .. } => text(value).filter(|id| is_id(id, kinds)).map(Value::String),
        Type::Email { relation: Relation::Target } => {
            text(value).filter(|text| is_address(text)).map(Value::String)
        }
        // Of others Clerk itself judges the form.
        Type::Email { .. } | Type::Phone { .. } => text(value).map(Value::String),
        Type::Text { min, max, format } => text(value)
            .filter(|text| within(text.chars().count(), *min, *max) && format.holds(text))
            .map(Value::String),
        Type::Time => text(value).filter(|text| Date::parse(text).is_some()).map(Value::String),
        Type::Object(_) | Type::Objects { .. } => None,
    }
}

fn within(size: usize, min: u32, max: u32) -> bool {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    (min..=max).contains(&size)
}

/// Whether a string can be an id of one of these kinds: fit for a path, and not with the prefix of
/// another kind.
fn is_id(id: &str, kinds: &[Kind]) -> bool {
    let has_own_prefix = kinds.iter().any(|kind| kind.has_prefix());
    let other = Kind::of_prefix(id).filter(|kind| has_own_prefix && !kinds.contains(kind));
    // A sign before an id is Clerk's way to leave its object out.
    Id::parse(id).is_ok() && !id.starts_with('-') && other.is_none()
}

/// Whether a string is one email address.
fn is_address(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.contains(|letter: char| letter.is_whitespace() || ",@".contains(letter))
    };
    text.split_once('@').is_some_and(|(local, domain)| is_part(local) && is_part(domain))
}

/// A word in the spelling that fits, if it was written in the other one.
fn spelled(word: &str, fits: impl Fn(&str) -> bool) -> Option<Value> {
    let spellings = [word.to_owned(), snake_case(word), camel_case(word), word.to_lowercase()];
    spellings.into_iter().find(|spelling| fits(spelling)).map(Value::String)
}

fn integer(value: &Value) -> Option<Value> {
    let number = as_number(value)?;
    if number.is_i64() {
        return Some(number.into());
    }
    let float = number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15)?;
    #[expect(clippy::cast_possible_truncation, reason = "whole and well within an i64")]
    Some(Number::from(float as i64).into())
}

fn as_number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse::<bool>().ok().map(Value::Bool),
        _ => None,
    }
}

fn structure(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object),
        _ => None,
    }
}

fn array(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn list(of: &Type, max: u32, value: &Value) -> Option<Value> {
    let given = list_items(value)?;
    let converted: Option<Vec<Value>> = given.iter().map(|item| item_of(of, item)).collect();
    converted.filter(|items| within(items.len(), 0, max)).map(Value::Array)
}

/// The values of a list in any of its forms, trimmed and without those that are blank.
fn list_items(value: &Value) -> Option<Vec<Value>> {
    let is_json = matches!(value, Value::String(text) if text.trim_start().starts_with('['));
    let items: Vec<Value> = match value {
        Value::Array(items) => items.clone(),
        value if is_json => array(value)?,
        value => text(value)?.split(',').map(Value::from).collect(),
    };
    let trimmed = items.into_iter().map(|item| match item {
        Value::String(text) => Value::String(text.trim().to_owned()),
        item => item,
    });
    Some(trimmed.filter(|item| !is_blank(item)).collect())
}

/// The first value of a list that isn't what the list holds, if it is one of the right length.
fn misfit<'t>(ty: &'t Type, value: &Value) -> Option<(Value, &'t Type)> {
    let Type::List { of, max } = ty else { return None };
    let items = list_items(value)?;
    let misfit = items.iter().find(|item| item_of(of, item).is_none())?;
    let is_short = within(items.len(), 0, *max) && (misfit.is_string() || misfit.is_number());
    is_short.then(|| (misfit.clone(), *of))
}

/// One value of a list. Clerk reads a sign before an id or an address as "with" or "without".
fn item_of(of: &Type, item: &Value) -> Option<Value> {
    match of {
        Type::Id { relation: Relation::Filter, .. } => text(item).map(Value::String),
        of => single(of, item),
    }
}

impl Format {
    fn holds(self, text: &str) -> bool {
        match self {
            Self::Any | Self::RoleKey => true,
            Self::MetadataPath => text.split_once('.').is_some_and(|(kind, path)| {
                let kind = kind.strip_suffix("Metadata").unwrap_or(kind);
                ["public", "private", "unsafe"].contains(&kind) && !path.is_empty()
            }),
            Self::Slug => text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        }
    }

    /// What such a string is, for error messages; empty for any string.
    const fn words(self) -> &'static str {
        match self {
            Self::Any | Self::RoleKey => "",
            Self::MetadataPath => "a path into metadata such as public.plan",
            Self::Slug => "lowercase letters, digits and -",
        }
    }
}

/// What a type asks for, in words.
fn expected(ty: &Type) -> String {
    match ty {
        Type::Id { kinds, .. } => match kinds {
            [kind] if kind.has_prefix() => {
                format!("{}'s id of letters, digits, `_`, `-` and `:`", kind.noun())
            }
            _ => "an id of letters, digits, `_`, `-` and `:`".to_owned(),
        },
        Type::Email { .. } => "an email address".to_owned(),
        Type::Phone { .. } => "a phone number such as +15550100".to_owned(),
        Type::Text { min, max, format } => match (format.words(), range(u64::from(*min), of(*max)))
        {
            ("", limits) if limits.is_empty() => "text".to_owned(),
            ("", limits) => format!("text{limits} characters"),
            (words, _) => words.to_owned(),
        },
        Type::Choice(choices) => format!("one of {}", choices.join(", ")),
        Type::Order(fields) => {
            format!("one of {}, with + before it to ascend or - to descend", fields.join(", "))
        }
        Type::Integer { min, max } => format!("a whole number{}", integer_range(*min, *max)),
        Type::Bool => "true or false".to_owned(),
        Type::Time => "a date such as 2026-01-31, or Unix milliseconds".to_owned(),
        Type::List { max, .. } => {
            format!("a list of at most {max} texts, as an array or with commas between them")
        }
        Type::FieldNames => {
            "a list of at most 100 texts, as an array or with commas between them".to_owned()
        }
        Type::Object(_) | Type::Metadata { .. } | Type::Json => "a JSON object".to_owned(),
        Type::Objects { max, .. } => match of(*max) {
            Some(most) => format!("a list of at most {most} JSON objects"),
            None => "a list of JSON objects".to_owned(),
        },
    }
}

/// A limit on a size, if it is one.
const fn of(max: u32) -> Option<u64> {
    if max == u32::MAX { None } else { Some(max as u64) }
}

fn range(min: u64, max: Option<u64>) -> String {
    match (min, max) {
        (0, None) => String::new(),
        (0, Some(max)) => format!(" of at most {max}"),
        (min, None) => format!(" of at least {min}"),
        (min, Some(max)) => format!(" from {min} to {max}"),
    }
}

fn integer_range(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, i64::MAX) => String::new(),
        (i64::MIN, max) => format!(" of at most {max}"),
        (min, i64::MAX) => format!(" of at least {min}"),
        (min, max) => format!(" from {min} to {max}"),
    }
}

/// The refused value, cut.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        None => format!(", not {text}"),
        Some((end, _)) => format!(", not {}…", text.get(..end).unwrap_or_default()),
    }
}

impl Rule {
    /// The argument to complain of, and what is wrong, if the rule does not hold.
    fn broken(
        self,
        wires: impl Iterator<Item = &'static str>,
        is_given: impl Fn(&str) -> bool,
        is_required: impl Fn(&str) -> bool,
    ) -> Option<(&'static str, String)> {
        let or = |names: &[&str]| {
            names.iter().map(|name| camel_case(name)).collect::<Vec<_>>().join(" or ")
        };
        let count = |names: &[&str]| names.iter().filter(|name| is_given(name)).count();
        match self {
            Self::Any(names) | Self::One(names) if count(names) == 0 => {
                Some((names.first()?, format!("is missing: give {}", or(names))))
            }
            Self::One(names) if count(names) > 1 => {
                Some((names.last()?, format!("can't be combined: give either {}", or(names))))
            }
            Self::Change => {
                let mut wires = wires.peekable();
                let first = *wires.peek()?;
                let changes = wires.any(|wire| !is_required(wire) && is_given(wire));
                let problem = "is the only argument given: give at least one to change";
                (!changes).then(|| (first, problem.to_owned()))
            }
            Self::With(name, other) if is_given(name) && !is_given(other) => {
                Some((name, format!("can be given only together with `{}`", camel_case(other))))
            }
            _ => None,
        }
    }
}

/// What is wrong with the arguments that say how a result is shown, beyond their types.
fn check_view(tool: &Tool, checked: &Map<String, Value>, errors: &mut Vec<ArgumentError>) {
    let given = |role: Role| {
        let param = tool.params().find(|param| param.role == role)?;
        Some((param.name(), checked.get(&param.name())?))
    };
    let is_all = given(Role::AllPages).is_some_and(|(_, all)| *all == Value::Bool(true));
    if let (true, Some((limit, _))) = (is_all, given(Role::Limit)) {
        errors.push(ArgumentError::new(limit, "can't be combined with `all`: give `maxRows`"));
    }
    if let (false, Some((rows, _))) = (is_all, given(Role::MaxRows)) {
        errors.push(ArgumentError::new(rows, "can be given only with `all`: true"));
    }
    let Some((argument, Value::Array(names))) = given(Role::Fields) else { return };
    let known = tool.field_names();
    if known.is_empty() {
        // The names in what is passed on as it is are not known.
        return;
    }
    for name in names.iter().filter_map(Value::as_str) {
        if known.iter().any(|known| known == name) {
            continue;
        }
        let problem = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => {
                format!("has {name:?}, which isn't a field of the result: did you mean {near:?}?")
            }
            None => format!(
                "has {name:?}, which isn't a field of the result; it has {}",
                known.join(", ")
            ),
        };
        errors.push(ArgumentError::new(argument.clone(), problem));
    }
}

/// The default as JSON.
pub(super) fn default_of(literal: Literal) -> Option<Value> {
    match literal {
        Literal::None => None,
        Literal::Integer(value) => Some(value.into()),
        Literal::Text(value) => Some(value.into()),
    }
}

#[cfg(test)]
mod tests;
