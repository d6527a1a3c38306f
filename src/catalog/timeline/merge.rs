//! Folding what several sources know of the same, and putting all in order.

use std::cmp::Reverse;

use super::entry::{Entry, Source};

/// How far the times of two sources for the same may be apart, in ms: a webhook has the time of the
/// event, an object that of the write.
pub(super) const APART: i64 = 5_000;

/// All entries, newest first. What several sources know of the same is one entry. Of equal times,
/// the order is that of the sources and IDs, so it is always the same.
pub(super) fn merged(mut entries: Vec<Entry>) -> Vec<Entry> {
    // The first source gives the words, so it comes first.
    entries.sort_by(|one, other| (source(one), order(one)).cmp(&(source(other), order(other))));
    let mut all: Vec<Entry> = Vec::with_capacity(entries.len());
    for of_source in entries.chunk_by(|one, other| source(one) == source(other)) {
        let mut loose = Vec::new();
        for entry in of_source {
            match nearest(&all, entry) {
                Some(known) => known_again(&mut all, known, entry.clone()),
                None => loose.push(entry),
            }
        }
        let related: Vec<_> = loose.iter().map(|entry| only(&all, entry, &loose)).collect();
        for (entry, known) in loose.into_iter().zip(related) {
            match known {
                Some(known) => known_again(&mut all, known, entry.clone()),
                None => all.push(entry.clone()),
            }
        }
    }
    all.sort_by(|one, other| order(one).cmp(&order(other)));
    all
}

fn source(entry: &Entry) -> Option<Source> {
    entry.first().map(|(source, _)| source)
}

fn order(entry: &Entry) -> (Reverse<i64>, Option<(Source, Reverse<&str>)>) {
    // The IDs of logs begin with the time and may go on with a counter: the later one comes first.
    (Reverse(entry.at), entry.first().map(|(source, id)| (source, Reverse(id))))
}

/// Whether two entries can be the same, of two sources.
fn may_be_same(known: &Entry, entry: &Entry, ties: fn(&Entry, &Entry) -> bool) -> bool {
    let is_near = known.at.abs_diff(entry.at) <= APART.unsigned_abs()
        || (known.trace.is_some() && known.trace == entry.trace);
    is_near
        && entry.found.iter().all(|(source, _)| !known.is_of(*source))
        && is_same_kind(known, entry)
        && ties(known, entry)
}

/// The entry about the same object that is the same; of several, the nearest in time.
fn nearest(all: &[Entry], entry: &Entry) -> Option<usize> {
    let is_same = |known: &Entry| may_be_same(known, entry, is_same_object);
    let candidates = all.iter().enumerate().filter(|(_, known)| is_same(known));
    let nearest = candidates.min_by_key(|(_, known)| known.at.abs_diff(entry.at));
    nearest.map(|(index, _)| index)
}

/// The entry that is the same though it only names one of the same objects: it must be the only
/// one, and have no rival of the same source.
fn only(all: &[Entry], entry: &Entry, rivals: &[&Entry]) -> Option<usize> {
    let is_same = |known: &Entry, entry: &Entry| may_be_same(known, entry, is_related);
    let mut candidates = all.iter().enumerate().filter(|(_, known)| is_same(known, entry));
    let (index, known) = candidates.next()?;
    let rivals = rivals.iter().filter(|rival| is_same(known, rival)).count();
    // It is its own rival.
    (candidates.next().is_none() && rivals == 1).then_some(index)
}

/// Logs and webhooks spell families differently: `organization_membership.created` and
/// `organizationMembership.created`.
fn is_same_kind(one: &Entry, other: &Entry) -> bool {
    let letters = |kind: &str| {
        let letters = kind.chars().filter(|letter| *letter != '_');
        letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()
    };
    let is = |one: &Entry, other: &Entry| {
        one.also.iter().any(|also| letters(also) == letters(&other.kind))
    };
    one.kind == other.kind
        || letters(&one.kind) == letters(&other.kind)
        || is(one, other)
        || is(other, one)
}

fn is_same_object(one: &Entry, other: &Entry) -> bool {
    one.object.is_some() && one.object == other.object
}

fn is_related(one: &Entry, other: &Entry) -> bool {
    let ids = |entry: &Entry| -> Vec<String> {
        entry.object.iter().chain(&entry.related).cloned().collect()
    };
    let of_other = ids(other);
    ids(one).iter().any(|id| of_other.contains(id))
}

/// Another source knows of an entry: it is named, and says what the first one didn't.
fn known_again(all: &mut [Entry], index: usize, entry: Entry) {
    let Some(known) = all.get_mut(index) else { return };
    let Entry { who, on, from, ip, about, found, object, related, session, trace, .. } = entry;
    for (mine, theirs) in [
        (&mut known.who, who),
        (&mut known.on, on),
        (&mut known.from, from),
        (&mut known.ip, ip),
        (&mut known.about, about),
        (&mut known.object, object),
        (&mut known.session, session),
        (&mut known.trace, trace),
    ] {
        if mine.is_none() {
            *mine = theirs;
        }
    }
    known.related.extend(related);
    known.found.extend(found);
    known.found.sort();
}
