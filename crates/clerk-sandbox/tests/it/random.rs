//! Any sequence of changes leaves the sandbox consistent, and as a simple model says.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use clerk_sandbox::Options;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{Api, Response, text};

/// A change. The numbers pick one of what there is, or make a name.
#[derive(Clone, Debug)]
enum Change {
    CreateUser(u8),
    DeleteUser(u8),
    AddEmail(u8, u8),
    DeleteEmail(u8),
    MakePrimary(u8),
    BanUser(u8),
    SignIn(u8),
    CreateOrganization(u8, u8),
    DeleteOrganization(u8),
    AddMember(u8, u8),
    RemoveMember(u8, u8),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let any = any::<u8>;
    let change = prop_oneof![
        4 => any().prop_map(Change::CreateUser),
        1 => any().prop_map(Change::DeleteUser),
        3 => (any(), any()).prop_map(|(user, name)| Change::AddEmail(user, name)),
        2 => any().prop_map(Change::DeleteEmail),
        2 => any().prop_map(Change::MakePrimary),
        1 => any().prop_map(Change::BanUser),
        3 => any().prop_map(Change::SignIn),
        2 => (any(), any()).prop_map(|(user, name)| Change::CreateOrganization(user, name)),
        1 => any().prop_map(Change::DeleteOrganization),
        3 => (any(), any()).prop_map(|(organization, user)| Change::AddMember(organization, user)),
        2 => (any(), any()).prop_map(|(organization, user)| Change::RemoveMember(organization, user)),
    ];
    prop::collection::vec(change, 1..40)
}

/// What there should be, by id.
#[derive(Debug, Default)]
struct Model {
    users: BTreeMap<String, User>,
    /// The members of each organization, and whether they administer it.
    organizations: BTreeMap<String, BTreeMap<String, bool>>,
}

#[derive(Debug, Default)]
struct User {
    username: String,
    /// Each address with its id, in the order in which they were added.
    emails: Vec<(String, String)>,
    primary: Option<String>,
    is_banned: bool,
    active_sessions: usize,
}

/// One of the items, if there are any.
fn pick<T>(mut items: impl ExactSizeIterator<Item = T>, number: u8) -> Option<T> {
    let count = items.len();
    (count > 0).then(|| items.nth(usize::from(number) % count)).flatten()
}

impl Model {
    fn user(&self, number: u8) -> Option<String> {
        pick(self.users.keys(), number).cloned()
    }

    fn organization(&self, number: u8) -> Option<String> {
        pick(self.organizations.keys(), number).cloned()
    }

    fn has_email(&self, address: &str) -> bool {
        self.users.values().flat_map(|user| &user.emails).any(|(known, _)| known == address)
    }

    /// Makes a change in both, which must agree on whether it is possible.
    async fn apply(&mut self, api: &Api, key: &str, change: &Change) {
        let send = async |method: &str, path: &str, body: Value| {
            let body = (!body.is_null()).then_some(body);
            api.send_with(method, path, body.as_ref(), &[key]).await
        };
        match *change {
            Change::CreateUser(name) => {
                let username = format!("user_{}", name % 32);
                let made = send("POST", "/users", json!({ "username": username })).await;
                let is_free = !self.users.values().any(|user| user.username == username);
                if let Some(made) = expect(is_free, &made) {
                    let user = User { username, ..User::default() };
                    self.users.insert(text(&made, "id"), user);
                }
            }
            Change::DeleteUser(user) => {
                let Some(id) = self.user(user) else { return };
                expect(true, &send("DELETE", &format!("/users/{id}"), Value::Null).await);
                self.users.remove(&id);
                self.organizations.values_mut().for_each(|members| {
                    members.remove(&id);
                });
            }
            Change::AddEmail(user, name) => {
                let Some(id) = self.user(user) else { return };
                let address = format!("{}@test.example", name % 16);
                let body = json!({ "user_id": id, "email_address": address, "verified": true });
                let is_free = !self.has_email(&address);
                let made = expect(is_free, &send("POST", "/email_addresses", body).await);
                let user = self.users.get_mut(&id).unwrap();
                if let Some(made) = made {
                    if user.emails.is_empty() {
                        user.primary = Some(text(&made, "id"));
                    }
                    user.emails.push((address, text(&made, "id")));
                }
            }
            Change::DeleteEmail(number) => {
                let all: Vec<_> = self
                    .users
                    .iter()
                    .flat_map(|(id, user)| {
                        user.emails.iter().map(move |(_, email)| (id.clone(), email.clone()))
                    })
                    .collect();
                let Some((id, email)) = pick(all.iter(), number) else { return };
                expect(
                    true,
                    &send("DELETE", &format!("/email_addresses/{email}"), Value::Null).await,
                );
                let user = self.users.get_mut(id).unwrap();
                user.emails.retain(|(_, known)| known != email);
                if user.primary.as_ref() == Some(email) {
                    user.primary = user.emails.first().map(|(_, id)| id.clone());
                }
            }
            Change::MakePrimary(number) => {
                let all: Vec<_> = self
                    .users
                    .iter()
                    .flat_map(|(id, user)| {
                        user.emails.iter().map(move |(_, email)| (id.clone(), email.clone()))
                    })
                    .collect();
                let Some((id, email)) = pick(all.iter(), number) else { return };
                let body = json!({ "primary_email_address_id": email });
                expect(true, &send("PATCH", &format!("/users/{id}"), body).await);
                self.users.get_mut(id).unwrap().primary = Some(email.clone());
            }
            Change::BanUser(user) => {
                let Some(id) = self.user(user) else { return };
                expect(true, &send("POST", &format!("/users/{id}/ban"), Value::Null).await);
                let user = self.users.get_mut(&id).unwrap();
                (user.is_banned, user.active_sessions) = (true, 0);
            }
            Change::SignIn(user) => {
                let Some(id) = self.user(user) else { return };
                let user = self.users.get_mut(&id).unwrap();
                let Some((address, _)) = user.emails.first() else { return };
                let body = json!({ "identifier": address, "strategy": "email_code" });
                let begun = api.control_with(key, "POST", "/sign_ins", &body).await;
                let Some(begun) = expect(!user.is_banned, &begun) else { return };
                let inbox = api.control_with(key, "GET", "/inbox", &Value::Null).await.ok();
                let code = text(inbox["data"].as_array().unwrap().last().unwrap(), "code");
                let path = format!("/sign_ins/{}/verify", text(&begun, "id"));
                let done = api.control_with(key, "POST", &path, &json!({ "code": code })).await;
                assert_eq!(done.ok()["status"], "complete");
                user.active_sessions += 1;
            }
            Change::CreateOrganization(user, name) => {
                let Some(id) = self.user(user) else { return };
                let body =
                    json!({ "name": format!("Organization {}", name % 4), "created_by": id });
                let made = expect(true, &send("POST", "/organizations", body).await).unwrap();
                self.organizations.insert(text(&made, "id"), BTreeMap::from([(id, true)]));
            }
            Change::DeleteOrganization(organization) => {
                let Some(id) = self.organization(organization) else { return };
                expect(true, &send("DELETE", &format!("/organizations/{id}"), Value::Null).await);
                self.organizations.remove(&id);
            }
            Change::AddMember(organization, user) => {
                let (Some(id), Some(user)) = (self.organization(organization), self.user(user))
                else {
                    return;
                };
                let body = json!({ "user_id": user, "role": "org:member" });
                let made = send("POST", &format!("/organizations/{id}/memberships"), body).await;
                let members = self.organizations.get_mut(&id).unwrap();
                // Five is the most that Clerk allows unless it is asked for more.
                let may = !members.contains_key(&user) && members.len() < 5;
                if expect(may, &made).is_some() {
                    members.insert(user, false);
                }
            }
            Change::RemoveMember(organization, user) => {
                let Some(id) = self.organization(organization) else { return };
                let members = self.organizations.get_mut(&id).unwrap();
                let Some(user) = pick(members.keys(), user).cloned() else { return };
                let path = format!("/organizations/{id}/memberships/{user}");
                let administrators = members.values().filter(|is_admin| **is_admin).count();
                let may = !(members[&user] && administrators == 1);
                if expect(may, &send("DELETE", &path, Value::Null).await).is_some() {
                    members.remove(&user);
                }
            }
        }
    }

