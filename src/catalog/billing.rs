//! Plans, prices, subscriptions and statements.
//! <https://clerk.com/docs/reference/backend-api/tag/billing>

pub(super) mod fields;

use clerk_api::Route;

use self::fields::{
    CREDIT_BALANCE, CREDIT_LEDGER_ENTRY, DISCOUNT_REDEMPTION, PAYMENT_ATTEMPT, PLAN, PRICE,
    PRICE_TRANSITION, STATEMENT, SUBSCRIPTION, SUBSCRIPTION_ITEM,
};
use super::{
    On, Toolset,
    params::{ORGANIZATION_ID, USER_ID},
};
use crate::tool::{
    Effect, Flag, REMOVED, Tool,
    kind::Kind,
    param::{
        Format, LIMIT, OFFSET, PAGE, Param, Relation, boolean, choice, deadline, id, integer,
        price, text,
    },
    rest,
    undo::{Source, Undo},
};

const SUBSCRIPTION_ITEM_ID: Param =
    id("subscription_item_id", &[Kind::SubscriptionItem], Relation::Target)
        .path()
        .about("The ID of the payer's subscription item.");
const STATEMENT_ID: Param = id("statement_id", &[Kind::Statement], Relation::Target)
    .path()
    .about("The ID of the billing statement.");
const PLAN_ID: Param = id("plan_id", &[Kind::BillingPlan], Relation::Filter)
    .filter()
    .about("Only those of the plan with this ID.");
const PAYER_TYPE: Param = choice("payer_type", &["user", "org"])
    .filter()
    .about("Only those for users or only those for organizations.");

/// A change of the credit of a user or an organization.
const ADJUSTMENT: &[Param] = &[
    integer("amount")
        .at_least(1)
        .required()
        .about("How much credit to add or take off, in cents; more than 0."),
    choice("action", &["increase", "decrease"])
        .required()
        .about("Whether the credit is increased or decreased."),
    text("currency")
        .format(Format::Currency)
        .about("A currency code such as USD, which is the default."),
    text("idempotency_key")
        .required()
        .about("Your own unique key for this adjustment; a repeat with it changes nothing."),
    text("note").about("A note to keep with the entry in the credit ledger."),
];

