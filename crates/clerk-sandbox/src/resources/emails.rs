//! `/email`, which the JavaScript SDK marks as experimental. No email is sent: it is kept, with the
//! status of one that was accepted.

use serde_json::{Map, Value, json};

use super::Action::{Do, Show};
use super::{Call, Route};
use crate::body::Fields;
use crate::model::{Record, tables};
use crate::records::{Field, Kind, Shape};
use crate::refusal::{
    FORM_PARAM_ARRAY_SIZE_EXCEEDED, FORM_PARAM_MISSING, IDEMPOTENCY_CONFLICT, Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/email", Do(create)),
    Route::post("/email/batch", Do(create_all)),
    Route::get("/email/{email_id}", Show(&EMAIL)),
];

/// How many emails one request may send.
const MOST: usize = 100;

const EMAIL: Kind = Kind {
    complete,
    hides: &["created_at", "updated_at"],
    ..Kind::new(
        tables::EMAIL,
        "ema",
        "email",
        &[
            Field::new("to", Shape::Group(RECIPIENT)).required().internal(),
            Field::new("from", Shape::Group(MAILBOX)).required().internal(),
            Field::new("reply_to", Shape::Group(MAILBOX)).internal(),
            Field::new("subject", Shape::Name).required(),
            Field::new("html", Shape::Text).internal(),
            Field::new("text", Shape::Text).internal(),
            Field::new("cc", Shape::Texts).internal(),
            Field::new("bcc", Shape::Texts).internal(),
            Field::new("headers", Shape::Object).internal(),
            Field::new("attachments", Shape::Groups(ATTACHMENT)).internal(),
            Field::new("idempotency_key", Shape::Name).internal(),
            Field::derived("slug"),
            Field::derived("from_email_name"),
            Field::derived("to_email_address"),
            Field::derived("email_address_id"),
            Field::derived("user_id"),
            Field::derived("body"),
            Field::derived("body_plain"),
            Field::derived("status").or(r#""accepted""#),
            Field::derived("data"),
            Field::derived("delivered_by_clerk").or("true"),
            Field::derived("suppression_reason"),
        ],
    )
};

const RECIPIENT: &[Field] =
    &[Field::new("address", Shape::Email), Field::new("user_id", Shape::Name)];

const MAILBOX: &[Field] =
    &[Field::new("address", Shape::Email).required(), Field::new("name", Shape::Text)];

const ATTACHMENT: &[Field] = &[
    Field::new("filename", Shape::Name).required(),
    Field::new("content", Shape::Text).required(),
];

fn complete(store: &mut Store, email: &mut Record, _: Option<&Record>) -> Result<(), Refusal> {
    let text_at = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let to = email.get("to").clone();
    match (text_at(&to, "user_id"), text_at(&to, "address")) {
        (Some(id), _) => {
            let user = store.user(&id)?;
            let address = user.email_addresses.first();
            email.set("user_id", id);
            email.set("to_email_address", json!(address.map(|email| &email.address)));
            email.set("email_address_id", json!(address.map(|email| &email.id)));
        }
        (None, Some(address)) => email.set("to_email_address", address),
        (None, None) => {
            let sentence = "at least one of `to.address`, `to.user_id` must be provided";
            return Err(FORM_PARAM_MISSING.at("to", sentence).into());
        }
    }
    let (html, text) = (email.get("html").clone(), email.get("text").clone());
    if html.is_null() && text.is_null() {
        let sentence = "at least one of `html`, `text` must be provided";
        return Err(FORM_PARAM_MISSING.at("html", sentence).into());
    }
    let from = text_at(email.get("from"), "address").unwrap_or_default();
    email.set("from_email_name", from.split('@').next().unwrap_or_default());
    email.set("body", if html.is_null() { text.clone() } else { html });
    email.set("body_plain", text);
    Ok(())
}

/// `POST /email`. The same key and the same request send nothing again.
fn create(store: &mut Store, call: &mut Call) -> Reply {
    let mut given: Map<String, Value> = call.object()?;
    if let Some(key) = call.headers.get("idempotency-key").and_then(|key| key.to_str().ok()) {
        given.insert("idempotency_key".to_owned(), json!(key));
    }
    let email = send(store, given.into())?;
    Ok(EMAIL.reply(store, &email))
}

/// `POST /email/batch`: each is sent, or refused, on its own.
fn create_all(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let messages = if let Some(Value::Array(messages)) = fields.take("messages") {
        messages
    } else {
        fields.refuse_missing("messages");
        Vec::new()
    };
    if messages.len() > MOST {
        let sentence = format!("messages should not exceed {MOST} items.");
        fields.refuse(FORM_PARAM_ARRAY_SIZE_EXCEEDED.at("messages", sentence));
    }
    fields.finish()?;
    let mut results = Vec::new();
    for (index, message) in messages.into_iter().enumerate() {
        let message = message.as_object().cloned().unwrap_or_default();
        results.push(match send(store, message.into()) {
            Ok(email) => {
                json!({ "index": index, "status_code": 200, "email": EMAIL.shown(store, &email) })
            }
            Err(refusal) => json!({
                "index": index,
                "status_code": refusal.status().as_u16(),
                "errors": refusal.errors(),
            }),
        });
    }
    Ok(reply::json(&results))
}

fn send(store: &mut Store, fields: Fields) -> Result<Record, Refusal> {
    let email = EMAIL.prepare(store, fields, Record::default())?;
    let key = email.get("idempotency_key");
    let earlier = EMAIL.find(store, |other| !key.is_null() && other.get("idempotency_key") == key);
    let Some(earlier) = earlier else {
        store.records.put(tables::EMAIL, email.clone());
        return Ok(email);
    };
    if ["to", "from", "subject", "body"].iter().all(|name| earlier.get(name) == email.get(name)) {
        return Ok(earlier.clone());
    }
    let sentence = "The idempotency key was used with another email.";
    Err(IDEMPOTENCY_CONFLICT.at("idempotency_key", sentence).into())
}
