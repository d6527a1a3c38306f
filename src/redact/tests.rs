use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const OURS: &str = "sk_test_Zq7Lw2Xb9Rk4Tn6Vd8Ph3Mf5Jc1Gs0YaBe";

fn redactor() -> Redactor {
    Redactor::default().with_secret(&OURS.into())
}

#[test]
fn keys_and_secrets_are_taken_out() {
    let cases = [
        (OURS, "[Clerk key removed]"),
        ("task_sk_test_Zq7Lw2Xb9Rk4Tn6Vd8Ph3Mf5Jc1Gs0YaBeX", "task_[Clerk key removed]X"),
        ("a sk_test_Zq7Lw2Xb9Rk4… b", "a [Clerk key removed]… b"),
        ("xsk_test_Zq7Lw2Xb9Rk4\"", "x[Clerk key removed]\""),
        ("xsk_test_Zq7Lw2Xb9Rk4T%6e6Vd8", "x[Clerk key removed]"),
        ("xsk%5Ftest_Zq7Lw2Xb9Rk4", "x[Clerk key removed]"),
        ("xs%6b%5Ftest%5fZq7Lw2Xb9Rk4%22", "x[Clerk key removed]%22"),
        ("x%2573k_test%255FZq7Lw2Xb9Rk4", "x[Clerk key removed]"),
        ("sk_live_0123abcd", "[Clerk key removed]"),
        ("Bearer sk_test_0123abcd.", "Bearer [Clerk key removed]."),
        ("https://sk_live_0123abcd@api.clerk.com", "https://[Clerk key removed]@api.clerk.com"),
        (r#"{"a":"b\nsk_live_0123abcd\""}"#, r#"{"a":"b\n[Clerk key removed]\""}"#),
        (r"\u003dsk_live_0123abcd", r"\u003d[Clerk key removed]"),
        ("q%3Dsk_live_0123abcd%26", "q%3D[Clerk key removed]%26"),
        ("密钥sk_live_0123abcd", "密钥[Clerk key removed]"),
        ("whsec_MfKQ9r8GKYqrTwjU/PD8+ILPZIo2LaLaSw==,", "[webhook secret removed],"),
        ("whsec_MfKQ9r8%2FPD8%2BILP%3d%3D%20b", "[webhook secret removed]%20b"),
        ("ak_3beecc9c60adb5f9", "[API key removed]"),
        ("mt_8XKGzVJGBb5Qm1cT", "[token removed]"),
        ("Bearer oat_8XKGzVJGBb5Qm1cT.", "Bearer [token removed]."),
        ("key=ak_live_ABCDEFGH&", "key=[API key removed]&"),
    ];
    for (text, expected) in cases {
        assert_eq!(redactor().text(text), expected, "{text}");
        assert_eq!(redactor().text(expected), expected, "a second time: {text}");
    }
}

/// What echoes a key rarely writes it as it is: a debug page, a URL, a header, a hash of bytes.
#[test]
fn a_secret_in_disguise_is_taken_out() {
    let each = |unit: &dyn Fn(u8) -> String| OURS.bytes().map(unit).collect::<String>();
    let encode = |text: String| BASE64_STANDARD.encode(text);
    let url_safe = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    let middle = &OURS[15..30];
    let disguises = [
        OURS.to_lowercase(),
        OURS.to_uppercase(),
        OURS[8..].to_owned(),
        OURS[8..20].to_owned(),
        middle.to_owned(),
        OURS[OURS.len() - 12..].to_owned(),
        encode(OURS.to_owned()),
        encode(format!("{OURS}:")),
        encode(format!("a{OURS}")),
        encode(format!("ab{OURS}")),
        encode(middle.to_owned() + "…"),
        url_safe(format!("??{OURS}>>")),
        encode(OURS.to_owned()).replace('A', "&#65;"),
        each(&|byte| format!("{byte:02x}")),
        each(&|byte| format!("{byte:02X}")),
        each(&|byte| format!("%{byte:02x}")),
        each(&|byte| format!("%25{byte:02X}")),
        each(&|byte| format!("%u{byte:04x}")),
        each(&|byte| format!("&#{byte};")),
        each(&|byte| format!("&#{byte:07}")) + " ",
        each(&|byte| format!("&#x{byte:x};")),
        each(&|byte| format!("&#X{byte:04X};")),
        each(&|byte| format!("&amp;#{byte};")),
        each(&|byte| format!("\\u{byte:04x}")),
        each(&|byte| format!("\\u{byte:04X}")),
        each(&|byte| format!("\\u{{{byte:x}}}")),
        each(&|byte| format!("\\x{byte:02x}")),
        each(&|byte| format!("\\\\u{byte:04x}")),
        each(&|byte| format!("%5Cu{byte:04x}")),
        each(&|byte| format!("%26%23{byte}%3B")),
        OURS.replace('_', "&lowbar;"),
        OURS.replace('Z', "\\u005a").replace('T', "%54").replace('P', "&#80;"),
    ];
    let secret = OURS.trim_start_matches("sk_test_").to_lowercase();
    for disguise in disguises {
        for text in [disguise.clone(), format!("a={disguise}&b"), format!("<p>{disguise}</p>")] {
            let redacted = redactor().text(&text).into_owned();
            assert!(redacted.contains("[Clerk key removed]"), "{text}: {redacted}");
            let rest = redacted.replace("[Clerk key removed]", "");
            assert!(rest.len() < 20, "{text}: {redacted}");
            let rest = rest.to_lowercase();
            assert!(
                !secret
                    .as_bytes()
                    .windows(6)
                    .any(|part| rest.as_bytes().windows(6).any(|it| it == part)),
                "{redacted}"
            );
            let json = json!({ "text": &text, &text: [&text] }).to_string();
            let redacted = redactor().text(&json).into_owned();
            assert!(serde_json::from_str::<Value>(&redacted).is_ok(), "{json}: {redacted}");
            assert_eq!(redacted.matches("[Clerk key removed]").count(), 3, "{redacted}");
        }
    }
}

/// The bearer token of HTTP and the secret of webhooks are known like the key.
#[test]
fn every_secret_of_the_configuration_is_taken_out() {
    let (token, signing) =
        ("correct-horse-battery-staple-17", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La");
    let redactor = redactor().with_secret(&token.into()).with_secret(&signing.into());
    let text = format!("{token} {signing} {OURS} {}", BASE64_STANDARD.encode(signing));
    assert_eq!(
        redactor.text(&text),
        "[token removed] [webhook secret removed] [Clerk key removed] [webhook secret removed]Q=="
    );
    let prose = "a correct horse, a battery-staple, 17 of them";
    assert_eq!(redactor.text(prose), prose);
}

/// It passes over every text that leaves: what it costs is bounded by how much it looks at.
#[test]
fn a_text_without_a_secret_costs_a_look_at_each_ninth_byte() {
    let key = OURS.into();
    let known = known::Known::new(&key).unwrap();
    assert_eq!(known.step(), 9);
    // Of a million bytes of prose, hardly one in a thousand looks leads to a comparison.
    let prose = "The quick brown fox jumps over the lazy dog, user_29w83sxmDNGwOuEthce5gg56FcC. ";
    let looks = prose.as_bytes().windows(4).filter(|bytes| known.known(bytes).next().is_some());
    assert_eq!(looks.count(), 0);
}

/// Shorter texts aren't searched at all, so the limit must be that of the shortest form.
#[test]
fn the_shortest_part_of_each_form_is_taken_out_where_it_is_the_whole_text() {
    let long = OURS[8..20].to_owned();
    let key = OURS.into();
    assert_eq!(known::Known::new(&key).unwrap().least(), long.len());
    // Of one with little after its prefix, only the whole is known.
    let short = "sk_test_Zq7";
    let own = "correct-horse-ba";
    let in_hex = |text: &str, sign: &str| {
        text.bytes().fold(String::new(), |hex, byte| format!("{hex}{sign}{byte:02x}"))
    };
    let hex = |text: &str| in_hex(text, "");
    let redactor = redactor().with_secret(&short.into()).with_secret(&own.into());
    let escaped = in_hex(&long, "%");
    let base64 = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    for text in
        [&long, short, own, &escaped, &hex(&long), &hex(short), &base64(own), &base64(&long)]
    {
        let redacted = redactor.text(text);
        assert!(redacted.contains("removed]") && redacted.len() < 24, "{text}: {redacted}");
    }
    for text in [&long[1..], &short[1..], &own[1..]] {
        assert_eq!(redactor.text(text), *text);
    }
}

/// A text without an opening isn't looked at for shapes; one has it wherever it stands.
#[test]
fn an_opening_is_found_wherever_it_stands() {
    let secrets = [
        "sk_live_0123abcd",
        "whsec_MfKQ9r8GKYqr",
        "ak_3beecc9c60adb5f9",
        "mt_8XKGzVJGBb5Qm1cT",
        "oat_8XKGzVJGBb5Qm1cT",
    ];
    assert_eq!(secrets.len(), SECRETS.len());
    for (secret, shape) in secrets.into_iter().zip(&SECRETS) {
        assert!(secret.starts_with(shape.opening));
        // What `has_opening` relies on.
        assert_eq!(shape.opening.find('_'), Some(shape.opening.len() - 1));
        for before in ["", "é", "a_b ", "__ ", "user_1 ", "eyJh.e30.YQ ", "\\n", "%20"] {
            for after in ["", " _", "_"] {
                let redacted = redactor().text(&format!("{before}{secret}{after}")).into_owned();
                assert!(redacted.contains(shape.mark), "{before}{secret}{after}: {redacted}");
            }
        }
    }
}

#[test]
fn all_else_stays() {
    let cases = [
        "",
        "sk_",
        "a key begins with sk_test_… or sk_live_, a webhook secret with whsec_…",
        "sk_test_sandbox",
        "sk_prod_0123456789abcdef",
        "task_test_0123456789 risk_live_0123456789 break_0123456789 xwhsec_0123456789",
        "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k pk_live_0123456789abcdef",
        "user_29w83sxmDNGwOuEthce5gg56FcC org_29w83sxmDNGwOuEthce5gg56FcC",
        "ak_3beecc9c60adb5f9b850e91a8ee1e992 mt_3BEECC9C60ADB5F9B850E91A8EE1E992",
        "sess_29w83sxmDNGwOuEthce5gg56FcC idn_29w83sxmDNGwOuEthce5gg56FcC apikey_0123456789",
        "ak_johansson ak_johansson85@example.com ak_johansson85.b+c@example.com",
        r"sk_test_\u0041bcdefghijklmn",
        "sk_test_Zq7\"Lw2Xb9Rk4Tn",
        "xsk_test_Zq7Lw2Xb9Rk % %7 %73 %25",
        "eyJhbGciOi.eyJzdWIi and eyJ",
    ];
    for text in cases {
        assert!(matches!(redactor().text(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn session_tokens_are_taken_out() {
    let text = "Bearer eyJhbGciOiJI.eyJzdWIiOiJ1.c2ln-_0, eyJh.e30.YQ.YQ.YQ. keyJh.e30.YQ";
    assert_eq!(redactor().text(text), "Bearer [JWT removed], [JWT removed]. keyJh.e30.YQ");
    assert_eq!(
        redactor().text("https://a.b/?__clerk_ticket=eyJh.e30.YQ&x=1"),
        "https://a.b/?__clerk_ticket=[JWT removed]&x=1"
    );
    // Without the token, the text before it isn't an address any more.
    let text = redactor().text("ak_12345678.eyJh.e30.YQ@x").into_owned();
    assert_eq!(text, "[API key removed].[JWT removed]@x");
}

#[test]
fn no_text_takes_for_ever() {
    let began = Instant::now();
    for part in ["eyJa-", "ak_aaaaaaaa-", "ak_12345678.", "sk_test_", "-whsec_a-%2F", "%25", OURS] {
        let _ = redactor().text(&part.repeat(400_000 / part.len()));
    }
    // In time that grows with the square of the length, it would be hours.
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[test]
fn several_keys_are_known_and_none_is_printed() {
    let redactor = redactor()
        .with_secret(&"sk_test_Zq7Lw2Xb9Rk4TnOTHER".into())
        .with_secret(&"nöt-a-clerk-key-but-a-long-one".into())
        .with_secret(&"no-key-has-quotes-in-it\",\"b".into())
        .with_secret(&"removed".into())
        .with_secret(&"".into());
    let cases = [
        ("Ask_test_Zq7Lw2Xb9Rk4TnOTHERB", "A[Clerk key removed]B"),
        ("Asnöt-a-clerk-key-but-B", "As[token removed]B"),
        ("n%C3%B6t-a-clerk-key-but-a-long", "[token removed]"),
        (r#"["\nöt-a-clerk-key-but-a"]"#, r#"["\n[token removed]"]"#),
        (r#"["\\nöt-a-clerk-key-but-a"]"#, r#"["\\[token removed]"]"#),
        (r#"["no-key-has-quotes-in-it","b"]"#, r#"["[token removed]","b"]"#),
        ("removed", "removed"),
    ];
    for (text, expected) in cases {
        assert_eq!(redactor.text(text), expected, "{text}");
    }
    let printed = format!("{redactor:?}");
    assert!(!printed.contains("Zq7") && !printed.contains("clerk-key"), "{printed}");
}

#[test]
fn an_overlap_hides_no_second_key() {
    // The first, cut short before an s, seems to continue with the second.
    let key = "sk_test_0123456789abcdefs0123456789";
    let text = format!("{}{key}", key.split_at(24).0);
    assert_eq!(Redactor::default().with_secret(&key.into()).text(&text), "[Clerk key removed]");
}

#[test]
fn a_value_loses_no_member() {
    let mut value = json!({
        "sk_live_0123abcd": 1, "b": [{ OURS: OURS }, null, true, 2.5], "sk_live_4567abcd": 2,
        "[Clerk key removed]": 3,
    });
    redactor().value(&mut value);
    let expected = json!({
        "[Clerk key removed] (2)": 1,
        "b": [{ "[Clerk key removed]": "[Clerk key removed]" }, null, true, 2.5],
        "[Clerk key removed] (3)": 2, "[Clerk key removed]": 3,
    });
    assert_eq!(value.to_string(), expected.to_string());
}

/// Percent-encodes the characters of `text` for which `which` has a bit.
fn encoded(text: &str, which: u64) -> String {
    let unit = |(at, it): (usize, char)| match which.rotate_right(u32::try_from(at).unwrap()) % 4 {
        1 => format!("%{:02x}", u32::from(it)),
        3 => format!("%{:02X}", u32::from(it)),
        _ => it.to_string(),
    };
    text.chars().enumerate().map(unit).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = percent_encoded(rest).unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A string of an upstream's with the key in it, somehow.
fn echo(key: String) -> impl Strategy<Value = String> {
    let cut = (Just(key.clone()), 0..=key.len()).prop_map(|(key, length)| key[..length].to_owned());
    let part = prop_oneof![
        4 => ".{0,6}",
        2 => "[a-zA-Z0-9_%\"\\\\ \n]{0,6}",
        2 => Just(key.clone()),
        1 => Just(key.repeat(2)),
        2 => (Just(key), any::<u64>()).prop_map(|(key, which)| encoded(&key, which)),
        2 => cut.clone(),
        1 => (cut, any::<u64>()).prop_map(|(key, which)| encoded(&key, which)),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

fn body(key: String) -> impl Strategy<Value = Value> {
    let text = echo(key).boxed();
    let leaf = prop_oneof![
        text.clone().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn upstream() -> impl Strategy<Value = (String, Value)> {
    "sk_(test|live)_[a-zA-Z0-9]{30,44}".prop_flat_map(|key| (Just(key.clone()), body(key)))
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(count).sum::<usize>() + 1,
        _ => 1,
    }
}

fn assert_without(key: &str, text: &str) {
    let secret = &key["sk_test_".len()..];
    let texts = [text.to_owned(), decoded(text)];
    for window in secret.as_bytes().windows(12) {
        let window = str::from_utf8(window).unwrap();
        assert!(texts.iter().all(|text| !text.contains(window)), "{window} of {key} in {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn nothing_of_the_key_is_left((key, mut value) in upstream()) {
        let redactor = Redactor::default().with_secret(&key.clone().into());
        let serialized = value.to_string();
        let redacted = redactor.text(&serialized);
        assert_without(&key, &redacted);
        serde_json::from_str::<Value>(&redacted).unwrap();
        prop_assert_eq!(redactor.text(&redacted), &*redacted);
        let members = count(&value);
        redactor.value(&mut value);
        assert_without(&key, &value.to_string());
        prop_assert_eq!(count(&value), members);
        let once = value.clone();
        redactor.value(&mut value);
        prop_assert_eq!(value, once);
    }

    #[test]
    fn shapes_are_taken_out_once_and_for_all(parts in prop::collection::vec(prop::sample::select(vec![
        "sk_", "test_", "sk_live_", "whsec_", "ak_", "eyJ", ".", "@", "%", "%2F", "25", "\\", "\n", "n",
        "u", "é", "\"", "-", "_", "/", "=", " ", "abcdefgh", "A1B2C3D4", OURS, "sk_test_Zq7Lw2Xb9Rk4T",
    ]), 0..12)) {
        let text = parts.concat();
        let redactor = redactor();
        let once = redactor.text(&text).into_owned();
        prop_assert_eq!(redactor.text(&once), &*once);
        prop_assert!(once.len() <= 3 * text.len());
        let json = Value::from(&*text).to_string();
        let redacted = redactor.text(&json).into_owned();
        prop_assert!(serde_json::from_str::<String>(&redacted).is_ok(), "{}", redacted);
        let results = redactor.text(&text).into_owned();
        prop_assert_eq!(redactor.text(&results), &*results);
    }

    #[test]
    fn what_has_no_secret_stays_as_it_is(text in "[^_.]*") {
        prop_assert!(matches!(redactor().text(&text), Cow::Borrowed(same) if same == text));
    }
}
