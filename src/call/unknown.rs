//! Calls that can't be made at all.

use crate::Error;

/// There is no tool of that name; its text names the nearest one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTool(pub(super) String);

impl std::fmt::Display for UnknownTool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownTool {}

/// Why a decision can't be explained.
#[derive(Debug)]
pub enum ExplainError {
    /// The tool does not exist.
    Tool(UnknownTool),
    /// The arguments are wrong.
    Arguments(Box<Error>),
}

impl std::fmt::Display for ExplainError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tool(error) => error.fmt(f),
            Self::Arguments(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExplainError {}
