//! Plans, prices, subscriptions and statements.
//! <https://clerk.com/docs/reference/backend-api/tag/billing>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Flag,
    param::{LIMIT, OFFSET, choice, flag, id, integer, text},
    plain,
};

/// The fields of a price.
const PRICE: &[&str] = &[
    "id",
    "plan_id",
    "instance_id",
    "currency",
    "currency_symbol",
    "amount",
    "annual_monthly_amount",
    "fee",
    "annual_monthly_fee",
    "description",
    "is_default",
    "created_at",
    "supported_billing_periods",
];
/// The fields of a subscription item.
const SUBSCRIPTION_ITEM: &[&str] = &[
    "id",
    "instance_id",
    "status",
    "credit",
    "credits",
    "plan_id",
    "price_id",
    "plan",
    "plan_period",
    "payment_method",
    "lifetime_paid",
    "next_payment",
    "payer_id",
    "payer",
    "is_free_trial",
    "period_start",
    "period_end",
    "proration_date",
    "canceled_at",
    "past_due_at",
    "ended_at",
    "created_at",
    "updated_at",
    "seats",
    "totals",
];
/// The fields of an applied discount.
const APPLIED_DISCOUNT: &[&str] = &[
    "id",
    "subscription_item_id",
    "discount_id",
    "name",
    "source",
    "promo_code",
    "effect",
    "percent_off",
    "amount_off",
    "amount",
    "cycles_remaining",
    "cycles_applied",
    "status",
    "redeemed_at",
    "redeemed_by",
];
/// The fields of a statement.
const STATEMENT: &[&str] =
    &["id", "instance_id", "timestamp", "payer", "status", "totals", "groups"];
/// The fields of a subscription.
const SUBSCRIPTION: &[&str] = &[
    "id",
    "instance_id",
    "status",
    "payer_id",
    "created_at",
    "updated_at",
    "active_at",
    "past_due_at",
    "subscription_items",
    "next_payment",
    "eligible_for_free_trial",
];
/// The fields of a credit adjustment.
const CREDIT_ADJUSTMENT: &[&str] =
    &["id", "payer_id", "amount", "source_type", "source_id", "note", "created_at"];

