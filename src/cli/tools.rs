//! `clerk-mcp tools`: which tools there are, what they cost, and whether they match Clerk's API.

use std::{fmt::Write, path::Path, process::ExitCode};

use clerk_mcp::{McpServer, Server, catalog, config::read_text, drift, mcp, tool::Tool};
use serde_json::Value;

use super::{CliError, print};

/// How many columns the list may take.
const WIDTH: usize = 80;

/// Lists the tools that are on, by toolset.
pub(crate) fn list(server: &Server, json: bool) -> Result<ExitCode, CliError> {
    if json {
        let server = McpServer::new(server.clone());
        let list = serde_json::to_value(server.tools())?;
        print::json(&list)?;
        return Ok(ExitCode::SUCCESS);
    }
    let width = server.tools().map(|(_, tool)| tool.name.len()).max().unwrap_or_default();
    let (mut lines, mut count, mut total) = (String::new(), 0, 0);
    for toolset in catalog::CATALOG {
        let tools = server.tools().filter(|(of, _)| of.name == toolset.name).map(|(_, tool)| tool);
        let tools: Vec<_> =
            tools.map(|tool| (tool, mcp::tokens(&mcp::listed(tool, server.call_meta())))).collect();
        if tools.is_empty() {
            continue;
        }
        let tokens: usize = tools.iter().map(|(_, tokens)| tokens).sum();
        (count, total) = (count + tools.len(), total + tokens);
        let _ = writeln!(lines, "{}: {}", toolset.name, sum(tools.len(), tokens));
        for (tool, tokens) in tools {
            let (name, effect) = (tool.name, tool.effect);
            let line = format!("  {name:<width$}  {effect:<11}  {tokens:>5} tokens");
            let _ = match flags(tool) {
                flags if flags.is_empty() => writeln!(lines, "{line}"),
                flags if line.len() + flags.len() + 2 <= WIDTH => {
                    writeln!(lines, "{line}  {flags}")
                }
                flags => writeln!(lines, "{line}\n    {flags}"),
            };
        }
        lines.push('\n');
    }
    print::lines(&format!("{lines}{}", sum(count, total)))?;
    Ok(ExitCode::SUCCESS)
}

fn sum(tools: usize, tokens: usize) -> String {
    let noun = if tools == 1 { "tool" } else { "tools" };
    format!("{tools} {noun}, at most {tokens} tokens")
}

/// What is special about a tool, in words.
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
    let text = read_text(file).map_err(|flaw| CliError::File {
        option: "--check-openapi",
        path: path(),
        flaw,
    })?;
    let document: Value = serde_saphyr::from_str(&text)
        .map_err(|source| CliError::Yaml { path: path(), source: Box::new(source) })?;
    let drift = drift::compare(&document)
        .map_err(|source| CliError::NotOpenApi { path: path(), source })?;
    for difference in &drift.differences {
        print::line(difference)?;
    }
    let drift::Drift { operations, covered, differences, not_offered, newer } = &drift;
    for line in not_offered {
        print::line(&format!("not in the file and not offered: {line}"))?;
    }
    if *newer > 0 {
        print::line(&format!("{newer} operations are newer than the file"))?;
    }
    print::line(&format!(
        "{covered} of {operations} operations, {} differences",
        differences.len()
    ))?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
