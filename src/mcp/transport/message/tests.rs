use super::*;

/// The ids that are answered, and with which code.
fn answered(line: &str) -> (Vec<Value>, i32) {
    let invalid = read(line.as_bytes()).unwrap_err();
    let answers: Vec<Value> = invalid.answers().collect();
    for answer in &answers {
        assert_eq!(
            (&answer["jsonrpc"], &answer["error"]["code"]),
            (&json!("2.0"), &json!(invalid.code))
        );
    }
    (answers.into_iter().map(|answer| answer["id"].clone()).collect(), invalid.code.0)
}

#[test]
fn what_is_no_message_is_answered_with_the_id_that_can_be_read() {
    let cases: &[(&str, &[Value], i32)] = &[
        ("hello", &[Value::Null], -32700),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping""#, &[json!(7)], -32700),
        (r#"{"method":"ping","params":{"a":NaN},"jsonrpc":"2.0","id":"a"}"#, &[json!("a")], -32700),
        ("7", &[Value::Null], -32600),
        ("{}", &[Value::Null], -32600),
        (r#"{"jsonrpc":"2.0","id":7}"#, &[json!(7)], -32600),
        (r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, &[json!(7)], -32600),
        (r#"{"jsonrpc":"2.0","id":7,"method":5}"#, &[json!(7)], -32600),
        (r#"{"jsonrpc":"2.0","method":5}"#, &[Value::Null], -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, &[Value::Null], -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, &[Value::Null], -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, &[json!(1.5)], -32600),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}"#, &[json!(7)], -32600),
        (r#"{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}"#, &[Value::Null], -32602),
        (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[]}"#, &[json!(7)], -32602),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":5}}"#, &[json!(7)], -32602),
        ("[]", &[Value::Null], -32600),
        (
            r#"[{"id":1,"method":"ping"},{"id":"b","method":"x"},{"method":"x"},{"id":3,"result":{}},4]"#,
            &[json!(1), json!("b")],
            -32600,
        ),
        // Nobody waits for the answer to these.
        (r#"{"jsonrpc":"1.0","method":"ping"}"#, &[], -32600),
        (r#"{"jsonrpc":"2.0","id":{},"result":{}}"#, &[], -32600),
    ];
    for (line, ids, code) in cases {
        assert_eq!(answered(line), (ids.to_vec(), *code), "{line}");
    }
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{}1{}}}"#,
        r#"{"a":"#.repeat(500),
        "}".repeat(500)
    );
    assert_eq!(answered(&deep), (vec![json!(7)], -32700));
}

#[test]
fn a_malformed_response_ends_the_request_that_it_is_for() {
    for line in [
        r#"{"jsonrpc":"2.0","id":7,"error":"no"}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":{},"error":{}}"#,
    ] {
        let Ok(ClientJsonRpcMessage::Error(error)) = read(line.as_bytes()) else {
            panic!("{line}")
        };
        assert_eq!(error.id, Some(RequestId::Number(7)));
    }
}

#[test]
fn a_byte_order_mark_belongs_to_no_message() {
    let ping = "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r";
    assert!(matches!(read(ping.as_bytes()), Ok(ClientJsonRpcMessage::Request(_))));
}
