//! Connections: the proxy, the certificates, Clerk's API, the clock, and whether Clerk accepts each key.

use std::{env, fs, path::Path, time::SystemTime};

use clerk_api::{ClientConfig, Error as ApiError, RetryPolicy, is_loopback};
use futures::future::join_all;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::{Examination, Finding, keys::Instance, version, wire};
use crate::{
    Clerk, Error, Settings,
    call::unreached,
    clients::{CLIENTS, Client},
    text::terminal::plain,
};

/// How far the clock may be off before session tokens and webhooks fail, in s.
const CLOCK: i64 = 60;

/// What the environment says about connections.
pub(super) fn settings(examination: &mut Examination) {
    let finding = api(examination).and_then(|api| proxy(&api));
    examination.findings.extend(finding);
    certificates(examination);
}

/// Where the configuration here says that Clerk is; `None` if it has mistakes.
fn api(examination: &Examination) -> Option<Url> {
    examination.config.as_ref().map(|config| config.clerk().api.base_url)
}

fn proxy(api: &Url) -> Option<Finding> {
    const ID: &str = "network.proxy";
    let set = |names: [&'static str; 2]| {
        let value = |name| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?));
        names.into_iter().find_map(value)
    };
    let (name, value) =
        set(["HTTPS_PROXY", "https_proxy"]).or_else(|| set(["ALL_PROXY", "all_proxy"]))?;
    let host = api.host_str().unwrap_or_default();
    // A value without a scheme is an HTTP proxy's.
    let url = if value.contains("://") {
        Url::parse(&value)
    } else {
        Url::parse(&format!("http://{value}"))
    };
    let Some(url) = url.ok().filter(Url::has_host) else {
        let remedy = "write it as http://proxy.example:8080, or unset it";
        return Some(Finding::error(ID, format!("{name} isn't the URL of a proxy"), remedy));
    };
    // Without its password.
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let proxy = format!("{}{port}", url.host_str().unwrap_or_default());
    let exempt = set(["NO_PROXY", "no_proxy"]).filter(|(_, list)| is_exempt(host, list));
    let what = match exempt {
        _ if is_loopback(api) => {
            format!("{name} is {proxy}; what stays on this machine doesn't use it")
        }
        Some((list, _)) => format!("{name} is {proxy}, but {list} exempts {host}"),
        None => format!("{name} sends requests to {host} through {proxy}"),
    };
    Some(Finding::note(ID, what))
}

/// Whether a list such as `localhost, .example.com` has a host.
fn is_exempt(host: &str, list: &str) -> bool {
    let has = |entry: &str| {
        let entry = entry.trim_start_matches('.');
        entry == "*" || !entry.is_empty() && (host == entry || host.ends_with(&format!(".{entry}")))
    };
    list.split(',').map(str::trim).any(has)
}

fn certificates(examination: &mut Examination) {
    const ID: &str = "network.certificates";
    let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(file) = path("SSL_CERT_FILE") {
        let file = Path::new(&file);
        let has_any = fs::read(file)
            .map(|bytes| String::from_utf8_lossy(&bytes).contains("BEGIN CERTIFICATE"));
        let finding = match has_any {
            Ok(true) => {
                Finding::note(ID, "SSL_CERT_FILE says which certificate authorities are trusted")
            }
            Ok(false) => Finding::error(
                ID,
                "the file of SSL_CERT_FILE has no certificates",
                "let it name a PEM file with certificates, or unset it",
            ),
            Err(error) => Finding::error(
                ID,
                format!("the file of SSL_CERT_FILE can't be read: {error}"),
                "let it name a PEM file with certificates, or unset it",
            ),
        };
        examination.add(finding.in_file(file));
    }
    if let Some(folder) = path("SSL_CERT_DIR").filter(|folder| !Path::new(folder).is_dir()) {
        let what = "SSL_CERT_DIR names a folder that isn't there";
        let finding = Finding::error(ID, what, "let it name a folder of certificates, or unset it");
        examination.add(finding.in_file(Path::new(&folder)));
    }
}

