//! `clerk-mcp tools`: which tools there are, what they cost, and whether they match Clerk's API.

use std::{fmt::Write, path::Path, process::ExitCode};

use clerk_mcp::{McpServer, Server, config::read_text, drift, mcp, tool::Tool};
use serde_json::Value;

use super::{CliError, print};

/// Lists the tools that are on.
pub(crate) fn list(server: &Server, json: bool) -> Result<ExitCode, CliError> {
    if json {
        let server = McpServer::new(server.clone());
        let list = serde_json::to_value(server.tools())?;
        print::json(&list)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = String::new();
    let mut total = 0;
    for (toolset, tool) in server.tools() {
        let tokens = mcp::tokens(&mcp::listed(tool, server.call_meta()));
        total += tokens;
        let (name, flags) = (tool.name, flags(tool));
        let _ = writeln!(
            lines,
            "{name:<44} {:<24} {:<12} ~{tokens:>4} tokens  {flags}",
            toolset.name, tool.effect
        );
    }
    print::lines(&format!("{lines}{} tools, about {total} tokens", server.tools().count()))?;
    Ok(ExitCode::SUCCESS)
}

/// What is special about an operation, in words.
fn flags(tool: &Tool) -> String {
    let secret = tool.returns_secret.then_some("returns a secret");
    secret
        .into_iter()
        .chain(tool.flags.iter().map(|flag| flag.name()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Compares the catalog with an OpenAPI file of Clerk's; exits with 1 if it differs.
pub(crate) fn check(file: &Path) -> Result<ExitCode, CliError> {
    let path = || file.to_owned();
    let text = read_text(file).map_err(|flaw| CliError::File { path: path(), flaw })?;
    let document: Value = serde_saphyr::from_str(&text)
        .map_err(|source| CliError::Yaml { path: path(), source: Box::new(source) })?;
    let drift = drift::compare(&document)
        .map_err(|source| CliError::NotOpenApi { path: path(), source })?;
    for difference in &drift.differences {
        print::line(difference)?;
    }
    let drift::Drift { operations, covered, differences } = &drift;
    print::line(&format!(
        "{covered} of {operations} operations, {} differences",
        differences.len()
    ))?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
