//! `/sandbox/sign_ups`, and invitations that are accepted by signing up.

use serde_json::{Value, json};

use crate::Sandbox;
use crate::body::{Fields, OptionalFields};
use crate::model::{Channel, Identifier, Sent, SignUp, User, Verification};
use crate::query::{Id, NoQuery};
use crate::refusal::{
    FORM_CODE_INCORRECT, ORGANIZATION_INVITATION_NOT_PENDING, RESOURCE_NOT_FOUND, Refusal,
    VERIFICATION_EXPIRED,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::{SentNow, Store, verify_email, verify_phone};
use crate::time::DAY;
use crate::users;

use super::keep;

/// How an invited person signs up.
#[derive(Debug, Clone)]
pub(super) enum Invited {
    ToApplication(String),
    ToOrganization(String),
}

/// `POST /sandbox/sign_ups`: the fields of Clerk's sign-up, each identifier as one string.
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let ticket = fields.text("ticket").value();
    let invited = ticket.map(|id| invited(&sandbox.read(), id)).transpose()?;
    sign_up(&sandbox, fields, invited.as_ref())
}

/// `POST /sandbox/invitations/{id}/accept`: a sign-up with the invitation's address.
pub(crate) async fn accept(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(fields): OptionalFields,
) -> Reply {
    sign_up(&sandbox, fields, Some(&Invited::ToApplication(id)))
}

/// `GET /sandbox/sign_ups/{id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let store = sandbox.read();
    Ok(reply::json(&store.sign_ups.get(&id).ok_or_else(|| missing(&id))?.reply()))
}

/// `POST /sandbox/sign_ups/{id}/verify` enters a code that was sent.
pub(crate) async fn verify(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let code = fields.required("code");
    fields.finish()?;
    let mut store = sandbox.write();
    let mut sign_up = store.sign_ups.get(&id).ok_or_else(|| missing(&id))?.clone();
    let sent = sign_up.unverified.iter().position(|sent| sent.code == code);
    let Some(index) = sent else {
        store.log("sign_up.email_address.verification.code_attempt_invalid", &about(&sign_up));
        return Err(FORM_CODE_INCORRECT.at("code", "Incorrect code").into());
    };
    let sent = sign_up.unverified.remove(index);
    if sent.expires_at <= store.time() {
        return Err(VERIFICATION_EXPIRED.because("This verification has expired.").into());
    }
    let now = store.now();
    mark_verified(&mut sign_up.user, sent.kind, now);
    if sign_up.unverified.is_empty() {
        check_is_free(&store, &sign_up.user)?;
        complete(&mut store, &mut sign_up)?;
    }
    let response = reply::json(&sign_up.reply());
    store.sign_ups.insert(id, sign_up);
    Ok(response)
}

/// Signs a new user up as far as it goes without a code.
pub(super) fn sign_up(sandbox: &Sandbox, mut fields: Fields, invited: Option<&Invited>) -> Reply {
    let client_id = fields.text("client_id").value();
    let is_verified = fields.flag("verified").value() == Some(true);
    let mut store = sandbox.write();
    if let Some(invited) = invited {
        let address = address(&store, invited)?;
        fields.give("email_address", address);
    }
    fields.wrap("email_address");
    fields.wrap("phone_number");
    let user = users::new_user(&mut store, fields)?;
    check_is_allowed(&store, &user)?;
    let now = store.now();
    let mut sign_up = SignUp {
        id: store.id("sua"),
        user,
        unverified: Vec::new(),
        created_user_id: None,
        created_session_id: None,
        client_id,
        abandon_at: now + DAY,
        custom_action: false,
    };
    match invited {
        Some(Invited::ToApplication(id)) => store.accept_invitation(id, &mut sign_up)?,
        // An invited address is verified by the link.
        Some(Invited::ToOrganization(_)) => {}
        None if is_verified => {}
        None => send_codes(&mut store, &mut sign_up, sandbox.is_live()),
    }
    store.log_cause("sign_up.created", &about(&sign_up));
    if invited.is_some() {
        store.log("sign_up.invitation.accepted", &about(&sign_up));
    }
    if sign_up.unverified.is_empty() {
        complete(&mut store, &mut sign_up)?;
    }
    if let (Some(Invited::ToOrganization(id)), Some(user_id)) = (invited, &sign_up.created_user_id)
    {
        store.accept_organization_invitation(id, user_id)?;
    }
    let response = reply::json(&sign_up.reply());
    keep(&mut store.sign_ups, sign_up.id.clone(), sign_up);
    Ok(response)
}

