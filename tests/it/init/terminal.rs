//! `init` at a terminal: what it asks, what it shows, and how it is left.
#![cfg(target_os = "linux")]

use std::{fs, process::Stdio};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::{Home, LIVE};
use crate::support::{KEY, PATIENCE, eventually};

/// A program at a terminal of its own, by `script` of util-linux.
struct Terminal {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    shown: String,
    /// How much of it was waited for.
    read: usize,
}

impl Terminal {
    /// Runs `clerk-mcp init` with arguments, then a command that says whether the terminal shows what
    /// is typed.
    fn new(home: &Home, arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_clerk-mcp");
        let line = format!(
            "trap : INT; tty; {program} init {arguments}; echo \"status $?\"; stty -a | grep -o '.echo '; echo over"
        );
        let mut command = home.command("script");
        command.args(["-q", "-e", "-c", &line, "/dev/null"]).env("SHELL", "/bin/sh");
        command.env("CLERK_API_URL", &home.upstream.url).env("CLERK_MCP_LOG", "off");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output, shown: String::new(), read: 0 }
    }

    /// Waits for a text behind what was waited for before.
    async fn until(&mut self, text: &str) {
        let read = async {
            let mut buffer = [0; 4096];
            loop {
                if let Some(at) = self.shown[self.read..].find(text) {
                    self.read += at + text.len();
                    return;
                }
                let length = self.output.read(&mut buffer).await.unwrap();
                assert!(length > 0, "{text:?} isn't in {}", self.shown);
                self.shown += &String::from_utf8_lossy(&buffer[..length]);
            }
        };
        let waited = timeout(PATIENCE, read).await;
        assert!(waited.is_ok(), "{text:?} isn't in {}", self.shown);
    }

    /// Waits for a question whose answer the terminal doesn't show.
    async fn until_hidden(&mut self, text: &str) {
        self.until(text).await;
        let terminal = self.shown.lines().next().unwrap().trim().to_owned();
        eventually(async || {
            let mut stty = Command::new("stty");
            let output = stty.args(["-a", "-F", &terminal]).output().await.unwrap();
            String::from_utf8_lossy(&output.stdout).contains("-echo ")
        })
        .await;
    }

    async fn types(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).await.unwrap();
        self.input.flush().await.unwrap();
    }

    /// What was shown in all, when the program has ended.
    async fn end(mut self) -> String {
        self.until("over").await;
        drop(self.input);
        timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(
            self.shown.contains(" echo "),
            "the terminal doesn't show what is typed: {}",
            self.shown
        );
        for key in [KEY, LIVE] {
            assert!(!self.shown.contains(key), "{}", self.shown);
        }
        self.shown.replace('\r', "")
    }
}

#[tokio::test]
async fn a_person_picks_clients_types_the_key_unseen_and_agrees_to_the_changes() {
    let home = Home::new().await;
    home.write("cursor", "{}");
    home.write("zed", "// mine\n{\n}\n");
    let mut terminal = Terminal::new(&home, "");
    terminal.until("or Enter for all:").await;
    terminal.types("7\n").await;
    terminal.until("or Enter for all:").await;
    terminal.types("2\n").await;
    terminal.until_hidden("(not shown):").await;
    terminal.types("pk_test_wrong\n").await;
    terminal.until_hidden("(not shown):").await;
    terminal.types(&format!("{KEY}\n")).await;
    terminal.until("Write these changes? [y/N]").await;
    terminal.types("y\n").await;
    let shown = terminal.end().await;
    for text in [
        "   1  Cursor          ~/.cursor/mcp.json\n   2  Zed             ~/.config/zed/settings.json\n",
        "write numbers from 1 to 2",
        "Create a secret key named clerk-mcp in the Clerk Dashboard",
        "The key works: a test key of the development instance ins_1.",
        "~/.config/clerk-mcp/keys/dev: the key",
        "  +default_profile = \"dev\"\n",
        "status 0\n",
    ] {
        assert!(shown.contains(text), "{text:?} isn't in {shown}");
    }
    assert_eq!(home.servers("zed")[0].args, ["--profile", "dev"]);
    assert_eq!(fs::read_to_string(home.file("cursor")).unwrap(), "{}");
}

#[tokio::test]
async fn ctrl_c_at_any_question_writes_nothing_and_leaves_the_terminal_as_it_was() {
    let questions = ["or Enter for all:", "(not shown):", "Write these changes? [y/N]"];
    for stop in 0..questions.len() {
        let home = Home::new().await;
        home.write("cursor", "{}");
        home.write("gemini", "{}");
        let before = home.all();
        let mut terminal = Terminal::new(&home, "");
        for (index, question) in questions.iter().enumerate() {
            if *question == "(not shown):" {
                terminal.until_hidden(question).await;
            } else {
                terminal.until(question).await;
            }
            if index == stop {
                terminal.types("\u{3}").await;
                break;
            }
            terminal.types(["1\n", &format!("{KEY}\n"), "y\n"][index]).await;
        }
        let shown = terminal.end().await;
        assert!(shown.contains("status 1\n") && shown.contains("nothing was written"), "{shown}");
        assert_eq!(home.all(), before, "{stop}");
    }
}

#[tokio::test]
async fn a_key_is_replaced_only_if_the_person_says_so() {
    let home = Home::new().await;
    home.write("cursor", "{}");
    assert_eq!(home.init(&["--yes"], Some(KEY)).await.code, Some(0));
    for (answer, kept) in [("n\n", KEY), ("y\n", "sk_test_TheNewKey4242")] {
        let mut terminal = Terminal::new(&home, "--client cursor");
        terminal.until_hidden("of the profile dev (not shown):").await;
        terminal.types("sk_test_TheNewKey4242\n").await;
        terminal.until("The profile `dev` has another key. Replace it? [y/N]").await;
        terminal.types(answer).await;
        if answer == "y\n" {
            terminal.until("Write these changes? [y/N]").await;
            terminal.types("y\n").await;
        }
        terminal.end().await;
        assert_eq!(fs::read_to_string(home.own("keys/dev")).unwrap(), format!("{kept}\n"));
    }
    // Enter keeps the key that is there.
    let mut terminal = Terminal::new(&home, "--client cursor,zed");
    terminal.until_hidden("of the profile dev (not shown):").await;
    terminal.types("\n").await;
    terminal.until("Write these changes? [y/N]").await;
    terminal.types("y\n").await;
    assert!(terminal.end().await.contains("status 0\n"));
    assert_eq!(home.servers("zed")[0].args, ["--profile", "dev"]);
}
