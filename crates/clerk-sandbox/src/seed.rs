//! The people, organizations and sessions a sandbox starts with, made up from a number.
//!
//! All randomness comes from generators with fixed seeds and all times from [`EPOCH`], so that
//! equal numbers give equal data, today and next year. What a user has beyond a name depends on the
//! user's place in the list rather than on chance: so even a small sandbox has a banned user, a
//! user without an email address, and so on.

mod billing;
mod instance;
mod organizations;
mod people;
mod roles;
mod sessions;
mod variety;
mod words;

use fastrand::Rng;
use serde_json::json;

use crate::model::JwtTemplate;
use crate::store::{Store, id};
use crate::time::DAY;
use people::People;

/// 2026-06-01T00:00:00Z, the moment the made-up data is from.
const EPOCH: i64 = 1_780_272_000_000;

/// When the instance was created, before the first sign-up: 2023-06-01T00:00:00Z.
const FOUNDING: i64 = EPOCH - 1_096 * DAY;

/// By what the seeds of roles, templates and later additions differ from that of the users.
const ROLES: u64 = 0x0072_6f6c_6573;
const TEMPLATES: u64 = 0x0000_006a_7774;
const RECORDS: u64 = 0x7265_636f_7264;
const VARIETY: u64 = 0x7661_7269_6574;
const PASSKEYS: u64 = 0x0070_6173_736b;

/// The most users a sandbox starts with.
pub(crate) const MAX_USERS: usize = 1_000_000;

/// A store with this many users and what belongs to them.
pub(crate) fn store(users: usize, seed: u64) -> Store {
    let users = users.min(MAX_USERS);
    let mut rng = Rng::with_seed(seed);
    // Later additions have their own generators, so that the rest stays the same.
    let mut later = Rng::with_seed(!seed);
    let mut store = Store::new(id(&mut later, "ins"), rng.fork(), EPOCH);
    let mut first = Rng::with_seed(seed ^ ROLES);
    store.permissions = roles::permissions(&mut first, FOUNDING);
    store.roles = roles::roles(&mut first, &store.permissions, FOUNDING);
    if users == 0 {
        store.expire();
        return store;
    }
    let mut people = People::new(users);
    let mut users: Vec<_> = (0..users).map(|index| people.user(&mut rng, index)).collect();
    let mut varied = Rng::with_seed(seed ^ VARIETY);
    variety::vary(&mut varied, &mut users);
    variety::add_passkeys(&mut Rng::with_seed(seed ^ PASSKEYS), &mut users);
    organizations::add(&mut store, &mut rng, &mut later, &users);
    sessions::add(&mut store, &mut rng, &users);
    variety::add_memberships(&mut store, &mut varied, &users);
    variety::add_sessions(&mut store, &mut varied, &users);
    let mut templates = Rng::with_seed(seed ^ TEMPLATES);
    for (name, claims) in [
        ("hasura", json!({ "role": "{{user.public_metadata.role}}" })),
        ("supabase", json!({ "email": "{{user.primary_email_address}}", "role": "authenticated" })),
    ] {
        let claims = claims.as_object().cloned().unwrap_or_default();
        let template = JwtTemplate::new(id(&mut templates, "jtmp"), name, claims, FOUNDING);
        store.jwt_templates.insert(template.id.clone(), template);
    }
    let mut further = Rng::with_seed(seed ^ RECORDS);
    let instance_id = store.instance_id.clone();
    instance::add(&mut store.records, &mut further, &instance_id, FOUNDING);
    billing::add(&mut store, &mut further, &users, FOUNDING);
    // Made up newest first, but kept oldest first.
    store.add_users(users.into_iter().rev());
    store.expire();
    store
}

/// Whether a place is one of those that come once in `every` places, the first being `first`.
fn every(index: usize, every: usize, first: usize) -> bool {
    index % every == first
}

/// One of the items. The lists of words are not empty; the default only spares a panic.
fn pick<T: Copy + Default>(rng: &mut Rng, items: &[T]) -> T {
    rng.choice(items).copied().unwrap_or_default()
}
