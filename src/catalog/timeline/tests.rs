//! Folding, order, causes and the fit, on entries that are made up.

use proptest::prelude::*;

use super::{
    Joined,
    entry::{Entry, Source},
    fit::{Room, Shown, fit},
    merge::merged,
    tie::causes,
};
use crate::tokens;

fn entry(source: Source, id: &str, at: i64, kind: &str, object: &str) -> Entry {
    Entry { object: Some(object.to_owned()), ..Entry::new(source, id, at, kind) }
}

fn ids(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.first().unwrap().1).collect()
}

fn sources(entry: &Entry) -> Vec<Source> {
    entry.found.iter().map(|(source, _)| *source).collect()
}

#[test]
fn what_log_event_and_object_know_is_one_entry_with_the_words_of_all() {
    let log = Entry {
        who: Some("user user_1".to_owned()),
        trace: Some("t".to_owned()),
        ..entry(Source::Logs, "log", 10_000, "session.created", "sess_1")
    };
    let event = Entry {
        from: Some("192.0.2.7".to_owned()),
        ..entry(Source::Events, "msg", 10_900, "session.created", "sess_1")
    };
    let object = Entry {
        about: Some("now active".to_owned()),
        ..entry(Source::Sessions, "sess_1", 9_990, "session.created", "sess_1")
    };
    let all = merged(vec![object, event, log]);
    let [one] = &*all else { panic!("{all:#?}") };
    assert_eq!(sources(one), [Source::Logs, Source::Events, Source::Sessions]);
    assert_eq!((one.at, one.first().unwrap().1), (10_000, "log"));
    let words = [&one.who, &one.from, &one.about, &one.trace].map(|word| word.as_deref().unwrap());
    assert_eq!(words, ["user user_1", "192.0.2.7", "now active", "t"]);
}

#[test]
fn what_is_apart_in_time_of_another_object_or_type_or_of_one_source_stays_apart() {
    let log = entry(Source::Logs, "log", 10_000, "user.updated", "user_1");
    let other = |source, at, kind, object| entry(source, "other", at, kind, object);
    for other in [
        other(Source::Events, 15_001, "user.updated", "user_1"),
        other(Source::Events, 10_000, "user.updated", "user_2"),
        other(Source::Events, 10_000, "user.created", "user_1"),
        other(Source::Logs, 10_000, "user.updated", "user_1"),
    ] {
        assert_eq!(merged(vec![log.clone(), other.clone()]).len(), 2, "{other:?}");
    }
    // The same trace is the same request, however late it was reported.
    let trace = |entry: Entry| Entry { trace: Some("t".to_owned()), ..entry };
    let late = other(Source::Events, 99_000, "user.updated", "user_1");
    assert_eq!(merged(vec![trace(log.clone()), trace(late)]).len(), 1);
    // Each of two takes the one that is nearer.
    let events = [10_100, 14_100].map(|at| other(Source::Events, at, "user.updated", "user_1"));
    let later = entry(Source::Logs, "later", 14_000, "user.updated", "user_1");
    let all = merged([vec![log, later], events.to_vec()].concat());
    assert_eq!(ids(&all), ["later", "log"]);
    assert!(all.iter().all(|entry| sources(entry).len() == 2), "{all:#?}");
}

#[test]
fn who_shares_only_one_id_is_the_same_if_nobody_else_can_be() {
    let kind = "organizationMembership.created";
    let log = |id: &str| {
        let kind = "organization_membership.created";
        entry(Source::Logs, id, 10_000, kind, "org_1")
    };
    let event = |id: &str| Entry {
        related: vec!["org_1".to_owned()],
        ..entry(Source::Events, id, 10_100, kind, &format!("orgmem_{id}"))
    };
    let all = merged(vec![log("log"), event("msg")]);
    assert_eq!(ids(&all), ["log"]);
    assert_eq!(merged(vec![log("log"), event("msg"), event("other")]).len(), 3);
    assert_eq!(merged(vec![log("log"), log("later"), event("msg")]).len(), 3);
}

#[test]
fn a_date_under_another_name_is_folded_into_what_it_is_the_date_of() {
    let date = Entry {
        also: &["sign_in.completed"],
        ..entry(Source::User, "user_1", 10_000, "user.last_sign_in_at", "user_1")
    };
    let log = entry(Source::Logs, "log", 10_020, "sign_in.completed", "user_1");
    let all = merged(vec![date, log]);
    assert_eq!((all.len(), &*all[0].kind), (1, "sign_in.completed"));
}

