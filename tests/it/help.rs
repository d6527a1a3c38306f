//! Help, completions and manual pages: each command with the options that it uses.

use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, Stdio},
};

use clerk_mcp::{
    catalog,
    config::{Config, command_line},
};

const CLERK: &str =
    "profile config api-url api-version timeout upload-folder export-folder rate-limit";
const TOOLS: &str = "toolsets tools exclude-tools";
const SAFETY: &str = "read-only allow-writes confirm max-destructive audit policy journal journal-retention approvals";
const EVENTS: &str = "events event-retention";
const SANDBOX: &str = "sandbox users seed incidents fault webhook-url";
const OUTPUT: &str = "max-answer-tokens otlp-endpoint log";

fn run(arguments: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    let output = command.args(arguments).env("COLUMNS", "100").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// The words after `clerk-mcp` of each command; none for the program itself.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        all.push(path.to_vec());
        for command in command.get_subcommands() {
            below(command, &[path, &[command.get_name().to_owned()]].concat(), all);
        }
    }
    let mut all = Vec::new();
    below(&command_line(), &[], &mut all);
    assert!(all.len() > 18, "{all:?}");
    all
}

/// The help of a command, by `--help` or `-h`.
fn help(path: &[String], option: &str) -> String {
    let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
    words.push(option);
    let (output, error, code) = run(&words);
    assert_eq!((error.as_str(), code), ("", Some(0)), "{path:?}");
    output
}

/// The options that a help lists, without dashes.
fn options(help: &str) -> BTreeSet<&str> {
    let listed = help.lines().filter(|line| line.trim_start().starts_with('-'));
    let long = listed.filter_map(|line| line.split([' ', ',']).find(|word| word.starts_with("--")));
    let names = long.map(|option| option.trim_start_matches('-'));
    names.filter(|name| !["help", "version"].contains(name)).collect()
}

#[test]
fn every_help_has_at_most_120_lines_of_100_columns_and_names_each_variable_once() {
    for path in commands() {
        let help = help(&path, "--help");
        assert!(help.lines().count() <= 120, "{path:?}: {} lines", help.lines().count());
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{path:?}: {line}");
        }
        for (variable, rest) in help.split("[env: ").skip(1).filter_map(|it| it.split_once(']')) {
            assert!(variable.starts_with("CLERK_") && !variable.contains('='), "{variable}");
            assert!(!rest.contains(&format!("[env: {variable}]")), "{path:?}: {variable}");
        }
        assert!(help.contains("\nExample"), "{path:?}: {help}");
    }
}

#[test]
fn the_short_help_is_one_screen_and_points_to_the_long_one() {
    for path in commands() {
        let short = help(&path, "-h");
        assert!(short.lines().count() <= 52, "{path:?}: {short}");
    }
    let short = help(&[], "-h");
    assert!(short.contains("--read-only") && !short.contains("--max-destructive"), "{short}");
    assert!(short.contains("--help shows all options"), "{short}");
}

