//! `/sandbox/sign_ins`

use serde_json::json;

use crate::Sandbox;
use crate::body::Fields;
use crate::model::{Channel, Identifier, Needs, NewSession, SignIn, User};
use crate::query::{Id, NoQuery};
use crate::refusal::{
    FORM_CODE_INCORRECT, FORM_IDENTIFIER_NOT_FOUND, FORM_PARAM_VALUE_INVALID,
    FORM_PASSWORD_INCORRECT, RESOURCE_NOT_FOUND, Refusal, USER_BANNED, USER_LOCKED,
    VERIFICATION_EXPIRED,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::{Store, TEST_CODE};

use super::keep;

/// How a user signs in.
const STRATEGIES: [&str; 3] = ["password", "email_code", "phone_code"];

/// `POST /sandbox/sign_ins`: with an identifier and a password, or with an identifier and a strategy
/// whose code is entered next.
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let identifier = fields.required("identifier");
    let password = fields.text("password").value();
    let strategy = fields.text("strategy").value();
    let strategy = strategy.unwrap_or_else(|| "password".to_owned());
    if !STRATEGIES.contains(&strategy.as_str()) {
        let sentence = format!("strategy must be one of {}.", STRATEGIES.join(", "));
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("strategy", sentence));
    } else if strategy == "password" && password.is_none() {
        fields.refuse_missing("password");
    }
    let session = NewSession {
        client_id: fields.text("client_id").value(),
        organization_id: fields.text("organization_id").value(),
        is_pending: fields.flag("pending").value() == Some(true),
        origin: fields.text("origin").value(),
    };
    fields.finish()?;
    let mut store = sandbox.write();
    let user_id = find(&store, &identifier)?;
    if let Some(organization_id) = &session.organization_id {
        store.memberships.get(organization_id, &user_id)?;
    }
    let needs = if strategy == "password" {
        check_password(&mut store, &user_id, &password.unwrap_or_default())?;
        after_first_factor(store.user(&user_id)?)
    } else {
        let (channel, to) = receiver(store.user(&user_id)?, &strategy, &identifier)?;
        let (code, expires_at) = store.send_code(channel, &to, Some(&user_id), sandbox.is_live());
        Needs::FirstFactor { code, expires_at }
    };
    let mut sign_in = SignIn {
        id: store.id("sia"),
        user_id,
        identifier: Some(identifier),
        needs,
        session,
        created_session_id: None,
    };
    complete(&mut store, &mut sign_in)?;
    let response = reply::json(&sign_in.reply());
    keep(&mut store.sign_ins, sign_in.id.clone(), sign_in);
    Ok(response)
}

/// `GET /sandbox/sign_ins/{id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let store = sandbox.read();
    Ok(reply::json(&store.sign_ins.get(&id).ok_or_else(|| missing(&id))?.reply()))
}

/// `POST /sandbox/sign_ins/{id}/verify` enters a code: first the one that was sent. A user with a
/// second factor then enters a code of their app, a backup code, or the test code.
pub(crate) async fn verify(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let given = fields.required("code");
    fields.finish()?;
    let mut store = sandbox.write();
    let mut sign_in = store.sign_ins.get(&id).ok_or_else(|| missing(&id))?.clone();
    check_may_sign_in(store.user(&sign_in.user_id)?)?;
    let (is_right, is_over) = match &sign_in.needs {
        Needs::FirstFactor { code, expires_at } => (*code == given, *expires_at <= store.time()),
        Needs::SecondFactor => {
            let now = store.now();
            let user = store.user_mut(&sign_in.user_id)?;
            (given == TEST_CODE || user.accept_code(&given, now).is_some(), false)
        }
        Needs::Nothing => (true, false),
    };
    if !is_right {
        store.count_failed_attempt(&sign_in.user_id)?;
        return Err(FORM_CODE_INCORRECT.at("code", "Incorrect code").into());
    }
    if is_over {
        return Err(VERIFICATION_EXPIRED.because("This verification has expired.").into());
    }
    sign_in.needs = match sign_in.needs {
        Needs::FirstFactor { .. } => after_first_factor(store.user(&sign_in.user_id)?),
        Needs::SecondFactor | Needs::Nothing => Needs::Nothing,
    };
    complete(&mut store, &mut sign_in)?;
    let response = reply::json(&sign_in.reply());
    store.sign_ins.insert(id, sign_in);
    Ok(response)
}

