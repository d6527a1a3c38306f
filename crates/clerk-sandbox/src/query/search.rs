//! The parameter `query`, which finds by more than one field.

use super::Query;

/// Text to search for without regard to case; none finds everything.
#[derive(Debug)]
pub(crate) struct Search(Option<String>);

impl Search {
    /// Whether the text is the whole id, or part of the name or of the key (or slug).
    pub(crate) fn finds(&self, id: &str, name: &str, key: &str) -> bool {
        self.0.as_ref().is_none_or(|text| {
            id.eq_ignore_ascii_case(text)
                || name.to_lowercase().contains(text)
                || key.contains(text)
        })
    }
}

impl Query {
    pub(crate) fn search(&mut self) -> Search {
        Search(self.text("query").map(|text| text.to_lowercase()))
    }
}
