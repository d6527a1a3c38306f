//! The webhooks of billing, as far as it is simulated: there is no checkout and no failed payment,
//! so nothing is abandoned, incomplete or past due.

use serde_json::{Value, json};

use super::{items, statements, view};
use crate::model::{Record, money, tables};
use crate::store::Store;

/// The events of an item that got another status.
const BY_STATUS: [(&str, &str); 4] = [
    ("active", "subscriptionItem.active"),
    ("canceled", "subscriptionItem.canceled"),
    ("ended", "subscriptionItem.ended"),
    ("upcoming", "subscriptionItem.upcoming"),
];

/// An item got another status, or is new.
pub(super) fn status_changed(store: &mut Store, item: &Record) {
    let of_status = BY_STATUS.iter().find(|(status, _)| item.text("status") == *status);
    if let Some((_, kind)) = of_status {
        item_happened(store, kind, item);
    }
}

/// Something else of an item changed.
pub(super) fn item_updated(store: &mut Store, item: &Record) {
    item_happened(store, "subscriptionItem.updated", item);
}

/// A trial ends soon.
pub(super) fn trial_ends_soon(store: &mut Store, item: &Record) {
    item_happened(store, "subscriptionItem.freeTrialEnding", item);
}

fn item_happened(store: &mut Store, kind: &'static str, item: &Record) {
    let mut data = shown_item(store, item);
    let owner = item.text("owner");
    data.set("payer", payer(store, owner));
    data.set("subscription_id", view::with_prefix("csub", owner));
    store.happened(kind, &data);
}

/// A payment was begun, and succeeded at once.
pub(super) fn paid(store: &mut Store, payment: &Record) {
    let paid = shown_payment(store, payment);
    let mut pending = paid.clone();
    pending.set("status", "pending");
    pending.set("paid_at", Value::Null);
    store.happened("paymentAttempt.created", &pending);
    store.happened("paymentAttempt.updated", &paid);
}

/// The items of a payer changed.
pub(super) fn subscription_updated(store: &mut Store, owner: &str) {
    let of_owner = store.records.all(tables::SUBSCRIPTION_ITEM);
    let items: Vec<_> = of_owner
        .filter(|item| item.text("owner") == owner && item.text("status") != "ended")
        .cloned()
        .collect();
    let items =
        if items.is_empty() { items::free_item(store, owner).into_iter().collect() } else { items };
    let shown = items.iter().map(|item| {
        let mut shown = shown_item(store, item);
        shown.set("subscription_id", Value::Null);
        shown
    });
    let payments = store.records.all(tables::PAYMENT);
    let latest = payments.filter(|payment| payment.text("owner") == owner).last();
    let first = items.first().cloned().unwrap_or_default();
    let data = json!({
        "object": "commerce_subscription",
        "id": view::with_prefix("csub", owner),
        "status": "active",
        "active_at": first.get("period_start"),
        "canceled_at": null,
        "created_at": first.get("created_at"),
        "ended_at": null,
        "past_due_at": null,
        "updated_at": store.time(),
        "latest_payment_id": latest.map(Record::id),
        "payer_id": view::payer_id(owner),
        "payer": payer(store, owner),
        "payment_source_id": statements::payment_source(owner).get("id"),
        "items": shown.collect::<Vec<_>>(),
    });
    store.happened("subscription.updated", &data);
}

/// An item, but for whose it is.
fn shown_item(store: &Store, item: &Record) -> Record {
    let plan = store.records.get(tables::PLAN, item.text("plan_id"));
    let plan = plan.map(|plan| {
        json!({
            "id": plan.id(),
            "slug": plan.get("slug"),
            "name": plan.get("name"),
            "is_recurring": plan.get("is_recurring"),
            "amount": view::amount(store, item),
            "currency": "USD",
        })
    });
    let mut shown: Record = [
        ("object", json!("commerce_subscription_item")),
        ("interval", item.get("plan_period").clone()),
        ("plan", json!(plan)),
    ]
    .into_iter()
    .collect();
    for name in [
        "id",
        "status",
        "is_free_trial",
        "created_at",
        "updated_at",
        "period_start",
        "period_end",
        "plan_id",
    ] {
        shown.set(name, item.get(name).clone());
    }
    shown
}

fn shown_payment(store: &Store, payment: &Record) -> Record {
    let owner = payment.text("owner");
    let item = store.records.get(tables::SUBSCRIPTION_ITEM, payment.text("subscription_item_id"));
    let amount = payment.number("amount");
    let fields = [
        ("id", payment.get("id").clone()),
        ("instance_id", json!(store.instance_id)),
        ("payment_id", payment.get("id").clone()),
        ("invoice_id", json!("")),
        ("statement_id", payment.get("statement_id").clone()),
        ("gateway_external_id", json!("")),
        ("status", json!("paid")),
        ("created_at", payment.get("created_at").clone()),
        ("updated_at", payment.get("updated_at").clone()),
        ("paid_at", payment.get("paid_at").clone()),
        ("failed_at", Value::Null),
        ("failed_reason", Value::Null),
        ("billing_date", payment.get("paid_at").clone()),
        ("charge_type", payment.get("charge_type").clone()),
        (
            "payee",
            json!({
                "id": view::with_prefix("cpayee", &store.instance_id),
                "gateway_type": "stripe",
                "gateway_external_id": "",
                "gateway_status": "active",
            }),
        ),
        ("payer", payer(store, owner)),
        (
            "totals",
            json!({
                "subtotal": money(amount),
                "tax_total": money(0),
                "grand_total": money(amount),
            }),
        ),
        ("payment_source", statements::payment_source(owner)),
        ("subscription_items", json!([item.map(|item| shown_item(store, item))])),
    ];
    fields.into_iter().collect()
}

/// A payer as webhooks show it: what they don't have is an empty text.
fn payer(store: &Store, owner: &str) -> Value {
    let mut payer = view::payer(store, owner).unwrap_or_default();
    if let Some(fields) = payer.as_object_mut() {
        fields.retain(|name, _| !["instance_id", "credits_balance"].contains(&name.as_str()));
        for name in
            ["user_id", "first_name", "last_name", "email", "organization_id", "organization_name"]
        {
            let value = fields.entry(name).or_insert(Value::Null);
            if value.is_null() {
                *value = json!("");
            }
        }
    }
    payer
}
