//! Emails and text messages that the sandbox would have sent.

use serde::Serialize;
use serde_json::{Value, json};

/// What shall become of text messages to some numbers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SmsOutcome {
    /// A number, or how numbers begin.
    pub(crate) to: String,
    /// The last part of the log's type, such as `undeliverable`.
    pub(crate) outcome: &'static str,
    /// Why it fails, one of Clerk's reasons.
    pub(crate) reason: Option<String>,
}

/// How a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    Email,
    Sms,
}

/// A message in the inbox.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Message {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) channel: Channel,
    /// What kind of message it is, such as `verification_code`.
    pub(crate) slug: &'static str,
    /// The address or the number that it goes to.
    pub(crate) to: String,
    /// The user whom it goes to, if there is one already.
    pub(crate) user_id: Option<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// The code to verify with.
    pub(crate) code: Option<String>,
    /// The link to follow.
    pub(crate) url: Option<String>,
    pub(crate) created_at: i64,
}

impl Message {
    /// The type and the data of the event that tells of it.
    pub(crate) fn event(&self) -> (&'static str, Value) {
        let data = json!({ "otp_code": self.code, "action_url": self.url });
        match self.channel {
            Channel::Email => (
                "email.created",
                json!({
                    "object": "email",
                    "id": self.id,
                    "slug": self.slug,
                    "from_email_name": "notifications",
                    "reply_to_email_name": null,
                    "to_email_address": self.to,
                    "email_address_id": null,
                    "user_id": self.user_id,
                    "subject": self.subject,
                    "body": format!("<p>{}</p>", self.text),
                    "body_plain": self.text,
                    "status": "queued",
                    "data": data,
                    "delivered_by_clerk": true,
                }),
            ),
            Channel::Sms => (
                "sms.created",
                json!({
                    "object": "sms_message",
                    "id": self.id,
                    "slug": self.slug,
                    "from_phone_number": "+15555550100",
                    "to_phone_number": self.to,
                    "phone_number_id": null,
                    "user_id": self.user_id,
                    "message": self.text,
                    "status": "queued",
                    "data": data,
                    "delivered_by_clerk": true,
                    "created_at_ms": self.created_at,
                }),
            ),
        }
    }
}
