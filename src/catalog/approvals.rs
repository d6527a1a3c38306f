//! Calls that a second person must approve: which of them wait, and making one that was approved.

use super::{On, Toolset};
use crate::tool::{
    Effect, Exec, Flag, Local, ResultKind, TOTAL, Tool,
    field::{self, Fields},
    param::{Role, text},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "approvals",
    about: "Calls that a second person must approve",
    find: "clerk_list_approvals",
    on: On::Always,
    tools: &TOOLS,
};

static TOOLS: [Tool; 2] = [
    Tool::new(
        "clerk_list_approvals",
        "List approvals",
        "List the calls that you asked a second person to approve, those that wait first: whether they \
         were approved, rejected, used or have expired. It can't approve any.",
        Effect::Read,
        Exec::Local(Local::Approvals),
    )
    .returns(&APPROVAL)
    .result(ResultKind::List("approvals"), &TOTAL)
    .flags(&[Flag::Approvals]),
    Tool::new(
        "clerk_run_approved",
        "Run an approved call",
        "Make a call that a second person has approved, once, with the arguments that they saw. Fails if \
         it isn't approved, or its target has changed since. The policy and limits apply again.",
        Effect::Destroy,
        Exec::Local(Local::RunApproved),
    )
    .takes(&[&[text("approval_id")
        .required()
        .between(1, 64)
        .local()
        .role(Role::Approval)
        .about("The approval's ID, such as apv_Zk3…, from the call's error or clerk_list_approvals.")]])
    .result(ResultKind::Fixed, &TOTAL)
    .verify_with("clerk_list_approvals")
    .flags(&[Flag::Approvals]),
];

static APPROVAL: Fields = Fields::closed(&[&[
    field::code("id").identity(),
    field::code("state").concise().about(
        "pending, approved, rejected, used, expired, or outdated if its target has changed.",
    ),
    field::code("tool").concise(),
    field::code("target").concise().about("The ID of the object that it is about."),
    field::utc("asked_at"),
    field::utc("expires_at").concise().about("Until when it can be approved and used."),
    field::text("who_may_approve"),
    field::text("decided_by").concise(),
    field::text("why").concise().about("Why it was rejected."),
    field::code("outcome")
        .concise()
        .about("How the call ended, once it is used: done, failed, or inDoubt."),
    field::text("reason"),
    field::texts("effect").full().about("What the second person is shown."),
    field::json("arguments").full(),
]]);
