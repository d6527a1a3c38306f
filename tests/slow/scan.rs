//! A scan of an instance as large as Clerk has them.

use serde_json::json;

use crate::{
    people::{all_users, sandbox},
    support,
};

/// How many users the large scan goes through.
const MANY: usize = 100_000;

/// The most memory that a process ever had, in KB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_scan_of_a_hundred_thousand_is_right_and_its_memory_flat() {
    let url = sandbox(MANY).await;
    let wanted =
        all_users(&url).await.iter().filter(|user| user["two_factor_enabled"] == false).count();
    let mut binary = tokio::process::Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    binary.env("CLERK_SECRET_KEY", clerk_sandbox::KEY).env("CLERK_API_URL", &url);
    binary.env("CLERK_MCP_RATE_LIMIT", "0").env("CLERK_MCP_LOG", "off");
    let folder = tempfile::tempdir().unwrap();
    binary.env("CLERK_MCP_EXPORT_FOLDER", folder.path());
    let transport = rmcp::transport::TokioChildProcess::new(binary).unwrap();
    let pid = transport.id().unwrap();
    let client = support::Client(rmcp::ServiceExt::serve((), transport).await.unwrap());
    // A first page sets the mark.
    client.call("clerk_list_users", &json!({ "limit": 500, "detail": "concise" })).await;
    let before = peak(pid);
    let find = json!({ "twoFactorEnabled": false, "limit": 5 });
    let answer = client.call("clerk_find_users", &find).await;
    let told = ["matched", "scanned", "complete"].map(|field| answer[field].clone());
    assert_eq!(told, [json!(wanted), json!(MANY), json!(true)], "{answer}");
    let growth = peak(pid).saturating_sub(before);
    println!("{MANY} users: {wanted} found, peak {before} KB and {growth} KB more");
    assert!(growth < 10_000, "{growth} KB");
    let before = peak(pid);
    let answer = client.call("clerk_find_users", &json!({ "groupBy": "duplicateEmail" })).await;
    assert_eq!(answer["scanned"], json!(MANY), "{answer}");
    let growth = peak(pid).saturating_sub(before);
    println!("{MANY} users compared: peak {before} KB and {growth} KB more");
    assert!(growth < 30_000, "{growth} KB");
    let before = peak(pid);
    let export = json!({ "exportTo": "users.csv", "detail": "concise" });
    let answer = client.call("clerk_list_users", &export).await;
    assert_eq!(answer["export"]["rows"], json!(MANY), "{answer}");
    let growth = peak(pid).saturating_sub(before);
    println!("{MANY} users exported: {}, {growth} KB more", answer["export"]["bytes"]);
    assert!(growth < 10_000, "{growth} KB");
    client.0.cancel().await.unwrap();
}
