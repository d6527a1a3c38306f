//! The file that an edit is for: read once, written whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crate::private;

/// The largest file that is edited, in bytes. Clients keep histories in theirs.
const LARGEST: u64 = 64 << 20;
/// How many symbolic links are followed.
const MOST_LINKS: usize = 40;
/// What the copy of a file is called, behind the file's name.
const BACKUP: &str = ".clerk-mcp-backup";

/// Why a file can't be read or written. Its text follows the path.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system doesn't let us read it.
    #[error("can't be read: {0}")]
    Unreadable(io::Error),
    /// It is too large to be a configuration.
    #[error("is larger than 64 MiB")]
    TooLarge,
    /// It isn't text.
    #[error("isn't UTF-8 text")]
    NotText,
    /// Somebody made it read-only, or another program makes it.
    #[error("is read-only")]
    ReadOnly,
    /// Another program wrote it after it was read.
    #[error("was changed by another program meanwhile; run the command again")]
    Changed,
    /// The system doesn't let us write it.
    #[error("can't be written: {0}")]
    Unwritable(io::Error),
}

/// The text of a file; `None` if there is no file.
///
/// # Errors
/// It can't be read, is too large or isn't UTF-8 text.
pub fn read_text(path: &Path) -> Result<Option<String>, FileError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(FileError::Unreadable)?,
    };
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(FileError::Unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileError::TooLarge);
    }
    String::from_utf8(bytes).map(Some).map_err(|_| FileError::NotText)
}

/// Where the copy of a file is, that is made before it is changed.
#[must_use]
pub fn backup_of(path: &Path) -> PathBuf {
    beside(&target(path), BACKUP)
}

/// A file as it was read, and the text that it shall have.
#[derive(Debug)]
pub struct Change {
    /// The path that was asked for.
    pub path: PathBuf,
    /// Its text when it was read; `None` if there was no file.
    pub before: Option<String>,
    /// The text to write.
    pub after: String,
    /// Whether an older copy stays: it holds everything that the file has but our own entries.
    pub keeps_backup: bool,
}

impl Change {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.before.as_deref().unwrap_or_default() == self.after
    }

    /// Writes the text, if it is another one. A symbolic link stays, and what it leads to is
    /// replaced in one step, with the same permissions. A copy of what was there is kept beside it,
    /// and its path is returned.
    ///
    /// # Errors
    /// The file is read-only, was changed since it was read, or can't be written. It is as it was
    /// then.
    pub fn write(&self) -> Result<Option<PathBuf>, FileError> {
        if self.is_none() {
            return Ok(None);
        }
        let target = target(&self.path);
        self.check(&target)?;
        let Some(before) = &self.before else {
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder).map_err(FileError::Unwritable)?;
            }
            replace(&target, &self.after, None, &|| self.check(&target))?;
            return Ok(None);
        };
        let metadata = fs::metadata(&target).map_err(FileError::Unwritable)?;
        if metadata.permissions().readonly() {
            return Err(FileError::ReadOnly);
        }
        let backup = beside(&target, BACKUP);
        // A copy that says the same as the file says nothing.
        let is_restored = read_text(&backup).ok().flatten().as_ref() == Some(&self.after);
        let is_kept = self.keeps_backup && backup.exists();
        if !is_restored && !is_kept {
            replace(&backup, before, Some(&metadata), &|| Ok(()))?;
        }
        replace(&target, &self.after, Some(&metadata), &|| self.check(&target))?;
        if is_restored {
            let _ = fs::remove_file(&backup);
            return Ok(None);
        }
        Ok(Some(backup))
    }

    fn check(&self, target: &Path) -> Result<(), FileError> {
        if read_text(target)? == self.before { Ok(()) } else { Err(FileError::Changed) }
    }
}

