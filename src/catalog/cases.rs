//! Cases: questions of support that take several sources to answer.

use super::{On, Toolset, explain, timeline};
use crate::tool::Tool;

pub(super) static TOOLSET: Toolset = Toolset {
    name: "cases",
    about: "What happened, from all sources at once, and why somebody can't sign in",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 2] = [timeline::CASE_TIMELINE, explain::TOOL];
/// Puts what happened in order.
pub(super) static CASE_TIMELINE: &Tool = &TOOLS[0];