pub(super) static OPERATIONS: [Entry; 18] = [
    plain(
        "clerk_list_billing_plans",
        "List billing plans",
        Route::get("/billing/plans"),
        "List the plans that can be subscribed to.",
    )
    .takes(&[LIMIT, OFFSET, choice("payer_type", &["user", "org"])])
    .rows("billingPlans")
    .paginated()
    .answers(&[
        "id",
        "name",
        "fee",
        "annual_monthly_fee",
        "annual_fee",
        "description",
        "product_id",
        "is_default",
        "is_recurring",
        "publicly_visible",
        "has_base_fee",
        "for_payer_type",
        "slug",
        "avatar_url",
        "features",
        "free_trial_enabled",
        "free_trial_days",
        "unit_prices",
    ])
    .flags(&[Flag::Billing]),
    plain(
        "clerk_list_billing_prices",
        "List billing prices",
        Route::get("/billing/prices"),
        "List the prices of billing plans, or of one plan.",
    )
    .takes(&[LIMIT, OFFSET, id("plan_id")])
    .rows("billingPrices")
    .paginated()
    .answers(PRICE)
    .flags(&[Flag::Billing]),
    plain(
        "clerk_create_billing_price",
        "Create billing price",
        Route::post("/billing/prices"),
        "Make a custom price of a plan. Nobody pays it until a subscription item is moved to it.",
    )
    .takes(&[
        id("plan_id").required(),
        text("currency"),
        integer("amount").required().about("In the smallest unit of the currency."),
        integer("annual_monthly_amount").about("A month, where a year is paid."),
        text("description"),
        choice("supported_billing_periods", &["month", "annual", "both"]),
    ])
    .answers(PRICE)
    .look("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_list_billing_subscription_items",
        "List billing subscription items",
        Route::get("/billing/subscription_items"),
        "List subscription items: who has which plan at which price.",
    )
    .takes(&[
        LIMIT,
        OFFSET,
        choice("status", &["active", "ended", "past_due", "upcoming", "free_trial"]),
        choice("payer_type", &["user", "org"]),
        id("plan_id"),
        flag("include_free"),
        text("query"),
    ])
    .rows("billingSubscriptionItems")
    .paginated()
    .answers(SUBSCRIPTION_ITEM)
    .flags(&[Flag::Billing]),
    plain(
        "clerk_cancel_billing_subscription_item",
        "Cancel billing subscription item",
        Route::delete("/billing/subscription_items/{subscription_item_id}"),
        "Cancel a subscription item, at the end of its period or at once with endNow.",
    )
    .takes(&[flag("end_now").about("At once, not at the end of the period.")])
    .answers(SUBSCRIPTION_ITEM)
    .look("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_extend_billing_subscription_item_free_trial",
        "Extend billing subscription item free trial",
        Route::post("/billing/subscription_items/{subscription_item_id}/extend_free_trial"),
        "Extend the free trial of a subscription item to a later time.",
    )
    .takes(&[text("extend_to").required().about("A timestamp such as 2026-01-31T00:00:00Z.")])
    .answers(&[
        "id",
        "instance_id",
        "status",
        "credit",
        "plan_id",
        "price_id",
        "plan",
        "plan_period",
        "payment_source_id",
        "payment_source",
        "lifetime_paid",
        "amount",
        "next_invoice",
        "next_payment",
        "payer_id",
        "payer",
        "is_free_trial",
        "period_start",
        "period_end",
        "proration_date",
        "canceled_at",
        "past_due_at",
        "ended_at",
        "created_at",
        "updated_at",
    ])
    .effect(Effect::Update)
    .look("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_create_billing_price_transition",
        "Create billing price transition",
        Route::post("/billing/subscription_items/{subscription_item_id}/price_transition"),
        "Move a subscription item from one price to another.",
    )
    .takes(&[id("from_price_id").required(), id("to_price_id").required()])
    .answers(&["subscription_item", "transition"])
    .look("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_apply_billing_subscription_item_discount",
        "Apply billing subscription item discount",
        Route::post("/billing/subscription_items/{subscription_item_id}/discounts"),
        "Apply a discount that exists to a subscription item.",
    )
    .takes(&[id("discount_id").required()])
    .answers(APPLIED_DISCOUNT)
    .look("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_remove_billing_subscription_item_discount",
        "Remove billing subscription item discount",
        Route::delete("/billing/subscription_items/{subscription_item_id}/discounts/{discount_id}"),
        "Take a discount off a subscription item, which costs its full price again.",
    )
    .answers(APPLIED_DISCOUNT)
    .look("clerk_list_billing_plans")
    .undo("It can be applied again.")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_list_billing_statements",
        "List billing statements",
        Route::get("/billing/statements"),
        "List the billing statements of all payers.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("billingStatements")
    .paginated()
    .answers(STATEMENT)
    .flags(&[Flag::Billing]),
    plain(
        "clerk_get_billing_statement",
        "Get billing statement",
        Route::get("/billing/statements/{statement_id}"),
        "Get one billing statement with its groups and totals by ID.",
    )
    .answers(STATEMENT)
    .flags(&[Flag::Billing]),
    plain(
        "clerk_list_billing_statement_payment_attempts",
        "List billing statement payment attempts",
        Route::get("/billing/statements/{statement_id}/payment_attempts"),
        "List the attempts to pay a billing statement.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("paymentAttempts")
    .paginated()
    .answers(&[
        "id",
        "payment_id",
        "instance_id",
        "charge_type",
        "payee_id",
        "payee",
        "payer_id",
        "payer",
        "subscription_item_id",
        "subscription_item",
        "amount",
        "totals",
        "payment_method_id",
        "payment_method",
        "statement_id",
        "gateway_external_id",
        "gateway_external_url",
        "status",
        "paid_at",
        "failed_at",
        "created_at",
        "updated_at",
    ])
    .flags(&[Flag::Billing]),
    plain(
        "clerk_get_user_billing_subscription",
        "Get user billing subscription",
        Route::get("/users/{user_id}/billing/subscription"),
        "Get a user's subscription with its items.",
    )
    .answers(SUBSCRIPTION)
    .flags(&[Flag::Billing]),
    plain(
        "clerk_get_user_billing_credit_balance",
        "Get user billing credit balance",
        Route::get("/users/{user_id}/billing/credits"),
        "Get how much billing credit a user has.",
    )
    .answers(&["balance"])
    .flags(&[Flag::Billing]),
    plain(
        "clerk_adjust_user_billing_credit_balance",
        "Adjust user billing credit balance",
        Route::post("/users/{user_id}/billing/credits"),
        "Raise or lower a user's billing credit by an amount. The same idempotencyKey changes \
         nothing twice.",
    )
    .takes(&[
        integer("amount").required().about("In the smallest unit of the currency."),
        choice("action", &["increase", "decrease"]).required(),
        text("currency"),
        text("idempotency_key")
            .required()
            .about("Your own text; a repeat with it changes nothing."),
        text("note"),
    ])
    .answers(CREDIT_ADJUSTMENT)
    .look("clerk_get_user_billing_credit_balance")
    .flags(&[Flag::Billing]),
    plain(
        "clerk_get_organization_billing_subscription",
        "Get organization billing subscription",
        Route::get("/organizations/{organization_id}/billing/subscription"),
        "Get an organization's subscription with its items.",
    )
    .answers(SUBSCRIPTION)
    .flags(&[Flag::Billing]),
    plain(
        "clerk_get_organization_billing_credit_balance",
        "Get organization billing credit balance",
        Route::get("/organizations/{organization_id}/billing/credits"),
        "Get how much billing credit an organization has.",
    )
    .answers(&["balance"])
    .flags(&[Flag::Billing]),
    plain(
        "clerk_adjust_organization_billing_credit_balance",
        "Adjust organization billing credit balance",
        Route::post("/organizations/{organization_id}/billing/credits"),
        "Raise or lower an organization's billing credit by an amount. The same idempotencyKey \
         changes nothing twice.",
    )
    .takes(&[
        integer("amount").required().about("In the smallest unit of the currency."),
        choice("action", &["increase", "decrease"]).required(),
        text("currency"),
        text("idempotency_key")
            .required()
            .about("Your own text; a repeat with it changes nothing."),
        text("note"),
    ])
    .answers(CREDIT_ADJUSTMENT)
    .look("clerk_get_organization_billing_credit_balance")
    .flags(&[Flag::Billing]),
];
