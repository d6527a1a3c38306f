//! Whether there is a newer version.

use reqwest::{Method, Url};
use serde_json::Value;

use super::{Finding, VERSION, wire};

const ID: &str = "version";

/// Asks the registry. Nothing is sent but the request itself. What can't be found out is a note.
pub(super) async fn check(registry: &Url) -> Finding {
    let unknown = |why: String| {
        Finding::note(
            ID,
            format!("this is clerk-mcp {VERSION}; the newest version isn't known: {why}"),
        )
    };
    let got = match wire::fetch(Method::GET, registry, &[], None, wire::SHORT).await {
        Ok(got) => got,
        Err(error) => return unknown(wire::why(&error)),
    };
    if got.status != 200 {
        return unknown(format!("the registry responds with {}", got.status));
    }
    let newest = serde_json::from_str::<Value>(&got.body).ok();
    let newest = newest.as_ref().and_then(|read| read.get("version")?.as_str());
    let Some(newest) = newest.filter(|text| numbers(text).is_some()) else {
        return unknown("the registry's response has none".to_owned());
    };
    if numbers(newest) > numbers(VERSION) {
        let what = format!("this is clerk-mcp {VERSION}, and there is {newest}");
        return Finding::warning(ID, what, "install it: docs/install.md says how");
    }
    Finding::ok(ID, format!("this is clerk-mcp {VERSION}, the newest version"))
}

/// The numbers of a version that isn't a preview.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(numbers("0.10.0") > numbers("0.9.9"));
        assert!(numbers("1.0.0") > numbers(VERSION));
        for odd in ["1.0", "1.0.0.0", "1.0.0-rc.1", "x", ""] {
            assert_eq!(numbers(odd), None, "{odd}");
        }
    }
}
