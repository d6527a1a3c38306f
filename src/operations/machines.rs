//! Services that talk to one another, and their keys.
//! <https://clerk.com/docs/reference/backend-api/tag/machines>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Rule,
    param::{LIMIT, OFFSET, id, integer, list, text},
    plain,
};

/// The fields of a machine.
const MACHINE: &[&str] = &[
    "id",
    "name",
    "instance_id",
    "created_at",
    "updated_at",
    "default_token_ttl",
    "scoped_machines",
];

pub(super) static OPERATIONS: [Entry; 9] = [
    plain(
        "clerk_list_machines",
        "List machines",
        Route::get("/machines"),
        "List the machines, services that talk to one another with tokens of Clerk's.",
    )
    .takes(&[
        LIMIT,
        OFFSET,
        text("query"),
        text("order_by").about("A field such as created_at; - before it for descending."),
    ])
    .rows("machines")
    .answers(MACHINE),
    plain(
        "clerk_get_machine",
        "Get machine",
        Route::get("/machines/{machine_id}"),
        "Get one machine with the machines that it may talk to by ID.",
    )
    .answers(MACHINE),
    plain(
        "clerk_create_machine",
        "Create machine",
        Route::post("/machines"),
        "Make a machine; the answer has its secret key.",
    )
    .takes(&[
        text("name").between(1, 255).required(),
        list("scoped_machines").at_most(150),
        integer("default_token_ttl").between(1, 315_360_000).about("In seconds."),
    ])
    .answers(&[
        "id",
        "name",
        "instance_id",
        "created_at",
        "updated_at",
        "default_token_ttl",
        "scoped_machines",
        "secret_key",
    ])
    .look("clerk_list_machines")
    .secret(),
    plain(
        "clerk_update_machine",
        "Update machine",
        Route::patch("/machines/{machine_id}"),
        "Change a machine's name or how long its tokens last.",
    )
    .takes(&[
        text("name").between(1, 255),
        integer("default_token_ttl").between(1, 315_360_000).about("In seconds."),
    ])
    .answers(MACHINE)
    .look("clerk_get_machine")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_machine",
        "Delete machine",
        Route::delete("/machines/{machine_id}"),
        "Delete a machine: its key and its tokens stop working.",
    )
    .answers(&["id", "deleted"])
    .look("clerk_list_machines"),
    plain(
        "clerk_get_machine_secret_key",
        "Get machine secret key",
        Route::get("/machines/{machine_id}/secret_key"),
        "Reveal a machine's secret key.",
    )
    .answers(&["secret"])
    .secret(),
    plain(
        "clerk_rotate_machine_secret_key",
        "Rotate machine secret key",
        Route::post("/machines/{machine_id}/secret_key/rotate"),
        "Give a machine a new secret key; the old one works for previousTokenTtl seconds more.",
    )
    .takes(&[integer("previous_token_ttl").between(0, 28_800).required().about("In seconds.")])
    .answers(&["secret"])
    .effect(Effect::Destroy)
    .look("clerk_get_machine_secret_key")
    .secret(),
    plain(
        "clerk_create_machine_scope",
        "Create machine scope",
        Route::post("/machines/{machine_id}/scopes"),
        "Let one machine talk to another.",
    )
    .takes(&[id("to_machine_id").required()])
    .answers(&["from_machine_id", "to_machine_id", "created_at"])
    .look("clerk_list_machines"),
    plain(
        "clerk_delete_machine_scope",
        "Delete machine scope",
        Route::delete("/machines/{machine_id}/scopes/{other_machine_id}"),
        "Let one machine no longer talk to another.",
    )
    .answers(&["from_machine_id", "to_machine_id", "deleted"])
    .look("clerk_list_machines")
    .undo("It can be given again."),
];
