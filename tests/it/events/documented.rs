//! All types that Clerk documents, with its own examples.

use std::collections::BTreeSet;

use clerk_mcp::{events::Event, redact::Redactor};
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
