//! Any bytes as an audit log, with hashes that fit or without: a verdict and a text for people in
//! which nothing is hidden.
#![no_main]

use clerk_mcp::audit::{Filter, Form, show, tail, verify};
use clerk_mcp_fuzz::{mutate, value};
use libfuzzer_sys::{arbitrary::Unstructured, fuzz_target};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Ends each line that is an object with the hash that fits.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mut log = Vec::new();
    for line in data.split_inclusive(|it| *it == b'\n') {
        match line.strip_suffix(b"}\n") {
            Some(body) => {
                let hash: String =
                    Sha256::digest(body).iter().map(|it| format!("{it:02x}")).collect();
                log.extend_from_slice(body);
                log.extend(format!(",\"hash\":\"{hash}\"}}\n").into_bytes());
            }
            None => log.extend_from_slice(line),
        }
    }
    log
}

/// A log of records, whole but for what the bytes change: from bytes alone none ever came about.
fn log(bytes: &mut Unstructured<'_>) -> Vec<u8> {
    let mut log = Vec::new();
    let mut prev = "0".repeat(64);
    for seq in 1..=bytes.int_in_range(0..=8_u64).unwrap_or(0) {
        let event =
            *bytes.choose(&["begun", "ended", "refused", "mended", "new"]).unwrap_or(&"begun");
        let text = |bytes: &mut Unstructured<'_>| match bytes.ratio(1, 3) {
            Ok(true) => bytes.arbitrary::<&str>().unwrap_or_default().to_owned(),
            _ => (*bytes.choose(&["user_1", "done", "1", "2"]).unwrap_or(&"1")).to_owned(),
        };
        let mut record = json!({ "seq": seq, "time": "2026-01-01T00:00:00.000Z", "event": event });
        for name in ["call", "client", "tool", "target", "reason", "rule", "outcome", "code", "id"]
        {
            if bytes.ratio(2, 3).unwrap_or_default() {
                record[name] = text(bytes).into();
            }
        }
        if bytes.ratio(1, 2).unwrap_or_default() {
            record["arguments"] = json!({ "userId": text(bytes), "a": value(bytes, 3) });
        }
        record["prev"] = prev.clone().into();
        if bytes.ratio(1, 4).unwrap_or_default() {
            mutate(&mut record, bytes);
        }
        let line = sealed(format!("{record}\n").as_bytes());
        if let Some(hash) = line.len().checked_sub(67).and_then(|at| line.get(at..at + 64)) {
            prev = String::from_utf8_lossy(hash).into_owned();
        }
        log.extend(line);
    }
    log.extend_from_slice(bytes.arbitrary().unwrap_or_default());
    log
}

fn harmless(text: &str) {
    let hidden = text
        .chars()
        .find(|it| it.is_control() && *it != '\n' || "\u{202e}\u{200b}\u{feff}".contains(*it));
    assert_eq!(hidden, None, "{text:?}");
}

fuzz_target!(|data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    let log = match mode & 3 {
        0 => data.to_vec(),
        1 => sealed(data),
        _ => log(&mut Unstructured::new(data)),
    };
    let verdict = verify(log.as_slice(), Some("00")).unwrap();
    let full = log.iter().filter(|it| **it == b'\n').count() as u64;
    assert_eq!(verdict.lines, full);
    assert_eq!(verdict.torn.is_some(), log.last().is_some_and(|it| *it != b'\n'));
    harmless(&verdict.to_string());
    let filters = [
        Filter::default(),
        Filter {
            user: Some("user_1".to_owned()),
            outcome: Some("done".to_owned()),
            since: Some(jiff::Timestamp::UNIX_EPOCH),
            ..Filter::default()
        },
    ];
    for filter in &filters {
        let mut text = Vec::new();
        let tally = show(log.as_slice(), filter, Form::Text, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        harmless(&text);
        assert_eq!(text.lines().count() as u64, tally.shown, "{text}");
        let mut json = Vec::new();
        let tally_json = show(log.as_slice(), filter, Form::Json, &mut json).unwrap();
        assert_eq!(tally, tally_json);
        let json = String::from_utf8(json).unwrap();
        for line in json.lines() {
            harmless(line);
            serde_json::from_str::<Value>(line).unwrap();
        }
        let mut last = Vec::new();
        let tally = tail(log.as_slice(), filter, 1, Form::Text, &mut last).unwrap();
        assert!(tally.shown <= 1 && text.as_bytes().ends_with(&last));
    }
});