/// Asks the registry, Clerk and the servers that clients name.
pub(super) async fn check(examination: &mut Examination, registry: &Url) {
    let instances = std::mem::take(&mut examination.instances);
    let addresses = std::mem::take(&mut examination.addresses);
    let is_sandboxed = examination.config.as_ref().is_some_and(crate::config::Config::uses_sandbox);
    let mut apis: Vec<Url> =
        instances.iter().map(|instance| instance.api.base_url.clone()).collect();
    if !is_sandboxed {
        apis.extend(api(examination));
    }
    apis.sort();
    apis.dedup();
    let servers = addresses.iter().map(async |(id, server)| {
        let client = client_of(id);
        let is_whole =
            |value: &str| client.is_none_or(|client| client.references(value).is_empty());
        wire::over_http(id, server, &is_whole).await
    });
    let (version, reached, accepted, servers) = tokio::join!(
        version::check(registry),
        join_all(apis.iter().map(reach)),
        join_all(instances.iter().map(accept)),
        join_all(servers)
    );
    examination.add(version);
    examination.findings.extend(reached.into_iter().flatten());
    examination.findings.extend(accepted.into_iter().flatten());
    examination.findings.extend(servers);
}

/// The client that a check is about.
fn client_of(check: &str) -> Option<&'static Client> {
    let id = check.split('.').nth(1)?;
    CLIENTS.iter().find(|client| client.id == id)
}

/// Whether an API can be reached, without a key, and what time it has.
async fn reach(api: &Url) -> Vec<Finding> {
    const ID: &str = "network.api";
    let mut url = api.clone();
    url.set_path(&format!("{}/v1/instance", api.path().trim_end_matches('/')));
    let host = api.host_str().unwrap_or_default();
    match wire::fetch(Method::GET, &url, &[], None, wire::USUAL).await {
        Ok(got) => {
            let by = if api.scheme() == "https" { " over TLS that is trusted" } else { "" };
            let reached = Finding::ok(ID, format!("{host} can be reached{by}"));
            let clock = got.header("date").and_then(|date| clock(host, date));
            std::iter::once(reached).chain(clock).collect()
        }
        Err(error) => {
            let remedy = match &error {
                ApiError::Unreachable(unreachable) => unreached(unreachable.cause).for_person(),
                _ => "try again later; if it stays so, check the network and the proxy".to_owned(),
            };
            vec![Finding::error(ID, error.to_string(), remedy)]
        }
    }
}

/// Compares the clock of this machine with the time of a response.
fn clock(host: &str, date: &str) -> Option<Finding> {
    const ID: &str = "network.clock";
    let theirs = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    let ours = jiff::Timestamp::try_from(SystemTime::now()).ok()?;
    let off = ours.as_second() - theirs.as_second();
    if off.abs() <= CLOCK {
        return Some(Finding::ok(ID, "the clock of this machine is right"));
    }
    let way = if off > 0 { "ahead of" } else { "behind" };
    let what = format!("the clock of this machine is {} s {way} that of {host}", off.abs());
    let remedy = "set the clock, by network time; session tokens and webhooks fail otherwise";
    Some(Finding::warning(ID, what, remedy))
}

/// Whether Clerk accepts a key, and of which instance it is. `None` if Clerk can't be reached, which
/// is said once.
async fn accept(instance: &Instance) -> Option<Finding> {
    let Instance { check, label, key, api } = instance;
    let api = ClientConfig {
        timeout: wire::USUAL,
        connect_timeout: wire::USUAL,
        retry: RetryPolicy::NEVER,
        ..api.clone()
    };
    let (other_secrets, upload_folder) = (Vec::new(), None);
    let settings =
        Settings { api, key: Ok(key.clone()), profile: None, other_secrets, upload_folder };
    let ctx = Clerk::new(settings).begin(None);
    let request = clerk_api::Request::new(clerk_api::Route::get("/instance"), &json!({})).ok()?;
    let id = format!("{check}.accepted");
    let response = match ctx.send(request).await {
        Ok(response) => response,
        Err(Error::Clerk { error: ApiError::Unreachable(_) | ApiError::Timeout(_), .. }) => {
            return None;
        }
        Err(Error::Clerk { error, .. }) if error.status() == Some(401) => {
            let what = format!("Clerk doesn't accept the key of {label}");
            let remedy = "create a key named clerk-mcp in the Clerk Dashboard, and put it where the old \
                          one is";
            return Some(Finding::error(&id, what, remedy));
        }
        Err(error) => {
            let what =
                format!("the key of {label} couldn't be tried: {}", ctx.redact(&error.to_string()));
            return Some(Finding::warning(&id, what, "try again later"));
        }
    };
    let read: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |field: &str| read.get(field).and_then(Value::as_str).map(plain);
    let Some(instance) = text("id") else {
        let what = format!("what responds to the key of {label} isn't Clerk's API");
        return Some(Finding::warning(&id, what, "check CLERK_API_URL and what proxies do"));
    };
    let kind = text("environment_type").map_or_else(String::new, |kind| format!("{kind} "));
    let what = format!("Clerk accepts the key of {label}: {kind}instance {instance}");
    Some(Finding::ok(&id, what))
}
