//! What is in results around the object or the rows.

use super::field::{Field, Fields, boolean, code, codes, integer, object, text};

/// What is in a list's result beside the rows.
pub(crate) static TOTAL: Fields = Fields::closed(&[&[
    integer("total_count").about("How many there are on all pages; null if Clerk doesn't say.")
]]);
/// The member that says whether there are more rows than a result has.
pub const HAS_MORE: &str = "hasMore";
/// The member that says which row comes next.
pub const NEXT_OFFSET: &str = "nextOffset";
/// The member that says whether all that was asked for was done.
pub const SUCCESS: &str = "success";
/// The field with remarks on a result, in sentences.
pub const NOTE: &str = "note";

/// What the server adds to the result of a tool that has pages.
pub(super) static PAGED: Fields = Fields::closed(&[&[
    boolean("has_more").about("Whether there are more than are shown here."),
    integer("next_offset").about("Give it as offset to go on; left out at the end."),
]]);
/// The member with the cursor of the rows that come next.
pub(crate) const NEXT_CURSOR: &str = "nextCursor";

/// What the result of a tool whose pages a cursor continues says of the next one.
pub(super) static CONTINUED: Fields = Fields::closed(&[&[
    boolean("has_more").about("Whether there are more, or may be."),
    code("next_cursor").about("Give it as startingAfter to continue; left out at the end."),
]]);
/// What the server adds to a list if one filter has several values, and the page shows all rows.
pub(super) static NOT_FOUND: Fields = Fields::closed(&[&[codes("not_found")
    .about("Values of the filter that nothing here has; given if the result is whole.")]]);
/// The member that says which file a result was written to.
pub(crate) const EXPORT: &str = "export";
/// What the server adds to a result that was written to a file.
pub(super) static EXPORTED: Fields = Fields::closed(&[&[object(EXPORT, &EXPORT_FIELDS)
    .about("The file that exportTo asked for; the rows beside it are its first five.")]]);
static EXPORT_FIELDS: Fields = Fields::closed(&[&[
    code("path").about("Where the file is, on the machine of the server."),
    integer("rows").about("How many rows it has."),
    integer("bytes"),
    codes("columns")
        .about("The columns of a CSV file; in JSON Lines, the declared values of a row."),
]]);
/// What every result has.
pub(super) static FRAME: Fields = Fields::closed(&[&[
    boolean("success").about("Whether all that was asked for was done."),
    text("note").about("Remarks on this result, in sentences."),
]]);
/// What every result of a call that writes has.
pub(super) static WRITTEN: Fields = Fields::closed(&[&[
    code("profile").about("The operator's name for the instance that was changed, if it has one."),
    code("change_id").about("The ID of the change in the journal, if there is one."),
]]);
/// What stands beside the object of a removal whose object doesn't say it.
pub(crate) static REMOVED: Fields =
    Fields::closed(&[&[boolean("removed").about("True: it was removed.")]]);
/// What stands beside the object of a revocation whose object doesn't say it.
pub(crate) static REVOKED: Fields =
    Fields::closed(&[&[boolean("revoked").about("True: it was revoked.")]]);
/// What stands beside the result of a call that revokes sessions.
pub(crate) const SESSIONS_REVOKED: &[Field] =
    &[integer("sessions_revoked").about("How many sessions the call revoked.")];
/// What stands beside the result of a call that revokes all sessions of a user, of which Clerk
/// doesn't say how many there were.
pub(crate) static ALL_SESSIONS_REVOKED: Fields =
    Fields::closed(&[&[boolean("all_sessions_revoked")
        .about("True: whatever sessions the user had are revoked. Clerk doesn't say how many.")]]);
/// Nothing.
pub(super) static NOTHING: Fields = Fields::closed(&[]);
