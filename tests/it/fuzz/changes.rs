//! Writes at random, taken back: nothing of them is left, and nothing that others did is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use clerk_mcp::{
    Clerk, Server, ServerOptions,
    guard::{Confirm, Guard, Selection},
    journal::{Journal, Settings},
};
use clerk_sandbox::{Options, Sandbox};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::runtime;
use crate::support::{self, Client};

const USERS: [&str; 2] = ["user_2fagFg0Wf3fcmj7369PBtuv8SFu", "user_2wv0lKDJA1GZigipmv15faFHFqd"];
const ORGANIZATION: &str = "org_2GwjAG5k2SJHTmwXMrlgJWmxOnG";
/// Fields that follow from others, or from the clock.
const DERIVED: [&str; 7] = [
    "updatedAt",
    "lockoutExpiresInSeconds",
    "membersCount",
    "lastActiveAt",
    "profileImageUrl",
    "imageUrl",
    "pendingInvitationsCount",
];

/// A write that can be taken back.
#[derive(Clone, Debug)]
struct Write {
    tool: &'static str,
    arguments: Value,
    /// Whether it is somebody else's.
    is_foreign: bool,
}

fn metadata() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..9_u32).prop_map(Value::from),
        select(&["", "pro", "a\u{202e}b", "2026-11-27T00:00:00Z", "👩‍🚀"][..]).prop_map(Value::from),
        Just(json!([1, { "x": null }])),
    ];
    let name = select(&["a", "b", "c.d"][..]);
    leaf.prop_recursive(2, 6, 2, move |inner| {
        proptest::collection::btree_map(name.clone(), inner, 0..3).prop_map(|map| json!(map))
    })
    .prop_filter("metadata is an object", |value| {
        value.as_object().is_some_and(|members| !members.is_empty())
    })
}

/// A write's tool and arguments.
fn of_user() -> impl Strategy<Value = (&'static str, Value)> {
    let user = select(&USERS[..]);
    let name = select(&["Ada", "Eve", "Zoë \u{200b}x"][..]);
    prop_oneof![
        (user.clone(), name.clone(), any::<bool>()).prop_map(|(user, name, clears)| {
            let mut arguments = json!({ "userId": user, "firstName": name });
            if clears {
                arguments["clear"] = json!(["lastName"]);
            } else {
                arguments["lastName"] = json!(name);
            }
            ("clerk_update_user", arguments)
        }),
        (user.clone(), metadata(), metadata()).prop_map(|(user, one, other)| {
            let arguments =
                json!({ "userId": user, "publicMetadata": one, "privateMetadata": other });
            ("clerk_update_user_metadata", arguments)
        }),
        (user.clone(), metadata()).prop_map(|(user, one)| {
            ("clerk_replace_user_metadata", json!({ "userId": user, "publicMetadata": one }))
        }),
        (
            user,
            select(
                &["clerk_ban_user", "clerk_unban_user", "clerk_lock_user", "clerk_unlock_user"][..]
            )
        )
            .prop_map(|(user, tool)| (tool, json!({ "userId": user }))),
    ]
}

fn of_organization() -> impl Strategy<Value = (&'static str, Value)> {
    let user = select(&USERS[..]);
    let role = select(&["org:member", "org:admin"][..]);
    let identifier = select(&["*@wrong.example", "one@wrong.example"][..]);
    prop_oneof![
        (select(&["North", "South"][..]), 5..9_u32).prop_map(|(name, most)| {
            let arguments = json!({
                "organizationId": ORGANIZATION, "name": name, "maxAllowedMemberships": most * 10,
            });
            ("clerk_update_organization", arguments)
        }),
        metadata().prop_map(|one| {
            let arguments = json!({ "organizationId": ORGANIZATION, "publicMetadata": one });
            ("clerk_update_organization_metadata", arguments)
        }),
        (user.clone(), role.clone()).prop_map(|(user, role)| {
            let arguments = json!({ "organizationId": ORGANIZATION, "userId": user, "role": role });
            ("clerk_add_organization_member", arguments)
        }),
        (user.clone(), role).prop_map(|(user, role)| {
            let arguments = json!({ "organizationId": ORGANIZATION, "userId": user, "role": role });
            ("clerk_update_organization_membership", arguments)
        }),
        user.prop_map(|user| {
            let arguments = json!({ "organizationId": ORGANIZATION, "userId": user });
            ("clerk_remove_organization_member", arguments)
        }),
        identifier.prop_map(|identifier| {
            ("clerk_create_blocklist_identifier", json!({ "identifier": identifier }))
        }),
    ]
}

fn writes(foreign: bool) -> impl Strategy<Value = Vec<Write>> {
    let call = prop_oneof![3 => of_user().boxed(), 2 => of_organization().boxed()];
    let write = (call, any::<bool>()).prop_map(move |((tool, arguments), is_foreign)| Write {
        tool,
        arguments,
        is_foreign: foreign && is_foreign,
    });
    vec(write, 1..9)
}

