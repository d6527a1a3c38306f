//! The argument `clear`: the one way to clear what is there.

use serde_json::{Map, Value};

use super::{Check, convert::list_items, join, nearest};
use crate::tool::{
    Tool,
    param::{Clear, Param, Role, Type},
};

/// The paths of the arguments that can be cleared, such as `lastName` or `saml.idpEntityId`.
pub(in crate::tool) fn clearable_names<'a>(params: impl Iterator<Item = &'a Param>) -> Vec<String> {
    let mut names = Vec::new();
    for param in params {
        if param.clear != Clear::Never {
            names.push(param.name());
        }
        if let Type::Object(shape) = param.ty {
            let inner = clearable_names(shape.params());
            names.extend(inner.iter().map(|name| join(&param.name(), name)));
        }
    }
    names
}

/// What a cleared argument is sent as.
pub(super) fn cleared(param: &Param) -> Option<Value> {
    match (param.clear, param.ty) {
        (Clear::Never, _) => None,
        (Clear::Null, _) => Some(Value::Null),
        (Clear::Empty, Type::List { .. } | Type::Objects { .. }) => Some(Value::Array(Vec::new())),
        (Clear::Empty, Type::Text { .. } | Type::Choice(_)) => Some(Value::String(String::new())),
        (Clear::Empty, _) => Some(Value::Object(Map::new())),
    }
}

/// Whether a path leads into the object or the list at another one.
pub(super) fn is_within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.starts_with(['.', '[']))
}

impl Check {
    /// Takes `clear` out of the arguments. Empty, it clears nothing.
    pub(super) fn take_clear(&mut self, tool: &Tool, arguments: &mut Map<String, Value>) {
        let Some(param) = tool.with_role(Role::Clear) else { return };
        let name = param.name();
        let given = match arguments.shift_remove(&name) {
            None | Some(Value::Null) => return,
            Some(given) => list_items(&given),
        };
        let names: Option<Vec<String>> = given.and_then(|items| {
            items.into_iter().map(|item| item.as_str().map(str::to_owned)).collect()
        });
        let Some(names) = names else {
            self.error(name, "must be a list of names, as an array or with commas between them");
            return;
        };
        let known = clearable_names(tool.arguments());
        for cleared in names {
            if known.contains(&cleared) {
                self.clear.push(cleared);
                continue;
            }
            let right = match nearest(&cleared, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("it can be {}", known.join(", ")),
            };
            self.error(name.clone(), format!("has {cleared:?}, which can't be cleared: {right}"));
        }
    }
}
