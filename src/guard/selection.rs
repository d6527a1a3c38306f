//! Which tools are on: the choice that the operator makes at the start.

use super::{Denial, policy::UnknownName};
use crate::{
    catalog::{self, On, Toolset},
    tool::Tool,
};

/// Which tools a server offers. It is fixed at the start and never changes because of a call.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub struct Selection {
    /// Only these toolsets; if none is named, those of the default. `all` names them all.
    pub toolsets: Vec<String>,
    /// These tools too or, if no toolset is named, only these.
    pub tools: Vec<String>,
    /// Not these tools, whatever else names them.
    pub exclude_tools: Vec<String>,
    /// Only tools that change nothing, whatever else names others.
    pub read_only: bool,
    /// Tools that write too if the key is a production instance's.
    pub allow_writes: bool,
    /// Events are received, or read from a file: tools of events too.
    pub events: bool,
    /// There is a journal of changes: tools of changes too.
    pub journal: bool,
    /// There is a file of approvals: tools of approvals too.
    pub approvals: bool,
}

impl Selection {
    /// Checks that every name is one that the catalog has.
    ///
    /// # Errors
    /// The first name that doesn't exist.
    pub fn check(&self) -> Result<(), WrongName> {
        let tools = || catalog::all().map(|(_, tool)| tool.name);
        let toolsets = || catalog::CATALOG.iter().map(|toolset| toolset.name).chain(["all"]);
        for name in &self.toolsets {
            let meant = tools()
                .any(|tool| tool == name)
                .then(|| format!("it is a tool: give --tools {name}, or CLERK_MCP_TOOLS={name}"));
            known("toolsets", "toolset", name, toolsets, meant)?;
        }
        for name in &self.tools {
            let meant = toolsets().any(|toolset| toolset == name).then(|| {
                format!("it is a toolset: give --toolsets {name}, or CLERK_MCP_TOOLSETS={name}")
            });
            known("tools", "tool", name, tools, meant)?;
        }
        for name in &self.exclude_tools {
            let toolset = catalog::CATALOG.iter().find(|toolset| toolset.name == name);
            let meant = toolset.map(|toolset| {
                let names: Vec<&str> = toolset.tools.iter().map(|tool| tool.name).collect();
                format!("it is a toolset: name its tools, {}", names.join(","))
            });
            known("exclude_tools", "tool", name, tools, meant)?;
        }
        Ok(())
    }

    /// Why a tool is off for a call whose key is live or not, or `None` if it is on.
    #[must_use]
    pub fn off(&self, toolset: &Toolset, tool: &Tool, is_live: bool) -> Option<DisabledReason> {
        let not_chosen = || (!self.chooses(toolset, tool)).then_some(DisabledReason::NotChosen);
        self.off_by_name(tool, is_live).or_else(not_chosen)
    }

    /// Whether a tool is among those that are chosen.
    #[must_use]
    pub fn chooses(&self, toolset: &Toolset, tool: &Tool) -> bool {
        let names = |list: &[String], name: &str| list.iter().any(|listed| listed == name);
        if self.toolsets.is_empty() && self.tools.is_empty() {
            return match toolset.on {
                On::Always | On::Default => true,
                On::Partly(tools) => tools.contains(&tool.name),
                On::Chosen => false,
            };
        }
        toolset.on == On::Always
            || names(&self.toolsets, "all")
            || names(&self.toolsets, toolset.name)
            || names(&self.tools, tool.name)
    }

    /// Why an operation is off that another tool runs by its name: it need not be chosen then, but
    /// it must not be excluded either.
    #[must_use]
    pub fn off_by_name(&self, tool: &Tool, is_live: bool) -> Option<DisabledReason> {
        let names = |list: &[String], name: &str| list.iter().any(|listed| listed == name);
        if tool.is_of_events() && !self.events {
            return Some(DisabledReason::NoEvents);
        }
        if tool.is_of_journal() && !self.journal {
            return Some(DisabledReason::NoJournal);
        }
        if tool.is_of_approvals() && !self.approvals {
            return Some(DisabledReason::NoApprovals);
        }
        if !tool.effect.is_read() && self.read_only {
            return Some(DisabledReason::ReadOnly);
        }
        if !tool.effect.is_read() && is_live && !self.allow_writes {
            return Some(DisabledReason::LiveKey);
        }
        if names(&self.exclude_tools, tool.name) || names(&self.exclude_tools, tool.many_of) {
            return Some(DisabledReason::Excluded);
        }
        if tool.returns_secret && !self.is_named(tool) {
            return Some(DisabledReason::Secret);
        }
        None
    }

