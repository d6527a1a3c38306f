//! `/directories`, and `/scim_directories` as they were called before: an identity provider's users
//! and groups. No provider calls the sandbox.

use serde_json::{Value, json};

use super::Action::{Delete, Do, Find, List, Show, Update};
use super::connections::CONNECTION;
use super::{Call, Route};
use crate::body::Fields;
use crate::model::{FRONTEND_API, Record, tables};
use crate::records::{self, Field, Kind, Shape};
use crate::refusal::{
    FEATURE_NOT_ENABLED, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MISSING, FORM_RESOURCE_NOT_FOUND,
    Refusal, SCIM_DIRECTORY_ENTERPRISE_CONNECTION_ALREADY_USED,
};
use crate::reply::{self, Reply};
use crate::store::Store;

/// The operations of a family: its directories, its mappings, and their paths.
macro_rules! routes {
    ($directory:expr, $mapping:expr, $path:literal, $id:literal) => {{
        const FAMILY: Family = Family { directory: &$directory, mapping: &$mapping };
        &[
            Route::get($path, List(&$directory)),
            Route::post($path, Do(|store, call| FAMILY.create(store, call))),
            Route::get(concat!($path, "/{", $id, "}"), Show(&$directory)),
            Route::patch(concat!($path, "/{", $id, "}"), Update(&$directory)),
            Route::delete(concat!($path, "/{", $id, "}"), Delete(&$directory)),
            Route::post(
                concat!($path, "/{", $id, "}/rotate_api_key"),
                Do(|store, call| FAMILY.rotate(store, call)),
            ),
            Route::get(
                concat!($path, "/{", $id, "}/group_role_mappings"),
                Find(|store, call| FAMILY.mappings(store, call)),
            ),
            Route::post(
                concat!($path, "/{", $id, "}/group_role_mappings"),
                Do(|store, call| FAMILY.add_mapping(store, call)),
            ),
            Route::put(
                concat!($path, "/{", $id, "}/group_role_mappings"),
                Do(|store, call| FAMILY.replace_mappings(store, call)),
            ),
            Route::delete(
                concat!($path, "/{", $id, "}/group_role_mappings/{mapping_id}"),
                Do(|store, call| FAMILY.delete_mapping(store, call)),
            ),
        ]
    }};
}

pub(super) const ROUTES: &[Route] = routes!(DIRECTORY, MAPPING, "/directories", "directory_id");

pub(super) const SCIM_ROUTES: &[Route] =
    routes!(SCIM_DIRECTORY, SCIM_MAPPING, "/scim_directories", "scim_directory_id");

/// The two names of the same.
struct Family {
    directory: &'static Kind,
    mapping: &'static Kind,
}

const DIRECTORY: Kind = Kind {
    complete,
    remove: |store, directory| {
        let id = directory.id();
        store.records.retain(tables::GROUP_ROLE_MAPPING, |one| one.text("directory_id") != id);
        Ok(())
    },
    ..Kind::new(
        tables::DIRECTORY,
        "dir",
        "directory",
        &[
            Field::new("name", Shape::Text),
            Field::new("enterprise_connection_id", Shape::Name).required().only_created(),
            Field::derived("endpoint_url"),
            Field::new("provider", Shape::Name).required(),
            Field::new("enabled", Shape::Flag).or("true").only_updated(),
            Field::new("group_role_mapping_enabled", Shape::Flag).or("false").only_updated(),
            Field::new("attribute_mapping", Shape::Object).or("{}").only_updated(),
            Field::derived("custom_attributes").or("[]"),
            Field::derived("api_key").secret(),
        ],
    )
};

const SCIM_DIRECTORY: Kind = Kind { object: "scim_directory", ..DIRECTORY };

const MAPPING: Kind = Kind {
    list: records::List { sort: ("precedence", false), ..records::List::WHOLE },
    show: |store, mapping| {
        let role = store.role(mapping.text("role_id")).ok();
        mapping.set("role", json!(role));
        for (of, from) in [
            ("scim_directory_id", "directory_id"),
            ("scim_group_id", "directory_group_id"),
            ("scim_group_display_name", "directory_group_display_name"),
        ] {
            let value = mapping.get(from).clone();
            mapping.set(of, value);
        }
    },
    ..Kind::new(
        tables::GROUP_ROLE_MAPPING,
        "dgrm",
        "group role mapping",
        &[
            Field::derived("directory_id"),
            Field::derived("directory_group_id"),
            Field::derived("directory_group_display_name"),
            Field::derived("role_id").internal(),
            Field::derived("precedence"),
        ],
    )
};

