//! Reading the values of options.

use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use clerk_api::is_loopback;
use reqwest::Url;
use tracing_subscriber::filter::LevelFilter;

use super::{error::InvalidValue, rule};
use crate::{clients::Client, principal::Who, setup};

/// How the log looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    pub(super) level: LevelFilter,
    pub(super) json: bool,
}

/// A level, `json`, or both with a comma between them.
pub(super) fn log(text: &str) -> Result<Log, InvalidValue> {
    let mut log = Log { level: LevelFilter::INFO, json: false };
    for word in text.split(',').map(str::trim) {
        match word {
            "json" => log.json = true,
            level => {
                log.level = level.parse().map_err(|_| InvalidValue::Log(level.to_owned()))?;
            }
        }
    }
    Ok(log)
}

/// Whether an option without a value is on.
pub(super) fn switch(text: &str) -> Result<bool, InvalidValue> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(InvalidValue::Switch),
    }
}

/// A path, with the home folder in place of `~`.
pub(super) fn path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(rule::path)
}

/// An address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, InvalidValue> {
    text.parse().map_err(|_| InvalidValue::Address)
}

/// A part of a list, without the white space around it.
#[expect(clippy::unnecessary_wraps, reason = "clap's parsers may fail")]
pub(super) fn name(text: &str) -> Result<String, InvalidValue> {
    Ok(text.trim().to_owned())
}

/// A client, by its name for `--client`.
pub(super) fn client(text: &str) -> Result<&'static Client, InvalidValue> {
    Client::by_id(text.trim()).ok_or(InvalidValue::Client)
}

/// A description of people.
pub(super) fn who(text: &str) -> Result<Who, InvalidValue> {
    text.trim().parse().map_err(InvalidValue::Who)
}

/// A public address as clients and tokens name it: HTTPS, except on this machine. It is compared as
/// text, so it stays as it is written.
pub(super) fn public_url(text: &str) -> Result<String, InvalidValue> {
    let url = Url::parse(text).map_err(InvalidValue::Url)?;
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.has_host();
    match url.scheme() {
        "https" if is_plain => Ok(text.to_owned()),
        "http" if is_plain && is_loopback(&url) => Ok(text.to_owned()),
        "https" | "http" => Err(InvalidValue::PublicUrl),
        scheme => Err(InvalidValue::Scheme(scheme.to_owned())),
    }
}

/// The address of a collector. What it is sent isn't about people, so it may go through the network
/// unencrypted.
pub(super) fn collector_url(text: &str) -> Result<Url, InvalidValue> {
    let url = Url::parse(text).map_err(InvalidValue::Url)?;
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.scheme() {
        "http" | "https" if is_plain => Ok(url),
        "http" | "https" => Err(InvalidValue::CollectorUrl),
        scheme => Err(InvalidValue::Scheme(scheme.to_owned())),
    }
}

/// The public address of `/mcp`, in the one form that clients send it in.
pub(super) fn resource(text: &str) -> Result<String, InvalidValue> {
    let text = public_url(text)?;
    let url = Url::parse(&text).map_err(InvalidValue::Url)?;
    let usual = url.as_str().trim_end_matches('/');
    if text == usual { Ok(text) } else { Err(InvalidValue::Resource(usual.to_owned())) }
}

/// The name of a profile.
pub(super) fn profile(text: &str) -> Result<String, InvalidValue> {
    if setup::is_name(text) { Ok(text.to_owned()) } else { Err(InvalidValue::Profile) }
}

/// A whole number in `range`, such as `example`.
pub(super) fn count<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
    example: u64,
) -> impl Fn(&str) -> Result<T, InvalidValue> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        let number = number.and_then(|number: u64| T::try_from(number).ok());
        number.ok_or_else(|| InvalidValue::Count { range: range.clone(), example })
    }
}

/// A time with its zone.
pub(super) fn time(text: &str) -> Result<jiff::Timestamp, InvalidValue> {
    text.parse().map_err(|_| InvalidValue::Time)
}

