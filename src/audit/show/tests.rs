use serde_json::{Value, json};

use super::*;

/// Lines without a chain: showing doesn't look at it.
fn log(lines: &[Value]) -> String {
    let mut log = String::new();
    for (number, line) in lines.iter().enumerate() {
        let mut line = line.clone();
        line["seq"] = json!(number + 1);
        line["time"] = json!(format!("2026-11-23T21:04:{number:02}.678Z"));
        line["prev"] = json!("");
        log.extend([line.to_string().as_str(), "\n"]);
    }
    log
}

fn begun(call: &str, user: &str) -> Value {
    json!({
        "event": "begun", "call": call, "client": "Claude Desktop 1.2", "key": "live",
        "principal": { "authentication": "oauth", "subject": "user_ada", "email": "ada@ourco.example" },
        "tool": "clerk_delete_user", "target": user, "arguments": { "user_id": user },
        "reason": "GDPR request 4711", "confirmation": "asked, accepted",
    })
}

fn ended(call: &str) -> Value {
    json!({ "event": "ended", "call": call, "outcome": "done", "status": 200, "traceId": "abc" })
}

fn three() -> String {
    let created = json!({
        "event": "refused", "call": "c", "key": "test", "tool": "clerk_create_user",
        "arguments": { "deep": [{ "er": "user_9" }] }, "outcome": "refused", "code": "denied",
        "rule": "no creation",
    });
    log(&[begun("a", "user_1"), begun("b", "user_2"), created, ended("b"), ended("a")])
}

