//! How each write is taken back: what a row says of it must be possible.

use std::collections::HashSet;

use super::{super::changes::reader, all, words, writes};
use crate::tool::{
    Exec, Local, ResultKind, Tool,
    field::{Field, FieldType, Fields},
    param::{Clear, Param, Place, Shape, Type},
    undo::{Look, Opposite, Source, Undo},
};

#[test]
fn every_write_says_how_it_is_taken_back() {
    assert!(all().all(|(_, tool)| !tool.effect.is_read() || matches!(tool.undo, Undo::Nothing)));
    let is_of_others = |tool: &Tool| {
        matches!(tool.exec, Exec::Steps(_) | Exec::Local(Local::Run | Local::RunApproved))
    };
    let unsaid = |tool: &Tool| {
        matches!(tool.undo, Undo::Nothing) && !tool.checks_secret() && !is_of_others(tool)
    };
    assert_eq!(writes(unsaid), [""; 0]);
    assert_eq!(writes(|tool| matches!(tool.undo, Undo::Nothing)), words(NOTHING));
    assert!(writes(|tool| matches!(tool.undo, Undo::SetBack { .. })).len() > 25);
    assert!(writes(|tool| matches!(tool.undo, Undo::By(_))).len() > 45);
}

/// Those that check a secret and leave nothing, and those that consist of calls of others.
const NOTHING: &str = "
    bulk_update revoke_user_sessions run_approved run_write undo_changes verify_api_key verify_client
    verify_m2m_token verify_oauth_access_token verify_user_password";

#[test]
fn the_sentence_on_undo_says_whether_how_and_what_is_lost() {
    let sentence = |name: &str| of(name).undo_sentence();
    assert_eq!(sentence("clerk_get_user"), "");
    assert_eq!(
        sentence("clerk_ban_user"),
        "It can be undone with clerk_unban_user. The sessions don't come back."
    );
    assert_eq!(sentence("clerk_lock_user"), "It can be undone with clerk_unlock_user.");
    assert_eq!(
        sentence("clerk_update_user"),
        "It can be set back. The old password doesn't come back."
    );
    assert_eq!(
        sentence("clerk_revoke_session"),
        "It can't be undone. The user has to sign in again."
    );
}

#[test]
fn what_undo_says_are_sentences_that_name_tools_there_are() {
    for (_, tool) in all() {
        let sentence = tool.undo_sentence();
        assert!(sentence.is_empty() || sentence.ends_with('.'), "{}: {sentence}", tool.name);
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for word in sentence.split(|c| !is_of_name(c)).filter(|word| word.starts_with("clerk_")) {
            assert!(all().any(|(_, other)| other.name == word), "{}: {word}", tool.name);
        }
    }
}

#[test]
fn what_is_looked_at_can_be_read_with_the_arguments_of_the_call() {
    for (_, tool) in all() {
        let (Undo::SetBack { look, .. } | Undo::By(Opposite { look, .. })) = tool.undo else {
            continue;
        };
        let Some(reader) = reader(look) else { continue };
        let at = format!("{} by {}", tool.name, reader.name);
        assert!(reader.effect.is_read(), "{at}");
        for param in own(reader).filter(|param| param.required) {
            assert!(own(tool).any(|own| own.wire == param.wire && own.required), "{at}: {param:?}");
        }
        let Look::Row { field, argument, .. } = look else {
            assert!(reader.result.rows().is_none(), "{at}");
            continue;
        };
        assert!(matches!(reader.result, ResultKind::List(_)), "{at}");
        assert!(own(tool).any(|param| param.wire == argument && param.required), "{at}");
        assert!(matches!(behind(reader.fields, field), FieldType::Code), "{at}");
    }
}

#[test]
fn what_is_kept_of_a_deletion_is_read_with_its_arguments() {
    let mut deletions = 0;
    for (_, tool) in all() {
        let Undo::Gone { looks, .. } = tool.undo else { continue };
        deletions += 1;
        for reader in looks.iter().map(|name| of(name)) {
            assert!(reader.effect.is_read(), "{} by {}", tool.name, reader.name);
            for param in own(reader).filter(|param| param.required) {
                let is_given = own(tool).any(|own| own.wire == param.wire && own.required);
                assert!(is_given, "{} by {}: {param:?}", tool.name, reader.name);
            }
        }
    }
    assert!(deletions >= 12, "{deletions}");
}