const SCIM_MAPPING: Kind = Kind { object: "scim_group_role_mapping", ..MAPPING };

/// What is given is merged into the mapping of attributes: null removes a key, the others stay.
fn merge_attributes(directory: &mut Record, before: &Record) {
    const NAME: &str = "attribute_mapping";
    let mut merged = before.get(NAME).as_object().cloned().unwrap_or_default();
    for (attribute, path) in directory.get(NAME).as_object().into_iter().flatten() {
        if path.is_null() {
            merged.remove(attribute);
        } else {
            merged.insert(attribute.clone(), path.clone());
        }
    }
    directory.set(NAME, merged);
}

fn complete(
    store: &mut Store,
    directory: &mut Record,
    before: Option<&Record>,
) -> Result<(), Refusal> {
    if let Some(before) = before {
        merge_attributes(directory, before);
        return Ok(());
    }
    let connection = directory.text("enterprise_connection_id");
    let Ok(found) = CONNECTION.get(store, connection) else {
        let sentence = format!("No enterprise connection exists with id: {connection}");
        return Err(FORM_RESOURCE_NOT_FOUND.at("enterprise_connection_id", sentence).into());
    };
    let name = found.get("name").clone();
    let is_same = |other: &Record| other.text("enterprise_connection_id") == connection;
    if DIRECTORY.find(store, is_same).is_some() {
        let sentence = "This enterprise connection is already associated with another directory.";
        return Err(SCIM_DIRECTORY_ENTERPRISE_CONNECTION_ALREADY_USED
            .at("enterprise_connection_id", sentence)
            .into());
    }
    if directory.get("name").is_null() {
        directory.set("name", name);
    }
    directory.set("endpoint_url", format!("{FRONTEND_API}/v1/scim/{}", directory.id()));
    directory.set("api_key", store.secret("scim"));
    Ok(())
}

impl Family {
    fn create(&self, store: &mut Store, call: &Call) -> Reply {
        let mut fields = call.fields()?;
        let mappings = read_mappings(store, &mut fields, "group_role_mappings");
        let further = if mappings.is_empty() {
            Record::default()
        } else {
            // Mappings that come with the directory are meant to work.
            [("group_role_mapping_enabled", json!(true))].into_iter().collect()
        };
        let directory = self.directory.add(store, fields, further)?;
        self.keep(store, directory.id(), &mappings);
        Ok(reply::json(&self.directory.shown_once(store, &directory)))
    }

    /// The new API key is shown once.
    fn rotate(&self, store: &mut Store, call: &Call) -> Reply {
        self.directory.get(store, call.id())?;
        let (key, now) = (store.secret("scim"), store.now());
        let directory = self.directory.get_mut(store, call.id())?;
        directory.set("api_key", key);
        directory.set("updated_at", now);
        let directory = directory.clone();
        Ok(reply::json(&self.directory.shown_once(store, &directory)))
    }

    fn mappings(&self, store: &mut Store, call: &mut Call) -> Reply {
        let id = self.directory.get(store, call.id())?.id().to_owned();
        self.mapping.page(store, call.take_query(), |mapping| mapping.text("directory_id") == id)
    }

    fn add_mapping(&self, store: &mut Store, call: &Call) -> Reply {
        self.check_enabled(store, call.id())?;
        let mut fields = call.fields()?;
        let mapping = read_mapping(store, &mut fields, "");
        fields.finish()?;
        let last = mappings_of(store, call.id()).map(|one| one.number("precedence")).max();
        let place = mapping.precedence.unwrap_or(last.unwrap_or_default() + 1);
        let id = self.keep_one(store, call.id(), &mapping, place);
        Ok(self.mapping.reply(store, self.mapping.get(store, &id)?))
    }

    fn replace_mappings(&self, store: &mut Store, call: &Call) -> Reply {
        self.check_enabled(store, call.id())?;
        let mut fields = call.fields()?;
        if !fields.gives("mappings") {
            fields.refuse_missing("mappings");
        }
        let mappings = read_mappings(store, &mut fields, "mappings");
        fields.finish()?;
        let id = call.id();
        store.records.retain(tables::GROUP_ROLE_MAPPING, |one| one.text("directory_id") != id);
        self.keep(store, id, &mappings);
        self.mapping
            .page(store, crate::query::Query::default(), |one| one.text("directory_id") == id)
    }

