//! What the server costs: start-up, memory, and the latency that it adds to a call, as ratios to
//! the same requests sent straight to the sandbox in the same run. `cargo bench`.
#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_clerk-mcp");
const STARTS: usize = 30;
const CALLS: usize = 300;

/// A process that ends with the benchmark, however that ends.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server as a client has it: a process spoken to line by line.
struct Server {
    child: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(url: &str) -> Self {
        let mut child = Command::new(BINARY)
            .args(["--log", "off"])
            .envs([("CLERK_API_URL", url), ("CLERK_SECRET_KEY", "sk_test_bench")])
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
            .find_map(|it| it.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
    }
}

/// The sandbox in a process of its own, and its address.
fn sandbox() -> (Process, String) {
    let mut child = Command::new(BINARY)
        .args(["sandbox", "--listen", "127.0.0.1:0", "--users", "200"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
    (Process(child), url)
}

struct Times(Vec<Duration>);

impl Times {
    fn take(runs: usize, mut run: impl FnMut()) -> Self {
        let mut times: Vec<_> = (0..runs)
            .map(|_| {
                let began = Instant::now();
                run();
                began.elapsed()
            })
            .collect();
        times.sort();
        Self(times)
    }

    fn ms(&self, percent: usize) -> f64 {
        self.0[(self.0.len() - 1) * percent / 100].as_secs_f64() * 1000.0
    }
}

fn main() {
    let (_sandbox, url) = sandbox();
    let start = Times::take(STARTS, || Server::start(&url).initialize());
    let bare = Times::take(STARTS, || {
        Command::new(BINARY).arg("--version").stdout(Stdio::null()).status().unwrap();
    });
    println!(
        "start to initialize: {:.2} ms (p50), {:.2} ms (p95); {:.1} times the bare start of the process, {:.2} ms",
        start.ms(50),
        start.ms(95),
        start.ms(50) / bare.ms(50),
        bare.ms(50)
    );

    let mut server = Server::start(&url);
    server.initialize();
    let list = server.request("tools/list", &json!({}));
    if let Some(memory) = server.memory() {
        println!("memory after tools/list: {:.1} MB", memory as f64 / 1000.0);
    }
    println!("tools/list: {} bytes", list.len());
    let noop = Times::take(CALLS, || {
        server.request("ping", &json!({}));
    });
    println!("no-op (ping): {:.3} ms (p50), {:.3} ms (p99)", noop.ms(50), noop.ms(99));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let direct = |path: &str| {
        let request = http.get(format!("{url}v1{path}")).bearer_auth("sk_test_bench");
        runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let body = answer.bytes().await.unwrap();
            serde_json::from_slice::<Value>(&body).unwrap();
            body.len()
        })
    };
    let user = server
        .request("tools/call", &json!({ "name": "clerk_list_users", "arguments": { "limit": 1 } }));
    let user = user.split("user_").nth(1).unwrap().split(['\\', '"']).next().unwrap();
    let user = format!("user_{user}");
    let cases = [
        ("clerk_get_user", json!({ "userId": user }), format!("/users/{user}")),
        ("clerk_list_users", json!({ "limit": 100 }), "/users?limit=100".to_owned()),
    ];
    for (tool, arguments, path) in cases {
        let call = json!({ "name": tool, "arguments": arguments });
        // Warm both, then take turns, so that both see the same machine.
        let (bytes, raw) = (server.request("tools/call", &call).len(), direct(&path));
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..CALLS {
            ours.extend(Times::take(1, || drop(server.request("tools/call", &call))).0);
            theirs.extend(
                Times::take(1, || {
                    direct(&path);
                })
                .0,
            );
        }
        ours.sort();
        theirs.sort();
        let (ours, theirs) = (Times(ours), Times(theirs));
        println!(
            "{tool} {arguments}: {:.2} ms (p50), {:.2} ms (p99), {bytes} bytes; direct {:.2} ms, {:.2} ms, {raw} bytes; ratio {:.2}",
            ours.ms(50),
            ours.ms(99),
            theirs.ms(50),
            theirs.ms(99),
            ours.ms(50) / theirs.ms(50)
        );
    }
    if let Some(memory) = server.memory() {
        println!("memory after {} calls: {:.1} MB", CALLS * 3, memory as f64 / 1000.0);
    }
}