    /// Whether the operator names the tool itself, and not only its toolset.
    #[must_use]
    pub fn is_named(&self, tool: &Tool) -> bool {
        self.tools.iter().any(|name| name == tool.name)
    }
}

/// Why a tool is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DisabledReason {
    /// It is about events, and none are received.
    NoEvents,
    /// It is about the journal of changes, and there is none.
    NoJournal,
    /// It is about approvals by a second person, and there is no file for them.
    NoApprovals,
    /// It writes, and `--read-only` is given.
    ReadOnly,
    /// It writes, the key is a production instance's, and `--allow-writes` is not given.
    LiveKey,
    /// `--exclude-tools` names it.
    Excluded,
    /// It returns a secret, and `--tools` does not name it.
    Secret,
    /// Neither `--toolsets` nor `--tools` names it.
    NotChosen,
}

impl DisabledReason {
    /// The reason, and the option that turns such a tool on.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::NoEvents => {
                "no events are received; --events FILE, or CLERK_WEBHOOK_SIGNING_SECRET with \
                 `clerk-mcp http`, turns it on"
            }
            Self::NoJournal => "there is no journal of changes; --journal FILE turns it on",
            Self::NoApprovals => {
                "there is no file of approvals by a second person; --approvals FILE turns it on"
            }
            Self::ReadOnly => "the server runs with --read-only; without it writes are on",
            Self::LiveKey => {
                "the key is a production instance's, so the server is read-only; --allow-writes \
                 turns writes on"
            }
            Self::Excluded => "--exclude-tools names it; without that it is on",
            Self::Secret => "it returns a secret, so it is on only if --tools names it",
            Self::NotChosen => "neither --toolsets nor --tools names it; either turns it on",
        }
    }

    /// The refusal of a call of a tool.
    #[must_use]
    pub fn denial(self, toolset: &Toolset, tool: &Tool) -> Denial {
        let names = match self {
            Self::NotChosen => {
                format!(" (--toolsets {} or --tools {})", toolset.name, tool.name)
            }
            Self::Secret => format!(" (--tools {})", tool.name),
            _ => String::new(),
        };
        Denial::new(
            "tool_off",
            format!("{} is off: {}{names}", tool.name, self.why()),
            "Nothing was sent to Clerk. Only a person can turn the tool on, by restarting the \
             server with other options.",
        )
    }
}

/// A name in one of the operator's lists that doesn't exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source}")]
pub struct WrongName {
    /// The list: the field of [`Selection`].
    pub list: &'static str,
    /// The name.
    pub source: UnknownName,
}

/// Checks that `name` is one of `all`. If it isn't, and `meant` says what it is, that is the hint.
fn known<'known, I: Iterator<Item = &'known str>>(
    list: &'static str,
    what: &'static str,
    name: &str,
    all: impl Fn() -> I,
    meant: Option<String>,
) -> Result<(), WrongName> {
    if all().any(|known| known == name) {
        return Ok(());
    }
    let source = if let Some(meant) = meant {
        UnknownName::new(what, name, std::iter::empty(), &meant)
    } else {
        let hint = format!("there are {}", all().collect::<Vec<_>>().join(", "));
        UnknownName::new(what, name, all(), &hint)
    };
    Err(WrongName { list, source })
}

#[cfg(test)]
mod tests {
    use clerk_api::Route;

    use super::*;
    use crate::tool::rest::rest;

    static REVEAL: Tool =
        rest("reveal", "Reveal", Route::get("/"), "Reveal a secret.").returns_secret();

    fn selection(
        toolsets: &[&str],
        tools: &[&str],
        exclude_tools: &[&str],
        read_only: bool,
    ) -> Selection {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Selection {
            toolsets: owned(toolsets),
            tools: owned(tools),
            exclude_tools: owned(exclude_tools),
            read_only,
            allow_writes: false,
            events: true,
            journal: true,
            approvals: true,
        }
    }

