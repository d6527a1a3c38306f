//! How large an answer is, and how it is made smaller: never by cutting a value, never without
//! saying so. An answer that is larger than it may be is lowered, from full to standard to
//! concise; a list that is still larger loses its last rows.

mod detail;
mod fit;
pub(crate) mod tokens;

#[cfg(test)]
mod tests;

pub(crate) use self::{
    detail::Detail,
    fit::{Frame, fit, least_cost, note},
};