#[test]
fn a_request_of_ours_a_session_and_the_making_of_an_object_lead_to_what_follows() {
    let of = |trace: &str, session: &str, entry: Entry| Entry {
        trace: (!trace.is_empty()).then(|| trace.to_owned()),
        session: (!session.is_empty()).then(|| session.to_owned()),
        ..entry
    };
    let log = |id: &str, at, kind: &str, object: &str| entry(Source::Logs, id, at, kind, object);
    let all = merged(vec![
        of("t1", "", log("signed_in", 1, "sign_in.completed", "user_1")),
        of("t1", "sess_1", log("session", 2, "session.created", "sess_1")),
        of("t2", "sess_1", log("address", 3, "email_address.created", "idn_1")),
        of("t3", "sess_1", log("changed", 4, "user.updated", "user_1")),
        of("", "", log("gone", 5, "email_address.deleted", "idn_1")),
        of("t4", "", log("banned", 6, "user.banned", "user_1")),
        of("t4", "sess_1", log("ended", 7, "session.revoked", "sess_1")),
        // Our own clock may be late.
        of("t4", "", Entry::new(Source::Audit, "call", 8, "clerk_ban_user")),
    ]);
    let causes = causes(&all);
    let id = |index: usize| all[index].first().unwrap().1;
    let ties: Vec<_> = all
        .iter()
        .zip(&causes)
        .map(|(entry, cause)| (entry.first().unwrap().1, cause.map(id)))
        .collect();
    let expected = [
        ("call", None),
        ("ended", Some("call")),
        ("banned", Some("call")),
        ("gone", Some("address")),
        ("changed", Some("session")),
        ("address", Some("session")),
        ("session", Some("signed_in")),
        ("signed_in", None),
    ];
    assert_eq!(ties, expected);
}

#[test]
fn a_lock_comes_from_the_last_failure_and_the_failure_not_from_the_lock() {
    let of = |id: &str, at, kind: &str| Entry {
        trace: Some("t".to_owned()),
        ..entry(Source::Logs, id, at, kind, "user_1")
    };
    for locked_at in [10, 11, 9] {
        let all = merged(vec![
            of("failed", 10, "sign_in.password.failed"),
            of("locked", locked_at, "user.locked"),
        ]);
        let causes = causes(&all);
        for (entry, cause) in all.iter().zip(causes) {
            let cause = cause.map(|index| all[index].first().unwrap().1);
            let expected = (entry.kind == "user.locked").then_some("failed");
            assert_eq!(cause, expected, "{locked_at} {}", entry.kind);
        }
    }
}

#[test]
fn a_line_for_several_names_some_of_what_they_say() {
    let tries = (0..9).map(|number| Entry {
        about: Some(format!("error_code: wrong, identifier: {}@acme.example", number % 5)),
        ..entry(Source::Logs, &number.to_string(), number, "sign_in.failed", "user_1")
    });
    let all = merged(tries.collect());
    let shown = fit(&all, &vec![None; all.len()], Room { lines: 3, tokens: 20_000 });
    let about = shown.lines[0].about.as_deref().unwrap();
    assert_eq!(
        about,
        "error_code: wrong, identifier: 3@acme.example; error_code: wrong, identifier: \
         2@acme.example; error_code: wrong, identifier: 1@acme.example and 2 more"
    );
}

/// A night of failed sign-ins between a sign-up and a lock.
fn attack() -> Vec<Entry> {
    let tries = (0..214).map(|number| Entry {
        from: Some(format!("198.51.100.{}", number % 3)),
        ip: Some(format!("198.51.100.{}", number % 3)),
        ..entry(
            Source::Logs,
            &format!("try_{number:03}"),
            1_000 + number,
            "sign_in.failed",
            "user_1",
        )
    });
    let around = [
        entry(Source::Logs, "made", 1, "user.created", "user_1"),
        entry(Source::Logs, "locked", 9_000, "user.locked", "user_1"),
    ];
    merged(around.into_iter().chain(tries).collect())
}

