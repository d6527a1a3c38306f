//! Why a call that needs a second person isn't sent.

use crate::{
    approvals::{Approval, ApprovalsError},
    guard::Denial,
    principal::Principal,
};

pub(in crate::call) fn no_file() -> Denial {
    Denial::new(
        "second_person_impossible",
        "a second person must approve this call, and there is no file for approvals",
        "Nothing was sent to Clerk. The operator turns approvals on with --approvals FILE.",
    )
}

pub(in crate::call) fn has_secret() -> Denial {
    Denial::new(
        "secret_cannot_wait",
        "a second person must approve this call, and a call with a secret argument, such as a \
         password or a token, can't wait for one: secrets are never kept",
        "Nothing was sent to Clerk. Leave the secret out, or let a person do it in the Clerk \
         Dashboard.",
    )
}

pub(in crate::call) fn unknown_asker() -> Denial {
    Denial::new(
        "second_person_impossible",
        "a second person must approve this call, and the server doesn't know who asks for it, so that \
         it can't tell a second person from them",
        "Nothing was sent to Clerk. The operator can let people sign in with --oauth-issuer.",
    )
}

/// The refusal of a call, since the file can't be read or written.
pub(in crate::call) fn unusable(error: &ApprovalsError) -> Denial {
    if let ApprovalsError::TooMany = error {
        return Denial::new(
            "too_many_approvals",
            error.to_string(),
            "Nothing was sent to Clerk. Tell the person: somebody has to decide on those first.",
        );
    }
    Denial::new(
        "approvals_unusable",
        format!(
            "every call that needs a second person must be in the file of approvals, and {error}"
        ),
        "Nothing was sent to Clerk. Such calls stay off until a person has fixed the file.",
    )
}

pub(in crate::call) fn rejected(approval: &Approval) -> Denial {
    let by = approval.decided.as_ref().map(|(by, _)| format!(" by {by}")).unwrap_or_default();
    let why = approval.why.as_ref().map(|why| format!(": \"{why}\"")).unwrap_or_default();
    Denial::new(
        "approval_rejected",
        format!("{} was rejected{by}{why}", approval.id),
        "Nothing was sent to Clerk. Tell the person, and don't try another way.",
    )
}

pub(in crate::call) fn used(id: &str, approval: Option<&Approval>) -> Denial {
    let ended = match approval.and_then(|approval| approval.outcome.as_deref()) {
        Some("done") => "; the call was done",
        Some(_) => "; the call failed",
        None => "; whether the call was done isn't known: look before you ask again",
    };
    Denial::new(
        "approval_used",
        format!("{id} has been used{ended}"),
        "An approval is for one call, once. Nothing was sent to Clerk by this one. To do it again, make \
         the original call: it asks for a new approval.",
    )
}

pub(in crate::call) fn expired(approval: &Approval) -> Denial {
    let at = approval.expires_at.strftime("%Y-%m-%d %H:%M UTC");
    Denial::new(
        "approval_expired",
        format!("{} expired at {at}", approval.id),
        "Nothing was sent to Clerk. Make the original call: it asks for a new approval.",
    )
}

pub(in crate::call) fn outdated(id: &str) -> Denial {
    Denial::new(
        "approval_outdated",
        format!("what {id} was for has changed since it was shown, so that it can't be used"),
        "Nothing was sent to Clerk. Look at what changed; the original call asks for a new approval.",
    )
}

pub(in crate::call) fn foreign(id: &str) -> Denial {
    Denial::new(
        "approval_foreign",
        format!("{id} isn't for exactly this call by this person on this instance"),
        "Nothing was sent to Clerk. Make the original call: it asks for a new approval.",
    )
}

pub(in crate::call) fn not_theirs(id: &str, by: &Principal) -> Denial {
    Denial::new(
        "approval_not_valid",
        format!("{id} was approved by {by}, who may not approve this call as the policy is now"),
        "Nothing was sent to Clerk. Tell the person. The original call asks for a new approval.",
    )
}
