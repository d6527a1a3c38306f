//! The scripted solver: calls and an answer, with placeholders for the results of earlier calls. It
//! proves that a task can be solved, and shows what that costs at best.

use std::collections::HashMap;

use regex_lite::{Captures, Regex};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Fallible,
    task::{files, read},
};

/// A solution of `solutions/*.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Solution {
    calls: Vec<Call>,
    answer: String,
    /// The same without the tools that were made for such tasks.
    plain: Option<Box<Solution>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    name: String,
    arguments: Value,
}

/// A solution that is running.
#[derive(Debug)]
pub(crate) struct Scripted {
    solution: Solution,
    /// The results of the calls so far.
    results: Vec<Value>,
}

/// The solution of a task.
pub(crate) fn solution(id: &str) -> Fallible<Scripted> {
    Ok(Scripted::of(read_solution(id)?))
}

/// The solution of a task with the plain tools, if there is one.
pub(crate) fn plain_solution(id: &str) -> Fallible<Option<Scripted>> {
    Ok(read_solution(id)?.plain.map(|plain| Scripted::of(*plain)))
}

fn read_solution(id: &str) -> Fallible<Solution> {
    for path in files("solutions")? {
        let mut solutions: HashMap<String, Solution> = read(&path)?;
        if let Some(solution) = solutions.remove(id) {
            return Ok(solution);
        }
    }
    Err(format!("solutions/ has none for {id}").into())
}

impl Scripted {
    const fn of(solution: Solution) -> Self {
        Self { solution, results: Vec::new() }
    }

    /// The next call or, after the last one, the answer.
    pub(crate) fn next(&mut self, message: &Value) -> Fallible<Value> {
        if let Some(text) = message.get("result").and_then(Value::as_str) {
            self.results.push(serde_json::from_str(text).unwrap_or_else(|_| text.into()));
        }
        match self.solution.calls.get(self.results.len()) {
            Some(Call { name, arguments }) => {
                Ok(json!({ "call": { "name": name, "arguments": self.filled(arguments)? } }))
            }
            None => Ok(json!({ "answer": self.answer()? })),
        }
    }

    /// The arguments with `{"$from": [call, pointer]}` replaced by the value there in that
    /// call's result.
    fn filled(&self, value: &Value) -> Fallible<Value> {
        match value {
            Value::Object(fields) => {
                if let Some(from) = fields.get("$from") {
                    let (call, pointer): (usize, String) = serde_json::from_value(from.clone())?;
                    let found = self.find(call, &pointer)?;
                    return Ok(match found.as_slice() {
                        [value] if !pointer.contains('*') => (*value).clone(),
                        _ => found.into_iter().cloned().collect(),
                    });
                }
                let filled =
                    fields.iter().map(|(name, value)| Ok((name.clone(), self.filled(value)?)));
                filled.collect()
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            value => Ok(value.clone()),
        }
    }

    /// The answer, with `{0/users/*/id}` replaced by the values there in the first call's result.
    fn answer(&self) -> Fallible<String> {
        let mut missing = None;
        let answer = Regex::new(r"\{(\d+)(/[^{}|]*)(\|date)?\}")?.replace_all(
            &self.solution.answer,
            |parts: &Captures| {
                let [call, pointer] =
                    [1, 2].map(|group| parts.get(group).map_or("", |part| part.as_str()));
                let found =
                    call.parse().map_err(Into::into).and_then(|call| self.find(call, pointer));
                match found {
                    Ok(found) => {
                        let texts =
                            found.into_iter().map(|value| text(value, parts.get(3).is_some()));
                        texts.collect::<Vec<_>>().join(", ")
                    }
                    Err(error) => {
                        missing = Some(error);
                        String::new()
                    }
                }
            },
        );
        missing.map_or(Ok(answer.into_owned()), Err)
    }

    fn find(&self, call: usize, pointer: &str) -> Fallible<Vec<&Value>> {
        let result = self.results.get(call).ok_or("a placeholder names a later call")?;
        let mut found = vec![result];
        for part in pointer.split('/').skip(1) {
            found = found
                .into_iter()
                .flat_map(|value| match (part, value) {
                    ("*", Value::Array(items)) => items.iter().collect(),
                    ("*", Value::Object(fields)) => fields.values().collect(),
                    _ => value.pointer(&format!("/{part}")).into_iter().collect::<Vec<_>>(),
                })
                .collect();
        }
        if found.is_empty() {
            return Err(
                format!("the result of call {call} has nothing at {pointer}: {result}").into()
            );
        }
        Ok(found)
    }
}

/// A value as text; a time in Unix milliseconds, or in ISO 8601, as its day.
fn text(value: &Value, is_date: bool) -> String {
    let time = match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_i64().and_then(|time| jiff::Timestamp::from_millisecond(time).ok()),
    };
    match (value, time.filter(|_| is_date)) {
        (_, Some(time)) => time.strftime("%Y-%m-%d").to_string(),
        (Value::String(text), _) if is_date => text.chars().take(10).collect(),
        (Value::String(text), _) => text.clone(),
        (value, _) => value.to_string(),
    }
}
