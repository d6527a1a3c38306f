//! A file that appears under its name when it is whole, and never in the place of another.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{ExportError, FOLDER_LIMIT, FileName};
use crate::private;

/// A file that is being written, under another name. If it isn't published, it is removed.
#[derive(Debug)]
pub(crate) struct ExportFile {
    file: File,
    bytes: u64,
    part: PathBuf,
    target: PathBuf,
}

impl ExportFile {
    /// Begins a file in `folder`, which only its owner can read. It blocks.
    ///
    /// # Errors
    /// There is something of that name, the folder has too much in it, or the system refuses.
    pub(crate) fn create(folder: &Path, name: &FileName) -> Result<Self, ExportError> {
        let folder = folder.canonicalize()?;
        let target = folder.join(name.as_str());
        // A link counts, wherever it leads.
        if target.symlink_metadata().is_ok() {
            return Err(ExportError::Exists);
        }
        if size(&folder)? > FOLDER_LIMIT {
            return Err(ExportError::Full);
        }
        let part = folder.join(format!(".{}.{:016x}.part", name.as_str(), fastrand::u64(..)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private::own(&mut options);
        let file = options.open(&part)?;
        Ok(Self { file, bytes: 0, part, target })
    }

    /// How many bytes were written.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes more of it. It blocks.
    ///
    /// # Errors
    /// The system refuses.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.file.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Gives the file, which is whole now, its name, and returns its path. It blocks.
    ///
    /// # Errors
    /// Something got that name meanwhile, or the system refuses. Then there is no file.
    pub(crate) fn publish(self) -> Result<PathBuf, ExportError> {
        self.file.sync_all()?;
        match fs::hard_link(&self.part, &self.target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error.into()),
            // Some file systems have no links.
            Err(_) => self.take_place()?,
        }
        Ok(self.target.clone())
    }

    /// Takes the name with an empty file of ours, which the whole one then replaces.
    fn take_place(&self) -> Result<(), ExportError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private::own(&mut options);
        options.open(&self.target)?;
        fs::rename(&self.part, &self.target).map_err(|error| {
            let _removed = fs::remove_file(&self.target);
            ExportError::Io(error)
        })
    }
}

impl Drop for ExportFile {
    fn drop(&mut self) {
        // Once it is published it has two names, or it is under this one no longer.
        let _removed = fs::remove_file(&self.part);
    }
}

/// How many bytes the files in a folder have, those in folders below it apart.
fn size(folder: &Path) -> io::Result<u64> {
    let mut size: u64 = 0;
    for entry in fs::read_dir(folder)? {
        // What disappears meanwhile has no size.
        size = size.saturating_add(entry?.metadata().map_or(0, |metadata| metadata.len()));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> FileName {
        FileName::parse("users.csv").unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = ExportFile::create(folder.path(), &name()).unwrap();
        file.write(b"id\r\n").unwrap();
        file.write(b"1\r\n").unwrap();
        assert!(!folder.path().join("users.csv").exists());
        assert_eq!(file.bytes(), 7);
        let path = file.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"id\r\n1\r\n");
        assert_eq!(names(folder.path()), ["users.csv"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        }
    }

    #[test]
    fn nothing_is_overwritten_whenever_it_appears() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("users.csv");
        let late = ExportFile::create(folder.path(), &name()).unwrap();
        let later = ExportFile::create(folder.path(), &name()).unwrap();
        late.publish().unwrap();
        assert!(matches!(later.publish(), Err(ExportError::Exists)));
        fs::write(&target, "kept").unwrap();
        assert!(matches!(ExportFile::create(folder.path(), &name()), Err(ExportError::Exists)));
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
        // The way of file systems without links, too.
        let file = ExportFile {
            file: File::create(folder.path().join("part")).unwrap(),
            bytes: 0,
            part: folder.path().join("part"),
            target: target.clone(),
        };
        assert!(matches!(file.take_place(), Err(ExportError::Exists)));
        fs::remove_file(&target).unwrap();
        file.take_place().unwrap();
        drop(file);
        assert_eq!(names(folder.path()), ["users.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_wherever_it_leads() {
        let outside = tempfile::tempdir().unwrap();
        for led_to in ["there", "nowhere"] {
            let folder = tempfile::tempdir().unwrap();
            let victim = outside.path().join("there");
            fs::write(&victim, "kept").unwrap();
            let link = folder.path().join("users.csv");
            std::os::unix::fs::symlink(outside.path().join(led_to), &link).unwrap();
            assert!(matches!(ExportFile::create(folder.path(), &name()), Err(ExportError::Exists)));
            // One that appears while the file is written.
            fs::remove_file(&link).unwrap();
            let file = ExportFile::create(folder.path(), &name()).unwrap();
            std::os::unix::fs::symlink(outside.path().join(led_to), &link).unwrap();
            assert!(matches!(file.publish(), Err(ExportError::Exists)));
            assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
            assert!(!outside.path().join("nowhere").exists());
        }
    }

    #[test]
    fn what_is_not_published_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = ExportFile::create(folder.path(), &name()).unwrap();
        file.write(b"half").unwrap();
        drop(file);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn a_full_folder_takes_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let large = File::create(folder.path().join("large")).unwrap();
        // It takes no room on the disk.
        large.set_len(FOLDER_LIMIT + 1).unwrap();
        let error = ExportFile::create(folder.path(), &name()).unwrap_err();
        assert!(error.to_string().ends_with("has more than 1024 MiB in it"), "{error}");
        let none = ExportFile::create(&folder.path().join("none"), &name()).unwrap_err();
        assert!(matches!(none, ExportError::Io(_)) && !none.is_of_name());
    }
}