static TOOLS: [Tool; 18] = [
    rest(
        "clerk_list_billing_plans",
        "List billing plans",
        Route::get("/billing/plans"),
        "List the plans that can be subscribed to.",
    )
    .takes(&[&[LIMIT, OFFSET, PAYER_TYPE]])
    .lists("billingPlans", &PLAN)
    .paginated()
    .flags(&[Flag::Billing]),
    rest(
        "clerk_list_billing_prices",
        "List billing prices",
        Route::get("/billing/prices"),
        "List the prices of billing plans, or of one plan.",
    )
    .takes(&[&[LIMIT, OFFSET, PLAN_ID]])
    .lists("billingPrices", &PRICE)
    .paginated()
    .flags(&[Flag::Billing]),
    rest(
        "clerk_create_billing_price",
        "Create billing price",
        Route::post("/billing/prices"),
        "Create a custom price of a plan. Nobody pays it until a subscription item is moved to it.",
    )
    .takes(&[&[
        id("plan_id", &[Kind::BillingPlan], Relation::Nobody)
            .required()
            .about("The ID of the plan that gets the price."),
        text("currency")
            .format(Format::Currency)
            .about("A currency code such as USD, which is the default."),
        price("amount", 100)
            .required()
            .about("The monthly price in cents, such as 1900: 0 if free, else at least 100."),
        price("annual_monthly_amount", 100).about(
            "The price per month in cents if billed annually, such as 1500: 0 if free, else at \
             least 100.",
        ),
        text("description").about("What this custom price is for, in your own words."),
        choice("supported_billing_periods", &["month", "annual", "both"])
            .about("Which periods can be billed; by default inferred from the amounts."),
    ]])
    .returns(&PRICE)
    .undo(Undo::Never(
        "Clerk has no operation that deletes a price. Nobody pays it until they are moved to it.",
    ))
    .verify_with("clerk_list_billing_plans")
    .flags(&[Flag::InstanceWide, Flag::Billing]),
    rest(
        "clerk_list_billing_subscription_items",
        "List billing subscription items",
        Route::get("/billing/subscription_items"),
        "List subscription items: who has which plan at which price.",
    )
    .takes(&[&[
        LIMIT,
        OFFSET,
        choice("status", &["active", "ended", "past_due", "upcoming", "free_trial"])
            .filter()
            .about("Only subscription items with this status."),
        PAYER_TYPE,
        PLAN_ID,
        boolean("include_free")
            .query()
            .about("Whether to include items of free plans; default false."),
        text("query").filter().about("Text to search the subscription items for."),
    ]])
    .lists("billingSubscriptionItems", &SUBSCRIPTION_ITEM)
    .paginated()
    .flags(&[Flag::Billing]),
    rest(
        "clerk_cancel_billing_subscription_item",
        "Cancel billing subscription item",
        Route::delete("/billing/subscription_items/{subscription_item_id}"),
        "Cancel a subscription item at the end of its period, or at once with endNow. Until then \
         it \
         stays active, with canceledAt set.",
    )
    .takes(&[&[
        SUBSCRIPTION_ITEM_ID,
        boolean("end_now").query().about(
            "Whether to cancel at once, not at the end of the billing period; default false.",
        ),
    ]])
    .returns(&SUBSCRIPTION_ITEM)
    .undo(Undo::Never("The payer has to subscribe again."))
    .verify_with("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    rest(
        "clerk_extend_billing_subscription_item_free_trial",
        "Extend billing subscription item free trial",
        Route::post("/billing/subscription_items/{subscription_item_id}/extend_free_trial"),
        "Extend the free trial of a subscription item to a later time.",
    )
    .takes(&[&[
        SUBSCRIPTION_ITEM_ID,
        deadline("extend_to").required().about(
            "When the trial ends, in UTC, such as 2099-01-31T00:00:00Z; in the future, and for \
             Clerk \
             at most 365 days ahead.",
        ),
    ]])
    .returns(&SUBSCRIPTION_ITEM)
    .effect(Effect::Update)
    .undo(Undo::Never("A free trial can only be made longer."))
    .verify_with("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    rest(
        "clerk_create_billing_price_transition",
        "Create billing price transition",
        Route::post("/billing/subscription_items/{subscription_item_id}/price_transition"),
        "Move a subscription item from one price to another.",
    )
    .takes(&[&[
        SUBSCRIPTION_ITEM_ID,
        id("from_price_id", &[Kind::BillingPrice], Relation::Nobody)
            .required()
            .about("The ID of the price that the item has now."),
        id("to_price_id", &[Kind::BillingPrice], Relation::Nobody)
            .required()
            .about("The ID of the price that the item moves to."),
    ]])
    .returns(&PRICE_TRANSITION)
    .undo(Undo::Never(
        "Move the item back to its old price with clerk_create_billing_price_transition. What was \
         charged stays charged.",
    ))
    .verify_with("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    rest(
        "clerk_apply_billing_subscription_item_discount",
        "Apply billing subscription item discount",
        Route::post("/billing/subscription_items/{subscription_item_id}/discounts"),
        "Apply a discount that exists to a subscription item.",
    )
    .takes(&[&[
        SUBSCRIPTION_ITEM_ID,
        id("discount_id", &[Kind::Discount], Relation::Nobody)
            .required()
            .about("The ID of the discount to apply; it replaces the active one."),
    ]])
    .returns(&DISCOUNT_REDEMPTION)
    .undo(
        Undo::by(
            "clerk_remove_billing_subscription_item_discount",
            &[
                ("subscription_item_id", Source::Argument("subscription_item_id")),
                ("discount_id", Source::Argument("discount_id")),
            ],
        )
        .but("A discount that it replaced doesn't come back."),
    )
    .verify_with("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    rest(
        "clerk_remove_billing_subscription_item_discount",
        "Remove billing subscription item discount",
        Route::delete("/billing/subscription_items/{subscription_item_id}/discounts/{discount_id}"),
        "Remove a discount from a subscription item, which costs its full price again.",
    )
    .takes(&[&[
        SUBSCRIPTION_ITEM_ID,
        id("discount_id", &[Kind::Discount], Relation::Target)
            .path()
            .about("The ID of the discount to remove: the item's active one."),
    ]])
    .returns(&DISCOUNT_REDEMPTION)
    .beside(&REMOVED)
    .undo(
        Undo::by(
            "clerk_apply_billing_subscription_item_discount",
            &[
                ("subscription_item_id", Source::Argument("subscription_item_id")),
                ("discount_id", Source::Argument("discount_id")),
            ],
        )
        .but("Its billing cycles may be counted from the beginning."),
    )
    .verify_with("clerk_list_billing_plans")
    .flags(&[Flag::Billing]),
    rest(
        "clerk_list_billing_statements",
        "List billing statements",
        Route::get("/billing/statements"),
        "List the billing statements of all payers.",
    )
    .takes(&[PAGE])
    .lists("billingStatements", &STATEMENT)
    .paginated()
    .flags(&[Flag::Billing]),
    rest(
        "clerk_get_billing_statement",
        "Get billing statement",
        Route::get("/billing/statements/{statement_id}"),
        "Get one billing statement with its groups and totals by ID.",
    )
    .takes(&[&[STATEMENT_ID]])
    .returns(&STATEMENT)
    .flags(&[Flag::Billing]),
    rest(
        "clerk_list_billing_statement_payment_attempts",
        "List billing statement payment attempts",
        Route::get("/billing/statements/{statement_id}/payment_attempts"),
        "List the attempts to pay a billing statement.",
    )
    .takes(&[&[STATEMENT_ID], PAGE])
    .lists("paymentAttempts", &PAYMENT_ATTEMPT)
    .paginated()
    .flags(&[Flag::Billing]),
    rest(
        "clerk_get_user_billing_subscription",
        "Get user billing subscription",
        Route::get("/users/{user_id}/billing/subscription"),
        "Get a user's subscription with its items.",
    )
    .takes(&[&[USER_ID]])
    .returns(&SUBSCRIPTION)
    .flags(&[Flag::Billing]),
    rest(
        "clerk_get_user_billing_credit_balance",
        "Get user billing credit balance",
        Route::get("/users/{user_id}/billing/credits"),
        "Get how much billing credit a user has.",
    )
    .takes(&[&[USER_ID]])
    .returns(&CREDIT_BALANCE)
    .flags(&[Flag::Billing]),
    rest(
        "clerk_adjust_user_billing_credit_balance",
        "Adjust user billing credit balance",
        Route::post("/users/{user_id}/billing/credits"),
        "Raise or lower a user's billing credit by an amount. The same idempotencyKey changes \
         nothing twice.",
    )
    .takes(&[&[USER_ID], ADJUSTMENT])
    .returns(&CREDIT_LEDGER_ENTRY)
    .undo(Undo::Never(
        "Adjust the balance by the same amount the other way, with a new idempotencyKey.",
    ))
    .verify_with("clerk_get_user_billing_credit_balance")
    .flags(&[Flag::Billing]),
    rest(
        "clerk_get_organization_billing_subscription",
        "Get organization billing subscription",
        Route::get("/organizations/{organization_id}/billing/subscription"),
        "Get an organization's subscription with its items.",
    )
    .takes(&[&[ORGANIZATION_ID]])
    .returns(&SUBSCRIPTION)
    .flags(&[Flag::Billing]),
    rest(
        "clerk_get_organization_billing_credit_balance",
        "Get organization billing credit balance",
        Route::get("/organizations/{organization_id}/billing/credits"),
        "Get how much billing credit an organization has.",
    )
    .takes(&[&[ORGANIZATION_ID]])
    .returns(&CREDIT_BALANCE)
    .flags(&[Flag::Billing]),
    rest(
        "clerk_adjust_organization_billing_credit_balance",
        "Adjust organization billing credit balance",
        Route::post("/organizations/{organization_id}/billing/credits"),
        "Raise or lower an organization's billing credit by an amount. The same idempotencyKey \
         changes nothing twice.",
    )
    .takes(&[&[ORGANIZATION_ID], ADJUSTMENT])
    .returns(&CREDIT_LEDGER_ENTRY)
    .undo(Undo::Never(
        "Adjust the balance by the same amount the other way, with a new idempotencyKey.",
    ))
    .verify_with("clerk_get_organization_billing_credit_balance")
    .flags(&[Flag::Billing]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "billing",
    about: "Plans, prices, subscriptions and statements",
    find: "clerk_list_billing_plans",
    on: On::Chosen,
    tools: &TOOLS,
};
