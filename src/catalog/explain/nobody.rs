//! Causes where no user has the identifier: who isn't a user yet, or not any more.

use super::{
    cause::{Cause, Row},
    identifier::Identifier,
    read::Known,
    rows,
    wire::Invitation,
};
use crate::tool::date::UnixTime;

/// What an entry of the waitlist says, by its status.
const WAITLIST: [(&str, &Row); 3] = [
    ("pending", &rows::WAITLIST_PENDING),
    ("rejected", &rows::WAITLIST_REJECTED),
    ("invited", &rows::WAITLIST_INVITED),
];
/// The statuses of an invitation that nobody can accept any more.
const ENDED: [&str; 2] = ["expired", "revoked"];

pub(super) fn causes(known: &Known) -> Vec<Cause> {
    if known.user.is_some() {
        return Vec::new();
    }
    let Some(identifier) = &known.identifier else { return no_user_with_id(known) };
    if let [first, ..] = known.several.as_slice() {
        let several = Cause::of(&rows::SEVERAL_USERS).with("users", &known.several.join(", "));
        return vec![several.with("identifier", identifier.text()).with("user", first)];
    }
    let further = [
        invitation(known),
        organization_invitation(known),
        waitlist(known),
        identifier.is_subaddress().then(|| Cause::of(&rows::SUBADDRESS)),
        identifier.looks_like_a_number().then(|| Cause::of(&rows::NO_COUNTRY_CODE)),
    ];
    let all = [Some(no_user(identifier))].into_iter().chain(further).flatten();
    all.map(|cause| cause.with("identifier", identifier.text())).collect()
}

fn no_user(identifier: &Identifier) -> Cause {
    let cause = Cause::of(&rows::NO_USER)
        .with("kind", identifier.words())
        .with("argument", identifier.argument());
    if identifier.is_email() { cause.changed_by(rows::INVITE) } else { cause }
}

fn no_user_with_id(known: &Known) -> Vec<Cause> {
    let id = known.user_id.as_deref().unwrap_or_default();
    let logs = known.account.iter().flat_map(|found| &found.logs);
    let deleted = logs.filter(|log| log.kind == "user.deleted").map(|log| log.at).max();
    let deleted = deleted.map(|at| Cause::of(&rows::DELETED).since(Some(at)));
    let all = [Some(Cause::of(&rows::NO_USER_WITH_ID)), deleted];
    all.into_iter().flatten().map(|cause| cause.with("user", id)).collect()
}

/// The newest one counts.
fn invitation(known: &Known) -> Option<Cause> {
    let newest = known.invitations.as_ref()?.first()?;
    let status = newest.status.as_deref()?;
    let cause = match status {
        "pending" => of(&rows::INVITATION_PENDING, newest),
        _ if ENDED.contains(&status) => of(&rows::INVITATION_ENDED, newest).with("status", status),
        _ => return None,
    };
    Some(cause)
}

fn organization_invitation(known: &Known) -> Option<Cause> {
    let all = known.organization_invitations.as_ref()?;
    let pending = all.iter().find(|one| one.status.as_deref() == Some("pending"))?;
    let organization = pending.organization_id.as_deref().unwrap_or_default();
    Some(of(&rows::ORGANIZATION_INVITATION, pending).with("organization", organization))
}

fn waitlist(known: &Known) -> Option<Cause> {
    let newest = known.waitlist.as_ref()?.first()?;
    let status = newest.status.as_deref()?;
    let (_, row) = WAITLIST.iter().find(|(known, _)| *known == status)?;
    Some(of(row, newest))
}

fn of(row: &'static Row, invitation: &Invitation) -> Cause {
    let [since, until] =
        [invitation.created_at, invitation.expires_at].map(|time| time.map(UnixTime::milliseconds));
    let id = invitation.id.as_deref().unwrap_or_default();
    Cause::of(row).with("id", id).since(since).until(until)
}
