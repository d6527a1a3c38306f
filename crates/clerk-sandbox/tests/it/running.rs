//! A sandbox in a Rust test.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use clerk_sandbox::{Options, Running, Sandbox};

/// The status of a request, sent without a runtime.
fn status(url: &str, key: &str, path: &str) -> Option<u16> {
    let address = url.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).ok()?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
         Connection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).ok()?;
    let mut response = String::new();
    connection.read_to_string(&mut response).ok()?;
    response.split(' ').nth(1)?.parse().ok()
}

fn users(clerk: &Running, key: &str) -> Option<u16> {
    status(&clerk.url(), key, "/v1/users")
}

#[test]
fn it_runs_until_it_is_dropped_and_needs_no_runtime() {
    let clerk = Sandbox::start().unwrap();
    assert_eq!(users(&clerk, clerk.secret_key()), Some(200));
    assert_eq!(clerk.control().requests()[0]["path"], "/v1/users");
    let url = clerk.url();
    drop(clerk);
    assert_eq!(status(&url, "sk_test_sandbox", "/v1/users"), None);
}

#[test]
fn a_test_controls_it_without_requests() {
    let clerk = Sandbox::start_with(Options { users: 3, ..Options::default() }).unwrap();
    let control = clerk.control();
    control.freeze(true);
    let start = control.now();
    control.snapshot("start");
    control.advance(Duration::from_secs(90));
    assert_eq!(control.now(), start + 90_000);
    control.fault("500;times=1".parse().unwrap());
    assert_eq!(users(&clerk, clerk.secret_key()), Some(500));
    assert_eq!(users(&clerk, clerk.secret_key()), Some(200));
    assert!(control.restore("start") && !control.restore("other"));
    assert_eq!(control.now(), start);
    control.set_time(0);
    control.freeze(false);
    assert!((0..60_000).contains(&control.now()));
    control.fault("500".parse().unwrap());
    control.clear_faults();
    assert_eq!(users(&clerk, "sk_test_other"), Some(200));
    assert_eq!(clerk.control_of("sk_test_other").requests().len(), 1);
    assert_eq!(control.requests().len(), 2);
    control.reset();
    assert!(control.requests().is_empty() && control.events().is_empty());
    assert!(control.inbox().is_empty());
}
