//! Why a text can't be read or edited.

/// Where a text is broken, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct Broken {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl Broken {
    /// At an offset in bytes.
    pub(super) fn at(text: &str, offset: usize, what: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1, what }
    }
}

/// Why an edit is refused. The text isn't touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text isn't in its format.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// Something that must hold other things is a text, a number or a list.
    #[error("`{0}` isn't an object")]
    NotObject(String),
    /// The edit would change something else too.
    #[error("it is written in a form that can't be edited safely")]
    Form,
}