#[test]
fn what_is_set_back_is_an_argument_that_the_object_shows() {
    for (_, tool) in all() {
        let Undo::SetBack { look, fields, elsewhere, but } = tool.undo else { continue };
        let reader = reader(look).unwrap();
        assert!(!fields.is_empty() && is_distinct(fields), "{}", tool.name);
        for name in fields {
            let at = format!("{} {name}", tool.name);
            let param = own(tool).find(|param| param.wire == *name);
            let param = param.unwrap_or_else(|| panic!("{at} is no argument"));
            assert!(!param.secret && param.place == Place::Body, "{at}");
            let path = elsewhere.iter().find(|(argument, _)| argument == name);
            let Some((_, path)) = path else {
                let field = shown(reader.fields, name);
                let field = field.unwrap_or_else(|| panic!("{at} isn't shown"));
                assert!(fits(param.ty, field.ty), "{at}: {:?} from {:?}", param.ty, field.ty);
                continue;
            };
            let ty = behind(reader.fields, path);
            match (param.ty, ty) {
                // Of an object some properties may not be shown: those stay.
                (Type::Object(shape), FieldType::Object(fields)) => {
                    assert!(shape.params().any(|part| shown(fields, part.wire).is_some()), "{at}");
                }
                // One of each item.
                (Type::List { .. }, FieldType::Code) => {}
                (param, ty) => assert!(fits(param, ty), "{at}: {param:?} from {ty:?}"),
            }
        }
        for (argument, path) in elsewhere {
            let at = format!("{} {argument}", tool.name);
            let param = own(tool).find(|param| param.wire == *argument).expect(&at);
            assert!(fields.contains(argument) || param.place == Place::Path, "{at}");
            behind(reader.fields, path);
        }
        let left = |param: &&Param| param.place != Place::Path && !fields.contains(&param.wire);
        let left: Vec<&Param> = own(tool).filter(left).collect();
        // What a call must have is there when it is called again, and what is lost is said.
        assert!(!left.iter().any(|param| param.required), "{}: {left:?}", tool.name);
        assert!(left.is_empty() || !but.is_empty(), "{}: {left:?}", tool.name);
    }
}

/// If Clerk shows null or "" for one of these, no call can bring that back.
#[test]
fn what_can_not_be_set_back_to_nothing_is_known() {
    let mut kept = Vec::new();
    for (_, tool) in all() {
        let Undo::SetBack { fields, .. } = tool.undo else { continue };
        let may_be_none = |param: &&Param| {
            !matches!(param.ty, Type::Bool | Type::Integer { .. } | Type::Choice(_))
                && !matches!(param.ty, Type::Metadata { merges: true } | Type::Map { .. })
        };
        let kept_here = own(tool).filter(|param| fields.contains(&param.wire));
        let kept_here = kept_here.filter(|param| param.clear == Clear::Never).filter(may_be_none);
        let name = &tool.name["clerk_update_".len()..];
        kept.extend(kept_here.map(|param| format!("{name}.{}", param.wire)));
    }
    kept.sort_unstable();
    assert_eq!(kept, words(NEVER_CLEARED));
}

/// Names, keys, roles and owners, which are always there; and those that may be missing: slugs,
/// descriptions of permissions, what a template says, links to an organization, primary addresses.
const NEVER_CLEARED: &str = "
    api_key.subject directory.name directory.provider domain.name enterprise_connection.domains
    enterprise_connection.name enterprise_connection.oidc enterprise_connection.organization_id
    enterprise_connection.saml jwt_template.name
    machine.name oauth_application.name oauth_application.scopes organization.created_at
    organization.name organization.slug organization_membership.role
    organization_permission.description organization_permission.key organization_permission.name
    organization_role.key organization_role.name role_set.creator_role_key
    role_set.default_role_key role_set.key role_set.name saml_connection.name
    scim_directory.name scim_directory.provider template.body template.from_email_name
    template.name template.reply_to_email_name user.primary_email_address_id
    user.primary_phone_number_id";

