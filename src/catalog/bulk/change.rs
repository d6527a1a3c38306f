//! What is done to each of many users, and where it is done already.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault;
use crate::{
    catalog::{memberships, metadata, moderation, person},
    tool::{ArgumentError, Tool, bulk::Step, record::Record},
};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
    pub(super) metadata: Map<String, Value>,
    pub(super) membership: (Option<String>, Option<String>),
}

impl Action {
    /// Their names.
    pub(super) const NAMES: &[&str] =
        &["ban", "unban", "lock", "unlock", "mergeMetadata", "addToOrganization"];

    /// What is wrong with the arguments: each belongs to one action, which can't do without it.
    pub(super) fn faults(
        self,
        metadata: &Map<String, Value>,
        (organization, role): &(Option<String>, Option<String>),
    ) -> Vec<ArgumentError> {
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
    pub(super) fn tool(&self) -> &'static Tool {
        match self.action {
            Action::Ban => moderation::BAN,
            Action::Unban => moderation::UNBAN,
            Action::Lock => moderation::LOCK,
            Action::Unlock => moderation::UNLOCK,
            Action::MergeMetadata => metadata::MERGE,
            Action::AddToOrganization => memberships::ADD_MEMBER,
        }
    }

    pub(super) fn step(&self, user: &Record, members: &HashSet<String>) -> Step {
        Step {
            id: person::id(user).to_owned(),
            name: person::known_as(user),
            is_known_by_name: true,
            tool: self.tool(),
            arguments: self.arguments(person::id(user)),
            skip: self.is_done(user, members).map(str::to_owned),
            takes_back: None,
        }
    }

    fn arguments(&self, id: &str) -> Map<String, Value> {
        let mut arguments = Map::new();
        arguments.insert("userId".to_owned(), id.into());
        arguments.extend(self.metadata.clone());
        let (organization, role) = &self.membership;
        arguments.extend(
            organization.iter().map(|id| ("organizationId".to_owned(), id.as_str().into())),
        );
        arguments.extend(role.iter().map(|role| ("role".to_owned(), role.clone().into())));
        arguments
    }

    /// Why there is nothing to be done for a user.
    fn is_done(&self, user: &Record, members: &HashSet<String>) -> Option<&'static str> {
        let (is_done, why) = match self.action {
            Action::Ban => (user.bool("banned") == Some(true), "is banned already"),
            Action::Unban => (user.bool("banned") == Some(false), "is not banned"),
            Action::Lock => (user.bool("locked") == Some(true), "is locked already"),
            Action::Unlock => (user.bool("locked") == Some(false), "is not locked"),
            Action::MergeMetadata => (self.is_merged(user), "has this metadata already"),
            Action::AddToOrganization => {
                (members.contains(person::id(user)), "is a member already")
            }
        };
        is_done.then_some(why)
    }

    fn is_merged(&self, user: &Record) -> bool {
        let nothing = Map::new();
        let kinds = [
            ("publicMetadata", "public_metadata"),
            ("privateMetadata", "private_metadata"),
            ("unsafeMetadata", "unsafe_metadata"),
        ];
        kinds.into_iter().all(|(name, wire)| match self.metadata.get(name) {
            Some(Value::Object(change)) => is_in(change, user.metadata(wire).unwrap_or(&nothing)),
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
