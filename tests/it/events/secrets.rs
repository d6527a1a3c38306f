//! Codes, tickets and tokens that Clerk puts into events: nothing that is shown has them.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use clerk_mcp::events::{Events, Settings};
use rmcp::model::ReadResourceRequestParams;
use serde_json::{Value, json};
use testing::Contract;

use super::{
    in_memory, keep,
    tools::{connected, ids},
};

/// Stands for a code, a ticket or a token in each of the events.
const SECRET: &str = "K7Q-492-mark";

/// Events with a secret wherever one may be.
fn with_secrets() -> Vec<Value> {
    let secrets = json!({ "code": SECRET, "token": SECRET, "url": SECRET, "ticket": [SECRET] });
    let invitation = json!({ "id": "inv_1", "status": "pending", "url": SECRET });
    let verification = json!({
        "status": "unverified", "strategy": "email_code", "code": SECRET,
        "external_verification_redirect_url": SECRET, "error": { "meta": secrets },
    });
    let phone = json!({ "id": "idn_1", "phone_number": "+15550100", "backup_codes": [SECRET],
                        "verification": verification });
    let user = json!({
        "id": "user_1", "first_name": "Ada", "totp_secret": SECRET, "phone_numbers": [phone],
        "external_accounts": [{ "id": "eac_1", "verification": verification }],
        "username": secrets, "email_addresses": [SECRET, [SECRET]],
    });
    let message = json!({
        "id": "ema_1", "slug": "verification_code", "to_email_address": "ada@example.com",
        "to_phone_number": "+15550100", "subject": SECRET, "body": SECRET, "body_plain": SECRET,
        "message": SECRET, "data": { "otp_code": SECRET, "magic_link": SECRET },
    });
    let objects = [
        ("email.created", message.clone()),
        ("sms.created", message),
        ("user.created", user.clone()),
        ("session.created", json!({ "id": "sess_1", "user": user, "last_token": secrets })),
        ("organizationInvitation.created", invitation.clone()),
        ("waitlistEntry.updated", json!({ "id": "wle_1", "invitation": invitation })),
        ("paymentAttempt.created", json!({ "id": "pay_1", "payee": secrets, "payer": secrets })),
        ("signInToken.created", json!({ "id": "sit_1", "name": SECRET, "token": SECRET })),
        ("apiKey.created", json!({ "id": "ak_1", "slug": SECRET, "latest_activity": secrets })),
    ];
    let event = |(kind, mut data): (&str, Value)| {
        for (name, secret) in secrets.as_object().unwrap() {
            data[name] = secret.clone();
        }
        json!({ "object": "event", "type": kind, "data": data, "secret": SECRET,
                "event_attributes": { "http_request": { "client_ip": "203.0.113.7", "cookie": SECRET } } })
    };
    objects.into_iter().map(event).collect()
}

async fn keep_twice(events: &Events, bodies: &[Value]) {
    for (number, body) in bodies.iter().enumerate() {
        keep(events, &format!("msg_{number}_a"), body).await;
        // What changed is shown as well.
        let later = body.to_string().replace(SECRET, &format!("{SECRET}-2"));
        keep(events, &format!("msg_{number}_b"), &serde_json::from_str(&later).unwrap()).await;
    }
}

#[tokio::test]
async fn codes_tickets_and_tokens_in_events_are_in_no_result() {
    let events = in_memory();
    let bodies = with_secrets();
    keep_twice(&events, &bodies).await;
    let client = connected(&events).await;
    let full = json!({ "detail": "full", "limit": 100, "maxTokens": 20_000 });
    let listed = client.call("clerk_list_events", &full).await;
    assert_eq!(ids(&listed).len(), 2 * bodies.len());
    let waited = client.call("clerk_wait_for_event", &json!({ "after": "0" })).await;
    assert_eq!(ids(&waited).len(), 2 * bodies.len());
    let resource = client.0.read_resource(ReadResourceRequestParams::new("clerk://events")).await;
    let resource = serde_json::to_value(resource.unwrap()).unwrap();
    for shown in [&listed, &waited, &resource] {
        assert!(!shown.to_string().contains(SECRET), "{shown}");
    }
    for id in ids(&listed) {
        let one = client.call("clerk_get_event", &json!({ "eventId": id })).await;
        assert!(!one.to_string().contains(SECRET), "{one}");
        assert!(one["payload"]["data"]["id"].is_string(), "{one}");
        assert_eq!(one["from"], "203.0.113.7", "{one}");
    }
    let email = client.call("clerk_get_event", &json!({ "eventId": "msg_0_a" })).await;
    assert_eq!(
        email["summary"],
        "email.created: ada@example.com was sent an email (verification_code)"
    );
}

