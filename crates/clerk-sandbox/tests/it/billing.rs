//! Billing, as far as it is simulated.

use serde_json::{Value, json};

use super::people::events;
use super::{Api, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

/// The first subscription item that a filter finds.
async fn item(api: &Api, query: &str) -> Value {
    let items = api.get(&format!("/billing/subscription_items?{query}")).await.ok();
    items["data"][0].clone()
}

async fn plan(api: &Api, slug: &str) -> Value {
    let plans = api.get("/billing/plans").await.ok();
    let plans = plans["data"].as_array().unwrap().clone();
    plans.into_iter().find(|plan| plan["slug"] == slug).unwrap()
}

#[tokio::test]
async fn plans_have_prices() {
    let api = Api::start().await;
    assert_eq!(api.get("/billing/plans?payer_type=org").await.ok()["total_count"], 2);
    let pro = plan(&api, "pro").await;
    assert_eq!(pro["fee"]["amount_formatted"], "10.00");
    let prices = format!("/billing/prices?plan_id={}", text(&pro, "id"));
    let default = api.get(&prices).await.ok();
    assert_eq!(
        (&default["total_count"], &default["data"][0]["amount"]),
        (&json!(1), &json!(1_000))
    );
    let body = json!({ "plan_id": pro["id"], "amount": 500, "description": "For friends" });
    let made = api.send("POST", "/billing/prices", Some(&body)).await.ok();
    assert_eq!(
        (&made["supported_billing_periods"], &made["is_default"]),
        (&json!("month"), &json!(false))
    );
    let cheapest = api.get(&prices).await.ok();
    assert_eq!(cheapest["data"][0]["id"], made["id"], "the cheapest comes first");
    let free = plan(&api, "free_user").await;
    for (body, status, code) in [
        (
            json!({ "plan_id": free["id"], "amount": 1 }),
            422,
            "default_plan_price_creation_forbidden plan_id",
        ),
        (json!({ "plan_id": "cplan_none", "amount": 1 }), 404, "plan_not_found"),
        (json!({ "plan_id": pro["id"] }), 422, "form_param_missing amount"),
        (
            json!({ "plan_id": pro["id"], "amount": 1, "supported_billing_periods": "annual" }),
            422,
            "supported_billing_period_mismatch amount",
        ),
    ] {
        let refused = api.send("POST", "/billing/prices", Some(&body)).await.refusal();
        assert_eq!(refused, refusal(status, code), "{body}");
    }
    assert_eq!(
        api.get("/billing/prices?plan_id=none").await.refusal(),
        refusal(404, "plan_not_found")
    );
}

#[tokio::test]
async fn a_payer_without_another_plan_has_the_free_one() {
    let api = Api::start().await;
    let paid = api.get("/billing/subscription_items?limit=100").await.ok();
    let all = api.get("/billing/subscription_items?include_free=true&limit=100").await.ok();
    let (users, organizations) =
        (api.get("/users?limit=100").await.ids(), api.get("/organizations?limit=100").await.ids());
    assert_eq!(all["total_count"], users.len() + organizations.len());
    assert!(paid["total_count"].as_u64() < all["total_count"].as_u64());
    let free = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["plan"]["slug"] == "free_user")
        .unwrap();
    let user = text(&free["payer"], "user_id");
    let subscription = api.get(&format!("/users/{user}/billing/subscription")).await.ok();
    assert_eq!(
        (&subscription["subscription_items"], subscription.get("next_payment")),
        (&json!([free]), None)
    );
    let path = format!("/billing/subscription_items/{}", text(free, "id"));
    let refused = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(refused, refusal(422, "commerce_subscription_item_cannot_be_canceled"));
    let none = api.get("/users/user_none/billing/subscription").await.refusal();
    assert_eq!(none, refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn a_subscription_item_is_canceled_at_the_end_or_now() {
    let api = Api::start().await;
    let first = item(&api, "payer_type=user").await;
    let user = text(&first["payer"], "user_id");
    let path = format!("/billing/subscription_items/{}", text(&first, "id"));
    let canceled = api.send("DELETE", &path, None).await.ok();
    assert_eq!((&canceled["status"], &canceled["ended_at"]), (&json!("canceled"), &Value::Null));
    let again = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(again, refusal(400, "commerce_subscription_item_already_canceled"));
    let ended = api.send("DELETE", &format!("{path}?end_now=true"), None).await.ok();
    assert_eq!((&ended["status"], ended["ended_at"].is_i64()), (&json!("ended"), true));
    let subscription = api.get(&format!("/users/{user}/billing/subscription")).await.ok();
    assert_eq!(subscription["subscription_items"][0]["plan"]["slug"], "free_user");
    let none = api.send("DELETE", "/billing/subscription_items/none", None).await.refusal();
    assert_eq!(none, refusal(404, "subscription_item_not_found"));
}

#[tokio::test]
async fn a_trial_is_extended_by_at_most_a_year() {
    let api = Api::start().await;
    let trial = item(&api, "status=free_trial").await;
    assert_eq!(trial["is_free_trial"], true);
    let path = format!("/billing/subscription_items/{}/extend_free_trial", text(&trial, "id"));
    let until = |text: &str| json!({ "extend_to": text });
    let extended = api.send("POST", &path, Some(&until("2036-01-01T00:00:00Z"))).await.ok();
    assert_eq!(extended["period_end"], 2_082_758_400_000_i64);
    for (text, code) in [
        ("2020-01-01T00:00:00Z", "form_param_value_invalid extend_to"),
        ("2099-01-01T00:00:00Z", "form_param_value_invalid extend_to"),
        ("tomorrow", "form_param_format_invalid extend_to"),
    ] {
        let refused = api.send("POST", &path, Some(&until(text))).await.refusal();
        assert_eq!(refused, refusal(422, code), "{text}");
    }
    let paid = item(&api, "payer_type=user").await;
    let path = format!("/billing/subscription_items/{}/extend_free_trial", text(&paid, "id"));
    let refused = api.send("POST", &path, Some(&until("2036-01-01T00:00:00Z"))).await.refusal();
    assert_eq!(refused, refusal(403, "subscription_item_not_in_free_trial"));
}

#[tokio::test]
async fn a_higher_price_counts_at_once_and_a_lower_one_later() {
    let api = Api::start().await;
    let first = item(&api, "payer_type=user").await;
    let mut prices = Vec::new();
    for amount in [2_000, 100] {
        let body = json!({ "plan_id": first["plan_id"], "amount": amount });
        prices.push(api.send("POST", "/billing/prices", Some(&body)).await.ok());
    }
    let path = format!("/billing/subscription_items/{}/price_transition", text(&first, "id"));
    let body = |from: &Value, to: &Value| json!({ "from_price_id": from, "to_price_id": to });
    let stale =
        api.send("POST", &path, Some(&body(&json!("old"), &prices[0]["id"]))).await.refusal();
    assert_eq!(stale, refusal(409, "out_of_date_price from_price_id"));
    let same = api
        .send("POST", &path, Some(&body(&first["price_id"], &first["price_id"])))
        .await
        .refusal();
    assert_eq!(same, refusal(422, "price_transition_not_allowed to_price_id"));
    let statements = api.get("/billing/statements").await.ok()["total_count"].as_u64().unwrap();
    let up = api.send("POST", &path, Some(&body(&first["price_id"], &prices[0]["id"]))).await.ok();
    assert_eq!(
        (&up["transition"]["effective_mode"], &up["transition"]["immediate_charge"]["amount"]),
        (&json!("immediate"), &json!(2_000))
    );
    assert_eq!(api.get("/billing/statements").await.ok()["total_count"], statements + 1);
    let gone =
        api.send("POST", &path, Some(&body(&first["price_id"], &prices[0]["id"]))).await.refusal();
    assert_eq!(gone, refusal(409, "subscription_item_no_longer_active"));
    let path = format!(
        "/billing/subscription_items/{}/price_transition",
        text(&up["subscription_item"], "id")
    );
    let down = api.send("POST", &path, Some(&body(&prices[0]["id"], &prices[1]["id"]))).await.ok();
    assert_eq!(
        (&down["transition"]["effective_mode"], &down["subscription_item"]["status"]),
        (&json!("end_of_period"), &json!("upcoming"))
    );
}

#[tokio::test]
async fn changes_of_subscriptions_have_events() {
    let api = Api::start().await;
    let first = item(&api, "payer_type=user").await;
    let items = "/billing/subscription_items";
    let path = |item: &Value| format!("{items}/{}", text(item, "id"));
    let renewal = ["subscriptionItem.updated", "paymentAttempt.created", "paymentAttempt.updated"];
    events(&api).await;
    let discount = json!({ "discount_id": "disc_sandbox_fixed" });
    let discounts = format!("{}/discounts", path(&first));
    api.send("POST", &discounts, Some(&discount)).await.ok();
    assert_eq!(events(&api).await, ["subscriptionItem.updated", "subscription.updated"]);
    let refused = api.send("POST", &discounts, Some(&discount)).await;
    assert_eq!((refused.status, events(&api).await), (409, Vec::new()));

    let body = json!({ "plan_id": first["plan_id"], "amount": 2_000 });
    let price = api.send("POST", "/billing/prices", Some(&body)).await.ok();
    let body = json!({ "from_price_id": first["price_id"], "to_price_id": price["id"] });
    let transition = format!("{}/price_transition", path(&first));
    let changed = api.send("POST", &transition, Some(&body)).await.ok();
    let higher = ["subscriptionItem.ended", "subscriptionItem.active"].into_iter();
    let higher = higher.chain(renewal.into_iter().skip(1)).chain(["subscription.updated"]);
    assert_eq!(events(&api).await, higher.collect::<Vec<_>>());

    let changed = &changed["subscription_item"];
    api.send("DELETE", &path(changed), None).await.ok();
    assert_eq!(events(&api).await, ["subscriptionItem.canceled", "subscription.updated"]);
    api.control("POST", "/clock", &json!({ "advance": 31 * 86_400 })).await.ok();
    assert!(events(&api).await.is_empty());
    item(&api, "payer_type=user").await;
    let all = events(&api).await;
    assert!(all.windows(3).any(|some| some == renewal), "others are renewed: {all:?}");
    let over = ["subscriptionItem.ended", "subscriptionItem.active", "subscription.updated"];
    assert!(all.windows(3).any(|some| some == over), "the free plan begins: {all:?}");
}

#[tokio::test]
async fn the_end_of_a_trial_is_told_once_and_three_days_before() {
    let api = Api::start().await;
    let trial = item(&api, "status=free_trial").await;
    let path = format!("/billing/subscription_items/{}/extend_free_trial", text(&trial, "id"));
    let clock = |now: &str| json!({ "now": now, "frozen": true });
    api.control("POST", "/clock", &clock("2035-01-01T00:00:00Z")).await.ok();
    let until = json!({ "extend_to": "2035-02-01T00:00:00Z" });
    api.send("POST", &path, Some(&until)).await.ok();
    let is_told = async |now: &str| {
        events(&api).await;
        api.control("POST", "/clock", &clock(now)).await.ok();
        item(&api, "status=free_trial").await;
        events(&api).await.iter().any(|kind| kind == "subscriptionItem.freeTrialEnding")
    };
    assert!(!is_told("2035-01-28T00:00:00Z").await);
    assert!(is_told("2035-01-30T00:00:00Z").await);
    assert!(!is_told("2035-01-31T00:00:00Z").await);
}

#[tokio::test]
async fn an_item_has_one_discount() {
    let api = Api::start().await;
    let first = item(&api, "payer_type=user").await;
    let path = format!("/billing/subscription_items/{}/discounts", text(&first, "id"));
    let percentage = json!({ "discount_id": "disc_sandbox_percentage" });
    let applied = api.send("POST", &path, Some(&percentage)).await.ok();
    assert_eq!((&applied["percent_off"], &applied["status"]), (&json!(20), &json!("active")));
    let again = api.send("POST", &path, Some(&percentage)).await.refusal();
    assert_eq!(again, refusal(409, "discount_already_applied discount_id"));
    let reduced = item(&api, "payer_type=user").await;
    assert_eq!(reduced["next_payment"]["amount"]["amount"], 800);
    let fixed = json!({ "discount_id": "disc_sandbox_fixed" });
    api.send("POST", &path, Some(&fixed)).await.ok();
    assert_eq!(item(&api, "payer_type=user").await["next_payment"]["amount"]["amount"], 700);
    let other =
        api.send("DELETE", &format!("{path}/disc_sandbox_percentage"), None).await.refusal();
    assert_eq!(other, refusal(404, "discount_not_found"));
    let removed = api.send("DELETE", &format!("{path}/disc_sandbox_fixed"), None).await.ok();
    assert_eq!(removed["status"], "removed");
    let none = json!({ "discount_id": "disc_none" });
    assert_eq!(
        api.send("POST", &path, Some(&none)).await.refusal(),
        refusal(404, "discount_not_found")
    );
}

#[tokio::test]
async fn credits_are_adjusted_once_for_each_key() {
    let api = Api::start().await;
    let users = api.get("/users?limit=1").await.ids();
    let organizations = api.get("/organizations?limit=1").await.ids();
    for path in [
        format!("/users/{}/billing/credits", users[0]),
        format!("/organizations/{}/billing/credits", organizations[0]),
    ] {
        let adjust = |action: &str, amount: i64, key: &str| json!({ "action": action, "amount": amount, "idempotency_key": key });
        let added = api.send("POST", &path, Some(&adjust("increase", 500, "a"))).await.ok();
        assert_eq!(api.send("POST", &path, Some(&adjust("increase", 500, "a"))).await.ok(), added);
        let other = api.send("POST", &path, Some(&adjust("increase", 600, "a"))).await.refusal();
        assert_eq!(other, refusal(409, "conflict idempotency_key"));
        api.send("POST", &path, Some(&adjust("decrease", 200, "b"))).await.ok();
        assert_eq!(api.get(&path).await.ok()["balance"]["amount_formatted"], "3.00");
        for (body, code) in [
            (adjust("decrease", 301, "c"), "insufficient_credit_balance amount"),
            (adjust("increase", 0, "d"), "invalid_credit_amount amount"),
            (adjust("spend", 1, "e"), "form_param_value_invalid action"),
        ] {
            assert_eq!(api.send("POST", &path, Some(&body)).await.refusal(), refusal(422, code));
        }
    }
}

#[tokio::test]
async fn statements_show_what_was_paid() {
    let api = Api::start().await;
    let statements = api.get("/billing/statements?limit=100").await.ok();
    let mut statements = statements["data"].as_array().unwrap().iter();
    let first = statements.find(|one| one["payer"]["user_id"].is_string()).unwrap();
    let path = format!("/billing/statements/{}", text(first, "id"));
    assert_eq!(&api.get(&path).await.ok(), first);
    let attempts = api.get(&format!("{path}/payment_attempts?paginated=true")).await.ok();
    assert_eq!(
        (&attempts["total_count"], &attempts["data"][0]["amount"]),
        (&json!(1), &first["totals"]["grand_total"])
    );
    assert_eq!(api.get("/billing/statements/none").await.refusal().0, 404);
    let payer = text(&first["payer"], "user_id");
    api.send("DELETE", &format!("/users/{payer}"), None).await.ok();
    assert_eq!(api.get(&path).await.refusal().0, 404, "statements go with their payer");
}
