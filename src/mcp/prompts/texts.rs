//! The prompts' texts.

use super::{
    Argument, Given, Place, Prompt,
    Step::{Always, With, Without},
    Wanted,
};

/// All prompts, in the order in which they are listed.
pub(in crate::mcp) static PROMPTS: &[Prompt] = &[
    Prompt {
        name: "onboard_user",
        title: "Onboard a user",
        about: "Create a user and, if asked for, add it to an organization",
        arguments: &[
            Argument {
                name: "emailAddress",
                about: "The new user's email address",
                given: Given::Required,
                place: Place::Value,
                completes: Some(Wanted::UserEmail),
            },
            Argument {
                name: "name",
                about: "The new user's first and last name",
                given: Given::Optional,
                place: Place::Value,
                completes: None,
            },
            organization(Given::Optional, "The organization to add it to"),
            Argument {
                name: "role",
                about: "Its role there; org:member where it is not said",
                given: Given::Else("org:member"),
                place: Place::Value,
                completes: Some(Wanted::Role),
            },
        ],
        steps: &[
            Always(
                "See whether the user is there already: clerk_list_users with emailAddress: \
                 {emailAddress}, detail: \"concise\". If one is, create no second one: show it, stop \
                 and ask the person whether to go on with it.",
            ),
            With("organization", ORGANIZATION),
            With(
                "organization",
                "Stop: show the person what you will do (the email address, the name, the \
                 organization with its id, role {role}) and ask for a yes.",
            ),
            Without(
                "organization",
                "Stop: show the person what you will do (the email address and the name; no \
                 organization) and ask for a yes.",
            ),
            With(
                "name",
                "clerk_create_user with emailAddress: {emailAddress}, firstName and lastName from \
                 {name}. Invent no password: if one is required, ask the person whether to set \
                 skipPasswordRequirement: true.",
            ),
            Without(
                "name",
                "clerk_create_user with emailAddress: {emailAddress}. Invent no password: if one is \
                 required, ask the person whether to set skipPasswordRequirement: true.",
            ),
            With(
                "organization",
                "clerk_add_organization_member with organizationId: the organization's id, userId: \
                 the new user's id, role: {role}.",
            ),
            Always("Check it: clerk_investigate_user with userId: the user's id."),
            Always(
                "Report: the user's id and email address, the organization and role if there is \
                 one, what was there before, and what failed.",
            ),
        ],
    },
    Prompt {
        name: "offboard_user",
        title: "Offboard a user",
        about: "Take a user's access away, so that it can be given back if that was wrong",
        arguments: &[USER],
        steps: &[
            Always(INVESTIGATE),
            Always(
                "For each of its organizations: clerk_list_organization_memberships with \
                 organizationId: the organization's id, role: \"org:admin\". Note where the user is \
                 the only admin.",
            ),
            Always(
                "Stop: show the person who it is, its organizations and live sessions, and where \
                 nobody else is admin. Ask whether to ban it, and which organizations to remove it \
                 from. Offer deletion only if they ask for it: it can't be undone.",
            ),
            Always(
                "After a yes: clerk_ban_user with userId: the user's id. It ends all sessions; \
                 clerk_unban_user lets the user sign in again.",
            ),
            Always(
                "For each organization that was agreed on: clerk_remove_organization_member with \
                 organizationId, userId.",
            ),
            Always(
                "Check it: clerk_list_sessions with userId: the user's id, status: \"active\", which \
                 must find none, and clerk_get_user with userId: the user's id, fields: [\"id\", \
                 \"banned\"].",
            ),
            Always(
                "Only if the person asked for deletion: ask once more, then clerk_delete_user with \
                 userId: the user's id.",
            ),
            Always(
                "Report: who it was (id), what was taken away, what is left (organizations that \
                 clerk_investigate_user did not show are to be named as not checked), and how to \
                 undo it. Session tokens that were issued work for up to a minute more.",
            ),
        ],
    },
    Prompt {
        name: "respond_to_takeover",
        title: "Respond to an account takeover",
        about: "Stop the person who took over a user's account, and find what they did",
        arguments: &[USER],
        steps: &[
            Always(INVESTIGATE),
            Always(
                "clerk_list_sessions with userId: the user's id, status: \"active\", all: true. Note \
                 devices, places and times that don't fit together.",
            ),
            Always(
                "clerk_case_timeline with userId: the user's id. Note the first entry that doesn't fit \
                 the owner, and what came after it: sign-ins, changed or added addresses, a password \
                 or a second factor. Read gaps: what a source doesn't have proves nothing.",
            ),
            Always(
                "Stop: show the person what is unusual and the live sessions with their ids. Ask \
                 whether to lock the account now, and which session, if any, is its owner's.",
            ),
            Always(
                "After a yes: clerk_lock_user with userId: the user's id. Nobody can sign in to it \
                 until the lock ends or clerk_unlock_user lifts it.",
            ),
            Always(
                "clerk_revoke_user_sessions with userId: the user's id and, if the owner has one, \
                 exceptSessionId: that session's id. This is a preview: nothing is revoked yet.",
            ),
            Always(
                "Stop: show which sessions would be revoked and ask for a yes. Then make the same \
                 call with dryRun: false.",
            ),
            Always(
                "Look for what was left behind: clerk_get_user with userId: the user's id. Email \
                 addresses, phone numbers, sign-in methods and metadata that the owner does not know \
                 are to be shown to the person, not removed.",
            ),
            Always(
                "Check it: clerk_list_sessions with userId: the user's id, status: \"active\", which \
                 must find none but the owner's.",
            ),
            Always(
                "Report: a timeline in UTC with the source of each entry, what was seen, what was done, and what a person must do \
                 next: the owner sets a new password (write none in this conversation) and turns on \
                 a second factor, then clerk_unlock_user. Session tokens that were issued work for \
                 up to a minute more.",
            ),
        ],
    },
    Prompt {
        name: "case_timeline",
        title: "Reconstruct a case",
        about: "Reconstruct what happened to a user's account, and say what nobody can know",
        arguments: &[
            USER,
            Argument {
                name: "after",
                about: "Only what happened on or after this day or time (UTC), such as 2026-01-31",
                given: Given::Optional,
                place: Place::More,
                completes: None,
            },
            Argument {
                name: "before",
                about: "Only what happened before this day or time (UTC), such as 2026-02-01",
                given: Given::Optional,
                place: Place::More,
                completes: None,
            },
        ],
        steps: &[
            Always(
                "clerk_case_timeline with {user}{after}{before}. Read gaps first: what a source \
                 doesn't have is no proof that nothing happened. If there is no such user, or \
                 several, stop and ask the person.",
            ),
            Always(
                "If the result has next and the case began earlier, make the same call with before: \
                 next.before, and so on until you are before its beginning.",
            ),
            Always(
                "Follow cause from the entries that the person asks about to the one that began it. \
                 Where it isn't enough, look closer: clerk_run_read with operation: clerk_get_log and \
                 eventTime and eventId, the two parts of an id of source logs; or clerk_get_event.",
            ),
            Always(
                "For each IP address that doesn't fit the others: clerk_case_timeline with \
                 ipAddress: the address{after}{before}. Note which other users it names.",
            ),
            Always("clerk_investigate_user with {user}: how the account is now."),
            Always(
                "Report: what happened, oldest first, each line with its time in UTC, who, from \
                 where, and its source; then what led to it as far as cause says so; then the gaps, \
                 and what they leave open. Say what is a guess. Change nothing: propose what to do, \
                 such as clerk_lock_user or clerk_revoke_user_sessions.",
            ),
        ],
    },
    Prompt {
        name: "sign_in_trouble",
        title: "Help with sign-in trouble",
        about: "Find out why a person can't sign in, and take away what they agree keeps them out",
        arguments: &[Argument {
            name: "person",
            about: "What they sign in with (email address, phone number, username), or the user's ID",
            given: Given::Required,
            place: Place::Login,
            completes: Some(Wanted::UserEmail),
        }],
        steps: &[
            Always(
                "clerk_explain_sign_in with {person}. If the causes say that several users have the \
                 identifier, stop and ask the person which one it is.",
            ),
            Always(
                "Note what blocks, what may block, and what notChecked says was not looked at. A \
                 result without causes doesn't mean that they can sign in.",
            ),
            Always(
                "If there is no user, and the causes don't say why: clerk_list_users with query: the \
                 part of the identifier before the @. They may have signed up with another address.",
            ),
            Always(
                "For a cause from the logs whose reason is not clear: clerk_case_timeline with \
                 userId: the user's id, to see what was tried before and after.",
            ),
            Always(
                "Stop: show the person each cause with its source, in their words, what blocks first, \
                 and the tool in changedBy. Ask which to change. A ban, a lock, an entry of the \
                 blocklist or a second factor may be there on purpose: ask who set it.",
            ),
            Always(
                "For each change that was agreed on: the tool in changedBy with its arguments. Write \
                 no password in this conversation: the person resets it themselves.",
            ),
            Always(
                "Check it: clerk_explain_sign_in with {person}. What was changed must be gone from \
                 the causes.",
            ),
            Always(
                "Report: what kept them out, what was changed, what is left, and what nobody could \
                 check, with where a person can: the Clerk Dashboard, or the identity provider.",
            ),
        ],
    },
    Prompt {
        name: "find_duplicates",
        title: "Find duplicate accounts",
        about: "Find people who have several accounts, and do what the person decides on each",
        arguments: &[Argument {
            name: "emailDomain",
            about: "Only users with an email address of this domain",
            given: Given::Optional,
            place: Place::More,
            completes: None,
        }],
        steps: &[
            Always(
                "clerk_find_users with groupBy: \"duplicateEmail\"{emailDomain}; then with \
                 \"duplicatePhone\" and \"duplicateExternalAccount\". If complete is false, go on \
                 as the result says. \"duplicateName\" finds more, but a name alone proves nothing.",
            ),
            Always(
                "For at most five groups that matter: clerk_investigate_user with userId: each \
                 user's id. Note the last activity, organizations, second factors and linked \
                 accounts.",
            ),
            Always(
                "Stop: show the person a table of the groups: the accounts, what speaks for one \
                 person and what against it, which account is in use, and what the other one has \
                 that this one lacks. Ask about each group; decide nothing yourself.",
            ),
            Always(
                "For each group that was decided on, first give the account that stays what it \
                 lacks: clerk_add_organization_member with organizationId, userId, role; \
                 clerk_update_user_metadata with userId.",
            ),
            Always(
                "Then clerk_ban_user with userId: the other account's id. clerk_unban_user lets it \
                 in again. Delete no account unless the person asks for it: that can't be undone.",
            ),
            Always(
                "Report: the groups that were found, what was decided for each, what was moved, and \
                 what is left. The email addresses of a banned account stay taken.",
            ),
        ],
    },
    Prompt {
        name: "review_sign_ups",
        title: "Review new sign-ups",
        about: "Look through the users who signed up since a day, and act on those who look fake",
        arguments: &[Argument {
            name: "since",
            about: "The first day to look at, such as 2026-01-31",
            given: Given::Required,
            place: Place::Date,
            completes: None,
        }],
        steps: &[
            Always(
                "clerk_find_users with createdAtAfter: {since}, groupBy: \"domain\". Note how many \
                 signed up, and the domains that stand out.",
            ),
            Always(
                "clerk_find_users with createdAtAfter: {since}. If complete is false, go on with \
                 startingAfter: its nextCursor. Note addresses that differ only by a number or by \
                 what follows a +, names that are advertisements, and accounts that nobody used \
                 after the sign-up.",
            ),
            Always(
                "For at most five that stand out: clerk_case_timeline with userId: the user's id. \
                 Note the IP addresses and programs that several share.",
            ),
            Always(
                "Stop: show the person how many signed up, which stand out and why, and what speaks \
                 for people all the same. Ask whom to act on, and whether to keep a domain out.",
            ),
            Always(
                "clerk_bulk_update with action: \"ban\", userIds: those that were agreed on. This is \
                 a preview: nothing is changed yet. Show it and ask for a yes. Then make the same \
                 call with dryRun: false.",
            ),
            Always(
                "If a domain is to be kept out: clerk_create_blocklist_identifier with identifier: \
                 *@ and the domain. It has an effect only while the blocklist is on, which the Clerk \
                 Dashboard shows.",
            ),
            Always(
                "Report: how many signed up, who was banned and why, what is kept out, and how to \
                 undo it with clerk_unban_user and clerk_delete_blocklist_identifier.",
            ),
        ],
    },
    Prompt {
        name: "respond_to_failed_sign_ins",
        title: "Respond to failed sign-ins",
        about: "Find out what a spike of failed sign-ins is, and protect the accounts it reached",
        arguments: &[Argument {
            name: "since",
            about: "When it began, such as 2026-01-31",
            given: Given::Required,
            place: Place::Date,
            completes: None,
        }],
        steps: &[
            Always(
                "clerk_list_logs with type: \"sign_in.failed\", eventTimeAfter: {since}, limit: 50. \
                 If it has none, the instance may not log them under this type: look with type: \
                 \"sign_in.*\". Read no further pages: Clerk forbids exporting logs.",
            ),
            Always(
                "Note how many IP addresses, users and reasons there are. One user with many failures \
                 is likely sign-in trouble: go on with clerk_explain_sign_in. Many users with few \
                 failures each, from few addresses, are likely tried passwords.",
            ),
            Always(
                "For each of the two or three busiest IP addresses: clerk_case_timeline with \
                 ipAddress: the address, after: {since}. Note every sign_in.completed and \
                 session.created: these accounts were reached.",
            ),
            Always(
                "For each account that was reached: clerk_investigate_user with userId: the user's \
                 id. Note whether the place fits the others.",
            ),
            Always(
                "Stop: show the person the numbers, the addresses, and the accounts that were \
                 reached with why you think so. Ask which to lock, and which sessions to revoke.",
            ),
            Always(
                "For each account that was agreed on: clerk_lock_user with userId: its id, then \
                 clerk_revoke_user_sessions with userId: its id, first as a preview and, after a \
                 yes, with dryRun: false.",
            ),
            Always(
                "If passwords were guessed: clerk_set_user_password_compromised with userId: its id. \
                 The owner then has to set a new one. Write no password in this conversation.",
            ),
            Always(
                "Report: when it began and whether it goes on, from where, how many accounts were \
                 tried and which were reached, what was done and how to undo it, and what gaps there \
                 were. Logs are best effort, so no number is exact. Blocking an IP address is done \
                 outside Clerk's API.",
            ),
        ],
    },
    Prompt {
        name: "review_organization_access",
        title: "Review an organization's access",
        about: "Find members of an organization who should not be in it, or not with their role",
        arguments: &[organization(Given::Required, "The organization to review")],
        steps: &[
            Always(ORGANIZATION),
            Always(
                "clerk_get_organization with organizationId: its id. Note how many members it has \
                 and may have.",
            ),
            Always(
                "clerk_list_organization_memberships with organizationId: its id, all: true, detail: \
                 \"concise\". If the answer is cut, go on at nextOffset.",
            ),
            Always(
                "Find what is doubtful, each with clerk_find_users and organizationId: its id: role: \
                 \"org:admin\", twoFactorEnabled: false (admins without a second factor); \
                 neverSignedIn: true; banned: true; emailVerified: false; inactiveSince: a date 90 \
                 days ago.",
            ),
            Always(
                "clerk_find_users with organizationId: its id, groupBy: \"domain\". Note email domains \
                 that stand out.",
            ),
            Always(
                "Stop: show the person a table of who is doubtful, with role, why, and what you \
                 propose. Change nothing until they have said what for each.",
            ),
            Always(
                "For each removal that was agreed on: clerk_remove_organization_member with \
                 organizationId, userId. Never remove the last admin.",
            ),
            Always(
                "Report: how many members and admins there were and are, who was removed and why, \
                 and what the person decided to leave.",
            ),
        ],
    },
    Prompt {
        name: "tidy_inactive_accounts",
        title: "Tidy inactive accounts",
        about: "Find users who have long been inactive, and act on those the person chooses",
        arguments: &[
            Argument {
                name: "inactiveSince",
                about: "Users last active before this date, such as 2026-01-31",
                given: Given::Required,
                place: Place::Date,
                completes: None,
            },
            Argument {
                name: "emailDomain",
                about: "Only users with an email address of this domain",
                given: Given::Optional,
                place: Place::More,
                completes: None,
            },
            organization(Given::Optional, "Only its members"),
        ],
        steps: &[
            With("organization", ORGANIZATION),
            With("organization", "Give organizationId: its id with each call below, and in find."),
            Always(
                "clerk_run_read with operation: clerk_count_users, without other filters: how many users there are to compare with.",
            ),
            Always(
                "clerk_find_users with inactiveSince: {inactiveSince}{emailDomain}. Where \
                 complete is false, go on with startingAfter: its nextCursor. Note who looks like a \
                 service account or an owner.",
            ),
            Always(
                "Stop: show the person how many there are, the longest inactive, and whom you would \
                 leave out. Ask what to do: nothing, ban (undone with unban), or only mark them in \
                 private metadata.",
            ),
            Always(
                "clerk_bulk_update with action: \"ban\" or \"mergeMetadata\" (with privateMetadata) \
                 as agreed, and find: { inactiveSince: {inactiveSince}{emailDomain} }; or userIds in \
                 place of find, where some are left out. This is a preview: nothing is changed yet.",
            ),
            Always(
                "Stop: show what would be done to how many, and ask for a yes. Then make the same \
                 call with dryRun: false and, with find, selection: the one that the preview \
                 returned.",
            ),
            Always(
                "If there are more than one call takes, go on with the next preview only after the \
                 person has seen the results of the last. Delete nobody.",
            ),
            Always(
                "Report: how many were found, changed, skipped and failed, with the reasons, and \
                 how to undo it.",
            ),
        ],
    },
];

/// The argument that names a user.
const USER: Argument = Argument {
    name: "user",
    about: "The user's ID or email address",
    given: Given::Required,
    place: Place::User,
    completes: Some(Wanted::UserEmail),
};

/// The argument that names an organization.
const fn organization(given: Given, about: &'static str) -> Argument {
    Argument {
        name: "organization",
        about,
        given,
        place: Place::Value,
        completes: Some(Wanted::OrganizationSlug),
    }
}

const INVESTIGATE: &str = "clerk_investigate_user with {user}. If there is no such user, or several, \
     stop and ask the person.";
const ORGANIZATION: &str = "clerk_list_organizations with query: {organization}, detail: \
     \"concise\". Take the one whose id, slug or name is exactly that; if none or several are, stop \
     and ask the person.";
