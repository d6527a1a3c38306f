//! How a write is taken back, as data in its row: for the journal of changes, and for the person who
//! is asked to approve it.

use super::Tool;

/// How what a call did is taken back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Undo {
    /// It leaves nothing to take back: it reads, checks a secret, or consists of calls of other tools,
    /// each of which says for itself how it is taken back.
    Nothing,
    /// The same tool sets fields back to what they were.
    SetBack {
        /// How the object is read, before and after.
        look: Look,
        /// The arguments that can be set back, by their names at Clerk. The object has a field of the
        /// same name for each, unless `elsewhere` says otherwise. What isn't here Clerk doesn't show,
        /// so nothing knows what it was.
        fields: &'static [&'static str],
        /// Arguments whose values the object has in other fields.
        elsewhere: &'static [Elsewhere],
        /// What doesn't come back by it, as a sentence; "" for nothing.
        but: &'static str,
    },
    /// Another tool does the opposite.
    By(Opposite),
    /// Nothing brings it back, and why, as a sentence for a person.
    Never(&'static str),
    /// Nothing brings it back, but a person can do much of it again by hand, with what the journal of
    /// changes keeps of it.
    Gone {
        /// The tools that read it, with arguments of the same names: an object, or a list of what goes
        /// with it.
        looks: &'static [&'static str],
        /// Why not, as a sentence for a person.
        why: &'static str,
    },
}

/// An argument, and the path of the field that has its value; all names are those at Clerk. Of an array
/// on the path each item is followed. An argument in the request's path may be a name that the call
/// changes: then it is looked up by what lasts, its ID.
pub(crate) type Elsewhere = (&'static str, &'static [&'static str]);

/// The call that does the opposite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opposite {
    /// The tool.
    pub(crate) tool: &'static str,
    /// Where each of its arguments comes from, by its name at Clerk.
    pub(crate) arguments: &'static [(&'static str, Source)],
    /// How the object that was changed is read, to see whether the call changed anything, and whether
    /// somebody else changed it since.
    pub(crate) look: Look,
    /// The fields of that object that the call changes; none if it creates or removes the object.
    pub(crate) changes: &'static [&'static str],
    /// What doesn't come back by it, as a sentence; "" for nothing.
    pub(crate) but: &'static str,
}

/// Where an argument of the opposite call comes from. All names are those at Clerk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// From an argument of the call.
    Argument(&'static str),
    /// From a field of what Clerk returned for the call.
    Result(&'static str),
    /// From a field of the object as it was before the call, or one in it: `role.id`.
    Before(&'static str),
}

/// How an object is read, with the arguments of the call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    /// It isn't: Clerk has no operation for it, or none that costs few requests.
    None,
    /// By a tool that returns one object, and takes arguments of the same names.
    Object(&'static str),
    /// By such a row that isn't a tool: it reads more of the object than a tool returns.
    Whole(&'static Tool),
    /// As a row of the list that a tool returns, which takes arguments of the same names: the row in
    /// which a field has the value of an argument.
    Row {
        /// The tool.
        tool: &'static str,
        /// The field of the row, by the path of its names at Clerk.
        field: &'static [&'static str],
        /// The argument.
        argument: &'static str,
    },
}

impl Undo {
    /// The same tool sets these fields of the object back.
    pub(crate) const fn set_back(look: Look, fields: &'static [&'static str]) -> Self {
        Self::SetBack { look, fields, elsewhere: &[], but: "" }
    }

    /// The same, with arguments whose values the object has in other fields.
    pub(crate) const fn elsewhere(self, elsewhere: &'static [Elsewhere]) -> Self {
        match self {
            Self::SetBack { look, fields, but, .. } => {
                Self::SetBack { look, fields, elsewhere, but }
            }
            other => other,
        }
    }

    /// Nothing brings it back, but these tools read what a person needs to do it again by hand.
    pub(crate) const fn gone(looks: &'static [&'static str], why: &'static str) -> Self {
        Self::Gone { looks, why }
    }

    /// Another tool does the opposite.
    pub(crate) const fn by(
        tool: &'static str,
        arguments: &'static [(&'static str, Source)],
    ) -> Self {
        Self::By(Opposite { tool, arguments, look: Look::None, changes: &[], but: "" })
    }

    /// What the call created is deleted or revoked by another tool, whose argument takes the id that
    /// Clerk returned.
    pub(crate) const fn created(
        tool: &'static str,
        arguments: &'static [(&'static str, Source)],
    ) -> Self {
        Self::by(tool, arguments)
    }

    /// How the object is read that the call or its opposite changes, and the fields that they change;
    /// none if they create or remove the object.
    pub(crate) const fn changes(self, look: Look, changes: &'static [&'static str]) -> Self {
        match self {
            Self::By(opposite) => Self::By(Opposite { look, changes, ..opposite }),
            other => other,
        }
    }

    /// Whether it or its opposite creates the object, and the object can be looked at.
    pub(crate) const fn is_of_presence(self) -> bool {
        match self {
            Self::By(Opposite { look, changes: [], .. }) => !matches!(look, Look::None),
            _ => false,
        }
    }

    /// What doesn't come back by it, as a sentence.
    pub(crate) const fn but(self, but: &'static str) -> Self {
        match self {
            Self::SetBack { look, fields, elsewhere, .. } => {
                Self::SetBack { look, fields, elsewhere, but }
            }
            Self::By(opposite) => Self::By(Opposite { but, ..opposite }),
            other => other,
        }
    }
}

impl Tool {
    /// Whether what it does can be undone, in sentences for the person who is to approve it; "" if it
    /// does nothing that could be.
    #[must_use]
    pub fn undo_sentence(&self) -> String {
        let (can, but) = match self.undo {
            Undo::Nothing => return String::new(),
            Undo::Never(why) | Undo::Gone { why, .. } => ("It can't be undone.".to_owned(), why),
            Undo::SetBack { but, .. } => ("It can be set back.".to_owned(), but),
            Undo::By(Opposite { tool, but, .. }) => (format!("It can be undone with {tool}."), but),
        };
        format!("{can} {but}").trim_end().to_owned()
    }
}
