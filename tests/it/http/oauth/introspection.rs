//! Opaque tokens, about which the issuer is asked.

use std::time::Duration;

use clerk_mcp::http::OAuthClient;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{
    call, challenge,
    issuer::{CLIENT, Issuer, RESOURCE, SECRET},
    start, start_here,
};
use crate::{
    http::client::{Endpoint, Http, message, status},
    support::StoppedClock,
};

const TOKEN: &str = "oat_opaque";

async fn asking(issuer: &Issuer, allow: &str, more: &[&str]) -> Http {
    let options = ["--sandbox", "--oauth-issuer", &issuer.url, "--resource", RESOURCE];
    let client = ["--oauth-client-id", CLIENT, "--oauth-introspection", "--oauth-allow", allow];
    let secret = [("CLERK_MCP_OAUTH_CLIENT_SECRET", SECRET)];
    Http::start(&[&options[..], &client, more].concat(), &secret).await
}

async fn asking_here(issuer: &Issuer) -> Endpoint {
    let client = OAuthClient { id: CLIENT.to_owned(), secret: Some(SECRET.to_owned().into()) };
    start_here(issuer, Some(client)).await
}

async fn list(endpoint: &Endpoint, token: &str) -> u16 {
    status(endpoint.stateless("tools/list", json!({})).bearer_auth(token)).await
}

#[tokio::test]
async fn an_opaque_token_lets_in_whom_the_issuer_says_it_is_for() {
    let issuer = Issuer::start().await;
    let http = asking(&issuer, "org:org_1+scope:users", &[]).await;
    let person = json!({ "sub": "user_1", "org_id": "org_1", "scope": "email users" });
    issuer.opaque(TOKEN, person);
    let answer = call(&http, TOKEN).send().await.unwrap();
    assert_eq!(message(answer).await["result"]["structuredContent"]["totalCount"], 25);
    let whoami = http.call("clerk_whoami", json!({})).bearer_auth(TOKEN);
    let whoami = message(whoami.send().await.unwrap()).await;
    let person = &whoami["result"]["structuredContent"]["caller"];
    assert_eq!(person["subject"], "user_1", "{whoami}");
    // Another client's opaque form, and a token of the same issuer that is a JWT.
    issuer.opaque("ory_at_1.+/~==", json!({ "sub": "user_2", "iss": null, "org_id": "org_1" }));
    let refused = call(&http, "ory_at_1.+/~==").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(challenge(&refused).contains("insufficient_scope"), "{refused:?}");
    let jwt = json!({ "sub": "user_1", "org_id": "org_1", "scope": "users" });
    assert_eq!(status(call(&http, &issuer.token(jwt))).await, 200);
    assert_eq!(issuer.introspected(), [TOKEN, "ory_at_1.+/~=="]);
}

