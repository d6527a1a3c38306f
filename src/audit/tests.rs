use std::{fs, io::Write as _, path::PathBuf, sync::Barrier, thread};

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::principal::Authentication;

struct Place {
    _folder: TempDir,
    path: PathBuf,
    audit: Audit,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    // However long other threads and the disk take.
    let audit = Audit { patience: Duration::from_mins(1), ..Audit::new(&path) };
    Place { _folder: folder, path, audit }
}

fn deletion(user: &str) -> Write {
    let arguments = json!({ "user_id": user, "note": "é\u{202e}\u{9b}" });
    Write {
        client: Some("Claude Desktop 1.2".to_owned()),
        principal: Some(Principal {
            subject: Some("user_ada".to_owned()),
            email: Some("ada@ourco.example".to_owned()),
            ..Principal::by(Authentication::OAuth)
        }),
        key: "live",
        instance: Some("00112233aabbccdd".to_owned()),
        tool: "clerk_delete_user".to_owned(),
        effect: "destroys".to_owned(),
        target: Some(user.to_owned()),
        arguments: arguments.as_object().cloned().unwrap(),
        identified: Map::new(),
        reason: Some("GDPR request 4711".to_owned()),
        confirmation: Some("asked, accepted".to_owned()),
        rule: None,
        approval: None,
        approved_by: None,
    }
}

fn done() -> Outcome {
    let trace_id = Some("abc".to_owned());
    Outcome { outcome: "done", status: Some(200), trace_id, ..Outcome::default() }
}

fn refused() -> Outcome {
    let code = Some("policy_denied".to_owned());
    Outcome { outcome: "refused", code, ..Outcome::default() }
}

impl Place {
    fn write(&self, times: usize) {
        for number in 0..times {
            let begun = self.audit.begin(&deletion(&format!("user_{number}"))).unwrap();
            self.audit.end(&begun, &done()).unwrap();
        }
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    fn verdict(&self) -> Verdict {
        check(&self.bytes())
    }

    fn append(&self, bytes: &[u8]) {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&self.path).unwrap();
        file.write_all(bytes).unwrap();
    }
}

fn check(bytes: &[u8]) -> Verdict {
    verify(bytes, None).unwrap()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|&byte| byte == b'\n').collect()
}

