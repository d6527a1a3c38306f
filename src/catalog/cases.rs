//! Cases: what happened, told from several sources at once.

use super::{On, Toolset, timeline};
use crate::tool::Tool;

pub(super) static TOOLSET: Toolset = Toolset {
    name: "cases",
    about: "What happened, from all sources at once",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 1] = [timeline::CASE_TIMELINE];
/// Puts what happened in order.
pub(super) static CASE_TIMELINE: &Tool = &TOOLS[0];