#[test]
fn a_dense_stretch_is_one_line_with_count_first_and_last_time() {
    let all = attack();
    let none = vec![None; all.len()];
    let shown = fit(&all, &none, Room { lines: 50, tokens: 20_000 });
    assert!(shown.entries == 216 && shown.lines.len() == 3, "{shown:#?}");
    let run = serde_json::to_value(&shown.lines[1]).unwrap();
    let expected = serde_json::json!({
        "at": "1970-01-01T00:00:01Z", "type": "sign_in.failed", "count": 214,
        "first": "1970-01-01T00:00:01Z", "from": "198.51.100.0 and 2 more", "sources": "logs",
        "id": "try_213",
    });
    assert_eq!(run, expected);
    // With room for all, too: so many nobody reads one by one. Of few each stands for itself.
    let shown = fit(&all, &none, Room { lines: 500, tokens: 20_000 });
    assert_eq!(shown.lines.len(), 3);
    let shown = fit(&all[..50], &none[..50], Room { lines: 50, tokens: 20_000 });
    assert_eq!(shown.lines.len(), 50);
    // A file has them all.
    let shown = fit(&all, &none, Room { lines: 500, tokens: usize::MAX });
    assert_eq!(shown.lines.len(), 216);
    // Those that differ in nothing but their time are one whatever their number.
    let all: Vec<Entry> =
        all.into_iter().map(|entry| Entry { from: None, ip: None, ..entry }).take(4).collect();
    let shown = fit(&all, &none[..4], Room { lines: 50, tokens: 20_000 });
    let counts: Vec<_> = shown.lines.iter().map(|line| line.count).collect();
    assert_eq!(counts, [None, Some(3)]);
}

#[test]
fn if_lines_stand_for_several_the_totals_say_how_much_there_is_of_what() {
    let joined = |entries: &[Entry]| Joined { entries: entries.to_vec(), ..Joined::default() };
    let (timeline, _) = joined(&attack()).fitted(50, 20_000);
    let totals = serde_json::to_value(timeline.totals.unwrap()).unwrap();
    let expected = serde_json::json!({
        "types": ["sign_in.failed: 214", "user.created: 1", "user.locked: 1"],
        "ipAddresses": ["198.51.100.0: 72", "198.51.100.1: 71", "198.51.100.2: 71"],
        "users": 1,
    });
    assert_eq!(totals, expected);
    assert!(joined(&attack()[..10]).fitted(50, 20_000).0.totals.is_none());
    let many = (0..30).map(|number| Entry {
        ip: Some(format!("198.51.100.{number}")),
        ..entry(Source::Logs, &number.to_string(), number, "a.b", &format!("user_{number}"))
    });
    let (timeline, _) = joined(&merged(many.collect())).fitted(1, 20_000);
    let totals = serde_json::to_value(timeline.totals.unwrap()).unwrap();
    assert_eq!(
        (&totals["users"], &totals["ipAddresses"][8]),
        (&30.into(), &"and 22 more IP addresses".into())
    );
}

#[test]
fn a_list_ends_where_a_source_has_more_and_goes_on_there() {
    let event = |at: i64| entry(Source::Events, &at.to_string(), at, &format!("a.{at}"), "x");
    let all: Vec<_> = (0..9).map(event).collect();
    let joined = |entries: &[Entry], floor| Joined {
        entries: merged(entries.to_vec()),
        floor: Some(floor),
        ..Joined::default()
    };
    let (timeline, notes) = joined(&all, 4).fitted(50, 20_000);
    let ids: Vec<_> = timeline.entries.iter().map(|line| &*line.id).collect();
    assert_eq!(ids, ["8", "7", "6", "5"]);
    assert_eq!(timeline.next.unwrap().before, "1970-01-01T00:00:00.005Z");
    assert_eq!((notes, timeline.gaps), (vec![], vec![]));
    // A moment that no call gets past is said to be one.
    let (timeline, _) = joined(&all, 8).fitted(50, 20_000);
    assert_eq!(timeline.entries.len(), 1);
    assert_eq!(timeline.gaps, ["More happened at 1970-01-01T00:00:00Z than one call reads."]);
    assert_eq!(timeline.next.unwrap().before, "1970-01-01T00:00:00.008Z");
}

#[test]
fn an_empty_list_names_the_sources_that_have_nothing() {
    let read = [("logs", 0), ("events", 0)].into();
    let (timeline, notes) = Joined { read, ..Joined::default() }.fitted(50, 20_000);
    assert_eq!(notes, ["Nothing from events, logs; gaps says what else there is."]);
    assert!(timeline.entries.is_empty() && timeline.next.is_none());
}

const ALL: [Source; 7] = [
    Source::Logs,
    Source::Events,
    Source::Sessions,
    Source::User,
    Source::Organization,
    Source::Invitations,
    Source::Audit,
];

