//! The columns of a table of a tool's rows, by the fields that the row declares.

use serde_json::{Map, Value};

use super::{
    date,
    detail::Detail,
    field::{Field, FieldType, Fields, Level},
};
use crate::export::csv::Cell;

/// What stands between the values of one cell.
const BETWEEN: &str = "; ";

/// The columns of a table.
#[derive(Clone, Debug)]
pub(crate) struct Columns(Vec<Column>);

#[derive(Clone, Debug)]
struct Column {
    /// The names on the way to the value, with dots between them.
    path: String,
    /// Whether numbers in it are times.
    is_time: bool,
}

/// Which fields are shown.
#[derive(Clone, Copy)]
struct Choice<'a> {
    detail: Detail,
    /// Only these, by their paths, at whatever level of detail.
    paths: Option<&'a [String]>,
}

impl Columns {
    /// One column for each declared value that rows with these fields show at a level of detail, or
    /// of those that the paths choose. Secrets have none.
    pub(crate) fn of(fields: &'static Fields, detail: Detail, paths: Option<&[String]>) -> Self {
        let mut columns = Vec::new();
        Choice { detail, paths }.add(fields, "", &mut columns);
        for path in paths.unwrap_or_default() {
            // It leads into what has no declared form.
            if !columns.iter().any(|column| is_within(&column.path, path)) {
                columns.push(Column { path: path.clone(), is_time: false });
            }
        }
        Self(columns)
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| column.path.as_str())
    }

    /// The cells of a row, as it is shown.
    pub(crate) fn cells(&self, row: Map<String, Value>) -> Vec<Cell> {
        let row = Value::Object(row);
        self.0.iter().map(|column| column.cell(&row)).collect()
    }
}

impl Choice<'_> {
    fn add(self, fields: &'static Fields, above: &str, columns: &mut Vec<Column>) {
        for field in fields.iter().filter(|field| !field.secret) {
            if let FieldType::Inline(inner) = field.ty {
                self.add(inner, above, columns);
                continue;
            }
            let path = format!("{above}{}", field.name());
            match inner(field) {
                Some(inner) if self.shows(field, !above.is_empty()) => {
                    self.add(inner, &format!("{path}."), columns);
                }
                None if self.shows(field, !above.is_empty()) => {
                    self.add_value(field, path, columns);
                }
                _ => {}
            }
            let is_summed_up = self.paths.is_none() && self.detail == Detail::Concise;
            if is_summed_up && above.is_empty() && field.level == Level::Identity {
                let summary = fields.summary.fields().iter();
                columns.extend(
                    summary.map(|(name, _)| Column { path: (*name).to_owned(), is_time: false }),
                );
            }
        }
    }

    /// Whether a field is shown; of those that are chosen by paths, `add_value` decides.
    fn shows(self, field: &Field, is_nested: bool) -> bool {
        if self.paths.is_some() {
            return true;
        }
        let is_alone = inner(field).is_none()
            && !matches!(
                field.ty,
                FieldType::Codes | FieldType::Texts | FieldType::Metadata | FieldType::Any
            );
        match self.detail {
            Detail::Full => true,
            Detail::Standard => match field.level {
                Level::Full => false,
                Level::Identity => !is_nested,
                _ => true,
            },
            Detail::Concise => {
                let is_named = !matches!(field.level, Level::Standard | Level::Full);
                is_named && is_alone && !is_nested
            }
        }
    }

    fn add_value(self, field: &Field, path: String, columns: &mut Vec<Column>) {
        let is_chosen = |paths: &[String]| paths.iter().any(|chosen| is_within(&path, chosen));
        if self.paths.is_none_or(is_chosen) {
            columns.push(Column { path, is_time: matches!(field.ty, FieldType::Time) });
        }
    }
}

/// Whether a path leads to what another one leads to, or into it.
fn is_within(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The fields of the objects that a field holds, if any are declared.
fn inner(field: &Field) -> Option<&'static Fields> {
    match field.ty {
        FieldType::Object(inner) | FieldType::Objects(inner) => {
            Some(inner).filter(|inner| inner.count() > 0)
        }
        _ => None,
    }
}

impl Column {
    fn cell(&self, row: &Value) -> Cell {
        let mut values = Vec::new();
        let is_list = collect(row, &self.path, &mut values);
        match values.as_slice() {
            [value] if !is_list => self.alone(value),
            values if values.iter().all(|value| value.is_null()) => Cell::Plain(String::new()),
            values => {
                let texts = values.iter().map(|value| match self.alone(value) {
                    Cell::Plain(text) | Cell::Text(text) => text,
                });
                Cell::Text(texts.collect::<Vec<_>>().join(BETWEEN))
            }
        }
    }

    fn alone(&self, value: &Value) -> Cell {
        match value {
            Value::Null => Cell::Plain(String::new()),
            Value::Bool(value) => Cell::Plain(value.to_string()),
            Value::Number(number) => Cell::Plain(match number.as_i64() {
                Some(time) if self.is_time => date::iso(time),
                _ => number.to_string(),
            }),
            Value::String(text) => Cell::Text(text.clone()),
            value => Cell::Text(value.to_string()),
        }
    }
}

