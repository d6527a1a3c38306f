//! `/allowlist_identifiers` and `/blocklist_identifiers`, which have an effect once the instance's
//! restrictions are switched on.

use crate::Sandbox;
use crate::body::Fields;
use crate::model::Restricted;
use crate::query::{Id, NoQuery, Query};
use crate::refusal::{DUPLICATE_RECORD, FORM_PARAM_MISSING, RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, Paginated, Reply};
use crate::state::State;

/// One of the two lists.
#[derive(Debug, Clone, Copy)]
struct Kind {
    object: &'static str,
    prefix: &'static str,
    has_invitation: bool,
}

const ALLOWED: Kind = Kind { object: "allowlist_identifier", prefix: "alid", has_invitation: true };
const BLOCKED: Kind =
    Kind { object: "blocklist_identifier", prefix: "blid", has_invitation: false };

/// `GET /allowlist_identifiers`, a bare list unless `paginated`.
pub(crate) async fn list_allowed(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    query.finish()?;
    let found = of_kind(&sandbox, ALLOWED).into_iter();
    let list = page.newest_first(found, |restricted| restricted.created_at);
    Ok(reply::list(&list, is_paginated))
}

/// `GET /blocklist_identifiers`
pub(crate) async fn list_blocked(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    let data = of_kind(&sandbox, BLOCKED);
    let total_count = data.len();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `POST /allowlist_identifiers`
pub(crate) async fn allow(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    create(&sandbox, ALLOWED, fields)
}

/// `POST /blocklist_identifiers`
pub(crate) async fn block(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    create(&sandbox, BLOCKED, fields)
}

/// `DELETE /allowlist_identifiers/{identifier_id}`
pub(crate) async fn disallow(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    delete(&sandbox, ALLOWED, &id)
}

/// `DELETE /blocklist_identifiers/{identifier_id}`
pub(crate) async fn unblock(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    delete(&sandbox, BLOCKED, &id)
}

fn of_kind(sandbox: &Sandbox, kind: Kind) -> Vec<Restricted> {
    let store = sandbox.read();
    let of_kind = store.restricted.values().filter(|restricted| restricted.object == kind.object);
    of_kind.cloned().collect()
}

fn create(sandbox: &Sandbox, kind: Kind, mut fields: Fields) -> Reply {
    let mut store = sandbox.write();
    let identifier = fields.text("identifier").value().unwrap_or_default().trim().to_lowercase();
    if identifier.is_empty() {
        fields.refuse(FORM_PARAM_MISSING.at("identifier", "identifier must be included."));
    }
    if kind.has_invitation {
        let _notify = fields.flag("notify");
    }
    fields.finish()?;
    let mut others = store.restricted.values().filter(|other| other.object == kind.object);
    if others.any(|other| other.identifier == identifier) {
        let sentence = format!("the identifier {identifier} already exists");
        return Err(DUPLICATE_RECORD.at("identifier", sentence).into());
    }
    let (id, now) = (store.id(kind.prefix), store.now());
    let restricted = Restricted {
        object: kind.object,
        id: id.clone(),
        identifier_type: kind_of(&identifier),
        identifier,
        invitation_id: kind.has_invitation.then(String::new),
        instance_id: store.instance_id.clone(),
        created_at: now,
        updated_at: now,
    };
    store.restricted.insert(id, restricted.clone());
    Ok(reply::json(&restricted))
}

fn kind_of(identifier: &str) -> &'static str {
    if identifier.starts_with('+') {
        "phone_number"
    } else if identifier.starts_with("0x") {
        "web3_wallet"
    } else {
        "email_address"
    }
}

fn delete(sandbox: &Sandbox, kind: Kind, id: &str) -> Reply {
    let mut store = sandbox.write();
    let is_there = store.restricted.get(id).is_some_and(|found| found.object == kind.object);
    if !is_there {
        let missing: Refusal = RESOURCE_NOT_FOUND.because("Identifier not found.").into();
        return Err(missing);
    }
    store.restricted.shift_remove(id);
    Ok(reply::deleted(kind.object, id))
}