fn shown(log: &str, filter: &Filter, form: Form) -> String {
    let mut out = Vec::new();
    show(log.as_bytes(), filter, form, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn rows(filter: &Filter) -> Vec<String> {
    shown(&three(), filter, Form::Text).lines().map(|line| line[17..20].to_owned()).collect()
}

#[test]
fn a_write_is_one_line_in_the_order_of_the_beginnings() {
    assert_eq!(
        shown(&three(), &Filter::default(), Form::Text),
        "2026-11-23T21:04:00Z  done      clerk_delete_user  user_1  Claude Desktop 1.2  \
         asked, accepted  \"GDPR request 4711\"  (for user_ada ada@ourco.example, 200, trace abc)\n\
         2026-11-23T21:04:01Z  done      clerk_delete_user  user_2  Claude Desktop 1.2  \
         asked, accepted  \"GDPR request 4711\"  (for user_ada ada@ourco.example, 200, trace abc)\n\
         2026-11-23T21:04:02Z  refused   clerk_create_user  \
         (test key, denied, rule no creation)\n"
    );
}

#[test]
fn what_has_no_end_or_no_beginning_is_told() {
    let mended = json!({ "event": "mended", "cut": 12 });
    let log = log(&[ended("z"), begun("a", "user_1"), mended]) + "{}\n{\"seq\":";
    let text = shown(&log, &Filter::default(), Form::Text);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "2026-11-23T21:04:00Z  done      (begun earlier, 200, trace abc)");
    assert!(rows[1].starts_with("2026-11-23T21:04:01Z  unknown   clerk_delete_user"));
    assert!(
        rows[1].ends_with("\"GDPR request 4711\"  (not ended, for user_ada ada@ourco.example)")
    );
    assert_eq!(rows[2], "2026-11-23T21:04:02Z  mended    (12 bytes of an unfinished line cut off)");
    let tally = show(log.as_bytes(), &Filter::default(), Form::Text, &mut Vec::new()).unwrap();
    assert_eq!(tally, Tally { shown: 3, unreadable: 1, torn: true });
}

#[test]
fn filters_keep_what_fits_all_of_them() {
    let some = |text: &str| Some(text.to_owned());
    let all = Filter::default;
    let cases = [
        (Filter { user: some("user_2"), ..all() }, vec!["01Z"]),
        (Filter { user: some("user_9"), ..all() }, vec!["02Z"]),
        (Filter { user: some("user_"), ..all() }, vec![]),
        (Filter { tool: some("clerk_create_user"), ..all() }, vec!["02Z"]),
        (Filter { who: some("user_ada"), ..all() }, vec!["00Z", "01Z"]),
        (Filter { who: some("ada@ourco.example"), ..all() }, vec!["00Z", "01Z"]),
        (Filter { who: some("user_bob"), ..all() }, vec![]),
        (Filter { client: some("Claude Desktop"), ..all() }, vec!["00Z", "01Z"]),
        (Filter { client: some("Claude Desktop 1.2"), ..all() }, vec!["00Z", "01Z"]),
        (Filter { client: some("Claude Desk"), ..all() }, vec![]),
        (Filter { outcome: some("refused"), ..all() }, vec!["02Z"]),
        (Filter { outcome: some("unknown"), ..all() }, vec![]),
        (
            Filter { since: "2026-11-23T21:04:01Z".parse().ok(), outcome: some("done"), ..all() },
            vec!["01Z"],
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(rows(&filter), expected, "{filter:?}");
    }
    let open = log(&[begun("a", "user_1")]);
    let unknown = Filter { outcome: some("unknown"), ..all() };
    assert_eq!(shown(&open, &unknown, Form::Text).lines().count(), 1);
    let created = log(&[
        json!({ "event": "begun", "call": "a", "tool": "x" }),
        json!({ "event": "ended", "call": "a", "outcome": "done", "id": "user_7" }),
    ]);
    let of_user = Filter { user: some("user_7"), ..all() };
    let text = shown(&created, &of_user, Form::Text);
    assert_eq!(text, "2026-11-23T21:04:00Z  done      x  (id user_7)\n");
}

#[test]
fn the_last_ones_and_the_lines_themselves() {
    let tailed = |count, form| {
        let mut out = Vec::new();
        let tally = tail(three().as_bytes(), &Filter::default(), count, form, &mut out).unwrap();
        (tally.shown, String::from_utf8(out).unwrap())
    };
    let log = three();
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    assert_eq!(tailed(2, Form::Json), (2, [lines[1], lines[3], lines[2]].concat()));
    let (2, text) = tailed(2, Form::Text) else { panic!("not two") };
    assert!(text.starts_with("2026-11-23T21:04:01Z"));
    assert_eq!(tailed(9, Form::Text).0, 3);
    assert_eq!(tailed(0, Form::Text), (0, String::new()));
    let of_user = Filter { user: Some("user_1".to_owned()), ..Filter::default() };
    assert_eq!(shown(&log, &of_user, Form::Json), [lines[0], lines[4]].concat());
}

#[test]
fn text_of_others_cannot_act_on_the_terminal() {
    let evil = "x\u{1b}]0;\u{7}\u{9b}2J\u{202e}\u{200b}\r\n2026 done";
    let log = log(&[
        json!({
            "event": evil, "call": evil, "client": evil, "key": evil, "tool": evil,
            "target": evil, "reason": evil, "confirmation": evil, "rule": evil,
            "outcome": evil, "code": evil, "traceId": evil, "id": evil,
        }),
        json!({ "event": "refused", "call": "b", "client": evil, "tool": evil, "target": evil,
            "reason": evil, "confirmation": evil, "rule": evil, "outcome": evil, "code": evil }),
    ]);
    for form in [Form::Text, Form::Json] {
        let text = shown(&log, &Filter::default(), form);
        let hidden = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
        assert!(!text.contains(hidden), "{text:?}");
        assert_eq!(text.lines().count(), 2);
    }
}

#[test]
fn one_write_without_an_end_does_not_hold_up_the_others() {
    let mut lines = vec![begun("open", "user_0")];
    for number in 0..1000 {
        lines.push(begun(&format!("{number}"), "user_1"));
        lines.push(ended(&format!("{number}")));
    }
    let log = log(&lines);
    let text = shown(&log, &Filter::default(), Form::Text);
    assert_eq!(text.lines().count(), 1001);
    assert!(text.lines().next().unwrap().ends_with("(not ended, for user_ada ada@ourco.example)"));
}
