//! Changing users.

use axum::Extension;

use super::metadata::MetadataChange;
use super::profile::Profile;
use crate::Sandbox;
use crate::body::{Change, Fields};
use crate::metadata::replace;
use crate::model::{User, UserReply, Verification};
use crate::query::{Id, NoQuery};
use crate::refusal::{FORM_PARAM_MISSING, FORM_RESOURCE_NOT_FOUND, FORM_VERIFICATION_NEEDED};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::version::Version;

/// The fields that say something about a new password.
const ABOUT_PASSWORD: [&str; 2] = ["skip_password_checks", "sign_out_of_other_sessions"];

/// `PATCH /users/{user_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    Extension(version): Extension<Version>,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user = store.user(&id)?;
    check_password_is_given(&mut fields);
    let sign_out = fields.flag("sign_out_of_other_sessions").value() == Some(true);
    let profile = Profile::read(&mut fields, &store, Some(&id));
    let primaries = Primaries::read(&mut fields, user);
    let image = fields.text("profile_image_id");
    // The sandbox sends no mail.
    fields.flag("notify_primary_email_address_changed");
    let metadata = (version < Version::METADATA_APART).then(|| MetadataChange::read(&mut fields));
    fields.finish()?;

    let now = store.now();
    if sign_out {
        store.revoke_sessions_of(&id, now);
    }
    let user = store.user_mut(&id)?;
    let created_at = user.created_at;
    let sets_password = profile.sets_password();
    profile.apply(user, now);
    primaries.apply(user);
    match image {
        Change::Keep => {}
        Change::Clear => user.has_image = false,
        Change::Set(_) => user.has_image = true,
    }
    if let Some(metadata) = metadata {
        metadata.apply(user, replace)?;
    }
    if user.created_at != created_at {
        store.move_user(&id);
    }
    if sets_password {
        store.log_user("user.password.changed", &id);
    }
    Ok(reply::json(&UserReply::at(store.user(&id)?, now)))
}

fn check_password_is_given(fields: &mut Fields) {
    if fields.gives("password") {
        return;
    }
    for name in ABOUT_PASSWORD {
        if fields.gives(name) {
            let sentence = format!("password must be included with {name}.");
            fields.refuse(FORM_PARAM_MISSING.at("password", sentence));
        }
    }
}

/// The identifiers to make primary. A null changes nothing.
#[derive(Debug)]
struct Primaries {
    email_address: Option<String>,
    phone_number: Option<String>,
    web3_wallet: Option<String>,
}

impl Primaries {
    fn read(fields: &mut Fields, user: &User) -> Self {
        let emails = user.email_addresses.iter();
        let phones = user.phone_numbers.iter();
        let wallets = user.web3_wallets.iter();
        Self {
            email_address: primary(
                fields,
                "primary_email_address_id",
                emails.map(|email| (&email.id, email.verification.as_ref())),
            ),
            phone_number: primary(
                fields,
                "primary_phone_number_id",
                phones.map(|phone| (&phone.id, phone.verification.as_ref())),
            ),
            web3_wallet: primary(
                fields,
                "primary_web3_wallet_id",
                wallets.map(|wallet| (&wallet.id, wallet.verification.as_ref())),
            ),
        }
    }

    fn apply(self, user: &mut User) {
        for (id, primary) in [
            (self.email_address, &mut user.primary_email_address_id),
            (self.phone_number, &mut user.primary_phone_number_id),
            (self.web3_wallet, &mut user.primary_web3_wallet_id),
        ] {
            if id.is_some() {
                *primary = id;
            }
        }
    }
}

/// Reads the id of one of the user's own identifiers, which must be verified.
fn primary<'a>(
    fields: &mut Fields,
    name: &str,
    mut own: impl Iterator<Item = (&'a String, Option<&'a Verification>)>,
) -> Option<String> {
    let id = fields.text(name).value()?;
    match own.find(|(own, _)| **own == id) {
        None => {
            let sentence = format!("The user has no identifier with id {id}.");
            fields.refuse(FORM_RESOURCE_NOT_FOUND.at(name, sentence));
        }
        Some((_, verification)) if !Verification::is_verified(verification) => {
            let sentence = format!("{id} must be verified before it becomes primary.");
            fields.refuse(FORM_VERIFICATION_NEEDED.at(name, sentence));
        }
        Some(_) => {}
    }
    Some(id)
}
