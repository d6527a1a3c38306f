//! Making an answer as large as it may be.

use serde_json::{Map, Value};

use super::{Detail, tokens};
use crate::operation::{Form, View};

/// What an answer is made to fit into.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The form of the answer.
    pub(crate) form: Form,
    /// What the agent wants to see of it.
    pub(crate) view: View,
    /// How many tokens it may have.
    pub(crate) limit: usize,
    /// How many rows were skipped, and how many were asked for.
    pub(crate) page: (u64, u64),
    /// Arguments that would narrow a list.
    pub(crate) filters: Vec<String>,
}

impl Frame {
    /// The level of detail that is wanted.
    fn wanted(&self) -> Detail {
        self.view.detail.unwrap_or(self.form.detail())
    }
}

/// Members of an answer that are no part of the object.
const FRAME: [&str; 2] = ["success", "note"];

/// What a scan answers with in place of rows, where it counts.
const GROUPS: &str = "groups";

/// Shows of `output` what is wanted, and as much of that as there is room for.
pub(crate) fn fit(output: Value, frame: &Frame) -> Value {
    match (output, frame.form) {
        (Value::Object(output), Form::Object | Form::Report) => {
            Value::Object(object(output, frame))
        }
        (Value::Object(output), form) => match form.rows() {
            Some(rows) => Value::Object(list(output, rows, frame)),
            None => Value::Object(output),
        },
        (output, _) => output,
    }
}

/// What is shown of one object.
fn shown(object: &Map<String, Value>, view: &View, level: Detail) -> Map<String, Value> {
    let Some(fields) = &view.fields else { return level.of_object(object) };
    let mut concise = None;
    let picked = fields.iter().filter_map(|name| {
        let value = object
            .get(name)
            .or_else(|| concise.get_or_insert_with(|| Detail::Concise.of_object(object)).get(name));
        Some((name.clone(), value?.clone()))
    });
    picked.collect()
}

/// What a row costs at the least that can be shown of it.
pub(crate) fn least_cost(row: &Map<String, Value>, view: &View) -> usize {
    tokens::of_object(&shown(row, view, Detail::Concise)) + 1
}

/// The levels to try. Chosen fields are what is wanted, at whatever level.
fn levels(frame: &Frame) -> impl Iterator<Item = Detail> {
    let is_chosen =
        frame.view.fields.is_some() || matches!(frame.form, Form::Report | Form::Table(_));
    let first = frame.wanted();
    std::iter::successors(Some(first), move |it| it.lower().filter(|_| !is_chosen))
}

fn object(mut output: Map<String, Value>, frame: &Frame) -> Map<String, Value> {
    let around: Map<_, _> =
        FRAME.iter().filter_map(|name| output.shift_remove_entry(*name)).collect();
    let wanted = levels(frame).next();
    let mut answer = Map::new();
    for level in levels(frame) {
        answer = shown(&output, &frame.view, level);
        answer.extend(around.clone());
        if Some(level) != wanted {
            note(&mut answer, &lowered(level, frame.limit));
        }
        if tokens::of_object(&answer) <= frame.limit {
            return answer;
        }
    }
    drop_largest(answer, frame.limit)
}

/// Leaves whole fields out, the largest first.
fn drop_largest(mut answer: Map<String, Value>, limit: usize) -> Map<String, Value> {
    let mut dropped: Vec<String> = Vec::new();
    loop {
        let mut shown = answer.clone();
        if !dropped.is_empty() {
            let names = dropped.join(", ");
            note(&mut shown, &format!("Left out to fit {limit} tokens: {names}."));
        }
        let largest = answer
            .iter()
            .filter(|(name, _)| *name != "id" && !FRAME.contains(&name.as_str()))
            .max_by_key(|(_, value)| tokens::of(value))
            .map(|(name, _)| name.clone());
        match largest {
            Some(name) if tokens::of_object(&shown) > limit => {
                answer.shift_remove(&name);
                dropped.push(name);
            }
            _ => return shown,
        }
    }
}

