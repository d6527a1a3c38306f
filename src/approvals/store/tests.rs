use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use super::*;
use crate::{
    approvals::{DecideError, Decision, FieldDiff, Question},
    principal::Authentication,
};

const HOUR: i64 = 3_600_000;

/// A file of approvals whose clock the test sets.
struct Fixture {
    approvals: Approvals,
    now: Arc<AtomicI64>,
    settings: Settings,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(1_800_000_000_000));
        let at = Arc::clone(&now);
        let clock =
            Clock::new(move || Timestamp::from_millisecond(at.load(Ordering::Relaxed)).unwrap());
        let settings = Settings { clock, ..Settings::new(folder.path().join("approvals.db")) };
        let approvals = Approvals::open(settings.clone()).unwrap();
        Self { approvals, now, settings, _folder: folder }
    }

    fn pass(&self, hours: i64) {
        self.now.fetch_add(hours * HOUR, Ordering::Relaxed);
    }

    async fn pending(&self, call: &str) -> Approval {
        match self.approvals.ask(ask(call)).await.unwrap() {
            Asked::New(approval) => approval,
            Asked::Known(known) => panic!("{known:?}"),
        }
    }

    async fn approved(&self, call: &str) -> String {
        let id = self.pending(call).await.id;
        self.approvals.decide(&id, &person("user_2"), Decision::Approve, None).await.unwrap();
        id
    }

    async fn state(&self, id: &str) -> State {
        self.approvals.get(id).await.unwrap().unwrap().state
    }
}

fn person(subject: &str) -> Principal {
    Principal {
        subject: Some(subject.to_owned()),
        roles: vec!["admin".to_owned()],
        ..Principal::by(Authentication::OAuth)
    }
}

fn ask(call: &str) -> Ask {
    Ask {
        asked_by: person("user_1"),
        client: Some("tests 1".to_owned()),
        key: "test".to_owned(),
        instance: Some("0123456789abcdef".to_owned()),
        tool: "clerk_delete_user".to_owned(),
        target: Some("user_9".to_owned()),
        arguments: json!({ "userId": "user_9" }).as_object().unwrap().clone(),
        given: json!({ "userId": "jo@example.com" }).as_object().unwrap().clone(),
        reason: Some("She left.".to_owned()),
        rule: Some("deletions".to_owned()),
        approvers: vec![vec!["role:admin".parse().unwrap()]],
        question: Question {
            sentences: vec!["Delete user: \"Jo\" (user_9).".to_owned()],
            changes: vec![FieldDiff { name: "firstName".to_owned(), ..FieldDiff::default() }],
        },
        call: call.to_owned(),
        version: "v1".to_owned(),
        seal: "seal".to_owned(),
    }
}

