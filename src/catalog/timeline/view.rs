//! What the tool returns.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::{
    fit::Line,
    totals::{TOTALS, Totals},
};
use crate::tool::field::{Fields, code, integer, object, objects, text, texts, utc};

/// The fields of a timeline.
pub(super) static TIMELINE: Fields = Fields::closed(&[&[
    objects("entries", &ENTRY).about("What happened, newest first."),
    object("totals", &TOTALS).about("Counts of all entries that were read, if there are many."),
    texts("gaps").about("What isn't here, and why: a source that failed, or has no more."),
    object("read", &READ).about(
        "How many entries came from each source that could be read; one session gives up to two.",
    ),
    object("next", &NEXT).about("If there is more: what to call again with."),
]]);
static ENTRY: Fields = Fields::closed(&[&[
    utc("at").about("When; of several, the newest."),
    code("type").about("Clerk's type, a date of Clerk's object, or a tool of this server."),
    integer("count").about("How many of this type in a row it stands for; else one."),
    utc("first").about("With count: when the oldest of them was."),
    text("who").about(
        "Who did it; left out if no source says so, and of failed sign-ins, which may be anybody's.",
    ),
    code("on").about("What it was done to, if that isn't whom the timeline is of."),
    text("from").about("IP address, place and browser."),
    text("about").about("A reason, an outcome or what changed."),
    code("sources").about("Which sources know of it."),
    code("id").about("Its ID in the first of the sources."),
    text("cause").about(
        "Type and time of the entry that led to it, by trace, session or object.",
    ),
]]);
static READ: Fields = Fields::closed(&[&[
    integer("logs"),
    integer("events"),
    integer("sessions"),
    integer("user"),
    integer("organization"),
    integer("invitations"),
    integer("audit"),
]]);
static NEXT: Fields = Fields::closed(&[&[utc("before")]]);

/// All of the result but `success` and `note`.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
pub(super) struct Timeline {
    pub(super) entries: Vec<Line>,
    pub(super) totals: Option<Totals>,
    pub(super) gaps: Vec<String>,
    pub(super) read: BTreeMap<&'static str, usize>,
    pub(super) next: Option<Next>,
}

/// How to go on.
#[derive(Debug, Serialize)]
pub(super) struct Next {
    pub(super) before: String,
}
