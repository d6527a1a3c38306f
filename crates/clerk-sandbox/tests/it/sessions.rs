//! Lists of sessions, and revoking them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Api, number, text};

const STATUSES: [&str; 8] =
    ["abandoned", "active", "ended", "expired", "pending", "removed", "replaced", "revoked"];

/// The sessions of the newest user, of whom the sandbox has one of every kind.
async fn sessions(api: &Api) -> (String, Vec<Value>) {
    let user = api.get("/users?limit=1").await.ids().remove(0);
    let sessions = api.get(&format!("/sessions?user_id={user}&limit=500")).await.ok();
    (user, sessions.as_array().unwrap().clone())
}

#[tokio::test]
async fn every_status_occurs() {
    let api = Api::start().await;
    let (user, sessions) = sessions(&api).await;
    let statuses: BTreeSet<_> = sessions.iter().map(|session| text(session, "status")).collect();
    assert!(statuses.iter().eq(&STATUSES), "{statuses:?}");
    assert!(sessions.iter().all(|session| session["user_id"] == *user));
    let created: Vec<_> = sessions.iter().map(|session| -number(session, "created_at")).collect();
    assert!(created.is_sorted(), "newest first");
    let active: Vec<_> = sessions.iter().filter(|session| session["status"] == "active").collect();
    assert!(active.len() >= 3);
    for field in ["device_type", "browser_name", "ip_address", "city", "country"] {
        assert!(
            active.iter().all(|session| session["latest_activity"][field].is_string()),
            "{field}"
        );
    }
}

#[tokio::test]
async fn filters_and_pages() {
    let api = Api::start().await;
    let (user, sessions) = sessions(&api).await;
    let client = text(&sessions[0], "client_id");
    for status in STATUSES.into_iter().filter(|status| *status != "pending") {
        let wanted = sessions.iter().filter(|session| session["status"] == status);
        let wanted: Vec<_> = wanted.map(|session| text(session, "id")).collect();
        let path = format!("/sessions?user_id={user}&status={status}");
        assert_eq!(api.get(&path).await.ids(), wanted, "{status}");
    }
    let by_user = api.get(&format!("/sessions?user_id={user}")).await.ids();
    assert_eq!(by_user, api.get(&format!("/sessions?client_id={client}")).await.ids());
    for path in ["/sessions?user_id=user_nobody", "/sessions?client_id=client_none"] {
        assert_eq!(api.get(path).await.ids(), [""; 0]);
    }
    let path = format!("/sessions?user_id={user}&client_id=client_none");
    assert_eq!(api.get(&path).await.ids(), [""; 0]);

    let path = format!("/sessions?user_id={user}&limit=4&offset=8&paginated=");
    let bare = api.get(&format!("{path}false")).await.ok();
    assert_eq!(bare.as_array().unwrap()[..], sessions[8..]);
    // The file describes the bare array only.
    let response = api.exchange("GET", &format!("/v1{path}true"), "", &[super::KEY]).await;
    let response = String::from_utf8(response).unwrap();
    let page: Value = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(page["data"].as_array().unwrap()[..], sessions[8..]);
    assert_eq!(page["total_count"], sessions.len());
}

#[tokio::test]
async fn revoking() {
    let api = Api::start().await;
    let (_, sessions) = sessions(&api).await;
    for before in &sessions {
        let path = format!("/sessions/{}", text(before, "id"));
        let after = api.send("POST", &format!("{path}/revoke"), None).await.ok();
        assert_eq!(after, api.get(&path).await.ok());
        if before["status"] == "active" || before["status"] == "pending" {
            assert_eq!(after["status"], "revoked");
            assert!(number(&after, "updated_at") > number(before, "updated_at"));
        } else {
            assert_eq!(after, *before, "it was over already");
        }
    }
    let nobody = api.send("POST", "/sessions/sess_none/revoke", None).await;
    assert_eq!(nobody.refusal(), (404, vec!["resource_not_found".to_owned()]));
}