#[tokio::test]
async fn an_approval_is_kept_whole_and_readable_by_its_owner_alone() {
    let it = Fixture::new();
    let kept = it.pending("a").await;
    assert!(kept.id.starts_with("apv_") && kept.id.len() == 24, "{}", kept.id);
    assert_eq!((&kept.ask, kept.state), (&ask("a"), State::Pending));
    assert_eq!((kept.expires_at - kept.created_at).as_hours(), 24);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&it.settings.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let other = Approvals::open(it.settings.clone()).unwrap();
    assert_eq!(other.get(&kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(it.approvals.ask(ask("a")).await.unwrap(), Asked::Known(kept));
}

#[tokio::test]
async fn of_two_processes_that_use_an_approval_at_once_one_gets_it() {
    let it = Fixture::new();
    let id = it.approved("a").await;
    let other = Approvals::open(it.settings.clone()).unwrap();
    let (one, two) = tokio::join!(it.approvals.claim(&id), other.claim(&id));
    assert_ne!(one.unwrap(), two.unwrap());
    assert!(!it.approvals.claim(&id).await.unwrap());
    assert_eq!(it.state(&id).await, State::Used);
    it.approvals.end(&id, "done").await.unwrap();
    let ended = other.get(&id).await.unwrap().unwrap();
    assert_eq!((ended.outcome.as_deref(), ended.used_at.is_some()), (Some("done"), true));
}

#[tokio::test]
async fn what_is_not_decided_on_or_not_used_in_time_is_over() {
    let it = Fixture::new();
    let (pending, approved) = (it.pending("a").await.id, it.approved("b").await);
    it.pass(24);
    for id in [&pending, &approved] {
        assert_eq!(it.state(id).await, State::Expired);
        assert!(!it.approvals.claim(id).await.unwrap());
    }
    let late = it.approvals.decide(&pending, &person("user_2"), Decision::Approve, None).await;
    assert!(matches!(late, Err(DecideError::NotPending { state: State::Expired, .. })));
    assert_eq!(it.approvals.find("a".to_owned(), None).await.unwrap(), None);
    assert_ne!(it.pending("a").await.id, pending, "the same call asks anew");
}

#[tokio::test]
async fn only_another_person_who_may_approve_decides_and_once() {
    let it = Fixture::new();
    let id = it.pending("a").await.id;
    let decide =
        async |by: &Principal, decision| it.approvals.decide(&id, by, decision, None).await;
    let own = decide(&person("user_1"), Decision::Approve).await;
    assert!(matches!(own, Err(DecideError::Own(_))), "{own:?}");
    let own_by_another_client = Principal { client: Some("x".to_owned()), ..person("user_1") };
    let own = decide(&own_by_another_client, Decision::Approve).await;
    assert!(matches!(own, Err(DecideError::Own(_))), "{own:?}");
    let no_admin = Principal { roles: Vec::new(), ..person("user_2") };
    let other = decide(&no_admin, Decision::Approve).await;
    assert!(matches!(other, Err(DecideError::NotAllowed(_))), "{other:?}");
    assert_eq!(it.state(&id).await, State::Pending);
    let rejected = decide(&person("user_2"), Decision::Reject("No ticket.".to_owned())).await;
    let rejected = rejected.unwrap();
    assert_eq!((rejected.state, rejected.why.as_deref()), (State::Rejected, Some("No ticket.")));
    assert_eq!(rejected.decided.unwrap().0, person("user_2"));
    let again = decide(&person("user_3"), Decision::Approve).await;
    assert!(matches!(again, Err(DecideError::NotPending { .. })), "{again:?}");
    assert!(!it.approvals.claim(&id).await.unwrap());
    // The same call for the same reason stays rejected, for another one it is asked anew.
    let same = it.approvals.ask(ask("a")).await.unwrap();
    assert!(matches!(same, Asked::Known(known) if known.id == id));
    let other_reason = Ask { reason: Some("Ticket 7.".to_owned()), ..ask("a") };
    assert!(matches!(it.approvals.ask(other_reason).await.unwrap(), Asked::New(_)));
}

#[tokio::test]
async fn a_pending_call_whose_target_has_changed_is_asked_anew() {
    let it = Fixture::new();
    let id = it.pending("a").await.id;
    let changed = Ask { version: "v2".to_owned(), ..ask("a") };
    let Asked::New(again) = it.approvals.ask(changed).await.unwrap() else { panic!() };
    assert_eq!((it.state(&id).await, again.state), (State::Outdated, State::Pending));
    let late = it.approvals.decide(&id, &person("user_2"), Decision::Approve, None).await;
    assert!(matches!(late, Err(DecideError::NotPending { .. })));
}

#[tokio::test]
async fn a_pending_call_that_others_may_approve_now_is_asked_anew() {
    let it = Fixture::new();
    let id = it.pending("a").await.id;
    let changed = Ask { approvers: vec![vec!["role:lead".parse().unwrap()]], ..ask("a") };
    let Asked::New(again) = it.approvals.ask(changed).await.unwrap() else { panic!() };
    assert_eq!((it.state(&id).await, again.state), (State::Outdated, State::Pending));
}

#[tokio::test]
async fn all_that_can_be_decided_on_is_listed_and_the_newest_of_the_rest() {
    let it = Fixture::new();
    it.pending("open").await;
    let rejected = it.pending("closed").await.id;
    let no = Decision::Reject("No.".to_owned());
    it.approvals.decide(&rejected, &person("user_2"), no, None).await.unwrap();
    // Of each 256: one person can't let so many wait, but many people can.
    let copies = "BEGIN; CREATE TEMP TABLE copies AS WITH RECURSIVE numbers(n) AS \
                  (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 256) \
                  SELECT * FROM approvals JOIN numbers; UPDATE copies SET id = id || n; \
                  ALTER TABLE copies DROP COLUMN n; INSERT INTO approvals SELECT * FROM copies; COMMIT";
    APPROVALS.open(&it.settings.file).unwrap().execute_batch(copies).unwrap();
    let listed = it.approvals.list(Filter::default()).await.unwrap();
    let states: Vec<State> = listed.iter().map(|approval| approval.state).collect();
    assert_eq!(states, [vec![State::Pending; 256], vec![State::Rejected; LISTED]].concat());
}

#[tokio::test]
async fn a_person_can_let_only_so_many_wait_and_old_ones_go() {
    let it = Fixture::new();
    for number in 0..MOST_PENDING {
        it.pending(&number.to_string()).await;
    }
    let more = it.approvals.ask(ask("more")).await;
    assert!(matches!(more, Err(ApprovalsError::TooMany)), "{more:?}");
    let other = Ask { asked_by: person("user_3"), ..ask("others") };
    assert!(matches!(it.approvals.ask(other).await.unwrap(), Asked::New(_)));
    let open = Filter { only_open: true, asked_by: Some(person("user_1")), instance: None };
    assert_eq!(it.approvals.list(open.clone()).await.unwrap().len(), 20);
    it.pass(25);
    assert_eq!(it.approvals.list(open).await.unwrap(), []);
    it.pass(90 * 24);
    let last = it.pending("last").await;
    assert_eq!(it.approvals.list(Filter::default()).await.unwrap(), [last]);
}

#[tokio::test]
async fn what_cannot_be_read_lets_nobody_approve() {
    let it = Fixture::new();
    for (column, text) in
        [("approvers", "[[\"role\"]]"), ("asked_by", "{}x"), ("question", "7"), ("state", "yes")]
    {
        let id = it.pending(column).await.id;
        let update = format!("UPDATE approvals SET {column} = ? WHERE id = ?");
        let changed = APPROVALS.open(&it.settings.file).unwrap().execute(&update, [text, &id]);
        assert_eq!(changed.unwrap(), 1);
        let decided = it.approvals.decide(&id, &person("user_2"), Decision::Approve, None).await;
        assert!(decided.is_err(), "{column}: {decided:?}");
    }
}

#[tokio::test]
async fn a_decision_that_did_not_hold_is_void_in_the_audit_log() {
    let fixture = Fixture::new();
    let id = fixture.pending("call").await.id;
    // It expires between the look at it and the decision.
    let reads = Arc::new(AtomicI64::new(0));
    let begin = fixture.now.load(Ordering::Relaxed);
    let read = Arc::clone(&reads);
    let clock = Clock::new(move || {
        let late = if read.fetch_add(1, Ordering::Relaxed) < 1 { 0 } else { 25 * HOUR };
        Timestamp::from_millisecond(begin + late).unwrap()
    });
    let settings = Settings { clock, ..fixture.settings.clone() };
    let approvals = Approvals::open(settings).unwrap();
    reads.store(0, Ordering::Relaxed);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.jsonl");
    let audit = crate::audit::Audit::new(&log);
    let decided = approvals.decide(&id, &person("user_2"), Decision::Approve, Some(&audit)).await;
    assert!(matches!(decided, Err(DecideError::NotPending { .. })), "{decided:?}");
    let lines = std::fs::read_to_string(&log).unwrap();
    let events: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<_> = events.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["approved", "void"], "{lines}");
}
