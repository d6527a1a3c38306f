//! Random input: lines of a client that aren't MCP, and responses of an upstream that aren't Clerk's.
//! `fuzz/` does the same for longer, guided by coverage.

// tests/slow has this file too, so the paths are spelled out.
#[path = "fuzz/body.rs"]
mod body;
#[path = "fuzz/changes.rs"]
mod changes;
#[path = "fuzz/client.rs"]
mod client;
#[path = "fuzz/lines.rs"]
mod lines;
#[path = "fuzz/upstream.rs"]
mod upstream;

use proptest::{
    collection::{hash_map, vec},
    prelude::*,
    sample::select,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(&["", "user_1", "2.0", "2026-07-28"][..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            hash_map(".{0,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}
