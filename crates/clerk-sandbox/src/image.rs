//! Uploaded images: `multipart/form-data` with a `file`, and for some resources further fields.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use crate::refusal::{
    FORM_PARAM_UNKNOWN, IMAGE_MISSING, IMAGE_TOO_LARGE, REQUEST_BODY_INVALID, Refusal,
    UNSUPPORTED_CONTENT_TYPE,
};

/// The largest image, in bytes.
const MAX_IMAGE: usize = 10 * 1024 * 1024;

/// How much longer the body may be for what surrounds the image.
const MARGIN: usize = 64 * 1024;

/// What the files of the supported types have near their beginning, and at which byte: PNG, JPEG, GIF
/// and WebP.
const SIGNATURES: [(usize, &[u8]); 4] =
    [(0, b"\x89PNG\r\n\x1a\n"), (0, b"\xff\xd8\xff"), (0, b"GIF8"), (8, b"WEBP")];

/// An image that was uploaded. The sandbox checks it and keeps none.
#[derive(Debug)]
pub(crate) struct Upload;

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_IMAGE + MARGIN).await.map_err(|_| too_large())?;
        Self::read(&parts.headers, &bytes, &[])
    }
}

impl Upload {
    /// The image in a request with these headers and this body, which may have these fields beside it.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8], beside: &[&str]) -> Result<Self, Refusal> {
        if !headers.contains_key(header::CONTENT_TYPE) {
            return Err(missing());
        }
        let Some(boundary) = boundary(headers) else {
            let sentence = "Content-Type must be multipart/form-data.";
            return Err(UNSUPPORTED_CONTENT_TYPE.because(sentence).into());
        };
        check(body, &boundary, beside).map(|()| Self)
    }
}

/// Refuses a form unless it has an image, and no other fields than those `beside` it.
fn check(body: &[u8], boundary: &str, beside: &[&str]) -> Result<(), Refusal> {
    let delimiter = format!("--{boundary}");
    let mut file: &[u8] = &[];
    let mut unknown = Vec::new();
    // What is before the first delimiter is nothing, what is after the last is two hyphens.
    for part in split(body, delimiter.as_bytes()).into_iter().skip(1) {
        let Some((head, content)) = split_once(part, b"\r\n\r\n") else { continue };
        match name(&String::from_utf8_lossy(head)) {
            Some(name) if name == "file" => file = content.strip_suffix(b"\r\n").unwrap_or(content),
            Some(name) if beside.contains(&name.as_str()) => {}
            Some(name) => {
                let sentence = format!("{name} is not a valid parameter for this request.");
                unknown.push(FORM_PARAM_UNKNOWN.at(&name, sentence));
            }
            None => {}
        }
    }
    Refusal::unless_empty(unknown)?;
    if file.is_empty() {
        return Err(missing());
    }
    if file.len() > MAX_IMAGE {
        return Err(too_large());
    }
    let has = |(at, signature): &(usize, &[u8])| {
        file.get(*at..).is_some_and(|rest| rest.starts_with(signature))
    };
    if !SIGNATURES.iter().any(has) {
        let sentence = "The image could not be decoded. It must be a PNG, JPEG, GIF or WebP image.";
        return Err(REQUEST_BODY_INVALID.because(sentence).into());
    }
    Ok(())
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (media_type, parameters) = value.split_once(';')?;
    let boundary = parameters.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let boundary = boundary.trim_matches('"');
    let is_form = media_type.trim().eq_ignore_ascii_case("multipart/form-data");
    (is_form && !boundary.is_empty()).then(|| boundary.to_owned())
}

/// The name of the field that a part's head gives.
fn name(head: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disp"))?;
    let parameter = line.split(';').find_map(|part| part.trim().strip_prefix("name="))?;
    Some(parameter.trim_matches('"').to_owned())
}

fn split<'a>(mut bytes: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some((before, after)) = split_once(bytes, delimiter) {
        parts.push(before);
        bytes = after;
    }
    parts.push(bytes);
    parts
}

fn split_once<'a>(bytes: &'a [u8], delimiter: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(delimiter.len()).position(|window| window == delimiter)?;
    Some((bytes.get(..at)?, bytes.get(at + delimiter.len()..)?))
}

fn missing() -> Refusal {
    IMAGE_MISSING.at("file", "There was no image file present in the request").into()
}

fn too_large() -> Refusal {
    let sentence = "The image being uploaded is more than 10MB. Please choose a smaller one.";
    IMAGE_TOO_LARGE.because(sentence).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, content) in parts {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        body
    }

    #[test]
    fn an_image_is_known_by_how_it_begins() {
        let png = b"\x89PNG\r\n\x1a\n and \r\n more";
        assert!(check(&body(&[("file", png)]), "x", &[]).is_ok());
        assert!(check(&body(&[("file", b"RIFF\0\0\0\0WEBPVP8 ")]), "x", &[]).is_ok());
        assert!(check(&body(&[("file", b"RIFF\0\0\0\0WAVEfmt ")]), "x", &[]).is_err());
        let with_another = body(&[("file", png), ("other", b"1")]);
        assert!(check(&with_another, "x", &[]).is_err());
        assert!(check(&with_another, "x", &["other"]).is_ok());
        for broken in [&b"<svg/>"[..], b"", b"\x89PNX"] {
            assert!(check(&body(&[("file", broken)]), "x", &[]).is_err());
        }
        assert!(check(&body(&[("other", png)]), "x", &[]).is_err());
        assert!(check(b"", "x", &[]).is_err());
    }

    #[test]
    fn the_boundary_may_be_quoted() {
        for (value, expected) in [
            ("multipart/form-data; boundary=x", Some("x")),
            ("multipart/form-data; charset=utf-8; boundary=\"a b\"", Some("a b")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("application/json; boundary=x", None),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]);
            assert_eq!(boundary(&headers).as_deref(), expected, "{value}");
        }
    }
}
