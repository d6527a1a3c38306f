//! What the tests of all members share: Clerk's API as data ([`Contract`]), a server in Clerk's
//! place that does what a test says ([`Upstream`]), and which modules of a crate depend on which
//! ([`dependencies`]). Never published.
//!
//! Everything here panics if a test has to fail.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test that called it"
)]

mod contract;
mod layers;
mod upstream;

use std::{fmt::Display, io::Write as _};

pub use contract::{Body, Contract, Media, Operation, Parameter, Property, Response, Schema};
pub use layers::{Dependency, dependencies};
pub use upstream::{PATIENCE, Script, Seen, Upstream, eventually};

/// Shows a figure of a test that succeeds, too: the test harness keeps back what is printed.
pub fn figure(text: impl Display) {
    // A closed stderr must not fail a test.
    let _ = writeln!(std::io::stderr(), "{text}");
}
