//! Images that are sent to Clerk.

use std::{fmt, fs, path::Path};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use clerk_api::FilePart;

/// How many bytes an image may have: Clerk takes no more.
const LIMIT: usize = 10_000_000;

/// The images that Clerk takes, by how they begin.
const KINDS: [(&[u8], &str, &str); 4] = [
    (b"\x89PNG\r\n\x1a\n", "image/png", "image.png"),
    (b"\xff\xd8\xff", "image/jpeg", "image.jpg"),
    (b"GIF8", "image/gif", "image.gif"),
    (b"RIFF", "image/webp", "image.webp"),
];

/// The image in a file below `folder`.
///
/// # Errors
/// What is wrong, for whoever named the file; nothing of what is in it.
pub(crate) fn from_file(folder: Option<&Path>, path: &str) -> Result<FilePart, UploadError> {
    let folder = folder.ok_or(UploadError::Off)?;
    let folder = folder.canonicalize().map_err(|_| UploadError::Missing)?;
    // With links and dots resolved: a link must not lead out of the folder.
    let file = folder.join(path).canonicalize().map_err(|_| UploadError::Missing)?;
    let size = fs::metadata(&file).ok().filter(fs::Metadata::is_file).map(|file| file.len());
    let size = size.filter(|_| file.starts_with(&folder)).ok_or(UploadError::Missing)?;
    if size > LIMIT as u64 {
        return Err(UploadError::TooLarge);
    }
    image(fs::read(&file).map_err(|_| UploadError::Missing)?)
}

/// The image that a text holds.
///
/// # Errors
/// What is wrong, for whoever gave the text.
pub(crate) fn from_base64(text: &str) -> Result<FilePart, UploadError> {
    // As browsers write it: data:image/png;base64,…
    let text = text.trim();
    let text = text.split_once(";base64,").map_or(text, |(_, text)| text);
    if text.len() > LIMIT / 3 * 4 + 4 {
        return Err(UploadError::TooLarge);
    }
    image(BASE64_STANDARD.decode(text).map_err(|_| UploadError::NoBase64)?)
}

fn image(bytes: Vec<u8>) -> Result<FilePart, UploadError> {
    let is_webp = bytes.get(8..12) == Some(b"WEBP");
    let found = KINDS.into_iter().find(|(begin, ..)| bytes.starts_with(begin));
    match found.filter(|(begin, ..)| *begin != b"RIFF" || is_webp) {
        Some(_) if bytes.len() > LIMIT => Err(UploadError::TooLarge),
        Some((_, media_type, file_name)) => Ok(FilePart {
            // Never that of the file here.
            file_name: file_name.to_owned(),
            media_type: media_type.to_owned(),
            bytes: bytes.into(),
        }),
        None => Err(UploadError::NoImage),
    }
}

/// Why an image can't be sent, as the rest of a sentence that begins with the argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadError {
    /// No folder was allowed.
    Off,
    /// The file does not exist below the folder.
    Missing,
    /// The text isn't base64.
    NoBase64,
    /// It is something else than an image that Clerk takes.
    NoImage,
    /// It is larger than Clerk takes.
    TooLarge,
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str(
                "is off: only a person can allow a folder, with --upload-folder; give fileBase64",
            ),
            Self::Missing => f.write_str("is no file below the folder of --upload-folder"),
            Self::NoBase64 => f.write_str("is no base64"),
            Self::NoImage => f.write_str("is no PNG, JPEG, GIF or WebP image"),
            Self::TooLarge => write!(f, "has more than {} MB", LIMIT / 1_000_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

    #[test]
    fn only_images_below_the_folder_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("images");
        fs::create_dir(&inside).unwrap();
        fs::write(inside.join("a.png"), PNG).unwrap();
        fs::write(inside.join("notes.txt"), "secret").unwrap();
        fs::write(folder.path().join("b.png"), PNG).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("b.png"), inside.join("link.png")).unwrap();
        let read = |path: &str| from_file(Some(&inside), path);
        assert_eq!(read("a.png").unwrap().bytes, PNG);
        assert_eq!(read(inside.join("a.png").to_str().unwrap()).unwrap().media_type, "image/png");
        for path in ["../b.png", "link.png", "/etc/passwd", "none.png", "", "."] {
            assert_eq!(read(path).unwrap_err(), UploadError::Missing, "{path}");
        }
        assert_eq!(read("notes.txt").unwrap_err(), UploadError::NoImage);
        assert_eq!(from_file(None, "a.png").unwrap_err(), UploadError::Off);
        assert!(UploadError::Off.to_string().contains("--upload-folder"));
    }

    #[test]
    fn a_text_is_read_with_and_without_its_head() {
        let text = BASE64_STANDARD.encode(PNG);
        for text in [text.clone(), format!("data:image/png;base64,{text}")] {
            assert_eq!(from_base64(&text).unwrap().bytes, PNG);
        }
        assert!(from_base64("*").is_err() && from_base64("").is_err());
        let large = from_base64(&"A".repeat(14_000_000)).unwrap_err();
        assert_eq!(large.to_string(), "has more than 10 MB");
        assert!(from_base64(&BASE64_STANDARD.encode(b"RIFF1234WAVE")).is_err());
    }
}
