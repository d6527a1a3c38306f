//! Subscription items: which plan a payer has, and for how long.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Call, LIST, events, payer_of, statements, view};
use crate::model::{Record, tables};
use crate::records::{Filter, Kind, List};
use crate::refusal::{
    COMMERCE_SUBSCRIPTION_ITEM_ALREADY_CANCELED, COMMERCE_SUBSCRIPTION_ITEM_CANNOT_BE_CANCELED,
    FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID, Refusal, SUBSCRIPTION_ITEM_NOT_FOUND,
    SUBSCRIPTION_ITEM_NOT_IN_FREE_TRIAL,
};
use crate::reply::{self, Reply};
use crate::store::Store;
use crate::time::{self, DAY};

pub(super) const ITEM: Kind = Kind {
    missing: &SUBSCRIPTION_ITEM_NOT_FOUND,
    list: List { filters: &[Filter::Text("plan_id", "plan_id")], ..LIST },
    ..Kind::new(tables::SUBSCRIPTION_ITEM, "csub_item", "subscription item", &[])
};

/// The statuses of a list's filter; a trial is an active item.
const STATUSES: [(&str, &str); 5] = [
    ("active", "active"),
    ("ended", "ended"),
    ("past_due", "past_due"),
    ("upcoming", "upcoming"),
    ("free_trial", "free_trial"),
];

/// `GET /billing/subscription_items`
pub(super) fn list(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let status = call.query.choice("status", &STATUSES);
    let payer = call.query.choice("payer_type", &[("user", "user_"), ("org", "org_")]);
    let plan = call.query.text("plan_id");
    let free = call.query.flag("include_free") == Some(true);
    let text = call.query.text("query").map(|text| text.to_lowercase());
    let _always = call.query.flag("paginated");
    let page = call.query.page();
    call.take_query().finish()?;
    let mut items: Vec<_> = ITEM.all(store).cloned().collect();
    if free {
        let paying: HashSet<_> = items
            .iter()
            .filter(|item| is_current(item))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|item| item.text("owner").to_owned())
            .collect();
        let users = store.users().keys();
        let owners = users.chain(store.organizations.keys());
        let owners = owners.filter(|owner| !paying.contains(*owner));
        items.extend(owners.filter_map(|owner| free_item(store, owner)));
    }
    let found = items.into_iter().filter(|item| {
        let owner = item.text("owner");
        status.is_none_or(|status| match status {
            "free_trial" => item.is("is_free_trial") && item.text("status") == "active",
            status => item.text("status") == status,
        }) && payer.is_none_or(|prefix| owner.starts_with(prefix))
            && plan.as_ref().is_none_or(|plan| item.text("plan_id") == plan)
            && text.as_ref().is_none_or(|text| finds(store, item, text))
    });
    let list = page.newest_first(found, |item| (item.number("created_at"), item.id().to_owned()));
    Ok(reply::json(&list.map(|item| view::item(store, &item))))
}

/// Whether a text is an id of the item, or part of its payer's name or address.
fn finds(store: &Store, item: &Record, text: &str) -> bool {
    let payer = view::payer(store, item.text("owner")).unwrap_or_default();
    let names = ["first_name", "last_name", "email", "organization_name"];
    item.id().eq_ignore_ascii_case(text)
        || item.text("owner").eq_ignore_ascii_case(text)
        || names.iter().any(|name| {
            let value = payer.get(name).and_then(Value::as_str).unwrap_or_default();
            value.to_lowercase().contains(text)
        })
}

/// Whether an item gives its payer the plan now.
fn is_current(item: &Record) -> bool {
    ["active", "past_due", "canceled"].contains(&item.text("status"))
}

