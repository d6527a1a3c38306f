//! A picture of the program at work: commands that run for real, in a terminal, against the sandbox.

mod svg;

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{Error, root};

const PICTURE: &str = "docs/assets/demo.svg";
/// The end of the program's question whether to do it.
const QUESTION: &[u8] = b"[y/N] ";

/// One command, with a comment above it.
struct Scene {
    about: &'static str,
    /// For a shell. `{user}` stands for the first user's id in what was printed before.
    command: &'static str,
    /// What the person types at the question.
    answer: &'static str,
}

const SCENES: [Scene; 3] = [
    Scene {
        about: "Find a user",
        command: r#"clerk-mcp call clerk_list_users '{"query": "Arjun"}'"#,
        answer: "",
    },
    Scene {
        about: "What can't be undone needs a person's approval, and is logged first",
        command: "clerk-mcp call clerk_delete_user '{\"userId\": \"{user}\"}' \\\n    --confirm ask \
                  --audit log.jsonl",
        answer: "y\n",
    },
    Scene {
        about: "The log shows whether it was changed",
        command: "clerk-mcp audit verify log.jsonl",
        answer: "",
    },
];

/// What a person would see, piece by piece.
enum Line {
    Comment(String),
    Command(String),
    Output(String),
}

/// Runs the scenes and draws them into [`PICTURE`].
pub(crate) fn run() -> Result<(), Error> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo).arg("build").current_dir(root()).status();
    if !build.map_err(Error::Cargo)?.success() {
        return Err(Error::Failed);
    }
    let folder = root().join("target/record");
    let file = |error| Error::File(folder.clone(), error);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(file)?;
    let sandbox = Sandbox::start(&folder)?;
    let mut lines = Vec::new();
    let mut user = String::new();
    for scene in SCENES {
        let command = scene.command.replace("{user}", &user);
        let output = sandbox.run(&command, scene.answer)?;
        if let Some(found) = output.split_whitespace().find(|word| word.starts_with("user_")) {
            found.clone_into(&mut user);
        }
        lines.push(Line::Comment(scene.about.to_owned()));
        lines.push(Line::Command(command));
        lines.extend(output.lines().map(|line| Line::Output(line.to_owned())));
    }
    let picture = root().join(PICTURE);
    fs::write(&picture, svg::draw(&lines)).map_err(|error| Error::File(picture, error))
}

/// A sandbox, and the folder in which commands that use it run.
struct Sandbox<'a> {
    process: Child,
    url: String,
    folder: &'a Path,
}

impl Drop for Sandbox<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl<'a> Sandbox<'a> {
    fn start(folder: &'a Path) -> Result<Self, Error> {
        let program = root().join("target/debug/clerk-mcp");
        let mut command = Command::new(program);
        command.args(["sandbox", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|error| Error::Program("clerk-mcp", error))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|error| Error::Program("clerk-mcp", error))?;
        }
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_default().to_owned();
        Ok(Self { process, url, folder })
    }

    /// What a command prints in a terminal, with what a person types at its question.
    fn run(&self, command: &str, answer: &str) -> Result<String, Error> {
        let failed = |error| Error::Program("script", error);
        let path = env::var("PATH").unwrap_or_default();
        let mut terminal = Command::new("script")
            .args(["--quiet", "--return", "--command", command, "/dev/null"])
            .current_dir(self.folder)
            .env("PATH", format!("{}:{path}", root().join("target/debug").display()))
            .env("CLERK_API_URL", &self.url)
            .env("CLERK_SECRET_KEY", "sk_test_sandbox")
            .env("CLERK_MCP_LOG", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let printed = converse(&mut terminal, answer).map_err(failed)?;
        if !terminal.wait().map_err(failed)?.success() {
            return Err(Error::Scene(command.to_owned(), printed));
        }
        Ok(printed)
    }
}

/// Reads what is printed up to the end, and types the answer at the question.
fn converse(terminal: &mut Child, answer: &str) -> io::Result<String> {
    let (Some(mut keyboard), Some(mut screen)) = (terminal.stdin.take(), terminal.stdout.take())
    else {
        return Ok(String::new());
    };
    let mut printed = Vec::new();
    let mut answer = Some(answer).filter(|answer| !answer.is_empty());
    let mut byte = [0];
    while screen.read(&mut byte)? > 0 {
        printed.extend(byte);
        if printed.ends_with(QUESTION)
            && let Some(answer) = answer.take()
        {
            keyboard.write_all(answer.as_bytes())?;
        }
    }
    Ok(String::from_utf8_lossy(&printed).replace('\r', ""))
}
