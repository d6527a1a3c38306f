//! What responses show of billing.

use serde_json::{Value, json};

use super::{PLAN, PRICE};
use crate::model::{Record, money, tables};
use crate::store::Store;

/// The id of a payer: what follows the prefix of the user's or the organization's.
pub(super) fn payer_id(owner: &str) -> String {
    with_prefix("cpayer", owner)
}

/// An id with the end of another.
pub(super) fn with_prefix(prefix: &str, id: &str) -> String {
    format!("{prefix}_{}", id.split_once('_').map_or(id, |(_, end)| end))
}

/// A user or an organization as a payer; `None` if there is no such any more.
pub(super) fn payer(store: &Store, owner: &str) -> Option<Value> {
    let mut payer = json!({
        "object": "commerce_payer",
        "id": payer_id(owner),
        "instance_id": store.instance_id,
    });
    let more = if let Some(organization) = store.organizations.get(owner) {
        json!({
            "organization_id": owner,
            "organization_name": organization.name,
            "image_url": organization.image_url,
            "created_at": organization.created_at,
            "updated_at": organization.updated_at,
        })
    } else {
        let user = store.users().get(owner)?;
        json!({
            "user_id": owner,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email_addresses.first().map(|email| &email.address),
            "image_url": user.image_url(),
            "created_at": user.created_at,
            "updated_at": user.updated_at,
        })
    };
    let fields = payer.as_object_mut()?;
    fields.extend(more.as_object().cloned().unwrap_or_default());
    fields.insert("credits_balance".to_owned(), money(super::credits::sum(store, owner)));
    Some(payer)
}

/// What is due for each period.
pub(super) fn amount(store: &Store, item: &Record) -> i64 {
    let price = store.records.get(tables::PRICE, item.text("price_id"));
    let of = |name: &str| price.map_or(0, |price| price.number(name));
    let full = match item.text("plan_period") {
        "annual" => of("annual_monthly_amount").saturating_mul(12),
        _ => of("amount"),
    };
    super::discounts::reduced(store, item, full)
}

/// What was paid for an item so far.
fn paid(store: &Store, item: &Record) -> i64 {
    let payments = store.records.all(tables::PAYMENT);
    let of_item = payments.filter(|one| one.text("subscription_item_id") == item.id());
    of_item.map(|one| one.number("amount")).sum()
}

/// A subscription item.
pub(super) fn item(store: &Store, item: &Record) -> Value {
    let plan = store.records.get(tables::PLAN, item.text("plan_id"));
    let is_renewed = item.text("status") == "active" && amount(store, item) > 0;
    let next = is_renewed
        .then(|| json!({ "amount": money(amount(store, item)), "date": item.get("period_end") }));
    let mut body = common(store, item);
    body.extend([
        ("plan", json!(plan.map(|plan| PLAN.shown(store, plan)))),
        ("payer", json!(payer(store, item.text("owner")))),
        ("lifetime_paid", money(paid(store, item))),
        ("next_payment", json!(next)),
    ]);
    json!(body.into_iter().collect::<Record>())
}

/// The same in the form that the answers to changes have.
pub(super) fn changed_item(store: &Store, item: &Record) -> Value {
    let plan = store.records.get(tables::PLAN, item.text("plan_id"));
    let owner = item.text("owner");
    let mut payer = payer(store, owner).unwrap_or_default();
    if let Some(payer) = payer.as_object_mut() {
        // Here the names and the address must be there, and must not be null.
        for name in ["first_name", "last_name", "email"] {
            let value = payer.entry(name).or_insert(Value::Null);
            if value.is_null() {
                *value = json!("");
            }
        }
    }
    let mut body = common(store, item);
    if item.text("status") == "canceled" {
        // A status that this form does not have.
        body.push(("status", json!("active")));
    }
    body.extend([
        ("plan", json!(plan.map(|plan| changed_plan(store, plan)))),
        ("payment_source_id", json!(with_prefix("csrc", owner))),
        ("payer", payer),
        ("lifetime_paid", money(paid(store, item))),
        ("amount", money(amount(store, item))),
        ("proration_date", json!("")),
    ]);
    json!(body.into_iter().collect::<Record>())
}

/// The fields that both forms have.
fn common(store: &Store, item: &Record) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("object", json!("commerce_subscription_item")),
        ("instance_id", json!(store.instance_id)),
        ("payer_id", json!(payer_id(item.text("owner")))),
    ];
    for name in [
        "id",
        "status",
        "plan_id",
        "price_id",
        "plan_period",
        "is_free_trial",
        "period_start",
        "period_end",
        "canceled_at",
        "past_due_at",
        "ended_at",
        "created_at",
        "updated_at",
    ] {
        fields.push((name, item.get(name).clone()));
    }
    fields
}

/// A plan in the form that the answers to changes have.
pub(super) fn changed_plan(store: &Store, plan: &Record) -> Value {
    let mut body = PLAN.shown(store, plan);
    for (name, fee) in [
        ("amount", "fee"),
        ("annual_monthly_amount", "annual_monthly_fee"),
        ("annual_amount", "annual_fee"),
    ] {
        let amount = plan.get(fee).get("amount").and_then(Value::as_i64).unwrap_or_default();
        let formatted = money(amount).get("amount_formatted").cloned();
        body.set(name, amount);
        body.0.insert(format!("{name}_formatted"), formatted.unwrap_or_default());
    }
    for (name, value) in [
        ("currency", json!("USD")),
        ("currency_symbol", json!("$")),
        ("payer_type", json!([plan.get("for_payer_type")])),
        ("features", json!([])),
    ] {
        body.set(name, value);
    }
    for name in ["description", "avatar_url"] {
        let text = plan.text(name).to_owned();
        body.set(name, text);
    }
    body.remove("unit_prices");
    json!(body)
}

/// A price.
pub(super) fn price(store: &Store, price: &Record) -> Value {
    json!(PRICE.shown(store, price))
}

/// The sums of a payment; nothing is taxed.
pub(super) fn totals(amount: i64) -> Value {
    json!({
        "grand_total": money(amount),
        "subtotal": money(amount),
        "base_fee": money(amount),
        "tax_total": money(0),
    })
}
