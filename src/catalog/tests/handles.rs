//! What every id in the catalog may be given as.

use serde_json::{Map, Value, json};

use super::super::all;
use crate::tool::{
    ArgumentError, Tool,
    handle::Handle,
    kind::Kind,
    param::{Shape, Type},
};

/// The ids that an argument holds: their paths, and the argument with `value` there.
fn places(ty: &'static Type, value: &str) -> Vec<(String, &'static [Kind], Value)> {
    let of_shape = |shape: &'static Shape| {
        shape.params().flat_map(|param| {
            places(&param.ty, value).into_iter().map(|(path, kinds, value)| {
                let name = param.name();
                (format!(".{name}{path}"), kinds, json!({ name: value }))
            })
        })
    };
    match ty {
        Type::Id { kinds, .. } => vec![(String::new(), *kinds, value.into())],
        Type::List { of, .. } => {
            let places = places(of, value).into_iter();
            places
                .map(|(path, kinds, value)| (format!("[0]{path}"), kinds, json!([value])))
                .collect()
        }
        Type::Object(shape) => of_shape(shape).collect(),
        Type::Objects { shape, .. } => of_shape(shape)
            .map(|(path, kinds, value)| (format!("[0]{path}"), kinds, json!([value])))
            .collect(),
        _ => Vec::new(),
    }
}

/// Every argument of every tool that takes an id of a kind, at any depth, with `value` in its place.
fn everywhere(kind: Kind, value: &str) -> Vec<(&'static Tool, String, Map<String, Value>)> {
    let mut found = Vec::new();
    for (_, tool) in all() {
        for param in tool.arguments() {
            let name = param.name();
            for (path, kinds, value) in places(&param.ty, value) {
                if kinds.contains(&kind) {
                    let arguments = Map::from_iter([(name.clone(), value)]);
                    found.push((tool, format!("{name}{path}"), arguments));
                }
            }
        }
    }
    found
}

#[test]
fn every_users_id_in_the_catalog_may_be_an_email_address_and_every_organizations_a_slug_or_a_name()
{
    let cases = [
        (Kind::User, Handle::Email, "bob@x.example", "user_1", 60),
        (Kind::Organization, Handle::Organization, "acme", "org_1", 40),
        (Kind::Organization, Handle::Organization, "Acme & Söhne", "org_1", 40),
    ];
    for (kind, expected, value, id, least) in cases {
        let everywhere = everywhere(kind, value);
        assert!(everywhere.len() >= least, "{kind:?}: {}", everywhere.len());
        for (tool, at, mut arguments) in everywhere {
            let errors = tool.check(arguments.clone()).err().unwrap_or_default();
            let is_refused = |error: &ArgumentError| at.starts_with(&error.argument);
            let refused: Vec<_> = errors
                .iter()
                .filter(|error| {
                    is_refused(error)
                        && error.problem.contains("must be")
                        && !error.problem.contains("missing")
                })
                .collect();
            assert!(refused.is_empty(), "{} {at}: {refused:?}", tool.name);
            let mut seen = Vec::new();
            tool.each_handle(&mut arguments, &mut |path, handle, text| {
                seen.push((path.to_owned(), handle, text.to_owned()));
                Some(id.to_owned())
            });
            assert_eq!(seen, [(at.clone(), expected, value.to_owned())], "{}", tool.name);
            let text = Value::Object(arguments).to_string();
            assert!(text.contains(id) && !text.contains(value), "{} {at}: {text}", tool.name);
        }
    }
}

fn tool(name: &str) -> &'static Tool {
    all().find(|(_, tool)| tool.name == name).unwrap().1
}

fn replaced(name: &str, arguments: &Value) -> Value {
    let mut arguments = tool(name).check(arguments.as_object().unwrap().clone()).unwrap().arguments;
    tool(name).each_handle(&mut arguments, &mut |_, _, text| {
        Some(format!("user_{}", text.split('@').next().unwrap()))
    });
    arguments.into()
}

#[test]
fn the_sign_of_a_filter_stays_and_a_list_has_each_user_once() {
    let cases = [
        (
            "clerk_list_users",
            json!({ "userId": "a@x, +b@x ,-c@x, user_1" }),
            json!({ "userId": ["user_a", "+user_b", "-user_c", "user_1"] }),
        ),
        (
            "clerk_ban_users",
            json!({ "userIds": ["a@x", "user_a", "b@x", "a@x"] }),
            json!({ "userIds": ["user_a", "user_b"] }),
        ),
        // What nobody looked up stays as it was given.
        (
            "clerk_ban_users",
            json!({ "userIds": "user_1,user_1" }),
            json!({ "userIds": ["user_1", "user_1"] }),
        ),
    ];
    for (name, given, expected) in cases {
        assert_eq!(replaced(name, &given), expected, "{name} {given}");
    }
}