/// The values at a path, in whatever lists there are on the way: null for an object without one, so
/// that columns of the same objects stay aligned. Returns whether there was a list.
fn collect<'v>(value: &'v Value, path: &str, values: &mut Vec<&'v Value>) -> bool {
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, path, values);
            }
            true
        }
        Value::Object(members) => match member(members, path) {
            Some((Value::Array(items), "")) if !items.iter().any(Value::is_object) => {
                values.extend(items);
                true
            }
            Some((there, "")) => {
                values.push(there);
                false
            }
            Some((there, below)) => collect(there, below, values),
            None => {
                values.push(&Value::Null);
                false
            }
        },
        _ => {
            values.push(&Value::Null);
            false
        }
    }
}

/// What an object has at the beginning of a path, and the rest of the path. A name may hold dots
/// itself.
fn member<'v, 'p>(members: &'v Map<String, Value>, path: &'p str) -> Option<(&'v Value, &'p str)> {
    if let Some(value) = members.get(path) {
        return Some((value, ""));
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (name, below) = (path.get(..dot)?, path.get(dot + 1..)?);
        Some((members.get(name)?, below))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::{
        field::{boolean, code, codes, inline, integer, metadata, object, objects, text, time},
        read,
    };

    static EMAIL: Fields = Fields::closed(&[&[
        code("id").identity(),
        code("email_address"),
        boolean("verified"),
        code("token").secret(),
    ]]);
    static MEMBER: Fields = Fields::closed(&[&[code("user_id").concise()]]);
    static PLACE: Fields = Fields::closed(&[&[text("city")]]);
    static ROW: Fields = Fields::closed(&[&[
        code("id").identity(),
        text("first_name").always(),
        integer("count"),
        time("created_at"),
        code("image_url").full(),
        metadata("public_metadata"),
        objects("email_addresses", &EMAIL),
        codes("domains"),
        inline("public_user_data", &MEMBER),
        object("place", &PLACE),
    ]])
    .person();

    fn names(detail: Detail, paths: Option<&[&str]>) -> Vec<String> {
        let paths: Option<Vec<String>> =
            paths.map(|paths| paths.iter().map(|path| (*path).to_owned()).collect());
        Columns::of(&ROW, detail, paths.as_deref()).names().map(str::to_owned).collect()
    }

    #[test]
    fn columns_are_the_declared_values_at_the_level_and_no_secret() {
        assert_eq!(
            names(Detail::Full, None).join(" "),
            "id firstName count createdAt imageUrl publicMetadata emailAddresses.id \
             emailAddresses.emailAddress emailAddresses.verified domains userId place.city"
        );
        assert_eq!(
            names(Detail::Standard, None).join(" "),
            "id firstName count createdAt publicMetadata emailAddresses.emailAddress \
             emailAddresses.verified domains userId place.city"
        );
        let concise = names(Detail::Concise, None).join(" ");
        assert_eq!(concise, "id name phone count createdAt userId");
        let paths = ["id", "publicMetadata.plan", "emailAddresses", "place.city", "userId"];
        assert_eq!(
            names(Detail::Concise, Some(&paths)).join(" "),
            "id emailAddresses.id emailAddresses.emailAddress emailAddresses.verified userId \
             place.city publicMetadata.plan"
        );
    }

    #[test]
    fn a_row_has_one_cell_for_each_column() {
        let row = json!({
            "id": "a", "first_name": "=1", "count": -2, "created_at": 1_780_131_600_000_i64,
            "public_metadata": { "plan": "pro", "a.b": [1, 2] }, "domains": ["x", "y"],
            "email_addresses": [
                { "id": "e1", "email_address": "a@x.example", "verified": true, "token": "t" },
                { "id": "e2", "email_address": "b@x.example" },
            ],
            "place": null,
        });
        let row = read::object(&ROW, row.to_string().as_bytes()).unwrap().value;
        let columns = Columns::of(&ROW, Detail::Full, None);
        let text = |text: &str| Cell::Text(text.to_owned());
        let plain = |text: &str| Cell::Plain(text.to_owned());
        let expected = [
            text("a"),
            text("=1"),
            plain("-2"),
            plain("2026-05-30T09:00:00Z"),
            plain(""),
            text("{\"plan\":\"pro\",\"a.b\":[1,2]}"),
            text("e1; e2"),
            text("a@x.example; b@x.example"),
            text("true; "),
            text("x; y"),
            plain(""),
            plain(""),
        ];
        assert_eq!(columns.cells(row.at(Detail::Full)), expected);
        let paths = ["publicMetadata.a.b".to_owned(), "publicMetadata.none".to_owned()];
        let chosen = Columns::of(&ROW, Detail::Full, Some(&paths));
        assert_eq!(chosen.cells(row.at(Detail::Full)), [text("1; 2"), plain("")]);
    }

    #[test]
    fn every_tool_that_exports_has_columns() {
        let tools = crate::catalog::all().map(|(_, tool)| tool).filter(|tool| tool.exports());
        let none = |tool: &&crate::tool::Tool| {
            Detail::NAMES.iter().filter_map(|name| Detail::of(name)).any(|detail| {
                tool.export_fields()
                    .is_none_or(|fields| Columns::of(fields, detail, None).names().next().is_none())
            })
        };
        let none: Vec<&str> = tools.filter(none).map(|tool| tool.name).collect();
        assert_eq!(none, [""; 0]);
    }
}