#[tokio::test]
async fn an_opaque_token_that_is_not_valid_is_refused_and_nothing_of_it_is_logged() {
    let issuer = Issuer::start().await;
    let http = asking(&issuer, "sub:user_1", &["--metrics-address", "127.0.0.1:0"]).await;
    let cases: [(&str, Value, &str); 9] = [
        ("oat_inactive", json!({ "active": false }), "the issuer says that the token isn't active"),
        ("oat_other", json!({ "aud": "https://other.example" }), "the token is for another server"),
        ("oat_for_all", json!({ "aud": null }), "the token has no aud"),
        ("oat_expired", json!({ "exp": -3600 }), "the token has expired"),
        ("oat_for_ever", json!({ "exp": null }), "the token has no exp"),
        ("oat_nobody", json!({ "sub": null }), "the token has no sub"),
        (
            "oat_foreign",
            json!({ "iss": "https://evil.example" }),
            "the token is from another issuer",
        ),
        ("oat_bound", json!({ "token_type": "DPoP" }), "the token isn't a bearer token"),
        ("oat_untrue", json!({ "active": "true" }), "the token's active has the wrong form"),
    ];
    for (token, claims, reason) in &cases {
        let mut response = json!({ "sub": "user_1" });
        response.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        issuer.opaque(token, response);
        let refused = call(&http, token).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{token}");
        let told = challenge(&refused);
        let expected = format!("error=\"invalid_token\", error_description=\"{reason}\"");
        assert!(told.contains(&expected), "{told}");
    }
    assert_eq!(status(call(&http, "oat_unknown")).await, 401);
    assert_eq!(issuer.introspected().len(), cases.len() + 1);
    let metrics = http.metrics.clone().unwrap();
    let metrics = http.client.get(metrics).send().await.unwrap().text().await.unwrap();
    for line in ["inactive\"} 2", "audience\"} 1", "missing_claim\"} 3", "token_type\"} 1"] {
        let line = format!("sign_ins_refused_total{{reason=\"{line}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert!(!metrics.contains("oat_"), "{metrics}");
    #[cfg(unix)]
    {
        let (log, _) = http.end().await;
        for (_, _, reason) in &cases {
            assert!(log.contains(reason), "{reason}: {log}");
        }
        assert!(!log.contains("oat_") && !log.contains(SECRET), "{log}");
    }
}

#[tokio::test]
async fn only_a_token_without_the_form_of_a_jwt_is_sent_to_the_issuer() {
    let issuer = Issuer::start().await;
    let http = asking(&issuer, "sub:user_1", &[]).await;
    let good = issuer.token(json!({ "sub": "user_1" }));
    let (signed, _) = good.rsplit_once('.').unwrap();
    let bad = [
        format!("{signed}.AAAA"),
        format!("{signed}."),
        format!("{good}.a.b"),
        "a.b.c".to_owned(),
        "x".repeat(17 << 10),
        issuer.token(json!({ "sub": "user_1", "exp": 1 })),
        issuer.token_of("unknown", json!({ "sub": "user_1" })),
    ];
    for token in &bad {
        // The issuer would let it in.
        issuer.opaque(token, json!({ "sub": "user_1" }));
        assert_eq!(list(&http, token).await, 401, "{token:.40}");
    }
    assert_eq!(list(&http, &good).await, 200);
    assert_eq!(issuer.introspected(), [""; 0]);
}

#[tokio::test]
async fn unless_the_operator_asks_for_it_the_issuer_is_not_asked_about_tokens() {
    let issuer = Issuer::start().await;
    let http = start(&issuer, "sub:user_1").await;
    issuer.opaque(TOKEN, json!({ "sub": "user_1" }));
    assert_eq!(list(&http, TOKEN).await, 401);
    assert_eq!(issuer.introspected(), [""; 0]);
}

#[tokio::test]
async fn a_response_is_used_for_half_a_minute_and_never_after_the_token_expired() {
    let clock = StoppedClock::new();
    let issuer = Issuer::start().await;
    let endpoint = asking_here(&issuer).await;
    issuer.opaque(TOKEN, json!({ "sub": "user_1" }));
    let at_once = join_all((0..20).map(|_| list(&endpoint, TOKEN))).await;
    assert_eq!((at_once, issuer.introspected().len()), (vec![200; 20], 1));
    clock.advance(Duration::from_secs(29)).await;
    assert_eq!((list(&endpoint, TOKEN).await, issuer.introspected().len()), (200, 0));
    // It is revoked, which is seen within half a minute, and for a short time not asked about again.
    issuer.opaque(TOKEN, json!({ "active": false }));
    assert_eq!(list(&endpoint, TOKEN).await, 200);
    clock.advance(Duration::from_secs(2)).await;
    assert_eq!((list(&endpoint, TOKEN).await, list(&endpoint, TOKEN).await), (401, 401));
    assert_eq!(issuer.introspected().len(), 1);
    issuer.opaque(TOKEN, json!({ "sub": "user_1" }));
    clock.advance(Duration::from_secs(10)).await;
    assert_eq!((list(&endpoint, TOKEN).await, issuer.introspected().len()), (200, 1));
    // It expires now, and is accepted a little longer if the issuer says so.
    issuer.opaque("oat_ends", json!({ "sub": "user_1", "exp": 0 }));
    assert_eq!((list(&endpoint, "oat_ends").await, list(&endpoint, "oat_ends").await), (200, 200));
    assert_eq!(issuer.introspected().len(), 2);
}

#[tokio::test]
async fn while_the_issuer_says_nothing_nobody_gets_in_and_a_flood_of_tokens_does_not_reach_it() {
    let clock = StoppedClock::new();
    let issuer = Issuer::start().await;
    let endpoint = asking_here(&issuer).await;
    issuer.opaque(TOKEN, json!({ "sub": "user_1" }));
    assert_eq!(list(&endpoint, TOKEN).await, 200);
    issuer.is_down(true);
    assert_eq!((list(&endpoint, TOKEN).await, list(&endpoint, "oat_new").await), (200, 503));
    clock.advance(Duration::from_secs(31)).await;
    let refused = endpoint.stateless("tools/list", json!({})).bearer_auth(TOKEN);
    let refused = refused.send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert_eq!((list(&endpoint, TOKEN).await, issuer.introspected().len()), (503, 3));
    issuer.is_down(false);
    clock.advance(Duration::from_secs(1)).await;
    assert_eq!(list(&endpoint, TOKEN).await, 200);

    clock.advance(Duration::from_mins(1)).await;
    issuer.introspected();
    for number in 0..70 {
        let expected = if number < 60 { 401 } else { 503 };
        assert_eq!(list(&endpoint, &format!("oat_{number}")).await, expected, "{number}");
    }
    // Whose token was valid isn't kept out by the flood.
    assert_eq!((list(&endpoint, TOKEN).await, issuer.introspected().len()), (200, 61));
    clock.advance(Duration::from_mins(1)).await;
    assert_eq!((list(&endpoint, "oat_70").await, issuer.introspected().len()), (401, 1));
}

#[tokio::test]
async fn an_issuer_that_names_no_safe_endpoint_is_not_asked() {
    let issuer = Issuer::start().await;
    let http = asking(&issuer, "sub:user_1", &[]).await;
    issuer.opaque(TOKEN, json!({ "sub": "user_1" }));
    issuer.publishes("introspection_endpoint", json!("http://id.example.com/introspect"));
    assert_eq!(list(&http, TOKEN).await, 503);
    assert_eq!(issuer.introspected(), [""; 0]);
    #[cfg(unix)]
    assert!(http.end().await.0.contains("no introspection_endpoint that is an https URL"));
}
