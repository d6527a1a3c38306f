use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn entry() -> Value {
    json!({ "command": "/opt/clerk-mcp", "args": ["--profile", "dev"] })
}

/// The text with the entry at the path, without changing anything else, and without it again.
fn put(format: Format, text: &str, path: &[&str]) -> String {
    let with = format.put(text, path, &entry()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    assert_eq!(format.put(&with, path, &entry()).unwrap(), with, "twice");
    with
}

const JSON: [&str; 2] = ["mcpServers", "clerk"];

#[test]
fn an_entry_is_added_to_json_in_the_way_that_the_file_is_written() {
    let cases = [
        // Nothing, a missing object and an empty one.
        ("", "{\n  \"mcpServers\": {\n    \"clerk\": ENTRY\n  }\n}\n"),
        (" \n", "{\n  \"mcpServers\": {\n    \"clerk\": ENTRY\n  }\n}\n"),
        ("{}", "{\n  \"mcpServers\": {\n    \"clerk\": ENTRY\n  }\n}"),
        ("{\n  \"mcpServers\": {}\n}\n", "{\n  \"mcpServers\": {\n    \"clerk\": ENTRY\n  }\n}\n"),
        // Another server, with two spaces and a comment, and a final line end or none.
        (
            "{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"x\" } // first\n  },\n  \"z\": 1\n}",
            "{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"x\" }, // first\n    \"clerk\": ENTRY\n  },\n  \"z\": 1\n}",
        ),
        // Trailing commas stay the style of the file.
        (
            "{\n  \"mcpServers\": {\n    \"a\": {}, /* one */ // two\n    // end\n  },\n}\n",
            "{\n  \"mcpServers\": {\n    \"a\": {}, /* one */ // two\n    \"clerk\": ENTRY,\n    // end\n  },\n}\n",
        ),
        // All in one line.
        ("{\"a\":1}", "{\"a\":1,\"mcpServers\": {\"clerk\":LINE}}"),
        (
            "{ \"mcpServers\": { \"a\": {} } }\n",
            "{ \"mcpServers\": { \"a\": {}, \"clerk\": LINE } }\n",
        ),
        // Only comments, which stay.
        ("// mine\n", "// mine\n{\n  \"mcpServers\": {\n    \"clerk\": ENTRY\n  }\n}\n"),
        (
            "{\n  \"mcpServers\": {\n    // none yet\n  }\n}\n",
            "{\n  \"mcpServers\": {\n    // none yet\n    \"clerk\": ENTRY\n  }\n}\n",
        ),
        ("\u{feff}{\n}", "\u{feff}{\n  \"mcpServers\": {\n    \"clerk\": ENTRY\n  }\n}"),
    ];
    let lines = "{\n      \"command\": \"/opt/clerk-mcp\",\n      \"args\": [\"--profile\", \"dev\"]\n    }";
    for (before, after) in cases {
        let after = after.replace("ENTRY", lines).replace("LINE", &entry().to_string());
        assert_eq!(put(Format::JsonWithComments, before, &JSON), after, "{before:?}");
    }
}

#[test]
fn tabs_and_line_ends_of_windows_stay() {
    let before = "{\r\n\t\"mcpServers\": {\r\n\t\t\"a\": {}\r\n\t}\r\n}\r\n";
    let after = "{\r\n\t\"mcpServers\": {\r\n\t\t\"a\": {},\r\n\t\t\"clerk\": {\r\n\t\t\t\"command\": \
                 \"/opt/clerk-mcp\",\r\n\t\t\t\"args\": [\"--profile\", \"dev\"]\r\n\t\t}\r\n\t}\r\n}\r\n";
    assert_eq!(put(Format::Json, before, &JSON), after);
    assert_eq!(Format::Json.remove(after, &JSON).unwrap(), before);
    let before = "# c\r\n[mcp_servers.a]\r\ncommand = \"x\"\r\n";
    let path = ["mcp_servers", "clerk"];
    let after = put(Format::Toml, before, &path);
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert_eq!(Format::Toml.remove(&after, &path).unwrap(), before);
    let before = "extensions:\r\n  a:\r\n    type: builtin\r\n";
    let path = ["extensions", "clerk"];
    let after = put(Format::Yaml, before, &path);
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert_eq!(Format::Yaml.remove(&after, &path).unwrap(), before);
}

#[test]
fn what_yaml_does_not_take_as_it_is_is_escaped() {
    for c in ['\u{1}', '\u{7f}', '\u{85}', '\u{9f}', '\u{2028}', '\u{feff}', '\u{ffff}', '🔑'] {
        let (name, value) = (format!("a{c}b"), Value::from(format!("{c}")));
        let text = Format::Yaml.put("", &["servers", &name], &json!({ "command": value })).unwrap();
        assert_eq!(Format::Yaml.read(&text).unwrap()["servers"][&name]["command"], value, "{text}");
    }
}

#[test]
fn an_entry_is_replaced_where_it_stands() {
    let new = json!({ "command": "new" });
    let cases = [
        (
            Format::JsonWithComments,
            &JSON,
            "{\n  \"mcpServers\": {\n    \"clerk\": { \"command\": \"old\" }, // mine\n    \"b\": {}\n  }\n}",
            "{\n  \"mcpServers\": {\n    \"clerk\": {\n      \"command\": \"new\"\n    }, // mine\n    \"b\": {}\n  }\n}",
        ),
        (
            Format::Toml,
            &["mcp_servers", "clerk"],
            "a = 1\n\n[mcp_servers.clerk]\ncommand = \"old\" # c\n\n[mcp_servers.clerk.env]\nA = \"1\"\n\n# about b\n[b]\n",
            "a = 1\n\n[mcp_servers.clerk]\ncommand = \"new\"\n\n\n# about b\n[b]\n",
        ),
        (
            Format::Yaml,
            &["extensions", "clerk"],
            "extensions:\n    a:\n        type: builtin\n    clerk:\n        cmd: old\n        args:\n        - x\n    b: {}\n",
            "extensions:\n    a:\n        type: builtin\n    clerk:\n        command: \"new\"\n    b: {}\n",
        ),
    ];
    for (format, path, before, after) in cases {
        assert_eq!(format.put(before, path, &new).unwrap(), after, "{format:?}");
    }
}

#[test]
fn an_entry_is_cut_out_wherever_it_stands() {
    let cases = [
        ("{\"mcpServers\":{\"clerk\":{}}}", "{\"mcpServers\":{}}"),
        ("{\"mcpServers\":{\"a\":1, \"clerk\":{}}}", "{\"mcpServers\":{\"a\":1}}"),
        ("{\"mcpServers\":{ \"clerk\": {}, \"a\": 1 }}", "{\"mcpServers\":{ \"a\": 1 }}"),
        (
            "{\n\"mcpServers\": {\n  \"clerk\": {}, // ours\n  // theirs\n  \"a\": 1\n}}",
            "{\n\"mcpServers\": { // ours\n  // theirs\n  \"a\": 1\n}}",
        ),
        (
            "{\n\"mcpServers\": {\n  \"a\": 1, // ,\n  \"clerk\": {}\n}}",
            "{\n\"mcpServers\": {\n  \"a\": 1 // ,\n}}",
        ),
        (
            "{\n\"mcpServers\": {\n  \"a\": 1,\n  \"clerk\": {},\n}}",
            "{\n\"mcpServers\": {\n  \"a\": 1,\n}}",
        ),
        ("{ \"mcpServers\": { \"b\": 1 } }", "{ \"mcpServers\": { \"b\": 1 } }"),
    ];
    for (before, after) in cases {
        assert_eq!(Format::JsonWithComments.remove(before, &JSON).unwrap(), after, "{before}");
    }
    let yaml = "extensions: # all\n  clerk:\n    cmd: x\n# end\n";
    let after = "extensions: {} # all\n# end\n";
    assert_eq!(Format::Yaml.remove(yaml, &["extensions", "clerk"]).unwrap(), after);
    assert_eq!(
        put(Format::Yaml, after, &["extensions", "clerk"]),
        "extensions: # all\n  clerk:\n    command: \"/opt/clerk-mcp\"\n    args: [\"--profile\",\"dev\"]\n# end\n"
    );
}

#[test]
fn a_value_at_the_top_of_toml_stands_before_the_first_table() {
    let put = |text| Format::Toml.put(text, &["default_profile"], &json!("dev")).unwrap();
    assert_eq!(put(""), "default_profile = \"dev\"\n");
    assert_eq!(put("# mine\n[a]\n"), "default_profile = \"dev\"\n\n# mine\n[a]\n");
    assert_eq!(put("a = 1 # x\n\n[b]\n"), "a = 1 # x\ndefault_profile = \"dev\"\n\n[b]\n");
    assert_eq!(put("default_profile = 'x'\n[b]\n"), "default_profile = \"dev\"\n[b]\n");
}

#[test]
fn a_broken_text_is_refused_with_the_place() {
    let cases = [
        (Format::Json, "{\n  \"a\": 1,\n}", "line 2, column 9"),
        (Format::Json, "{\n  // c\n}", "line 2, column 3"),
        (Format::JsonWithComments, "{\n  \"a\" 1\n}", "line 2, column 7"),
        (Format::JsonWithComments, "{\n  \"a\": {\n", "line 2, column 8"),
        (Format::Json, "[]", "line 1, column 1: it must be an object"),
        (Format::Json, "{\"a\": \"\t\"}", "line 1, column"),
        (Format::Toml, "a = 1\nb = = 2\n", "line 2, column 5"),
        (Format::Toml, "[a]\n[a]\n", "line 2"),
        (Format::Yaml, "a: 1\nb: [\n", "line 2"),
        (Format::Yaml, "a: 1\na: 2\n", "line 2"),
    ];
    let mut wrong = Vec::new();
    for (format, text, said) in cases {
        let error = format.put(text, &["x", "y"], &entry()).unwrap_err();
        if !error.to_string().starts_with(said) || !matches!(error, EditError::Broken(_)) {
            wrong.push(format!("{text:?}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let deep = "[".repeat(1 << 20);
    for format in [Format::Json, Format::JsonWithComments, Format::Toml, Format::Yaml] {
        let text =
            if format == Format::Toml { format!("a = {deep}") } else { format!("{{\"a\": {deep}") };
        assert!(format.read(&text).is_err(), "{format:?}");
    }
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    let cases = [
        (Format::Json, "{\"mcpServers\": []}", "`mcpServers` isn't an object"),
        (Format::Toml, "mcpServers = { a = {} }\n", "it is written in a form"),
        (Format::Toml, "[mcpServers]\nclerk = { command = \"x\" }\n", "it is written in a form"),
        (Format::Yaml, "mcpServers: {a: {}}\n", "it is written in a form"),
        (Format::Yaml, "mcpServers: &x\n  a: 1\n", "it is written in a form"),
        (Format::Yaml, "{\"mcpServers\": {\"a\": 1}}\n", "it is written in a form"),
    ];
    for (format, text, said) in cases {
        let error = format.put(text, &JSON, &entry()).unwrap_err().to_string();
        assert!(error.starts_with(said), "{text}: {error}");
    }
}

#[test]
fn what_only_looks_like_the_place_is_left_alone() {
    let toml = "text = '''\n[mcpServers.clerk]\n'''\n";
    assert_eq!(Format::Toml.remove(toml, &JSON).unwrap(), toml);
    let yaml = "text: |\n  mcpServers:\n    clerk: 1\nother: 1\n";
    assert_eq!(Format::Yaml.remove(yaml, &JSON).unwrap(), yaml);
    let with = put(Format::Yaml, yaml, &JSON);
    assert!(with.starts_with(yaml));
    assert_eq!(
        put(Format::Toml, toml, &["a", "b"]).replace("\n[a.b]", "[a.b]").find(toml),
        Some(0)
    );
}

/// Text for names and values: what a format must quote, and what not.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        Just("null".to_owned()),
        Just("a b".to_owned()),
        Just("q\"u\\o'te".to_owned()),
        Just("ünï\u{7f}\u{1}\n".to_owned()),
        Just("# no comment // nor this".to_owned()),
        Just("1.5".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        word().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(word(), inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Servers by name, none of them ours.
fn servers(least: usize) -> impl Strategy<Value = Map<String, Value>> {
    let server = proptest::collection::btree_map(word(), value(), 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()));
    proptest::collection::btree_map(word(), server, least..4)
        .prop_map(|map| map.into_iter().collect())
}

/// Blank space and comments, as people write them between the parts of a JSON text.
fn gap(style: &mut impl Iterator<Item = u8>, comments: bool) -> &'static str {
    match style.next().unwrap_or(0) % 8 {
        0 | 1 => "",
        2 => " ",
        3 => "\n\t",
        4 => "\r\n  ",
        5 if comments => " // a, {\"clerk\": 1}\n",
        6 if comments => "/* , } */",
        _ => "\n    ",
    }
}

fn json_text(value: &Value, style: &mut impl Iterator<Item = u8>, comments: bool) -> String {
    let Value::Object(object) = value else { return value.to_string() };
    let mut text = String::from("{");
    for (index, (name, value)) in object.iter().enumerate() {
        if index > 0 {
            text += gap(style, comments);
            text += ",";
        }
        text += gap(style, comments);
        text += &Value::from(name.as_str()).to_string();
        text += gap(style, comments);
        text += ":";
        text += gap(style, comments);
        text += &json_text(value, style, comments);
    }
    text += gap(style, comments);
    if comments && !object.is_empty() && style.next().unwrap_or(0).is_multiple_of(2) {
        text += ",";
        text += gap(style, comments);
    }
    text + "}"
}

fn toml_text(servers: &Map<String, Value>, style: &mut impl Iterator<Item = u8>) -> String {
    let mut text = String::from("# mine\n");
    for (name, value) in servers {
        let path = ["mcpServers", name.as_str()];
        text = Format::Toml.put(&text, &path, value).unwrap();
        text += ["", "\n", "\n\n", "# about the next\n", "\n  # more\n"]
            [usize::from(style.next().unwrap_or(0) % 5)];
    }
    text
}

proptest! {
    #[test]
    fn an_entry_added_to_json_and_removed_leaves_every_byte(
        servers in servers(1),
        rest in servers(0),
        style in proptest::collection::vec(any::<u8>(), 64),
        comments: bool,
        mark: bool,
    ) {
        let format = if comments { Format::JsonWithComments } else { Format::Json };
        let mut document = rest;
        document.insert("mcpServers".to_owned(), Value::Object(servers));
        let style = &mut style.into_iter().cycle();
        let mut text = String::from(if mark { "\u{feff}" } else { "" });
        text += &json_text(&Value::Object(document), style, comments);
        let with = format.put(&text, &JSON, &entry()).unwrap();
        prop_assert_eq!(format.put(&with, &JSON, &entry()).unwrap(), with.clone());
        prop_assert_eq!(format.remove(&with, &JSON).unwrap(), text);
    }

    #[test]
    fn an_entry_added_to_toml_and_removed_leaves_every_byte(
        servers in servers(0),
        style in proptest::collection::vec(any::<u8>(), 8),
    ) {
        let text = toml_text(&servers, &mut style.into_iter().cycle());
        let with = Format::Toml.put(&text, &JSON, &entry()).unwrap();
        let without = Format::Toml.remove(&with, &JSON).unwrap();
        prop_assert_eq!(without.trim_end_matches('\n'), text.trim_end_matches('\n'));
    }

    #[test]
    fn any_character_is_kept_in_yaml(c: char) {
        let (name, value) = (format!("a{c}b"), Value::from(format!("{c}")));
        let text = Format::Yaml.put("", &["servers", &name], &json!({ "command": value })).unwrap();
        let read = Format::Yaml.read(&text).unwrap();
        prop_assert_eq!(&read["servers"][&name]["command"], &value, "{}", text);
    }

    #[test]
    fn an_entry_added_to_yaml_and_removed_leaves_every_byte(servers in servers(1)) {
        let mut text = String::from("# mine\nGOOSE_MODE: auto\n");
        for (name, value) in &servers {
            text = Format::Yaml.put(&text, &["mcpServers", name], value).unwrap();
        }
        text += "# end\nlast: |\n  a\n";
        let with = Format::Yaml.put(&text, &JSON, &entry()).unwrap();
        prop_assert_eq!(Format::Yaml.remove(&with, &JSON).unwrap(), text);
    }

    #[test]
    fn no_text_makes_an_editor_panic_or_lose_a_byte(text in "[\\[\\]{}:,\"'a-c =#/*\n\r\t-]{0,60}") {
        for format in [Format::Json, Format::JsonWithComments, Format::Toml, Format::Yaml] {
            if let Ok(with) = format.put(&text, &["a", "b"], &entry()) {
                let before = format.read(&text).unwrap();
                let mut after = format.read(&with).unwrap();
                prop_assert!(unset(&mut after, &["a", "b"]).is_some());
                let mut before = before;
                drop_empty(&mut after);
                if let Some(Value::Object(a)) = before.get_mut("a") {
                    a.shift_remove("b");
                }
                drop_empty(&mut before);
                prop_assert_eq!(before, after);
                let _ = format.remove(&with, &["a", "b"]);
            }
        }
    }
}
