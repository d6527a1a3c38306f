//! What another policy would have decided on the calls of the past.

use crate::{
    audit::Called,
    catalog,
    guard::policy::{Policy, Subject, Verdict},
};

/// The code of a refusal by the policy.
const DENIED: &str = "policy_denied";

/// What a policy says of a call that an audit log has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// The same as was decided then.
    Same,
    /// It would have been allowed, and was denied.
    Allowed {
        /// The rule; `None` is the default.
        rule: Option<String>,
    },
    /// It would have been denied, and was allowed.
    Denied {
        /// The rule; `None` is the default.
        rule: Option<String>,
    },
    /// It depends on email addresses, organizations or metadata, or on who called, and the log doesn't
    /// have them.
    Open,
    /// It wasn't decided on: it was refused before, or there is no such tool any more.
    Undecided,
}

impl Policy {
    /// What this policy says of a call that was made. Limits per hour aren't counted.
    #[must_use]
    pub fn replay(&self, call: &Called) -> Replayed {
        let was_allowed = match call.refused.as_deref() {
            None => true,
            Some(DENIED) => false,
            Some(_) => return Replayed::Undecided,
        };
        let found = catalog::all().find(|(_, tool)| tool.name == call.tool);
        let Some((toolset, tool)) = found else { return Replayed::Undecided };
        let mut arguments = call.arguments.clone();
        for (path, id) in &call.identified {
            if let Some(value) = arguments.get_mut(path) {
                value.clone_from(id);
            }
        }
        if call.principal.is_none() && self.knows_people() {
            return Replayed::Open;
        }
        let principal = call.principal.clone().unwrap_or_default();
        let exports = tool.effect.is_read();
        let subject =
            Subject { exports, ..Subject::of(&principal, toolset.name, tool, &arguments) };
        match (self.decide(&subject, None, &call.at), was_allowed) {
            (Verdict::NeedsFacts, _) => Replayed::Open,
            (Verdict::Allow { .. }, true) | (Verdict::Deny { .. }, false) => Replayed::Same,
            (Verdict::Deny { rule, .. }, true) => Replayed::Denied { rule },
            (Verdict::Allow { rule }, false) => {
                Replayed::Allowed { rule: rule.map(|rule| self.name(rule).to_owned()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::{
        guard::policy::Known,
        principal::{Principal, Who},
    };

    fn call(tool: &str, who: &str, arguments: &Value, refused: Option<&str>) -> Called {
        Called {
            seq: 1,
            at: "2026-11-27T12:00:00Z".parse().unwrap(),
            principal: Some(
                who.parse::<Who>().map_or_else(|_| Principal::default(), |who| who.described()),
            ),
            tool: tool.to_owned(),
            target: None,
            arguments: arguments.as_object().cloned().unwrap(),
            identified: Map::new(),
            refused: refused.map(str::to_owned),
        }
    }

    #[test]
    fn calls_of_the_past_are_decided_on_by_another_policy() {
        let known =
            Known { tools: vec!["clerk_delete_user", "clerk_unlock_user"], ..Known::default() };
        let policy = Policy::read(
            "default = \"allow\"\n\
             [[rules]]\nname = \"ours\"\naction = \"deny\"\ntools = [\"clerk_unlock_user\"]\nemail_domains = [\"ourco.example\"]\n\
             [[rules]]\nname = \"admins\"\naction = \"allow\"\nwho = [\"role:admin\"]\n\
             [[rules]]\nname = \"no deletions\"\naction = \"deny\"\neffects = [\"destructive\"]\n",
            &known,
        )
        .unwrap();
        let user = json!({ "userId": "user_1" });
        let rule = |name: &str| Some(name.to_owned());
        for (made, expected) in [
            (call("clerk_delete_user", "role:admin", &user, None), Replayed::Same),
            (
                call("clerk_delete_user", "role:support", &user, None),
                Replayed::Denied { rule: rule("no deletions") },
            ),
            (
                call("clerk_delete_user", "role:admin", &user, Some("policy_denied")),
                Replayed::Allowed { rule: rule("admins") },
            ),
            (
                call("clerk_delete_user", "role:support", &user, Some("policy_denied")),
                Replayed::Same,
            ),
            (
                call("clerk_delete_user", "role:support", &user, Some("not_approved")),
                Replayed::Undecided,
            ),
            (call("clerk_unlock_user", "role:support", &user, None), Replayed::Open),
            (
                Called { principal: None, ..call("clerk_delete_user", "role:admin", &user, None) },
                Replayed::Open,
            ),
            (call("clerk_forget_user", "role:support", &user, None), Replayed::Undecided),
        ] {
            assert_eq!(policy.replay(&made), expected, "{made:?}");
        }
    }
}
