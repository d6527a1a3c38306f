//! What distinguishes some users: an unconfirmed address, an account at GitHub, many organizations,
//! sessions all over the world.
//!
//! It was added after the rest and has its own generator, so that the rest stayed the same.

use fastrand::Rng;

use super::sessions::session;
use super::words::{CITIES, DEVICES};
use super::{EPOCH, every};
use crate::model::{
    ADMIN, ExternalAccount, Link, MEMBER, Membership, Metadata, Passkey, Status, TrustedDevice,
    User, Verification,
};
use crate::store::{Store, id};
use crate::time::{DAY, SECOND};

/// The users before this one keep the organizations that they have.
const JOINERS_FROM: usize = 100;

/// Changes the addresses and accounts of some users, by their place in the list.
pub(super) fn vary(rng: &mut Rng, users: &mut [User]) {
    for (index, user) in users.iter_mut().enumerate() {
        // Half of those that never signed in.
        if every(index, 16, 5) {
            leave_unconfirmed(user);
        }
        if every(index, 14, 4) {
            link_github(rng, user);
        }
    }
}

/// Gives some users a passkey, and some of these a phone that they sign in with.
pub(super) fn add_passkeys(rng: &mut Rng, users: &mut [User]) {
    for (index, user) in users.iter_mut().enumerate() {
        let Some(at) = user.last_sign_in_at.filter(|_| every(index, 10, 4)) else { continue };
        user.passkeys.push(Passkey::new(id(rng, "idn"), "MacBook", at));
        if every(index, 20, 4) {
            user.trusted_devices.push(TrustedDevice::new(id(rng, "trd"), "iPhone", at));
        }
    }
}

/// The user signed up and never entered the code, so that even the primary address is unverified.
fn leave_unconfirmed(user: &mut User) {
    for email in &mut user.email_addresses {
        email.verification = Some(Verification::pending("email_code", email.created_at + DAY));
    }
}

fn link_github(rng: &mut Rng, user: &mut User) {
    let Some(email) = user.email_addresses.first_mut() else {
        return;
    };
    let identification_id = id(rng, "idn");
    email.linked_to.push(Link { kind: "oauth_github", id: identification_id.clone() });
    let at = email.created_at;
    user.external_accounts.push(ExternalAccount {
        object: "external_account",
        id: id(rng, "eac"),
        provider: "oauth_github",
        identification_id,
        provider_user_id: rng.u32(1_000_000..100_000_000).to_string(),
        approved_scopes: "read:user user:email",
        email_address: email.address.clone(),
        first_name: user.first_name.clone().unwrap_or_default(),
        last_name: user.last_name.clone().unwrap_or_default(),
        public_metadata: Metadata::new(),
        created_at: at,
        updated_at: at,
        verification: Some(Verification::by_oauth("oauth_github", at + 600 * SECOND)),
    });
}

/// Every twentieth user joins one to four further organizations, if they have room: as a member, or
/// in the last as an administrator.
pub(super) fn add_memberships(store: &mut Store, rng: &mut Rng, users: &[User]) {
    for user in users.iter().skip(JOINERS_FROM).step_by(20) {
        let count = rng.usize(1..=4);
        for number in 1..=count {
            let chosen = rng.usize(..store.organizations.len().max(1));
            let Some((_, organization)) = store.organizations.get_index(chosen) else {
                continue;
            };
            let members = store.memberships.of_organization(&organization.id).len();
            let most = usize::try_from(organization.max_allowed_memberships).unwrap_or(usize::MAX);
            let is_full = most != 0 && members >= most;
            if is_full || store.memberships.find(&organization.id, &user.id).is_some() {
                continue;
            }
            let role = if number == count { ADMIN } else { MEMBER };
            let joined = rng.i64(organization.created_at.max(user.created_at)..EPOCH);
            let id = id(rng, "orgmem");
            let membership = Membership::new(id, organization, user.id.clone(), role, joined);
            store.memberships.add(membership);
        }
    }
}

/// Every fiftieth user is signed in on six to ten further devices, each in another city than the
/// one before.
pub(super) fn add_sessions(store: &mut Store, rng: &mut Rng, users: &[User]) {
    for user in users.iter().skip(12).step_by(50).filter(|user| !user.banned) {
        let Some(last_sign_in) = user.last_sign_in_at else {
            continue;
        };
        let home = store.memberships.organizations_of(&user.id).first().cloned();
        let places = CITIES.iter().cycle().skip(rng.usize(..CITIES.len()));
        let count = rng.usize(6..=10);
        for (device, (city, country)) in DEVICES.iter().cycle().zip(places).take(count) {
            let created_at = rng.i64(user.created_at.max(last_sign_in - 30 * DAY)..=last_sign_in);
            let span = (created_at, rng.i64(created_at..=user.updated_at));
            let client_id = id(rng, "client");
            let mut session = session(rng, user, &client_id, Status::Active, home.as_ref(), span);
            if let Some(activity) = &mut session.latest_activity {
                (activity.device_type, activity.is_mobile) = (device.0, device.1);
                (activity.browser_name, activity.browser_version) = (device.2, device.3.into());
                (activity.city, activity.country) = ((*city).into(), (*country).into());
            }
            store.sessions.add(session);
        }
    }
}