    /// Compares everything that the sandbox shows with what there should be.
    async fn check(&self, api: &Api, key: &str) {
        let get = async |path: String| api.send_with("GET", &path, None, &[key]).await.ok();
        let users = get("/users?limit=500".to_owned()).await;
        let users = users.as_array().unwrap();
        assert_eq!(get("/users/count".to_owned()).await["total_count"], self.users.len());
        let ids: BTreeSet<_> = users.iter().map(|user| text(user, "id")).collect();
        assert!(ids.iter().eq(self.users.keys()), "{ids:?}");
        for shown in users {
            let id = text(shown, "id");
            let user = &self.users[&id];
            let emails = shown["email_addresses"].as_array().unwrap();
            let emails: Vec<_> = emails
                .iter()
                .map(|email| (text(email, "email_address"), text(email, "id")))
                .collect();
            assert_eq!(emails, user.emails);
            assert_eq!(shown["primary_email_address_id"].as_str(), user.primary.as_deref());
            assert_eq!(shown["banned"], user.is_banned);
            let sessions = get(format!("/sessions?user_id={id}&status=active&limit=500")).await;
            assert_eq!(sessions.as_array().unwrap().len(), user.active_sessions);
            let memberships = get(format!("/users/{id}/organization_memberships")).await;
            let organizations: BTreeSet<_> = memberships["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|membership| text(&membership["organization"], "id"))
                .collect();
            let expected: BTreeSet<_> = self
                .organizations
                .iter()
                .filter(|(_, members)| members.contains_key(&id))
                .map(|(organization, _)| organization.clone())
                .collect();
            assert_eq!(organizations, expected);
        }
        let all = get("/organizations?limit=500&include_members_count=true".to_owned()).await;
        assert_eq!(all["total_count"], self.organizations.len());
        let mut slugs = BTreeSet::new();
        for organization in all["data"].as_array().unwrap() {
            let members = &self.organizations[&text(organization, "id")];
            assert_eq!(organization["members_count"], members.len());
            assert!(slugs.insert(text(organization, "slug")), "slugs are unique");
        }
    }
}

/// The body of a success, which there must be exactly if the change is possible.
fn expect(is_possible: bool, response: &Response) -> Option<Value> {
    assert_eq!(response.status == 200, is_possible, "{}", response.text);
    is_possible.then(|| response.json())
}

#[test]
fn any_sequence_of_changes_agrees_with_a_simple_model() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = runtime.block_on(Api::with(Options { users: 0, ..Options::default() }));
    let number = Cell::new(0);
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&changes(), |changes| {
        number.set(number.get() + 1);
        let key = format!("Authorization: Bearer sk_test_{}", number.get());
        runtime.block_on(async {
            let mut model = Model::default();
            for change in &changes {
                model.apply(&api, &key, change).await;
            }
            model.check(&api, &key).await;
        });
        Ok(())
    });
    outcome.unwrap();
}
