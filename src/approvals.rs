//! Approvals by a second person: calls that wait until somebody else has looked at them. One file of
//! `SQLite`, which the page of the HTTP server and the command line decide on, and which survives a kill
//! at any moment.
//!
//! An approval is used once: it is claimed in the file before the call is sent, in one transaction. A
//! process that is killed after that leaves it used, and how the call ended in doubt.

mod decide;
mod store;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::principal::{Authentication, Principal, Who};

pub use self::{
    decide::{DecideError, Decision},
    store::{Approvals, ApprovalsError, Asked, Clock, Filter, Settings, VALID, count},
};

/// What the IDs of approvals begin with.
const PREFIX: &str = "apv_";

/// What is asked of a second person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// Who asks.
    pub asked_by: Principal,
    /// The MCP client that asked, as it calls itself.
    pub client: Option<String>,
    /// The kind of the key: `test` or `live`.
    pub key: String,
    /// A fingerprint of the key, which distinguishes calls on other instances.
    pub instance: Option<String>,
    /// The tool.
    pub tool: String,
    /// The ID of the object that the call names.
    pub target: Option<String>,
    /// The arguments of the call, with the IDs that were looked up. None of them is a secret.
    pub arguments: Map<String, Value>,
    /// The arguments as they were given, to make the call again.
    pub given: Map<String, Value>,
    /// The agent's reason.
    pub reason: Option<String>,
    /// The policy's rule that demands it.
    pub rule: Option<String>,
    /// What the second person must fit: one of each list. A list that is empty lets through whom the
    /// policy would allow the call.
    pub approvers: Vec<Vec<Who>>,
    /// What the second person is shown.
    pub question: Question,
    /// What tells the same call by the same person from others: a hash.
    pub call: String,
    /// What the targets were when they were shown: a hash.
    pub version: String,
    /// The seal on the call, with the version.
    pub seal: String,
}

/// What a second person is shown of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Question {
    /// What would be done to whom, a sentence each. What others wrote is in quotation marks.
    pub sentences: Vec<String>,
    /// The fields that would change, if they are known.
    pub changes: Vec<FieldDiff>,
}

/// A field that would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldDiff {
    /// The field.
    pub name: String,
    /// Its value now, as JSON; none if it has none.
    pub before: Option<String>,
    /// Its value afterwards, as JSON; none if it has none.
    pub after: Option<String>,
}

/// An approval as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Its ID: `apv_` and 20 letters and digits.
    pub id: String,
    /// What is asked.
    pub ask: Ask,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Until when it can be approved and used.
    pub expires_at: Timestamp,
    /// Its state, at the time when it was read.
    pub state: State,
    /// Who decided on it, and when.
    pub decided: Option<(Principal, Timestamp)>,
    /// Why it was rejected.
    pub why: Option<String>,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// How the call ended: `done`, `failed`, or none if that isn't known.
    pub outcome: Option<String>,
}

/// The state of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Nobody has decided on it.
    Pending,
    /// It was approved, and can be used once.
    Approved,
    /// It was rejected.
    Rejected,
    /// The call was sent, or was about to be.
    Used,
    /// Its time is over.
    Expired,
    /// What it was for has changed since, so that it can't be used any more.
    Outdated,
}

impl State {
    /// The state in a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Outdated => "outdated",
        }
    }
}

impl Ask {
    /// Whether this is the person who asks, whichever client they use.
    #[must_use]
    pub fn is_by(&self, person: &Principal) -> bool {
        self.asked_by.may_continue(person)
    }

    /// Who may approve, in words.
    #[must_use]
    pub fn approvers_in_words(&self) -> String {
        let lists = self.approvers.iter().filter(|list| !list.is_empty());
        let lists: Vec<String> = lists
            .map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
            .collect();
        if lists.is_empty() {
            "anybody else whom the server's policy would allow this call".to_owned()
        } else {
            format!("somebody else who fits {}", lists.join(", and "))
        }
    }

    /// Whether a person may be the one who asks, and so isn't a second one.
    pub(crate) fn may_be_by(&self, person: &Principal) -> bool {
        let (asked, other) = (&self.asked_by, person);
        let is_known = |it: &Principal| {
            it.subject.is_some()
                && matches!(it.authentication, Authentication::OAuth | Authentication::Process)
        };
        if asked.authentication != other.authentication {
            // Who has the bearer token is one thing, who may write the file on this machine another.
            return !(is_known(other) && is_askable(asked));
        }
        let email = |it: &Principal| it.email.as_ref().map(|email| email.to_lowercase());
        // Some issuers give a person another ID for each client.
        let has_same_email = email(asked).is_some() && email(asked) == email(other);
        !is_known(other) || !is_known(asked) || asked.subject == other.subject || has_same_email
    }

