//! `/email_addresses`, `/phone_numbers` and what replaces all of a user's.

mod verification;

use axum::response::Response;
use serde::Serialize;

pub(crate) use verification::{attempt, prepare};

use crate::Sandbox;
use crate::body::Fields;
use crate::model::{Channel, EmailAddress, Identifier, Link, PhoneNumber, User, Verification};
use crate::query::{Id, NoQuery};
use crate::refusal::{
    DELETE_LINKED_IDENTIFICATION_DISALLOWED, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID,
    FORM_VERIFICATION_NEEDED, LAST_REQUIRED_IDENTIFICATION_DELETION_FAILED, RESOURCE_NOT_FOUND,
    Refusal, SECOND_FACTOR_UNVERIFIED,
};
use crate::reply::{self, ChangedUser, Reply};
use crate::state::State;
use crate::store::Store;
use crate::users::{self, taken};

/// An identifier that users have several of, one of them the primary one.
pub(crate) trait Owned: Serialize + Clone + Sized + 'static {
    const KIND: Identifier;
    /// How it is verified by a code, and by which channel if there are several.
    const STRATEGY: &'static str;
    const CHANNEL: Option<&'static str>;
    const SENT_BY: Channel;

    /// An unverified one.
    fn new(id: String, value: String, now: i64) -> Self;
    fn id(&self) -> &str;
    /// The address or the number.
    fn value(&self) -> &str;
    /// What both kinds have and requests may change.
    fn parts(&mut self) -> Parts<'_>;
    /// Reads and sets what only this kind has.
    fn read_more(fields: &mut Fields) -> impl FnOnce(&mut Self) + use<Self>;
    /// What others depend on it, so that it can't be deleted.
    fn links(&self) -> &[Link];
    /// Whether it is a second factor, which only a verified one can be.
    fn is_second_factor(&self) -> bool;
    /// All that the user has, and which is the primary one.
    fn of(user: &mut User) -> (&mut Vec<Self>, &mut Option<String>);
    /// The same, to read only.
    fn all_of(user: &User) -> &[Self];
}

/// What requests may change about an identifier.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    verification: &'a mut Option<Verification>,
    reserved: &'a mut bool,
    updated_at: &'a mut i64,
}

impl Owned for EmailAddress {
    const KIND: Identifier = Identifier::EmailAddress;
    const STRATEGY: &'static str = "email_code";
    const CHANNEL: Option<&'static str> = None;
    const SENT_BY: Channel = Channel::Email;

    fn new(id: String, value: String, now: i64) -> Self {
        Self::new(id, &value, now)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn value(&self) -> &str {
        &self.address
    }

    fn parts(&mut self) -> Parts<'_> {
        Parts {
            verification: &mut self.verification,
            reserved: &mut self.reserved,
            updated_at: &mut self.updated_at,
        }
    }

    fn read_more(fields: &mut Fields) -> impl FnOnce(&mut Self) + use<> {
        // The sandbox sends no mail.
        let _notify = fields.flag("notify_primary_email_address_changed");
        |_| {}
    }

    fn links(&self) -> &[Link] {
        &self.linked_to
    }

    fn is_second_factor(&self) -> bool {
        false
    }

    fn of(user: &mut User) -> (&mut Vec<Self>, &mut Option<String>) {
        (&mut user.email_addresses, &mut user.primary_email_address_id)
    }

    fn all_of(user: &User) -> &[Self] {
        &user.email_addresses
    }
}

impl Owned for PhoneNumber {
    const KIND: Identifier = Identifier::PhoneNumber;
    const STRATEGY: &'static str = "phone_code";
    const CHANNEL: Option<&'static str> = Some("sms");
    const SENT_BY: Channel = Channel::Sms;

    fn new(id: String, value: String, now: i64) -> Self {
        Self::new(id, value, now)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn value(&self) -> &str {
        &self.number
    }

    fn parts(&mut self) -> Parts<'_> {
        Parts {
            verification: &mut self.verification,
            reserved: &mut self.reserved,
            updated_at: &mut self.updated_at,
        }
    }

