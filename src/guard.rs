//! What may run. Every call passes here, whichever transport it came over: is its tool on
//! ([`selection`]), do the operator's rules allow it ([`policy`]), must a person agree
//! ([`confirm`]), how many destructive calls were there in the last hour ([`hourly`]).

pub mod confirm;
pub mod hourly;
pub mod policy;
pub(crate) mod question;
pub(crate) mod seal;
pub mod selection;
pub(crate) mod subjects;

use std::time::Duration;

pub use self::{
    confirm::Confirm,
    hourly::Hourly,
    policy::Policy,
    selection::{Off, Selection},
};

/// What the operator lets agents do. The default is what holds where no option is given.
#[derive(Debug, Default)]
pub struct Guard {
    /// Which tools are offered.
    pub selection: Selection,
    /// Which calls a person must agree to.
    pub confirm: Confirm,
    /// How many destructive calls may run in an hour; any number where there is none.
    pub max_destructive: Option<Hourly>,
    /// Rules on the arguments of calls.
    pub policy: Option<Policy>,
    /// Where writes are logged.
    pub audit: Option<crate::audit::Audit>,
}

/// Why the guard does not let a call run. Nothing was changed at Clerk.
#[derive(Clone, Debug)]
pub struct Denial {
    /// What kind of refusal it is, such as `tool_off`.
    pub code: &'static str,
    /// What is not allowed and why, as a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// When the same call would be allowed.
    pub retry_after: Option<Duration>,
}

impl Denial {
    pub(crate) fn new(
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { code, message: message.into(), hint: hint.into(), retry_after: None }
    }

    /// The same refusal, of a call that would be allowed after `wait`.
    pub(crate) fn until(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }
}

impl From<Denial> for crate::Error {
    fn from(denial: Denial) -> Self {
        Self::Denied(Box::new(denial))
    }
}
