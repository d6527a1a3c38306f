//! Bodies that an upstream might respond with.

use std::fmt;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};

use super::any_value;
use crate::support::KEY;

/// What becomes of a body that Clerk might send.
#[derive(Clone)]
pub(super) enum Oddity {
    Bytes(Vec<u8>),
    Json(Value),
    /// One of the answers in the tool's fixtures with these places changed, and cut there.
    Changed(Index, Vec<(Vec<Index>, Value)>, Option<Index>),
}

impl fmt::Debug for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{}", bytes.escape_ascii()),
            Self::Json(json) => json.fmt(f),
            Self::Changed(which, edits, cut) => write!(f, "{which:?} {edits:?} {cut:?}"),
        }
    }
}

impl Oddity {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let text: &[&str] = &[
            "",
            " ",
            "null",
            "[]",
            "{}",
            "[null]",
            "{\"data\":[]}",
            "<html>",
            "{\"errors\":[]}",
            "{\"errors\":{}}",
            "\u{feff}{}",
            "{\"id\":\"\\ud800\"}",
            "{\"id\":1e999}",
        ];
        let deep = (1..200_usize, any::<bool>()).prop_map(|(depth, is_list)| {
            let (open, close) = if is_list { ("[", "]") } else { ("{\"errors\":", "}") };
            format!("{}1{}", open.repeat(depth), close.repeat(depth)).into_bytes()
        });
        let value = prop_oneof![4 => any_value(), 1 => Just(json!(KEY))];
        let edit = (vec(any::<Index>(), 1..5), value);
        prop_oneof![
            1 => vec(any::<u8>(), 0..200).prop_map(Self::Bytes),
            1 => deep.prop_map(Self::Bytes),
            1 => select(text).prop_map(|text: &str| Self::Bytes(text.as_bytes().to_vec())),
            1 => any_value().prop_map(Self::Json),
            6 => (any::<Index>(), vec(edit, 0..4), option::weighted(0.2, any::<Index>()))
                .prop_map(|(which, edits, cut)| Self::Changed(which, edits, cut)),
        ]
    }

    pub(super) fn body(&self, answers: &[Value]) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Json(json) => json.to_string().into_bytes(),
            Self::Changed(which, edits, cut) => {
                let mut json = which.get(answers).clone();
                for (path, value) in edits {
                    let mut node = &mut json;
                    for step in path {
                        let count = match node {
                            Value::Array(items) => items.len(),
                            Value::Object(members) => members.len(),
                            _ => 0,
                        };
                        if count == 0 {
                            break;
                        }
                        node = match node {
                            Value::Array(items) => step.get_mut(items),
                            Value::Object(members) => {
                                members.values_mut().nth(step.index(count)).unwrap()
                            }
                            _ => unreachable!(),
                        };
                    }
                    *node = value.clone();
                }
                let mut body = json.to_string().into_bytes();
                if let Some(cut) = cut {
                    body.truncate(cut.index(body.len()));
                }
                body
            }
        }
    }
}
