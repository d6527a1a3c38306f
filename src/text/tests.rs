use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn what_is_hidden_becomes_visible() {
    let cases = [
        ("Eve\u{202E}gpj.exe", "Eve⟦U+202E⟧gpj.exe"),
        ("a\u{200B}b\u{200B}\u{FEFF}c", "a⟦U+200B⟧b⟦U+200B +1⟧c"),
        ("Bob\u{E0049}\u{E0067}\u{E006E}\u{E006F}", "Bob⟦U+E0049 +3⟧"),
        ("\u{1B}[31mred\u{1B}[0m", "⟦U+001B⟧[31mred⟦U+001B⟧[0m"),
        ("nul\0 bell\u{7} del\u{7F} c1\u{9B}", "nul⟦U+0000⟧ bell⟦U+0007⟧ del⟦U+007F⟧ c1⟦U+009B⟧"),
        ("ig\u{AD}nore\u{2060}", "ig⟦U+00AD⟧nore⟦U+2060⟧"),
        ("\u{3164}", "⟦U+3164⟧"),
        ("\u{115F}\u{1160}\u{FFA0}\u{180E}\u{34F}", "⟦U+115F +4⟧"),
        ("\u{2066}x\u{2069}\u{200F}\u{61C}", "⟦U+2066⟧x⟦U+2069 +2⟧"),
        ("\u{FFF9}a\u{FFFA}b\u{FFFB}", "⟦U+FFF9⟧a⟦U+FFFA⟧b⟦U+FFFB⟧"),
        ("\u{FFFE}\u{10FFFF}\u{FDD0}", "⟦U+FFFE +2⟧"),
        ("a\u{200D}b a\u{200C}é", "a⟦U+200D⟧b a⟦U+200C⟧é"),
        ("é\u{200D}\u{200D}é é\u{200D}", "é⟦U+200D +1⟧é é⟦U+200D⟧"),
        ("é\u{200D}\u{202E}é", "é⟦U+200D +1⟧é"),
        ("❤\u{FE0F}\u{FE0F}\u{FE0E} \u{FE0F}", "❤\u{FE0F}⟦U+FE0F +1⟧ ⟦U+FE0F⟧"),
        ("a\u{E0120}b\u{E0121}😀\u{E0101}", "a⟦U+E0120⟧b⟦U+E0121⟧😀⟦U+E0101⟧"),
        // The flag of England: its letters are the ones that text is smuggled with.
        ("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "🏴⟦U+E0067 +5⟧"),
    ];
    for (text, expected) in cases {
        assert_eq!(clean_text(text, LIMIT), expected);
        assert!(has_mark(expected));
    }
}

#[test]
fn what_people_write_stays() {
    let cases = [
        "",
        "José",
        "山田太郎",
        "Владимир",
        "محمد",
        "علی\u{200C}رضا",
        "👨\u{200D}👩\u{200D}👧",
        "👩🏽\u{200D}🚀 🏳\u{FE0F}\u{200D}🌈 1\u{FE0F}\u{20E3}",
        "❤\u{FE0F} ❤\u{FE0F}\u{200D}🔥",
        "🇩🇪",
        "क\u{94D}\u{200D}ष",
        "O’Brien",
        "Jose\u{301} Nguye\u{302}\u{303}n",
        "สมชาย",
        "שָׁלוֹם",
        "葛\u{E0100}城",
        "ᠠ\u{180B}",
        "a\tb\r\nc\u{A0}d\u{3000}e\u{FFFD}",
        "\u{E000}",
        "⟦U+ and ⟦cut: by an end user",
    ];
    for text in cases {
        assert!(matches!(clean_text(text, LIMIT), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn a_long_text_is_cut() {
    let cases = [
        ("abcde", "abcde"),
        ("abcdef", "abcde⟦cut: 1 more characters⟧"),
        ("ééééééé", "ééééé⟦cut: 2 more characters⟧"),
        // No mark is cut into two, and none is cut from a text that was cut before.
        ("abc\u{202E}\u{202E}d", "abc⟦cut: 12 more characters⟧"),
        ("abcd⟦U+ef", "abcd⟦⟦cut: 4 more characters⟧"),
        ("abcde⟦cut: 7 more characters⟧", "abcde⟦cut: 7 more characters⟧"),
        ("abcde⟦cut: 7 more characters⟧ (2)", "abcde⟦cut: 7 more characters⟧ (2)"),
        ("abcdef⟦cut: 7 more characters⟧", "abcde⟦cut: 25 more characters⟧"),
        ("abcde (1) (2)", "abcde⟦cut: 8 more characters⟧"),
        ("abcde (123456789012345678901)", "abcde⟦cut: 24 more characters⟧"),
    ];
    for (text, expected) in cases {
        assert_eq!(clean_text(text, 5), expected, "{text}");
        assert_eq!(clean_text(expected, 5), expected, "a second time: {text}");
    }
    assert_eq!(clean_text("ab", 0), "⟦cut: 2 more characters⟧");
    let whole = "é".repeat(LIMIT);
    assert_eq!(clean_text(&whole, LIMIT), whole);
}

#[test]
fn all_strings_and_names_become_visible() {
    let bad = "a\u{202E}";
    let mut value = json!({ "id": bad, "list": [bad, { bad: bad }], "n": 1, "no": null });
    clean(&mut value);
    let good = "a⟦U+202E⟧";
    let expected = json!({ "id": good, "list": [good, { good: good }], "n": 1, "no": null });
    assert_eq!(value.to_string(), expected.to_string());
}

#[test]
fn keys_that_become_equal_are_kept() {
    let long = |end: &str| format!("{}{end}", "k".repeat(LIMIT));
    let mut value = json!({ "metadata": {
        "a\u{200B}": 1, "a⟦U+200B⟧": 2, "a\u{200B} (2)": 3, long("a"): 4, long("b"): 5, long("Id"): 6,
    } });
    clean(&mut value);
    let expected = json!({ "metadata": {
        "a⟦U+200B⟧ (2)": 1, "a⟦U+200B⟧": 2, "a⟦U+200B⟧ (3)": 3,
        long("⟦cut: 1 more characters⟧"): 4, long("⟦cut: 1 more characters⟧ (4)"): 5,
        long("⟦cut: 2 more characters⟧"): 6,
    } });
    assert_eq!(value.to_string(), expected.to_string());
    let once = value.clone();
    clean(&mut value);
    assert_eq!(value, once);
}

#[test]
fn marks_are_found() {
    let marked_ones = [
        json!("a⟦U+202E⟧"),
        json!([1, { "a": ["⟦cut: 3 more characters⟧"] }]),
        json!({ "⟦cut:": 1 }),
        json!({ "a": "[Clerk key removed]" }),
        json!("[webhook secret removed]"),
    ];
    for value in marked_ones {
        assert!(marked(&value), "{value}");
    }
    for value in [json!(null), json!("⟦"), json!({ "a": ["U+202E", 1] }), json!("cut: 3")] {
        assert!(!marked(&value), "{value}");
    }
}

/// Texts of which each part may be hidden, or decide about what is beside it.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        ".{0,3}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\u{200D}",
            "\u{200C}",
            "\u{FE0F}",
            "\u{E0100}",
            "\u{202E}",
            "\u{E0041}",
            "\u{180B}",
            "ᠠ",
            "é",
            "葛",
            "❤",
            "a",
            " ",
            "\n",
            "\0",
            "⟦",
            "⟧",
            "⟦U+",
            "⟦cut: ",
            "12",
            " more characters⟧",
            " (3)",
            "Id",
            "\u{A0}",
        ])
        .prop_map(str::to_owned),
        (0x2000_u32..0x2100).prop_map(|code| char::from_u32(code).unwrap().to_string()),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn result() -> impl Strategy<Value = Value> {
    // Some just about the limit.
    let text = prop_oneof![
        9 => hostile(),
        1 => (hostile(), LIMIT - 40..LIMIT + 3, hostile())
            .prop_map(|(before, filling, after)| before + &"x".repeat(filling) + &after),
    ]
    .boxed();
    let name = prop_oneof![
        2 => prop::sample::select(vec!["id", "userId", "emailAddress", "imageUrl", "name", "publicMetadata"])
            .prop_map(str::to_owned),
        1 => text.clone(),
    ]
    .boxed();
    let leaf = prop_oneof![4 => text.prop_map(Value::from), 1 => Just(Value::from(7))];
    leaf.prop_recursive(4, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same places in both, and nothing hidden in any string or name.
fn assert_cleaned(before: &Value, after: &Value) {
    match (before, after) {
        (_, Value::String(after)) => assert_shown(after),
        (Value::Array(before), Value::Array(after)) => {
            assert_eq!(before.len(), after.len());
            before.iter().zip(after).for_each(|(a, b)| assert_cleaned(a, b));
        }
        (Value::Object(before), Value::Object(after)) => {
            assert_eq!(before.len(), after.len());
            for (before, (name, after)) in before.values().zip(after) {
                assert_shown(name);
                assert_cleaned(before, after);
            }
        }
        _ => assert_eq!(before, after),
    }
}

fn assert_shown(text: &str) {
    let never = |it: char| {
        let context = is_joiner(it)
            || matches!(it, '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
        is_invisible(it) && !context || it.is_control() && !"\n\r\t".contains(it)
    };
    assert!(!text.contains(never), "{text:?}");
    assert!(text.chars().count() <= LIMIT + 70, "{text:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_text_is_cleaned_once_and_for_all(text in hostile(), limit in 0_usize..40) {
        let once = clean_text(&text, limit).into_owned();
        prop_assert_eq!(clean_text(&once, limit), &*once);
        let whole = clean_text(&text, LIMIT);
        assert_shown(&whole);
        prop_assert_eq!(whole == text, matches!(whole, Cow::Borrowed(_)));
    }

    #[test]
    fn letters_stay(text in "[\\p{L}\\p{N}\\p{P}&&[^\u{115F}\u{1160}\u{3164}\u{FFA0}]]{0,30}") {
        prop_assert!(matches!(clean_text(&text, LIMIT), Cow::Borrowed(same) if same == text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_result_is_cleaned_once_and_for_all(value in result()) {
        let mut once = value.clone();
        clean(&mut once);
        assert_cleaned(&value, &once);
        let mut twice = once.clone();
        clean(&mut twice);
        prop_assert_eq!(twice.to_string(), once.to_string());
    }
}

#[test]
fn a_text_is_cut_by_bytes_and_says_so() {
    let cases = [
        ("Ada", 3, "Ada"),
        ("Adas", 3, "Ada⟦cut: 1 more characters⟧"),
        ("龘龘龘", 9, "龘龘龘"),
        ("龘龘龘", 8, "龘龘⟦cut: 1 more characters⟧"),
    ];
    for (text, limit, expected) in cases {
        assert_eq!(clean_bytes(text, limit), expected);
    }
    // Half a mark is none.
    assert_eq!(clean_bytes("ab\u{200B}b", 5), "ab⟦cut: 9 more characters⟧");
}

proptest! {
    #[test]
    fn what_is_cut_by_bytes_is_short_and_stays(text in "\\PC{0,80}|.{0,80}", limit in 1..100_usize) {
        let cut = clean_bytes(&text, limit);
        prop_assert!(cut.len() <= limit + 40, "{}", cut);
        prop_assert_eq!(clean_text(&cut, LIMIT), cut.as_str());
    }
}
