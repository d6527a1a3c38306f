//! `tests/contract` itself: what the other tests hold the server against.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use sha2::{Digest as _, Sha256};

#[test]
fn clerks_files_are_as_they_were_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let hashes = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let mut checked = BTreeSet::new();
    for line in hashes.lines() {
        let (hash, name) = line.split_once("  ").unwrap();
        let digest = Sha256::digest(fs::read(folder.join(name)).unwrap());
        let hex = digest.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        assert_eq!(hex, hash, "{name} was edited; `cargo xtask contract` writes it");
        checked.insert(name);
    }
    assert!(checked.iter().eq(&["clerk-2026-05-12.json", "webhooks-2025-04-15.json"]));
}
