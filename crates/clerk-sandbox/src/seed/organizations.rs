//! Organizations and who belongs to them.

use fastrand::Rng;
use serde_json::json;

use super::words::{DEPARTMENTS, ORGANIZATION_FIRST_WORDS, ORGANIZATION_SECOND_WORDS, PLANS};
use super::{EPOCH, every, pick};
use crate::model::{ADMIN, DEFAULT_ROLE_SET, MEMBER, Membership, Metadata, Organization, User};
use crate::store::{Store, id};
use crate::time::DAY;

/// The least and the greatest number of organizations; in between there is one for 25 users.
const ORGANIZATIONS: (usize, usize) = (4, 2_000);

/// Adds the organizations, with 2 to 10 members each as far as there are users. The ids and
/// the metadata of memberships come from `later`.
pub(super) fn add(store: &mut Store, rng: &mut Rng, later: &mut Rng, users: &[User]) {
    let (least, most) = ORGANIZATIONS;
    if users.is_empty() {
        return;
    }
    for index in 0..(users.len() / 25).clamp(least, most) {
        let start = rng.usize(..users.len().max(1));
        let count = rng.usize(2..=10).min(users.len());
        let members: Vec<_> = users.iter().cycle().skip(start).take(count).collect();
        let organization = organization(rng, index, &members);
        let memberships = memberships(later, &organization, &members);
        memberships.for_each(|membership| store.memberships.add(membership));
        store.organizations.insert(organization.id.clone(), organization);
    }
}

fn organization(rng: &mut Rng, index: usize, members: &[&User]) -> Organization {
    let name = name(index);
    let id = id(rng, "org");
    let founder = members.first();
    // An organization is not older than its creator.
    let created_at =
        founder.map_or(EPOCH - DAY, |founder| rng.i64(founder.created_at..EPOCH - DAY / 2));
    Organization {
        slug: name.to_lowercase().replace(' ', "-"),
        name,
        image_url: format!("https://img.example.com/organizations/{id}.png"),
        id,
        has_image: every(index, 3, 0),
        max_allowed_memberships: max_allowed_memberships(index, members.len()),
        admin_delete_enabled: true,
        public_metadata: Metadata::from_iter([("plan".to_owned(), json!(pick(rng, &PLANS)))]),
        private_metadata: Metadata::from_iter([
            ("billing_account".to_owned(), json!(format!("ba_{}", 7_000 + index))),
            ("seats_sold".to_owned(), json!(members.len() + rng.usize(..5))),
        ]),
        created_by: founder.map(|founder| founder.id.clone()),
        created_at,
        updated_at: created_at,
        last_active_at: members.iter().filter_map(|member| member.last_active_at).max(),
        role_set_key: DEFAULT_ROLE_SET.to_owned(),
    }
}

/// The first member administers the organization, and so does every fourth after them.
fn memberships(
    rng: &mut Rng,
    organization: &Organization,
    members: &[&User],
) -> impl Iterator<Item = Membership> {
    members.iter().enumerate().map(|(index, user)| {
        let role = if every(index, 4, 0) { ADMIN } else { MEMBER };
        let created_at = match index {
            0 => organization.created_at,
            // A user joins once there are both.
            _ => rng.i64(organization.created_at.max(user.created_at)..EPOCH),
        };
        let id = id(rng, "orgmem");
        let mut membership = Membership::new(id, organization, user.id.clone(), role, created_at);
        if every(index, 3, 1) {
            let department = json!(pick(rng, &DEPARTMENTS));
            membership.public_metadata.insert("department".to_owned(), department);
            membership.private_metadata.insert("seat".to_owned(), json!(index + 1));
        }
        membership
    })
}

/// The second organization is full; of the others some have no limit.
fn max_allowed_memberships(index: usize, members: usize) -> u64 {
    let full = u64::try_from(members).unwrap_or_default();
    match index {
        1 => full,
        index if every(index, 3, 0) => 0,
        _ => full.max(5) + 15,
    }
}

/// The names of organizations in turn, with a number once all pairs of words are used.
fn name(index: usize) -> String {
    let (first, second) = (ORGANIZATION_FIRST_WORDS, ORGANIZATION_SECOND_WORDS);
    let pairs = first.len() * second.len();
    let round = index % pairs;
    // Stepping through both lists at once varies both words from one name to the next.
    let shift = round / first.len();
    let first = first.get(round % first.len()).copied().unwrap_or_default();
    let second = second.get((round + shift) % second.len()).copied().unwrap_or_default();
    match index / pairs {
        0 => format!("{first} {second}"),
        rounds => format!("{first} {second} {}", rounds + 1),
    }
}
