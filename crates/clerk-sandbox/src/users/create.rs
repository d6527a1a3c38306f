//! Creating users.

use serde_json::json;

use super::metadata::MetadataChange;
use super::profile::{Profile, taken};
use crate::Sandbox;
use crate::body::Fields;
use crate::metadata::replace;
use crate::model::{
    EmailAddress, Identifier, PhoneNumber, User, UserReply, Verification, Web3Wallet,
};
use crate::query::NoQuery;
use crate::refusal::{
    FORM_DATA_MISSING, FORM_PARAM_ARRAY_LENGTH_MISMATCH, FORM_PARAM_FORMAT_INVALID,
    FORM_PARAM_VALUE_INVALID, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::{LOCKOUT, Store};

/// Every user of the sandbox's instance needs one of these.
const REQUIRED: [&str; 3] = ["email_address", "phone_number", "username"];

/// `POST /users`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    let mut store = sandbox.write();
    let user = new_user(&mut store, fields)?;
    user.locked_until.into_iter().for_each(|end| store.expires(end));
    let response = reply::json(&UserReply::at(&user, store.time()));
    store.add_user(user);
    Ok(response)
}

/// Reads a user, without keeping them.
pub(crate) fn new_user(store: &mut Store, mut fields: Fields) -> Result<User, Refusal> {
    let emails = identifiers(&mut fields, store, Identifier::EmailAddress);
    let phones = identifiers(&mut fields, store, Identifier::PhoneNumber);
    let wallets = identifiers(&mut fields, store, Identifier::Web3Wallet);
    let profile = Profile::read(&mut fields, store, None);
    let metadata = MetadataChange::read(&mut fields);
    let banned = fields.flag("banned").value() == Some(true);
    let locked = fields.flag("locked").value() == Some(true);
    // No user needs a password in the sandbox's instance.
    fields.flag("skip_password_requirement");
    let is_exempt = fields.flag("skip_user_requirement").value() == Some(true);
    let is_identified = !emails.is_empty()
        || !phones.is_empty()
        || profile.has_username()
        || (is_exempt && !wallets.is_empty());
    if !is_identified {
        fields.refuse(
            FORM_DATA_MISSING
                .because(format!("One of {} is required.", REQUIRED.join(", ")))
                .with_meta(json!({ "names": REQUIRED })),
        );
    }
    fields.finish()?;
    store.check_access(
        [&emails, &phones, &wallets].into_iter().flatten().map(|new| new.value.as_str()),
    )?;

    let now = store.now();
    let mut user = User {
        email_addresses: emails.into_iter().map(|new| new.email(store, now)).collect(),
        phone_numbers: phones.into_iter().map(|new| new.phone(store, now)).collect(),
        web3_wallets: wallets.into_iter().map(|new| new.wallet(store, now)).collect(),
        delete_self_enabled: true,
        create_organization_enabled: true,
        banned,
        locked,
        locked_until: locked.then_some(now + LOCKOUT),
        ..User::new(store.id("user"), now)
    };
    user.primary_email_address_id = user.email_addresses.first().map(|email| email.id.clone());
    user.primary_phone_number_id = user.phone_numbers.first().map(|phone| phone.id.clone());
    user.primary_web3_wallet_id = user.web3_wallets.first().map(|wallet| wallet.id.clone());
    profile.apply(&mut user, now);
    metadata.apply(&mut user, replace)?;
    Ok(user)
}

/// An identifier to create, verified unless it is only reserved.
#[derive(Debug)]
struct NewIdentifier {
    value: String,
    is_reserved: bool,
}

impl NewIdentifier {
    fn email(self, store: &mut Store, now: i64) -> EmailAddress {
        EmailAddress {
            reserved: self.is_reserved,
            verification: self.verification(),
            ..EmailAddress::new(store.id("idn"), &self.value, now)
        }
    }

    fn phone(self, store: &mut Store, now: i64) -> PhoneNumber {
        PhoneNumber {
            reserved: self.is_reserved,
            verification: self.verification(),
            ..PhoneNumber::new(store.id("idn"), self.value, now)
        }
    }

    fn wallet(self, store: &mut Store, now: i64) -> Web3Wallet {
        Web3Wallet {
            verification: self.verification(),
            ..Web3Wallet::new(store.id("idn"), self.value, now)
        }
    }

    fn verification(&self) -> Option<Verification> {
        (!self.is_reserved).then_some(Verification::ADMIN)
    }
}

/// Reads a list of identifiers with the statuses that may run parallel to it.
fn identifiers(fields: &mut Fields, store: &Store, kind: Identifier) -> Vec<NewIdentifier> {
    let name = kind.field();
    let mut values = fields.texts(name).unwrap_or_default();
    if let Identifier::EmailAddress = kind {
        values = values.iter().map(|email| email.to_lowercase()).collect();
    }
    for (index, value) in values.iter().enumerate() {
        if !kind.is_well_formed(value) {
            let sentence = format!("{value} is not a valid {}.", kind.words());
            fields.refuse(FORM_PARAM_FORMAT_INVALID.at(name, sentence));
        } else if values.iter().take(index).any(|earlier| earlier == value)
            || store.is_taken(kind, value, None)
        {
            fields.refuse(taken(kind));
        }
    }
    let statuses = match kind {
        Identifier::Web3Wallet => Vec::new(),
        _ => statuses(fields, name, values.len()),
    };
    let statuses = statuses.into_iter().chain(std::iter::repeat(false));
    let identifier = |(value, is_reserved)| NewIdentifier { value, is_reserved };
    values.into_iter().zip(statuses).map(identifier).collect()
}

/// For each of `count` identifiers whether it is reserved; nothing if the statuses are not given.
fn statuses(fields: &mut Fields, name: &str, count: usize) -> Vec<bool> {
    let name = format!("{name}_identification_status");
    let statuses = fields.texts(&name).unwrap_or_default();
    if !statuses.is_empty() && statuses.len() != count {
        let sentence = format!("{name} must have exactly {count} items.");
        fields.refuse(FORM_PARAM_ARRAY_LENGTH_MISMATCH.at(&name, sentence));
    }
    for status in &statuses {
        if status != "verified" && status != "reserved" {
            let sentence = format!("{status} does not match one of the allowed values for {name}.");
            fields.refuse(FORM_PARAM_VALUE_INVALID.at(&name, sentence));
        }
    }
    statuses.iter().map(|status| status == "reserved").collect()
}
