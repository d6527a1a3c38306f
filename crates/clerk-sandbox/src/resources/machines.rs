//! `/machines`: services of one's own that call each other.

use serde_json::{Value, json};

use super::Action::{Create, Delete, Do, List, Show, Update};
use super::{Call, Route};
use crate::body::Fields;
use crate::model::{Record, tables};
use crate::records::{self, Field, Kind, Search, Shape};
use crate::refusal::{
    FORM_PARAM_ARRAY_SIZE_EXCEEDED, FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID,
    FORM_RESOURCE_NOT_FOUND, MACHINE_SCOPE_EXISTS, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/machines", List(&MACHINE)),
    Route::post("/machines", Create(&MACHINE)),
    Route::get("/machines/{machine_id}", Show(&MACHINE)),
    Route::patch("/machines/{machine_id}", Update(&MACHINE)),
    Route::delete("/machines/{machine_id}", Delete(&MACHINE)),
    Route::get("/machines/{machine_id}/secret_key", Do(show_secret)),
    Route::post("/machines/{machine_id}/secret_key/rotate", Do(rotate_secret)),
    Route::post("/machines/{machine_id}/scopes", Do(add_scope)),
    Route::delete("/machines/{machine_id}/scopes/{other_machine_id}", Do(remove_scope)),
];

/// How many machines one may reach.
const MOST_SCOPES: usize = 150;

pub(super) const MACHINE: Kind = Kind {
    list: records::List {
        orders: &["created_at", "name"],
        search: Some(Search { parameter: "query", parts: &["name"], wholes: &["id"] }),
        ..records::List::PLAIN
    },
    complete,
    show: |store, machine| {
        let scopes: Vec<_> = machine.texts("scoped_machines").map(str::to_owned).collect();
        let others = scopes.iter().filter_map(|id| store.records.get(tables::MACHINE, id));
        let others = others.map(|other| {
            let mut other = MACHINE_IN_SCOPE.shown(store, other);
            other.remove("scoped_machines");
            json!(other)
        });
        let others: Vec<_> = others.collect();
        machine.set("scoped_machines", others);
    },
    remove: |store, machine| {
        for other in store.records.all_mut(tables::MACHINE) {
            without(other, machine.id());
        }
        store.records.retain(tables::M2M_TOKEN, |token| token.text("subject") != machine.id());
        Ok(())
    },
    ..MACHINE_IN_SCOPE
};

/// A machine without the machines that it reaches.
const MACHINE_IN_SCOPE: Kind = Kind::new(
    tables::MACHINE,
    "mch",
    "machine",
    &[
        Field::new("name", Shape::Name).required(),
        Field::derived("instance_id"),
        Field::new("default_token_ttl", Shape::Integer(1, 315_360_000)).or("3600"),
        Field::new("scoped_machines", Shape::Texts).or("[]").only_created(),
        Field::derived("secret_key").secret(),
        Field::derived("previous_secret_key").internal(),
        Field::derived("previous_valid_until").internal(),
    ],
);

fn complete(
    store: &mut Store,
    machine: &mut Record,
    before: Option<&Record>,
) -> Result<(), Refusal> {
    if before.is_some() {
        return Ok(());
    }
    for id in machine.texts("scoped_machines") {
        if store.records.get(tables::MACHINE, id).is_none() {
            let sentence = format!("No machine was found with id {id}");
            return Err(FORM_RESOURCE_NOT_FOUND.at("scoped_machines", sentence).into());
        }
    }
    check_number(machine.texts("scoped_machines").count())?;
    machine.set("instance_id", store.instance_id.clone());
    machine.set("secret_key", new_key(store));
    Ok(())
}

fn check_number(scopes: usize) -> Result<(), Refusal> {
    if scopes <= MOST_SCOPES {
        return Ok(());
    }
    let sentence = format!("scoped_machines should not exceed {MOST_SCOPES} items.");
    Err(FORM_PARAM_ARRAY_SIZE_EXCEEDED.at("scoped_machines", sentence).into())
}

