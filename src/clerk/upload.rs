//! Images that are sent to Clerk.

use std::{fs, path::Path};

use base64::prelude::{BASE64_STANDARD, Engine as _};

/// How many bytes an image may have: Clerk takes no more.
const LIMIT: usize = 10_000_000;

/// The images that Clerk takes, by how they begin.
const KINDS: [(&[u8], &str, &str); 4] = [
    (b"\x89PNG\r\n\x1a\n", "image/png", "image.png"),
    (b"\xff\xd8\xff", "image/jpeg", "image.jpg"),
    (b"GIF8", "image/gif", "image.gif"),
    (b"RIFF", "image/webp", "image.webp"),
];

/// An image on its way to Clerk, as the field `file` of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// The media type.
    pub(super) kind: &'static str,
    /// The name that Clerk gets: never that of the file here.
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Upload {
    /// The image in a file below `folder`.
    ///
    /// # Errors
    /// What is wrong, for whoever named the file; nothing of what is in it.
    pub fn from_file(folder: Option<&Path>, path: &str) -> Result<Self, String> {
        let Some(folder) = folder else {
            return Err("is off: only a person can allow a folder, with --upload-folder; give \
                        fileBase64"
                .to_owned());
        };
        let missing = || "is no file below the folder of --upload-folder".to_owned();
        let folder = folder.canonicalize().map_err(|_| missing())?;
        // With links and dots resolved: a link must not lead out of the folder.
        let file = folder.join(path).canonicalize().map_err(|_| missing())?;
        let size = fs::metadata(&file).ok().filter(fs::Metadata::is_file).map(|it| it.len());
        let Some(size) = size.filter(|_| file.starts_with(&folder)) else { return Err(missing()) };
        if size > LIMIT as u64 {
            return Err(too_large());
        }
        Self::new(fs::read(&file).map_err(|_| missing())?)
    }

    /// The image that a text holds.
    ///
    /// # Errors
    /// What is wrong, for whoever gave the text.
    pub fn from_base64(text: &str) -> Result<Self, String> {
        // As browsers write it: data:image/png;base64,…
        let text = text.trim();
        let text = text.split_once(";base64,").map_or(text, |(_, text)| text);
        if text.len() > LIMIT / 3 * 4 + 4 {
            return Err(too_large());
        }
        Self::new(BASE64_STANDARD.decode(text).map_err(|_| "is no base64".to_owned())?)
    }

    fn new(bytes: Vec<u8>) -> Result<Self, String> {
        let is_webp = bytes.get(8..12) == Some(b"WEBP");
        let found = KINDS.into_iter().find(|(begin, ..)| bytes.starts_with(begin));
        match found.filter(|(begin, ..)| *begin != b"RIFF" || is_webp) {
            Some(_) if bytes.len() > LIMIT => Err(too_large()),
            Some((_, kind, name)) => Ok(Self { kind, name, bytes }),
            None => Err("is no PNG, JPEG, GIF or WebP image".to_owned()),
        }
    }
}

fn too_large() -> String {
    format!("has more than {} MB", LIMIT / 1_000_000)
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
        std::os::unix::fs::symlink(folder.path().join("b.png"), inside.join("link.png")).unwrap();
        let read = |path: &str| Upload::from_file(Some(&inside), path);
        assert_eq!(read("a.png").unwrap().bytes, PNG);
        assert_eq!(read(inside.join("a.png").to_str().unwrap()).unwrap().kind, "image/png");
        for path in ["../b.png", "link.png", "/etc/passwd", "none.png", "", "."] {
            assert!(read(path).unwrap_err().contains("is no file below"), "{path}");
        }
        assert_eq!(read("notes.txt").unwrap_err(), "is no PNG, JPEG, GIF or WebP image");
        assert!(Upload::from_file(None, "a.png").unwrap_err().contains("--upload-folder"));
    }

    #[test]
    fn a_text_is_read_with_and_without_its_head() {
        let text = BASE64_STANDARD.encode(PNG);
        for text in [text.clone(), format!("data:image/png;base64,{text}")] {
            assert_eq!(Upload::from_base64(&text).unwrap().bytes, PNG);
        }
        assert!(Upload::from_base64("*").is_err() && Upload::from_base64("").is_err());
        assert!(Upload::from_base64(&"A".repeat(14_000_000)).unwrap_err().contains("10 MB"));
        assert!(Upload::from_base64(&BASE64_STANDARD.encode(b"RIFF1234WAVE")).is_err());
    }
}
