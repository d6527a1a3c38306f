//! Whether a user matches the criteria, as far as the user object shows it.

use serde_json::{Map, Value};

use super::{super::person, FindUsers};
use crate::tool::record::Record;

impl FindUsers {
    /// Whether all criteria hold that the user object alone decides.
    pub(super) fn holds(&self, user: &Record) -> bool {
        let is = |wanted: Option<bool>, has: Option<bool>| {
            wanted.is_none_or(|wanted| has.unwrap_or(false) == wanted)
        };
        is(self.two_factor_enabled, user.bool("two_factor_enabled"))
            && is(self.banned, user.bool("banned"))
            && is(self.locked, user.bool("locked"))
            && is(self.never_signed_in, Some(user.integer("last_sign_in_at").is_none()))
            && is(self.email_verified, Some(person::is_email_verified(user)))
            && self.holds_in_time(user)
            && self.email_domain.as_ref().is_none_or(|domains| {
                let mut has = person::email_domains(user);
                has.any(|has| domains.values().iter().any(|domain| is_domain(domain, has)))
            })
            && self.metadata_path.as_ref().is_none_or(|path| self.holds_in_metadata(path, user))
    }

    fn holds_in_time(&self, user: &Record) -> bool {
        let created = |holds: &dyn Fn(i64) -> bool| user.integer("created_at").is_some_and(holds);
        self.created_at_after.is_none_or(|date| created(&|time| time >= date.0))
            && self.created_at_before.is_none_or(|date| created(&|time| time < date.0))
            && self.inactive_since.is_none_or(|date| match user.integer("last_active_at") {
                Some(time) => time < date.0,
                None => created(&|time| time < date.0),
            })
    }

    fn holds_in_metadata(&self, path: &str, user: &Record) -> bool {
        let Some((kind, path)) = path.split_once('.') else { return false };
        let metadata = match kind.trim_end_matches("Metadata") {
            "public" => "public_metadata",
            "private" => "private_metadata",
            _ => "unsafe_metadata",
        };
        let value = user.metadata(metadata).and_then(|metadata| at(metadata, path));
        match (&self.metadata_value, value) {
            (_, None | Some(Value::Null)) => false,
            (None, Some(_)) => true,
            (Some(wanted), Some(Value::String(has))) => wanted == has,
            // A list holds what one of its items is.
            (Some(wanted), Some(Value::Array(items))) => items.iter().any(|item| is(wanted, item)),
            (Some(wanted), Some(has)) => is(wanted, has),
        }
    }
}

fn is(wanted: &str, has: &Value) -> bool {
    match has {
        Value::String(has) => wanted == has,
        has => {
            let has = has.to_string();
            wanted == has
        }
    }
}

/// What stands at a path of keys with dots between them. A key may hold dots itself.
fn at<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (key, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
        at(object.get(key)?.as_object()?, rest)
    })
}

fn is_domain(wanted: &str, has: &str) -> bool {
    has.eq_ignore_ascii_case(wanted.trim_start_matches('@'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> Record {
        let user = json!({
            "id": "user_1", "two_factor_enabled": false, "banned": false, "locked": true,
            "primary_email_address_id": "idn_2", "last_sign_in_at": 5_000, "last_active_at": null,
            "created_at": 1_000, "email_addresses": [
                { "id": "idn_1", "email_address": "a@Acme.com", "verification": { "status": "verified" } },
                { "id": "idn_2", "email_address": "a@other.example", "verification": null },
            ],
            "public_metadata": { "plan": "pro", "seats": 3, "team.x": true, "tags": ["a", 7] },
            "private_metadata": { "team": { "lead": "user_9", "none": null } },
        });
        crate::tool::read::object(&crate::catalog::objects::FOUND_USER, user.to_string().as_bytes())
            .unwrap()
            .value
    }

    #[test]
    fn each_criterion_is_decided() {
        let cases = [
            (json!({ "emailDomain": ["acme.com"] }), true),
            (json!({ "emailDomain": ["x.example", "@ACME.com"] }), true),
            (json!({ "emailDomain": ["cme.com"] }), false),
            (json!({ "emailDomain": ["com"] }), false),
            (json!({ "twoFactorEnabled": false }), true),
            (json!({ "twoFactorEnabled": true }), false),
            (json!({ "emailVerified": false }), true),
            (json!({ "emailVerified": true }), false),
            (json!({ "banned": false, "locked": true }), true),
            (json!({ "banned": true, "locked": true }), false),
            (json!({ "neverSignedIn": false }), true),
            (json!({ "neverSignedIn": true }), false),
            (json!({ "createdAtAfter": "2026-01-01" }), false),
            (json!({ "createdAtBefore": "2026-01-01" }), true),
            // Never active, and created before the date.
            (json!({ "inactiveSince": "2026-01-01" }), true),
            (json!({ "metadataPath": "public.plan" }), true),
            (json!({ "metadataPath": "publicMetadata.plan" }), true),
            (json!({ "metadataPath": "public.plan", "metadataValue": "pro" }), true),
            (json!({ "metadataPath": "public.plan", "metadataValue": "free" }), false),
            (json!({ "metadataPath": "public.seats", "metadataValue": "3" }), true),
            (json!({ "metadataPath": "public.team.x", "metadataValue": "true" }), true),
            (json!({ "metadataPath": "public.tags", "metadataValue": "a" }), true),
            (json!({ "metadataPath": "public.tags", "metadataValue": "7" }), true),
            (json!({ "metadataPath": "private.team.lead", "metadataValue": "user_9" }), true),
            (json!({ "metadataPath": "private.team.none" }), false),
            (json!({ "metadataPath": "private.plan" }), false),
            (json!({ "metadataPath": "unsafe.plan" }), false),
        ];
        for (find, holds) in cases {
            let find: FindUsers = serde_json::from_value(find.clone()).unwrap();
            assert_eq!(find.holds(&user()), holds, "{find:?}");
        }
    }
}