/// What a payer without another plan has. It is not kept, as it follows from the payer.
pub(super) fn free_item(store: &Store, owner: &str) -> Option<Record> {
    let kind = if owner.starts_with("org_") { "org" } else { "user" };
    let mut plans = store.records.all(tables::PLAN);
    let plan = plans.find(|plan| plan.is("is_default") && plan.text("for_payer_type") == kind)?;
    let since = match store.organizations.get(owner) {
        Some(organization) => organization.created_at,
        None => store.users().get(owner)?.created_at,
    };
    let fields = [
        ("id", json!(view::with_prefix("csub_item", owner))),
        ("owner", json!(owner)),
        ("status", json!("active")),
        ("plan_id", plan.get("id").clone()),
        ("price_id", plan.get("default_price_id").clone()),
        ("plan_period", json!("month")),
        ("is_free_trial", json!(false)),
        ("period_start", json!(since)),
        ("created_at", json!(since)),
        ("updated_at", json!(since)),
    ];
    Some(fields.into_iter().collect())
}

/// How long before its end a trial is said to end soon
/// (<https://clerk.com/docs/guides/billing/free-trials>).
const SOON: i64 = 3 * DAY;

/// Lets periods end that are over: canceled items end, others are renewed and paid, and upcoming
/// ones begin.
pub(super) fn settle(store: &mut Store) {
    let now = store.time();
    warn_of_ending_trials(store, now);
    let over = |item: &&Record| {
        let ends = item.get("period_end").as_i64().is_some_and(|end| end <= now);
        let begins = item.text("status") == "upcoming" && item.number("period_start") <= now;
        is_current(item) && ends || begins
    };
    let due: Vec<_> = ITEM.all(store).filter(over).cloned().collect();
    for mut item in due {
        let status = item.text("status").to_owned();
        match status.as_str() {
            "canceled" => {
                item.set("ended_at", item.get("period_end").clone());
                item.set("status", "ended");
            }
            "upcoming" => item.set("status", "active"),
            _ => {
                let mut end = item.number("period_end");
                let span = span(&item);
                while end <= now {
                    item.set("period_start", end);
                    end = end.saturating_add(span);
                }
                item.set("period_end", end);
                item.set("is_free_trial", false);
            }
        }
        item.set("updated_at", now);
        store.records.put(tables::SUBSCRIPTION_ITEM, item.clone());
        if item.text("status") == status {
            events::item_updated(store, &item);
        } else {
            events::status_changed(store, &item);
        }
        if item.text("status") == "active" {
            statements::charge(store, &item, "recurring");
        }
        follow(store, &item);
    }
}

/// Sends the event of each trial that ends soon, once.
fn warn_of_ending_trials(store: &mut Store, now: i64) {
    let is_due = |item: &&Record| {
        let is_trial = item.is("is_free_trial") && item.text("status") == "active";
        let end = item.number("period_end");
        is_trial && (now..=now.saturating_add(SOON)).contains(&end) && item.number("warned") != end
    };
    let due: Vec<_> = ITEM.all(store).filter(is_due).cloned().collect();
    for mut item in due {
        item.set("warned", item.get("period_end").clone());
        store.records.put(tables::SUBSCRIPTION_ITEM, item.clone());
        events::trial_ends_soon(store, &item);
    }
}

/// The events that follow from a change of an item: a payer without another has the free plan, and
/// the subscription is another.
fn follow(store: &mut Store, item: &Record) {
    let owner = item.text("owner");
    let has_plan = ITEM.all(store).any(|item| item.text("owner") == owner && is_current(item));
    if let Some(free) = free_item(store, owner).filter(|_| !has_plan) {
        events::status_changed(store, &free);
    }
    events::subscription_updated(store, owner);
}

/// The length of a period, in milliseconds.
pub(super) fn span(item: &Record) -> i64 {
    if item.text("plan_period") == "annual" { 365 * DAY } else { 30 * DAY }
}

/// The item with this id. The free ones can't be changed.
pub(super) fn find(store: &Store, id: &str, to: &str) -> Result<Record, Refusal> {
    if let Ok(item) = ITEM.get(store, id) {
        return Ok(item.clone());
    }
    let owners =
        ["user", "org"].map(|prefix| view::with_prefix(prefix, &id.replacen("csub_", "", 1)));
    if owners.iter().any(|owner| free_item(store, owner).is_some_and(|item| item.id() == id)) {
        let sentence = format!("Subscription item cannot be {to} because it is of the free plan");
        return Err(COMMERCE_SUBSCRIPTION_ITEM_CANNOT_BE_CANCELED.because(sentence).into());
    }
    Err(SUBSCRIPTION_ITEM_NOT_FOUND.because("Subscription item not found").into())
}