/// Makes the user of a sign-up, and signs them in.
fn complete(store: &mut Store, sign_up: &mut SignUp) -> Result<(), Refusal> {
    store.complete_sign_up(sign_up)?;
    store.log("sign_up.completed", &about(sign_up));
    Ok(())
}

/// A sign-up, as its logs show it.
fn about(sign_up: &SignUp) -> Value {
    let user = &sign_up.user;
    json!({
        "id": sign_up.id,
        "user_id": sign_up.created_user_id,
        "email_address": user.email_addresses.first().map(|email| &email.address),
        "phone_number": user.phone_numbers.first().map(|phone| &phone.number),
        "username": user.username,
        "client_id": sign_up.client_id,
        "session_id": sign_up.created_session_id,
    })
}

/// The invitation that a ticket is for: its id.
pub(super) fn invited(store: &Store, ticket: String) -> Result<Invited, Refusal> {
    if store.invitations.contains_key(&ticket) {
        Ok(Invited::ToApplication(ticket))
    } else if store.organization_invitations.contains_key(&ticket) {
        Ok(Invited::ToOrganization(ticket))
    } else {
        let sentence = "No invitation was found for this ticket.";
        Err(RESOURCE_NOT_FOUND.at("ticket", sentence).into())
    }
}

fn address(store: &Store, invited: &Invited) -> Result<String, Refusal> {
    match invited {
        Invited::ToApplication(id) => {
            let missing = || {
                let sentence = format!("No invitation was found with id {id}.");
                Refusal::from(RESOURCE_NOT_FOUND.because(sentence))
            };
            let invitation = store.invitations.get(id).ok_or_else(missing)?;
            Ok(invitation.email_address.clone())
        }
        Invited::ToOrganization(id) => {
            let invitation = store.organization_invitation(id)?;
            if !invitation.is_pending() {
                let sentence = format!("The invitation is {}.", invitation.status.name());
                return Err(ORGANIZATION_INVITATION_NOT_PENDING.because(sentence).into());
            }
            Ok(invitation.email_address.clone())
        }
    }
}

/// Sends a code to each address and number of the new user.
fn send_codes(store: &mut Store, sign_up: &mut SignUp, is_live: bool) {
    for email in &mut sign_up.user.email_addresses {
        let SentNow { code, expires_at, .. } =
            store.send_code(Channel::Email, &email.address, None, "sign_up", is_live);
        email.verification = Some(Verification::pending("email_code", expires_at));
        sign_up.unverified.push(Sent { kind: Identifier::EmailAddress, code, expires_at });
    }
    for phone in &mut sign_up.user.phone_numbers {
        let SentNow { code, expires_at, .. } =
            store.send_code(Channel::Sms, &phone.number, None, "sign_up", is_live);
        phone.verification = Some(Verification::pending("phone_code", expires_at));
        sign_up.unverified.push(Sent { kind: Identifier::PhoneNumber, code, expires_at });
    }
}

fn mark_verified(user: &mut User, kind: Identifier, now: i64) {
    match kind {
        Identifier::EmailAddress => {
            user.email_addresses.iter_mut().for_each(|email| verify_email(email, now));
        }
        _ => user.phone_numbers.iter_mut().for_each(|phone| verify_phone(phone, now)),
    }
}

/// Refuses identifiers that the instance's restrictions keep out.
fn check_is_allowed(store: &Store, user: &User) -> Result<(), Refusal> {
    let emails = user.email_addresses.iter().map(|email| email.address.as_str());
    let phones = user.phone_numbers.iter().map(|phone| phone.number.as_str());
    store.check_sign_up(&emails.chain(phones).collect::<Vec<_>>())
}

/// Refuses identifiers that somebody took since the sign-up began.
fn check_is_free(store: &Store, user: &User) -> Result<(), Refusal> {
    let emails =
        user.email_addresses.iter().map(|email| (Identifier::EmailAddress, &email.address));
    let phones = user.phone_numbers.iter().map(|phone| (Identifier::PhoneNumber, &phone.number));
    let names = user.username.iter().map(|name| (Identifier::Username, name));
    let mut taken = emails.chain(phones).chain(names);
    match taken.find(|(kind, value)| store.is_taken(*kind, value, None)) {
        Some((kind, _)) => Err(users::taken(kind).into()),
        None => Ok(()),
    }
}

fn missing(id: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("No sign-up was found with id {id}.")).into()
}
