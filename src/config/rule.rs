//! The one rule for what a variable or an option may hold, whichever it is.

use std::{ffi::OsStr, path::PathBuf};

use crate::{folders::Folders, text};

/// What is wrong with a value. Its text follows the name of the variable or the option, and never
/// repeats a value that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// There is nothing in it.
    #[error("is empty; give it a value, or remove it")]
    Empty,
    /// A client, a shell or a person left a placeholder where a value belongs.
    #[error(
        "holds a placeholder, such as ${{NAME}} or <your key>, that nothing replaced; put the \
         value itself there"
    )]
    Placeholder,
    /// Quotation marks are a part of it.
    #[error("has quotation marks around its value; remove them")]
    Quoted,
    /// The `=` before it was written twice.
    #[error("begins with `=`; write one `=` before the value")]
    Equals,
    /// White space is a part of it.
    #[error("has white space in or around its value; remove it")]
    Space,
    /// Nobody sees the character, and it is not meant.
    #[error("has an invisible character (U+{:04X}) in its value; remove it", u32::from(*.0))]
    Invisible(char),
    /// It isn't text.
    #[error("isn't UTF-8 text; write it as UTF-8")]
    NotText,
    /// The value isn't of the kind that is asked for.
    #[error("has the invalid value `{value}`: {reason}")]
    Invalid {
        /// The value, which is no secret.
        value: String,
        /// Why it is invalid.
        reason: String,
    },
}

/// Checks a value that isn't a list.
pub(super) fn check(value: &str) -> Result<(), Flaw> {
    let bare = value.trim();
    check_part(bare)?;
    if bare.len() == value.len() { Ok(()) } else { Err(Flaw::Space) }
}

/// Checks a part of a list, which may have white space around it, or the content of a file.
pub(super) fn check_part(part: &str) -> Result<(), Flaw> {
    let part = part.trim();
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’');
    if part.is_empty() {
        Err(Flaw::Empty)
    } else if part.starts_with(is_quote) || part.ends_with(is_quote) {
        Err(Flaw::Quoted)
    } else if part.starts_with('=') {
        Err(Flaw::Equals)
    } else if let Some(hidden) = text::first_hidden(part) {
        Err(Flaw::Invisible(hidden))
    } else if is_placeholder(part) {
        Err(Flaw::Placeholder)
    } else {
        Ok(())
    }
}

/// Checks a command. A shell replaces what looks like a placeholder in it, and quotation marks may
/// stand at its ends.
pub(super) fn check_command(command: &str) -> Result<(), Flaw> {
    match text::first_hidden(command) {
        Some(hidden) => Err(Flaw::Invisible(hidden)),
        None if command.trim().is_empty() => Err(Flaw::Empty),
        None => Ok(()),
    }
}

/// Whether a value is `${NAME}`, `$NAME`, `$NAME/path`, `$(command)`, `%NAME%`, `{{name}}`,
/// `<your key>` or `sk_test_...`, or has one of the first and the fourth in it.
fn is_placeholder(value: &str) -> bool {
    let within = |start, end| value.starts_with(start) && value.ends_with(end);
    // A random token may begin with `$`, and seldom continues in one case.
    let is_word = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let in_one_case =
        |name: &str| name == name.to_ascii_uppercase() || name == name.to_ascii_lowercase();
    let variable = value.strip_prefix('$').and_then(|rest| rest.split(['/', '\\']).next());
    let has_percent_name = || {
        // What stands between two signs. Two hexadecimal digits are percent-encoding.
        let parts: Vec<&str> = value.split('%').collect();
        let is_encoded = |part: &str| {
            part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()) && !part.contains('_')
        };
        parts.iter().skip(1).rev().skip(1).any(|part| is_word(part) && !is_encoded(part))
    };
    value.contains("${")
        || value.contains("$(")
        || variable
            .is_some_and(|name| is_word(name) && in_one_case(name) || name.starts_with("env:"))
        || has_percent_name()
        || within('<', '>')
        || within('{', '}')
        || value.ends_with("...")
        || value.contains('…')
}

