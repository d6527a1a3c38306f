//! What fails beside Clerk is named as what it is, with what to do.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Command,
    sync::Arc,
};

use rustls::{
    ServerConfig, ServerConnection, Stream,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};

use crate::support::{self, KEY, Script, Upstream};

const GET: &str = "clerk_get_user";

async fn error_of(tool: &str, script: Script) -> Value {
    let upstream = Upstream::always(script).await;
    let arguments = if tool == GET { json!({ "userId": "user_1" }) } else { json!({}) };
    support::client(&upstream.url).await.error(tool, &arguments).await
}

#[tokio::test]
async fn error_bodies_of_other_forms_are_shown() {
    let cases = [
        (json!({ "message": "no such thing" }).to_string(), "no such thing"),
        (json!({ "error": "denied", "error_description": "not yours" }).to_string(), "not yours"),
        (json!({ "title": "Denied", "detail": "not yours" }).to_string(), "Denied: not yours"),
        (json!("just a text").to_string(), "just a text"),
        ("plain text".to_owned(), "plain text"),
        ("<html><title>Blocked by Corp</title>".to_owned(), "\"Blocked by Corp\""),
        (json!({ "odd": [1, 2] }).to_string(), "{\"odd\":[1,2]}"),
        (json!({ "message": format!("bad key {KEY}") }).to_string(), "bad key [Clerk key removed]"),
        (json!({ "message": "a\u{202E}b" }).to_string(), "a⟦U+202E⟧b"),
    ];
    for (body, shown) in cases {
        let error = error_of(GET, Script::Answer(422, "", body.clone())).await;
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("the response was 422"), "{body}: {error}");
        assert!(message.contains(shown), "{body}: {error}");
    }
    let long = json!({ "message": "x".repeat(100_000) }).to_string();
    let error = error_of(GET, Script::Answer(422, "", long)).await;
    assert!(error["message"].as_str().unwrap().len() < 600, "{error}");
}

#[tokio::test]
async fn what_stands_between_is_named_as_what_it_is() {
    let html = || "<html><title>Access denied</title>".to_owned();
    let route = json!({ "message": "Not Found" }).to_string();
    let not_found = Script::refusal(404, "", "resource_not_found");
    let cases = [
        (
            GET,
            Script::Answer(301, "location: https://clerk.example/v1?a=b", String::new()),
            "a redirect to https://clerk.example/v1",
            "Redirects are not followed",
        ),
        (
            GET,
            Script::Answer(403, "", html()),
            "an HTML page, \"Access denied\"",
            "A proxy or a firewall",
        ),
        (GET, Script::Answer(401, "", html()), "an HTML page", "A proxy or a firewall"),
        (GET, Script::Answer(407, "", String::new()), "407", "HTTPS_PROXY"),
        (GET, Script::Answer(414, "", html()), "414", "too long"),
        (GET, Script::Answer(431, "", String::new()), "431", "too long"),
        (GET, Script::Answer(404, "", route.clone()), "Not Found", "Either nothing has that id"),
        ("clerk_list_users", Script::Answer(404, "", route), "Not Found", "no such route"),
        ("clerk_list_users", not_found.clone(), "Long text", "no such route. CLERK_API_URL"),
        (GET, not_found, "Long text", "Nothing in this Clerk instance has that ID."),
        (GET, Script::Answer(200, "", html()), "it is an HTML page", "Check CLERK_API_URL"),
        (GET, Script::Answer(200, "", String::new()), "it is empty", "Check CLERK_API_URL"),
    ];
    for (tool, script, message, hint) in cases {
        let error = error_of(tool, script.clone()).await;
        assert!(error["message"].as_str().unwrap().contains(message), "{script:?}: {error}");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{script:?}: {error}");
    }
}

/// What a call of the binary says of a Clerk at this address, with this in `SSL_CERT_FILE`.
fn call(url: &str, authorities: Option<&str>) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["call", GET, r#"{"userId": "user_1"}"#]);
    command.env("CLERK_SECRET_KEY", KEY).env("CLERK_API_URL", url).env("NO_PROXY", "*");
    command.env_remove("SSL_CERT_DIR").env_remove("SSL_CERT_FILE");
    command.envs(authorities.map(|file| ("SSL_CERT_FILE", file)));
    let output = command.output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer.get("error").unwrap_or(&answer).clone()
}

/// A file of tests/it/hints. Its keys open nothing.
fn pem(name: &str) -> String {
    format!("{}/tests/it/hints/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

/// A TLS server with a certificate that only `authority.pem` signed, which answers with a user.
fn of_unknown_authority() -> String {
    let pem = pem("localhost");
    let certificate = CertificateDer::from_pem_file(&pem).unwrap();
    let key = PrivateKeyDer::from_pem_file(&pem).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            // A client that doesn't trust it hangs up.
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok_and(|read| read > 0) {
                let body = r#"{"object":"user","id":"user_1"}"#;
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all((head + body).as_bytes());
                let _ = stream.flush();
            }
        }
    });
    url
}

#[test]
fn a_connection_that_fails_says_at_which_step_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let missing = dir.path().join("missing.pem");
    let (tls, authority, another) = (of_unknown_authority(), pem("authority"), pem("another"));
    let file = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let unreadable = "the certificates of the authorities that this machine trusts can't be read";
    let cases = [
        (&*tls, Some(file(&empty)), unreadable, "SSL_CERT_FILE"),
        (&*tls, Some(file(&missing)), unreadable, "SSL_CERT_FILE"),
        (&*tls, Some(another), "isn't trusted", "the certificate authority of the network's proxy"),
        (
            "http://127.0.0.1:1",
            Some(file(&empty)),
            "127.0.0.1:1 refuses connections",
            "CLERK_API_URL",
        ),
        (
            "https://nobody.invalid",
            Some(authority.clone()),
            "no host has the name nobody.invalid",
            "look up names",
        ),
    ];
    for (url, authorities, message, hint) in cases {
        let error = call(url, authorities.as_deref());
        assert_eq!(error["code"], "clerk_unreachable", "{url}: {error}");
        assert!(error["message"].as_str().unwrap().contains(message), "{url}: {error}");
        let said = error["hint"].as_str().unwrap();
        assert!(said.starts_with("Nothing was sent to Clerk. ") && said.contains(hint), "{error}");
    }
    // The authority that signed it makes it work.
    let user = call(&tls, Some(&authority));
    assert_eq!(user["id"], "user_1", "{user}");
}
