//! Who does something, from where: what all logs of one request have in common.

use std::future::Future;
use std::sync::Arc;

use axum::http::{HeaderMap, header};

tokio::task_local! {
    static CURRENT: Arc<Act>;
}

/// A request, as the application's logs know it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Act {
    /// 32 hexadecimal digits, which all logs of the act and its error have.
    pub(crate) trace_id: String,
    pub(crate) by: By,
    pub(crate) device: Device,
}

/// Who acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum By {
    /// A backend with the secret key of the instance.
    #[default]
    Key,
    /// The user whom it is about.
    EndUser,
}

impl By {
    /// The API that the request comes through.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Self::Key => "bapi",
            Self::EndUser => "fapi",
        }
    }
}

/// What a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Device {
    pub(crate) ip_address: String,
    pub(crate) user_agent: String,
    /// City and country.
    pub(crate) location: Option<(String, String)>,
}

impl Default for Device {
    fn default() -> Self {
        Self { ip_address: "127.0.0.1".to_owned(), user_agent: String::new(), location: None }
    }
}

/// What a user agent begins the version with, and the browser. The first that is there counts, as
/// most browsers also name those whose pages they want.
const BROWSERS: [(&str, &str); 5] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

/// What a user agent says of the device: the word, the device, whether it is a mobile one.
const DEVICES: [(&str, &str, bool); 5] = [
    ("iPhone", "iPhone", true),
    ("Android", "Android", true),
    ("Macintosh", "Macintosh", false),
    ("Windows", "Windows", false),
    ("Linux", "Linux", false),
];

impl Device {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Self { user_agent: agent.unwrap_or_default().to_owned(), ..Self::default() }
    }

    /// Name and version of the browser.
    pub(crate) fn browser(&self) -> Option<(&'static str, &str)> {
        let version = |mark: &str| {
            let (_, rest) = self.user_agent.split_once(mark)?;
            rest.split([' ', ';', ')']).next()
        };
        BROWSERS.iter().find_map(|(mark, name)| Some((*name, version(mark)?)))
    }

    /// The kind of device, and whether it is a mobile one.
    pub(crate) fn kind(&self) -> Option<(&'static str, bool)> {
        let found = DEVICES.iter().find(|(word, ..)| self.user_agent.contains(word));
        found.map(|(_, kind, is_mobile)| (*kind, *is_mobile))
    }
}

/// Runs a request as this act.
pub(crate) async fn within<F: Future>(act: Act, request: F) -> F::Output {
    CURRENT.scope(Arc::new(act), request).await
}

/// The act under way.
pub(crate) fn current() -> Arc<Act> {
    CURRENT.try_with(Arc::clone).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_agents_say_browser_and_device() {
        for (agent, browser, kind) in [
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Version/18.1 Safari/605.1.15",
                Some(("Safari", "18.1")),
                Some(("Macintosh", false)),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/142.0.0.0 Mobile Safari/537.36",
                Some(("Chrome", "142.0.0.0")),
                Some(("Android", true)),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36 Edg/142.1",
                Some(("Edge", "142.1")),
                Some(("Windows", false)),
            ),
            ("curl/8.5.0", None, None),
        ] {
            let device = Device { user_agent: agent.to_owned(), ..Device::default() };
            assert_eq!((device.browser(), device.kind()), (browser, kind), "{agent}");
        }
    }
}