fn list(mut output: Map<String, Value>, key: &str, frame: &Frame) -> Map<String, Value> {
    if !output.contains_key(key) && output.contains_key(GROUPS) {
        let Frame { limit, page, .. } = *frame;
        let (form, view, filters) = (Form::Table(GROUPS), View::default(), Vec::new());
        return list(output, GROUPS, &Frame { form, view, limit, page, filters });
    }
    let Some(Value::Array(rows)) = output.get_mut(key).map(Value::take) else { return output };
    let wanted = levels(frame).next();
    let mut last = None;
    for level in levels(frame) {
        let shown: Vec<Value> = rows.iter().map(|row| row_at(row, &frame.view, level)).collect();
        let mut answer = output.clone();
        if Some(level) != wanted {
            note(&mut answer, &lowered(level, frame.limit));
        }
        let cost: usize = shown.iter().map(|row| tokens::of(row) + 1).sum();
        let all = rows.len();
        answer = paged(answer, all, all, frame);
        if tokens::of_object(&answer) + cost <= frame.limit {
            answer.insert(key.to_owned(), shown.into());
            return answer;
        }
        last = Some((level, shown));
    }
    let Some((level, shown)) = last else { return output };
    cut(&output, key, shown, level, frame)
}

fn row_at(row: &Value, view: &View, level: Detail) -> Value {
    match row {
        Value::Object(row) => Value::Object(shown(row, view, level)),
        row => row.clone(),
    }
}

/// The longest beginning of the rows that there is room for.
fn cut(
    output: &Map<String, Value>,
    key: &str,
    mut rows: Vec<Value>,
    level: Detail,
    frame: &Frame,
) -> Map<String, Value> {
    let all = rows.len();
    let costs: Vec<usize> = rows.iter().map(|row| tokens::of(row) + 1).collect();
    let mut cost: usize = costs.iter().sum();
    for (left, last) in costs.iter().enumerate().rev() {
        cost -= last;
        let mut answer = paged(output.clone(), left, all, frame);
        note(&mut answer, &cut_note(level, left, all, *costs.first().unwrap_or(&0), frame));
        if tokens::of_object(&answer) + cost <= frame.limit || left == 0 {
            rows.truncate(left);
            answer.insert(key.to_owned(), rows.into());
            return answer;
        }
    }
    output.clone()
}

/// Says whether there is more, and where it goes on.
fn paged(
    mut answer: Map<String, Value>,
    shown: usize,
    fetched: usize,
    frame: &Frame,
) -> Map<String, Value> {
    if let Form::Table(_) = frame.form {
        return answer;
    }
    let (offset, limit) = frame.page;
    let (shown, fetched) = (shown as u64, fetched as u64);
    let total = answer.get("totalCount").and_then(Value::as_u64);
    let ends = match answer.get("hasMore") {
        // Whoever walked the pages knows.
        Some(Value::Bool(has_more)) => !has_more,
        _ => total.map_or(fetched < limit, |total| offset + fetched >= total),
    };
    // A scan that ended early has its own cursor.
    let is_complete = answer.get("complete") != Some(&Value::Bool(false));
    let has_rows = !ends || shown < fetched;
    let has_more = has_rows || !is_complete;
    answer.insert("hasMore".to_owned(), has_more.into());
    if let Some(total) = total.filter(|total| fetched == 0 && (1..=offset).contains(total)) {
        note(&mut answer, &format!("offset {offset} is beyond the last of {total}."));
    }
    if has_rows {
        answer.insert("nextOffset".to_owned(), (offset + shown).into());
    }
    answer
}

fn lowered(level: Detail, limit: usize) -> String {
    format!("Lowered to {} detail (without {}) to fit {limit} tokens.", level.name(), level.lacks())
}

fn cut_note(level: Detail, left: usize, all: usize, row: usize, frame: &Frame) -> String {
    let Frame { view, limit, filters, page: (offset, _), .. } = frame;
    if let Form::Table(rows) = frame.form {
        return format!(
            "Cut to fit {limit} tokens: the first {left} of {all} {rows}; the counts are of all."
        );
    }
    let level = match view.fields {
        Some(_) => "of these fields".to_owned(),
        None if level < frame.wanted() => {
            format!("at {} detail (without {})", level.name(), level.lacks())
        }
        None => format!("at {} detail", level.name()),
    };
    let narrow = match filters.as_slice() {
        [] => String::new(),
        filters => format!(", or narrow with {}", filters.join(" or ")),
    };
    if left == 0 {
        return format!(
            "Not one row {level} fits {limit} tokens: the first needs about {row}. Raise \
             maxTokens{narrow}."
        );
    }
    let next = offset + left as u64;
    format!(
        "Cut to fit {limit} tokens: the first {left} of {all} rows {level}. Go on with offset \
         {next}{narrow}."
    )
}

/// Adds a sentence to what the agent must know of an answer.
pub(crate) fn note(answer: &mut Map<String, Value>, sentence: &str) {
    let before = answer.get("note").and_then(Value::as_str).map(|it| format!("{it} "));
    answer.insert("note".to_owned(), (before.unwrap_or_default() + sentence).into());
}
