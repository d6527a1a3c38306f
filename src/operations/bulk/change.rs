//! What is done to each of many users, and where it is done already.

use std::collections::HashSet;

use rmcp::{
    model::JsonObject,
    schemars::{self, JsonSchema},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fault;
use crate::{
    Fault,
    objects::User,
    operation::{Id, Metadata, Step},
};

// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Action {
    Ban,
    Unban,
    Lock,
    Unlock,
    MergeMetadata,
    AddToOrganization,
}

/// An action with all that it needs.
pub(super) struct Change {
    pub(super) action: Action,
    pub(super) metadata: JsonObject,
    pub(super) membership: (Option<Id>, Option<String>),
}

impl Action {
    /// What is wrong with the arguments: each belongs to one action, which can't do without it.
    pub(super) fn faults(
        self,
        metadata: &JsonObject,
        (organization, role): &(Option<Id>, Option<String>),
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        match (self, metadata.keys().next()) {
            (Self::MergeMetadata, None) => {
                faults.push(fault(
                    "publicMetadata",
                    "is missing: mergeMetadata needs one of the three",
                ));
            }
            (Self::MergeMetadata, _) | (_, None) => {}
            (_, Some(name)) => faults.push(fault(name, "has a meaning only with mergeMetadata")),
        }
        let is_add = self == Self::AddToOrganization;
        for (name, is_given) in
            [("organizationId", organization.is_some()), ("role", role.is_some())]
        {
            match (is_add, is_given) {
                (true, false) => faults.push(fault(name, "is missing: addToOrganization needs it")),
                (false, true) => {
                    faults.push(fault(name, "has a meaning only with addToOrganization"));
                }
                _ => {}
            }
        }
        faults
    }
}

impl Change {
    /// The tool that does it to one user.
    pub(super) fn tool(&self) -> &'static str {
        match self.action {
            Action::Ban => "clerk_ban_user",
            Action::Unban => "clerk_unban_user",
            Action::Lock => "clerk_lock_user",
            Action::Unlock => "clerk_unlock_user",
            Action::MergeMetadata => "clerk_update_user_metadata",
            Action::AddToOrganization => "clerk_add_organization_member",
        }
    }

    pub(super) fn step(&self, user: &User, members: &HashSet<String>) -> Step {
        Step {
            id: user.id.clone(),
            name: user.known_as(),
            tool: self.tool(),
            arguments: self.arguments(&user.id),
            skip: self.is_done(user, members).map(str::to_owned),
        }
    }

    fn arguments(&self, id: &str) -> JsonObject {
        let mut arguments = JsonObject::new();
        arguments.insert("userId".to_owned(), id.into());
        arguments.extend(self.metadata.clone());
        let (organization, role) = &self.membership;
        arguments.extend(
            organization.iter().map(|it| ("organizationId".to_owned(), it.as_str().into())),
        );
        arguments.extend(role.iter().map(|it| ("role".to_owned(), it.clone().into())));
        arguments
    }

    /// Why there is nothing to be done for a user.
    fn is_done(&self, user: &User, members: &HashSet<String>) -> Option<&'static str> {
        let (is_done, why) = match self.action {
            Action::Ban => (user.banned == Some(true), "is banned already"),
            Action::Unban => (user.banned == Some(false), "is not banned"),
            Action::Lock => (user.locked == Some(true), "is locked already"),
            Action::Unlock => (user.locked == Some(false), "is not locked"),
            Action::MergeMetadata => (self.is_merged(user), "has this metadata already"),
            Action::AddToOrganization => (members.contains(&user.id), "is a member already"),
        };
        is_done.then_some(why)
    }

    fn is_merged(&self, user: &User) -> bool {
        let nothing = Metadata::default();
        let kinds = [
            ("publicMetadata", &user.public_metadata),
            ("privateMetadata", &user.private_metadata),
            ("unsafeMetadata", &user.unsafe_metadata),
        ];
        kinds.into_iter().all(|(name, has)| match self.metadata.get(name) {
            Some(Value::Object(change)) => is_in(change, has.as_ref().unwrap_or(&nothing).object()),
            _ => true,
        })
    }
}

/// Whether merging `change` into `object` would change nothing: null takes a key away, an object is
/// merged in turn, all else replaces.
fn is_in(change: &Map<String, Value>, object: &Map<String, Value>) -> bool {
    change.iter().all(|(key, value)| match (value, object.get(key)) {
        (Value::Null, has) => has.is_none(),
        (Value::Object(change), Some(Value::Object(object))) => is_in(change, object),
        (value, has) => has == Some(value),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_that_changes_nothing_is_known() {
        let has = json!({ "plan": "free", "team": { "lead": true, "size": 3 } });
        let cases = [
            (json!({}), true),
            (json!({ "plan": "free" }), true),
            (json!({ "plan": "pro" }), false),
            (json!({ "plan": null }), false),
            (json!({ "gone": null }), true),
            (json!({ "team": { "lead": true } }), true),
            (json!({ "team": { "lead": false } }), false),
            (json!({ "team": { "size": null } }), false),
            (json!({ "team": {} }), true),
            (json!({ "new": {} }), false),
            (json!({ "plan": { "a": 1 } }), false),
        ];
        for (change, is_done) in cases {
            let change = change.as_object().unwrap();
            assert_eq!(is_in(change, has.as_object().unwrap()), is_done, "{change:?}");
        }
    }
}
