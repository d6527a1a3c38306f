//! Where end users are when they do something.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use crate::act::{self, Act, By, Device};
use crate::body::Fields;
use crate::refusal::{FORM_PARAM_FORMAT_INVALID, REQUEST_BODY_TOO_LARGE, Refusal};

/// The longest body that is read, in bytes.
const MAX_BODY: usize = 1 << 20;

/// The middleware around all that end users do. It takes `ip_address`, `user_agent` and `location`,
/// with `city` and `country`, from the body, whichever act it is for.
pub(super) async fn take(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        let sentence = format!("The body must not be longer than {MAX_BODY} bytes.");
        return Refusal::from(REQUEST_BODY_TOO_LARGE.because(sentence)).into_response();
    };
    let under_way = act::current();
    let mut act = Act { by: By::EndUser, ..Act::clone(&under_way) };
    let mut body = Body::from(bytes.clone());
    // What isn't an object is for the act to refuse.
    if let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(&bytes) {
        match read(&mut fields, act.device) {
            Ok(device) => act.device = device,
            Err(refusal) => return refusal.into_response(),
        }
        // The length is that of what was sent.
        parts.headers.remove(header::CONTENT_LENGTH);
        body = Body::from(Value::Object(fields).to_string());
    }
    act::within(act, next.run(Request::from_parts(parts, body))).await
}

/// Takes what is said of the place out of an act's fields.
fn read(fields: &mut Map<String, Value>, device: Device) -> Result<Device, Refusal> {
    let names = ["ip_address", "user_agent", "location"];
    let given = names.iter().filter_map(|name| fields.shift_remove_entry(*name));
    let mut given = Fields::from(given.collect::<Map<_, _>>());
    let (ip_address, user_agent) = (given.text("ip_address"), given.text("user_agent"));
    let location = given.take("location").filter(|location| !location.is_null());
    let text = |name: &str| location.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let place = text("city").zip(text("country"));
    if location.is_some() && place.is_none() {
        let sentence = "location must have city and country, such as Vienna and AT.";
        given.refuse(FORM_PARAM_FORMAT_INVALID.at("location", sentence));
    }
    given.finish()?;
    Ok(Device {
        ip_address: ip_address.value().unwrap_or(device.ip_address),
        user_agent: user_agent.value().unwrap_or(device.user_agent),
        location: place,
    })
}
