//! What may run: the choice of tools that the operator makes at the start.

use crate::{
    operation::{Entry, nearest},
    operations::{self, Toolset},
};

/// Which tools a server offers. It is fixed at the start and never changes because of a call.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these toolsets; all where none is named. `all` names them all.
    pub toolsets: Vec<String>,
    /// These tools too or, where no toolset is named, only these.
    pub tools: Vec<String>,
    /// Not these tools, whatever else names them.
    pub exclude_tools: Vec<String>,
    /// Only tools that change nothing, whatever else names others.
    pub read_only: bool,
}

impl Selection {
    /// Checks that every name is one that the catalog has.
    ///
    /// # Errors
    /// A sentence that names the first unknown name and the nearest known one.
    pub fn check(&self) -> Result<(), String> {
        let toolsets = || operations::CATALOG.iter().map(|it| it.name).chain(["all"]);
        for name in &self.toolsets {
            known("toolset", name, toolsets)?;
        }
        for name in self.tools.iter().chain(&self.exclude_tools) {
            known("tool", name, || operations::all().map(|(_, entry)| entry.name))?;
        }
        Ok(())
    }

    /// Why a tool is off and what turns it on, or `None` where it is on.
    #[must_use]
    pub fn refusal(&self, toolset: &Toolset, entry: &Entry) -> Option<String> {
        let names = |list: &[String], name: &str| list.iter().any(|it| it == name);
        if self.read_only && !entry.effect.is_read() {
            return Some("the server runs with --read-only; without it the tool is on".to_owned());
        }
        if names(&self.exclude_tools, entry.name) {
            return Some("--exclude-tools names it; without that it is on".to_owned());
        }
        let everything = self.toolsets.is_empty() && self.tools.is_empty();
        let chosen = names(&self.toolsets, "all")
            || names(&self.toolsets, toolset.name)
            || names(&self.tools, entry.name);
        (!everything && !chosen)
            .then(|| format!("--tools {} or --toolsets {} turns it on", entry.name, toolset.name))
    }
}

fn known<'known, I: Iterator<Item = &'known str>>(
    what: &str,
    name: &str,
    all: impl Fn() -> I,
) -> Result<(), String> {
    if all().any(|it| it == name) {
        return Ok(());
    }
    Err(match nearest(name, all()) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!(
            "there is no {what} `{name}`; there are {}",
            all().collect::<Vec<_>>().join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        }
    }

    fn on(selection: &Selection) -> Vec<&'static str> {
        operations::all()
            .filter(|(toolset, entry)| selection.refusal(toolset, entry).is_none())
            .map(|(_, entry)| entry.name)
            .collect()
    }

    #[test]
    fn each_option_does_what_it_says_and_read_only_wins() {
        let sessions = ["clerk_list_sessions", "clerk_get_session", "clerk_revoke_session"];
        assert_eq!(on(&Selection::default()).len(), operations::all().count());
        assert_eq!(on(&selection(&["all"], &[], &[], false)).len(), operations::all().count());
        assert_eq!(on(&selection(&["sessions"], &[], &[], false)), sessions);
        assert_eq!(
            on(&selection(&["sessions"], &[], &["clerk_revoke_session"], false)),
            sessions[..2]
        );
        assert_eq!(on(&selection(&["sessions"], &["clerk_get_user"], &[], false)).len(), 4);
        assert_eq!(on(&selection(&[], &["clerk_get_user"], &[], false)), ["clerk_get_user"]);
        let read_only = selection(&["all"], &["clerk_delete_user"], &[], true);
        assert!(
            on(&read_only).iter().all(|name| name.contains("_list_") || name.contains("_get_"))
        );
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
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
                selection(&["zzz"], &[], &[], false),
                "there is no toolset `zzz`; there are users, organizations, sessions, all",
            ),
        ];
        for (selection, message) in cases {
            assert_eq!(selection.check(), Err(message.to_owned()));
        }
        assert_eq!(selection(&["users", "all"], &["clerk_get_user"], &[], true).check(), Ok(()));
    }
}