/// Creates a file that only its owner can read, in a folder that only they can open.
///
/// # Errors
/// The file is there already, or can't be written.
pub fn create_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private::own(&mut options);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The same in place of a file that may be there.
///
/// # Errors
/// It can't be written. The file is as it was then.
pub fn replace_private(path: &Path, text: &str) -> io::Result<()> {
    let temporary = beside(path, &format!(".{:08x}.tmp", fastrand::u32(..)));
    let written = create_private(&temporary, text).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// What a path leads to, if it is a symbolic link; there may be nothing.
fn target(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(next) = fs::read_link(&target) else { break };
        target = target.parent().map_or(next.clone(), |folder| folder.join(&next));
    }
    target
}

/// A file in the same folder, whose name is longer.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, ToOwned::to_owned);
    name.push(ending);
    path.with_file_name(name)
}

/// Puts a whole file in place of another, if `check` still allows it at the end.
fn replace(
    path: &Path,
    text: &str,
    like: Option<&fs::Metadata>,
    check: &dyn Fn() -> Result<(), FileError>,
) -> Result<(), FileError> {
    let temporary = beside(path, &format!(".{:08x}.tmp", fastrand::u32(..)));
    let written = write_like(&temporary, text, like)
        .map_err(FileError::Unwritable)
        .and_then(|()| check())
        .and_then(|()| fs::rename(&temporary, path).map_err(FileError::Unwritable));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    #[cfg(unix)]
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        // Not every file system can: then the name is as safe as it gets.
        let _ = folder.sync_all();
    }
    written
}

/// Writes a new file with the permissions and the owner of another one.
fn write_like(path: &Path, text: &str, like: Option<&fs::Metadata>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private::own(&mut options);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(like) = like {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            let own = file.metadata()?;
            if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
                fchown(&file, Some(like.uid()), Some(like.gid()))?;
            }
        }
        file.set_permissions(like.permissions())?;
    }
    file.sync_all()
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "helpers fail the test too")]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn change(path: &Path, after: &str) -> Change {
        let before = read_text(path).unwrap();
        Change { path: path.to_owned(), before, after: after.to_owned(), keeps_backup: false }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_file_is_replaced_with_its_permissions_and_a_copy_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        for bits in [0o600, 0o644, 0o660] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            let backup = change(&path, "new").write().unwrap().unwrap();
            assert_eq!((mode(&path), mode(&backup)), (bits, bits));
            assert_eq!(fs::read_to_string(&path).unwrap(), "new");
            assert_eq!(fs::read_to_string(&backup).unwrap(), "old");
            fs::remove_file(backup).unwrap();
        }
        assert_eq!(change(&path, "new").write().unwrap(), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_is_readable_by_its_owner_alone_and_its_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c.json");
        assert_eq!(change(&path, "new").write().unwrap(), None);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", 0o600));
    }

    #[test]
    fn a_symbolic_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, dotfiles) = (folder.path().join("c.json"), folder.path().join("dotfiles"));
        fs::create_dir(&dotfiles).unwrap();
        symlink("dotfiles/real.json", &path).unwrap();
        // It leads nowhere yet.
        change(&path, "one").write().unwrap();
        change(&path, "two").write().unwrap();
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("dotfiles/real.json"));
        assert_eq!(fs::read_to_string(dotfiles.join("real.json")).unwrap(), "two");
        assert_eq!(backup_of(&path), dotfiles.join("real.json.clerk-mcp-backup"));
        assert_eq!(fs::read_to_string(backup_of(&path)).unwrap(), "one");
    }

    #[test]
    fn a_file_that_changed_meanwhile_or_is_read_only_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        fs::write(&path, "old").unwrap();
        let late = change(&path, "new");
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(late.write(), Err(FileError::Changed)));
        let early = Change { before: None, ..change(&path, "new") };
        assert!(matches!(early.write(), Err(FileError::Changed)));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(change(&path, "new").write(), Err(FileError::ReadOnly)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_text_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.json");
        assert!(read_text(&path).unwrap().is_none());
        fs::write(&path, b"\xff\xfe{\0}\0").unwrap();
        assert!(matches!(read_text(&path), Err(FileError::NotText)));
        assert!(matches!(read_text(folder.path()), Err(FileError::Unreadable(_))));
    }
}
