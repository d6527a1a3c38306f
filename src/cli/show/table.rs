//! Rows beside one another, in the columns that the tool's row declares.

use clerk_mcp::tool::layout::{Form, Members};
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::wrap::beginning;

/// What stands between two columns. No cell has two spaces in a row.
const GAP: &str = "  ";
/// How far what people write is cut, in columns.
const LEAST_TEXT: usize = 12;
/// How far a word that code relies on is cut: an id of Clerk's has up to 36.
const LEAST_CODE: usize = 40;
const ELLIPSIS: char = '…';

/// A table before it is made to fit.
pub(super) struct Table {
    columns: Vec<Column>,
}

struct Column {
    name: String,
    cells: Vec<String>,
    /// As wide as its widest cell, or cut to this.
    width: usize,
    least: usize,
}

/// A table that fits.
pub(super) struct Fitted {
    pub(super) lines: Vec<String>,
    /// The columns that there was no room for.
    pub(super) left_out: Vec<String>,
    /// Whether cells are cut.
    pub(super) is_cut: bool,
}

impl Table {
    /// The declared columns that a row has, and others that it has behind them.
    pub(super) fn new(rows: &[&Map<String, Value>], row: &Members) -> Self {
        let is_there = |name: &String| {
            rows.iter().any(|row| row.get(name).is_some_and(|value| !value.is_null()))
        };
        let mut names = row.names();
        names.retain(is_there);
        for name in rows.iter().flat_map(|row| row.keys()) {
            if !names.contains(name) && is_there(name) {
                names.push(name.clone());
            }
        }
        let column = |name: &String| Column::new(name, &row.form(name), rows);
        Self { columns: names.iter().map(column).collect() }
    }

    /// The table in this width; `None` if there is room for its first column only, or for less than a
    /// third of the columns.
    pub(super) fn fit(self, width: usize) -> Option<Fitted> {
        let mut columns = self.columns;
        let all = columns.len();
        let needed = |columns: &[Column], of: fn(&Column) -> usize| {
            columns.iter().map(of).sum::<usize>() + GAP.len() * columns.len().saturating_sub(1)
        };
        let mut left_out = Vec::new();
        while needed(&columns, |column| column.least) > width
            && let Some(last) = columns.pop()
        {
            left_out.insert(0, last.name);
        }
        if columns.len() < all.min(2) || columns.len() * 3 < all {
            return None;
        }
        while needed(&columns, |column| column.width) > width {
            let wide = columns.iter_mut().filter(|column| column.width > column.least);
            wide.max_by_key(|column| column.width)?.width -= 1;
        }
        let is_cut = columns.iter().any(Column::is_cut);
        Some(Fitted { lines: lines(&columns), left_out, is_cut })
    }
}

impl Column {
    fn new(name: &str, form: &Form, rows: &[&Map<String, Value>]) -> Self {
        let cell = |row: &&Map<String, Value>| match row.get(name) {
            None | Some(Value::Null) => String::new(),
            // What has members, in one cell.
            Some(value) => form
                .text(value)
                .or_else(|| Form::Text.text(&value.to_string().into()))
                .unwrap_or_default(),
        };
        let cells: Vec<String> = rows.iter().map(cell).collect();
        let name = Form::Text.text(&name.into()).unwrap_or_default();
        let widest = cells.iter().map(|cell| cell.width()).max().unwrap_or_default();
        let width = widest.max(name.width());
        let least = match form {
            Form::Code => width.min(LEAST_CODE),
            Form::Time | Form::Plain => width,
            _ => width.min(LEAST_TEXT.max(name.width())),
        };
        Self { name, cells, width, least }
    }

    fn is_cut(&self) -> bool {
        self.cells.iter().any(|cell| cell.width() > self.width)
    }

    /// A cell, as wide as the column.
    fn fitted(&self, cell: &str) -> String {
        let cell = if cell.width() > self.width {
            format!("{}{ELLIPSIS}", beginning(cell, self.width.saturating_sub(1)))
        } else {
            cell.to_owned()
        };
        let missing = self.width.saturating_sub(cell.width());
        cell + &" ".repeat(missing)
    }
}

fn lines(columns: &[Column]) -> Vec<String> {
    let line = |cells: Vec<String>| cells.join(GAP).trim_end().to_owned();
    let header = line(columns.iter().map(|column| column.fitted(&column.name)).collect());
    let rule = line(columns.iter().map(|column| "-".repeat(column.width)).collect());
    let rows = columns.first().map_or(0, |column| column.cells.len());
    let row = |place: usize| {
        let cell = |column: &Column| {
            column.fitted(column.cells.get(place).map(String::as_str).unwrap_or_default())
        };
        line(columns.iter().map(cell).collect())
    };
    [header, rule].into_iter().chain((0..rows).map(row)).collect()
}
