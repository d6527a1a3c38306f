//! The names of variables.

use clap::CommandFactory;

use super::{CommandLine, ConfigError, secret::SECRETS};
use crate::tool::nearest;

/// The names of all variables that are read.
pub(super) fn variables() -> impl Iterator<Item = String> {
    fn options(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().filter_map(|option| option.get_env()?.to_str());
        let own = own.map(str::to_owned);
        own.chain(command.get_subcommands().flat_map(options)).collect()
    }
    let secrets = SECRETS
        .iter()
        .flat_map(|secret| [secret.name, secret.file, secret.command])
        .map(str::to_owned);
    options(&CommandLine::command()).into_iter().chain(secrets)
}

/// Refuses a variable of ours that no option reads: a typo in a safety option must not pass.
pub(super) fn check_names(mut names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let known: Vec<String> = variables().collect();
    let unknown = names.find(|name| name.starts_with("CLERK_MCP_") && !known.contains(name));
    unknown.map_or(Ok(()), |name| {
        let nearest = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
        Err(ConfigError::UnknownVariable { name, nearest })
    })
}

/// Whether an argument is or holds a secret key.
pub(super) fn holds_key(argument: &str) -> bool {
    let value = argument.split_once('=').map_or(argument, |(_, value)| value);
    ["sk_test_", "sk_live_"].iter().any(|prefix| value.trim_start_matches('=').starts_with(prefix))
        || argument.starts_with("--secret-key")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{super::secret::SecretVariable, *};

    #[test]
    fn an_unknown_variable_is_refused_with_the_nearest_name() {
        let names = ["PATH", "CLERK_SECRET_KEY", "CLERK_MCP_READONLY"].map(str::to_owned);
        let error = check_names(names.into_iter()).unwrap_err().to_string();
        assert_eq!(
            error,
            "the variable CLERK_MCP_READONLY is unknown; did you mean CLERK_MCP_READ_ONLY?"
        );
    }

    /// The variables' names and their options, in the tables of docs/configuration.md and in the code.
    #[test]
    fn the_documents_name_every_variable_beside_its_option() {
        fn rows(command: &clap::Command) -> Vec<(String, String)> {
            let own = command.get_arguments().filter_map(|option| {
                let variable = option.get_env()?.to_str()?;
                Some((format!("| `--{}", option.get_long()?), format!("| `{variable}` |")))
            });
            own.chain(command.get_subcommands().flat_map(rows)).collect()
        }
        let tables = include_str!("../../docs/configuration.md");
        for (option, variable) in rows(&CommandLine::command()) {
            let is_row = |line: &str| {
                let rest = line.strip_prefix(&option);
                rest.is_some_and(|rest| rest.starts_with([' ', '`'])) && line.contains(&variable)
            };
            assert!(tables.lines().any(is_row), "no row for {option} {variable}");
        }
        for SecretVariable { name, file, command, .. } in SECRETS {
            let row = format!("| `{name}`, `{file}`, `{command}` |");
            assert!(tables.contains(&row), "no row for {name}");
        }
        let known: Vec<String> = variables().collect();
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let pages = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
        for page in pages.filter(|path| path.is_file()).chain([root.join("README.md")]) {
            let text = fs::read_to_string(&page).unwrap();
            let words = text.split(|c| !is_name(c)).filter(|word| word.starts_with("CLERK_MCP_"));
            for word in words.filter(|word| *word != "CLERK_MCP_") {
                let is_known = known.iter().any(|name| name == word);
                assert!(is_known, "{}: {word} isn't a variable", page.display());
            }
        }
    }
}