    fn delete_mapping(&self, store: &mut Store, call: &Call) -> Reply {
        self.check_enabled(store, call.id())?;
        let id = call.second_id();
        let mapping = self.mapping.get(store, id)?;
        if mapping.text("directory_id") != call.id() {
            return Err(self.mapping.none(id));
        }
        self.mapping.delete(store, id)
    }

    fn check_enabled(&self, store: &Store, id: &str) -> Result<(), Refusal> {
        if self.directory.get(store, id)?.is("group_role_mapping_enabled") {
            return Ok(());
        }
        let sentence = "Role mapping is disabled for this directory. Enable role mapping to add, \
                        edit, or remove mappings.";
        Err(FEATURE_NOT_ENABLED.because(sentence).into())
    }

    /// Keeps mappings in their order.
    fn keep(&self, store: &mut Store, directory: &str, mappings: &[Mapping]) {
        for (place, mapping) in (1..).zip(mappings) {
            self.keep_one(store, directory, mapping, place);
        }
    }

    fn keep_one(
        &self,
        store: &mut Store,
        directory: &str,
        mapping: &Mapping,
        place: i64,
    ) -> String {
        let (id, now) = (self.mapping.ids.next(store), store.now());
        let record = [
            ("id", json!(id)),
            ("directory_id", json!(directory)),
            ("directory_group_id", json!(mapping.group)),
            ("directory_group_display_name", json!(mapping.name)),
            ("role_id", json!(mapping.role)),
            ("precedence", json!(place)),
            ("created_at", json!(now)),
            ("updated_at", json!(now)),
        ];
        store.records.put(tables::GROUP_ROLE_MAPPING, record.into_iter().collect());
        id
    }
}

fn mappings_of<'a>(store: &'a Store, directory: &str) -> impl Iterator<Item = &'a Record> {
    let all = store.records.all(tables::GROUP_ROLE_MAPPING);
    all.filter(move |mapping| mapping.text("directory_id") == directory)
}

/// A mapping as a request gives it.
#[derive(Default)]
struct Mapping {
    group: String,
    name: String,
    role: String,
    precedence: Option<i64>,
}

fn read_mappings(store: &Store, fields: &mut Fields, name: &str) -> Vec<Mapping> {
    let items = match fields.take(name) {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let sentence = format!("{name} must be an array of objects.");
            fields.refuse(FORM_PARAM_FORMAT_INVALID.at(name, sentence));
            return Vec::new();
        }
    };
    let mut mappings = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{name}[{index}]");
        let Value::Object(given) = item else {
            let sentence = format!("{path} must be an object.");
            fields.refuse(FORM_PARAM_FORMAT_INVALID.at(&path, sentence));
            continue;
        };
        let mut given = Fields::from(given);
        mappings.push(read_mapping(store, &mut given, &format!("{path}.")));
        for error in given.errors_within(&path) {
            fields.refuse(error);
        }
    }
    mappings
}

/// Reads a mapping. Groups have an older and a newer name, which mean the same.
fn read_mapping(store: &Store, fields: &mut Fields, path: &str) -> Mapping {
    let mut either = |names: [&str; 2]| {
        let [older, newer] = names.map(|name| fields.text(name).value());
        newer.or(older).unwrap_or_default()
    };
    let group = either(["scim_group_id", "directory_group_id"]);
    let name = either(["scim_group_display_name", "directory_group_display_name"]);
    let role = fields.text("role_id").value().unwrap_or_default();
    let precedence = fields.count("precedence").value();
    for (field, value) in [("directory_group_id", &group), ("role_id", &role)] {
        if value.is_empty() {
            let field = format!("{path}{field}");
            let sentence = format!("{field} must be included.");
            fields.refuse(FORM_PARAM_MISSING.at(&field, sentence));
        }
    }
    if !role.is_empty() && store.role(&role).is_err() {
        let field = format!("{path}role_id");
        fields.refuse(FORM_RESOURCE_NOT_FOUND.at(&field, "Organization role not found"));
    }
    let precedence = precedence.and_then(|place| i64::try_from(place).ok());
    Mapping { name: if name.is_empty() { group.clone() } else { name }, group, role, precedence }
}
