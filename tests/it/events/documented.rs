//! All types that Clerk documents, with its own examples, where its file is at hand.

use std::{collections::BTreeSet, fs, path::Path};

use clerk_mcp::events::Event;
use serde_json::Value;

use super::{in_memory, now};

/// Where Clerk's file of webhooks is.
const FILE: &str = "../shared/clerk/openapi-webhooks-2025-04-15.yml";
/// Types of Clerk's SDK that its file does not have yet.
const MORE: &[&str] = &["subscriptionItem.created"];

#[tokio::test]
async fn every_documented_example_is_kept_and_summed_up() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not at hand", path.display());
        return;
    };
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    let hooks = file["x-webhooks"].as_object().unwrap();
    let events = in_memory();
    let mut kinds = BTreeSet::new();
    for (kind, hook) in hooks {
        kinds.insert(kind.clone());
        let content = &hook["post"]["requestBody"]["content"]["application/json"];
        let examples = content["examples"].as_object().into_iter().flatten();
        let whole = |example: &Value| match example["$ref"].as_str() {
            Some(place) => file.pointer(place.trim_start_matches('#')).unwrap()["value"].clone(),
            None => example["value"].clone(),
        };
        let values = examples.map(|(_, it)| whole(it)).chain(content.get("example").cloned());
        for (number, body) in values.enumerate() {
            let id = format!("msg_{}_{number}", kind.replace('.', "_"));
            let event = Event::read(&id, body.to_string().as_bytes(), now()).unwrap();
            assert_eq!(event.kind, *kind, "{body}");
            events.keep(event).await.unwrap();
            let stored = events.get(id).await.unwrap().unwrap();
            let line = clerk_mcp::events::line(&stored);
            assert!(!line.contains("somebody") && !line.contains("happened"), "{line}");
        }
    }
    let known: BTreeSet<String> = clerk_mcp::events::documented()
        .filter(|kind| !MORE.contains(kind))
        .map(str::to_owned)
        .collect();
    println!("{} types, {} events", kinds.len(), events.latest().await.unwrap());
    assert_eq!(known, kinds);
}
