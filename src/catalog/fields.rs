//! Fields of objects that the tools of several resources return.

mod accounts;
mod connections;
mod organizations;
mod sessions;
mod users;

pub(crate) use self::{
    accounts::{
        EMAIL_ADDRESS, ENTERPRISE_ACCOUNT, EXTERNAL_ACCOUNT, PASSKEY, PHONE_NUMBER, SAML_ACCOUNT,
        VERIFICATION, WEB3_WALLET,
    },
    connections::{CUSTOM_ATTRIBUTE, IDP_CERTIFICATE, LOGIN_HINT},
    organizations::{
        INVITED_TO, ORGANIZATION, ORGANIZATION_INVITATION, ORGANIZATION_INVITATION_OF_USER,
        ORGANIZATION_MEMBERSHIP, PERMISSION, ROLE,
    },
    sessions::SESSION,
    users::USER,
};
use crate::tool::{
    field::{Field, Fields, boolean, code, metadata, time},
    record::PRIMARY_EMAIL,
};

/// Clerk sends its id only: the server looks it up among the user's addresses.
pub(crate) const PRIMARY_EMAIL_ADDRESS: Field = code(PRIMARY_EMAIL)
    .always()
    .concise()
    .about("The primary email address; null if there is none.");

/// What is left of what was deleted.
pub(crate) static DELETED: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("slug").concise(),
    boolean("deleted"),
    code("external_id").about("Its ID in your own system."),
]]);

/// An invitation to sign up.
pub(crate) static INVITATION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("email_address"),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    boolean("revoked"),
    code("status").concise(),
    code("url").secret(),
    time("expires_at").about("When it ceases to be valid."),
    time("created_at"),
    time("updated_at").standard(),
]]);
