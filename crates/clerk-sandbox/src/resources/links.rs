//! `/admin_portal_link_tokens` and `/agents/tasks`: links that others open.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Action::{Create, Do};
use super::{Call, Route, expiry};
use crate::model::{Identifier, Record, tables};
use crate::records::{Field, Ids, Kind, Shape};
use crate::refusal::{
    AGENT_TASK_CANNOT_BE_REVOKED, AGENT_TASK_NOT_FOUND, FORM_PARAM_MISSING, RESOURCE_NOT_FOUND,
    Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/admin_portal_link_tokens", Do(create_link)),
    Route::post("/admin_portal_link_tokens/{adminPortalLinkTokenID}/revoke", Do(revoke_link)),
    Route::post("/agents/tasks", Create(&TASK)),
    Route::post("/agents/tasks/{agent_task_id}/revoke", Do(revoke_task)),
];

const LINK: Kind = Kind {
    ids: Ids::Hex("aplt"),
    show: expiry::show,
    complete: |store, link, _| {
        if let Some(organization) = link.get("organization_id").as_str() {
            store.organization_with_id(organization)?;
        }
        link.set("admin_portal_link_id", store.id("apl"));
        link.set("instance_id", store.instance_id.clone());
        link.set("token", store.secret("aplt"));
        expiry::set(store, link, Some(3_600));
        Ok(())
    },
    ..Kind::new(
        tables::ADMIN_PORTAL_LINK,
        "aplt",
        "admin portal link token",
        &[
            Field::derived("admin_portal_link_id"),
            Field::derived("instance_id"),
            Field::new("organization_id", Shape::Name),
            Field::new("it_contact_id", Shape::Name),
            Field::new("scopes", Shape::Texts),
            Field::derived("token").secret(),
            Field::derived("revoked").or("false"),
            Field::derived("revocation_reason"),
            Field::derived("expired").or("false"),
            Field::derived("expiration"),
            Field::new("seconds_until_expiration", Shape::Integer(0, 86_400)).internal(),
        ],
    )
};

const TASK: Kind = Kind {
    missing: &AGENT_TASK_NOT_FOUND,
    hides: &["id", "created_at", "updated_at"],
    complete: complete_task,
    ..Kind::new(
        tables::AGENT_TASK,
        "agtask",
        "agent task",
        &[
            Field::derived("agent_id"),
            Field::derived("agent_task_id"),
            Field::derived("task_id"),
            Field::derived("url").secret(),
            Field::derived("user_id").internal(),
            Field::new("on_behalf_of", Shape::Group(BEHALF)).required().internal(),
            Field::new("permissions", Shape::Choice(&["*"])).required().internal(),
            Field::new("agent_name", Shape::Name).required().internal(),
            Field::new("task_description", Shape::Name).required().internal(),
            Field::new("redirect_url", Shape::Url).required().internal(),
            Field::new("session_max_duration_in_seconds", Shape::Integer(1, i64::MAX))
                .or("1800")
                .internal(),
            Field::derived("status").or(r#""pending""#).internal(),
        ],
    )
};

/// For whom an agent acts: by id, or by another identifier.
const BEHALF: &[Field] =
    &[Field::new("user_id", Shape::Name), Field::new("identifier", Shape::Name)];

/// `POST /admin_portal_link_tokens`
fn create_link(store: &mut Store, call: &mut Call) -> Reply {
    let link = LINK.add(store, call.fields()?, Record::default())?;
    Ok(reply::json_with(StatusCode::CREATED, &LINK.shown_once(store, &link)))
}

/// `POST /admin_portal_link_tokens/{adminPortalLinkTokenID}/revoke`
fn revoke_link(store: &mut Store, call: &mut Call) -> Reply {
    expiry::revoke(&LINK, store, call)
}

/// An agent keeps its id from one task to the next.
fn complete_task(store: &mut Store, task: &mut Record, _: Option<&Record>) -> Result<(), Refusal> {
    let user = user_of(store, task.get("on_behalf_of"))?;
    let known = TASK.find(store, |other| other.get("agent_name") == task.get("agent_name"));
    let known = known.map(|other| other.text("agent_id").to_owned());
    let agent = known.unwrap_or_else(|| store.id("agent"));
    let ticket = store.secret("ticket");
    let id = task.id().to_owned();
    task.set("agent_id", agent);
    task.set("agent_task_id", id.clone());
    task.set("task_id", id);
    task.set("user_id", user);
    task.set("url", format!("https://accounts.example.com/agents/tasks?ticket={ticket}"));
    Ok(())
}

fn user_of(store: &Store, behalf: &Value) -> Result<String, Refusal> {
    if let Some(id) = behalf.get("user_id").and_then(Value::as_str) {
        return store.user(id).map(|user| user.id.clone());
    }
    let Some(identifier) = behalf.get("identifier").and_then(Value::as_str) else {
        let sentence = "at least one of `user_id`, `identifier` must be provided";
        return Err(FORM_PARAM_MISSING.at("on_behalf_of", sentence).into());
    };
    let kinds = [Identifier::EmailAddress, Identifier::PhoneNumber, Identifier::Username];
    let user = store.user_with(&kinds, identifier);
    user.map(|user| user.id.clone()).ok_or_else(|| {
        let sentence = format!("No user was found with identifier {identifier}.");
        RESOURCE_NOT_FOUND.at("on_behalf_of", sentence).into()
    })
}

/// `POST /agents/tasks/{agent_task_id}/revoke`
fn revoke_task(store: &mut Store, call: &mut Call) -> Reply {
    let now = store.now();
    let task = TASK.get_mut(store, call.id())?;
    if task.text("status") != "pending" {
        let sentence = "cannot revoke agent task";
        return Err(AGENT_TASK_CANNOT_BE_REVOKED.because(sentence).into());
    }
    task.set("status", "revoked");
    task.set("updated_at", now);
    Ok(reply::json(&json!({
        "object": "agent_task",
        "agent_id": task.get("agent_id"),
        "agent_task_id": task.id(),
        "task_id": task.id(),
    })))
}
