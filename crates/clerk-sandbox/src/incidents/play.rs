//! Playing an incident.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::header;
use axum::routing::any_service;
use futures::FutureExt as _;
use serde_json::{Map, Value, json};

use super::file::{Act, File, Names};
use crate::Sandbox;
use crate::refusal::{INTERNAL_CLERK_ERROR, REQUEST_BODY_INVALID, Refusal};
use crate::state::Options;
use crate::store::Store;

/// The longest response that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// What came of an incident.
pub(crate) struct Played {
    /// The data after it.
    pub(crate) store: Store,
    /// The incident as the control API shows it.
    pub(crate) shown: Value,
}

/// Plays an incident on this data, which it leaves alone if it fails. The clock stands at each act's
/// time, and is as before in the end.
pub(crate) fn play(store: Store, name: &str, key: &str) -> Result<Played, Refusal> {
    let file = super::read(name)?;
    let (now, clock) = (store.time(), store.clock());
    // A sandbox of its own, without webhooks, limits and faults.
    let sandbox = Sandbox::new(Options { users: 0, ..Options::default() }).of_key(key);
    sandbox.replace(store);
    let router = sandbox.router();
    let mut saved = BTreeMap::new();
    for (offset, number, act) in file.all_acts() {
        sandbox.write().change_clock(|clock| {
            clock.freeze();
            clock.set(now + offset);
        });
        let names = Names { now, lists: &file.lists, saved: &saved };
        let response = send(&router, request(&file, act, &names, number, key)?)?;
        let body = check(response, act)?;
        for (name, field) in &act.save {
            let value = body.get(field).and_then(Value::as_str).unwrap_or_default();
            saved.insert(name.clone(), value.to_owned());
        }
    }
    let mut store = sandbox.read().clone();
    store.change_clock(|changed| *changed = clock);
    store.expire();
    // What happened long ago sends no webhooks.
    drop(store.take_events());
    let names = Names { now, lists: &file.lists, saved: &saved };
    let lines = story(&file, &names);
    let shown = json!({
        "object": "incident",
        "incident": name,
        "about": file.about,
        "now": now,
        "ids": saved,
        "story": lines,
    });
    Ok(Played { store, shown })
}

/// The request of an act, with the place of the end user in its body.
fn request(
    file: &File,
    act: &Act,
    names: &Names<'_>,
    number: usize,
    key: &str,
) -> Result<Request, Refusal> {
    let (method, path) = act.request.split_once(' ').unwrap_or_default();
    let mut body = Map::new();
    for (name, value) in &act.body {
        body.insert(name.clone(), names.fill_all(value, number));
    }
    let place = act.from.at(number).and_then(|name| file.places.get(name));
    body.extend(place.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    Request::builder()
        .method(method)
        .uri(names.fill(path, number))
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(Value::Object(body).to_string()))
        .map_err(|error| REQUEST_BODY_INVALID.because(error.to_string()).into())
}

/// The status of the response, and its body.
fn send(router: &Router, request: Request) -> Result<(u16, Value), Refusal> {
    let service = any_service(router.clone());
    let response = async {
        let response = Handler::<(), ()>::call(service, request, ()).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), LONGEST).await.unwrap_or_default();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    };
    // No handler waits for anything: all data is in memory.
    let waits = || INTERNAL_CLERK_ERROR.because("An act of an incident waits for something.");
    response.now_or_never().ok_or_else(|| waits().into())
}

/// The body of a response that has the status it should.
fn check((status, body): (u16, Value), act: &Act) -> Result<Value, Refusal> {
    if status == act.status {
        return Ok(body);
    }
    let error = body.pointer("/errors/0/long_message").and_then(Value::as_str);
    let sentence = format!(
        "The incident can't be played here: {} returned {status} instead of {}. {}",
        act.request,
        act.status,
        error.unwrap_or_default()
    );
    Err(REQUEST_BODY_INVALID.because(sentence).into())
}

/// The logs that tell the story, the oldest first.
fn story(file: &File, names: &Names<'_>) -> Vec<Value> {
    let all = file.all_lines().into_iter();
    let line = all.map(|(offset, number, line)| {
        let place = line.from.at(number).and_then(|name| file.places.get(name));
        json!({
            "at": names.now + offset,
            "type": line.kind,
            "who": names.fill(&line.who, number),
            "from": place.map(|place| {
                let location = place.get("location");
                let part = |name: &str| location.and_then(|location| location.get(name));
                json!({
                    "ip_address": place.get("ip_address"),
                    "city": part("city"),
                    "country": part("country"),
                })
            }),
        })
    });
    line.collect()
}
