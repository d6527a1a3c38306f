//! `/sandbox/sign_ins`

use serde_json::{Value, json};

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
use crate::resources::check_enterprise_sign_in;
use crate::state::State;
use crate::store::{Store, TEST_CODE};

use super::keep;
use super::tickets::Ticket;

/// How a user signs in.
const STRATEGIES: [&str; 5] = ["password", "ticket", "email_code", "phone_code", "enterprise_sso"];

/// The types of the logs of errors; all others are failed sign-ins.
const FAILURES: [(&str, &str); 2] = [
    ("form_password_incorrect", "sign_in.password.failed"),
    ("form_code_incorrect", "sign_in.attempt_first_factor.failed"),
];

/// The types of the logs of codes that were sent, by strategy.
const CODE_SENT: [(&str, &str); 2] = [
    ("email_code", "sign_in.email_address.verification.code_sent"),
    ("phone_code", "sign_in.phone_number.verification.code_sent"),
];

/// What a user signs in with.
struct Attempt {
    /// Without one there is a ticket.
    identifier: Option<String>,
    strategy: String,
    password: String,
    ticket: Option<String>,
    session: NewSession,
}

/// `POST /sandbox/sign_ins`: with an identifier and a password, with a ticket, or with an identifier
/// and a strategy whose code is entered next.
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    let attempt = Attempt::read(fields)?;
    let mut store = sandbox.write();
    let identifier = attempt.identifier.as_deref();
    let user_id = identifier.and_then(|identifier| user_with(&store, identifier));
    let sign_in = start(&mut store, &attempt, user_id.as_deref(), sandbox.is_live());
    let sign_in = sign_in.inspect_err(|refusal| {
        let about = json!({
            "identifier": attempt.identifier,
            "strategy": attempt.strategy,
            "user_id": user_id,
        });
        failed(&mut store, about, refusal, None);
    })?;
    let response = reply::json(&sign_in.reply());
    keep(&mut store.sign_ins, sign_in.id.clone(), sign_in);
    Ok(response)
}

impl Attempt {
    fn read(mut fields: Fields) -> Result<Self, Refusal> {
        let default = if fields.has("ticket") { "ticket" } else { "password" };
        let strategy = fields.text("strategy").value().unwrap_or_else(|| default.to_owned());
        let has_ticket = strategy == "ticket";
        let ticket = has_ticket.then(|| fields.required("ticket"));
        let identifier = (!has_ticket).then(|| fields.required("identifier"));
        let password = if has_ticket { None } else { fields.text("password").value() };
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
            ..NewSession::default()
        };
        fields.finish()?;
        Ok(Self { identifier, strategy, password: password.unwrap_or_default(), ticket, session })
    }
}

/// Starts a sign-in, and the session if nothing more is needed.
fn start(
    store: &mut Store,
    attempt: &Attempt,
    user_id: Option<&str>,
    is_live: bool,
) -> Result<SignIn, Refusal> {
    let ticket = attempt.ticket.as_deref().map(|ticket| Ticket::find(store, ticket)).transpose()?;
    if attempt.strategy == "enterprise_sso" {
        check_enterprise_sign_in(store, attempt.identifier.as_deref().unwrap_or_default())?;
    }
    let Some(user_id) = ticket.as_ref().map(|ticket| ticket.user_id.as_str()).or(user_id) else {
        let sentence = "Couldn't find your account.";
        return Err(FORM_IDENTIFIER_NOT_FOUND.at("identifier", sentence).into());
    };
    let user_id = user_id.to_owned();
    check_may_sign_in(store, &user_id)?;
    if let Some(organization_id) = &attempt.session.organization_id {
        store.memberships.get(organization_id, &user_id)?;
    }
    let mut log = None;
    let (needs, session) = if let Some(ticket) = ticket {
        let is_enough = ticket.is_enough() || !store.user(&user_id)?.has_second_factor();
        let needs = if is_enough { Needs::Nothing } else { Needs::SecondFactor };
        (needs, ticket.accept(store, &attempt.session))
    } else {
        let (needs, is_sent) = first_factor(store, attempt, &user_id, is_live)?;
        log = CODE_SENT.iter().find(|(by, _)| *by == attempt.strategy).filter(|_| is_sent);
        (needs, attempt.session.clone())
    };
    let mut sign_in = SignIn {
        id: store.id("sia"),
        user_id,
        identifier: attempt.identifier.clone(),
        strategy: attempt.strategy.clone(),
        needs,
        session,
        created_session_id: None,
    };
    if let Some((_, log)) = log {
        store.log_cause(log, &about(&sign_in, None));
    }
    complete(store, &mut sign_in)?;
    Ok(sign_in)
}

