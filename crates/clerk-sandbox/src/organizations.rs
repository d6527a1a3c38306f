//! `/organizations`.

mod change;
mod create;

use std::cmp::Ordering;
use std::collections::HashSet;

use axum::extract::State;

pub(crate) use change::{delete, merge_metadata, replace_metadata, update};
pub(crate) use create::create;

use super::Sandbox;
use super::model::{Organization, OrganizationReply};
use super::query::{Id, Query, Signed};
use super::reply::{self, Paginated, Reply};
use super::store::Store;

/// How two organizations compare, ascending.
type Compare = fn(&Row<'_>, &Row<'_>) -> Ordering;

const CREATED_AT: (&str, Compare) = ("created_at", |left, right| {
    let created_at = |row: &Row| row.organization.created_at;
    created_at(left).cmp(&created_at(right))
});

/// The fields of `order_by`.
const ORDERS: [(&str, Compare); 3] = [
    CREATED_AT,
    ("name", |left, right| left.organization.name.cmp(&right.organization.name)),
    ("members_count", |left, right| left.members_count.cmp(&right.members_count)),
];

/// `GET /organizations`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let extras = Extras::read(&mut query);
    let filter = Filter::read(&mut query);
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    let rows: Vec<_> =
        filter.select(&store).map(|organization| Row::new(organization, &store)).collect();
    let total_count = rows.len();
    let rows = page.cut(rows, |left, right| {
        let ascending =
            (order.key)(left, right).then_with(|| left.organization.id.cmp(&right.organization.id));
        if order.descending { ascending.reverse() } else { ascending }
    });
    let data: Vec<_> = rows.iter().map(|row| extras.reply(row, &store)).collect();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `GET /organizations/{organization_id}`, where a slug will do as well.
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let extras = Extras::read(&mut query);
    query.finish()?;
    let store = sandbox.read();
    let row = Row::new(store.organization(&id)?, &store);
    Ok(reply::json(&extras.reply(&row, &store)))
}

/// An organization with what it may be sorted by.
#[derive(Debug)]
struct Row<'a> {
    organization: &'a Organization,
    members_count: usize,
}

impl<'a> Row<'a> {
    fn new(organization: &'a Organization, store: &Store) -> Self {
        let members_count = store.memberships.of_organization(&organization.id).len();
        Self { organization, members_count }
    }
}

/// What an answer says about an organization only if asked.
#[derive(Debug)]
struct Extras {
    counts: bool,
    missing_administrator: bool,
}

impl Extras {
    fn read(query: &mut Query) -> Self {
        let mut is_set = |name| query.flag(name) == Some(true);
        Self {
            counts: is_set("include_members_count"),
            missing_administrator: is_set("include_missing_member_with_elevated_permissions"),
        }
    }

    fn reply<'a>(&self, row: &Row<'a>, store: &Store) -> OrganizationReply<'a> {
        let organization = row.organization;
        let has_administrator = store.memberships.administrators(&organization.id).next().is_some();
        OrganizationReply {
            members_count: self.counts.then_some(row.members_count),
            pending_invitations_count: self.counts.then(|| pending(organization, store)),
            missing_member_with_elevated_permissions: self
                .missing_administrator
                .then_some(!has_administrator),
            ..OrganizationReply::from(organization)
        }
    }
}

fn pending(organization: &Organization, store: &Store) -> usize {
    let invitations = store.invitations.values();
    invitations.filter(|it| it.is_of(&organization.id) && it.is_pending()).count()
}

/// Which organizations a list is about.
#[derive(Debug)]
struct Filter {
    text: Option<String>,
    organization_ids: Signed,
    user_ids: Signed,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        Self {
            text: query.text("query").map(|text| text.to_lowercase()),
            organization_ids: query.signed_set("organization_id"),
            user_ids: query.signed_set("user_id"),
        }
    }

    fn select<'a>(&'a self, store: &'a Store) -> impl Iterator<Item = &'a Organization> {
        let wanted = self.user_ids.included.as_ref();
        let wanted = wanted.map(|ids| organizations_of(store, ids));
        let unwanted = organizations_of(store, &self.user_ids.excluded);
        store.organizations.values().filter(move |organization| {
            let id = organization.id.as_str();
            wanted.as_ref().is_none_or(|wanted| wanted.contains(id))
                && !unwanted.contains(id)
                && self.organization_ids.allows(Some(id))
                && self.matches(organization)
        })
    }

    /// The id must be given whole, the name and the slug need not.
    fn matches(&self, organization: &Organization) -> bool {
        self.text.as_ref().is_none_or(|text| {
            organization.id.eq_ignore_ascii_case(text)
                || organization.name.to_lowercase().contains(text)
                || organization.slug.contains(text)
        })
    }
}

fn organizations_of<'a>(store: &'a Store, user_ids: &HashSet<String>) -> HashSet<&'a str> {
    let organizations = user_ids.iter().flat_map(|id| store.memberships.organizations_of(id));
    organizations.map(String::as_str).collect()
}
