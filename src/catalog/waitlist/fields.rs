//! Fields of the results of the tools for waitlist.

use crate::catalog::fields::INVITATION;
use crate::tool::field::{Fields, boolean, code, object, time};

/// A waitlist entry.
pub(in crate::catalog) static WAITLIST_ENTRY: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("email_address"),
    code("status").concise(),
    boolean("is_locked"),
    time("created_at"),
    time("updated_at").standard(),
    object("invitation", &INVITATION),
]]);