#[test]
fn each_command_lists_the_options_that_it_uses_and_no_other() {
    let all = [CLERK, TOOLS, SAFETY, EVENTS, SANDBOX, OUTPUT].join(" ");
    let listing = "profile config toolsets tools exclude-tools read-only allow-writes confirm audit policy journal approvals events \
                   sandbox log";
    let deciding = "profile config api-url api-version timeout rate-limit policy events sandbox users seed incidents fault \
                    log";
    let http = "listen allow-host allow-origin key-from-header oauth-issuer resource oauth-allow oauth-any-audience oauth-client-id oauth-introspection webhooks-listen metrics-address max-sessions \
                max-requests";
    let cases: [(&str, &[&str]); 32] = [
        ("", &[&all]),
        ("stdio", &[&all]),
        (
            "init",
            &[
                "client profile remove dry-run yes api-url timeout read-only allow-writes sandbox log",
            ],
        ),
        ("call", &[&all, "json"]),
        ("http", &[&all, http]),
        ("config", &[&all, http, "json"]),
        ("tools", &[listing, "json check-openapi"]),
        (
            "sandbox",
            &[
                "profile config listen fixtures allow-webhook-host users seed incidents fault webhook-url rate-limit log",
            ],
        ),
        ("audit", &[]),
        ("audit verify", &["since log"]),
        ("audit tail", &["lines json log"]),
        ("audit show", &["user tool who client outcome from json log"]),
        ("changes", &[]),
        (
            "changes list",
            &[
                "profile config max-answer-tokens audit journal target tool client who session since until limit json log",
            ],
        ),
        ("changes show", &["profile config max-answer-tokens audit journal json log"]),
        ("changes undo", &[&all, "session overwrite dry-run"]),
        ("approvals", &[]),
        ("approvals list", &["profile config audit approvals all json log"]),
        ("approvals show", &["profile config audit approvals json log"]),
        ("approvals approve", &["profile config audit approvals yes log"]),
        ("approvals reject", &["profile config audit approvals reason log"]),
        ("events", &[]),
        ("events tail", &["profile config type last json events log"]),
        ("events replay", &["profile config to type since until events log"]),
        ("events verify", &["headers body log"]),
        ("policy", &[]),
        ("policy check", &["log"]),
        ("policy explain", &[deciding, "as"]),
        ("policy replay", &["profile config audit policy log"]),
        ("doctor", &["fix offline json registry"]),
        ("completions", &[]),
        ("man", &[]),
    ];
    let paths: Vec<String> = commands().iter().map(|path| path.join(" ")).collect();
    for path in &paths {
        assert!(cases.iter().any(|(case, _)| case == path), "{path} is not in the table");
    }
    for (path, expected) in cases {
        let words: Vec<String> = path.split_whitespace().map(str::to_owned).collect();
        let help = help(&words, "--help");
        let expected = expected.iter().flat_map(|names| names.split_whitespace()).collect();
        assert_eq!(options(&help), expected, "{path}: {help}");
    }
}

#[test]
fn an_option_that_a_command_does_not_use_is_refused_before_and_after_it() {
    let cases: [(&[&str], &str, &[&str]); 8] = [
        (&["audit", "verify", "log"], "audit verify", &["--timeout", "3"]),
        (&["audit", "tail", "log"], "audit tail", &["--sandbox"]),
        (&["policy", "check", "file"], "policy check", &["--read-only"]),
        (&["policy", "explain", "clerk_get_user"], "policy explain", &["--users=1", "--audit=x"]),
        (&["events", "verify", "--headers=a", "--body=b"], "events verify", &["--events", "x"]),
        (&["tools"], "tools", &["--timeout", "3"]),
        (&["sandbox"], "sandbox", &["--sandbox"]),
        (&["completions", "bash"], "completions", &["--log", "off"]),
    ];
    for (command, name, option) in cases {
        for line in [[command, option].concat(), [option, command].concat()] {
            let (output, error, code) = run(&line);
            assert_eq!((output.as_str(), code), ("", Some(2)), "{line:?}: {error}");
            let unused = option.last().filter(|last| last.starts_with("--")).unwrap_or(&option[0]);
            let unused = unused.split('=').next().unwrap();
            let said = format!("{unused} isn't an option of `clerk-mcp {name}`; remove it");
            assert!(error.contains(&said), "{line:?}: {error}");
        }
    }
    // Its variable may be set for the server.
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    let output = command.args(["completions", "bash"]).env("CLERK_MCP_TIMEOUT", "3").output();
    assert!(output.unwrap().status.success());
}

#[test]
fn an_option_that_a_command_uses_may_stand_before_it() {
    for line in [
        &["clerk-mcp", "--policy", "p.toml", "policy", "explain", "clerk_get_user"][..],
        &["clerk-mcp", "policy", "--policy", "p.toml", "explain", "clerk_get_user"],
        &["clerk-mcp", "events", "--events", "e.db", "tail"],
        &["clerk-mcp", "--timeout", "3", "http", "--listen", "127.0.0.1:0", "--users", "3"],
    ] {
        let read = Config::read(line.iter().map(Into::into));
        assert!(read.is_ok(), "{line:?}: {}", read.unwrap_err());
    }
}