/// A date such as 2026-05-12.
pub(super) fn api_version(text: &str) -> Result<String, InvalidValue> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape == "0000-00-00" { Ok(text.to_owned()) } else { Err(InvalidValue::ApiVersion) }
}

/// An address without its `/v1`, which is appended. Plain HTTP only to this machine: the network
/// could read the key.
pub(super) fn api_url(text: &str) -> Result<Url, InvalidValue> {
    let text = text.trim().trim_end_matches('/').trim_end_matches("/v1");
    let url = Url::parse(text).map_err(InvalidValue::Url)?;
    match url.scheme() {
        _ if url.query().is_some() || url.fragment().is_some() => {
            Err(InvalidValue::QueryOrFragment)
        }
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(InvalidValue::Unencrypted),
        scheme => Err(InvalidValue::Scheme(scheme.to_owned())),
    }
}

/// An address on this machine: events hold personal data.
pub(super) fn local_url(text: &str) -> Result<Url, InvalidValue> {
    let url = Url::parse(text).map_err(|_| InvalidValue::NotLocal)?;
    if matches!(url.scheme(), "http" | "https") && is_loopback(&url) {
        Ok(url)
    } else {
        Err(InvalidValue::NotLocal)
    }
}

/// An origin, written as browsers write it: without a path, and without the port that its scheme has
/// by default.
pub(super) fn origin(text: &str) -> Result<String, InvalidValue> {
    let url = Url::parse(text.trim()).map_err(|_| InvalidValue::Origin)?;
    let origin = url.as_str().trim_end_matches('/');
    let authority = origin.strip_prefix(url.scheme()).and_then(|rest| rest.strip_prefix("://"));
    let is_origin = authority.is_some_and(|authority| !authority.contains(['/', '?', '#', '@']));
    if is_origin && url.has_host() { Ok(origin.to_owned()) } else { Err(InvalidValue::Origin) }
}

/// `5` or `5/hour`.
pub(super) fn per_hour(text: &str) -> Result<u32, InvalidValue> {
    let number = text.trim().trim_end_matches("/hour").trim_end_matches("/h");
    number.parse().map_err(|_| InvalidValue::PerHour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        let cases = [
            ("https://app.example", "https://app.example"),
            (" https://App.Example:443/ ", "https://app.example"),
            ("http://10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("vscode-webview://1abc", "vscode-webview://1abc"),
        ];
        for (text, expected) in cases {
            assert_eq!(origin(text).ok().as_deref(), Some(expected), "{text}");
        }
        for bad in [
            "",
            "*",
            "null",
            "app.example",
            "https://",
            "https://app.example/a",
            "https://a@b.example",
            "https://b.example?a",
            "mailto:a@b.example",
        ] {
            assert!(matches!(origin(bad), Err(InvalidValue::Origin)), "{bad}");
        }
    }

    #[test]
    fn the_key_goes_unencrypted_to_this_machine_only() {
        for good in [
            "https://api.clerk.com",
            "https://x.example/v1/",
            "http://127.0.0.1:4000",
            "http://localhost",
            "http://[::1]:1",
        ] {
            assert!(api_url(good).is_ok(), "{good}");
        }
        assert_eq!(api_url("https://x.example/v1/").unwrap().as_str(), "https://x.example/");
        assert!(matches!(api_url("http://api.clerk.com"), Err(InvalidValue::Unencrypted)));
        assert!(matches!(api_url("http://127.0.0.1.example"), Err(InvalidValue::Unencrypted)));
        assert!(matches!(api_url("ftp://x"), Err(InvalidValue::Scheme(_))));
        assert!(matches!(api_url("https://x?a=b"), Err(InvalidValue::QueryOrFragment)));
        for bad in ["api.clerk.com", ""] {
            assert!(matches!(api_url(bad), Err(InvalidValue::Url(_))), "{bad}");
        }
    }
}
