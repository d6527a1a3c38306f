//! Clerk's OpenAPI files as the tests read them: the contract without its prose.

mod layout;
mod strip;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Error, root};
use strip::Examples;

/// The version of the Backend API that the file of this name holds.
const VERSION: &str = "2026-05-12";
const BACKEND: &str = "clerk-2026-05-12.json";
const WEBHOOKS: &str = "webhooks-2025-04-15.json";
/// As `sha256sum --check` reads it.
const HASHES: &str = "SHA256SUMS";

/// Writes both files and their hashes into `tests/contract`.
pub(crate) fn run(backend: &Path, webhooks: &Path) -> Result<(), Error> {
    let api = read(backend)?;
    if api.pointer("/info/version").and_then(Value::as_str) != Some(VERSION) {
        return Err(Error::Content(backend.into(), "isn't version 2026-05-12 of the Backend API"));
    }
    if api.get("paths").is_none() {
        return Err(Error::Content(backend.into(), "has no `paths`"));
    }
    let events = read(webhooks)?;
    if events.get("x-webhooks").is_none() {
        return Err(Error::Content(webhooks.into(), "has no `x-webhooks`"));
    }
    let folder = root().join("tests/contract");
    let mut hashes = String::new();
    for (name, document) in [
        (BACKEND, strip::document(&api, Examples::Drop)),
        (WEBHOOKS, strip::document(&events, Examples::Keep)),
    ] {
        let text = layout::lines(&document);
        // Writing to a string can't fail.
        let _ = writeln!(hashes, "{}  {name}", hash(&text));
        write(folder.join(name), &text)?;
    }
    write(folder.join(HASHES), &hashes)
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn read(path: &Path) -> Result<Value, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::File(path.into(), error))?;
    serde_saphyr::from_str(&text).map_err(|error| Error::Syntax(path.into(), Box::new(error)))
}

fn write(path: PathBuf, text: &str) -> Result<(), Error> {
    fs::write(&path, text).map_err(|error| Error::File(path, error))
}