#[test]
fn the_list_of_tools_is_80_columns_wide_and_adds_up() {
    let (output, error, code) = run(&["tools", "--toolsets", "all", "--sandbox"]);
    assert_eq!((error.as_str(), code), ("", Some(0)));
    let (mut tools, mut tokens, mut of_toolset, mut announced) = (0, 0, 0, 0);
    let number = |word: &str| word.parse::<u32>().unwrap();
    for line in output.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [name, _, size, "tokens", ..] if name.starts_with("clerk_") => {
                (tools, of_toolset) = (tools + 1, of_toolset + number(size));
            }
            [toolset, _, "tool," | "tools,", "at", "most", size, "tokens"]
                if toolset.ends_with(':') =>
            {
                assert_eq!(of_toolset, announced, "before {line}");
                (of_toolset, announced) = (0, number(size));
                tokens += number(size);
            }
            _ => {}
        }
    }
    assert_eq!(of_toolset, announced);
    assert!(tools > 200, "{tools}");
    let last = output.lines().last().unwrap();
    assert_eq!(last, format!("{tools} tools, at most {tokens} tokens"));
}

/// A shell's name, and how it checks a script that it reads from standard input.
const SHELLS: [(&str, &[&str]); 5] = [
    ("bash", &["bash", "-n"]),
    ("zsh", &["zsh", "-n"]),
    ("fish", &["fish", "--no-execute"]),
    ("powershell", &["pwsh", "-NoProfile", "-Command", "-"]),
    ("elvish", &["elvish", "-compileonly", "/dev/stdin"]),
];

#[test]
fn each_shell_accepts_its_completions_which_have_every_command_and_the_tools() {
    for (shell, check) in SHELLS {
        let (script, error, code) = run(&["completions", shell]);
        assert_eq!((error.as_str(), code), ("", Some(0)), "{shell}");
        for word in commands().iter().flatten() {
            assert!(script.contains(word), "{shell}: {word}");
        }
        if shell != "powershell" && shell != "elvish" {
            let missing = catalog::all().find(|(_, tool)| !script.contains(tool.name));
            assert!(missing.is_none(), "{shell}: {}", missing.unwrap().1.name);
        }
        let started = Command::new(check[0])
            .args(&check[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else { continue };
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{shell}: {said}");
    }
}

/// What bash offers after these words, the last of which is completed.
fn completed(words: &[&str]) -> String {
    let (script, ..) = run(&["completions", "bash"]);
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let [.., previous, current] = &words[..] else { panic!("{words:?}") };
    let script = format!(
        "{script}\nCOMP_WORDS=({}); COMP_CWORD={}\n_clerk__mcp clerk-mcp {current} {previous}\n\
         echo \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        words.len() - 1
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, script).unwrap();
    let output = Command::new("bash").arg(file.path()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[cfg(unix)]
#[test]
fn bash_completes_names_of_tools_and_only_options_that_the_command_uses() {
    let offered = completed(&["clerk-mcp", "call", "clerk_get_us"]);
    assert!(offered.split_whitespace().any(|name| name == "clerk_get_user"), "{offered}");
    assert!(!offered.contains("clerk_list_users"), "{offered}");
    let offered = completed(&["clerk-mcp", "audit", "verify", "--"]);
    assert!(offered.contains("--since") && !offered.contains("--timeout"), "{offered}");
    let offered = completed(&["clerk-mcp", "http", "--toolsets", "organiz"]);
    assert!(offered.split_whitespace().any(|name| name == "organizations"), "{offered}");
}

#[test]
fn the_manual_has_a_page_for_each_command_and_groff_accepts_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (output, error, code) = run(&["man", path]);
    assert_eq!((output.as_str(), error.as_str(), code), ("", "", Some(0)));
    for command in commands() {
        let name = [&["clerk-mcp".to_owned()], &command[..]].concat().join("-");
        let page = folder.path().join(format!("{name}.1"));
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains(".SH DESCRIPTION"), "{name}: {text}");
        let mut groff = Command::new("groff");
        groff.args(["-ww", "-man", "-Tutf8", "-Kutf8", "-z"]).arg(page);
        let Ok(output) = groff.output() else { continue };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
    }
    let (page, ..) = run(&["man"]);
    assert!(page.contains("CLERK_MCP_TIMEOUT") && page.contains("clerk\\-mcp\\-http(1)"), "{page}");
}