    /// The tools that are on with a test key, except those that always are.
    fn on(selection: &Selection) -> Vec<&'static str> {
        let on = on_with(selection, false);
        assert_eq!(on.last(), Some(&"clerk_whoami"));
        let always = catalog::CATALOG.iter().filter(|toolset| toolset.on == On::Always);
        let always: Vec<&str> =
            always.flat_map(|toolset| toolset.tools).map(|tool| tool.name).collect();
        on.into_iter().filter(|name| !always.contains(name)).collect()
    }

    fn on_with(selection: &Selection, is_live: bool) -> Vec<&'static str> {
        catalog::all()
            .filter(|(toolset, tool)| selection.off(toolset, tool, is_live).is_none())
            .map(|(_, tool)| tool.name)
            .collect()
    }

    #[test]
    fn each_option_does_what_it_says_and_read_only_wins() {
        let sessions = ["clerk_list_sessions", "clerk_get_session", "clerk_revoke_session"];
        let secrets = catalog::all().filter(|(_, tool)| tool.returns_secret).count();
        let chosen = |(toolset, _): &(&Toolset, &Tool)| toolset.on != On::Always;
        let all = catalog::all().filter(chosen).count() - secrets;
        let default = on(&Selection::default());
        assert!(default.len() < 35 && default.contains(&"clerk_run_write"), "{default:?}");
        assert_eq!(on(&selection(&["all"], &[], &[], false)).len(), all);
        assert_eq!(on(&selection(&["sessions"], &[], &[], false)), sessions);
        assert_eq!(
            on(&selection(&["sessions"], &[], &["clerk_revoke_session"], false)),
            sessions[..2]
        );
        assert_eq!(on(&selection(&["sessions"], &["clerk_get_user"], &[], false)).len(), 4);
        assert_eq!(on(&selection(&[], &["clerk_get_user"], &[], false)), ["clerk_get_user"]);
        let read_only = selection(&["all"], &["clerk_delete_user"], &[], true);
        let is_write = |name: &str| {
            catalog::all().any(|(_, tool)| tool.name == name && !tool.effect.is_read())
        };
        assert!(!on(&read_only).into_iter().any(is_write));
    }

    #[test]
    fn each_guard_meets_each_effect() {
        // Options, live key, and why a read and a write are off.
        let cases = [
            ((false, false), false, None, None),
            ((false, true), false, None, None),
            ((true, false), false, None, Some(DisabledReason::ReadOnly)),
            ((true, true), false, None, Some(DisabledReason::ReadOnly)),
            ((false, false), true, None, Some(DisabledReason::LiveKey)),
            ((false, true), true, None, None),
            ((true, false), true, None, Some(DisabledReason::ReadOnly)),
            ((true, true), true, None, Some(DisabledReason::ReadOnly)),
        ];
        for ((read_only, allow_writes), is_live, read, write) in cases {
            for (toolset, tool) in catalog::all().filter(|(_, tool)| !tool.returns_secret) {
                let named = [tool.name];
                for tools in [&[][..], &named] {
                    let selection =
                        Selection { allow_writes, ..selection(&["all"], tools, &[], read_only) };
                    let expected = if tool.effect.is_read() { read } else { write };
                    let off = selection.off(toolset, tool, is_live);
                    assert_eq!(off, expected, "{} {selection:?} {is_live}", tool.name);
                }
                let excluded = selection(&["all"], &named, &named, false);
                assert_eq!(excluded.off(toolset, tool, false), Some(DisabledReason::Excluded));
            }
        }
    }

    #[test]
    fn a_tool_that_returns_a_secret_is_on_only_if_it_is_named() {
        let (toolset, _) = catalog::all().next().unwrap();
        let tool = &REVEAL;
        for chosen in [&[][..], &["all"], &[toolset.name]] {
            let off = selection(chosen, &[], &[], false).off(toolset, tool, false);
            assert_eq!(off, Some(DisabledReason::Secret), "{chosen:?}");
        }
        assert_eq!(selection(&[], &[tool.name], &[], false).off(toolset, tool, false), None);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        let cases = [
            (
                selection(&["user"], &[], &[], false),
                "there is no toolset `user`; did you mean `users`?",
            ),
            (
                selection(&[], &["clerk_list_user"], &[], false),
                "there is no tool `clerk_list_user`; did you mean `clerk_list_users`?",
            ),
            (
                selection(&[], &[], &["delete_user"], false),
                "there is no tool `delete_user`; did you mean `clerk_delete_user`?",
            ),
            (
                selection(&[], &["users"], &[], false),
                "there is no tool `users`; it is a toolset: give --toolsets users, or",
            ),
            (
                selection(&[], &["all"], &[], false),
                "there is no tool `all`; it is a toolset: give --toolsets all, or",
            ),
            (
                selection(&["clerk_get_user"], &[], &[], false),
                "there is no toolset `clerk_get_user`; it is a tool: give --tools clerk_get_user, or",
            ),
            (
                selection(&[], &[], &["search"], false),
                "there is no tool `search`; it is a toolset: name its tools, clerk_find_users,",
            ),
            (
                selection(&["zzz"], &[], &[], false),
                "there is no toolset `zzz`; there are users, search, overview, cases, moderation, ",
            ),
        ];
        for (selection, message) in cases {
            assert!(
                selection.check().unwrap_err().to_string().starts_with(message),
                "{:?}",
                selection.check()
            );
        }
        assert_eq!(selection(&["users", "all"], &["clerk_get_user"], &[], true).check(), Ok(()));
    }
}
