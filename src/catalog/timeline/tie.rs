//! What led to what, as far as a trace, a session or an object ties two entries.

use std::collections::HashMap;

use super::entry::{Entry, Source};
use crate::tool::kind::Kind;

/// What happened by itself because of something else: it leads to nothing that has the same trace.
const EFFECTS: [&str; 1] = ["user.locked"];

/// For each entry, the one that led to it. The entries are in order, newest first.
///
/// A request of this server, or else the first entry with the same trace, led to all others of it.
/// Whatever happened in a session, its creation led to; and the creation of an object led to what
/// was done to it, unless it is somebody: all that a user does would come from the sign-up.
pub(super) fn causes(entries: &[Entry]) -> Vec<Option<usize>> {
    let (mut traces, mut sessions, mut objects) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (index, entry) in entries.iter().enumerate() {
        // Older ones come later, so they take the place.
        let is_effect = EFFECTS.contains(&entry.kind.as_str());
        if let Some(trace) = entry.trace.as_deref().filter(|_| !is_effect) {
            let root = traces.entry(trace).or_insert(index);
            if !entries.get(*root).is_some_and(|root| root.is_of(Source::Audit)) {
                *root = index;
            }
        }
        if entry.kind.split_once('.').is_some_and(|(_, what)| what == "created") {
            objects.extend(entry.object.as_deref().filter(is_thing).map(|object| (object, index)));
            let session = entry.session.as_deref().filter(|_| entry.session == entry.object);
            sessions.extend(session.map(|session| (session, index)));
        }
    }
    let known = |of: &HashMap<&str, usize>, id: Option<&str>| id.and_then(|id| of.get(id)).copied();
    let cause = |(index, entry): (usize, &Entry)| {
        if entry.is_of(Source::Audit) {
            return None;
        }
        let earlier = |cause: &usize| *cause > index;
        known(&traces, entry.trace.as_deref())
            .filter(|root| *root != index)
            .or_else(|| known(&sessions, entry.session.as_deref()).filter(earlier))
            .or_else(|| known(&objects, entry.object.as_deref()).filter(earlier))
    };
    entries.iter().enumerate().map(cause).collect()
}

/// Whether an ID isn't that of a user or an organization.
fn is_thing(id: &&str) -> bool {
    !matches!(Kind::of_prefix(id), Some(Kind::User | Kind::Organization))
}
