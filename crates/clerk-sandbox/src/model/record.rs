//! Resources that are kept as the objects that responses show.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};

/// The names of tables of records.
pub(crate) mod tables {
    pub(crate) const ADMIN_PORTAL_LINK: &str = "admin_portal_link_token";
    pub(crate) const AGENT_TASK: &str = "agent_task";
    pub(crate) const API_KEY: &str = "api_key";
    pub(crate) const CONNECTION: &str = "enterprise_connection";
    pub(crate) const CREDIT: &str = "commerce_credit_ledger";
    pub(crate) const DIRECTORY: &str = "directory";
    pub(crate) const DISCOUNT: &str = "commerce_discount";
    pub(crate) const DOMAIN: &str = "domain";
    pub(crate) const EMAIL: &str = "email";
    pub(crate) const GROUP_ROLE_MAPPING: &str = "directory_group_role_mapping";
    pub(crate) const M2M_TOKEN: &str = "machine_to_machine_token";
    pub(crate) const MACHINE: &str = "machine";
    pub(crate) const OAUTH_APPLICATION: &str = "oauth_application";
    pub(crate) const OAUTH_TOKEN: &str = "clerk_idp_oauth_access_token";
    pub(crate) const PAYMENT: &str = "commerce_payment";
    pub(crate) const PLAN: &str = "commerce_plan";
    pub(crate) const PRICE: &str = "commerce_price";
    pub(crate) const REDEMPTION: &str = "commerce_discount_redemption";
    pub(crate) const ROLE_SET: &str = "role_set";
    pub(crate) const SSO_BYPASS: &str = "sso_bypass_allowlist_user";
    pub(crate) const STATEMENT: &str = "commerce_statement";
    pub(crate) const SUBSCRIPTION_ITEM: &str = "commerce_subscription_item";
    pub(crate) const TEMPLATE: &str = "template";
    pub(crate) const TEST_RUN: &str = "enterprise_connection_test_run";
    pub(crate) const WAITLIST_ENTRY: &str = "waitlist_entry";

    /// Tables whose records go with a user or an organization, and the field that has the id of it.
    pub(crate) const OWNED: [(&str, &str); 10] = [
        (ADMIN_PORTAL_LINK, "organization_id"),
        (AGENT_TASK, "user_id"),
        (API_KEY, "subject"),
        (CONNECTION, "organization_id"),
        (CREDIT, "owner"),
        (OAUTH_TOKEN, "subject"),
        (PAYMENT, "owner"),
        (SSO_BYPASS, "id"),
        (STATEMENT, "owner"),
        (SUBSCRIPTION_ITEM, "owner"),
    ];
}

/// An object by the names of its fields. A field that is not there reads as null.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Record(pub(crate) Map<String, Value>);

impl Record {
    pub(crate) fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// The text of a field, empty if it has none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    pub(crate) fn id(&self) -> &str {
        self.text("id")
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.get(name) == true
    }

    /// The number of a field, 0 if it has none.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.get(name).as_i64().unwrap_or_default()
    }

    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }
}

impl FromIterator<(&'static str, Value)> for Record {
    fn from_iter<T: IntoIterator<Item = (&'static str, Value)>>(fields: T) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// All records, by table and id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records(HashMap<&'static str, IndexMap<String, Record>>);

impl Records {
    pub(crate) fn all(&self, table: &str) -> impl Iterator<Item = &Record> {
        self.0.get(table).into_iter().flat_map(IndexMap::values)
    }

    /// The first record that passes a test.
    pub(crate) fn find(&self, table: &str, passes: impl Fn(&Record) -> bool) -> Option<&Record> {
        self.0.get(table)?.values().find(|record| passes(record))
    }

    pub(crate) fn all_mut(&mut self, table: &str) -> impl Iterator<Item = &mut Record> {
        self.0.get_mut(table).into_iter().flat_map(IndexMap::values_mut)
    }

    pub(crate) fn get(&self, table: &str, id: &str) -> Option<&Record> {
        self.0.get(table)?.get(id)
    }

    pub(crate) fn get_mut(&mut self, table: &str, id: &str) -> Option<&mut Record> {
        self.0.get_mut(table)?.get_mut(id)
    }

    /// Keeps a record under its `id`.
    pub(crate) fn put(&mut self, table: &'static str, record: Record) {
        self.0.entry(table).or_default().insert(record.id().to_owned(), record);
    }

    pub(crate) fn remove(&mut self, table: &str, id: &str) -> Option<Record> {
        self.0.get_mut(table)?.shift_remove(id)
    }

    /// Removes what goes with this user or organization.
    pub(crate) fn remove_owned(&mut self, id: &str) {
        for (table, field) in tables::OWNED {
            self.retain(table, |record| record.text(field) != id);
        }
    }

    pub(crate) fn retain(&mut self, table: &str, mut keeps: impl FnMut(&Record) -> bool) {
        if let Some(records) = self.0.get_mut(table) {
            records.retain(|_, record| keeps(record));
        }
    }
}
