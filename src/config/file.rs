//! Reading the files that the operator names.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// The largest file of text that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// Why a file of text can't be used. Its text follows the path.
#[derive(Debug, thiserror::Error)]
pub enum FileFlaw {
    /// It is missing, or the system doesn't let us read it.
    #[error("can't be read: {0}; check its path and its permissions")]
    Unreadable(#[from] io::Error),
    /// It is a folder.
    #[error("is a folder, not a file; give the path of a file in it")]
    Folder,
    /// It isn't a folder, where one is asked for.
    #[error("isn't a folder; give the path of a folder")]
    NotFolder,
    /// It is too large to be meant.
    #[error("is larger than 4 MiB; give a smaller file")]
    TooLarge,
    /// It is text of another encoding, such as what PowerShell writes by default.
    #[error("is UTF-16 text; save it as UTF-8")]
    Utf16,
    /// It isn't text.
    #[error("isn't UTF-8 text; save it as UTF-8")]
    NotText,
}

/// The text of a file, without a byte-order mark.
///
/// # Errors
/// Why it can't be used.
pub fn read_text(path: &Path) -> Result<String, FileFlaw> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(FileFlaw::Folder);
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileFlaw::TooLarge);
    }
    // Text has no NUL, and most of UTF-16 has one beside each letter.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(FileFlaw::Utf16);
    }
    let text = String::from_utf8(bytes).map_err(|_| FileFlaw::NotText)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Checks that a folder is there.
///
/// # Errors
/// Why it can't be used.
pub(super) fn check_folder(path: &Path) -> Result<(), FileFlaw> {
    if path.metadata()?.is_dir() { Ok(()) } else { Err(FileFlaw::NotFolder) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_text_and_other_encodings_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            read_text(&path).map_err(|flaw| flaw.to_string())
        };
        assert_eq!(read(b"key\n"), Ok("key\n".to_owned()));
        assert_eq!(read(b"\xef\xbb\xbfkey"), Ok("key".to_owned()));
        let cases: [(&[u8], &str); 5] = [
            (b"\xff\xfek\0e\0y\0", "is UTF-16 text; save it as UTF-8"),
            (b"\xfe\xff\0k\0e\0y", "is UTF-16 text; save it as UTF-8"),
            (b"k\0e\0y\0", "is UTF-16 text; save it as UTF-8"),
            (b"k\xe9y", "isn't UTF-8 text; save it as UTF-8"),
            (&vec![b'x'; 5 << 20], "is larger than 4 MiB; give a smaller file"),
        ];
        for (bytes, said) in cases {
            assert_eq!(read(bytes), Err(said.to_owned()));
        }
        let said = |path: &Path| read_text(path).unwrap_err().to_string();
        assert_eq!(said(folder.path()), "is a folder, not a file; give the path of a file in it");
        assert!(said(&folder.path().join("none")).starts_with("can't be read: "));
        assert!(check_folder(&path).unwrap_err().to_string().starts_with("isn't a folder; "));
    }
}