    fn read_more(fields: &mut Fields) -> impl FnOnce(&mut Self) + use<> {
        let reserved = fields.flag("reserved_for_second_factor").value();
        move |number| {
            number.reserved_for_second_factor =
                reserved.unwrap_or(number.reserved_for_second_factor);
        }
    }

    fn links(&self) -> &[Link] {
        &self.linked_to
    }

    fn is_second_factor(&self) -> bool {
        self.reserved_for_second_factor
    }

    fn of(user: &mut User) -> (&mut Vec<Self>, &mut Option<String>) {
        (&mut user.phone_numbers, &mut user.primary_phone_number_id)
    }

    fn all_of(user: &User) -> &[Self] {
        &user.phone_numbers
    }
}

/// `GET /email_addresses/{id}`, `GET /phone_numbers/{id}`
pub(crate) async fn show<T: Owned>(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = owner::<T>(&store, &id)?;
    Ok(reply::json(find::<T>(&mut store, &user_id, &id)?))
}

/// `POST /email_addresses`, `POST /phone_numbers`
pub(crate) async fn create<T: Owned>(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = users::required(&mut fields, &store);
    add::<T>(&mut store, &user_id, fields)
}

/// Adds an identifier with these fields to a user, and shows it.
pub(crate) fn add<T: Owned>(store: &mut Store, user_id: &str, mut fields: Fields) -> Reply {
    let mut made = new::<T>(store, &mut fields, None);
    let is_verified = fields.flag("verified").value() == Some(true);
    let is_primary = fields.flag("primary").value() == Some(true);
    let more = T::read_more(&mut fields);
    fields.finish()?;
    *made.parts().verification = is_verified.then_some(Verification::ADMIN);
    more(&mut made);
    check_second_factor(&mut made)?;
    let now = store.now();
    let user = store.user_mut(user_id)?;
    user.updated_at = now;
    let (all, primary) = T::of(user);
    if is_primary || all.is_empty() {
        *primary = Some(made.id().to_owned());
    }
    all.push(made.clone());
    settle::<T>(store, user_id, made.id())
}

/// `PATCH /email_addresses/{id}`, `PATCH /phone_numbers/{id}`
pub(crate) async fn update<T: Owned>(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = owner::<T>(&store, &id)?;
    let is_verified = fields.flag("verified").value();
    let is_primary = fields.flag("primary").value() == Some(true);
    let more = T::read_more(&mut fields);
    fields.finish()?;
    let now = store.now();
    let identifier = find::<T>(&mut store, &user_id, &id)?;
    let was_verified = Verification::is_verified(identifier.parts().verification.as_ref());
    let will_be_verified = is_verified.unwrap_or(was_verified);
    if is_primary && !will_be_verified {
        let sentence = format!("{id} must be verified before it becomes primary.");
        return Err(FORM_VERIFICATION_NEEDED.at("primary", sentence).into());
    }
    let mut changed = identifier.clone();
    if let Some(is_verified) = is_verified {
        *changed.parts().verification = is_verified.then_some(Verification::ADMIN);
    }
    *changed.parts().updated_at = now;
    more(&mut changed);
    check_second_factor(&mut changed)?;
    *identifier = changed;
    let user = store.user_mut(&user_id)?;
    user.updated_at = now;
    if is_primary {
        *T::of(user).1 = Some(id.clone());
    }
    settle::<T>(&mut store, &user_id, &id)
}

/// `DELETE /email_addresses/{id}`, `DELETE /phone_numbers/{id}`
pub(crate) async fn delete<T: Owned>(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = owner::<T>(&store, &id)?;
    let now = store.now();
    if !find::<T>(&mut store, &user_id, &id)?.links().is_empty() {
        let sentence = format!(
            "This {} is linked to one or more Connected Accounts. Remove the Connected Account \
             before deleting this {0}.",
            T::KIND.words()
        );
        return Err(DELETE_LINKED_IDENTIFICATION_DISALLOWED.because(sentence).into());
    }
    let user = store.user_mut(&user_id)?;
    let others = user.email_addresses.len() + user.phone_numbers.len() + user.web3_wallets.len();
    if others <= 1 && user.username.is_none() {
        let sentence = format!(
            "You are required to maintain at least one {} in your account at all times",
            T::KIND.words()
        );
        return Err(LAST_REQUIRED_IDENTIFICATION_DELETION_FAILED.because(sentence).into());
    }
    user.updated_at = now;
    let (all, primary) = T::of(user);
    all.retain(|owned| owned.id() != id);
    if primary.as_deref() == Some(&id) {
        *primary = all.iter_mut().find_map(|other| {
            let is_verified = Verification::is_verified(other.parts().verification.as_ref());
            is_verified.then(|| other.id().to_owned())
        });
    }
    user.settle_second_factors(now);
    Ok(of_user(reply::deleted(T::KIND.field(), &id), user_id))
}

