//! What of a tool's result can be written to a file.

use super::{
    ResultKind, Tool,
    field::{FieldType, Fields},
    param::{self, Param, Role},
};

const EXPORT_TO: Param = param::text("export_to")
    .about(
        "A new file for the whole result, such as users.csv or .jsonl: all pages, or as many rows \
         as limit says. The result has five of its rows.",
    )
    .local()
    .role(Role::ExportTo);

impl Tool {
    /// What reads with rows take beside their own arguments if there is a folder for files.
    pub(crate) const EXPORT_TO: &Param = &EXPORT_TO;

    /// Whether its result can be written to a file.
    #[must_use]
    pub fn exports(&self) -> bool {
        self.export_fields().is_some()
    }

    /// What each of the rows holds that can be written to a file.
    pub(crate) fn export_fields(&self) -> Option<&'static Fields> {
        if !self.is_exported || !self.effect.is_read() {
            return None;
        }
        match self.result {
            ResultKind::Report => self.other_rows().map(|(_, fields)| fields),
            result => result.rows().map(|_| self.fields),
        }
    }

    /// The member of its result that holds rows in place of its own, if it has some such, and what
    /// each of them holds. A report has no others.
    pub(crate) fn other_rows(&self) -> Option<(String, &'static Fields)> {
        let is_report = matches!(self.result, ResultKind::Report);
        let members = if is_report { self.fields } else { self.envelope };
        members.iter().find_map(|field| match field.ty {
            FieldType::Objects(inner) => Some((field.name(), inner)),
            _ => None,
        })
    }
}
