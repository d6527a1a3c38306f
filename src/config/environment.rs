//! The variables, and the files that they name.

use std::fs;

use clap::CommandFactory;
use clerk_api::SecretKey;

use super::{CommandLine, ConfigError, http};
use crate::{ctx::NoKey, tool::nearest};

/// Refuses a variable of ours that no option reads: a typo in a safety option must not pass.
pub(super) fn check_names(mut names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    let command = CommandLine::command();
    let options = || {
        command
            .get_arguments()
            .chain(command.get_subcommands().flat_map(clap::Command::get_arguments))
    };
    let known = || options().filter_map(|option| option.get_env()?.to_str()).chain(http::TOKEN);
    let unknown =
        names.find(|name| name.starts_with("CLERK_MCP_") && !known().any(|known| known == name));
    unknown.map_or(Ok(()), |name| {
        let nearest = nearest(&name, known()).map(str::to_owned);
        Err(ConfigError::UnknownVariable { name, nearest })
    })
}

/// Whether an argument is or holds a secret key.
pub(super) fn holds_key(argument: &str) -> bool {
    let value = argument.split_once('=').map_or(argument, |(_, value)| value);
    ["sk_test_", "sk_live_"].iter().any(|prefix| value.trim_start_matches('=').starts_with(prefix))
        || argument.starts_with("--secret-key")
}

/// The key in `CLERK_SECRET_KEY` or, if that is not set, in the file that `CLERK_SECRET_KEY_FILE`
/// names.
pub(super) fn secret_key() -> Result<SecretKey, NoKey> {
    match variable_or_file(["CLERK_SECRET_KEY", "CLERK_SECRET_KEY_FILE"]) {
        Ok(text) => Ok(SecretKey::parse(&text.unwrap_or_default())?),
        Err(_) => Err(NoKey::UnreadableFile),
    }
}

/// The value of the first variable or, if that is not set, the content of the file that the second
/// names.
pub(super) fn variable_or_file(
    [text, file]: [&'static str; 2],
) -> Result<Option<String>, ConfigError> {
    let variable = |name| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    match (variable(text), variable(file)) {
        (Some(text), _) => Ok(Some(text)),
        (None, Some(path)) => match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(source) => Err(ConfigError::UnreadableFile { variable: file, path, source }),
        },
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_variable_is_refused_with_the_nearest_name() {
        let names = ["PATH", "CLERK_SECRET_KEY", "CLERK_MCP_READONLY"].map(str::to_owned);
        let error = check_names(names.into_iter()).unwrap_err().to_string();
        assert_eq!(
            error,
            "the variable CLERK_MCP_READONLY is unknown; did you mean CLERK_MCP_READ_ONLY?"
        );
    }
}
