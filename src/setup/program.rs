//! The program that clients start: by a path that is still there tomorrow.

use std::{
    env, fs, io,
    path::{Component, Path, PathBuf},
};

use crate::clients::{Machine, System};

/// Folders of package runners, whose content goes away when their caches are cleaned: npx, pnpm dlx,
/// uvx.
const FLEETING: [&str; 3] = ["_npx", "dlx", "archive-v0"];
/// The same, with a version behind the name.
const FLEETING_VERSIONS: [&str; 2] = ["environments-v", "builds-v"];

/// Where the program is, and where it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The path for the clients.
    pub path: PathBuf,
    /// The program to copy there, if another one or none is there.
    pub copied_from: Option<PathBuf>,
}

impl Program {
    /// This process's program.
    ///
    /// # Errors
    /// The system doesn't say where it is.
    pub fn this(machine: &Machine) -> io::Result<Self> {
        let program = env::current_exe()?.canonicalize()?;
        let temporary = env::temp_dir();
        let temporary = temporary.canonicalize().unwrap_or(temporary);
        Ok(Self::of(simple(program), machine, &temporary, &data_folder(machine)))
    }

    fn of(program: PathBuf, machine: &Machine, temporary: &Path, data: &Path) -> Self {
        if !is_fleeting(&program) && !program.starts_with(temporary) {
            return Self { path: linked(&program).unwrap_or(program), copied_from: None };
        }
        let path = match machine.system {
            System::Windows => data.join("clerk-mcp").join("clerk-mcp.exe"),
            System::Linux | System::MacOs => data.join("clerk-mcp/bin/clerk-mcp"),
        };
        let is_there =
            fs::read(&path).is_ok_and(|there| fs::read(&program).is_ok_and(|own| own == there));
        let copied_from = (!is_there).then_some(program);
        Self { path, copied_from }
    }

    /// Copies the program, if it must be.
    ///
    /// # Errors
    /// It can't be copied.
    pub fn copy(&self) -> io::Result<()> {
        let Some(from) = &self.copied_from else { return Ok(()) };
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let name = format!("clerk-mcp.{:08x}.tmp", fastrand::u32(..));
        let temporary = self.path.with_file_name(name);
        let copied = fs::copy(from, &temporary).and_then(|_| fs::rename(&temporary, &self.path));
        if copied.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        copied
    }
}

/// A path of Windows without the `\\?\` that makes it canonical, which not every client reads.
fn simple(path: PathBuf) -> PathBuf {
    let text = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    match text {
        Some(text) if text.get(1..2) == Some(":") => text.into(),
        _ => path,
    }
}

fn is_fleeting(program: &Path) -> bool {
    let is_cache = |part: Component<'_>| {
        let part = part.as_os_str().to_string_lossy();
        FLEETING.contains(&part.as_ref())
            || FLEETING_VERSIONS.iter().any(|name| part.starts_with(name))
    };
    program.components().any(is_cache)
}

/// The link that Homebrew makes to the program of the newest version.
fn linked(program: &Path) -> Option<PathBuf> {
    let mut parents = program.ancestors();
    let cellar = parents.find(|folder| folder.ends_with("Cellar"))?;
    let link = cellar.parent()?.join("bin").join(program.file_name()?);
    (link.canonicalize().ok()? == program).then_some(link)
}

/// Where programs keep what isn't configuration.
fn data_folder(machine: &Machine) -> PathBuf {
    let (variable, default) = match machine.system {
        System::Windows => ("LOCALAPPDATA", "AppData/Local"),
        System::Linux | System::MacOs => ("XDG_DATA_HOME", ".local/share"),
    };
    let given = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.unwrap_or_else(|| machine.folders.home.join(default))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folders::Folders;

    #[test]
    fn a_program_in_a_cache_is_copied_and_another_is_not() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let folders = Folders { home: home.clone(), config: home.join(".config") };
        let machine = Machine { system: System::this(), folders, moved: Vec::new() };
        let place = |path: &str| {
            let path = home.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "program").unwrap();
            Program::of(path, &machine, &home.join("tmp"), &home.join("data"))
        };
        for stable in ["bin/clerk-mcp", ".cargo/bin/clerk-mcp", "lib/node_modules/c/clerk-mcp"] {
            let path = home.join(stable);
            assert_eq!(place(stable), Program { path, copied_from: None });
        }
        for fleeting in [
            ".npm/_npx/1a2b/node_modules/c/clerk-mcp",
            ".cache/uv/archive-v0/x/bin/clerk-mcp",
            ".cache/uv/environments-v2/x/bin/clerk-mcp",
            ".cache/pnpm/dlx/x/clerk-mcp",
            "tmp/bunx-0/clerk-mcp",
        ] {
            let program = place(fleeting);
            assert!(program.path.starts_with(home.join("data/clerk-mcp")), "{program:?}");
            assert_eq!(program.copied_from, Some(home.join(fleeting)));
        }
        let program = place("tmp/clerk-mcp");
        program.copy().unwrap();
        assert_eq!(fs::read(&program.path).unwrap(), b"program");
        assert_eq!(place("tmp/clerk-mcp").copied_from, None);
        assert_eq!(fs::read_dir(program.path.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn homebrews_link_is_named_since_its_folders_have_versions() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let program = home.join("Cellar/clerk-mcp/0.1.0/bin/clerk-mcp");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(&program, "").unwrap();
        assert_eq!(linked(&program), None);
        fs::create_dir(home.join("bin")).unwrap();
        std::os::unix::fs::symlink(&program, home.join("bin/clerk-mcp")).unwrap();
        assert_eq!(linked(&program), Some(home.join("bin/clerk-mcp")));
    }
}
