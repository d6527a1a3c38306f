//! What a call's arguments name: ids, addresses and metadata, at any depth, with what each makes
//! the call be about.

use serde_json::{Map, Value};

use super::{
    Tool,
    handle::Handle,
    kind::Kind,
    param::{Param, Relation, Type},
};

/// An id in a call's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference<'a> {
    /// Of which kinds it can be.
    pub(crate) kinds: &'static [Kind],
    /// What it makes the call be about.
    pub(crate) relation: Relation,
    /// The argument's name at Clerk.
    pub(crate) wire: &'static str,
    /// The id, without the sign that a filter may have.
    pub(crate) id: &'a str,
    /// What is there in place of the id, until it is looked up.
    pub(crate) handle: Option<Handle>,
}

/// An email address or a phone number in a call's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// Whether it is an email address.
    pub(crate) is_email: bool,
    /// Whether it is what somebody signs in with: a username too, and maybe nobody's.
    pub(crate) is_login: bool,
    /// What it makes the call be about.
    pub(crate) relation: Relation,
    /// The address, without the sign that a filter may have.
    pub(crate) text: &'a str,
}

/// Metadata in a call's arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    /// The argument's name at Clerk.
    pub(crate) wire: &'static str,
    /// Whether it is merged into what is there; else it replaces it.
    pub(crate) merges: bool,
    /// The metadata.
    pub(crate) metadata: &'a Map<String, Value>,
}

/// All that a call's arguments name.
#[derive(Debug, Default)]
pub(crate) struct Named<'a> {
    pub(crate) references: Vec<Reference<'a>>,
    pub(crate) addresses: Vec<Address<'a>>,
    pub(crate) metadata: Vec<Written<'a>>,
}

impl Tool {
    /// What checked arguments name.
    pub(crate) fn named<'a>(&self, arguments: &'a Map<String, Value>) -> Named<'a> {
        let mut named = Named::default();
        named.gather(self.arguments(), arguments);
        named
    }
}

impl<'a> Named<'a> {
    /// The ids of the objects that the call reads or changes.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Reference<'a>> {
        self.references.iter().filter(|reference| reference.relation == Relation::Target)
    }

    fn gather(
        &mut self,
        params: impl Iterator<Item = &'static Param>,
        arguments: &'a Map<String, Value>,
    ) {
        for param in params {
            if let Some(value) = arguments.get(&param.name()) {
                self.add(param.wire, &param.ty, value);
            }
        }
    }

    fn add(&mut self, wire: &'static str, ty: &Type, value: &'a Value) {
        match (ty, value) {
            (Type::List { of, .. }, Value::Array(items)) => {
                for item in items {
                    self.add(wire, of, item);
                }
            }
            (Type::Object(shape), Value::Object(properties)) => {
                self.gather(shape.params(), properties);
            }
            (Type::Objects { shape, .. }, Value::Array(items)) => {
                for properties in items.iter().filter_map(Value::as_object) {
                    self.gather(shape.params(), properties);
                }
            }
            (Type::Metadata { merges }, Value::Object(metadata)) => {
                self.metadata.push(Written { wire, merges: *merges, metadata });
            }
            (Type::Id { kinds, relation }, Value::String(id)) => {
                let Some(id) = wanted(id, *relation) else { return };
                let (relation, handle) = (*relation, Handle::of(kinds, id));
                self.references.push(Reference { kinds, relation, wire, id, handle });
            }
            (
                Type::Email { relation }
                | Type::Phone { relation }
                | Type::Identifier { relation }
                | Type::Login { relation },
                Value::String(text),
            ) => {
                let is_email = match ty {
                    Type::Identifier { .. } => !text.starts_with('+'),
                    Type::Login { .. } => text.contains('@'),
                    ty => matches!(ty, Type::Email { .. }),
                };
                let (relation, is_login) = (*relation, matches!(ty, Type::Login { .. }));
                let text = wanted(text, relation);
                let address = text.map(|text| Address { is_email, is_login, relation, text });
                self.addresses.extend(address);
            }
            _ => {}
        }
    }
}

/// What a value names. In a filter, a `+` may stand before what is wanted; `-` stands before what is
/// not, and that is not named: a list without the members of an organization is about others.
fn wanted(text: &str, relation: Relation) -> Option<&str> {
    match relation {
        Relation::Filter if text.starts_with('-') => None,
        Relation::Filter => Some(text.trim_start_matches('+')),
        _ => Some(text),
    }
}

impl Reference<'_> {
    /// Whether it can only be of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kinds == [kind]
    }

    /// Whether the call reads or changes the object, or gives it something.
    pub(crate) const fn is_subject(&self) -> bool {
        matches!(self.relation, Relation::Target | Relation::Grantee)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_what_is_wanted_only() {
        let cases = [
            (Relation::Filter, "org_1", Some("org_1")),
            (Relation::Filter, "+org_1", Some("org_1")),
            (Relation::Filter, "-org_1", None),
            (Relation::Target, "-org_1", Some("-org_1")),
        ];
        for (relation, text, named) in cases {
            assert_eq!(wanted(text, relation), named, "{text}");
        }
    }
}