/// What a sign-in needs after the password, or until the code is entered; and whether a code was
/// sent.
fn first_factor(
    store: &mut Store,
    attempt: &Attempt,
    user_id: &str,
    is_live: bool,
) -> Result<(Needs, bool), Refusal> {
    match attempt.strategy.as_str() {
        "password" => {
            check_password(store, user_id, &attempt.password)?;
            Ok((after_first_factor(store.user(user_id)?), false))
        }
        "enterprise_sso" => Ok((after_first_factor(store.user(user_id)?), false)),
        strategy => {
            let identifier = attempt.identifier.as_deref().unwrap_or_default();
            let (channel, to) = receiver(store.user(user_id)?, strategy, identifier)?;
            let sent = store.send_code(channel, &to, Some(user_id), "sign_in", is_live);
            let needs = Needs::FirstFactor { code: sent.code, expires_at: sent.expires_at };
            Ok((needs, sent.is_sent))
        }
    }
}

/// Logs a sign-in that failed, and why.
fn failed(store: &mut Store, mut about: Value, refusal: &Refusal, kind: Option<&str>) {
    let error = serde_json::to_value(refusal.errors().first()).unwrap_or_default();
    let code = error.get("code").and_then(Value::as_str).unwrap_or_default();
    let of_code = FAILURES.iter().find(|(failed, _)| *failed == code).map(|(_, kind)| *kind);
    if let Some(about) = about.as_object_mut() {
        about.insert("error_code".to_owned(), json!(code));
        let message = error.get("long_message").cloned().unwrap_or_default();
        about.insert("error_message".to_owned(), message);
    }
    store.log_cause(kind.or(of_code).unwrap_or("sign_in.failed"), &about);
}

/// A sign-in, as its logs show it.
fn about(sign_in: &SignIn, client_id: Option<&str>) -> Value {
    json!({
        "id": sign_in.id,
        "user_id": sign_in.user_id,
        "identifier": sign_in.identifier,
        "strategy": sign_in.strategy,
        "client_id": client_id,
        "session_id": sign_in.created_session_id,
    })
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
    let is_second = sign_in.needs == Needs::SecondFactor;
    enter(&mut store, &mut sign_in, &given).inspect_err(|refusal| {
        let kind = is_second.then_some("sign_in.attempt_second_factor.failed");
        failed(&mut store, about(&sign_in, None), refusal, kind);
    })?;
    let response = reply::json(&sign_in.reply());
    store.sign_ins.insert(id, sign_in);
    Ok(response)
}

/// Enters a code, and starts the session if nothing more is needed.
fn enter(store: &mut Store, sign_in: &mut SignIn, given: &str) -> Result<(), Refusal> {
    check_may_sign_in(store, &sign_in.user_id)?;
    let (is_right, is_over) = match &sign_in.needs {
        Needs::FirstFactor { code, expires_at } => (*code == given, *expires_at <= store.time()),
        Needs::SecondFactor => {
            let now = store.now();
            let user = store.user_mut(&sign_in.user_id)?;
            (given == TEST_CODE || user.accept_code(given, now).is_some(), false)
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
    complete(store, sign_in)
}

/// Starts the session of a sign-in that needs nothing more.
fn complete(store: &mut Store, sign_in: &mut SignIn) -> Result<(), Refusal> {
    if sign_in.needs == Needs::Nothing && sign_in.created_session_id.is_none() {
        let session = store.start_session(&sign_in.user_id, sign_in.session.clone())?;
        let client = store.sessions.get(&session)?.client_id.clone();
        sign_in.created_session_id = Some(session);
        store.log_cause("sign_in.completed", &about(sign_in, Some(&client)));
    }
    Ok(())
}

/// The id of the user with this address, number or user name.
fn user_with(store: &Store, identifier: &str) -> Option<String> {
    let kinds = [Identifier::EmailAddress, Identifier::PhoneNumber, Identifier::Username];
    store.user_with(&kinds, identifier).map(|user| user.id.clone())
}

fn check_may_sign_in(store: &Store, user_id: &str) -> Result<(), Refusal> {
    let user = store.user(user_id)?;
    if user.banned {
        return Err(USER_BANNED.because("The user is banned.").into());
    }
    if user.locked {
        let sentence = "Your account is locked. Please try again later.";
        let seconds = user.lockout_seconds(store.time());
        let meta = json!({ "lockout_expires_in_seconds": seconds });
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
