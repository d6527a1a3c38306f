//! Processes and times.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The program under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_clerk-mcp");

/// A process that ends with the benchmark, however that ends.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that listens, and its address without a slash at the end.
pub(crate) fn listening(arguments: &[&str], variables: &[(&str, &str)]) -> (Process, String) {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .args(["--listen", "127.0.0.1:0", "--log", "off"])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    (Process(child), url.trim_end_matches('/').to_owned())
}

/// Times, shortest first.
pub(crate) struct Times(Vec<Duration>);

impl FromIterator<Duration> for Times {
    fn from_iter<T: IntoIterator<Item = Duration>>(times: T) -> Self {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort();
        Self(times)
    }
}

impl Times {
    pub(crate) fn ms(&self, percent: usize) -> f64 {
        self.0[(self.0.len() - 1) * percent / 100].as_secs_f64() * 1000.0
    }
}

/// How long something takes.
pub(crate) fn time<T>(run: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    drop(run());
    began.elapsed()
}
