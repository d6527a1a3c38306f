//! The inbox: what the sandbox would have sent to people.

use serde_json::json;

use super::Store;
use crate::model::{Channel, Message, Record};
use crate::time::SECOND;

/// How many messages are kept; the oldest are dropped.
const KEPT: usize = 1_000;

/// How long a code is valid.
const CODE_VALID: i64 = 600 * SECOND;

/// The code of all test addresses and numbers.
/// <https://clerk.com/docs/guides/development/testing/test-emails-and-phones>
pub(crate) const TEST_CODE: &str = "424242";

/// The dialling codes of countries that instances may block, as far as the sandbox knows them. None
/// begins with another.
const DIALLING_CODES: [(&str, &str); 15] = [
    ("AT", "+43"),
    ("AU", "+61"),
    ("BR", "+55"),
    ("CH", "+41"),
    ("CN", "+86"),
    ("DE", "+49"),
    ("ES", "+34"),
    ("FR", "+33"),
    ("GB", "+44"),
    ("IN", "+91"),
    ("IT", "+39"),
    ("JP", "+81"),
    ("NG", "+234"),
    ("PK", "+92"),
    ("US", "+1"),
];

/// Which message to send.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) channel: Channel,
    pub(crate) slug: &'static str,
    pub(crate) to: String,
    pub(crate) user_id: Option<String>,
    pub(crate) subject: String,
    pub(crate) code: Option<String>,
    pub(crate) url: Option<String>,
    /// What it is sent for: `sign_in`, `sign_up`, `user`, `invitation`.
    pub(crate) source: &'static str,
}

/// A code that was to be sent just now.
#[derive(Debug)]
pub(crate) struct SentNow {
    pub(crate) code: String,
    /// Until when it is valid.
    pub(crate) expires_at: i64,
    /// False if the message is not sent at all.
    pub(crate) is_sent: bool,
}

impl Store {
    /// Puts a message into the inbox and tells of it by an event. False if it isn't sent at all.
    pub(crate) fn send(&mut self, draft: Draft) -> bool {
        if draft.channel == Channel::Sms && !self.log_sms(&draft) {
            return false;
        }
        let Draft { channel, slug, to, user_id, subject, code, url, source: _ } = draft;
        let prefix = match channel {
            Channel::Email => "ema",
            Channel::Sms => "sms",
        };
        let text = match (&code, &url) {
            (None, Some(url)) => format!("{subject}: {url}"),
            _ => subject.clone(),
        };
        let message = Message {
            object: "message",
            id: self.id(prefix),
            channel,
            slug,
            to,
            user_id,
            subject,
            text,
            code,
            url,
            created_at: self.time(),
        };
        self.events.push(message.event());
        if self.inbox.len() >= KEPT {
            self.inbox.pop_front();
        }
        self.inbox.push_back(message);
        true
    }

    /// Logs what becomes of a text message, and returns whether anything is sent.
    fn log_sms(&mut self, draft: &Draft) -> bool {
        let user = draft.user_id.as_ref().and_then(|id| self.users.get(id));
        let phones = user.iter().flat_map(|user| &user.phone_numbers);
        let phone = phones.into_iter().find(|phone| phone.number == draft.to);
        let mut about: Record = [
            ("phone_number", json!(draft.to)),
            ("user_id", json!(draft.user_id)),
            ("phone_number_id", json!(phone.map(|phone| &phone.id))),
            ("slug", json!(draft.slug)),
            ("source_type", json!(draft.source)),
            ("purpose", json!("verification")),
            ("channel", json!("sms")),
        ]
        .into_iter()
        .collect();
        let outcomes = self.settings.sms_outcomes.iter();
        let set = outcomes.into_iter().find(|outcome| draft.to.starts_with(&outcome.to)).cloned();
        let outcome = set.as_ref().map_or("delivered", |set| set.outcome);
        let is_blocked = self.is_blocked_country(&draft.to);
        let is_sent = !is_blocked && outcome != "failed";
        if !is_sent || outcome == "undeliverable" {
            let blocked = is_blocked.then(|| "country_not_supported".to_owned());
            let reason = blocked.or(set.and_then(|set| set.reason));
            about.set("reason", reason.unwrap_or_else(|| "unknown".to_owned()));
            about.set("rejected_before_send", is_blocked);
        }
        if !is_sent {
            self.log("sms.failed", &about);
            return false;
        }
        self.log("sms.accepted", &about);
        if outcome != "accepted" {
            self.log(&format!("sms.{outcome}"), &about);
        }
        true
    }

    /// Whether the settings keep text messages from a number's country.
    fn is_blocked_country(&self, to: &str) -> bool {
        let blocked = &self.settings.blocked_country_codes;
        let is_blocked =
            |country: &str| blocked.iter().any(|blocked| blocked.eq_ignore_ascii_case(country));
        DIALLING_CODES.iter().any(|(country, code)| to.starts_with(code) && is_blocked(country))
    }

    /// Sends a code to an address or a number. In a
    /// development instance a test address gets no message, and its code is always the same.
    pub(crate) fn send_code(
        &mut self,
        channel: Channel,
        to: &str,
        user_id: Option<&str>,
        source: &'static str,
        is_live: bool,
    ) -> SentNow {
        let expires_at = self.time() + CODE_VALID;
        if !is_live && is_test(channel, to) {
            return SentNow { code: TEST_CODE.to_owned(), expires_at, is_sent: true };
        }
        let code = format!("{:06}", self.rng.u32(..1_000_000));
        let is_sent = self.send(Draft {
            channel,
            slug: "verification_code",
            to: to.to_owned(),
            user_id: user_id.map(str::to_owned),
            subject: format!("{code} is your verification code"),
            code: Some(code.clone()),
            url: None,
            source,
        });
        SentNow { code, expires_at, is_sent }
    }

    /// All messages that are kept, the oldest first.
    pub(crate) fn inbox(&self) -> impl Iterator<Item = &Message> {
        self.inbox.iter()
    }

    pub(crate) fn clear_inbox(&mut self) {
        self.inbox.clear();
    }
}

/// Whether an address or a number is one of those that Clerk's test mode is for: `+clerk_test` in
/// the address, or a number such as +1 555 555 0100, from 0100 to 0199.
fn is_test(channel: Channel, to: &str) -> bool {
    match channel {
        Channel::Email => {
            to.split_once('@').is_some_and(|(local, _)| local.contains("+clerk_test"))
        }
        Channel::Sms => to.strip_prefix("+1").is_some_and(|number| {
            number.len() == 10
                && number.get(3..8) == Some("55501")
                && number.bytes().all(|digit| digit.is_ascii_digit())
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_addresses_and_numbers() {
        for (channel, to, is) in [
            (Channel::Email, "jane+clerk_test@example.com", true),
            (Channel::Email, "jane+clerk_test1@example.com", true),
            (Channel::Email, "jane@clerk_test.example.com", false),
            (Channel::Email, "jane@example.com", false),
            (Channel::Sms, "+15555550100", true),
            (Channel::Sms, "+12015550199", true),
            (Channel::Sms, "+12015550200", false),
            (Channel::Sms, "+442015550199", false),
        ] {
            assert_eq!(is_test(channel, to), is, "{to}");
        }
    }
}