    /// Whether a second person may approve by what the rules ask of them: one of each list. The user of
    /// the operating system may, since whoever can write the file can.
    #[must_use]
    pub fn lets_approve(&self, person: &Principal) -> bool {
        fits_all(&self.approvers, person) && !self.may_be_by(person)
    }
}

/// Whether a person fits one of each list that isn't empty.
pub(crate) fn fits_all(approvers: &[Vec<Who>], person: &Principal) -> bool {
    person.authentication == Authentication::Process
        || approvers.iter().all(|list| list.is_empty() || list.iter().any(|who| who.fits(person)))
}

/// Whether somebody can ask for a second person: if nothing is known of who asks, nobody can be told
/// from them.
pub(crate) fn is_askable(person: &Principal) -> bool {
    match person.authentication {
        Authentication::OAuth | Authentication::Process => person.subject.is_some(),
        Authentication::Token => true,
        Authentication::Loopback => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(authentication: Authentication, subject: Option<&str>) -> Principal {
        Principal { subject: subject.map(str::to_owned), ..Principal::by(authentication) }
    }

    #[test]
    fn who_asks_and_who_is_not_known_are_no_second_person() {
        use Authentication::{Loopback, OAuth, Process, Token};
        let cases = [
            ((OAuth, Some("user_1")), (OAuth, Some("user_1")), false),
            ((OAuth, Some("user_1")), (OAuth, Some("user_2")), true),
            ((OAuth, Some("user_1")), (OAuth, None), false),
            ((OAuth, None), (OAuth, Some("user_1")), false),
            ((OAuth, Some("ann")), (Process, Some("ann")), true),
            ((Process, Some("ann")), (Process, Some("ann")), false),
            ((Process, Some("ann")), (Process, Some("bob")), true),
            ((Process, Some("ann")), (Process, None), false),
            ((Process, None), (Process, Some("ann")), false),
            ((Token, None), (Process, Some("ann")), true),
            ((Token, None), (Token, None), false),
            ((Loopback, None), (Process, Some("ann")), false),
            ((OAuth, Some("user_1")), (Token, None), false),
        ];
        for ((asked, asker), (by, approver), expected) in cases {
            let ask = Ask { asked_by: person(asked, asker), ..Ask::default() };
            let approver = person(by, approver);
            assert_eq!(ask.lets_approve(&approver), expected, "{:?} {approver:?}", ask.asked_by);
        }
    }

    #[test]
    fn a_person_whom_the_issuer_gives_two_ids_is_known_by_their_email_address() {
        let with = |subject, email: Option<&str>| Principal {
            email: email.map(str::to_owned),
            ..person(Authentication::OAuth, Some(subject))
        };
        let ask = Ask { asked_by: with("user_1", Some("ann@example.com")), ..Ask::default() };
        assert!(!ask.lets_approve(&with("user_2", Some("Ann@Example.com"))));
        assert!(ask.lets_approve(&with("user_2", Some("bob@example.com"))));
        assert!(ask.lets_approve(&with("user_2", None)));
        let ask = Ask { asked_by: with("user_1", None), ..Ask::default() };
        assert!(ask.lets_approve(&with("user_2", None)));
    }

    #[test]
    fn an_approver_fits_one_of_each_list() {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let ask = Ask {
            asked_by: person(Authentication::OAuth, Some("user_1")),
            approvers: vec![list(&["role:admin", "role:owner"]), Vec::new(), list(&["org:org_1"])],
            ..Ask::default()
        };
        let mut other = person(Authentication::OAuth, Some("user_2"));
        assert!(!ask.lets_approve(&other));
        other.roles = vec!["owner".to_owned()];
        assert!(!ask.lets_approve(&other));
        other.organization = Some("org_1".to_owned());
        assert!(ask.lets_approve(&other));
        other.subject = Some("user_1".to_owned());
        assert!(!ask.lets_approve(&other));
        let words = "somebody else who fits role:admin or role:owner, and org:org_1";
        assert_eq!(ask.approvers_in_words(), words);
    }
}
