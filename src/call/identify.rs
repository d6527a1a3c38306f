//! Which objects a call names by an email address, a slug or a name. All that comes after knows
//! them by their ids only.

mod look;

use std::collections::BTreeSet;

use indexmap::IndexSet;
use serde_json::{Map, Value};

use self::look::{Candidate, Candidates, Looked, Name};
use super::{
    parse::Parsed,
    record::Refused,
    screen::{Decision, Screened},
};
use crate::{
    Ctx, Error,
    guard::question::plain,
    tool::{ArgumentError, Tool, handle::Handle},
};

/// How many candidates a refusal names, and how many objects a question or a note.
const NAMED: usize = 20;
/// How many characters of what was given are shown.
const GIVEN: usize = 100;

/// A call that names all objects by their ids.
pub(super) struct Identified<'a> {
    pub(super) parsed: Parsed<'a>,
    /// Whether a look at Clerk decides.
    pub(super) decision: Decision,
}

/// An object that was looked up.
pub(super) struct Identity {
    /// The path of the argument.
    pub(super) path: String,
    pub(super) id: String,
    /// What was given and the id in a sentence, with what should be known of it.
    words: String,
}

impl<'a> Screened<'a> {
    /// # Errors
    /// Those of the look, and [`Error::NotIdentified`]. Or the policy denies the call, now that ids
    /// are known.
    pub(super) async fn identify(self) -> Result<Identified<'a>, Refused> {
        let Self { mut parsed, decision } = self;
        let Parsed { call, record, arguments, .. } = &mut parsed;
        let names = names(call.tool, arguments);
        if names.is_empty() {
            return Ok(Identified { parsed, decision });
        }
        let looked = call.before(look::up(&call.ctx, names)).await;
        let identities =
            match looked.and_then(|looked| put(&looked, call.tool, arguments, &call.ctx)) {
                Ok(identities) => identities,
                Err(error) => return Err(parsed.record.refused(error)),
            };
        record.identifies(call.tool, arguments, &identities);
        parsed.identified = in_words(&identities);
        // What rules say of organizations depends on their ids.
        let Screened { parsed, decision } = parsed.screen()?;
        Ok(Identified { parsed, decision })
    }
}

/// Puts ids in the place of what names objects otherwise.
///
/// # Errors
/// Those of the look, and [`Error::NotIdentified`].
pub(super) async fn identify(
    ctx: &Ctx,
    tool: &Tool,
    arguments: &mut Map<String, Value>,
) -> Result<(), Error> {
    let names = names(tool, arguments);
    put(&look::up(ctx, names).await?, tool, arguments, ctx).map(drop)
}

/// What names objects otherwise than by their ids.
fn names(tool: &Tool, arguments: &mut Map<String, Value>) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    tool.each_handle(arguments, &mut |_, handle, text| {
        names.insert((handle, text.to_owned()));
        None
    });
    names
}

/// Puts the ids that were found into the arguments.
fn put(
    looked: &Looked,
    tool: &Tool,
    arguments: &mut Map<String, Value>,
    ctx: &Ctx,
) -> Result<Vec<Identity>, Error> {
    let is_read = tool.effect.is_read();
    let mut errors = Vec::new();
    let mut identities: Vec<Identity> = Vec::new();
    tool.each_handle(arguments, &mut |path, handle, text| {
        let candidates = looked.get(&(handle, text.to_owned()))?;
        let given = plain(ctx, text, GIVEN);
        match candidates.only(handle, &given, is_read) {
            Ok(candidate) => {
                let (path, id) = (path.to_owned(), candidate.id.clone());
                identities.push(Identity { path, id, words: candidate.sentence(&given) });
                Some(candidate.id.clone())
            }
            Err(problem) => {
                errors.push(ArgumentError::new(path, problem).find(finder(handle)));
                None
            }
        }
    });
    if errors.is_empty() { Ok(identities) } else { Err(Error::NotIdentified(errors)) }
}

const fn finder(handle: Handle) -> &'static str {
    match handle {
        Handle::Email => "{clerk_list_users} finds users by query.",
        Handle::Organization => "{clerk_list_organizations} finds organizations by query.",
    }
}

impl Candidates {
    /// The one that is meant, or why it isn't clear.
    fn only(&self, handle: Handle, given: &str, is_read: bool) -> Result<&Candidate, String> {
        let (nouns, id) = match handle {
            Handle::Email => ("users", "user's ID"),
            Handle::Organization => ("organizations", "organization's ID"),
        };
        match (self.found.as_slice(), handle) {
            _ if self.is_cut => Err(format!(
                "matches too many {nouns} to find \"{given}\" among them: give the {id}"
            )),
            ([], Handle::Email) => {
                Err(format!("names nobody: no user has the email address \"{given}\""))
            }
            ([], Handle::Organization) => Err(format!(
                "names no organization: none has \"{given}\" as its slug or exact name"
            )),
            ([candidate], _) if is_read || candidate.is_verified => Ok(candidate),
            ([candidate], _) => Err(format!(
                "names {} by an email address that isn't verified, so anybody may have added it: \
                 give the {id} if you mean {}",
                candidate.words(handle),
                candidate.id,
            )),
            (several, _) => {
                let named = several.iter().take(NAMED).map(|candidate| candidate.words(handle));
                let named = named.collect::<Vec<_>>().join("; ");
                Err(format!(
                    "names {} {nouns} by \"{given}\": {named}{}; give the {id} that you mean",
                    several.len(),
                    more(several.len()),
                ))
            }
        }
    }
}

/// How many there are beyond those that are named.
fn more(count: usize) -> String {
    match count.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    }
}

impl Candidate {
    /// The id and what people know it by: `user_1 ("Jo Doe", verified)`.
    fn words(&self, handle: Handle) -> String {
        let name = self.known_as.as_ref().map(|name| format!("\"{name}\""));
        let verified = match handle {
            Handle::Email if self.is_verified => Some("verified".to_owned()),
            Handle::Email => Some("not verified".to_owned()),
            Handle::Organization => None,
        };
        let known: Vec<String> = name.into_iter().chain(verified).collect();
        if known.is_empty() {
            self.id.clone()
        } else {
            format!("{} ({})", self.id, known.join(", "))
        }
    }

    /// What was given and who it is.
    fn sentence(&self, given: &str) -> String {
        let Self { id, known_as, is_verified } = self;
        let name = known_as.as_ref().map(|name| format!(" (\"{name}\")")).unwrap_or_default();
        let verified = if *is_verified {
            ""
        } else {
            "; the address isn't verified, so anybody may have added it"
        };
        format!("\"{given}\" is {id}{name}{verified}.")
    }
}

/// What was looked up, as sentences.
fn in_words(identities: &[Identity]) -> Vec<String> {
    let all: IndexSet<&String> = identities.iter().map(|identity| &identity.words).collect();
    let mut sentences: Vec<String> = all.iter().take(NAMED).map(|words| (*words).clone()).collect();
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        sentences.push(format!("{more} more were looked up."));
    }
    sentences
}
