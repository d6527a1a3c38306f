use super::*;

fn read(line: &str) -> Result<Config, clap::Error> {
    Config::read(line.split(' ').map(OsString::from))
}

#[test]
fn options_may_stand_before_and_after_the_command() {
    let config = read("clerk-mcp call clerk_get_user {} --read-only --timeout 3").unwrap();
    assert!(config.options.guard.selection().read_only);
    assert_eq!(config.clerk().api.timeout, Duration::from_secs(3));
    assert!(matches!(config.command, Command::Call { .. }));
    assert!(read("clerk-mcp --sandbox tools --json").unwrap().uses_sandbox());
    assert!(matches!(read("clerk-mcp").unwrap().command, Command::Stdio));
}

#[test]
fn the_log_level_is_that_of_the_server_and_of_its_client_for_clerk() {
    let filter = read("clerk-mcp --log debug").unwrap().log_filter();
    for (target, is_on) in
        [("clerk_mcp::server", true), ("clerk_api::client", true), ("hyper", false)]
    {
        assert_eq!(filter.would_enable(target, &tracing::Level::DEBUG), is_on, "{target}");
    }
}

#[test]
fn unknown_names_and_invalid_values_stop_the_start() {
    let cases = [
        ("clerk-mcp --readonly", "--read-only"),
        ("clerk-mcp --toolsets user", "did you mean `users`?"),
        ("clerk-mcp --exclude-tools clerk_delete_users", "did you mean `clerk_delete_user`?"),
        ("clerk-mcp tool", "tools"),
        ("clerk-mcp --timeout 0", "from 1 to 30"),
        ("clerk-mcp --api-version newest", "a date such as 2026-05-12"),
        ("clerk-mcp --fault 777", "777"),
    ];
    for (line, part) in cases {
        let error = read(line).unwrap_err().to_string();
        assert!(error.contains(part), "{line}: {error}");
    }
}

#[test]
fn a_key_on_the_command_line_is_refused_and_not_repeated() {
    for line in [
        "clerk-mcp --secret-key sk_test_abc",
        "clerk-mcp --secret-key==sk_live_abc",
        "clerk-mcp call x sk_test_abc",
        "clerk-mcp --key=sk_live_abc",
    ] {
        let error = read(line).unwrap_err().to_string();
        assert!(error.contains("CLERK_SECRET_KEY") && !error.contains("abc"), "{error}");
    }
    assert!(read("clerk-mcp call clerk_list_users {\"query\":\"sk_test_\"}").is_ok());
}