#[test]
fn an_opposite_call_is_one_that_can_be_made() {
    for (_, tool) in all() {
        let Undo::By(Opposite { tool: name, arguments, look, changes, .. }) = tool.undo else {
            continue;
        };
        let opposite = of(name);
        let object = reader(look).map(|reader| reader.fields);
        assert!(!opposite.effect.is_read(), "{}", tool.name);
        let names: Vec<&str> = arguments.iter().map(|(name, _)| *name).collect();
        assert!(is_distinct(&names), "{}", tool.name);
        for param in own(opposite).filter(|param| param.required) {
            assert!(names.contains(&param.wire), "{} lacks {}", tool.name, param.wire);
        }
        for (name, source) in arguments {
            let at = format!("{}: {name} from {source:?}", tool.name);
            let param = own(opposite).find(|param| param.wire == *name);
            let param = param.unwrap_or_else(|| panic!("{at}: there is no such argument"));
            let fields = match *source {
                Source::Argument(given) => {
                    let given = own(tool).find(|param| param.wire == given).expect(&at);
                    assert!(given.required && !given.secret && is_alike(given, param), "{at}");
                    continue;
                }
                Source::Result(field) => (tool.fields, field),
                Source::Before(field) => (object.expect(&at), field),
            };
            let is_of_list = tool.result.rows().is_some();
            assert!(!is_of_list || matches!(source, Source::Before(_)), "{at}");
            let path: Vec<&str> = fields.1.split('.').collect();
            assert!(fits(param.ty, behind(fields.0, &path)), "{at}");
        }
        for field in changes {
            assert!(shown(object.unwrap(), field).is_some(), "{}: {field}", tool.name);
        }
    }
}

/// Two operations that undo each other must agree on what they are about.
#[test]
fn the_opposite_of_an_opposite_is_the_call_itself() {
    let mut pairs = 0;
    for (_, tool) in all() {
        let Undo::By(there) = tool.undo else { continue };
        if let Undo::By(back) = of(there.tool).undo {
            assert_eq!(back.tool, tool.name);
            assert_eq!(back.changes, there.changes, "{}", tool.name);
            pairs += 1;
        }
    }
    assert!(pairs >= 12, "{pairs}");
}

fn of(name: &str) -> &'static Tool {
    let (_, tool) = all().find(|(_, tool)| tool.name == name).expect(name);
    tool
}

/// The arguments of the row itself.
fn own(tool: &Tool) -> impl Iterator<Item = &'static Param> + use<> {
    tool.params.iter().copied().flatten()
}

/// The field that results show under this name at Clerk.
fn shown(fields: &'static Fields, wire: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.wire == wire && !field.secret)
}

/// The type of the field at a path of names at Clerk.
fn behind(fields: &'static Fields, path: &[&str]) -> FieldType {
    let (last, above) = path.split_last().unwrap();
    let fields = above.iter().fold(fields, |fields, name| match shown(fields, name) {
        Some(Field { ty: FieldType::Object(inner) | FieldType::Objects(inner), .. }) => inner,
        other => panic!("{path:?}: {name} is {other:?}"),
    });
    shown(fields, last).unwrap_or_else(|| panic!("{path:?} isn't shown")).ty
}

fn is_distinct(names: &[&str]) -> bool {
    names.iter().collect::<HashSet<_>>().len() == names.len()
}

/// Whether what one argument holds is what the other takes.
fn is_alike(given: &Param, taken: &Param) -> bool {
    match (given.ty, taken.ty) {
        (Type::List { of: given, .. }, Type::List { of: taken, .. }) => {
            std::mem::discriminant(given) == std::mem::discriminant(taken)
        }
        (given, taken) => std::mem::discriminant(&given) == std::mem::discriminant(&taken),
    }
}

/// Whether an argument takes what a field shows.
fn fits(ty: Type, field: FieldType) -> bool {
    match (ty, field) {
        (
            Type::Id { .. }
            | Type::Email { .. }
            | Type::Phone { .. }
            | Type::Identifier { .. }
            | Type::Text { .. }
            | Type::Choice(_),
            FieldType::Code | FieldType::Text,
        )
        | (Type::Integer { .. }, FieldType::Integer)
        | (Type::Bool, FieldType::Bool)
        | (Type::Timestamp { future: false }, FieldType::Time)
        | (Type::List { .. }, FieldType::Codes | FieldType::Texts)
        | (Type::Metadata { .. }, FieldType::Metadata)
        | (Type::Json | Type::Map { .. }, FieldType::Json) => true,
        (Type::Object(shape), FieldType::Object(fields))
        | (Type::Objects { shape, .. }, FieldType::Objects(fields)) => holds(shape, fields),
        _ => false,
    }
}

/// Whether an object shows all that an argument's object holds.
fn holds(shape: &'static Shape, fields: &'static Fields) -> bool {
    shape.params().all(|param| {
        shown(fields, param.wire).is_some_and(|field| !param.secret && fits(param.ty, field.ty))
    })
}
