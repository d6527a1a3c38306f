//! What `init` sets up besides the clients' entries: a profile with its key, and a program that
//! stays where it is.

mod diff;
mod profiles;
mod program;

pub use self::{
    diff::diff,
    profiles::{KeySource, Profile, Profiles, ProfilesError, default_name, is_name, key_in},
    program::Program,
};
