//! Incidents: what users and attackers did in the days before now, played through the sandbox's own
//! paths, so that its objects and logs are those of the story.
//!
//! Each is a file of data in `incidents/`. `acts` are requests, each at an offset before now; their
//! strings may name what an earlier act saved, such as `{mara}`, an item of a list, or `{n}`, the
//! number of a repetition, and `@-400d` is a date. `story` is what then stands in the logs.

mod file;
mod play;

use std::sync::Arc;

use crate::refusal::{FORM_PARAM_VALUE_INVALID, Refusal};
use crate::state::{Fixtures, KEY, Options};

pub(crate) use play::play;

use file::File;

/// The incidents, by name.
const INCIDENTS: [(&str, &str); 5] = [
    ("credential_stuffing", include_str!("../incidents/credential_stuffing.yaml")),
    ("duplicate_person", include_str!("../incidents/duplicate_person.yaml")),
    ("locked_out", include_str!("../incidents/locked_out.yaml")),
    ("sso_misconfigured", include_str!("../incidents/sso_misconfigured.yaml")),
    ("takeover", include_str!("../incidents/takeover.yaml")),
];

/// The names of all incidents.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    INCIDENTS.iter().map(|(name, _)| *name)
}

impl Options {
    /// The same, with all incidents on top of what every instance starts with. What they change
    /// happened in the days before this call.
    ///
    /// # Errors
    /// An incident can't be played on these fixtures, for example because a user of theirs has an
    /// address of the incident's.
    pub fn with_incidents(self) -> Result<Self, String> {
        let mut store = self.store();
        for name in names() {
            let failed = |refusal: Refusal| format!("incident {name}: {refusal}");
            store = play(store, name, KEY).map_err(failed)?.store;
        }
        Ok(Self { fixtures: Some(Fixtures(Arc::new(store))), ..self })
    }
}

/// The incident with this name.
fn read(name: &str) -> Result<File, Refusal> {
    let found = INCIDENTS.iter().find(|(known, _)| *known == name);
    let Some((_, text)) = found else {
        let names = names().collect::<Vec<_>>().join(", ");
        let sentence = format!("incident must be one of {names}.");
        return Err(FORM_PARAM_VALUE_INVALID.at("incident", sentence).into());
    };
    File::read(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_incidents_can_be_read() {
        for name in names() {
            assert!(read(name).is_ok_and(|file| !file.story.is_empty()), "{name}");
        }
    }
}
