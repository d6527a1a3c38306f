//! `/billing` and what users and organizations have of it. It is simulated: nobody pays, renewals
//! happen by the clock, and all amounts are in US dollars. A payer without a paid plan has the free
//! plan.

mod credits;
mod discounts;
mod events;
mod items;
mod statements;
mod transition;
mod view;

use serde_json::{Value, json};

use super::Action::{Do, Find};
use super::{Call, Route};
use crate::model::{Record, money, tables};
use crate::records::{Field, Filter, Kind, List, Shape};
use crate::refusal::{
    DEFAULT_PLAN_PRICE_CREATION_FORBIDDEN, FORM_PARAM_MISSING, PLAN_NOT_FOUND, Refusal,
    SUPPORTED_BILLING_PERIOD_MISMATCH,
};
use crate::reply::Reply;
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/billing/plans", super::Action::List(&PLAN)),
    Route::get("/billing/prices", Find(list_prices)),
    Route::post("/billing/prices", Do(create_price)),
    Route::get("/billing/subscription_items", Find(items::list)),
    Route::delete("/billing/subscription_items/{subscription_item_id}", Find(items::cancel)),
    Route::post(
        "/billing/subscription_items/{subscription_item_id}/extend_free_trial",
        Do(items::extend_free_trial),
    ),
    Route::post(
        "/billing/subscription_items/{subscription_item_id}/price_transition",
        Do(transition::create),
    ),
    Route::post(
        "/billing/subscription_items/{subscription_item_id}/discounts",
        Do(discounts::apply),
    ),
    Route::delete(
        "/billing/subscription_items/{subscription_item_id}/discounts/{discount_id}",
        Do(discounts::remove),
    ),
    Route::get("/billing/statements", Find(statements::list)),
    Route::get("/billing/statements/{statementID}", Do(statements::show)),
    Route::get("/billing/statements/{statementID}/payment_attempts", Find(statements::attempts)),
    Route::get("/users/{user_id}/billing/subscription", Do(items::subscription)),
    Route::get("/users/{user_id}/billing/credits", Do(credits::balance)),
    Route::post("/users/{user_id}/billing/credits", Do(credits::adjust)),
    Route::get("/organizations/{organization_id}/billing/subscription", Do(items::subscription)),
    Route::get("/organizations/{organization_id}/billing/credits", Do(credits::balance)),
    Route::post("/organizations/{organization_id}/billing/credits", Do(credits::adjust)),
];

/// A list of billing, which has the form of other lists whether `paginated` is given or not.
const LIST: List = List { takes_paginated: true, ..List::PLAIN };

const PLAN: Kind = Kind {
    missing: &PLAN_NOT_FOUND,
    list: List {
        filters: &[Filter::Choice("payer_type", "for_payer_type", &["user", "org"])],
        ..LIST
    },
    hides: &["created_at", "updated_at", "default_price_id"],
    ..Kind::new(tables::PLAN, "cplan", "plan", &[])
};

const PRICE: Kind = Kind {
    list: List { sort: ("amount", false), filters: &[Filter::Text("plan_id", "plan_id")], ..LIST },
    hides: &["updated_at"],
    complete: complete_price,
    ..Kind::new(
        tables::PRICE,
        "cprice",
        "price",
        &[
            Field::new("plan_id", Shape::Name).required(),
            Field::derived("instance_id"),
            Field::new("currency", Shape::Choice(&["USD"])).or(r#""USD""#),
            Field::derived("currency_symbol").or(r#""$""#),
            Field::new("amount", Shape::Integer(0, 99_999_999)),
            Field::new("annual_monthly_amount", Shape::Integer(0, 99_999_999)),
            Field::derived("fee"),
            Field::derived("annual_monthly_fee"),
            Field::new("description", Shape::Text).or(r#""""#),
            Field::derived("is_default").or("false"),
            Field::new("supported_billing_periods", Shape::Choice(&["month", "annual", "both"])),
        ],
    )
};

/// `GET /billing/prices`
fn list_prices(store: &mut Store, call: &mut Call) -> Reply {
    if let Some(plan) = call.query.peek("plan_id") {
        PLAN.get(store, plan)?;
    }
    PRICE.page(store, call.take_query(), |_| true)
}

/// `POST /billing/prices`
fn create_price(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    if !fields.has("amount") {
        fields.refuse(FORM_PARAM_MISSING.at("amount", "amount must be included."));
    }
    PRICE.create(store, fields)
}

fn complete_price(
    store: &mut Store,
    price: &mut Record,
    _: Option<&Record>,
) -> Result<(), Refusal> {
    let plan = PLAN.get(store, price.text("plan_id"))?;
    if plan.is("is_default") {
        let sentence = "Custom prices cannot be created for default plans. Only custom paid plans \
                        support additional pricing";
        return Err(DEFAULT_PLAN_PRICE_CREATION_FORBIDDEN.at("plan_id", sentence).into());
    }
    let amounts = ["amount", "annual_monthly_amount"].map(|name| price.get(name).as_i64());
    let periods = match amounts {
        [Some(_), Some(_)] => "both",
        [None, Some(_)] => "annual",
        _ => "month",
    };
    let given = price.get("supported_billing_periods").as_str().unwrap_or(periods).to_owned();
    let [amount, annual] = amounts;
    for (name, amount, without) in
        [("amount", amount, "annual"), ("annual_monthly_amount", annual, "month")]
    {
        if amount.is_some() && given == without {
            let sentence =
                format!("{name} cannot be set when supported_billing_periods is \"{given}\"");
            return Err(SUPPORTED_BILLING_PERIOD_MISMATCH.at(name, sentence).into());
        }
    }
    price.set("supported_billing_periods", given);
    price.set("instance_id", store.instance_id.clone());
    price.set("amount", amount.unwrap_or_default());
    price.set("annual_monthly_amount", annual.unwrap_or_default());
    price.set("fee", amount.map_or(Value::Null, money));
    price.set("annual_monthly_fee", annual.map_or(Value::Null, money));
    Ok(())
}

/// The id of the user or organization in the path, who must be there.
fn payer_of(store: &Store, call: &Call) -> Result<String, Refusal> {
    let id = call.id();
    if call.is_of("users") {
        return store.user(id).map(|user| user.id.clone());
    }
    store.organization_with_id(id).map(|organization| organization.id.clone())
}

/// A new record of a table, with these fields.
fn keep(
    store: &mut Store,
    table: &'static str,
    prefix: &str,
    fields: Vec<(&'static str, Value)>,
) -> Record {
    let (id, now) = (store.id(prefix), store.now());
    let times = [("created_at", json!(now)), ("updated_at", json!(now))];
    let record: Record = [("id", json!(id))].into_iter().chain(fields).chain(times).collect();
    store.records.put(table, record.clone());
    record
}
