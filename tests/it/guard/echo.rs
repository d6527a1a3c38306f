//! The key never leaves the server, in whatever form and place it comes back from Clerk.

use base64::prelude::{
    BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine as _,
};
use clerk_mcp::{Clerk, Server, ServerOptions, Settings, guard::Guard};
use fastrand::Rng;
use futures::StreamExt;
use serde_json::{Map, Value, json};

use crate::support::{self, Script, Upstream};

const TEST: &str = "sk_test_TestOnlyKeyThatMustNotLeak";
/// How many answers are made up.
const BODIES: u64 = 300 * crate::TIMES as u64;
/// So many characters of a key's secret part in a row are too many.
const WINDOW: usize = 12;
/// Where texts are cut somewhere on the way, so that a key may stand across the cut.
const CUTS: [usize; 4] = [100, 200, 500, 2000];

fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

/// The key as something could echo it.
fn key(rng: &mut Rng) -> String {
    let encoded = |rng: &mut Rng, begin: &str| {
        let bytes = TEST.bytes().map(|byte| match rng.u8(..3) {
            0 => format!("{begin}{byte:02x}"),
            1 => format!("{begin}{byte:02X}"),
            _ => char::from(byte).to_string(),
        });
        bytes.collect()
    };
    let each = |unit: &dyn Fn(u8) -> String| TEST.bytes().map(unit).collect::<String>();
    match rng.u8(..15) {
        8 => BASE64_STANDARD.encode(format!("{}{TEST}", &"abc"[rng.usize(..3)..])),
        9 => BASE64_URL_SAFE_NO_PAD.encode(format!("{}{TEST}?", &"abc"[rng.usize(..3)..])),
        10 => each(&|byte| format!("{byte:02x}")),
        11 => each(&|byte| format!("{byte:02X}")),
        12 => each(&|byte| format!("&#{byte};")),
        13 => each(&|byte| format!("\\u{byte:04x}")),
        14 => TEST[8 + rng.usize(..12)..].to_owned(),
        0 => encoded(rng, "%"),
        1 => encoded(rng, "%25"),
        2 => TEST.repeat(rng.usize(1..4)),
        3 => TEST[..rng.usize(1..=TEST.len())].to_owned(),
        4 => format!("{}{TEST}", &TEST[..rng.usize(..TEST.len())]),
        5 => json!({ "key": TEST }).to_string(),
        _ => TEST.to_owned(),
    }
}

/// A text with the key in it.
fn text(rng: &mut Rng) -> String {
    const AROUND: [&str; 12] = [
        "",
        " ",
        "Bearer ",
        "x",
        "_",
        "-",
        "\"",
        "\\",
        "\n",
        "\u{200B}",
        "https://x.example/?key=",
        "⟦",
    ];
    let padding = match rng.u8(..4) {
        0 => "y".repeat(pick(rng, &CUTS).saturating_sub(rng.usize(..40))),
        1 => "é".repeat(rng.usize(..20)),
        _ => String::new(),
    };
    let (before, key, after) = (pick(rng, &AROUND), key(rng), pick(rng, &AROUND));
    format!("{padding}{before}{key}{after}{}", pick(rng, &["", "more", &"z".repeat(600)]))
}

fn metadata(rng: &mut Rng) -> Value {
    match rng.u8(..4) {
        0 => json!({ text(rng): text(rng) }),
        1 => json!({ "list": [text(rng), [text(rng)], { "deep": { text(rng): 1 } }] }),
        2 => json!({ "json": json!({ "again": text(rng) }).to_string() }),
        _ => json!({ "userId": text(rng), "url": text(rng) }),
    }
}

/// What the upstream answers: a user or a refusal with the key in some of its places.
fn answer(rng: &mut Rng) -> Script {
    const PLACES: [&str; 12] = [
        "username",
        "first_name",
        "last_name",
        "external_id",
        "image_url",
        "id",
        "banned",
        "created_at",
        "primary_email_address_id",
        "email_addresses",
        "unknown",
        "object",
    ];
    if rng.bool() {
        let mut user = Map::from_iter([("id".to_owned(), json!("user_1"))]);
        for _ in 0..rng.u8(1..4) {
            user.insert(pick(rng, &PLACES).to_owned(), text(rng).into());
        }
        if rng.bool() {
            let email =
                json!([{ "id": text(rng), "email_address": text(rng), "verification": text(rng) }]);
            user.insert("email_addresses".to_owned(), email);
        }
        for name in ["public_metadata", "private_metadata", "unsafe_metadata", "odd"] {
            if rng.bool() {
                user.insert(name.to_owned(), metadata(rng));
            }
        }
        return Script::Answer(200, "", escaped(rng, &Value::Object(user).to_string()));
    }
    let status = pick(rng, &[400, 401, 403, 404, 422, 500, 503]);
    let header = Box::leak(format!("cf-ray: {}\r\nx-key: {TEST}", key(rng)).into_boxed_str());
    let body = match rng.u8(..6) {
        0 => text(rng),
        1 => format!("<html>{}", text(rng)),
        2 => format!("{{\"errors\": [{}", json!(text(rng))),
        _ => {
            let mut error = Map::new();
            for name in ["code", "message", "long_message", "odd"] {
                if rng.bool() {
                    error.insert(name.to_owned(), text(rng).into());
                }
            }
            let meta =
                json!({ "param_name": text(rng), text(rng): text(rng), "names": [key(rng)] });
            error.insert("meta".to_owned(), meta);
            let body =
                json!({ "errors": vec![error; rng.usize(1..4)], "clerk_trace_id": text(rng) });
            escaped(rng, &body.to_string())
        }
    };
    Script::Answer(status, header, body)
}

