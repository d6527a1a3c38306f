//! Files that only the server's own user may read.

#[cfg(unix)]
use std::fs;
use std::{fs::OpenOptions, io, path::Path};

/// Creates the file if there is none, and takes the permissions of all others from it if there is
/// one. A file that is there is not opened: to close it again would release the locks that this
/// process holds on it, `SQLite`'s among them.
///
/// # Errors
/// The file can't be created, or its permissions can't be changed.
pub(crate) fn ensure(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    own(&mut options);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => narrow(path),
        created => created.map(drop),
    }
}

/// A file that is created with these options is readable by its owner alone.
pub(crate) fn own(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Takes the permissions of all others from a file, if there is one.
///
/// # Errors
/// The permissions can't be changed.
pub(crate) fn narrow(path: &Path) -> io::Result<()> {
    if let Some(mode) = restrict(path)? {
        let owners = mode & 0o700;
        tracing::warn!(
            "{} had the mode {mode:04o} and has {owners:04o} now: it holds personal data",
            path.display()
        );
    }
    Ok(())
}

/// The same without a line in the log; returns the mode that the file had, if it was changed.
///
/// # Errors
/// The permissions can't be changed.
#[cfg(unix)]
pub(crate) fn restrict(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;

    let Some(mode) = shared_mode(path)? else { return Ok(None) };
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)).map_err(|error| {
        let reason =
            format!("other users can read it (mode {mode:04o}), and that can't be changed");
        io::Error::new(error.kind(), format!("{reason}: {error}; set its mode to 0600"))
    })?;
    Ok(Some(mode))
}

/// The mode of a file that others have permissions on; `None` if they have none, or there is no
/// file.
///
/// # Errors
/// The system doesn't say.
#[cfg(unix)]
pub(crate) fn shared_mode(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    let mode = metadata.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0 && metadata.is_file()).then_some(mode))
}

/// Takes the permissions of all others from a file, where a system has such permissions.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub(crate) fn restrict(_: &Path) -> io::Result<Option<u32>> {
    Ok(None)
}

/// The mode of a file that others have permissions on, where a system has modes.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub(crate) fn shared_mode(_: &Path) -> io::Result<Option<u32>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_readable_by_its_owner_alone_whether_it_was_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o7777;
        ensure(&file).unwrap();
        assert_eq!(mode(), 0o600);
        fs::write(&file, "kept").unwrap();
        for (wide, narrow) in [(0o644, 0o600), (0o666, 0o600), (0o640, 0o600), (0o400, 0o400)] {
            fs::set_permissions(&file, fs::Permissions::from_mode(wide)).unwrap();
            ensure(&file).unwrap();
            assert_eq!(mode(), narrow, "{wide:o}");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
        narrow(&folder.path().join("none")).unwrap();
    }
}