/// A path, with the home folder in place of `~`.
///
/// # Errors
/// There is no home folder, or another person's is meant: why, as a clause.
pub(super) fn path(value: impl AsRef<OsStr>) -> Result<PathBuf, &'static str> {
    let value = value.as_ref();
    let Some(rest) = value.to_str().and_then(|text| text.strip_prefix('~')) else {
        return Ok(value.into());
    };
    if !rest.is_empty() && !rest.starts_with(['/', '\\']) {
        return Err("only ~/ stands for a home folder: your own; give the whole path");
    }
    let folders = Folders::of_user().ok_or("your home folder isn't known; give the whole path")?;
    Ok(folders.home.join(rest.trim_start_matches(['/', '\\'])))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn what_nobody_means_as_a_value_is_named_as_what_it_is() {
        let cases = [
            ("", Flaw::Empty),
            (" \t", Flaw::Empty),
            ("${CLERK_SECRET_KEY}", Flaw::Placeholder),
            ("${env:CLERK_SECRET_KEY}", Flaw::Placeholder),
            ("https://${HOST}/v1", Flaw::Placeholder),
            ("$CLERK_SECRET_KEY", Flaw::Placeholder),
            ("$clerk_key", Flaw::Placeholder),
            ("%UserProfile%", Flaw::Placeholder),
            ("$env:CLERK_SECRET_KEY", Flaw::Placeholder),
            ("$HOME/key", Flaw::Placeholder),
            ("$(cat key)", Flaw::Placeholder),
            ("%CLERK_SECRET_KEY%", Flaw::Placeholder),
            (r"%APPDATA%\clerk\key", Flaw::Placeholder),
            ("<your key>", Flaw::Placeholder),
            ("{{ secrets.key }}", Flaw::Placeholder),
            ("sk_test_...", Flaw::Placeholder),
            ("sk_test_…", Flaw::Placeholder),
            ("\"sk_test_abc\"", Flaw::Quoted),
            ("'sk_test_abc'", Flaw::Quoted),
            ("“sk_test_abc”", Flaw::Quoted),
            ("sk_test_abc\"", Flaw::Quoted),
            ("=sk_test_abc", Flaw::Equals),
            (" sk_test_abc", Flaw::Space),
            ("sk_test_abc\n", Flaw::Space),
            ("\u{feff}sk_test_abc", Flaw::Invisible('\u{feff}')),
            ("sk_test\u{200b}_abc", Flaw::Invisible('\u{200b}')),
            ("a\u{1b}[2J", Flaw::Invisible('\u{1b}')),
        ];
        for (value, flaw) in cases {
            assert_eq!(check(value), Err(flaw), "{value:?}");
        }
    }

    #[test]
    fn what_people_mean_is_left_alone() {
        for value in [
            "sk_test_abc",
            "0",
            "500;on=GET /v1/users",
            "https://proxy.example/%E4%F6%FC/caf%C3%A9/%e9t%e9",
            "$aRandomToken1234567",
            r"C:\Users\Ada Lovelace\key",
            "/home/ada/clé 🔑",
            "pa$$word-100%-sure-and-long",
            "../key",
            "a=b&c<d",
        ] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        assert_eq!(check_part(" users "), Ok(()));
    }

    #[test]
    fn the_home_folder_is_put_in_place_of_a_tilde() {
        let home = env::home_dir().unwrap();
        assert_eq!(path("~/a/b"), Ok(home.join("a/b")));
        assert_eq!(path("~"), Ok(home));
        for as_it_is in ["/a/~", "a~b", "./~/x"] {
            assert_eq!(path(as_it_is), Ok(as_it_is.into()));
        }
        assert!(path("~ada/key").unwrap_err().contains("only ~/"));
    }
}
