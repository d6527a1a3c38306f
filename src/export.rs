//! Files that results are written to: new ones, in the folder that `--export-folder` names.

pub(crate) mod csv;
mod file;

use std::{fmt, io};

pub(crate) use self::file::ExportFile;

/// How many bytes a file may have.
pub(crate) const FILE_LIMIT: u64 = 256 << 20;
/// How many bytes the folder may have before another file is begun.
const FOLDER_LIMIT: u64 = 1 << 30;
/// How many characters the name of a file may have.
const NAME_LIMIT: usize = 100;

/// What Windows takes for a device, whatever the ending.
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Comma-separated values, by RFC 4180, with a line of names.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// The name of a file to write, without a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName {
    name: String,
    format: Format,
}

impl FileName {
    /// Reads a name, whose ending says the form.
    ///
    /// # Errors
    /// It could lead out of the folder, hide the file, or be read as something else by a shell or a
    /// system.
    pub(crate) fn parse(name: &str) -> Result<Self, ExportError> {
        let format = match name.rsplit_once('.') {
            Some((_, "csv")) => Format::Csv,
            Some((_, "jsonl")) => Format::JsonLines,
            _ => return Err(ExportError::Name),
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let begins = name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        let is_right = begins && name.len() <= NAME_LIMIT && name.bytes().all(is_plain);
        if !is_right || is_device(name) {
            return Err(ExportError::Name);
        }
        Ok(Self { name: name.to_owned(), format })
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// The form of the file.
    pub(crate) fn format(&self) -> Format {
        self.format
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    DEVICES.contains(&stem.trim_end_matches(|last: char| last.is_ascii_digit()))
}

/// Why a file can't be written, as the rest of a sentence that begins with the argument.
#[derive(Debug)]
pub(crate) enum ExportError {
    /// It can't be the name of a file.
    Name,
    /// There is such a file already, or a link or a folder of this name.
    Exists,
    /// The folder has too much in it.
    Full,
    /// The system refused.
    Io(io::Error),
}

impl ExportError {
    /// Whether another name could be written.
    pub(crate) fn is_of_name(&self) -> bool {
        matches!(self, Self::Name | Self::Exists)
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists,
            _ => Self::Io(error),
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => write!(
                f,
                "must be the name of a file that ends with .csv or .jsonl, such as \
                 users-2026-05.csv: at most {NAME_LIMIT} letters, digits, -, _ and ., and no folder"
            ),
            Self::Exists => {
                f.write_str("names a file that exists, and none is overwritten: give another name")
            }
            Self::Full => write!(
                f,
                "can't be written: the folder of --export-folder has more than {} MiB in it",
                FOLDER_LIMIT >> 20
            ),
            Self::Io(error) => {
                let reason = error.to_string();
                let reason = reason.split(" (os error").next().unwrap_or_default();
                write!(f, "can't be written to the folder of --export-folder: {reason}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_name_with_one_of_the_two_endings_is_taken() {
        for (name, format) in [
            ("users.csv", Format::Csv),
            ("2026-05_all.users.jsonl", Format::JsonLines),
            ("console.csv", Format::Csv),
            ("a..csv", Format::Csv),
        ] {
            assert_eq!(FileName::parse(name).unwrap().format(), format, "{name}");
        }
        let long = format!("{}.csv", "a".repeat(NAME_LIMIT));
        for name in [
            "",
            ".csv",
            "csv",
            "users",
            "users.CSV",
            "users.csv ",
            "users.txt",
            "users.csv.exe",
            "../users.csv",
            "..csv",
            "a/users.csv",
            "/etc/users.csv",
            "a\\users.csv",
            "C:users.csv",
            "C:\\users.csv",
            "users.csv\0.jsonl",
            "users.csv:stream.csv",
            "-rf.csv",
            ".hidden.csv",
            "~.csv",
            "%2e%2e.csv",
            "us\ners.csv",
            "ｕsers.csv",
            "users\u{202e}vsc.csv",
            "NUL.csv",
            "com1.users.csv",
            "LPT9.jsonl",
            &long,
        ] {
            assert!(FileName::parse(name).is_err(), "{name:?}");
        }
    }
}
