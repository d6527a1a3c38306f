//! What is in the journal, what never is, and who sees it.

use clerk_mcp::guard::{Confirm, Guard, Selection};
use serde_json::json;
use tempfile::TempDir;

use super::{Desk, journal, row};
use crate::{
    guard::{Instance, LIVE, LONER, MEMBER, TEST, server},
    support,
};

/// What nobody may find in a journal.
const SECRETS: [&str; 5] = [
    "correct horse battery staple",
    "sk_live_OfAnotherInstance01",
    "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
    "ak_7Hs8kQ2mZx91Lw3pNvT4",
    "424242",
];

/// The bytes of the journal and of what SQLite has beside it.
fn bytes(folder: &TempDir) -> Vec<u8> {
    let files = std::fs::read_dir(folder.path()).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_secret_is_in_the_journal_and_none_is_set_back_by_its_mark() {
    let desk = Desk::start().await;
    let created = json!({
        "emailAddress": "kept@example.com", "password": SECRETS[0],
        "privateMetadata": { "note": format!("key {}", SECRETS[1]), SECRETS[2]: SECRETS[3] },
        "reason": format!("with {}", SECRETS[1]),
    });
    let result = desk.client.call("clerk_create_user", &created).await;
    let user = result["id"].as_str().unwrap();
    let patch = json!({ "userId": user, "privateMetadata": {
        "note": format!("other {}", SECRETS[3]), SECRETS[2]: null, "plain": 1,
    } });
    let id = desk.change("clerk_update_user_metadata", patch).await;
    desk.client.call("clerk_update_user", &json!({ "userId": user, "password": SECRETS[0] })).await;
    let check = json!({ "userId": user, "password": SECRETS[0] });
    desk.client.call("clerk_verify_user_password", &check).await;
    let before = desk.user(user).await["privateMetadata"].clone();
    let undone = desk.undo(&id).await;
    let undone = row(&undone, &id);
    assert_eq!(undone["setsBack"], json!(["privateMetadata.plain: 1 → nothing"]), "{undone}");
    assert_eq!(undone["leftAlone"].as_array().unwrap().len(), 2, "{undone}");
    let mut expected = before;
    expected.as_object_mut().unwrap().remove("plain");
    assert_eq!(desk.user(user).await["privateMetadata"], expected);

    let bytes = bytes(&desk.folder);
    assert!(holds(&bytes, "kept@example.com") || holds(&bytes, "plain"), "the journal is read");
    for secret in SECRETS.iter().chain([&TEST]) {
        assert!(!holds(&bytes, secret), "{secret}");
    }
}

#[tokio::test]
async fn what_clerk_returns_once_is_not_in_the_journal() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let secret = ["clerk_create_sign_in_token", "clerk_create_api_key", "clerk_create_machine"];
    let selection = Selection {
        toolsets: vec!["all".to_owned()],
        tools: secret.iter().map(|name| (*name).to_owned()).collect(),
        ..Selection::default()
    };
    let guard = Guard {
        journal: Some(journal(&folder)),
        confirm: Confirm::Never,
        selection,
        ..Guard::default()
    };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let token = client.call("clerk_create_sign_in_token", &json!({ "userId": LONER })).await;
    let key = json!({ "name": "Nightly", "subject": LONER });
    let key = client.call("clerk_create_api_key", &key).await;
    let bytes = bytes(&folder);
    for secret in [&token["token"], &token["url"], &key["secret"]] {
        let secret = secret.as_str().unwrap_or_else(|| panic!("{token} {key}"));
        assert!(secret.len() > 8 && !holds(&bytes, secret), "{secret}");
    }
}

#[tokio::test]
async fn a_key_sees_the_changes_of_its_own_instance_only() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let journal = journal(&folder);
    let client = async |key: &str| {
        let selection = Selection { allow_writes: true, ..Selection::default() };
        let guard = Guard {
            journal: Some(journal.clone()),
            confirm: Confirm::Never,
            selection,
            ..Guard::default()
        };
        support::connect(server(&instance.url, key, guard)).await
    };
    let (one, other) = (client(TEST).await, client(LIVE).await);
    let id = one.call("clerk_lock_user", &json!({ "userId": LONER })).await["changeId"].clone();
    let listed = other.call("clerk_list_changes", &json!({})).await;
    assert_eq!(listed["totalCount"], 0, "{listed}");
    let undo = json!({ "changeIds": id, "dryRun": false });
    let undone = other.call("clerk_undo_changes", &undo).await;
    assert_eq!((&undone["done"], &undone["skipped"]), (&json!(0), &json!(1)), "{undone}");
    assert_eq!(instance.user(LONER).await["locked"], true);
    assert_eq!(one.call("clerk_list_changes", &json!({})).await["totalCount"], 1);
}

#[tokio::test]
async fn what_a_deletion_takes_is_kept_for_a_person() {
    let desk = Desk::start().await;
    let id = desk.change("clerk_delete_user", json!({ "userId": MEMBER })).await;
    let list = json!({ "changeIds": id, "detail": "full" });
    let listed = desk.client.call("clerk_list_changes", &list).await;
    let change = &listed["changes"][0];
    assert!(change["undo"].as_str().unwrap().starts_with("No: "), "{change}");
    let kept = &change["kept"];
    assert_eq!(kept["clerk_get_user"]["id"], MEMBER, "{change}");
    assert!(kept["clerk_get_user"]["emailAddresses"][0]["emailAddress"].is_string(), "{change}");
    let memberships = kept["clerk_list_user_organization_memberships"].as_array().unwrap();
    assert_eq!(memberships.len(), 2, "{change}");
    let undone = desk.undo(&id).await;
    assert_eq!(row(&undone, &id)["outcome"], "skipped", "{undone}");
}
