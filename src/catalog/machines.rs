//! Services that talk to one another, and their keys.
//! <https://clerk.com/docs/reference/backend-api/tag/machines>

mod fields;

use clerk_api::Route;

use self::fields::{DELETED_MACHINE_SCOPE, MACHINE, MACHINE_SCOPE, MACHINE_SECRET, NEW_MACHINE};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{LIMIT, OFFSET, Param, Relation, Rule, Type, id, integer, list, order, text},
    rest,
    undo::{Look, Source, Undo},
};

const MACHINE_ID: Param = id("machine_id", &[Kind::Machine], Relation::Target)
    .path()
    .about("The ID of the machine, which begins with mch_.");

static TOOLS: [Tool; 9] = [
    rest(
        "clerk_list_machines",
        "List machines",
        Route::get("/machines"),
        "List the machines, services that talk to one another with tokens of Clerk's.",
    )
    .takes(&[&[
        LIMIT,
        OFFSET,
        text("query").filter().about("A whole machine ID, or part of a name."),
        order("order_by", &["name", "created_at"]).about(
            "name or created_at; prefix - for descending, such as -created_at, the default.",
        ),
    ]])
    .lists("machines", &MACHINE),
    rest(
        "clerk_get_machine",
        "Get machine",
        Route::get("/machines/{machine_id}"),
        "Get one machine with the machines that it may talk to by ID.",
    )
    .takes(&[&[MACHINE_ID]])
    .returns(&MACHINE),
    rest(
        "clerk_create_machine",
        "Create machine",
        Route::post("/machines"),
        "Create a machine; the result has its secret key.",
    )
    .takes(&[&[
        text("name").at_most(255).required().about("What the machine is called."),
        list("scoped_machines", &Type::Id { kinds: &[Kind::Machine], relation: Relation::Nobody })
            .at_most(150)
            .about("IDs of machines that it may talk to, at most 150; comma-separated."),
        integer("default_token_ttl")
            .between(1, 315_360_000)
            .about("How long its tokens are valid by default, in seconds; 3600 if left out."),
    ]])
    .returns(&NEW_MACHINE)
    .undo(Undo::created("clerk_delete_machine", &[("machine_id", Source::Result("id"))]))
    .verify_with("clerk_list_machines")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_machine",
        "Update machine",
        Route::patch("/machines/{machine_id}"),
        "Change a machine's name or how long its tokens last.",
    )
    .takes(&[&[
        MACHINE_ID,
        text("name").at_most(255).about("What the machine is called."),
        integer("default_token_ttl")
            .between(1, 315_360_000)
            .about("How long its tokens are valid by default, in seconds."),
    ]])
    .rules(&[Rule::Change])
    .returns(&MACHINE)
    .undo(Undo::set_back(Look::Object("clerk_get_machine"), &["name", "default_token_ttl"]))
    .verify_with("clerk_get_machine")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_machine",
        "Delete machine",
        Route::delete("/machines/{machine_id}"),
        "Delete a machine: its key and its tokens stop working.",
    )
    .takes(&[&[MACHINE_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_machine"],
        "Its key and its tokens are gone. Create another with clerk_create_machine.",
    ))
    .verify_with("clerk_list_machines")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_machine_secret_key",
        "Get machine secret key",
        Route::get("/machines/{machine_id}/secret_key"),
        "Reveal a machine's secret key.",
    )
    .takes(&[&[MACHINE_ID]])
    .returns(&MACHINE_SECRET)
    .returns_secret(),
    rest(
        "clerk_rotate_machine_secret_key",
        "Rotate machine secret key",
        Route::post("/machines/{machine_id}/secret_key/rotate"),
        "Give a machine a new secret key; the old one works for previousTokenTtl seconds more.",
    )
    .takes(&[&[
        MACHINE_ID,
        integer("previous_token_ttl")
            .between(0, 28800)
            .required()
            .about("Seconds that the old key stays valid; with 0 it ends at once."),
    ]])
    .returns(&MACHINE_SECRET)
    .effect(Effect::Destroy)
    .undo(Undo::Never("The old key ends. Give the machine the new one."))
    .verify_with("clerk_get_machine_secret_key")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_create_machine_scope",
        "Create machine scope",
        Route::post("/machines/{machine_id}/scopes"),
        "Let one machine talk to another.",
    )
    .takes(&[&[
        MACHINE_ID.about("The ID of the machine that gets access."),
        id("to_machine_id", &[Kind::Machine], Relation::Nobody)
            .required()
            .about("The ID of the machine that it may talk to."),
    ]])
    .returns(&MACHINE_SCOPE)
    .undo(
        Undo::by(
            "clerk_delete_machine_scope",
            &[
                ("machine_id", Source::Argument("machine_id")),
                ("other_machine_id", Source::Argument("to_machine_id")),
            ],
        )
        .changes(Look::Object("clerk_get_machine"), &["scoped_machines"]),
    )
    .verify_with("clerk_list_machines")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_machine_scope",
        "Delete machine scope",
        Route::delete("/machines/{machine_id}/scopes/{other_machine_id}"),
        "Stop a machine from talking to another.",
    )
    .takes(&[&[
        MACHINE_ID.about("The ID of the machine that loses access."),
        id("other_machine_id", &[Kind::Machine], Relation::Target)
            .path()
            .about("The ID of the machine that it may no longer talk to."),
    ]])
    .returns(&DELETED_MACHINE_SCOPE)
    .undo(
        Undo::by(
            "clerk_create_machine_scope",
            &[
                ("machine_id", Source::Argument("machine_id")),
                ("to_machine_id", Source::Argument("other_machine_id")),
            ],
        )
        .changes(Look::Object("clerk_get_machine"), &["scoped_machines"]),
    )
    .verify_with("clerk_list_machines")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "machines",
    about: "Services that authenticate to one another, and their keys",
    find: "clerk_list_machines",
    on: On::Chosen,
    tools: &TOOLS,
};