/// `DELETE /billing/subscription_items/{subscription_item_id}`: at the end of the period, or now.
pub(super) fn cancel(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let at_once = call.query.flag("end_now") == Some(true);
    call.take_query().finish()?;
    let mut item = find(store, call.id(), "canceled")?;
    let is_over = item.text("status") == "ended";
    if is_over || item.text("status") == "canceled" && !at_once {
        let sentence = "You can't cancel a subscription item that is already canceled";
        return Err(COMMERCE_SUBSCRIPTION_ITEM_ALREADY_CANCELED.because(sentence).into());
    }
    let now = store.now();
    item.set("canceled_at", now);
    item.set("updated_at", now);
    item.set("status", "canceled");
    if at_once || item.number("period_start") > now {
        item.set("status", "ended");
        item.set("ended_at", now);
    }
    store.records.put(tables::SUBSCRIPTION_ITEM, item.clone());
    events::status_changed(store, &item);
    follow(store, &item);
    Ok(reply::json(&view::item(store, &item)))
}

/// `POST /billing/subscription_items/{subscription_item_id}/extend_free_trial`
pub(super) fn extend_free_trial(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let mut item = find(store, call.id(), "extended")?;
    let mut fields = call.fields()?;
    let text = fields.required("extend_to");
    let until = time::parse_rfc3339(&text);
    if until.is_none() && !text.is_empty() {
        let sentence = "extend_to must be a date and time in RFC 3339 format.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("extend_to", sentence));
    }
    fields.finish()?;
    let until = until.unwrap_or_default();
    if !item.is("is_free_trial") || item.text("status") != "active" {
        let sentence = "Subscription item is not in free trial";
        return Err(SUBSCRIPTION_ITEM_NOT_IN_FREE_TRIAL.because(sentence).into());
    }
    let latest = item.number("period_end").saturating_add(365 * DAY);
    if until <= store.time() || until > latest {
        let sentence = "extend_to must be in the future, and not more than 365 days after the end \
                        of the trial.";
        return Err(FORM_PARAM_VALUE_INVALID.at("extend_to", sentence).into());
    }
    item.set("period_end", until);
    item.set("updated_at", store.now());
    store.records.put(tables::SUBSCRIPTION_ITEM, item.clone());
    events::item_updated(store, &item);
    follow(store, &item);
    Ok(reply::json(&view::changed_item(store, &item)))
}

/// `GET /users/{user_id}/billing/subscription`, and the same of organizations.
pub(super) fn subscription(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let owner = payer_of(store, call)?;
    let of_owner = ITEM.all(store).filter(|item| item.text("owner") == owner);
    let of_owner: Vec<_> = of_owner.cloned().collect();
    let had_trial = of_owner.iter().any(|item| item.is("is_free_trial"));
    let mut items: Vec<_> =
        of_owner.into_iter().filter(|item| item.text("status") != "ended").collect();
    if !items.iter().any(is_current) {
        items.extend(free_item(store, &owner));
    }
    let first = items.first().cloned().unwrap_or_default();
    let due =
        items.iter().find(|item| item.text("status") == "active" && view::amount(store, item) > 0);
    let next = due.map(|item| {
        let amount = crate::model::money(view::amount(store, item));
        json!({ "date": item.get("period_end"), "amount": amount })
    });
    let mut body = json!({
        "object": "commerce_subscription",
        "id": view::with_prefix("csub", &owner),
        "instance_id": store.instance_id,
        "status": if first.text("status") == "past_due" { "past_due" } else { "active" },
        "payer_id": view::payer_id(&owner),
        "created_at": first.get("created_at"),
        "updated_at": first.get("updated_at"),
        "active_at": first.get("period_start"),
        "past_due_at": first.get("past_due_at"),
        "subscription_items": items.iter().map(|item| view::item(store, item)).collect::<Vec<_>>(),
        "eligible_for_free_trial": !had_trial,
    });
    if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
        body.insert("next_payment".to_owned(), next);
    }
    Ok(reply::json(&body))
}
