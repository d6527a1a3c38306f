//! `/waitlist_entries`.

use axum::response::Response;
use serde_json::json;

use super::Action::{Delete, Do, List};
use super::{Call, Route};
use crate::body::Fields;
use crate::model::{INVITATION_DAYS, Invitation, InvitationStatus, Metadata, Record, tables};
use crate::records::{self, Field, Filter, Kind, Search, Shape};
use crate::refusal::{
    Code, FORM_PARAM_ARRAY_SIZE_EXCEEDED, FORM_PARAM_DUPLICATE, Refusal,
    WAITLIST_ENTRY_ALREADY_COMPLETED, WAITLIST_ENTRY_ALREADY_INVITED,
    WAITLIST_ENTRY_ALREADY_REJECTED,
};
use crate::reply::{self, Reply};
use crate::store::Store;
use crate::time;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/waitlist_entries", List(&ENTRY)),
    Route::post("/waitlist_entries", Do(create)),
    Route::post("/waitlist_entries/bulk", Do(create_all)),
    Route::delete("/waitlist_entries/{waitlist_entry_id}", Delete(&ENTRY)),
    Route::post("/waitlist_entries/{waitlist_entry_id}/invite", Do(invite)),
    Route::post("/waitlist_entries/{waitlist_entry_id}/reject", Do(reject)),
];

/// How many entries one request may add.
const MOST: usize = 50;

const ENTRY: Kind = Kind {
    list: records::List {
        orders: &["created_at", "email_address", "invited_at"],
        search: Some(Search { parameter: "query", parts: &["email_address"], wholes: &["id"] }),
        filters: &[Filter::Choice(
            "status",
            "status",
            &["pending", "invited", "completed", "rejected"],
        )],
        ..records::List::PLAIN
    },
    remove: |_, entry| decided(entry, &[INVITED, COMPLETED]),
    ..Kind::new(
        tables::WAITLIST_ENTRY,
        "wle",
        "waitlist entry",
        &[
            Field::new("email_address", Shape::Email).required(),
            Field::derived("status").or(r#""pending""#),
            Field::derived("is_locked").or("false"),
            Field::derived("invitation"),
            Field::new("notify", Shape::Flag).or("true").internal(),
            Field::derived("invited_at").internal(),
        ],
    )
};

/// A status, and the error of what it no longer allows.
type Decided = (&'static str, &'static Code, &'static str);

const INVITED: Decided =
    ("invited", &WAITLIST_ENTRY_ALREADY_INVITED, "The waitlist entry has already been invited.");
const COMPLETED: Decided = (
    "completed",
    &WAITLIST_ENTRY_ALREADY_COMPLETED,
    "The waitlist entry has already been completed.",
);
const REJECTED: Decided =
    ("rejected", &WAITLIST_ENTRY_ALREADY_REJECTED, "The waitlist entry has already been rejected.");

/// Refuses an entry that has one of these statuses.
fn decided(entry: &Record, statuses: &[Decided]) -> Result<(), Refusal> {
    match statuses.iter().find(|(status, ..)| entry.text("status") == *status) {
        Some((_, code, sentence)) => Err(code.because(*sentence).into()),
        None => Ok(()),
    }
}

/// `POST /waitlist_entries`. An address that is on the list stays as it is.
fn create(store: &mut Store, call: &mut Call) -> Reply {
    let entry = read(store, call.fields()?)?;
    keep(store, &entry);
    Ok(ENTRY.reply(store, &entry))
}

/// Puts an entry on the list, unless it is there.
fn keep(store: &mut Store, entry: &Record) {
    if ENTRY.get(store, entry.id()).is_err() {
        store.happened("waitlistEntry.created", &ENTRY.shown(store, entry));
        store.records.put(tables::WAITLIST_ENTRY, entry.clone());
    }
}

/// The response that shows a changed entry.
fn changed(store: &mut Store, entry: &Record) -> Response {
    let shown = ENTRY.shown(store, entry);
    store.happened("waitlistEntry.updated", &shown);
    reply::json(&shown)
}

/// `POST /waitlist_entries/bulk`
fn create_all(store: &mut Store, call: &mut Call) -> Reply {
    let many = call.many_fields()?;
    if many.len() > MOST {
        let sentence = format!("The list should not exceed {MOST} items.");
        return Err(FORM_PARAM_ARRAY_SIZE_EXCEEDED.because(sentence).into());
    }
    // All of them, or none.
    let mut entries: Vec<Record> = Vec::new();
    for fields in many {
        let entry = read(store, fields)?;
        let address = entry.get("email_address");
        if entries.iter().any(|other| other.get("email_address") == address) {
            let sentence = format!("{address} contains duplicate values");
            return Err(FORM_PARAM_DUPLICATE.at("email_address", sentence).into());
        }
        entries.push(entry);
    }
    for entry in &entries {
        keep(store, entry);
    }
    let shown: Vec<_> = entries.iter().map(|entry| ENTRY.shown(store, entry)).collect();
    Ok(reply::json(&shown))
}

/// The entry of an address: the one that is on the list, or a new one.
fn read(store: &mut Store, mut fields: Fields) -> Result<Record, Refusal> {
    if let Some(address) = fields.text_of("email_address") {
        let known = ENTRY.find(store, |entry| entry.text("email_address") == address);
        if let Some(entry) = known.cloned() {
            let _known = (fields.take("email_address"), fields.flag("notify"));
            fields.finish()?;
            return Ok(entry);
        }
    }
    ENTRY.prepare(store, fields, Record::default())
}

/// `POST /waitlist_entries/{waitlist_entry_id}/invite`
fn invite(store: &mut Store, call: &mut Call) -> Reply {
    let entry = ENTRY.get(store, call.id())?.clone();
    let mut fields = call.fields()?;
    let again = fields.flag("ignore_existing").value() == Some(true);
    fields.finish()?;
    decided(&entry, if again { &[COMPLETED] } else { &[INVITED, COMPLETED] })?;
    let (id, now) = (store.id("inv"), store.now());
    let invitation = Invitation {
        object: "invitation",
        url: format!("https://accounts.example.com/sign-up/{id}"),
        id: id.clone(),
        email_address: entry.text("email_address").to_owned(),
        public_metadata: Metadata::new(),
        revoked: false,
        status: InvitationStatus::Pending,
        expires_at: time::days_after(now, INVITATION_DAYS),
        created_at: now,
        updated_at: now,
    };
    store.invitations.insert(id, invitation.clone());
    let entry = ENTRY.get_mut(store, call.id())?;
    entry.set("status", "invited");
    entry.set("invited_at", now);
    entry.set("invitation", json!(invitation));
    entry.set("updated_at", now);
    let entry = entry.clone();
    Ok(changed(store, &entry))
}

/// `POST /waitlist_entries/{waitlist_entry_id}/reject`
fn reject(store: &mut Store, call: &mut Call) -> Reply {
    decided(ENTRY.get(store, call.id())?, &[REJECTED, COMPLETED])?;
    let now = store.now();
    let entry = ENTRY.get_mut(store, call.id())?;
    entry.set("status", "rejected");
    entry.set("updated_at", now);
    let entry = entry.clone();
    Ok(changed(store, &entry))
}