/// `PUT /users/{user_id}/email_address`, `PUT /users/{user_id}/phone_number`: the given one
/// replaces all that the user has.
pub(crate) async fn replace<T: Owned>(
    State(sandbox): State<Sandbox>,
    Id(user_id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    store.user(&user_id)?;
    let mut made = new::<T>(&mut store, &mut fields, Some(&user_id));
    let status = fields.text("identification_status").value();
    match status.as_deref() {
        None | Some("verified") => *made.parts().verification = Some(Verification::ADMIN),
        Some("reserved") => *made.parts().reserved = true,
        Some("unverified") => {}
        Some(other) => {
            let sentence = format!("{other} is not one of verified, reserved, unverified.");
            fields.refuse(FORM_PARAM_VALUE_INVALID.at("identification_status", sentence));
        }
    }
    let more = T::read_more(&mut fields);
    fields.finish()?;
    more(&mut made);
    check_second_factor(&mut made)?;
    let (all, primary) = T::of(store.user_mut(&user_id)?);
    *primary = Some(made.id().to_owned());
    *all = vec![made.clone()];
    settle::<T>(&mut store, &user_id, made.id())
}

fn check_second_factor<T: Owned>(identifier: &mut T) -> Result<(), Refusal> {
    let is_verified = Verification::is_verified(identifier.parts().verification.as_ref());
    if is_verified || !identifier.is_second_factor() {
        return Ok(());
    }
    let sentence = "Cannot update second factor attributes for unverified identification";
    Err(SECOND_FACTOR_UNVERIFIED.at("reserved_for_second_factor", sentence).into())
}

/// Does what follows from a change, and shows the changed one.
fn settle<T: Owned>(store: &mut Store, user_id: &str, id: &str) -> Reply {
    let now = store.now();
    store.user_mut(user_id)?.settle_second_factors(now);
    let response = reply::json(find::<T>(store, user_id, id)?);
    Ok(of_user(response, user_id.to_owned()))
}

/// Marks a response with the user who was changed.
fn of_user(mut response: Response, user_id: String) -> Response {
    response.extensions_mut().insert(ChangedUser(user_id));
    response
}

/// Reads the value, which no other user may have.
fn new<T: Owned>(store: &mut Store, fields: &mut Fields, user_id: Option<&str>) -> T {
    let name = T::KIND.field();
    let value = fields.required(name);
    if !value.is_empty() && !T::KIND.is_well_formed(&value) {
        let sentence = format!("{value} is not a valid {}.", T::KIND.words());
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at(name, sentence));
    } else if store.is_taken(T::KIND, &value, user_id) {
        fields.refuse(taken(T::KIND));
    }
    let (id, now) = (store.id("idn"), store.now());
    T::new(id, value, now)
}

/// The id of the user who has this identifier. Such requests are rare, so there is no index.
fn owner<T: Owned>(store: &Store, id: &str) -> Result<String, Refusal> {
    let has = |user: &&User| T::all_of(user).iter().any(|owned| owned.id() == id);
    let missing = || {
        let sentence = format!("No {} was found with id {id}", T::KIND.words());
        RESOURCE_NOT_FOUND.because(sentence).into()
    };
    store.users().values().find(has).map(|user| user.id.clone()).ok_or_else(missing)
}

fn find<'a, T: Owned>(store: &'a mut Store, user_id: &str, id: &str) -> Result<&'a mut T, Refusal> {
    let all = T::of(store.user_mut(user_id)?).0;
    let missing = || RESOURCE_NOT_FOUND.because("not found").into();
    all.iter_mut().find(|owned| owned.id() == id).ok_or_else(missing)
}