/// The JSON with some of its letters escaped.
fn escaped(rng: &mut Rng, json: &str) -> String {
    if rng.bool() {
        return json.to_owned();
    }
    json.replace("OnlyKey", "\\u004fnly\\u004bey").replace("sk_", "\\u0073k_")
}

/// The text without its escapes: percent-encoding, however often it was encoded, and those of HTML
/// and JSON.
fn decoded(text: &str) -> String {
    let mut text = text.replace("%25", "%").replace("\\\\", "\\");
    for byte in b' '..=b'~' {
        let letter = char::from(byte).to_string();
        text = text.replace(&format!("&#{byte};"), &letter);
        text = text.replace(&format!("\\u{byte:04x}"), &letter);
    }
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(u8::is_ascii) {
            Some(byte) => decoded.extend([char::from(byte).to_string().as_str(), &part[2..]]),
            None => decoded.extend(["%", part]),
        }
    }
    decoded
}

fn hex(text: &str) -> String {
    text.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).map(char::from).collect()
}

/// The part of a key's secret that stands in the text.
fn leak(text: &str) -> Option<&'static str> {
    let secret = TEST.strip_prefix("sk_test_").unwrap();
    let mut windows = (0..=secret.len() - WINDOW).map(|start| &secret[start..start + WINDOW]);
    let (decoded, lower) = (decoded(text), text.to_lowercase());
    windows.find(|window| {
        let hex = hex(window);
        let is_base64 = (0..3).any(|shift| {
            let encoded =
                BASE64_STANDARD_NO_PAD.encode(["\0".repeat(shift).as_str(), window].concat());
            // Its first and last characters hold something of what stands beside it.
            let inner = &encoded[[0, 2, 3][shift]..8 * (shift + WINDOW) / 6];
            text.contains(inner)
        });
        text.contains(*window) || decoded.contains(*window) || lower.contains(&hex) || is_base64
    })
}

#[test]
fn a_leak_would_be_found() {
    assert_eq!(leak("a TestOnlyKeyT b"), Some("TestOnlyKeyT"));
    assert_eq!(leak("a %54estOnly%4beyT b"), Some("TestOnlyKeyT"));
    assert_eq!(leak("a %2554estOnlyKeyT b"), Some("TestOnlyKeyT"));
    assert_eq!(leak("a 546573744f6e6c794b657954 b"), Some("TestOnlyKeyT"));
    assert_eq!(leak("a VGVzdE9ubHlLZXlU b"), Some("TestOnlyKeyT"));
    assert_eq!(leak("a \\u0054estOnlyKe&#121;T b"), Some("TestOnlyKeyT"));
    assert_eq!(leak("a TestOnlyKey b [Clerk key removed]"), None);
    let bodies = (0..100).map(|seed| format!("{:?}", answer(&mut Rng::with_seed(seed))));
    assert!(bodies.filter(|it| leak(it).is_some()).count() > 80, "few have a key in them");
}

#[tokio::test]
async fn whatever_clerk_echoes_the_key_is_in_no_result() {
    let upstream = Upstream::start(|seen, _| {
        let number = seen.path.trim_start_matches(|it: char| !it.is_ascii_digit());
        answer(&mut Rng::with_seed(number.parse().unwrap()))
    })
    .await;
    let settings = Settings { key: support::key(TEST), ..support::settings(&upstream.url) };
    let client =
        support::connect(Server::new(ServerOptions::new(Clerk::new(settings), Guard::default())))
            .await;
    let client = &client;
    let calls = futures::stream::iter(0..BODIES).map(|seed| async move {
        // A write, which is not tried again where Clerk has a problem.
        let arguments = json!({ "userId": format!("user_{seed}"), "firstName": "Ada" });
        let result = client.result("clerk_update_user", &arguments).await;
        let whole = serde_json::to_string(&result).unwrap();
        let found = leak(&whole).or_else(|| leak(support::text(&result)));
        assert_eq!(found, None, "{seed}: {whole}\n{:?}", answer(&mut Rng::with_seed(seed)));
        result.is_error == Some(true)
    });
    let failed: Vec<bool> = calls.buffer_unordered(16).collect().await;
    let failed = failed.into_iter().filter(|it| *it).count();
    let share = failed as u64 * 10 / BODIES;
    assert!((3..9).contains(&share), "{failed} of {BODIES}: too few of one kind");
    assert_eq!(upstream.seen().len() as u64, BODIES);
}
