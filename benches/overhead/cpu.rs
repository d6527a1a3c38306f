//! The CPU time that the server itself takes for a call, whatever else the machine does meanwhile.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::{Server, support::Times};

const CALLS: u32 = 200;
const ROUNDS: usize = 5;

/// Prints what each kind of call costs, as time and as ratios; nothing where the system does not
/// tell.
pub(crate) fn run(url: &str, user: &str, list: &[u8]) {
    let mut server = Server::start(url);
    server.initialize();
    let process = format!("/proc/{}/task", server.child.0.id());
    if of_threads(&process).is_none() {
        return;
    }
    let mut cost = |method: &str, params: &Value| {
        let rounds = (0..=ROUNDS).map(|_| {
            let before = of_threads(&process).unwrap_or_default();
            (0..CALLS).for_each(|_| drop(server.request(method, params)));
            of_threads(&process).unwrap_or_default().saturating_sub(before) / CALLS
        });
        // The first warms up.
        rounds.skip(1).collect::<Times>().ms(50) * 1000.0
    };
    let call = |tool: &str, arguments: Value| json!({ "name": tool, "arguments": arguments });
    let ping = cost("ping", &json!({}));
    println!("CPU of a ping: {ping:.0} \u{b5}s");
    let get = cost("tools/call", &call("clerk_get_user", json!({ "userId": user })));
    println!("CPU of clerk_get_user: {get:.0} \u{b5}s, {:.1} times a ping", get / ping);
    let many = cost("tools/call", &call("clerk_list_users", json!({ "limit": 100 })));
    let read = reading(list);
    println!(
        "CPU of clerk_list_users of 100: {many:.0} \u{b5}s, {:.1} times a ping, {:.1} times clerk_get_user, {:.1} times serde_json reading the same bytes ({read:.0} \u{b5}s)",
        many / ping,
        many / get,
        many / read
    );
}

/// What it costs to read `bytes` as JSON and no more, in microseconds.
fn reading(bytes: &[u8]) -> f64 {
    let own = || cpu("/proc/thread-self/schedstat").unwrap_or_default();
    let rounds = (0..=ROUNDS).map(|_| {
        let before = own();
        (0..CALLS).for_each(|_| drop(serde_json::from_slice::<Value>(bytes).unwrap()));
        own().saturating_sub(before) / CALLS
    });
    rounds.skip(1).collect::<Times>().ms(50) * 1000.0
}

/// The time that all threads in this folder of `/proc` had so far.
fn of_threads(folder: &str) -> Option<Duration> {
    let threads = fs::read_dir(folder).ok()?.flatten();
    threads.map(|thread| cpu(thread.path().join("schedstat").to_str()?)).sum()
}

/// The time on a CPU, which Linux counts in nanoseconds.
fn cpu(file: &str) -> Option<Duration> {
    let text = fs::read_to_string(file).ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}
