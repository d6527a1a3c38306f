//! Statements, and the payments on them. Every payment succeeds, with the same card.

use serde_json::{Value, json};

use super::items::settle;
use super::{Call, LIST, events, keep, view};
use crate::model::{Record, money, tables};
use crate::records::Kind;
use crate::reply::{self, Reply};
use crate::store::Store;

const STATEMENT: Kind =
    Kind { list: LIST, ..Kind::new(tables::STATEMENT, "cstmt", "statement", &[]) };

/// Charges for a period of an item: a payment on a statement of its own.
pub(super) fn charge(store: &mut Store, item: &Record, kind: &str) {
    let amount = view::amount(store, item);
    if amount == 0 {
        return;
    }
    let owner = item.get("owner").clone();
    let since = item.get("period_start").clone();
    let statement = keep(
        store,
        tables::STATEMENT,
        "cstmt",
        vec![("owner", owner.clone()), ("timestamp", since.clone()), ("status", json!("closed"))],
    );
    let payment = keep(
        store,
        tables::PAYMENT,
        "cpmt",
        vec![
            ("owner", owner),
            ("charge_type", json!(kind)),
            ("subscription_item_id", json!(item.id())),
            ("amount", json!(amount)),
            ("statement_id", json!(statement.id())),
            ("paid_at", since),
        ],
    );
    events::paid(store, &payment);
}

/// The card that a payer pays with, as webhooks show it.
pub(super) fn payment_source(owner: &str) -> Value {
    json!({
        "id": view::with_prefix("csrc", owner),
        "gateway": "stripe",
        "gateway_external_id": "pm_card_visa",
        "gateway_external_account_id": null,
        "payment_method": "card",
        "status": "active",
        "card_type": "visa",
        "last4": "4242",
    })
}

fn shown(store: &Store, statement: &Record) -> Value {
    let payments = payments(store, statement.id());
    let amount = payments.iter().map(|payment| payment.number("amount")).sum();
    let items: Vec<_> = payments.iter().map(|payment| attempt(store, payment)).collect();
    json!({
        "object": "commerce_statement",
        "id": statement.id(),
        "instance_id": store.instance_id,
        "timestamp": statement.get("timestamp"),
        "payer": view::payer(store, statement.text("owner")),
        "status": statement.get("status"),
        "totals": view::totals(amount),
        "groups": [{
            "object": "commerce_statement_group",
            "timestamp": statement.get("timestamp"),
            "items": items,
        }],
    })
}

/// The payments of a statement, the newest first.
fn payments<'a>(store: &'a Store, statement: &str) -> Vec<&'a Record> {
    let all = store.records.all(tables::PAYMENT);
    let mut of_statement: Vec<_> =
        all.filter(|payment| payment.text("statement_id") == statement).collect();
    of_statement.reverse();
    of_statement
}

fn attempt(store: &Store, payment: &Record) -> Value {
    let owner = payment.text("owner");
    let item = store.records.get(tables::SUBSCRIPTION_ITEM, payment.text("subscription_item_id"));
    json!({
        "object": "commerce_payment",
        "id": payment.id(),
        "payment_id": payment.id(),
        "instance_id": store.instance_id,
        "charge_type": payment.get("charge_type"),
        "payee_id": view::with_prefix("cpayee", &store.instance_id),
        "payee": {},
        "payer_id": view::payer_id(owner),
        "payer": view::payer(store, owner),
        "subscription_item_id": payment.get("subscription_item_id"),
        "subscription_item": item.map_or_else(|| json!({}), |item| view::item(store, item)),
        "amount": money(payment.number("amount")),
        "totals": view::totals(payment.number("amount")),
        "payment_method_id": view::with_prefix("cpm", owner),
        "payment_method": {
            "object": "commerce_payment_method",
            "id": view::with_prefix("cpm", owner),
            "payer_id": view::payer_id(owner),
            "payment_type": "card",
            "is_default": true,
            "gateway": "stripe",
            "gateway_external_id": "pm_card_visa",
            "gateway_external_account_id": null,
            "last4": "4242",
            "status": "active",
            "wallet_type": null,
            "card_type": "visa",
            "expiry_year": 2034,
            "expiry_month": 4,
            "created_at": payment.get("created_at"),
            "updated_at": payment.get("updated_at"),
            "is_removable": false,
        },
        "statement_id": payment.get("statement_id"),
        "gateway_external_id": null,
        "gateway_external_url": null,
        "status": "paid",
        "paid_at": payment.get("paid_at"),
        "failed_at": null,
        "created_at": payment.get("created_at"),
        "updated_at": payment.get("updated_at"),
    })
}

/// `GET /billing/statements`
pub(super) fn list(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let _always = call.query.flag("paginated");
    let page = call.query.page();
    call.take_query().finish()?;
    let list = page.newest_first(STATEMENT.all(store), |one| one.number("created_at"));
    Ok(reply::json(&list.map(|statement| shown(store, statement))))
}

/// `GET /billing/statements/{statementID}`
pub(super) fn show(store: &mut Store, call: &mut Call) -> Reply {
    Ok(reply::json(&shown(store, STATEMENT.get(store, call.id())?)))
}

/// `GET /billing/statements/{statementID}/payment_attempts`
pub(super) fn attempts(store: &mut Store, call: &mut Call) -> Reply {
    let _always = call.query.flag("paginated");
    let page = call.query.page();
    call.take_query().finish()?;
    let statement = STATEMENT.get(store, call.id())?;
    let payments = payments(store, statement.id()).into_iter();
    let list = page.newest_first(payments, |payment| payment.number("created_at"));
    Ok(reply::json(&list.map(|payment| attempt(store, payment))))
}
