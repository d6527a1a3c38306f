//! A schema: the fields of an object, the items of an array, and what a value may be.

use serde_json::Value;

use super::{Contract, fields, items};

/// A schema of the document, in the form of OpenAPI 3.0, its reference followed.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    pub(super) contract: &'a Contract,
    pub(super) value: &'a Value,
    name: Option<&'a str>,
}

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Property<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// Whether the object must have it.
    pub required: bool,
    /// Its values.
    pub schema: Schema<'a>,
}

impl<'a> Schema<'a> {
    pub(super) fn new(contract: &'a Contract, value: &'a Value) -> Self {
        let reference = value["$ref"].as_str();
        let name = reference.and_then(|reference| reference.rsplit('/').next());
        Self { contract, value: contract.resolve(value), name }
    }

    pub(super) fn called(self, name: &str) -> Self {
        let known = fields(&self.contract.document["components"]["schemas"]);
        let name = known.map(|(known, _)| known).find(|known| *known == name);
        Self { name, ..self }
    }

    fn nested(&self, value: &'a Value) -> Self {
        Self::new(self.contract, value)
    }

    /// The name under which the components have it, if it was referred to.
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// The schema as the document has it.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// A keyword such as `type`, `format`, `pattern`, `maximum` or `default`: its own, else that of
    /// a schema which it extends (`allOf`).
    pub fn keyword(&self, name: &str) -> Option<&'a Value> {
        let own = self.value.get(name);
        own.or_else(|| self.parts().find_map(|part| part.keyword(name)))
    }

    /// Its `type`; if it isn't given, `object` if there are properties.
    pub fn kind(&self) -> Option<&'a str> {
        let given = self.keyword("type").and_then(Value::as_str);
        given.or_else(|| self.keyword("properties").map(|_| "object"))
    }

    /// Whether a value may be null.
    pub fn is_nullable(&self) -> bool {
        self.value["nullable"] == true || self.options().any(|option| is_null(option.value))
    }

    /// Whether Clerk advises against it.
    pub fn is_deprecated(&self) -> bool {
        self.value["deprecated"] == true
    }

    /// The values that it may have, if they are listed.
    pub fn choices(&self) -> Vec<&'a Value> {
        self.keyword("enum").into_iter().flat_map(items).collect()
    }

    /// The fields of an object, with those of the schemas that it extends, in the document's order.
    pub fn properties(&self) -> Vec<Property<'a>> {
        let mut all: Vec<Property<'a>> = Vec::new();
        for part in self.parts() {
            for property in part.properties() {
                add(&mut all, property);
            }
        }
        for (name, value) in fields(&self.value["properties"]) {
            add(&mut all, Property { name, required: false, schema: self.nested(value) });
        }
        let required = self.required();
        for property in &mut all {
            property.required = required.contains(&property.name);
        }
        all
    }

    /// The names of the fields that an object must have.
    pub fn required(&self) -> Vec<&'a str> {
        let own = items(&self.value["required"]).filter_map(Value::as_str);
        let parts: Vec<_> = self.parts().flat_map(|part| part.required()).collect();
        own.chain(parts).collect()
    }

    /// The field of this name.
    pub fn property(&self, name: &str) -> Option<Schema<'a>> {
        let mut all = self.properties().into_iter();
        all.find(|property| property.name == name).map(|property| property.schema)
    }

    /// The items of an array.
    pub fn items(&self) -> Option<Schema<'a>> {
        self.keyword("items").map(|items| self.nested(items))
    }

    /// What fields without a name of their own are, if the document says it.
    pub fn additional(&self) -> Option<Schema<'a>> {
        let additional = self.keyword("additionalProperties");
        additional.filter(|value| value.is_object()).map(|value| self.nested(value))
    }

    /// What a value may be of several (`oneOf`, `anyOf`), except null.
    pub fn alternatives(&self) -> Vec<Schema<'a>> {
        self.options().filter(|option| !is_null(option.value)).collect()
    }

    /// The schema at a path below, through alternatives as well: `invitations[].email_address`, or
    /// `[].id` of an array. The path `""` is the schema itself.
    pub fn at(&self, path: &str) -> Option<Schema<'a>> {
        let path = path.strip_prefix('.').unwrap_or(path);
        if path.is_empty() {
            return Some(*self);
        }
        let below = if let Some(rest) = path.strip_prefix("[]") {
            self.items().and_then(|items| items.at(rest))
        } else {
            let end = path.find(['.', '[']).unwrap_or(path.len());
            let (name, rest) = path.split_at(end);
            self.property(name).and_then(|property| property.at(rest))
        };
        below.or_else(|| self.alternatives().iter().find_map(|option| option.at(path)))
    }

    /// The schemas that it extends.
    pub(super) fn parts(&self) -> impl Iterator<Item = Schema<'a>> + use<'a> {
        let this = *self;
        items(&self.value["allOf"]).map(move |part| this.nested(part))
    }

    fn options(&self) -> impl Iterator<Item = Schema<'a>> + use<'a> {
        let this = *self;
        let both = [&self.value["oneOf"], &self.value["anyOf"]].into_iter().flat_map(items);
        both.map(move |option| this.nested(option))
    }
}

fn is_null(schema: &Value) -> bool {
    schema["type"] == "null"
}

/// A later property of a name replaces an earlier one.
fn add<'a>(all: &mut Vec<Property<'a>>, property: Property<'a>) {
    match all.iter_mut().find(|known| known.name == property.name) {
        Some(known) => *known = property,
        None => all.push(property),
    }
}
