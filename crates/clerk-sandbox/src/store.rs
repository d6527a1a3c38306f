//! The state of the sandbox and the rules that hold between its parts.

mod access;
mod acts;
mod events;
mod expiry;
mod holders;
mod logs;
mod memberships;
mod messages;
mod roles;
mod sessions;

use std::collections::VecDeque;

use fastrand::Rng;
use indexmap::IndexMap;
use serde_json::json;

use crate::model::{
    ActorToken, Identifier, Invitation, JwtTemplate, Logs, Message, Organization,
    OrganizationDomain, OrganizationInvitation, OrganizationRole, Permission, Records, Restricted,
    SentCode, Settings, SignIn, SignInToken, SignUp, Status, User,
};
use crate::refusal::{RESOURCE_NOT_FOUND, Refusal};
use crate::time::Clock;

pub(crate) use acts::{LOCKOUT, verify_email, verify_phone};
pub(crate) use events::Event;
pub(crate) use messages::{Draft, SentNow, TEST_CODE};

use holders::Holders;
use memberships::Memberships;
use sessions::Sessions;

/// By what the seed of logs differs from that of what they are about.
const LOGS: u64 = 0x6c6f_6773;

/// Everything the sandbox keeps. Only the order of the users means something: other lists are
/// sorted for each response.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    /// Oldest first, and by id if they are equally old: a sandbox may have very many, and most
    /// lists of them have this order.
    users: IndexMap<String, User>,
    holders: Holders,
    pub(crate) organizations: IndexMap<String, Organization>,
    pub(crate) memberships: Memberships,
    pub(crate) sessions: Sessions,
    pub(crate) invitations: IndexMap<String, Invitation>,
    pub(crate) organization_invitations: IndexMap<String, OrganizationInvitation>,
    pub(crate) organization_domains: IndexMap<String, OrganizationDomain>,
    pub(crate) jwt_templates: IndexMap<String, JwtTemplate>,
    pub(crate) actor_tokens: IndexMap<String, ActorToken>,
    pub(crate) sign_in_tokens: IndexMap<String, SignInToken>,
    pub(crate) sent_codes: IndexMap<String, SentCode>,
    pub(crate) restricted: IndexMap<String, Restricted>,
    pub(crate) roles: Vec<OrganizationRole>,
    pub(crate) permissions: Vec<Permission>,
    /// Sign-ups and sign-ins by the control API.
    pub(crate) sign_ups: IndexMap<String, SignUp>,
    pub(crate) sign_ins: IndexMap<String, SignIn>,
    inbox: VecDeque<Message>,
    events: Vec<Event>,
    pub(crate) logs: Logs,
    pub(crate) records: Records,
    pub(crate) settings: Settings,
    /// The id of the instance all this belongs to.
    pub(crate) instance_id: String,
    clock: Clock,
    /// When the next thing expires.
    due: i64,
    rng: Rng,
    /// For logs and traces, which nothing else depends on.
    log_rng: Rng,
    /// How many logs were written, modulo 2^16.
    log_count: u16,
    last_write: i64,
}

impl Store {
    /// An empty store. New ids come from `rng`, and no write is dated before `epoch`.
    pub(crate) fn new(instance_id: String, rng: Rng, epoch: i64) -> Self {
        Self {
            users: IndexMap::new(),
            holders: Holders::default(),
            organizations: IndexMap::new(),
            memberships: Memberships::default(),
            sessions: Sessions::default(),
            invitations: IndexMap::new(),
            organization_invitations: IndexMap::new(),
            organization_domains: IndexMap::new(),
            jwt_templates: IndexMap::new(),
            actor_tokens: IndexMap::new(),
            sign_in_tokens: IndexMap::new(),
            sent_codes: IndexMap::new(),
            restricted: IndexMap::new(),
            roles: Vec::new(),
            permissions: Vec::new(),
            sign_ups: IndexMap::new(),
            sign_ins: IndexMap::new(),
            inbox: VecDeque::new(),
            events: Vec::new(),
            logs: Logs::default(),
            records: Records::default(),
            settings: Settings::default(),
            instance_id,
            clock: Clock::default(),
            due: i64::MAX,
            log_rng: Rng::with_seed(rng.get_seed() ^ LOGS),
            log_count: 0,
            rng,
            last_write: epoch,
        }
    }

    /// The time of a write: the clock's, but later than every write before, so that `updated_at`
    /// always moves and what is created later is always newer.
    pub(crate) fn now(&mut self) -> i64 {
        self.last_write = self.clock.now().max(self.last_write + 1);
        self.last_write
    }

    /// The time now, for what only reads. It is never before the last write.
    pub(crate) fn time(&self) -> i64 {
        self.clock.now().max(self.last_write)
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Changes the clock. After a move back, writes are dated from the new time on.
    pub(crate) fn change_clock(&mut self, change: impl FnOnce(&mut Clock)) {
        change(&mut self.clock);
        self.last_write = self.last_write.min(self.clock.now() - 1);
    }

    /// A new id such as `user_2…`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        id(&mut self.rng, prefix)
    }

    /// A new random number, for ids and secrets of other forms.
    pub(crate) fn number(&mut self) -> u128 {
        self.rng.u128(..)
    }

    /// A new `jti` of a token.
    pub(crate) fn token_id(&mut self) -> String {
        format!("{:020x}", self.number() >> 48)
    }

    /// A new secret in Clerk's form: the prefix, and 43 base62 characters.
    pub(crate) fn secret(&mut self, prefix: &str) -> String {
        let characters = std::iter::repeat_with(|| self.rng.alphanumeric()).take(43);
        format!("{prefix}_{}", characters.collect::<String>())
    }

