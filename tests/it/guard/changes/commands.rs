//! `clerk-mcp changes` at a terminal and in a script.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    guard::{Instance, LONER, TEST},
    pty::Terminal,
};

/// The binary before the instance, with a journal.
struct Desk {
    instance: Instance,
    folder: TempDir,
}

impl Desk {
    fn options(&self) -> [String; 2] {
        let file = self.folder.path().join("changes.db");
        ["--journal".to_owned(), file.to_str().unwrap().to_owned()]
    }

    async fn run(&self, words: &[&str]) -> (String, String, Option<i32>) {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(words).args(self.options()).stdin(std::process::Stdio::null());
        command.env("CLERK_API_URL", &self.instance.url).env("CLERK_SECRET_KEY", TEST);
        let output = command.output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr), output.status.code())
    }

    async fn name(&self) -> Value {
        self.instance.user(LONER).await["firstName"].clone()
    }
}

#[tokio::test]
async fn a_person_lists_shows_and_takes_back_a_change() {
    let desk = Desk { instance: Instance::start().await, folder: tempfile::tempdir().unwrap() };
    let before = desk.name().await;
    let name = json!({ "userId": LONER, "firstName": "Eve\u{1b}[31m" }).to_string();
    let (output, error, _) = desk.run(&["call", "clerk_update_user", &name]).await;
    let updated: Value = serde_json::from_str(&output).expect(&error);
    assert_eq!(updated["changeId"], "chg_1", "{updated}");

    let (output, error, code) = desk.run(&["changes", "list", "--target", LONER, "--json"]).await;
    assert_eq!(code, Some(0), "{error}");
    let listed: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(listed["changes"][0]["id"], "chg_1", "{listed}");
    let (output, _, code) = desk.run(&["changes", "show", "chg_1"]).await;
    assert_eq!(code, Some(0));
    for line in ["  firstName", &format!("  - {before}"), "  Undo: It can be set back"] {
        assert!(output.lines().any(|shown| shown.starts_with(line)), "{line}: {output}");
    }
    assert!(!output.contains('\u{1b}'), "{output:?}");
    assert_eq!(desk.run(&["changes", "show", "chg_9"]).await.2, Some(1));

    let (_, error, code) = desk.run(&["changes", "undo", "chg_1"]).await;
    assert!(error.contains("no terminal to ask at") && code == Some(1), "{error}");
    assert_ne!(desk.name().await, before);
    for (answer, expected) in [("n\n", false), ("y\n", true)] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(["changes", "undo", "chg_1"]).args(desk.options());
        command.env("CLERK_API_URL", &desk.instance.url).env("CLERK_SECRET_KEY", TEST);
        let screen = tokio::task::spawn_blocking(move || {
            let mut terminal = Terminal::run(100, &mut command, None);
            terminal.wait_for("Set this back?").types(answer);
            terminal.end()
        });
        let (screen, _) = screen.await.unwrap();
        assert!(screen.contains("firstName"), "{screen}");
        assert_eq!(desk.name().await == before, expected, "{screen}");
    }
}
