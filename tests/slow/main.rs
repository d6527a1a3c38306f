//! What takes long by design: large instances, servers that are killed over and over, memory after
//! many clients, and much more of what `cargo test` makes up at random. `cargo test --test slow`.
#![allow(dead_code, unused_imports, reason = "some helpers serve other tests only")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers fail the test too"
)]

#[path = "../it/http/client.rs"]
mod client;
#[path = "../it/events/delivery.rs"]
mod delivery;
#[path = "../it/guard/echo.rs"]
mod echo;
mod events_kill;
mod events_load;
#[path = "../it/fuzz.rs"]
mod fuzz;
mod http_load;
mod log_kill;
#[path = "../it/people.rs"]
mod people;
mod scan;
#[path = "../it/support.rs"]
mod support;
#[path = "../it/guard/wire.rs"]
mod wire;

mod http {
    pub(crate) use crate::client;
}

/// How many times more is made up at random than by tests/it.
const TIMES: u32 = 20;