    pub(crate) fn user(&self, id: &str) -> Result<&User, Refusal> {
        self.users.get(id).ok_or_else(|| no_user(id))
    }

    pub(crate) fn user_mut(&mut self, id: &str) -> Result<&mut User, Refusal> {
        self.holders.change(&self.users, id);
        self.users.get_mut(id).ok_or_else(|| no_user(id))
    }

    /// All users, oldest first, and by id if they are equally old.
    pub(crate) fn users(&self) -> &IndexMap<String, User> {
        &self.users
    }

    pub(crate) fn add_users(&mut self, users: impl ExactSizeIterator<Item = User>) {
        self.users.reserve_exact(users.len());
        users.for_each(|user| self.add_user(user));
    }

    pub(crate) fn add_user(&mut self, user: User) {
        let is_older = |other: &User| (other.created_at, &other.id) < (user.created_at, &user.id);
        // A user created now is the newest, which needs no search.
        let is_newest = self.users.last().is_none_or(|(_, last)| is_older(last));
        let index = if is_newest {
            self.users.len()
        } else {
            self.users.partition_point(|_, other| is_older(other))
        };
        self.holders.add(&user);
        self.users.shift_insert(index, user.id.clone(), user);
    }

    /// Restores the order of users after a change of `created_at`.
    pub(crate) fn move_user(&mut self, id: &str) {
        if let Some(user) = self.users.shift_remove(id) {
            self.add_user(user);
        }
    }

    /// Removes a user with their memberships and sessions; organizations stay.
    pub(crate) fn remove_user(&mut self, id: &str) -> Result<User, Refusal> {
        self.user(id)?;
        let sessions: Vec<_> =
            self.sessions.of_user(id).iter().map(|session| session.id.clone()).collect();
        for session in sessions {
            self.end_session(&session, Status::Removed)?;
        }
        for organization_id in self.memberships.organizations_of(id).to_vec() {
            self.membership_happened("organizationMembership.deleted", &organization_id, id);
        }
        let user = self.users.shift_remove(id).ok_or_else(|| no_user(id))?;
        self.memberships.remove_user(id);
        self.sessions.remove_user(id);
        self.records.remove_owned(id);
        Ok(user)
    }

    /// The users who may have one of these as an email address, a number, a wallet, a user name or
    /// an external id, in whatever case: all who have it, and perhaps some more.
    pub(crate) fn perhaps_with<'a>(
        &'a self,
        values: impl Iterator<Item = &'a str>,
    ) -> impl Iterator<Item = &'a User> {
        self.holders.of(&self.users, values)
    }

    /// The oldest user who has this value as an identifier of one of these kinds.
    pub(crate) fn user_with<'a>(
        &'a self,
        kinds: &[Identifier],
        value: &'a str,
    ) -> Option<&'a User> {
        let users = self.holders.of(&self.users, std::iter::once(value));
        users
            .filter(|user| kinds.iter().any(|kind| kind.held_by(user, value)))
            .min_by_key(|user| (user.created_at, &user.id))
    }

    /// Whether a user other than `except` has this identifier.
    pub(crate) fn is_taken(&self, kind: Identifier, value: &str, except: Option<&str>) -> bool {
        let mut users = self.holders.of(&self.users, std::iter::once(value));
        users.any(|user| Some(user.id.as_str()) != except && kind.held_by(user, value))
    }

    pub(crate) fn organization(&self, id_or_slug: &str) -> Result<&Organization, Refusal> {
        self.organizations
            .get(id_or_slug)
            .or_else(|| self.organization_with_slug(id_or_slug))
            .ok_or_else(no_organization)
    }

    pub(crate) fn organization_with_id(&self, id: &str) -> Result<&Organization, Refusal> {
        self.organizations.get(id).ok_or_else(no_organization)
    }

    pub(crate) fn organization_mut(&mut self, id: &str) -> Result<&mut Organization, Refusal> {
        self.organizations.get_mut(id).ok_or_else(no_organization)
    }

    /// Removes an organization with its memberships, invitations and domains; users stay.
    pub(crate) fn remove_organization(&mut self, id: &str) -> Result<(), Refusal> {
        self.organization_with_id(id)?;
        let members = self.memberships.of_organization(id).iter();
        let members: Vec<_> = members.map(|member| member.user_id.clone()).collect();
        for user_id in members {
            self.membership_happened("organizationMembership.deleted", id, &user_id);
        }
        let of_organization = self.organization_domains.values();
        let domains: Vec<_> = of_organization
            .filter(|domain| domain.organization_id == id)
            .map(|domain| json!({ "object": domain.object, "id": domain.id, "deleted": true }))
            .collect();
        for domain in domains {
            self.happened("organizationDomain.deleted", &domain);
        }
        self.organizations.shift_remove(id).ok_or_else(no_organization)?;
        self.memberships.remove_organization(id);
        self.organization_invitations.retain(|_, invitation| invitation.organization_id != id);
        self.organization_domains.retain(|_, domain| domain.organization_id != id);
        self.records.remove_owned(id);
        Ok(())
    }

    pub(crate) fn organization_with_slug(&self, slug: &str) -> Option<&Organization> {
        self.organizations.values().find(|organization| organization.slug == slug)
    }
}

/// A new id in Clerk's form: the prefix and a `2`, then 26 base62 characters.
pub(crate) fn id(rng: &mut Rng, prefix: &str) -> String {
    let mut id = String::with_capacity(prefix.len() + 28);
    id.push_str(prefix);
    id.push_str("_2");
    id.extend(std::iter::repeat_with(|| rng.alphanumeric()).take(26));
    id
}

fn no_user(id: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("No user was found with id {id}")).into()
}

fn no_organization() -> Refusal {
    RESOURCE_NOT_FOUND.because("Given organization not found.").into()
}
