//! Making a result as large as it may be: never by cutting a value, never without saying so. One
//! that is larger is lowered, from full to standard to concise; a list that is still larger loses its
//! last rows.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::render::{Ceiling, Presentation};
use crate::{
    tokens,
    tool::{Content, HAS_MORE, NEXT_CURSOR, ResultKind, detail::Detail, record::Record},
};

/// Properties of a result that aren't part of Clerk's object.
const FRAME: [&str; 3] = ["profile", "success", "note"];

/// What a scan returns in place of rows if it counts.
const GROUPS: &str = "groups";

/// The result with as much of the content as there is room for.
pub(super) fn fit(
    content: Content,
    head: Map<String, Value>,
    kind: ResultKind,
    presentation: &Presentation,
) -> Map<String, Value> {
    match content {
        Content::Object(record) if kind == ResultKind::Fixed => {
            let mut whole = record.at(Detail::Full);
            whole.extend(head);
            whole
        }
        Content::Object(record) => object(&record, &head, presentation),
        Content::Rows(rows) => list(&rows, &head, kind.rows().unwrap_or_default(), presentation),
        Content::None => groups(head, presentation),
    }
}

/// The levels to try. Chosen fields are what is wanted, at whatever level.
fn levels(presentation: &Presentation) -> impl Iterator<Item = Detail> {
    let is_chosen = presentation.projection.fields.is_some()
        || matches!(presentation.kind, ResultKind::Report | ResultKind::Table(_));
    let first = presentation.wanted();
    std::iter::successors(Some(first), move |level| level.lower().filter(|_| !is_chosen))
}

fn object(
    record: &Record,
    head: &Map<String, Value>,
    presentation: &Presentation,
) -> Map<String, Value> {
    let wanted = presentation.wanted();
    let mut result = Map::new();
    for level in levels(presentation) {
        result = presentation.row(record, level);
        result.extend(head.clone());
        if level != wanted {
            note(&mut result, &lowered(level, presentation.limit));
        }
        if tokens::of_object(&result) <= presentation.limit.tokens {
            return result;
        }
    }
    drop_largest(result, presentation.limit)
}

/// Leaves whole fields out, the largest first.
fn drop_largest(mut result: Map<String, Value>, limit: Ceiling) -> Map<String, Value> {
    let mut dropped: Vec<String> = Vec::new();
    loop {
        let mut shown = result.clone();
        if !dropped.is_empty() {
            let names = dropped.join(", ");
            note(&mut shown, &format!("Left out to fit {limit}: {names}."));
        }
        let largest = result
            .iter()
            .filter(|(name, _)| *name != "id" && !FRAME.contains(&name.as_str()))
            .max_by_key(|(_, value)| tokens::of(value))
            .map(|(name, _)| name.clone());
        match largest {
            Some(name) if tokens::of_object(&shown) > limit.tokens => {
                result.shift_remove(&name);
                dropped.push(name);
            }
            _ => return shown,
        }
    }
}

/// The groups of a scan that counts, as many as there is room for.
fn groups(mut head: Map<String, Value>, presentation: &Presentation) -> Map<String, Value> {
    let Some(Value::Array(groups)) = head.get_mut(GROUPS).map(Value::take) else { return head };
    let (whole, all) = (groups.clone(), groups.len());
    let cost: usize = groups.iter().map(|group| tokens::of(group) + 1).sum();
    if tokens::of_object(&head) + cost <= presentation.limit.tokens {
        head.insert(GROUPS.to_owned(), whole.into());
        return head;
    }
    let mut shown = whole;
    loop {
        let left = shown.len().saturating_sub(1);
        shown.truncate(left);
        let mut result = head.clone();
        note(&mut result, &table_note(GROUPS, left, all, presentation.limit));
        let cost: usize = shown.iter().map(|group| tokens::of(group) + 1).sum();
        if tokens::of_object(&result) + cost <= presentation.limit.tokens || left == 0 {
            result.insert(GROUPS.to_owned(), shown.into());
            return result;
        }
    }
}

fn list(
    rows: &[Record],
    head: &Map<String, Value>,
    key: &str,
    presentation: &Presentation,
) -> Map<String, Value> {
    let wanted = presentation.wanted();
    let all = rows.len();
    let mut last = (wanted, Vec::new());
    for level in levels(presentation) {
        let (mut costs, mut cost) = (Vec::with_capacity(all), 0);
        for row in rows {
            let row_cost = presentation.row_cost(row, level);
            cost += row_cost;
            costs.push(row_cost);
            // No further row can make it fit.
            if cost > presentation.limit.tokens {
                break;
            }
        }
        let mut result = begun(head, key);
        if level != wanted {
            note(&mut result, &lowered(level, presentation.limit));
        }
        if !presentation.is_sample() {
            result = paged(result, all, all, presentation);
        }
        if tokens::of_object(&result) + cost <= presentation.limit.tokens {
            result.insert(key.to_owned(), presentation.rows(rows, level));
            return result;
        }
        last = (level, costs);
    }
    let (level, costs) = last;
    cut(head, key, (rows, &costs), level, presentation)
}

