//! Fields of the results of the tools for billing.

use crate::tool::field::{
    Field, Fields, any, boolean, code, codes, integer, number, object, objects, text, time,
};

/// An amount of money.
pub(super) static MONEY: Fields = Fields::open(&[&[
    integer("amount"),
    code("amount_formatted").about("In the currency's major unit, as a text."),
    code("currency").about("ISO 4217 code, such as USD."),
    code("currency_symbol"),
]]);

/// A feature.
pub(super) static FEATURE: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    text("description"),
    code("slug").concise(),
    code("avatar_url"),
]]);

/// A unit price tier.
pub(super) static UNIT_PRICE_TIER: Fields = Fields::open(&[&[
    integer("starts_at_block"),
    integer("ends_after_block"),
    object("fee_per_block", &MONEY),
]]);

/// A plan unit price.
pub(super) static PLAN_UNIT_PRICE: Fields = Fields::open(&[&[
    text("name").concise(),
    integer("block_size"),
    objects("tiers", &UNIT_PRICE_TIER),
]]);

/// A plan.
pub(in crate::catalog) static PLAN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    object("fee", &MONEY),
    object("annual_monthly_fee", &MONEY).about("What a month costs if it is paid by the year."),
    object("annual_fee", &MONEY),
    text("description"),
    code("product_id"),
    boolean("is_default").about("Whether it applies to those who chose none."),
    boolean("is_recurring"),
    boolean("publicly_visible"),
    boolean("has_base_fee"),
    code("for_payer_type"),
    code("slug").concise(),
    code("avatar_url"),
    objects("features", &FEATURE),
    boolean("free_trial_enabled").standard(),
    integer("free_trial_days"),
    objects("unit_prices", &PLAN_UNIT_PRICE),
    integer("amount"),
    code("amount_formatted").about("In the currency's major unit, as a text."),
    integer("annual_monthly_amount")
        .about("In cents: what a month costs if it is paid by the year."),
    code("annual_monthly_amount_formatted"),
    integer("annual_amount").about("In cents, for a year."),
    code("annual_amount_formatted"),
    code("currency_symbol"),
    code("currency").about("ISO 4217 code, such as USD."),
    codes("payer_type"),
    code("period"),
    integer("interval"),
]]);

/// A price.
pub(super) static PRICE: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("plan_id"),
    code("instance_id"),
    code("currency").about("ISO 4217 code, such as USD."),
    code("currency_symbol"),
    integer("amount"),
    integer("annual_monthly_amount")
        .about("In cents: what a month costs if it is paid by the year."),
    object("fee", &MONEY),
    object("annual_monthly_fee", &MONEY).about("What a month costs if it is paid by the year."),
    text("description"),
    boolean("is_default").about("Whether it applies to those who chose none."),
    time("created_at"),
    code("supported_billing_periods"),
]]);

/// A subscription credit.
pub(super) static SUBSCRIPTION_CREDIT: Fields = Fields::open(&[&[
    object("amount", &MONEY),
    number("cycle_remaining_percent").about("How much of the billing cycle is left, in percent."),
]]);

/// A proration credit.
pub(super) static PRORATION_CREDIT: Fields = Fields::open(&[&[
    object("amount", &MONEY),
    integer("cycle_days_remaining"),
    integer("cycle_days_total").about("How many days the billing cycle has."),
    number("cycle_remaining_percent").about("How much of the billing cycle is left, in percent."),
]]);

/// A payer credit.
pub(super) static PAYER_CREDIT: Fields =
    Fields::open(&[&[object("remaining_balance", &MONEY), object("applied_amount", &MONEY)]]);

/// Credits.
pub(super) static CREDITS: Fields = Fields::open(&[&[
    object("proration", &PRORATION_CREDIT),
    object("payer", &PAYER_CREDIT).about("Who pays: a user or an organization."),
    object("total", &MONEY),
]]);