fn new_key(store: &mut Store) -> Value {
    json!(store.secret("ak"))
}

/// The id of the machine whose secret key this is. A rotated key stays valid for a while.
pub(crate) fn holder(store: &Store, key: &str, now: i64) -> Option<String> {
    let found = MACHINE.find(store, |machine| {
        machine.text("secret_key") == key
            || machine.text("previous_secret_key") == key
                && machine.number("previous_valid_until") > now
    });
    found.map(|machine| machine.id().to_owned())
}

/// `GET /machines/{machine_id}/secret_key`
fn show_secret(store: &mut Store, call: &mut Call) -> Reply {
    Ok(secret_of(MACHINE.get(store, call.id())?))
}

/// `POST /machines/{machine_id}/secret_key/rotate`
fn rotate_secret(store: &mut Store, call: &mut Call) -> Reply {
    MACHINE.get(store, call.id())?;
    let mut fields = call.fields()?;
    let ttl = fields.count("previous_token_ttl").value();
    match ttl {
        None => fields.refuse(
            FORM_PARAM_MISSING.at("previous_token_ttl", "previous_token_ttl must be included."),
        ),
        Some(0..=28_800) => {}
        Some(_) => fields.refuse(
            FORM_PARAM_VALUE_INVALID
                .at("previous_token_ttl", "previous_token_ttl must be from 0 to 28800."),
        ),
    }
    fields.finish()?;
    let (key, now) = (new_key(store), store.now());
    let machine = MACHINE.get_mut(store, call.id())?;
    let previous = machine.get("secret_key").clone();
    let span = i64::try_from(ttl.unwrap_or_default()).unwrap_or_default() * crate::time::SECOND;
    machine.set("previous_secret_key", previous);
    machine.set("previous_valid_until", now + span);
    machine.set("secret_key", key);
    machine.set("updated_at", now);
    Ok(secret_of(machine))
}

fn secret_of(machine: &Record) -> axum::response::Response {
    reply::json(&json!({
        "object": "machine_secret_key",
        "secret": machine.get("secret_key"),
    }))
}

/// `POST /machines/{machine_id}/scopes`
fn add_scope(store: &mut Store, call: &mut Call) -> Reply {
    let scopes = MACHINE.get(store, call.id())?.texts("scoped_machines").count();
    let mut fields: Fields = call.fields()?;
    let other = fields.required("to_machine_id");
    fields.finish()?;
    MACHINE.get(store, &other)?;
    check_number(scopes + 1)?;
    let now = store.now();
    let machine = MACHINE.get_mut(store, call.id())?;
    let mut scopes: Vec<_> = machine.texts("scoped_machines").map(str::to_owned).collect();
    if scopes.contains(&other) {
        let sentence = "The machine has this scope already.";
        return Err(MACHINE_SCOPE_EXISTS.at("to_machine_id", sentence).into());
    }
    scopes.push(other.clone());
    machine.set("scoped_machines", scopes);
    machine.set("updated_at", now);
    Ok(reply::json(&json!({
        "object": "machine_scope",
        "from_machine_id": call.id(),
        "to_machine_id": other,
        "created_at": now,
    })))
}

/// `DELETE /machines/{machine_id}/scopes/{other_machine_id}`
fn remove_scope(store: &mut Store, call: &mut Call) -> Reply {
    let (id, other) = (call.id(), call.second_id());
    let machine = MACHINE.get_mut(store, id)?;
    if !without(machine, other) {
        let sentence = "The machine scope was not found.";
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    }
    Ok(reply::json(&json!({
        "object": "machine_scope",
        "from_machine_id": id,
        "to_machine_id": other,
        "deleted": true,
    })))
}

/// Removes a scope; whether there was one.
fn without(machine: &mut Record, other: &str) -> bool {
    let scopes: Vec<_> = machine.texts("scoped_machines").map(str::to_owned).collect();
    let kept: Vec<_> = scopes.iter().filter(|id| *id != other).cloned().collect();
    let is_changed = kept.len() < scopes.len();
    machine.set("scoped_machines", kept);
    is_changed
}