#[tokio::test]
async fn the_command_line_shows_no_more_of_events_than_the_tools() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let bodies = with_secrets();
    let events = Events::open(Settings { file: Some(file.clone()), retention: None }).unwrap();
    keep_twice(&events, &bodies).await;
    for options in [&["--json"][..], &[]] {
        let mut tail = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"))
            .args(["events", "tail", "-n", "100", "--events"])
            .arg(&file)
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(tail.stdout.take().unwrap()).lines();
        let lines: Vec<String> = lines.take(2 * bodies.len()).map(Result::unwrap).collect();
        tail.kill().unwrap();
        tail.wait().unwrap();
        for line in lines {
            assert!(!line.contains(SECRET), "{line}");
            assert!(line.contains(".created") || line.contains(".updated"), "{line}");
        }
    }
}

/// What Clerk documents and no event shows: this list is the decision.
#[tokio::test]
async fn what_is_left_out_of_the_documented_examples_is_known() {
    let events = in_memory();
    let client = connected(&events).await;
    let mut left_out = BTreeSet::new();
    for (number, webhook) in Contract::webhooks().operations().into_iter().enumerate() {
        for (example, body) in webhook.body_examples().into_iter().enumerate() {
            let id = format!("msg_{number}_{example}");
            keep(&events, &id, body).await;
            let one = client.call("clerk_get_event", &json!({ "eventId": id })).await;
            let family = webhook.path.split('.').next().unwrap();
            compare(family, &body["data"], &one["payload"]["data"], &mut left_out);
        }
    }
    let expected = [
        "email.body",
        "email.body_plain",
        "email.data",
        "email.subject",
        "organizationInvitation.url",
        "paymentAttempt.payee",
        "paymentAttempt.subscription_items.credit.cycle_days_remaining",
        "paymentAttempt.subscription_items.credit.cycle_days_total",
        "paymentAttempt.subscription_items.lifetime_paid",
        "paymentAttempt.subscription_items.next_payment_amount",
        "paymentAttempt.subscription_items.next_payment_date",
        "paymentAttempt.subscription_items.plan.instance_id",
        "paymentAttempt.subscription_items.plan.is_prorated",
        "sms.data",
        "sms.message",
        "subscription.items.plan.unit_prices.tiers.amount_per_block",
        "subscription.items.plan.unit_prices.tiers.currency",
        "subscriptionItem.plan.unit_prices.tiers.amount_per_block",
        "subscriptionItem.plan.unit_prices.tiers.currency",
    ];
    assert_eq!(left_out.into_iter().collect::<Vec<_>>(), expected);
}

fn compare(at: &str, sent: &Value, shown: &Value, left_out: &mut BTreeSet<String>) {
    match (sent, shown) {
        (Value::Object(sent), Value::Object(shown)) => {
            for (name, sent) in sent {
                let at = format!("{at}.{name}");
                match shown.get(name) {
                    Some(shown) => compare(&at, sent, shown, left_out),
                    None => _ = left_out.insert(at),
                }
            }
        }
        (Value::Array(sent), Value::Array(shown)) => {
            assert_eq!(sent.len(), shown.len(), "{at}");
            for (sent, shown) in sent.iter().zip(shown) {
                compare(at, sent, shown, left_out);
            }
        }
        _ => {}
    }
}
