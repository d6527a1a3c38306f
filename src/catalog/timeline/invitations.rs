//! Invitations to somebody, of an organization, and those that somebody sent.

use clerk_api::{Page, Request, Route};
use futures::future::try_join_all;
use serde_json::json;

use super::{
    case::{Case, Subject, Window},
    entry::Source,
    part::Part,
    sources::MOST,
    wire::{Invitation, Membership, page},
};
use crate::{Ctx, Error};

/// How many addresses of a user are looked for.
const ADDRESSES: usize = 3;
/// In how many organizations of a user those are looked for that they sent.
const ORGANIZATIONS: u64 = 5;

/// Those to the addresses and those that the user sent, or those of the organization.
pub(super) async fn invitations(ctx: &Ctx, case: &Case, window: Window) -> Result<Part, Error> {
    let (received, sent) = futures::join!(received(ctx, case, window), async {
        match (&case.subject, &case.user) {
            (Subject::User(_) | Subject::Email(_), Some(user)) => {
                Some(sent(ctx, user, window).await)
            }
            _ => None,
        }
    });
    let mut part = received?;
    match sent {
        None => {}
        Some(Ok(sent)) => {
            part.entries.extend(sent.entries);
            part.gaps.extend(sent.gaps);
        }
        Some(Err(error)) => {
            let error = ctx.redact(&error.to_string());
            let error = error.trim_end_matches('.');
            part = part.gap(&format!("those that the user sent can't be read: {error}."));
        }
    }
    Ok(part)
}

/// Those to the addresses, or those of the organization.
async fn received(ctx: &Ctx, case: &Case, window: Window) -> Result<Part, Error> {
    let by_address = |route, address: &String| {
        let fields = json!({ "query": address, "limit": MOST });
        Ok::<_, Error>(Request::new(route, &fields)?.with_query("paginated", "true"))
    };
    let mut requests = Vec::new();
    for address in case.addresses.iter().take(ADDRESSES) {
        requests.push(by_address(Route::get("/invitations"), address)?);
    }
    match (&case.subject, &case.user) {
        (Subject::Organization(id), _) => {
            let route = Route::get("/organizations/{organization_id}/invitations");
            requests.push(Request::new(route, &json!({ "organization_id": id, "limit": MOST }))?);
        }
        (Subject::Email(address), None) => {
            let fields = json!({ "query": address, "limit": MOST });
            requests.push(Request::new(Route::get("/organization_invitations"), &fields)?);
        }
        (_, Some(user)) => {
            let route = Route::get("/users/{user_id}/organization_invitations");
            requests.push(Request::new(route, &json!({ "user_id": user, "limit": MOST }))?);
        }
        _ => {}
    }
    let pages = requests.into_iter().map(|request| page::<Invitation>(ctx, request));
    let pages = try_join_all(pages).await?;
    let is_cut =
        |page: &Page<_>| page.total(MOST as u64, 0).is_none_or(|all| all > page.rows.len() as u64);
    let is_cut = pages.iter().any(is_cut);
    // Clerk finds parts of addresses too.
    let is_meant = |invitation: &Invitation| {
        let address = invitation.email_address.as_deref().unwrap_or_default();
        let is_same = |known: &String| known.eq_ignore_ascii_case(address);
        case.addresses.is_empty() || case.addresses.iter().any(is_same)
    };
    let rows = pages.iter().flat_map(|page| &page.rows).filter(|row| is_meant(row));
    let part = Part::new(Source::Invitations, rows.flat_map(Invitation::entries).collect(), window);
    let part = match case.addresses.len().checked_sub(ADDRESSES).filter(|more| *more > 0) {
        Some(more) => part.gap(&format!("{more} more addresses of the user weren't searched for.")),
        None => part,
    };
    Ok(if is_cut {
        part.gap(&format!("only the {MOST} newest of a list were read."))
    } else {
        part
    })
}

/// Those that the user sent. Clerk finds none by who sent it, so those of the user's organizations are
/// read.
async fn sent(ctx: &Ctx, user: &str, window: Window) -> Result<Part, Error> {
    let fields = json!({ "user_id": user, "limit": ORGANIZATIONS });
    let route = Route::get("/users/{user_id}/organization_memberships");
    let memberships = page::<Membership>(ctx, Request::new(route, &fields)?).await?;
    let all = memberships.total(ORGANIZATIONS, 0);
    let ids = memberships.rows.iter().filter_map(Membership::organization_id);
    let requests = ids.map(|id| {
        let route = Route::get("/organizations/{organization_id}/invitations");
        Request::new(route, &json!({ "organization_id": id, "limit": MOST }))
    });
    let requests = requests.collect::<Result<Vec<_>, _>>()?;
    let pages = try_join_all(requests.into_iter().map(|of| page::<Invitation>(ctx, of))).await?;
    let is_cut =
        |page: &Page<_>| page.total(MOST as u64, 0).is_none_or(|all| all > page.rows.len() as u64);
    let rows = pages.iter().flat_map(|page| &page.rows);
    let theirs = rows.filter(|row| row.inviter_id.as_deref() == Some(user));
    let entries = theirs.flat_map(Invitation::entries_of_sender).collect();
    let part = Part::new(Source::Invitations, entries, window);
    if all.is_none_or(|all| all > ORGANIZATIONS) {
        return Ok(part.gap(&format!(
            "those that the user sent were looked for in {ORGANIZATIONS} of their organizations."
        )));
    }
    Ok(if pages.iter().any(is_cut) {
        part.gap(&format!("of an organization the {MOST} newest were read."))
    } else {
        part
    })
}
