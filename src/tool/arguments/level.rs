//! The arguments of a call, or the properties of one object in them.

use serde_json::{Map, Value};

use super::{Check, camel_case, clear, expected::wanted, is_camel_of, join, nearest};
use crate::tool::param::{Clear, Param, Rule, Shape, Type};

/// What is known of one level.
pub(super) struct Level<P> {
    pub(super) params: P,
    pub(super) rules: &'static [Rule],
    /// Whether unknown names are passed on.
    pub(super) open: bool,
    pub(super) is_top: bool,
}

impl Level<()> {
    /// The properties of an object.
    pub(super) fn of(shape: &'static Shape) -> Level<impl Iterator<Item = &'static Param> + Clone> {
        Level { params: shape.params(), rules: shape.rules, open: shape.open, is_top: false }
    }
}

impl Check {
    /// Checks the values of one level; what is wrong with them goes into the errors.
    pub(super) fn level<P: Iterator<Item = &'static Param> + Clone>(
        &mut self,
        level: &Level<P>,
        arguments: Map<String, Value>,
        path: &str,
    ) -> Map<String, Value> {
        let before = self.errors.len();
        let mut checked = Map::new();
        for (name, value) in arguments {
            let Some(param) = level.find(&name) else {
                if level.open {
                    checked.insert(name, value);
                } else {
                    self.error(join(path, &name), level.unknown(&name));
                }
                continue;
            };
            let at = join(path, &param.name());
            if value.is_null() {
                if param.clear != Clear::Never && !self.clear.contains(&at) {
                    self.kept.push(at);
                }
            } else if let Some(value) = self.convert(param, &value, &at) {
                checked.insert(param.name(), value);
            }
        }
        for param in level.params.clone() {
            self.clear_at(param, &join(path, &param.name()), &mut checked);
        }
        self.require(level, before, path, &checked);
        checked
    }

    /// Clears the parameter, or what is in it, if that is asked for.
    fn clear_at(&mut self, param: &'static Param, at: &str, checked: &mut Map<String, Value>) {
        if self.clear.iter().any(|path| path == at) {
            if checked.contains_key(&param.name()) {
                self.error(at, "is given and named in `clear`: do one of the two");
            } else if let Some(nothing) = clear::cleared(param) {
                checked.insert(param.name(), nothing);
            }
            return;
        }
        if let Type::Object(shape) = param.ty
            && !checked.contains_key(&param.name())
            && self.clear.iter().any(|path| clear::is_within(path, at))
        {
            let object = self.level(&Level::of(shape), Map::new(), at);
            checked.insert(param.name(), object.into());
        }
    }

    /// Checks that nothing is missing, and the rules that tie the parameters together.
    fn require<P: Iterator<Item = &'static Param> + Clone>(
        &mut self,
        level: &Level<P>,
        before: usize,
        path: &str,
        checked: &Map<String, Value>,
    ) {
        let reported: Vec<String> =
            self.errors.iter().skip(before).map(|error| error.argument.clone()).collect();
        let is_given = |wire: &str| {
            let name = camel_case(wire);
            let at = join(path, &name);
            let is_reported = |path: &String| *path == at || clear::is_within(path, &at);
            checked.contains_key(&name) || reported.iter().any(is_reported)
        };
        let required =
            |wire: &str| level.params.clone().any(|param| param.wire == wire && param.required);
        for param in level.params.clone().filter(|param| param.required && !is_given(param.wire)) {
            let problem = format!("is missing: it must be {}", wanted(param));
            self.error(join(path, &param.name()), problem);
        }
        for rule in level.rules {
            let wires = level.params.clone().map(|param| param.wire);
            if let Some((wire, problem)) = rule.broken(wires, is_given, required) {
                let null = if matches!(rule, Rule::Change) && !self.kept.is_empty() {
                    "; null leaves an argument out, and `clear` clears it"
                } else {
                    ""
                };
                self.error(join(path, &camel_case(wire)), format!("{problem}{null}"));
            }
        }
    }
}

impl<P: Iterator<Item = &'static Param> + Clone> Level<P> {
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