/// A sandbox, a client of a server with a journal, and somebody else.
struct World {
    own: Client,
    other: Client,
    _folder: TempDir,
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Sandbox::new(Options::default()).router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("changes.db");
        let journal = Journal::open(Settings { file, retention: Duration::from_hours(1) }).unwrap();
        let client = async |journal: Option<Journal>| {
            let selection = Selection { toolsets: vec!["all".to_owned()], ..Selection::default() };
            let guard = Guard { selection, confirm: Confirm::Never, journal, ..Guard::default() };
            let key = support::key("sk_test_sandbox");
            let settings = clerk_mcp::Settings { key, ..support::settings(&url) };
            support::connect(Server::new(ServerOptions::new(Clerk::new(settings), guard))).await
        };
        let own = client(Some(journal)).await;
        Self { own, other: client(None).await, _folder: folder }
    }

    /// Does a write, and returns the ID of the change, if it is one that can be taken back.
    async fn write(&self, write: &Write) -> Option<String> {
        let client = if write.is_foreign { &self.other } else { &self.own };
        let result = client.result(write.tool, &write.arguments).await;
        let id = result.structured_content?.get("changeId")?.as_str()?.to_owned();
        Some(id)
    }

    async fn undo(&self, changes: &[String]) -> Value {
        let arguments = json!({ "changeIds": changes, "dryRun": false });
        self.own.call("clerk_undo_changes", &arguments).await
    }

    /// All that the writes can touch: each value by its path.
    async fn state(&self) -> BTreeMap<String, Value> {
        let mut state = BTreeMap::new();
        let read = async |tool: &str, arguments: Value| self.other.call(tool, &arguments).await;
        for user in USERS {
            let object = read("clerk_get_user", json!({ "userId": user, "detail": "full" })).await;
            flatten(user, &object, &mut state);
        }
        let arguments = json!({ "organizationId": ORGANIZATION, "detail": "full" });
        flatten("organization", &read("clerk_get_organization", arguments).await, &mut state);
        let arguments = json!({ "organizationId": ORGANIZATION, "limit": 100 });
        let members = read("clerk_list_organization_memberships", arguments).await;
        for member in members["memberships"].as_array().unwrap() {
            let user = member["userId"].as_str().unwrap();
            state.insert(format!("member {user}"), member["role"].clone());
        }
        let blocked = read("clerk_list_blocklist_identifiers", json!({})).await;
        for entry in blocked["blocklistIdentifiers"].as_array().unwrap() {
            state.insert(format!("blocked {}", entry["identifier"]), json!(true));
        }
        state
    }
}

/// A member that is null is none: Clerk's merge removes what a replacement stores as null.
fn flatten(path: &str, value: &Value, state: &mut BTreeMap<String, Value>) {
    match value.as_object() {
        Some(members) if members.values().any(|member| !member.is_null()) => {
            for (name, member) in members {
                if !DERIVED.contains(&name.as_str()) {
                    flatten(&format!("{path}/{name}"), member, state);
                }
            }
        }
        Some(_) => _ = state.insert(path.to_owned(), Value::Object(Map::new())),
        None if value.is_null() => {}
        None => _ = state.insert(path.to_owned(), value.clone()),
    }
}

/// The same writes in every run.
fn runner() -> TestRunner {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(ProptestConfig::with_cases(8 * crate::TIMES), rng)
}

/// The paths whose values differ.
fn changed(one: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let paths = one.keys().chain(other.keys());
    paths.filter(|path| one.get(*path) != other.get(*path)).cloned().collect()
}

#[test]
fn what_is_taken_back_leaves_nothing() {
    let mut runner = runner();
    let result = runner.run(&writes(false), |writes| {
        runtime().block_on(async {
            let world = World::start().await;
            let start = world.state().await;
            let mut changes = Vec::new();
            for write in &writes {
                changes.extend(world.write(write).await);
            }
            if changes.is_empty() {
                return;
            }
            let undone = world.undo(&changes).await;
            let left = changed(&start, &world.state().await);
            assert!(left.is_empty(), "{left:#?}: {undone:#}");
            assert_eq!(
                (&undone["failed"], &undone["unknown"]),
                (&json!(0), &json!(0)),
                "{undone:#}"
            );
            // And again: there is nothing left to do.
            let again = world.undo(&changes).await;
            assert_eq!((&again["done"], &again["failed"]), (&json!(0), &json!(0)), "{again:#}");
        });
        Ok(())
    });
    result.unwrap();
}

#[test]
fn what_others_changed_is_not_lost_and_what_is_left_is_named() {
    let mut runner = runner();
    let result = runner.run(&writes(true), |writes| {
        runtime().block_on(async {
            let world = World::start().await;
            let mut state = world.state().await;
            // What each path should be: the start, or what somebody else made of it last.
            let mut expected = state.clone();
            let (mut changes, mut foreign) = (Vec::new(), BTreeSet::new());
            for write in &writes {
                let id = world.write(write).await;
                let now = world.state().await;
                if write.is_foreign {
                    for path in changed(&state, &now) {
                        match now.get(&path) {
                            Some(value) => expected.insert(path.clone(), value.clone()),
                            None => expected.remove(&path),
                        };
                        foreign.insert(path);
                    }
                } else {
                    changes.extend(id);
                    for path in changed(&state, &now) {
                        foreign.remove(&path);
                    }
                }
                state = now;
            }
            if changes.is_empty() {
                return;
            }
            let undone = world.undo(&changes).await;
            let end = world.state().await;
            let lost: Vec<_> = changed(&state, &end).intersection(&foreign).cloned().collect();
            assert!(lost.is_empty(), "{lost:?} were changed by somebody else: {undone:#}");
            let rows = undone["results"].as_array().unwrap();
            let is_named = rows.iter().any(|row| {
                row["leftAlone"].is_array()
                    || ["failed", "skipped"].iter().any(|is| row["outcome"] == *is)
            });
            let left = changed(&expected, &end);
            assert!(left.is_empty() || is_named, "{left:#?}: {undone:#}");
        });
        Ok(())
    });
    result.unwrap();
}
