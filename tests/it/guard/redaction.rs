//! What has the form of a secret never leaves the server.

use clerk_mcp::guard::{Guard, Selection};
use serde_json::{Value, json};

use super::{LIVE, TEST, delete, server};
use crate::support::{self, Script, Upstream};

#[tokio::test]
async fn what_has_the_form_of_a_secret_is_taken_out_and_what_has_not_stays() {
    const KEY: &str = "[Clerk key removed]";
    const WEBHOOK: &str = "[webhook secret removed]";
    const API_KEY: &str = "[API key removed]";
    let cases = [
        ("sk_live_0123456789abcdef", KEY.to_owned()),
        ("sk_test_0123456789abcdef", KEY.to_owned()),
        ("whsec_c2VjcmV0c2VjcmV0+/==", WEBHOOK.to_owned()),
        ("ak_7Hs8kQ2mZx91Lw3pNvT4", API_KEY.to_owned()),
        ("use sk_live_0123456789abcdef, please", format!("use {KEY}, please")),
        (
            "https://x.example/?key=sk_live_0123456789abcdef&a=1",
            format!("https://x.example/?key={KEY}&a=1"),
        ),
        ("whsec_c2VjcmV0c2VjcmV0 ak_7Hs8kQ2mZx91Lw3pNvT4", format!("{WEBHOOK} {API_KEY}")),
        ("keys begin with sk_live_ or sk_test_", "keys begin with sk_live_ or sk_test_".to_owned()),
        ("pk_live_0123456789abcdef", "pk_live_0123456789abcdef".to_owned()),
        ("task_live_0123456789abcdef", "task_live_0123456789abcdef".to_owned()),
        ("ak_jones", "ak_jones".to_owned()),
        ("ak_jones7hundred@x.example", "ak_jones7hundred@x.example".to_owned()),
    ];
    for (text, expected) in cases {
        let user = json!({
            "id": "user_1",
            "first_name": text,
            "public_metadata": { "a": [{ "b": text }] },
            "private_metadata": { text: 1 },
        });
        let upstream = Upstream::always(Script::json(200, &user)).await;
        let client = support::connect(server(&upstream.url, TEST, Guard::default())).await;
        let result = client.result("clerk_get_user", &delete("user_1")).await;
        let output = result.structured_content.clone().unwrap();
        assert_eq!(output["firstName"], expected, "{text}");
        assert_eq!(output["publicMetadata"]["a"][0]["b"], expected, "{text}");
        assert_eq!(output["privateMetadata"], json!({ expected.as_str(): 1 }), "{text}");
        let told: Value = serde_json::from_str(support::text(&result)).unwrap();
        assert_eq!(told, output, "{text}");
    }
}

/// Whoever has an invitation's link signs in as the invited person, so it isn't a model's to read.
#[tokio::test]
async fn a_link_that_signs_in_is_shown_only_if_the_operator_names_the_tool() {
    let link = "https://clerk.example/?__clerk_ticket=eyJhbGciOiJI.eyJzdWIiOiJ1.c2ln-_0";
    let row = json!({
        "id": "inv_1", "email_address": "a@b.example", "url": link, "new_field": link,
    });
    let upstream = Upstream::start(move |_, _| Script::json(200, &json!([row]))).await;
    let chosen = |tools: &[&str]| Selection {
        toolsets: vec!["all".to_owned()],
        tools: tools.iter().map(|tool| (*tool).to_owned()).collect(),
        ..Selection::default()
    };
    for (tools, is_shown) in [(&[][..], false), (&["clerk_list_invitations"], true)] {
        let guard = Guard { selection: chosen(tools), ..Guard::default() };
        let client = support::connect(server(&upstream.url, LIVE, guard)).await;
        let list = client.call("clerk_list_invitations", &json!({ "detail": "full" })).await;
        let invitation = &list["invitations"][0];
        let expected = if is_shown { link } else { "[secret left out]" };
        assert_eq!(invitation["url"], expected, "{list}");
        let without = "https://clerk.example/?__clerk_ticket=[JWT removed]";
        assert_eq!(invitation["newField"], without, "a field that isn't declared: {list}");
        assert_eq!(list["note"].is_string(), !is_shown, "{list}");
    }
}
