//! Asking all sources at once.

use clerk_api::{Page, Request, Route};
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use serde_json::json;

use super::{
    case::{Case, Subject, Window},
    entry::{Entry, Source, joined},
    invitations::invitations,
    logs::logs,
    part::{self, Part},
    wire::{Organization, Session, page, read},
};
use crate::{
    Ctx, Error,
    audit::{About, Account, Logged},
    catalog::events::summary::Summary,
    events::{Filter, Holds, Stored},
    text::clean_text,
    tool::date::{UnixTime, iso},
};

/// How many rows of one source are read.
pub(super) const MOST: usize = 200;
/// Where an event has an IP address.
const IP: &[&str] =
    &["$.event_attributes.http_request.client_ip", "$.data.latest_activity.ip_address"];
/// Where an event has an email address.
const EMAIL: &[&str] = &["$.data.email_address", "$.data.to_email_address"];

/// What the sources say beside the one that the case was opened with.
pub(super) async fn all(ctx: &Ctx, case: &Case, window: Window) -> Vec<Part> {
    let mut sources: Vec<BoxFuture<'_, Part>> = vec![
        part::of(ctx, Source::Logs, logs(ctx, case, window)).boxed(),
        part::of(ctx, Source::Events, events(ctx, case, window)).boxed(),
        part::of(ctx, Source::Audit, audit(ctx, case, window)).boxed(),
    ];
    if let (Some(user), Subject::User(_) | Subject::Email(_)) = (&case.user, &case.subject) {
        sources.push(part::of(ctx, Source::Sessions, sessions(ctx, user, window)).boxed());
    }
    if let Subject::Organization(id) = &case.subject {
        sources.push(part::of(ctx, Source::Organization, organization(ctx, id, window)).boxed());
    }
    if matches!(case.subject, Subject::User(_) | Subject::Email(_) | Subject::Organization(_)) {
        sources.push(part::of(ctx, Source::Invitations, invitations(ctx, case, window)).boxed());
    }
    join_all(sources).await
}

async fn sessions(ctx: &Ctx, user: &str, window: Window) -> Result<Part, Error> {
    let request =
        Request::new(Route::get("/sessions"), &json!({ "user_id": user, "limit": MOST }))?
            .with_query("paginated", "true");
    let Page { rows, total } = page::<Session>(ctx, request).await?;
    let is_cut = total.map_or(rows.len() >= MOST, |total| total > rows.len() as u64);
    let oldest = rows.iter().filter_map(|session| session.created_at).map(UnixTime::milliseconds);
    let floor = oldest.min().filter(|_| is_cut);
    let entries = rows.iter().flat_map(Session::entries).collect();
    let part = Part::new(Source::Sessions, entries, window);
    Ok(match floor {
        // There is no page by time, so a later call doesn't come to older ones.
        Some(floor) => part.gap(&format!(
            "only the {} newest are here; of those created before {} nothing.",
            rows.len(),
            iso(floor)
        )),
        None => part,
    })
}

async fn organization(ctx: &Ctx, id: &str, window: Window) -> Result<Part, Error> {
    let route = Route::get("/organizations/{organization_id}");
    let request = Request::new(route, &json!({ "organization_id": id }))?;
    let organization = read::<Organization>(ctx, request).await?;
    Ok(Part::new(Source::Organization, organization.entries(), window))
}

async fn events(ctx: &Ctx, case: &Case, window: Window) -> Result<Part, Error> {
    const HIDDEN: &str = "are of the server's own instance, and you have a key of your own.";
    const OFF: &str = "this server receives none; an operator turns them on with --events.";
    let source = Source::Events;
    let Some(events) = ctx.events() else {
        return Ok(Part::missing(source, if ctx.is_callers_key() { HIDDEN } else { OFF }));
    };
    let holds = |paths, text: &String| Some(Holds { paths, text: text.clone() });
    let filter = Filter { since: window.after, until: window.before, ..Filter::default() };
    let filter = match (&case.subject, &case.user) {
        // They have no trace ID.
        (Subject::Trace(_), _) => return Ok(Part::new(source, Vec::new(), window)),
        (Subject::Session(id), _) => Filter { session_id: Some(id.clone()), ..filter },
        (Subject::Organization(id), _) => Filter { organization_id: Some(id.clone()), ..filter },
        (Subject::Ip(address), _) => Filter { holds: holds(IP, address), ..filter },
        (Subject::Email(address), None) => Filter { holds: holds(EMAIL, address), ..filter },
        (_, user) => Filter { user_id: user.clone(), ..filter },
    };
    let page = events.page(filter, MOST as u64, 0).await?;
    let since = events.since().await?;
    let floor = page.rows.last().map(|row| row.event.at);
    let floor = floor.filter(|_| page.total > page.rows.len() as u64);
    let rows = events.before(page.rows).await?;
    let described = tokio::task::spawn_blocking(move || {
        rows.iter().map(|(row, before)| entry(row, before.as_ref())).collect()
    });
    let entries = described.await.map_err(|_| Error::Internal("an event can't be described"))?;
    let part = Part::new(source, entries, window).down_to(floor);
    Ok(match since {
        None => part.gap("none has been received yet."),
        Some(since) if window.after.is_none_or(|after| after < since) => {
            part.gap(&format!("received since {}; nothing from before.", iso(since)))
        }
        Some(_) => part,
    })
}

