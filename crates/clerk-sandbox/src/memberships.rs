//! `/users/{user_id}/organization_memberships` and `/organizations/{organization_id}/memberships`.

mod change;

use std::collections::HashSet;

use axum::response::Response;

pub(crate) use change::{add, create, delete, merge_metadata, update};

use crate::Sandbox;
use crate::model::{Membership, MembershipReply, Organization, OrganizationRole, User};
use crate::query::{Id, Key, Order, Page, Query};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;
use crate::users::Traits;

/// The value of a member that a list is sorted by.
type SortKey = for<'a> fn(&Row<'a>) -> Option<Key<'a>>;

const CREATED_AT: (&str, SortKey) =
    ("created_at", |row| Some(Key::Number(row.membership.created_at)));

/// Newest first, for the list that has no `order_by`.
const NEWEST_FIRST: Order<SortKey> =
    Order { field: CREATED_AT.0, key: CREATED_AT.1, descending: true };

/// The fields of `order_by`.
const ORDERS: [(&str, SortKey); 6] = [
    CREATED_AT,
    ("email_address", |row| {
        let email = row.user.email_addresses.first()?;
        Some(Key::Text(&email.address))
    }),
    ("first_name", |row| row.user.first_name.as_deref().map(Key::Text)),
    ("last_name", |row| row.user.last_name.as_deref().map(Key::Text)),
    ("phone_number", |row| {
        let phone = row.user.phone_numbers.first()?;
        Some(Key::Text(&phone.number))
    }),
    ("username", |row| row.user.username.as_deref().map(Key::Text)),
];

/// `GET /users/{user_id}/organization_memberships`
pub(crate) async fn of_user(State(sandbox): State<Sandbox>, Id(id): Id, mut query: Query) -> Reply {
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let user = store.user(&id)?;
    let rows = rows(&store, store.memberships.of_user(&user.id));
    Ok(list(rows, &page, &NEWEST_FIRST))
}

/// `GET /organization_memberships`: those of all organizations.
pub(crate) async fn list_all(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    Ok(list(rows(&store, store.memberships.all()), &page, &order))
}

/// `GET /organizations/{organization_id}/memberships`, which takes only an id, not a slug.
pub(crate) async fn of_organization(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    mut query: Query,
) -> Reply {
    let filter = Filter::read(&mut query);
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    let organization = store.organization_with_id(&id)?;
    let members = store.memberships.of_organization(&organization.id);
    let rows = rows(&store, members).filter(|row| filter.passes(row));
    Ok(list(rows, &page, &order))
}

/// A membership with all that it ties together.
#[derive(Debug)]
struct Row<'a> {
    membership: &'a Membership,
    organization: &'a Organization,
    user: &'a User,
    role: &'a OrganizationRole,
}

impl<'a> Row<'a> {
    fn reply(&self) -> MembershipReply<'a> {
        MembershipReply::new(self.membership, self.organization, self.user, self.role)
    }
}

fn rows<'a>(
    store: &'a Store,
    memberships: impl IntoIterator<Item = &'a Membership>,
) -> impl Iterator<Item = Row<'a>> {
    // No membership outlives its user, its organization or its role.
    memberships.into_iter().filter_map(|membership| {
        let organization = store.organizations.get(&membership.organization_id)?;
        let user = store.users().get(&membership.user_id)?;
        let role = store.role_with_key(&membership.role).ok()?;
        Some(Row { membership, organization, user, role })
    })
}

fn list<'a>(rows: impl Iterator<Item = Row<'a>>, page: &Page, order: &Order<SortKey>) -> Response {
    let list = page.list(rows, |left, right| {
        let ids = (&left.membership.id, &right.membership.id);
        order.compare(((order.key)(left), ids.0), ((order.key)(right), ids.1))
    });
    reply::json(&list.map(|row| row.reply()))
}

/// The filters of an organization's members.
#[derive(Debug)]
struct Filter {
    traits: Traits,
    roles: Option<HashSet<String>>,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        Self { traits: Traits::read(query), roles: query.set("role") }
    }

    fn passes(&self, row: &Row<'_>) -> bool {
        let role = &*row.membership.role;
        self.roles.as_ref().is_none_or(|roles| roles.contains(role)) && self.traits.are_of(row.user)
    }
}
