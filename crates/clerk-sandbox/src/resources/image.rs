//! Uploaded images. The sandbox keeps none, only that there is one.

use axum::http::header;

use super::Call;
use crate::refusal::{IMAGE_MISSING, IMAGE_TOO_LARGE, IMAGE_TYPE_NOT_SUPPORTED, Refusal};
use crate::store::Store;

/// The largest image, in bytes.
const LARGEST: usize = 10 << 20;

/// How the files of the supported types begin: at which byte, and with what.
const TYPES: [(usize, &[u8]); 4] =
    [(0, b"\xff\xd8\xff"), (0, b"\x89PNG"), (0, b"GIF8"), (8, b"WEBP")];

/// The address of the image in a `multipart/form-data` body.
pub(super) fn upload(store: &mut Store, call: &Call) -> Result<String, Refusal> {
    let file = file(call).filter(|file| !file.is_empty()).ok_or_else(|| {
        IMAGE_MISSING.at("file", "There was no image file present in the request")
    })?;
    if file.len() > LARGEST {
        let sentence = "The image being uploaded is more than 10MB. Please choose a smaller one.";
        return Err(IMAGE_TOO_LARGE.because(sentence).into());
    }
    let is_known =
        TYPES.iter().any(|(at, start)| file.get(*at..).is_some_and(|rest| rest.starts_with(start)));
    if !is_known {
        let sentence = "The image must be a JPEG, PNG, GIF or WebP.";
        return Err(IMAGE_TYPE_NOT_SUPPORTED.because(sentence).into());
    }
    Ok(format!("https://img.example.com/uploads/{}.png", store.id("img")))
}

/// The part named `file` of a `multipart/form-data` body.
fn file(call: &Call) -> Option<&[u8]> {
    let kind = call.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let boundary = kind.strip_prefix("multipart/form-data")?.split_once("boundary=")?.1;
    let boundary = boundary.split(';').next()?.trim().trim_matches('"');
    let delimiter = format!("--{boundary}");
    let mut rest = after(&call.body, delimiter.as_bytes())?;
    loop {
        let end = find(rest, format!("\r\n{delimiter}").as_bytes())?;
        let part = rest.get(..end)?;
        let head_end = find(part, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(part.get(..head_end)?).into_owned();
        if head.contains("name=\"file\"") || head.contains("name=file") {
            return part.get(head_end + 4..);
        }
        rest = rest.get(end + 2 + delimiter.len()..)?;
    }
}

fn after<'a>(bytes: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    bytes.get(find(bytes, wanted)? + wanted.len()..)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
