//! Plans, their prices, and who has which.

use fastrand::Rng;
use serde_json::{Value, json};

use super::{EPOCH, every};
use crate::model::{Record, User, money, tables};
use crate::store::{Store, id};
use crate::time::DAY;

/// A plan: slug, name, for whom, its price for a month and its price for each month of a year, both
/// in cents, and the days of its trial.
type Plan = (&'static str, &'static str, &'static str, i64, i64, i64);

const PLANS: [Plan; 4] = [
    ("free_user", "Free", "user", 0, 0, 0),
    ("pro", "Pro", "user", 1_000, 800, 0),
    ("free_org", "Free", "org", 0, 0, 0),
    ("team", "Team", "org", 5_000, 4_000, 14),
];

/// How many users and how many organizations pay at most.
const MOST_PAYERS: usize = 100;

/// Adds the plans, which are as old as the instance, and subscriptions of some users and
/// organizations.
pub(super) fn add(store: &mut Store, rng: &mut Rng, users: &[User], founding: i64) {
    for plan in PLANS {
        self::plan(store, rng, plan, founding);
    }
    for (discount, name, effect, percent, fixed) in [
        ("disc_sandbox_percentage", "20% off", "percentage", json!(20), Value::Null),
        ("disc_sandbox_fixed", "$3 off", "fixed_amount", Value::Null, json!(300)),
    ] {
        let fields = [
            ("id", json!(discount)),
            ("name", json!(name)),
            ("effect", json!(effect)),
            ("percent_off", percent),
            ("amount_off", fixed),
        ];
        store.records.put(tables::DISCOUNT, fields.into_iter().collect());
    }
    let of_users = users.iter().enumerate().filter(|(index, _)| every(*index, 5, 2));
    let users: Vec<_> =
        of_users.take(MOST_PAYERS).map(|(_, user)| (user.id.clone(), "pro", false)).collect();
    let organizations = store.organizations.keys().enumerate();
    let organizations = organizations.filter(|(index, _)| every(*index, 2, 0));
    // The first organization is in its trial.
    let organizations: Vec<_> = organizations
        .take(MOST_PAYERS)
        .map(|(index, owner)| (owner.clone(), "team", index == 0))
        .collect();
    for (owner, slug, is_trial) in users.into_iter().chain(organizations) {
        subscribe(store, rng, &owner, slug, is_trial);
    }
}

fn plan(store: &mut Store, rng: &mut Rng, plan: Plan, at: i64) {
    let (slug, name, payer, month, annual, trial) = plan;
    let (plan_id, price_id) = (id(rng, "cplan"), id(rng, "cprice"));
    let is_free = month == 0;
    let fee = |amount: i64| if is_free { Value::Null } else { money(amount) };
    let plan = [
        ("id", json!(plan_id)),
        ("name", json!(name)),
        ("fee", money(month)),
        ("annual_monthly_fee", fee(annual)),
        ("annual_fee", fee(annual * 12)),
        ("description", json!(format!("The {} plan", name.to_lowercase()))),
        ("product_id", json!(id(rng, "cprod"))),
        ("is_default", json!(is_free)),
        ("is_recurring", json!(true)),
        ("publicly_visible", json!(true)),
        ("has_base_fee", json!(!is_free)),
        ("for_payer_type", json!(payer)),
        ("slug", json!(slug)),
        ("avatar_url", Value::Null),
        ("features", json!([])),
        ("free_trial_enabled", json!(trial > 0)),
        ("free_trial_days", if trial > 0 { json!(trial) } else { Value::Null }),
        ("default_price_id", json!(price_id)),
        ("created_at", json!(at)),
    ];
    store.records.put(tables::PLAN, plan.into_iter().collect());
    let price = [
        ("id", json!(price_id)),
        ("plan_id", json!(plan_id)),
        ("instance_id", json!(store.instance_id)),
        ("currency", json!("USD")),
        ("currency_symbol", json!("$")),
        ("amount", json!(month)),
        ("annual_monthly_amount", json!(annual)),
        ("fee", money(month)),
        ("annual_monthly_fee", fee(annual)),
        ("description", json!("")),
        ("is_default", json!(true)),
        ("supported_billing_periods", json!(if is_free { "month" } else { "both" })),
        ("created_at", json!(at)),
    ];
    store.records.put(tables::PRICE, price.into_iter().collect());
}

/// Gives a payer a plan since the day before the data ends, with a payment unless it is a trial.
fn subscribe(store: &mut Store, rng: &mut Rng, owner: &str, slug: &str, is_trial: bool) {
    let plan = store.records.find(tables::PLAN, |plan| plan.text("slug") == slug).cloned();
    let Some(plan) = plan else { return };
    let since = EPOCH - DAY;
    // The trial was extended, so that it is still one when the sandbox runs.
    let days = if is_trial { 3_650 } else { 30 };
    let item = [
        ("id", json!(id(rng, "csub_item"))),
        ("owner", json!(owner)),
        ("status", json!("active")),
        ("plan_id", plan.get("id").clone()),
        ("price_id", plan.get("default_price_id").clone()),
        ("plan_period", json!("month")),
        ("is_free_trial", json!(is_trial)),
        ("period_start", json!(since)),
        ("period_end", json!(since + days * DAY)),
        ("created_at", json!(since)),
        ("updated_at", json!(since)),
    ];
    let item: Record = item.into_iter().collect();
    store.records.put(tables::SUBSCRIPTION_ITEM, item.clone());
    if is_trial {
        return;
    }
    let statement = id(rng, "cstmt");
    let amount = plan.get("fee").get("amount").cloned().unwrap_or_default();
    let fields = [
        ("id", json!(statement)),
        ("owner", json!(owner)),
        ("timestamp", json!(since)),
        ("status", json!("closed")),
        ("created_at", json!(since)),
        ("updated_at", json!(since)),
    ];
    store.records.put(tables::STATEMENT, fields.into_iter().collect());
    let fields = [
        ("id", json!(id(rng, "cpmt"))),
        ("owner", json!(owner)),
        ("charge_type", json!("recurring")),
        ("subscription_item_id", item.get("id").clone()),
        ("amount", amount),
        ("statement_id", json!(statement)),
        ("paid_at", json!(since)),
        ("created_at", json!(since)),
        ("updated_at", json!(since)),
    ];
    store.records.put(tables::PAYMENT, fields.into_iter().collect());
}
