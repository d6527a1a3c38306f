//! The sandbox behind the server. What it does by itself is tested in crates/clerk-sandbox.

use std::process::Command;

use clerk_mcp::config::Config;
use serde_json::Value;

#[test]
fn what_the_sandbox_keeps_is_reached_through_a_tool() {
    let output = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"))
        .args(["call", "clerk_list_oauth_applications", "{}", "--sandbox", "--toolsets", "all"])
        .output()
        .unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["totalCount"], 0, "{result:#}");
}

#[test]
fn an_agent_cannot_reach_the_control_api_of_the_sandbox_that_it_works_on() {
    for (line, is_served) in [
        ("clerk-mcp stdio --sandbox", false),
        ("clerk-mcp http --sandbox", false),
        ("clerk-mcp call clerk_whoami {} --sandbox", false),
        ("clerk-mcp sandbox", true),
    ] {
        let config = Config::read(line.split(' ').map(Into::into)).unwrap();
        assert_eq!(config.sandbox().control, is_served, "{line}");
    }
}
