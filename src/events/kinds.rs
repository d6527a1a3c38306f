//! The types of events that Clerk documents.

/// All types that Clerk documents, with what each says about its subject.
/// <https://clerk.com/docs/guides/development/webhooks/overview>
const KINDS: [(&str, &str); 51] = [
    ("email.created", "was sent an email"),
    ("sms.created", "was sent an SMS"),
    ("user.created", "is a new user"),
    ("user.updated", "was changed"),
    ("user.deleted", "was deleted"),
    ("user.merged", "was merged with another user"),
    ("session.created", "signed in"),
    ("session.pending", "signed in and has something left to do"),
    ("session.ended", "signed out"),
    ("session.removed", "signed out, of all of a client's sessions"),
    ("session.revoked", "had a session revoked"),
    ("organization.created", "is a new organization"),
    ("organization.updated", "was changed"),
    ("organization.deleted", "was deleted"),
    ("organizationDomain.created", "is a new domain"),
    ("organizationDomain.updated", "was changed"),
    ("organizationDomain.deleted", "was deleted"),
    ("organizationInvitation.created", "was invited"),
    ("organizationInvitation.accepted", "accepted an invitation"),
    ("organizationInvitation.revoked", "had an invitation revoked"),
    ("organizationMembership.created", "joined"),
    ("organizationMembership.updated", "has a changed membership"),
    ("organizationMembership.deleted", "left or was removed"),
    ("role.created", "is a new role"),
    ("role.updated", "was changed"),
    ("role.deleted", "was deleted"),
    ("permission.created", "is a new permission"),
    ("permission.updated", "was changed"),
    ("permission.deleted", "was deleted"),
    ("directoryGroup.created", "is a new group of a directory"),
    ("directoryGroup.updated", "was changed"),
    ("directoryGroup.deleted", "was deleted"),
    ("directoryGroup.synced", "was synchronized"),
    ("waitlistEntry.created", "joined the waitlist"),
    ("waitlistEntry.updated", "has a changed place on the waitlist"),
    ("paymentAttempt.created", "was asked for a payment"),
    ("paymentAttempt.updated", "has a changed payment"),
    ("subscription.created", "has a new subscription"),
    ("subscription.updated", "has a changed subscription"),
    ("subscription.active", "has an active subscription"),
    ("subscription.pastDue", "has not paid a subscription in time"),
    ("subscriptionItem.created", "has a new plan"),
    ("subscriptionItem.updated", "has a changed plan"),
    ("subscriptionItem.abandoned", "abandoned a plan"),
    ("subscriptionItem.active", "has an active plan"),
    ("subscriptionItem.canceled", "canceled a plan"),
    ("subscriptionItem.ended", "has a plan that ended"),
    ("subscriptionItem.freeTrialEnding", "has a free trial that ends soon"),
    ("subscriptionItem.incomplete", "has a plan that is not paid yet"),
    ("subscriptionItem.pastDue", "has not paid a plan in time"),
    ("subscriptionItem.upcoming", "has a plan that begins soon"),
];

/// The types that Clerk documents.
pub fn documented() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind)
}

/// What an event of this type says about its subject, after its name.
pub(crate) fn meaning(kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|(known, _)| *known == kind).map(|(_, meaning)| *meaning)
}