/// Starts the session of a sign-in that needs nothing more.
fn complete(store: &mut Store, sign_in: &mut SignIn) -> Result<(), Refusal> {
    if sign_in.needs == Needs::Nothing && sign_in.created_session_id.is_none() {
        let session = store.start_session(&sign_in.user_id, sign_in.session.clone())?;
        sign_in.created_session_id = Some(session);
    }
    Ok(())
}

/// The id of the user with this address, number or user name.
fn find(store: &Store, identifier: &str) -> Result<String, Refusal> {
    let kinds = [Identifier::EmailAddress, Identifier::PhoneNumber, Identifier::Username];
    let has = |user: &User| kinds.iter().any(|kind| kind.held_by(user, identifier));
    let Some(user) = store.users().values().find(|user| has(user)) else {
        let sentence = "Couldn't find your account.";
        return Err(FORM_IDENTIFIER_NOT_FOUND.at("identifier", sentence).into());
    };
    check_may_sign_in(user)?;
    Ok(user.id.clone())
}

fn check_may_sign_in(user: &User) -> Result<(), Refusal> {
    if user.banned {
        return Err(USER_BANNED.because("The user is banned.").into());
    }
    if user.locked {
        let sentence = "Your account is locked. Please try again later.";
        let meta = json!({ "lockout_expires_in_seconds": null });
        return Err(USER_LOCKED.because(sentence).with_meta(meta).into());
    }
    Ok(())
}

fn check_password(store: &mut Store, user_id: &str, password: &str) -> Result<(), Refusal> {
    if store.user(user_id)?.has_password(password) {
        return Ok(());
    }
    store.count_failed_attempt(user_id)?;
    let sentence = "Password is incorrect. Try again, or use another method.";
    Err(FORM_PASSWORD_INCORRECT.at("password", sentence).into())
}

fn after_first_factor(user: &User) -> Needs {
    if user.has_second_factor() { Needs::SecondFactor } else { Needs::Nothing }
}

/// Where the code goes: to the identifier itself if it is an address or a number, else to the user's
/// primary one.
fn receiver(user: &User, strategy: &str, identifier: &str) -> Result<(Channel, String), Refusal> {
    let (channel, found) = if strategy == "email_code" {
        let emails = user.email_addresses.iter().map(|email| (&email.id, &email.address));
        (Channel::Email, one_of(&emails, user.primary_email_address_id.as_ref(), identifier))
    } else {
        let phones = user.phone_numbers.iter().map(|phone| (&phone.id, &phone.number));
        (Channel::Sms, one_of(&phones, user.primary_phone_number_id.as_ref(), identifier))
    };
    let none = || {
        let sentence = format!("The user can't sign in by {strategy}.");
        FORM_PARAM_VALUE_INVALID.at("strategy", sentence).into()
    };
    found.map(|to| (channel, to)).ok_or_else(none)
}

fn one_of<'a>(
    own: &(impl Iterator<Item = (&'a String, &'a String)> + Clone),
    primary: Option<&String>,
    identifier: &str,
) -> Option<String> {
    let given = own.clone().find(|(_, value)| value.eq_ignore_ascii_case(identifier));
    let primary = || own.clone().find(|(id, _)| Some(*id) == primary);
    given.or_else(primary).map(|(_, value)| value.clone())
}

fn missing(id: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("No sign-in was found with id {id}.")).into()
}
