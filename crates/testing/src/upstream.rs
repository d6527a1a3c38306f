//! A scripted upstream in Clerk's place.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A request as the upstream saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The HTTP method.
    pub method: String,
    /// The path with its query, below `/v1`.
    pub path: String,
    /// The header lines.
    pub headers: String,
    /// The body, if it is JSON.
    pub body: Option<Value>,
}

/// What the upstream does with a request.
#[derive(Clone, Debug)]
pub enum Script {
    /// Answers with a status, further header lines and a body.
    Answer(u16, &'static str, String),
    /// Announces a longer body than it sends, and closes.
    Cut(u16, String),
    /// Closes without an answer.
    Reset,
    /// Sends the head of an answer and an endless body.
    Endless,
    /// Answers 200 with this body once it is notified.
    When(Arc<Notify>, &'static str),
    /// Never answers.
    Hang,
}

impl Script {
    /// Answers with a status and JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::Answer(status, "content-type: application/json", body.to_string())
    }

    /// An answer in Clerk's form to a request that it refuses.
    pub fn refusal(status: u16, headers: &'static str, code: &str) -> Self {
        let error = json!({ "code": code, "message": "short", "long_message": format!("Long text of {code}.") });
        Self::Answer(
            status,
            headers,
            json!({ "errors": [error], "clerk_trace_id": "trace_1" }).to_string(),
        )
    }
}

/// A server in Clerk's place that does what a function says and remembers what it was asked.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Its address, without a path.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    open: Arc<Mutex<usize>>,
}

impl Upstream {
    /// An upstream whose function gets each request and how many came before it.
    pub async fn start(script: impl Fn(&Seen, usize) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = Self { url, seen: Arc::default(), open: Arc::default() };
        let (script, this) = (Arc::new(script), upstream.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, this) = (script.clone(), this.clone());
                tokio::spawn(async move {
                    *this.open.lock().unwrap() += 1;
                    this.serve(stream, &*script).await;
                    *this.open.lock().unwrap() -= 1;
                });
            }
        });
        upstream
    }

    /// An upstream that does the same with every request.
    pub async fn always(script: Script) -> Self {
        Self::start(move |_, _| script.clone()).await
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// What it was asked since this was last called.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        *self.open.lock().unwrap()
    }

    /// Waits until something holds.
    pub async fn until(&self, condition: impl Fn(&Self) -> bool) {
        eventually(async || condition(self)).await;
    }

    async fn serve(
        &self,
        mut stream: TcpStream,
        script: &(dyn Fn(&Seen, usize) -> Script + Send + Sync),
    ) {
        let Some(seen) = read_request(&mut stream).await else { return };
        let script = {
            let mut all = self.seen.lock().unwrap();
            let script = script(&seen, all.len());
            all.push(seen);
            script
        };
        let head = |status: u16, headers: &str, length: usize| {
            let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
            format!(
                "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
            )
        };
        match script {
            Script::Answer(status, headers, body) => {
                let answer = head(status, headers, body.len()) + &body;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Script::Cut(status, body) => {
                let answer = head(status, "", body.len() + 100) + &body;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Script::Reset => {}
            Script::Endless => {
                let _ = stream.write_all(head(200, "", usize::MAX >> 1).as_bytes()).await;
                while stream.write_all(&[b' '; 1 << 14]).await.is_ok() {}
            }
            Script::When(told, body) => {
                told.notified().await;
                let answer = head(200, "", body.len()) + body;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Script::Hang => {
                // Until the client goes away.
                let _ = stream.read(&mut [0]).await;
            }
        }
    }
}

/// How long something may take before it counts as hung, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until something holds, whether or not the runtime's clock stands still.
///
/// # Panics
/// It does not come to that within [`PATIENCE`].
pub async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    let began = std::time::Instant::now();
    while !condition().await {
        assert!(began.elapsed() < PATIENCE, "it did not come to that");
        let pause = || std::thread::sleep(Duration::from_millis(2));
        tokio::task::spawn_blocking(pause).await.expect("a pause does not fail");
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, headers) = head.split_once("\r\n")?;
            let length = headers
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                let mut words = line.split(' ');
                let method = words.next()?.to_owned();
                let path = words.next()?.strip_prefix("/v1")?.to_owned();
                // A form is none.
                let body = serde_json::from_str(body).ok();
                return Some(Seen { method, path, headers: headers.to_owned(), body });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
