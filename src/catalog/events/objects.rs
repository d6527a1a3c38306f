//! The objects that events are about, by the family of their type. What isn't declared here or in
//! the rows of the tools that return these objects is shown of no event.

use crate::{
    catalog::{
        billing::fields::{
            PAYER, PAYMENT_ATTEMPT, PAYMENT_SOURCE, PLAN, SEATS, SUBSCRIPTION, SUBSCRIPTION_ITEM,
        },
        fields::{
            ORGANIZATION, ORGANIZATION_INVITATION, ORGANIZATION_MEMBERSHIP, PERMISSION, ROLE,
            SESSION, USER,
        },
        organization_domains::fields::ORGANIZATION_DOMAIN,
        waitlist::fields::WAITLIST_ENTRY,
    },
    tool::field::{Fields, boolean, code, object, objects, text, time},
};

/// The fields of the object that events of this family are about; of an unknown family, its ids.
pub(crate) fn object_of(family: &str) -> &'static [&'static Fields] {
    let known = FAMILIES.iter().find(|(known, _)| *known == family);
    known.map_or(UNKNOWN, |(_, fields)| fields)
}

/// What an event says beside its object.
pub(crate) static ENVELOPE: Fields = Fields::closed(&[&[
    code("object"),
    code("type"),
    time("timestamp"),
    code("instance_id"),
    object("event_attributes", &ATTRIBUTES),
]]);
static ATTRIBUTES: Fields = Fields::closed(&[&[object("http_request", &HTTP_REQUEST)]]);
static HTTP_REQUEST: Fields = Fields::closed(&[&[code("client_ip"), text("user_agent")]]);

static FAMILIES: [(&str, &[&Fields]); 15] = [
    ("user", &[&USER, &DELETED]),
    ("session", &[&WITH_USER, &SESSION]),
    ("organization", &[&ORGANIZATION, &DELETED]),
    ("organizationDomain", &[&ORGANIZATION_DOMAIN, &DELETED]),
    ("organizationInvitation", &[&ORGANIZATION_INVITATION, &IDS]),
    ("organizationMembership", &[&ORGANIZATION_MEMBERSHIP, &DELETED]),
    ("role", &[&ROLE, &DELETED]),
    ("permission", &[&PERMISSION, &DELETED]),
    ("directoryGroup", &[&DIRECTORY_GROUP, &DELETED]),
    ("waitlistEntry", &[&WAITLIST_ENTRY]),
    ("email", &[&MESSAGE, &EMAIL]),
    ("sms", &[&MESSAGE, &SMS]),
    ("paymentAttempt", &[&PAYMENT_ATTEMPT, &WITH_SOURCE]),
    ("subscription", &[&SUBSCRIPTION, &WITH_PAYER]),
    ("subscriptionItem", &[&SUBSCRIPTION_ITEM, &OF_SUBSCRIPTION]),
];

const UNKNOWN: &[&Fields] = &[&IDS];
static IDS: Fields =
    Fields::closed(&[&[code("id"), code("user_id"), code("organization_id"), code("session_id")]]);
static DELETED: Fields = Fields::closed(&[&[boolean("deleted"), code("slug")]]);
/// A group of a directory. Clerk hasn't published its other fields.
static DIRECTORY_GROUP: Fields =
    Fields::closed(&[&[code("object"), code("id"), code("directory_id"), text("display_name")]]);
static WITH_USER: Fields = Fields::closed(&[&[
    object("user", &USER),
    object("actor", &ACTOR).about("Who acts as the user, if somebody does."),
]]);
/// Who acts as the user.
static ACTOR: Fields = Fields::closed(&[&[
    code("iss"),
    code("sid"),
    code("sub").about("The ID of who acts as the user."),
]]);

/// A message to a person. Its subject, its text and what was put into them hold codes and links
/// that sign their reader in.
static MESSAGE: Fields = Fields::closed(&[&[
    code("object"),
    code("id"),
    code("user_id"),
    code("slug"),
    code("status"),
    boolean("delivered_by_clerk")
        .about("Whether Clerk sends it; else your own backend does, from a webhook."),
    time("created_at"),
]]);
static EMAIL: Fields = Fields::closed(&[&[
    code("to_email_address"),
    code("email_address_id"),
    text("from_email_name"),
    text("suppression_reason").about("Why it wasn't sent, if it was held back."),
]]);
static SMS: Fields = Fields::closed(&[&[
    code("to_phone_number"),
    code("from_phone_number"),
    code("phone_number_id"),
]]);

static WITH_SOURCE: Fields = Fields::closed(&[&[
    time("billing_date"),
    object("failed_reason", &FAILED_REASON),
    object("payment_source", &PAYMENT_SOURCE),
    objects("subscription_items", &SUBSCRIPTION_ITEM),
]]);
static FAILED_REASON: Fields = Fields::closed(&[&[code("code"), code("decline_code")]]);
static WITH_PAYER: Fields = Fields::closed(&[&[
    object("payer", &PAYER).about("Who pays: a user or an organization."),
    objects("items", &ITEM).about("What it is made of."),
    time("canceled_at"),
    time("ended_at"),
    code("latest_payment_id"),
    code("payment_source_id"),
]]);
static OF_SUBSCRIPTION: Fields = Fields::closed(&[&[code("subscription_id"), code("interval")]]);
static ITEM: Fields = Fields::closed(&[&[
    code("object"),
    code("id"),
    code("status"),
    code("subscription_id"),
    code("plan_id"),
    object("plan", &PLAN),
    code("interval"),
    object("seats", &SEATS),
    boolean("is_free_trial"),
    time("period_start").about("When the current billing period began."),
    time("period_end").about("When the current billing period ends."),
    time("created_at"),
    time("updated_at"),
]]);