/// What a payer pays with: a card or a wallet.
const MEANS_OF_PAYMENT: &[Field] = &[
    boolean("is_default").about("Whether it applies to those who chose none."),
    code("gateway"),
    code("gateway_external_id").about("Its ID at the payment gateway."),
    code("gateway_external_account_id"),
    code("last4").about("The last four digits of the card."),
    code("status").concise(),
    code("wallet_type"),
    code("card_type"),
    integer("expiry_year"),
    integer("expiry_month"),
    time("created_at"),
    time("updated_at").standard(),
    boolean("is_removable"),
];

/// A payment method.
pub(super) static PAYMENT_METHOD: Fields = Fields::open(&[
    &[
        code("object"),
        code("id").identity(),
        code("payer_id").about("Who pays: the ID of the payer, not of a user."),
        code("payment_type"),
    ],
    MEANS_OF_PAYMENT,
]);

/// What the units of a tier cost.
pub(super) static PER_UNIT_TOTAL_TIER: Fields = Fields::open(&[&[
    integer("quantity"),
    object("fee_per_block", &MONEY),
    object("total", &MONEY),
]]);

/// What units cost.
pub(super) static PER_UNIT_TOTAL: Fields = Fields::open(&[&[
    text("name").concise(),
    integer("block_size"),
    objects("tiers", &PER_UNIT_TOTAL_TIER),
]]);

/// A proration discount.
pub(super) static PRORATION_DISCOUNT: Fields = Fields::open(&[&[
    object("amount", &MONEY),
    integer("cycle_days_passed"),
    integer("cycle_days_total").about("How many days the billing cycle has."),
    number("cycle_passed_percent").about("How much of the billing cycle is over, in percent."),
]]);

/// Discounts.
pub(super) static DISCOUNTS: Fields =
    Fields::open(&[&[object("proration", &PRORATION_DISCOUNT), object("total", &MONEY)]]);

/// Totals.
pub(super) static TOTALS: Fields = Fields::open(&[&[
    object("subtotal", &MONEY),
    object("base_fee", &MONEY),
    object("tax_total", &MONEY),
    object("grand_total", &MONEY),
    objects("per_unit_totals", &PER_UNIT_TOTAL),
    object("credits", &CREDITS),
    object("discounts", &DISCOUNTS),
]]);

/// An item next payment.
pub(super) static ITEM_NEXT_PAYMENT: Fields = Fields::open(&[&[
    object("amount", &MONEY),
    time("date"),
    objects("per_unit_totals", &PER_UNIT_TOTAL),
    object("totals", &TOTALS),
]]);

/// A payer.
pub(in crate::catalog) static PAYER: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("instance_id"),
    code("user_id").concise(),
    text("first_name"),
    text("last_name"),
    code("email").concise(),
    code("organization_id"),
    text("organization_name"),
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    object("credits_balance", &MONEY),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// Seats.
pub(in crate::catalog) static SEATS: Fields =
    Fields::open(&[&[integer("quantity"), objects("tiers", &PER_UNIT_TOTAL_TIER)]]);

/// A payment source.
pub(in crate::catalog) static PAYMENT_SOURCE: Fields = Fields::open(&[
    &[
        code("object"),
        code("id").identity(),
        code("payer_id").about("Who pays: the ID of the payer, not of a user."),
        code("payment_method"),
    ],
    MEANS_OF_PAYMENT,
]);

/// A subscription item.
pub(in crate::catalog) static SUBSCRIPTION_ITEM: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("instance_id"),
    code("status").concise(),
    object("credit", &SUBSCRIPTION_CREDIT),
    object("credits", &CREDITS),
    code("plan_id"),
    code("price_id"),
    object("plan", &PLAN),
    code("plan_period"),
    object("payment_method", &PAYMENT_METHOD),
    object("lifetime_paid", &MONEY),
    object("next_payment", &ITEM_NEXT_PAYMENT),
    code("payer_id").about("Who pays: the ID of the payer, not of a user."),
    object("payer", &PAYER).about("Who pays: a user or an organization."),
    boolean("is_free_trial"),
    time("period_start").about("When the current billing period began."),
    time("period_end").about("When the current billing period ends."),
    code("proration_date"),
    time("canceled_at"),
    time("past_due_at"),
    time("ended_at"),
    time("created_at"),
    time("updated_at").standard(),
    object("seats", &SEATS),
    object("totals", &TOTALS),
    code("payment_source_id"),
    object("payment_source", &PAYMENT_SOURCE),
    object("amount", &MONEY),
    object("next_invoice", &ITEM_NEXT_PAYMENT),
]]);

