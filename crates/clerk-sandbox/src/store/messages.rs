//! The inbox: what the sandbox would have sent to people.

use super::Store;
use crate::model::{Channel, Message};
use crate::time::SECOND;

/// How many messages are kept; the oldest are dropped.
const KEPT: usize = 1_000;

/// How long a code is valid.
const CODE_VALID: i64 = 600 * SECOND;

/// The code of all test addresses and numbers.
/// <https://clerk.com/docs/guides/development/testing/test-emails-and-phones>
pub(crate) const TEST_CODE: &str = "424242";

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
}

impl Store {
    /// Puts a message into the inbox and tells of it by an event.
    pub(crate) fn send(&mut self, draft: Draft) {
        let Draft { channel, slug, to, user_id, subject, code, url } = draft;
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
    }

    /// Sends a code to an address or a number, and returns it with the time it is valid until. In a
    /// development instance a test address gets no message, and its code is always the same.
    pub(crate) fn send_code(
        &mut self,
        channel: Channel,
        to: &str,
        user_id: Option<&str>,
        is_live: bool,
    ) -> (String, i64) {
        let valid_until = self.time() + CODE_VALID;
        if !is_live && is_test(channel, to) {
            return (TEST_CODE.to_owned(), valid_until);
        }
        let code = format!("{:06}", self.rng.u32(..1_000_000));
        self.send(Draft {
            channel,
            slug: "verification_code",
            to: to.to_owned(),
            user_id: user_id.map(str::to_owned),
            subject: format!("{code} is your verification code"),
            code: Some(code.clone()),
            url: None,
        });
        (code, valid_until)
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
