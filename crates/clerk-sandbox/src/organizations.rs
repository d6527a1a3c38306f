//! `/organizations`.

mod change;
mod create;

use std::collections::HashSet;

pub(crate) use change::{delete, merge_metadata, replace_metadata, update};
pub(crate) use create::{add, create, new_organization};

use crate::Sandbox;
use crate::model::{Organization, OrganizationReply};
use crate::query::{Id, Key, Query, Search, Signed};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// The value of an organization that a list is sorted by.
type SortKey = for<'a> fn(&Row<'a>) -> Option<Key<'a>>;

const CREATED_AT: (&str, SortKey) =
    ("created_at", |row| Some(Key::Number(row.organization.created_at)));

/// The fields of `order_by`.
const ORDERS: [(&str, SortKey); 3] = [
    CREATED_AT,
    ("name", |row| Some(Key::Text(&row.organization.name))),
    ("members_count", |row| i64::try_from(row.members_count).ok().map(Key::Number)),
];

/// `GET /organizations`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let extras = Extras::read(&mut query);
    let filter = Filter::read(&mut query);
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    let rows = filter.select(&store).map(|organization| Row::new(organization, &store));
    let list = page.list(rows, |left, right| {
        let ids = (&left.organization.id, &right.organization.id);
        order.compare(((order.key)(left), ids.0), ((order.key)(right), ids.1))
    });
    Ok(reply::json(&list.map(|row| extras.reply(&row, &store))))
}

/// `GET /organizations/{organization_id}`, which takes an id or a slug.
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let extras = Extras::read(&mut query);
    query.finish()?;
    let store = sandbox.read();
    let row = Row::new(store.organization(&id)?, &store);
    Ok(reply::json(&extras.reply(&row, &store)))
}

/// An organization with the number of its members, which a list may be sorted by.
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

/// Fields of an organization that only some requests include.
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
    let invitations = store.organization_invitations.values();
    let of_organization =
        invitations.filter(|invitation| invitation.organization_id == organization.id);
    of_organization.filter(|invitation| invitation.is_pending()).count()
}

/// The filters of organizations.
#[derive(Debug)]
struct Filter {
    search: Search,
    organization_ids: Signed,
    user_ids: Signed,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        Self {
            search: query.search(),
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
                && self.search.finds(id, &organization.name, &organization.slug)
        })
    }
}

fn organizations_of<'a>(store: &'a Store, user_ids: &HashSet<String>) -> HashSet<&'a str> {
    let organizations = user_ids.iter().flat_map(|id| store.memberships.organizations_of(id));
    organizations.map(String::as_str).collect()
}