/// A price transition details.
pub(super) static PRICE_TRANSITION_DETAILS: Fields = Fields::open(&[&[
    object("previous_plan", &PLAN),
    object("previous_price", &PRICE),
    time("effective_at"),
    code("effective_mode"),
    time("next_billing_date"),
    boolean("charged_immediately"),
    object("immediate_charge", &MONEY),
    code("previous_subscription_item_status"),
    code("previous_subscription_item_id"),
]]);

/// A price transition.
pub(super) static PRICE_TRANSITION: Fields = Fields::open(&[&[
    code("object"),
    object("subscription_item", &SUBSCRIPTION_ITEM),
    object("transition", &PRICE_TRANSITION_DETAILS),
]]);

/// A discount redemption.
pub(super) static DISCOUNT_REDEMPTION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("subscription_item_id"),
    code("discount_id"),
    text("name").concise(),
    code("source"),
    code("promo_code"),
    code("effect"),
    number("percent_off"),
    object("amount_off", &MONEY),
    object("amount", &MONEY),
    integer("cycles_remaining"),
    integer("cycles_applied"),
    code("status").concise(),
    time("redeemed_at"),
    code("redeemed_by"),
]]);

/// Statement totals.
pub(super) static STATEMENT_TOTALS: Fields = Fields::open(&[&[
    object("grand_total", &MONEY),
    object("subtotal", &MONEY),
    object("base_fee", &MONEY),
    object("tax_total", &MONEY),
]]);

/// A payment attempt.
pub(in crate::catalog) static PAYMENT_ATTEMPT: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("payment_id"),
    code("instance_id"),
    code("charge_type"),
    code("payee_id"),
    any("payee"),
    code("payer_id").about("Who pays: the ID of the payer, not of a user."),
    object("payer", &PAYER).about("Who pays: a user or an organization."),
    code("subscription_item_id"),
    any("subscription_item"),
    object("amount", &MONEY),
    object("totals", &TOTALS),
    code("payment_method_id"),
    object("payment_method", &PAYMENT_METHOD),
    code("statement_id"),
    code("gateway_external_id").about("Its ID at the payment gateway."),
    code("gateway_external_url"),
    code("status").concise(),
    time("paid_at"),
    time("failed_at"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A statement group.
pub(super) static STATEMENT_GROUP: Fields = Fields::open(&[&[
    code("object"),
    time("timestamp"),
    objects("items", &PAYMENT_ATTEMPT).about("What it is made of."),
]]);

/// A statement.
pub(super) static STATEMENT: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("instance_id"),
    time("timestamp"),
    object("payer", &PAYER).about("Who pays: a user or an organization."),
    code("status").concise(),
    object("totals", &STATEMENT_TOTALS),
    objects("groups", &STATEMENT_GROUP),
]]);

/// A next payment.
pub(super) static NEXT_PAYMENT: Fields = Fields::open(&[&[
    time("date"),
    object("amount", &MONEY),
    objects("per_unit_totals", &PER_UNIT_TOTAL),
    object("totals", &TOTALS),
]]);

/// A subscription.
pub(in crate::catalog) static SUBSCRIPTION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("instance_id"),
    code("status").concise(),
    code("payer_id").about("Who pays: the ID of the payer, not of a user."),
    time("created_at"),
    time("updated_at").standard(),
    time("active_at"),
    time("past_due_at"),
    objects("subscription_items", &SUBSCRIPTION_ITEM),
    object("next_payment", &NEXT_PAYMENT),
    boolean("eligible_for_free_trial"),
]]);

/// A credit balance.
pub(super) static CREDIT_BALANCE: Fields =
    Fields::open(&[&[code("object"), object("balance", &MONEY)]]);

/// A credit ledger entry.
pub(super) static CREDIT_LEDGER_ENTRY: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("payer_id").about("Who pays: the ID of the payer, not of a user."),
    object("amount", &MONEY),
    code("source_type"),
    code("source_id"),
    text("note"),
    code("created_at"),
]]);
