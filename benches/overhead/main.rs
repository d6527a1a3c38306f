//! What the server costs: start-up, memory, and the latency that it adds to a call, as ratios to
//! the same requests sent straight to the sandbox in the same run. And what the sandbox costs with
//! very many users. `cargo bench`.
#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

mod cpu;
mod http;
mod journal;
mod sandbox;
mod support;

use std::{
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{BINARY, Process, Times, listening, time};

const STARTS: usize = 30;
const CALLS: usize = 300;
const PROCESSES: usize = 12;

/// The server as a client has it: a process spoken to line by line.
struct Server {
    child: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(url: &str) -> Self {
        Self::with(url, &[])
    }

    fn with(url: &str, options: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(["--log", "off"])
            .args(options)
            .envs([
                ("CLERK_API_URL", url),
                ("CLERK_SECRET_KEY", "sk_test_bench"),
                ("CLERK_MCP_RATE_LIMIT", "0"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child: Process(child), input, output }
    }

    fn send(&mut self, message: &Value) {
        self.input.write_all(format!("{message}\n").as_bytes()).unwrap();
    }

    fn request(&mut self, method: &str, params: &Value) -> String {
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(line.contains("\"result\"") && !line.contains("\"isError\":true"), "{line}");
        line
    }

    fn initialize(&mut self) {
        let client = json!({ "name": "bench", "version": "1" });
        self.request(
            "initialize",
            &json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client }),
        );
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }

    /// The resident memory in kB, where the system tells it.
    fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.0.id())).ok()?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
    }
}

fn main() {
    let (_sandbox, url) = listening(&["sandbox", "--users", "200"], &[]);
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    start(&url);
    let (user, list) = calls(&runtime, &url);
    cpu::run(&url, &user, &list);
    catalog(&url, &user);
    journal::run(&url, &user);
    http::run(&runtime, &url, &user);
    sandbox::run(&runtime);
}

fn start(url: &str) {
    let start: Times = (0..STARTS).map(|_| time(|| Server::start(url).initialize())).collect();
    let version = || Command::new(BINARY).arg("--version").stdout(Stdio::null()).status().unwrap();
    let bare: Times = (0..STARTS).map(|_| time(version)).collect();
    println!(
        "start to initialize: {:.2} ms (p50), {:.2} ms (p95); {:.1} times the bare start of the process, {:.2} ms",
        start.ms(50),
        start.ms(95),
        start.ms(50) / bare.ms(50),
        bare.ms(50)
    );
}

/// Prints what the size of the catalog costs: all tools against the eleven of the document, in
/// turns.
fn catalog(url: &str, user: &str) {
    const FEW: &[&str] = &[
        "--tools",
        "clerk_list_users,clerk_get_user,clerk_create_user,clerk_update_user,clerk_delete_user,\
         clerk_list_organizations,clerk_get_organization,clerk_create_organization,\
         clerk_list_sessions,clerk_get_session,clerk_revoke_session",
    ];
    const ALL: &[&str] = &["--toolsets", "all"];
    let start = |options: &[&str]| time(|| Server::with(url, options).initialize());
    let (all, few): (Vec<_>, Vec<_>) = (0..STARTS).map(|_| (start(ALL), start(FEW))).unzip();
    let ratio =
        |all: Vec<_>, few: Vec<_>| Times::from_iter(all).ms(50) / Times::from_iter(few).ms(50);
    let starting = ratio(all, few);
    let call = json!({ "name": "clerk_get_user", "arguments": { "userId": user } });
    let server = |options: &[&str]| {
        let mut server = Server::with(url, options);
        server.initialize();
        server.request("tools/call", &call);
        server
    };
    let run = |server: &mut Server| time(|| server.request("tools/call", &call));
    // One process differs from the next more than one catalog from the other.
    let turns = (0..PROCESSES).flat_map(|_| {
        let (mut all, mut few) = (server(ALL), server(FEW));
        (0..CALLS).map(move |_| (run(&mut all), run(&mut few))).collect::<Vec<_>>()
    });
    let (of_all, of_few): (Vec<_>, Vec<_>) = turns.unzip();
    println!(
        "all tools against the eleven: start to initialize {starting:.2} times, a call {:.2} times",
        ratio(of_all, of_few)
    );
}

/// Prints what calls over stdio cost, and returns a user's id and a hundred users as Clerk has them.
fn calls(runtime: &tokio::runtime::Runtime, url: &str) -> (String, Vec<u8>) {
    let mut server = Server::start(url);
    server.initialize();
    let list = server.request("tools/list", &json!({}));
    let memory = server.memory().unwrap_or_default();
    println!("tools/list: {} bytes; memory after it {:.1} MB", list.len(), memory as f64 / 1000.0);
    let noop: Times = (0..CALLS).map(|_| time(|| server.request("ping", &json!({})))).collect();
    println!("no-op (ping): {:.3} ms (p50), {:.3} ms (p99)", noop.ms(50), noop.ms(99));

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let direct = |path: &str| {
        let request = http.get(format!("{url}/v1{path}")).bearer_auth("sk_test_bench");
        runtime.block_on(async {
            let body = request.send().await.unwrap().bytes().await.unwrap();
            serde_json::from_slice::<Value>(&body).unwrap();
            body.to_vec()
        })
    };
    let list = server
        .request("tools/call", &json!({ "name": "clerk_list_users", "arguments": { "limit": 1 } }));
    let user = list.split("user_").nth(1).unwrap().split(['\\', '"']).next().unwrap();
    let user = format!("user_{user}");
    let cases = [
        ("clerk_get_user", json!({ "userId": user }), format!("/users/{user}")),
        ("clerk_list_users", json!({ "limit": 100 }), "/users?limit=100".to_owned()),
    ];
    for (tool, arguments, path) in cases {
        let call = json!({ "name": tool, "arguments": arguments });
        // Both once to warm up, then in turns, so that both see the same machine.
        let (bytes, raw) = (server.request("tools/call", &call).len(), direct(&path).len());
        let turns = (0..CALLS)
            .map(|_| (time(|| server.request("tools/call", &call)), time(|| direct(&path))));
        let (ours, theirs): (Vec<_>, Vec<_>) = turns.unzip();
        let (ours, theirs) = (Times::from_iter(ours), Times::from_iter(theirs));
        println!(
            "{tool}: {:.2} ms (p50), {:.2} ms (p99), {bytes} bytes; direct {:.2} ms, {:.2} ms, {raw} bytes; ratio {:.2}",
            ours.ms(50),
            ours.ms(99),
            theirs.ms(50),
            theirs.ms(99),
            ours.ms(50) / theirs.ms(50)
        );
    }
    let memory = server.memory().unwrap_or_default();
    println!("memory after {} calls: {:.1} MB", CALLS * 3, memory as f64 / 1000.0);
    let list = direct("/users?limit=100");
    (user, list)
}
