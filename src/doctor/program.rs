//! Programs that clients start: whether they are there. None is started.

use std::{
    env, fs,
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

/// Where a command leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Located {
    /// There is nothing at its path.
    Missing,
    /// What is there can't be executed.
    NotExecutable,
    /// It is a path that begins wherever the client runs.
    Relative,
    /// It is a name, which no folder of `PATH` has.
    NotOnPath,
    /// It is a name, and this is the program in a folder of `PATH`.
    OnPath(PathBuf),
    /// It is the path of a program.
    At(PathBuf),
}

/// Where a command leads to, for a process with our `PATH`.
pub(super) fn locate(command: &str) -> Located {
    let path = Path::new(command);
    if path.is_absolute() {
        let all = with_endings(path);
        return match all.iter().find(|path| path.is_file()) {
            Some(path) if is_executable(path) => Located::At(path.clone()),
            Some(_) => Located::NotExecutable,
            None if path.exists() => Located::NotExecutable,
            None => Located::Missing,
        };
    }
    if command.contains(['/', '\\']) {
        return Located::Relative;
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut all = env::split_paths(&folders).flat_map(|folder| with_endings(&folder.join(command)));
    let found = all.find(|path| path.is_absolute() && path.is_file() && is_executable(path));
    found.map_or(Located::NotOnPath, Located::OnPath)
}

/// The path and, on Windows, those with the endings that the system adds.
fn with_endings(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    if cfg!(windows) {
        for ending in ["exe", "cmd", "bat"] {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{ending}"));
            all.push(name.into());
        }
    }
    all
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

/// Whether a program is this one, by its path or by its bytes.
pub(super) fn is_this(path: &Path) -> io::Result<bool> {
    let own = env::current_exe()?.canonicalize()?;
    let path = path.canonicalize()?;
    if own == path {
        return Ok(true);
    }
    if fs::metadata(&own)?.len() != fs::metadata(&path)?.len() {
        return Ok(false);
    }
    let (mut own, mut other) = (BufReader::new(File::open(own)?), File::open(path)?);
    let (mut mine, mut theirs) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = own.read(&mut mine)?;
        if read == 0 {
            return Ok(true);
        }
        let (Some(mine), Some(theirs)) = (mine.get(..read), theirs.get_mut(..read)) else {
            return Ok(false);
        };
        other.read_exact(theirs)?;
        if mine != theirs {
            return Ok(false);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_command_is_located_as_the_system_would() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let command = path.to_str().unwrap();
        assert_eq!(locate(command), Located::Missing);
        fs::write(&path, "").unwrap();
        assert_eq!(locate(command), Located::NotExecutable);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(locate(command), Located::At(path.clone()));
        assert_eq!(locate(folder.path().to_str().unwrap()), Located::NotExecutable);
        for relative in ["./program", "bin/program", "~/program"] {
            assert_eq!(locate(relative), Located::Relative);
        }
        assert!(matches!(locate("sh"), Located::OnPath(_)));
        assert_eq!(locate("a-program-that-is-nowhere"), Located::NotOnPath);
        assert!(!is_this(&path).unwrap());
        assert!(is_this(&env::current_exe().unwrap()).unwrap());
    }
}
