//! `/sandbox/clock`: the time of the instance.

use serde_json::{Value, json};

use crate::Sandbox;
use crate::body::OptionalFields;
use crate::query::NoQuery;
use crate::refusal::FORM_PARAM_VALUE_INVALID;
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;
use crate::time::{self, Clock, SECOND};

/// `GET /sandbox/clock`
pub(crate) async fn show(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(reply::json(&object(&sandbox.read())))
}

/// `POST /sandbox/clock` sets it, moves it on, and lets it stand still or run, in this order. What
/// expires until the new time has expired.
pub(crate) async fn change(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let is_reset = fields.flag("reset").value() == Some(true);
    let set = fields.date("now").value();
    let seconds = fields.count("advance").value().unwrap_or_default();
    let frozen = fields.flag("frozen").value();
    let now = sandbox.read().time();
    let start = match set {
        Some(time) => time,
        None if is_reset => time::clock(),
        None => now,
    };
    let end = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND);
    let end = start.saturating_add(end);
    if !time::is_writable(end) {
        let sentence = "advance must not lead beyond the year 9999.";
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("advance", sentence));
    }
    fields.finish()?;
    sandbox.change_clock(|clock| {
        if is_reset {
            *clock = Clock::default();
        }
        if set.is_some() || seconds > 0 {
            clock.set(end);
        }
        match frozen {
            Some(true) => clock.freeze(),
            Some(false) => clock.resume(),
            None => {}
        }
    });
    Ok(reply::json(&object(&sandbox.read())))
}

fn object(store: &Store) -> Value {
    let now = store.time();
    json!({
        "object": "clock",
        "now": now,
        "date": time::rfc3339(now),
        "frozen": store.clock().is_frozen(),
    })
}
