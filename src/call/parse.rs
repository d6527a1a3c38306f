//! Whether a call's arguments are right.

use serde_json::{Map, Value};

use super::{
    Call,
    record::{Record, Refused},
    select::Selected,
};
use crate::{
    Error, text,
    tool::{ArgumentError, Checked, projection::Projection},
};

/// A call with checked arguments.
pub(super) struct Parsed<'a> {
    pub(super) call: Call<'a>,
    pub(super) record: Record,
    /// The tool's own arguments.
    pub(super) arguments: Map<String, Value>,
    /// The same as they were given, if the call may have to wait for a second person: it is made again
    /// with them.
    pub(super) given: Option<Map<String, Value>>,
    /// What was ignored in the arguments.
    pub(super) notes: Vec<String>,
    /// What the arguments name otherwise than by ids, and which ids these are, as sentences.
    pub(super) identified: Vec<String>,
    /// How the result is shown.
    pub(super) projection: Projection,
    pub(super) plan_token: Option<String>,
}

impl<'a> Selected<'a> {
    /// # Errors
    /// All that is wrong with the arguments.
    pub(super) fn parse(self) -> Result<Parsed<'a>, Refused> {
        let Self { call, mut record, arguments, plan_token, export_to, mut errors } = self;
        if !call.tool.effect.is_read() {
            errors.extend(marked(&arguments));
        }
        let given = call.server.guard.approvals.as_ref().map(|_| arguments.clone());
        match call.tool.check(arguments) {
            Ok(Checked { mut arguments, notes }) if errors.is_empty() => {
                record.takes(call.tool, &arguments);
                let mut projection = call.tool.projection(&mut arguments);
                projection.export_to = export_to;
                let identified = Vec::new();
                Ok(Parsed {
                    call,
                    record,
                    arguments,
                    given,
                    notes,
                    identified,
                    projection,
                    plan_token,
                })
            }
            Ok(_) => Err(record.refused(Error::Arguments(errors))),
            Err(more) => {
                errors.extend(more.into_iter().map(|error| call.elsewhere(error)));
                Err(record.refused(Error::Arguments(errors)))
            }
        }
    }
}

/// Arguments with a mark that this server put in the place of text.
fn marked(arguments: &Map<String, Value>) -> impl Iterator<Item = ArgumentError> {
    let problem = "holds a mark that this server put in place of text (⟦…⟧ or […removed]); written \
                   back it would destroy that text: leave the value out, or write it anew";
    let marked = arguments.iter().filter(|(_, value)| text::marked(value));
    marked.map(move |(name, _)| ArgumentError::new(name.clone(), problem))
}

impl Call<'_> {
    /// Names the tool that takes an argument which this one lacks.
    fn elsewhere(&self, mut error: ArgumentError) -> ArgumentError {
        let Self { server, tool, .. } = *self;
        let nameable = self.nameable(tool);
        if let Some((_, wider)) = server.find(tool.wider)
            && tool.argument(&error.argument).is_none()
            && wider.argument(&error.argument).is_some()
            && let Some(wider) = nameable.name(wider.name)
        {
            error.problem = format!("isn't an argument of this tool, but of {wider}");
        }
        error
    }
}