/// Entries of few types, objects and moments, so that many meet.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let some = |of: [&'static str; 3]| {
        prop::option::of(prop::sample::select(of.to_vec()).prop_map(str::to_owned))
    };
    let kind = prop::sample::select(vec![
        "session.created",
        "user.updated",
        "sign_in.failed",
        "organization_membership.created",
        "organizationMembership.created",
    ]);
    let one = (
        prop::sample::select(ALL.to_vec()),
        0_i64..60_000,
        kind,
        some(["user_1", "sess_1", "org_1"]),
        some(["user_1", "sess_1", "org_1"]),
        some(["sess_1", "sess_2", "sess_3"]),
        some(["t1", "t2", "t3"]),
        prop::option::of("\\PC{0,40}"),
    );
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let entry = |(number, (source, at, kind, object, related, session, trace, about))| Entry {
            object,
            related: Option::into_iter(related).collect(),
            session,
            trace,
            about,
            ..Entry::new(source, &format!("id_{number}"), at / 100 * 100, kind)
        };
        all.into_iter().enumerate().map(entry).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_lost_twice_out_of_order_or_without_a_source(
        entries in entries(),
        shuffled in any::<u64>(),
    ) {
        let all = merged(entries.clone());
        let found = |entries: &[Entry]| {
            let mut found: Vec<_> =
                entries.iter().flat_map(|entry| entry.found.clone()).collect();
            found.sort();
            found
        };
        prop_assert_eq!(found(&all), found(&entries));
        prop_assert!(all.iter().all(|entry| !entry.found.is_empty()));
        prop_assert!(all.is_sorted_by(|newer, older| newer.at >= older.at));
        for entry in &all {
            let of = sources(entry);
            prop_assert!(of.is_sorted_by(|one, other| one < other), "one source twice: {:?}", entry);
        }
        // The order in which the sources answered changes nothing.
        let mut others = entries;
        let half = usize::try_from(shuffled % 7).unwrap() * others.len() / 7;
        others.rotate_left(half);
        let again = merged(others);
        prop_assert_eq!(ids(&again), ids(&all));
    }

    #[test]
    fn a_cause_shares_a_trace_a_session_or_an_object_and_no_chain_is_a_ring(entries in entries()) {
        let all = merged(entries);
        let causes = causes(&all);
        for (index, entry) in all.iter().enumerate() {
            let Some(cause) = causes[index] else { continue };
            let led = &all[cause];
            let ties = |mine: &Option<String>, theirs: &Option<String>| mine.is_some() && mine == theirs;
            prop_assert!(
                ties(&entry.trace, &led.trace)
                    || ties(&entry.session, &led.session)
                    || ties(&entry.object, &led.object)
            );
            prop_assert!(cause > index || led.is_of(Source::Audit));
            let mut at = index;
            for _ in 0..=all.len() {
                let Some(next) = causes[at] else { break };
                at = next;
            }
            prop_assert!(causes[at].is_none(), "a ring");
        }
    }

    #[test]
    fn what_is_shown_fits_and_stands_for_the_newest(
        entries in entries(),
        lines in 0_usize..60,
        tokens in 0_usize..3_000,
    ) {
        let all = merged(entries);
        let Shown { lines: shown, entries: count, splits_a_moment } =
            fit(&all, &causes(&all), Room { lines, tokens });
        prop_assert!(shown.len() <= lines);
        let cost: usize =
            shown.iter().map(|line| tokens::of(&serde_json::to_value(line).unwrap()) + 1).sum();
        prop_assert!(cost <= tokens);
        let stands: usize = shown.iter().map(|line| line.count.unwrap_or(1)).sum();
        prop_assert_eq!(stands, count);
        let mut newest = ids(&all[..count]).into_iter();
        for line in &shown {
            prop_assert_eq!(Some(&*line.id), newest.next());
            newest.by_ref().take(line.count.unwrap_or(1) - 1).for_each(drop);
        }
        // Who goes on before the last moment misses nothing.
        let missed = count > 0
            && all[count..].iter().any(|older| older.at == all[count - 1].at);
        prop_assert_eq!(missed, splits_a_moment);
    }

    #[test]
    fn pages_together_have_every_entry_once(entries in entries(), lines in 1_usize..20) {
        let all = merged(entries);
        let moments: std::collections::BTreeMap<i64, usize> =
            all.iter().fold(std::collections::BTreeMap::default(), |mut moments, entry| {
                *moments.entry(entry.at).or_default() += 1;
                moments
            });
        // Only a moment that is longer than a page is split, and a gap says so.
        prop_assume!(moments.values().all(|count| *count <= lines));
        let (mut left, mut seen) = (all.clone(), 0);
        loop {
            let joined = Joined { entries: left.clone(), ..Joined::default() };
            let (timeline, _) = joined.fitted(lines, 100_000);
            prop_assert_eq!(&timeline.gaps, &Vec::<String>::new());
            seen += timeline.entries.iter().map(|line| line.count.unwrap_or(1)).sum::<usize>();
            let Some(next) = timeline.next else { break };
            let before: jiff::Timestamp = next.before.parse().unwrap();
            left.retain(|entry| entry.at < before.as_millisecond());
        }
        prop_assert_eq!(seen, all.len());
    }
}