/// An event. It doesn't say who did it.
fn entry(row: &Stored, before: Option<&Stored>) -> Entry {
    let Summary { changed, from, .. } = Summary::of(row, before);
    let event = &row.event;
    let ids = [&event.user_id, &event.organization_id, &event.session_id, &event.object_id];
    Entry {
        on: event.object_id.clone(),
        from,
        about: (!changed.is_empty()).then(|| changed.join("; ")),
        object: event.object_id.clone(),
        related: ids.into_iter().flatten().cloned().collect(),
        session: event.session_id.clone(),
        ..Entry::new(Source::Events, &event.id, event.at, &event.kind)
    }
}

async fn audit(ctx: &Ctx, case: &Case, window: Window) -> Result<Part, Error> {
    let Some(audit) = ctx.audit().cloned() else {
        return Ok(Part::missing(
            Source::Audit,
            "this server keeps none; an operator turns it on with --audit.",
        ));
    };
    let (mut names, mut trace_id) = (case.addresses.clone(), None);
    match &case.subject {
        Subject::Trace(id) => trace_id = Some(id.clone()),
        Subject::Session(id) => names.push(id.clone()),
        subject => names.push(subject.text().to_owned()),
    }
    if !matches!(case.subject, Subject::Session(_)) {
        names.extend(case.user.clone());
    }
    let instance = ctx.key().ok().map(clerk_api::SecretKey::fingerprint);
    let Window { after, before } = window;
    let wanted = About { names, trace_id, after, before, instance, most: MOST };
    let account = tokio::task::spawn_blocking(move || audit.about(&wanted)).await;
    let Ok(Ok(account)) = account else {
        let why = account.ok().and_then(Result::err).map(|error| error.kind().to_string());
        let why = format!("can't be read: {}.", why.as_deref().unwrap_or("its thread failed"));
        return Ok(Part::missing(Source::Audit, &why));
    };
    Ok(of_account(ctx, window, account))
}

fn of_account(ctx: &Ctx, window: Window, account: Account) -> Part {
    let Account { writes, more, of_other_keys, since, unreadable } = account;
    let floor = writes.last().map(|write| write.at).filter(|_| more > 0);
    let entries = writes.into_iter().map(write_entry).collect();
    let mut part = Part::new(Source::Audit, entries, window).down_to(floor);
    match since {
        None => part = part.gap("has no writes yet."),
        Some(since) if window.after.is_none_or(|after| after < since) => {
            part = part.gap(&format!("kept since {}; nothing from before.", iso(since)));
        }
        Some(_) => {}
    }
    if of_other_keys > 0 && !ctx.is_callers_key() {
        part = part.gap(&format!(
            "{of_other_keys} writes that name it were made with another secret key and aren't here."
        ));
    }
    if unreadable > 0 {
        part = part.gap(&format!("{unreadable} lines can't be read."));
    }
    part
}

/// A write through this server.
fn write_entry(write: Logged) -> Entry {
    let Logged { at, call, client, who, tool, target, reason, outcome, code, trace_id, id } = write;
    let target = target.or(id);
    let reason = reason.map(|reason| format!("reason: {}", clean_text(&reason, 120)));
    Entry {
        who: match (client, who) {
            (Some(client), Some(who)) => Some(format!("MCP client {client} for {who}")),
            (Some(client), None) => Some(format!("MCP client {client}")),
            (None, who) => who,
        },
        on: target.clone(),
        about: joined([Some(&*outcome), code.as_deref(), reason.as_deref()]),
        related: target.into_iter().collect(),
        trace: trace_id,
        ..Entry::new(Source::Audit, &call, at, &tool)
    }
}
