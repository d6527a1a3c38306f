//! What must hold for each row, and what the types of rows can't say.

use std::collections::HashSet;

use super::all;
use crate::tool::{
    field::{FieldType, Fields},
    param::{Param, Place, Rule, Shape, Type},
};

#[test]
fn the_path_is_filled_by_the_arguments_that_go_there() {
    for (_, tool) in all() {
        let Some(route) = tool.route() else { continue };
        let in_path: Vec<&str> = tool
            .params()
            .filter(|param| param.place == Place::Path)
            .map(|param| param.wire)
            .collect();
        assert_eq!(in_path, route.placeholders().collect::<Vec<_>>(), "{}", tool.name);
        assert!(
            tool.params().all(|param| param.place != Place::Path || param.required),
            "{}",
            tool.name
        );
    }
}

#[test]
fn a_get_has_no_body() {
    for (_, tool) in all() {
        if tool.route().is_some_and(|route| route.method.as_str() == "GET") {
            let has_body = |param: &Param| matches!(param.place, Place::Body | Place::WholeBody);
            assert!(!tool.params().any(has_body), "{}", tool.name);
        }
    }
}

#[test]
fn arguments_have_names_of_their_own_and_rules_know_them() {
    for (_, tool) in all() {
        check_params(tool.name, tool.params().collect(), tool.rules);
    }
}

fn check_params(at: &str, params: Vec<&'static Param>, rules: &[Rule]) {
    let names: HashSet<&str> = params.iter().map(|param| param.wire).collect();
    assert_eq!(names.len(), params.len(), "{at} has an argument twice");
    for rule in rules {
        let tied: Vec<&str> = match *rule {
            Rule::Any(names) | Rule::One(names) => names.to_vec(),
            Rule::With(name, other) => vec![name, other],
            Rule::Change => Vec::new(),
        };
        assert!(tied.iter().all(|name| names.contains(name)), "{at}: {rule:?}");
    }
    for param in params {
        if let Type::Object(shape) | Type::Objects { shape, .. } = param.ty {
            let shape: &'static Shape = shape;
            check_params(&format!("{at}.{}", param.wire), shape.params().collect(), shape.rules);
        }
    }
}

#[test]
fn fields_have_names_of_their_own() {
    for (_, tool) in all() {
        check_fields(tool.name, tool.fields);
    }
}

fn check_fields(at: &str, fields: &'static Fields) {
    let names: HashSet<&str> = fields.iter().map(|field| field.wire).collect();
    assert_eq!(names.len(), fields.iter().count(), "{at} has a field twice");
    for field in fields.iter() {
        if let FieldType::Object(fields) | FieldType::Objects(fields) = field.ty {
            check_fields(&format!("{at}.{}", field.wire), fields);
        }
    }
}

#[test]
fn a_tool_that_returns_a_secret_has_it_marked() {
    fn has_secret(fields: &'static Fields) -> bool {
        fields.iter().any(|field| {
            field.secret
                || match field.ty {
                    FieldType::Object(inner)
                    | FieldType::Objects(inner)
                    | FieldType::Inline(inner) => has_secret(inner),
                    _ => false,
                }
        })
    }
    for (_, tool) in all().filter(|(_, tool)| tool.returns_secret) {
        assert!(has_secret(tool.fields), "{}", tool.name);
    }
}

#[test]
fn a_tool_for_many_names_the_tool_for_one() {
    let many: Vec<_> = all().filter(|(_, tool)| !tool.many_of.is_empty()).collect();
    for (_, tool) in &many {
        assert!(all().any(|(_, one)| one.name == tool.many_of), "{}", tool.name);
    }
    assert_eq!(many.len(), 4);
}
