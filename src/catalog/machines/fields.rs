//! Fields of the results of the tools for machines.

use crate::tool::field::{Field, Fields, boolean, code, integer, objects, text, time};

const MACHINE_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("instance_id"),
    time("created_at"),
    time("updated_at").standard(),
    integer("default_token_ttl")
        .about("Seconds that its tokens are valid if nothing else is asked for."),
];

/// A machine that another may talk to.
static SCOPED_MACHINE: Fields = Fields::open(&[MACHINE_FIELDS]);

const SCOPED_MACHINES: &[Field] =
    &[objects("scoped_machines", &SCOPED_MACHINE).about("The machines that it may talk to.")];

/// A machine.
pub(super) static MACHINE: Fields = Fields::open(&[MACHINE_FIELDS, SCOPED_MACHINES]);

/// A machine with its secret key.
pub(super) static NEW_MACHINE: Fields = Fields::open(&[
    MACHINE_FIELDS,
    SCOPED_MACHINES,
    &[code("secret_key").secret().about("The machine's own key.")],
]);

/// A machine secret.
pub(super) static MACHINE_SECRET: Fields =
    Fields::open(&[&[code("object"), code("secret").secret()]]);

/// A machine scope.
pub(super) static MACHINE_SCOPE: Fields = Fields::open(&[&[
    code("object"),
    code("from_machine_id"),
    code("to_machine_id"),
    time("created_at"),
]]);

/// A deleted machine scope.
pub(super) static DELETED_MACHINE_SCOPE: Fields = Fields::open(&[&[
    code("object"),
    code("from_machine_id"),
    code("to_machine_id"),
    boolean("deleted"),
]]);
