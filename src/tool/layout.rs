//! How a result is laid out: what the tool's row declares of each member, for whoever shows it to a
//! person.

use serde_json::Value;

use super::{
    Tool, date,
    detail::Reader,
    field::{Field, FieldType, Fields, Level},
    frame,
    param::{Param, Role},
    schema,
};
use crate::text::terminal::cell;

pub use super::frame::{HAS_MORE, NEXT_OFFSET, NOTE, SUCCESS};

/// The result of a tool, as its row declares it.
#[derive(Clone, Copy, Debug)]
pub struct Layout(&'static Tool);

/// The members of an object, as they are declared.
#[derive(Clone, Debug, Default)]
pub struct Members(Vec<&'static Fields>);

/// What a member holds.
#[derive(Clone, Debug)]
pub enum Form {
    /// An id, an address, a URL or a word of Clerk's, or several: of use only as a whole.
    Code,
    /// What people write, or several such strings.
    Text,
    /// A time: Unix milliseconds, or ISO 8601 in UTC.
    Time,
    /// A number, true or false.
    Plain,
    /// An object.
    Object(Members),
    /// Several objects.
    Objects(Members),
    /// Anything: it isn't declared.
    Open,
}

impl Layout {
    pub(crate) const fn new(tool: &'static Tool) -> Self {
        Self(tool)
    }

    /// The name of the rows and what each of them holds, if the result has rows.
    #[must_use]
    pub fn rows(self) -> Option<(&'static str, Members)> {
        self.0.result.rows().map(|name| (name, Members(vec![self.0.fields])))
    }

    /// What the result holds, its rows apart.
    #[must_use]
    pub fn members(self) -> Members {
        let Tool { result, fields, envelope, beside, .. } = *self.0;
        let own = if result.rows().is_some() { envelope } else { fields };
        Members(vec![
            own,
            beside,
            result.paging(),
            &frame::NOT_FOUND,
            &frame::EXPORTED,
            &frame::FRAME,
            &schema::PLANNED,
        ])
    }

    /// The member that says how many rows there are in all, if the rows are a part of those.
    #[must_use]
    pub fn total(self) -> Option<&'static str> {
        self.0.result.is_paged().then(|| self.0.result.total())
    }

    /// The argument that asks for the next rows, if there is one.
    #[must_use]
    pub fn offset(self) -> Option<String> {
        self.0.with_role(Role::Offset).map(Param::name)
    }

    /// Whether a person is shown less of each object than an agent, unless the call says how much.
    #[must_use]
    pub fn is_shortened(self) -> bool {
        self.0.result.detail(Reader::Person) < self.0.result.detail(Reader::Agent)
    }
}

impl Members {
    /// The names that are declared, in the order in which they are shown.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for fields in &self.0 {
            fields.add_names(&mut names);
        }
        names
    }

    /// What the member of a name holds.
    #[must_use]
    pub fn form(&self, name: &str) -> Form {
        let field = self.0.iter().find_map(|fields| fields.named(name));
        let is_summary = |fields: &&'static Fields| {
            fields.summary.fields().iter().any(|(summary, _)| *summary == name)
        };
        match field {
            Some(field) => field.form(),
            None if self.0.iter().any(is_summary) => Form::Text,
            None => Form::Open,
        }
    }
}

impl Fields {
    fn add_names(&'static self, names: &mut Vec<String>) {
        for field in self.iter() {
            match field.ty {
                FieldType::Inline(inner) => inner.add_names(names),
                _ => names.push(field.name()),
            }
            if field.level == Level::Identity {
                names.extend(self.summary.fields().iter().map(|(name, _)| (*name).to_owned()));
            }
        }
    }
}

impl Field {
    fn form(&self) -> Form {
        match self.ty {
            FieldType::Code | FieldType::Codes => Form::Code,
            FieldType::Text | FieldType::Texts => Form::Text,
            FieldType::Time | FieldType::Utc => Form::Time,
            FieldType::Integer | FieldType::Number | FieldType::Bool | FieldType::Verified => {
                Form::Plain
            }
            FieldType::Object(fields) | FieldType::Inline(fields) => {
                Form::Object(Members(vec![fields]))
            }
            FieldType::Objects(fields) => Form::Objects(Members(vec![fields])),
            FieldType::Metadata | FieldType::Any | FieldType::Json => Form::Open,
        }
    }
}

impl Form {
    /// A value without members as text of one cell: nothing in it acts on a terminal, and it can't be
    /// taken for several cells or lines. Times are ISO 8601 in UTC. `None` for objects, and for lists
    /// of which the items must stand apart.
    #[must_use]
    pub fn text(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Null => "none".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => match (self, number.as_i64()) {
                (Self::Time, Some(time)) => date::iso(time),
                _ => number.to_string(),
            },
            Value::String(text) => cell(text),
            Value::Array(items) if items.is_empty() => "none".to_owned(),
            Value::Array(items) => {
                let items: Option<Vec<String>> = items.iter().map(|item| self.text(item)).collect();
                // One with a comma could be taken for two.
                let items = items.filter(|items| !items.iter().any(|item| item.contains(',')))?;
                items.join(", ")
            }
            Value::Object(members) if members.is_empty() => "none".to_owned(),
            Value::Object(_) => return None,
        })
    }

    /// The members of the objects that it holds.
    #[must_use]
    pub fn members(&self) -> Members {
        match self {
            Self::Object(members) | Self::Objects(members) => members.clone(),
            _ => Members::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;

    #[test]
    fn what_each_member_holds_follows_from_the_row() {
        let tool = |name: &str| catalog::all().find(|(_, tool)| tool.name == name).unwrap().1;
        let (name, user) = Layout::new(tool("clerk_list_users")).rows().unwrap();
        assert_eq!(name, "users");
        assert!(user.names().starts_with(&["id".to_owned(), "name".to_owned()]), "{user:?}");
        assert!(matches!(user.form("id"), Form::Code));
        assert!(matches!(user.form("name"), Form::Text));
        assert!(matches!(user.form("banned"), Form::Plain));
        assert!(matches!(user.form("publicMetadata"), Form::Open));
        assert!(matches!(user.form("new"), Form::Open));
        let time = user.form("createdAt");
        assert_eq!(time.text(&json!(1_780_148_968_225_i64)).unwrap(), "2026-05-30T13:49:28Z");
        let addresses = user.form("emailAddresses");
        assert!(matches!(addresses.members().form("emailAddress"), Form::Code), "{addresses:?}");
        assert!(Layout::new(tool("clerk_get_user")).rows().is_none());
    }

    #[test]
    fn a_cell_is_one_cell_whatever_is_in_it() {
        let text = |value| Form::Text.text(&value).unwrap();
        assert_eq!(text(json!(["a b", 1, true, null])), "a b, 1, true, none");
        assert_eq!(text(json!("a  b")), r#""a  b""#);
        assert_eq!(text(json!("a\nid: b")), r#""a\nid: b""#);
        assert_eq!(text(json!("")), r#""""#);
        assert_eq!(text(json!([])), "none");
        for apart in [json!([{"a": 1}]), json!(["a, b", "c"])] {
            assert_eq!(Form::Text.text(&apart), None);
        }
    }
}