/// The result with a place for its rows, which come first.
fn begun(head: &Map<String, Value>, key: &str) -> Map<String, Value> {
    let mut result = Map::new();
    result.insert(key.to_owned(), Value::Null);
    result.extend(head.clone());
    result
}

/// The longest beginning of the rows that there is room for. The costs are those of the first rows,
/// of more than there is room for.
fn cut(
    head: &Map<String, Value>,
    key: &str,
    (rows, costs): (&[Record], &[usize]),
    level: Detail,
    presentation: &Presentation,
) -> Map<String, Value> {
    let all = rows.len();
    let mut cost: usize = costs.iter().sum();
    for (left, last) in costs.iter().enumerate().rev() {
        cost -= last;
        let mut result = begun(head, key);
        if !presentation.is_sample() {
            result = paged(result, left, all, presentation);
        }
        let first = *costs.first().unwrap_or(&0);
        note(&mut result, &cut_note(level, left, all, first, presentation));
        if tokens::of_object(&result) + cost <= presentation.limit.tokens || left == 0 {
            let shown = rows.get(..left).unwrap_or_default();
            result.insert(key.to_owned(), presentation.rows(shown, level));
            return result;
        }
    }
    begun(head, key)
}

/// Says whether there is more, and where it continues.
pub(super) fn paged(
    mut result: Map<String, Value>,
    shown: usize,
    fetched: usize,
    presentation: &Presentation,
) -> Map<String, Value> {
    if !presentation.kind.is_paged() {
        return result;
    }
    if matches!(presentation.kind, ResultKind::Cursor(_)) {
        if shown < fetched {
            // It would go on behind the rows that are cut.
            result.shift_remove(NEXT_CURSOR);
            result.insert(HAS_MORE.to_owned(), true.into());
        }
        return result;
    }
    let (offset, limit) = presentation.page;
    let (shown, fetched) = (shown as u64, fetched as u64);
    let total = result.get(presentation.kind.total()).and_then(Value::as_u64);
    let ends = match result.get("hasMore") {
        // Whoever walked the pages knows.
        Some(Value::Bool(has_more)) => !has_more,
        _ => total.map_or(fetched < limit, |total| offset + fetched >= total),
    };
    // A scan that ended early has its own cursor.
    let is_complete = result.get("complete") != Some(&Value::Bool(false));
    let has_rows = !ends || shown < fetched;
    let has_more = has_rows || !is_complete;
    result.insert("hasMore".to_owned(), has_more.into());
    if let Some(total) = total.filter(|total| fetched == 0 && (1..=offset).contains(total)) {
        note(&mut result, &format!("offset {offset} is beyond the last of {total}."));
    }
    if has_rows {
        result.insert("nextOffset".to_owned(), (offset + shown).into());
    }
    result
}

fn lowered(level: Detail, limit: Ceiling) -> String {
    format!("Lowered to {} detail (without {}) to fit {limit}.", level.name(), level.lacks())
}

fn table_note(rows: &str, left: usize, all: usize, limit: Ceiling) -> String {
    format!("Cut to fit {limit}: the first {left} of {all} {rows}; the counts are of all.")
}

fn cut_note(
    level: Detail,
    left: usize,
    all: usize,
    row: usize,
    presentation: &Presentation,
) -> String {
    let Presentation { projection, limit, filters, page: (offset, _), .. } = presentation;
    if presentation.is_sample() {
        return format!(
            "Cut to fit {limit}: the first {left} of {all} rows; the file has them all."
        );
    }
    if let ResultKind::Table(rows) = presentation.kind {
        return table_note(rows, left, all, *limit);
    }
    let level = match projection.fields {
        Some(_) => "of these fields".to_owned(),
        None if level < presentation.wanted() => {
            format!("at {} detail (without {})", level.name(), level.lacks())
        }
        None => format!("at {} detail", level.name()),
    };
    let narrow = match filters.as_slice() {
        [] => String::new(),
        filters => format!(", or narrow with {}", filters.join(" or ")),
    };
    if left == 0 {
        let remedy = if limit.is_operators { "Choose fewer fields" } else { "Raise maxTokens" };
        return format!(
            "Not one row {level} fits {limit}: the first needs about {row}. {remedy}{narrow}."
        );
    }
    if matches!(presentation.kind, ResultKind::Cursor(_)) {
        return format!(
            "Cut to fit {limit}: the first {left} of {all} rows {level}. Call again with limit \
             {left} to get the cursor that continues there{narrow}."
        );
    }
    let next = offset + left as u64;
    format!(
        "Cut to fit {limit}: the first {left} of {all} rows {level}. Go on with offset \
         {next}{narrow}."
    )
}

/// Adds a sentence to what the agent must know of a result.
pub(super) fn note(result: &mut Map<String, Value>, sentence: &str) {
    let before = result.get("note").and_then(Value::as_str).map(|before| format!("{before} "));
    result.insert("note".to_owned(), (before.unwrap_or_default() + sentence).into());
}
