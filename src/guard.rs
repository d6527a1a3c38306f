//! What may run. Every call passes here, whichever transport it came over: is its tool on
//! ([`selection`]), do the operator's rules allow it ([`policy`]), must a person agree
//! ([`confirm`]), how many destructive calls were there in the last hour ([`hourly`]).

pub mod confirm;
pub mod hourly;
pub mod policy;
pub(crate) mod question;
pub mod replay;
pub(crate) mod seal;
pub mod selection;
pub(crate) mod subjects;

pub use self::{
    confirm::Confirm,
    hourly::{Hourly, HourlyEach},
    policy::Policy,
    selection::{DisabledReason, Selection},
};
pub use crate::error::Denial;

/// What the operator lets agents do. The default is what holds where no option is given.
#[derive(Debug, Default)]
pub struct Guard {
    /// Which tools are offered.
    pub selection: Selection,
    /// Which calls a person must agree to.
    pub confirm: Confirm,
    /// How many destructive calls of each person who signed in may run in an hour, and how many of all
    /// others together; any number if there is none.
    pub max_destructive: Option<HourlyEach>,
    /// Rules on the arguments of calls.
    pub policy: Option<Policy>,
    /// Where writes are logged.
    pub audit: Option<crate::audit::Audit>,
    /// Where is kept what writes changed.
    pub journal: Option<crate::journal::Journal>,
    /// Where calls wait for a second person.
    pub approvals: Option<crate::approvals::Approvals>,
    /// The public URL of the page on which a second person decides, if there is one.
    pub approvals_page: Option<String>,
}