#[test]
fn a_line_has_its_fields_in_order_and_hashes_its_own_bytes() {
    let place = place();
    place.audit.refuse(&deletion("user_1"), &refused()).unwrap();
    let text = String::from_utf8(place.bytes()).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    let names: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "seq time event call client principal key instance tool effect target arguments reason \
                    confirmation outcome code prev hash";
    assert_eq!(names.join(" "), expected);
    assert_eq!((&line["seq"], &line["event"]), (&json!(1), &json!("refused")));
    assert_eq!(line["arguments"]["note"], "é\u{202e}\u{9b}");
    assert!(text.contains(r"é\u202e\u009b"), "{text}");
    let time = line["time"].as_str().unwrap();
    assert_eq!((time.len(), &time[19..20], &time[23..]), (24, ".", "Z"));
    let body = text.split(r#","hash""#).next().unwrap();
    assert_eq!(line["hash"], line::hash(body.as_bytes()));
    assert_eq!(line["prev"], line::NOTHING);
    assert_eq!(line::hash(b"abc")[..16], *"ba7816bf8f01cfea");
}

#[test]
fn a_chain_of_many_lines_is_intact_and_counted() {
    let place = place();
    place.write(60);
    place.audit.refuse(&deletion("user_x"), &refused()).unwrap();
    let begun = place.audit.begin(&deletion("user_y")).unwrap();
    let verdict = place.verdict();
    assert!(verdict.is_intact(), "{verdict}");
    assert_eq!((verdict.lines, verdict.begun, verdict.ended, verdict.refused), (122, 61, 60, 1));
    assert_eq!(verdict.last.as_ref().unwrap().seq, 122);
    assert_eq!((verdict.open[0].line, verdict.open[0].call.as_str()), (122, begun.call()));
    let report = verdict.to_string();
    assert!(report.starts_with("The chain is intact: 122 lines; 61 writes begun"), "{report}");
    assert!(report.contains("  clerk_delete_user  user_y  (call "), "{report}");
}

#[test]
fn a_change_of_any_byte_is_found() {
    let place = place();
    place.write(1);
    place.audit.refuse(&deletion("user_1"), &refused()).unwrap();
    let good = place.bytes();
    let mut bytes = good.clone();
    for (at, &byte) in good.iter().enumerate() {
        for other in [byte ^ 1, byte ^ 2, byte ^ 32, byte ^ 128, b'\n', b' ', b'"', b'0'] {
            bytes[at] = other;
            let verdict = check(&bytes);
            let last = at == good.len() - 1;
            let found = if last { verdict.torn.is_some() } else { !verdict.is_intact() };
            assert!(other == byte || found, "byte {at} as {other}: {verdict}");
        }
        bytes[at] = byte;
    }
}

#[test]
fn a_line_that_is_taken_out_put_in_or_moved_is_found() {
    let place = place();
    place.write(4);
    let good = place.bytes();
    let good = lines(&good);
    let broken = |lines: &[&[u8]]| {
        let verdict = check(&lines.concat());
        assert!(!verdict.is_intact(), "{verdict}");
        (verdict.breaks[0].line, verdict.breaks[0].problem.clone())
    };
    for at in 0..good.len() - 1 {
        let mut lines = good.clone();
        lines.remove(at);
        let (line, problem) = broken(&lines);
        assert_eq!(line, at as u64 + 1);
        assert_eq!(problem, format!("has the number {}: 1 line is missing before it", at + 2));
    }
    for at in 0..=good.len() {
        for other in good.iter().copied().chain([b"\n".as_slice(), b"{}\n", b"\xff\n"]) {
            let mut lines = good.clone();
            lines.insert(at, other);
            let (line, _) = broken(&lines);
            assert!(line == at as u64 + 1 || line == at as u64 + 2);
        }
    }
    for one in 0..good.len() {
        for other in 0..one {
            let mut lines = good.clone();
            lines.swap(one, other);
            assert_eq!(broken(&lines).0, other as u64 + 1);
        }
    }
    for at in 0..good.len() {
        let text = String::from_utf8_lossy(good[at]).replace("user_", "user-");
        let text = if at % 2 == 0 { text } else { text.replace("200", "201") };
        let mut lines = good.clone();
        lines[at] = text.as_bytes();
        let expected = "was changed: its hash doesn't fit its text".to_owned();
        assert_eq!(broken(&lines), (at as u64 + 1, expected));
        assert_eq!(check(&lines.concat()).breaks.len(), 1);
    }
}

#[test]
fn a_line_with_a_new_hash_breaks_the_chain_behind_it() {
    let (one, other) = (place(), place());
    one.write(2);
    other.write(2);
    let (bytes, others) = (one.bytes(), other.bytes());
    let mut forged = lines(&bytes);
    forged[1] = lines(&others)[1];
    let verdict = check(&forged.concat());
    let places: Vec<u64> = verdict.breaks.iter().map(|found| found.line).collect();
    assert_eq!(places, [2, 3]);
    assert!(verdict.breaks[0].problem.starts_with("doesn't continue"), "{verdict}");
    let two = [one.bytes(), other.bytes()].concat();
    assert!(check(&two).breaks[0].problem.starts_with("begins a new chain"));
    assert_eq!(check(&two).breaks.len(), 1);
}

#[test]
fn a_cut_off_end_is_found_with_a_noted_hash_only() {
    let place = place();
    place.write(3);
    let bytes = place.bytes();
    let noted = place.verdict().last.unwrap().hash;
    let since = |bytes: &[u8]| verify(bytes, Some(&noted)).unwrap();
    assert_eq!(since(&bytes).since, Since::Line(6));
    let cut = lines(&bytes)[..5].concat();
    assert!(check(&cut).is_intact());
    assert_eq!(since(&cut).since, Since::Missing);
    assert!(!since(&cut).is_intact() && since(&cut).to_string().contains("MISSING"));
    place.write(1);
    assert!(since(&place.bytes()).is_intact());
}

#[test]
fn an_unfinished_line_is_cut_off_and_reported() {
    for length in [1, 40, 300] {
        for before in [0, 2] {
            let place = place();
            place.write(3);
            let bytes = place.bytes();
            let from = lines(&bytes)[..before].concat().len();
            fs::write(&place.path, &bytes[..from + length]).unwrap();
            let verdict = place.verdict();
            assert_eq!((verdict.is_intact(), verdict.torn), (true, Some(length as u64)));
            place.audit.check().unwrap();
            place.write(1);
            let verdict = place.verdict();
            assert!(verdict.is_intact(), "{verdict}");
            assert_eq!((verdict.torn, verdict.mended), (None, 1));
            assert_eq!(verdict.lines, before as u64 + 3);
            let text = String::from_utf8(place.bytes()).unwrap();
            assert!(text.contains(&format!(r#""event":"mended","cut":{length},"#)), "{text}");
        }
    }
}

#[test]
fn a_foreign_file_is_left_alone() {
    let place = place();
    let long = vec![b'x'; 40_000];
    let zeros = [b"{}\n".to_vec(), vec![0; 20_000]].concat();
    for foreign in [b"shopping list\n".as_slice(), b"no line feed", b"\n", b"{}\n", &long, &zeros] {
        fs::write(&place.path, foreign).unwrap();
        let fault = place.audit.check().unwrap_err().to_string();
        assert!(fault.ends_with("move it away or name another file"), "{fault}");
        assert!(place.audit.begin(&deletion("user_1")).is_err());
        assert_eq!(place.bytes(), foreign);
    }
    fs::remove_file(&place.path).unwrap();
    place.write(1);
    let good = place.bytes();
    let length = good.len() as u64 + 4 * line::LONGEST as u64;
    fs::OpenOptions::new().write(true).open(&place.path).unwrap().set_len(length).unwrap();
    assert!(place.audit.check().is_err());
    assert_eq!(fs::metadata(&place.path).unwrap().len(), length);
    fs::write(&place.path, &good).unwrap();
    place.append(b"{\"seq\":3}\n");
    assert!(place.audit.check().is_err());
    fs::write(&place.path, String::from_utf8(good).unwrap().replace("200", "201")).unwrap();
    assert!(place.audit.check().is_err());
}

#[test]
fn lines_of_any_length_are_continued() {
    let place = place();
    for length in [1, 8_100, 8_192, 16_400, 100_000, 1_000_000] {
        let mut write = deletion("user_1");
        write.reason = Some("x".repeat(length));
        let begun = place.audit.begin(&write).unwrap();
        place.append(&vec![b'{'; length]);
        place.audit.end(&begun, &done()).unwrap();
    }
    let verdict = place.verdict();
    assert!(verdict.is_intact(), "{verdict}");
    assert_eq!((verdict.lines, verdict.mended), (18, 6));
    let before = place.bytes().len();
    let mut write = deletion("user_1");
    write.reason = Some("x".repeat(line::LONGEST));
    let fault = place.audit.begin(&write).unwrap_err().to_string();
    assert!(fault.ends_with("arguments are too long for a line"), "{fault}");
    assert_eq!(place.bytes().len(), before);
}

#[test]
fn several_writers_share_a_file() {
    let place = place();
    // Two as in two processes, and one that is used twice.
    let (one, other) = (place.audit.clone(), Audit { turn: Arc::default(), ..place.audit.clone() });
    let turns = Barrier::new(3);
    thread::scope(|scope| {
        for audit in [&one, &other, &other] {
            scope.spawn(|| {
                for number in 0..100 {
                    let begun = audit.begin(&deletion(&format!("user_{number}"))).unwrap();
                    // The request, which gives the others their turn.
                    turns.wait();
                    audit.end(&begun, &done()).unwrap();
                }
            });
        }
    });
    let verdict = place.verdict();
    assert!(verdict.is_intact(), "{verdict}");
    assert_eq!((verdict.lines, verdict.ended, verdict.open.len()), (600, 300, 0));
}

#[test]
fn a_file_that_was_moved_away_is_begun_anew() {
    let place = place();
    place.write(2);
    let begun = place.audit.begin(&deletion("user_1")).unwrap();
    let old = place.path.with_extension("1");
    fs::rename(&place.path, &old).unwrap();
    place.audit.end(&begun, &done()).unwrap();
    let verdict = place.verdict();
    assert_eq!((verdict.is_intact(), verdict.lines, verdict.strays), (true, 1, 1));
    let verdict = check(&fs::read(&old).unwrap());
    assert_eq!((verdict.is_intact(), verdict.lines, verdict.open.len()), (true, 5, 1));
    fs::remove_file(&place.path).unwrap();
    place.write(1);
    assert_eq!(place.verdict().lines, 2);
    fs::write(&place.path, "").unwrap();
    place.write(1);
    assert!(place.verdict().is_intact());
}

#[test]
fn a_log_that_cannot_be_written_is_an_error() {
    let place = place();
    let folder = place.path.parent().unwrap();
    let fault = Audit::new(folder).check().unwrap_err().to_string();
    assert!(fault.starts_with(&format!("{} can't be written: ", folder.display())), "{fault}");
    assert!(Audit::new(folder.join("none/audit.jsonl")).begin(&deletion("user_1")).is_err());
    #[cfg(target_os = "linux")]
    assert_eq!(
        Audit::new("/dev/full").check().unwrap_err().to_string(),
        "/dev/full can't be written: it isn't a regular file"
    );
    place.write(1);
    let held = fs::File::open(&place.path).unwrap();
    held.lock().unwrap();
    let hurried = Audit { patience: Duration::ZERO, ..place.audit.clone() };
    let fault = hurried.check().unwrap_err().to_string();
    assert!(fault.ends_with("another process keeps it locked"), "{fault}");
    held.unlock().unwrap();
    place.audit.check().unwrap();
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let place = place();
    place.audit.check().unwrap();
    let mode = fs::metadata(&place.path).unwrap().permissions().mode();
    assert_eq!((mode & 0o777, place.bytes().len()), (0o600, 0));
    // Also if it was there before, as another user's log rotation may have left it.
    fs::set_permissions(&place.path, fs::Permissions::from_mode(0o644)).unwrap();
    place.audit.check().unwrap();
    let mode = fs::metadata(&place.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let verdict = place.verdict();
    assert!(verdict.is_intact() && verdict.last.is_none());
}

#[test]
fn a_line_of_a_later_version_is_read() {
    let text = format!(r#"{{"seq":7,"time":"x","event":"new","more":1,"prev":"{}"}}"#, "0");
    assert_eq!(line::Record::read(text.as_bytes()).unwrap().event, Event::Other);
}
