//! All types that Clerk documents, with its own examples.

use std::collections::BTreeSet;

use clerk_mcp::{events::Event, redact::Redactor};
use serde_json::json;
use testing::{Contract, figure};

use super::{in_memory, now};

/// Types of Clerk's SDK or changelog that its file does not have yet.
const MORE: &[&str] = &[
    "subscriptionItem.created",
    // Of its changelog of 2026-10-23 and 2026-11-03.
    "user.merged",
    "directoryGroup.created",
    "directoryGroup.updated",
    "directoryGroup.deleted",
    "directoryGroup.synced",
];

#[tokio::test]
async fn every_documented_example_is_kept_and_summed_up() {
    let events = in_memory();
    let mut kinds = BTreeSet::new();
    let mut examples = 0;
    for webhook in Contract::webhooks().operations() {
        let kind = webhook.path;
        kinds.insert(kind);
        for (number, body) in webhook.body_examples().into_iter().enumerate() {
            let id = format!("msg_{}_{number}", kind.replace('.', "_"));
            let event = Event::read(&id, body.to_string().as_bytes(), now()).unwrap();
            assert_eq!(event.kind, kind, "{body}");
            events.keep(event).await.unwrap();
            let stored = events.get(id).await.unwrap().unwrap();
            let line = clerk_mcp::call::event_line(&stored, &Redactor::default());
            assert!(!line.contains("somebody") && !line.contains("happened"), "{line}");
            examples += 1;
        }
    }
    let known: BTreeSet<&str> =
        clerk_mcp::events::documented().filter(|kind| !MORE.contains(kind)).collect();
    figure(format!("{} types of events, {examples} examples replayed", kinds.len()));
    assert_eq!(known, kinds);
    assert!(examples >= kinds.len(), "each type has an example");
}

/// Clerk's changelog names these types and what they are about, and shows no example.
#[tokio::test]
async fn the_newest_types_are_kept_and_summed_up_with_what_is_known_of_them() {
    let events = in_memory();
    let group = json!({ "object": "directory_group", "id": "dirgrp_1", "display_name": "Sales" });
    let user = json!({ "object": "user", "id": "user_1", "first_name": "Ada", "last_name": "Lee" });
    let item = json!({ "object": "commerce_subscription_item", "id": "csub_item_1" });
    for kind in MORE {
        let data = match kind.split_once('.').unwrap().0 {
            "user" => &user,
            "directoryGroup" => &group,
            _ => &item,
        };
        let body = json!({
            "object": "event", "type": kind, "data": data, "timestamp": now(),
            "instance_id": "ins_1",
        });
        let id = format!("msg_{}", kind.replace('.', "_"));
        let event = Event::read(&id, body.to_string().as_bytes(), now()).unwrap();
        events.keep(event).await.unwrap();
        let stored = events.get(id).await.unwrap().unwrap();
        assert_eq!(stored.event.object_id.as_deref(), data["id"].as_str(), "{kind}");
        let line = clerk_mcp::call::event_line(&stored, &Redactor::default());
        assert!(!line.contains("happened"), "{line}");
        let known = [data["first_name"].as_str(), data["id"].as_str()];
        assert!(known.into_iter().flatten().any(|known| line.contains(known)), "{line}");
    }
}
