//! The sandbox behind the server. What it does by itself is tested in crates/clerk-sandbox.

use std::process::Command;

use serde_json::Value;

#[test]
fn an_operation_that_the_sandbox_lacks_is_told_from_one_that_does_not_exist() {
    let output = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"))
        .args(["call", "clerk_list_oauth_applications", "{}", "--sandbox", "--toolsets", "all"])
        .output()
        .unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["error"]["code"], "not_in_the_sandbox", "{result:#}");
}
