//! The forms that results have.

use super::{
    detail::{Detail, Reader},
    field::Fields,
    frame,
};

/// The form of a tool's result, without `success` and `note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResultKind {
    /// Small, and always whole.
    Fixed,
    /// One of Clerk's objects.
    Object,
    /// Composed by this server, without levels of detail.
    Report,
    /// Rows, in the field of this name: a page of those there are.
    List(&'static str),
    /// Rows, in the field of this name: a page that a cursor of Clerk's continues, without a total.
    Cursor(&'static str),
    /// A page of events, each with a payload that is shown only at `full`.
    Events(&'static str),
    /// Rows that the server went through all pages for.
    Scan(&'static str),
    /// Rows with the outcome for each of many objects, always whole.
    Table(&'static str),
}

impl ResultKind {
    /// The field of the rows.
    pub(crate) const fn rows(self) -> Option<&'static str> {
        match self {
            Self::List(rows)
            | Self::Cursor(rows)
            | Self::Events(rows)
            | Self::Scan(rows)
            | Self::Table(rows) => Some(rows),
            Self::Fixed | Self::Object | Self::Report => None,
        }
    }

    /// The field that says how many rows there are in all.
    pub(crate) const fn total(self) -> &'static str {
        match self {
            Self::Scan(_) => "matched",
            _ => "totalCount",
        }
    }

    /// How much is shown of each object if a call doesn't say.
    pub(crate) const fn detail(self, reader: Reader) -> Detail {
        match (self, reader) {
            (Self::Scan(_), _)
            | (Self::List(_) | Self::Cursor(_) | Self::Events(_), Reader::Person) => {
                Detail::Concise
            }
            (Self::Cursor(_) | Self::Events(_), Reader::Agent) | (Self::Object, Reader::Person) => {
                Detail::Standard
            }
            _ => Detail::Full,
        }
    }

    /// Whether the rows are a part of those there are.
    pub(crate) const fn is_paged(self) -> bool {
        matches!(self, Self::List(_) | Self::Cursor(_) | Self::Events(_) | Self::Scan(_))
    }

    /// What a result says of the rows that follow.
    pub(crate) const fn paging(self) -> &'static Fields {
        match self {
            Self::List(_) | Self::Events(_) | Self::Scan(_) => &frame::PAGED,
            Self::Cursor(_) => &frame::CONTINUED,
            Self::Fixed | Self::Object | Self::Report | Self::Table(_) => &frame::NOTHING,
        }
    }
}
