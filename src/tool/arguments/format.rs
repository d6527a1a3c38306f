//! What a string must look like, beyond its length.

use std::borrow::Cow;

use url::Url;

use crate::tool::param::Format;

impl Format {
    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::RoleKey => text.strip_prefix("org:").is_some_and(|name| {
                let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-:".contains(&byte);
                !name.is_empty() && name.bytes().all(is_letter)
            }),
            Self::Domain => {
                let domain = text.strip_prefix('@').unwrap_or(text);
                let is_outside =
                    |letter: char| letter.is_whitespace() || "@/:%<>,".contains(letter);
                domain.contains('.') && !domain.contains(is_outside)
            }
            Self::MetadataPath => text.split_once('.').is_some_and(|(kind, path)| {
                let kind = kind.strip_suffix("Metadata").unwrap_or(kind);
                ["public", "private", "unsafe"].contains(&kind) && !path.is_empty()
            }),
            Self::NewKey(prefix) => text.strip_prefix(prefix).is_some_and(is_key_part),
            Self::PermissionKey => {
                let parts: Vec<&str> = text.split(':').collect();
                let [organization, feature, action] = parts.as_slice() else { return false };
                *organization == "org"
                    && is_key_part(feature)
                    && is_key_part(action)
                    && !feature.starts_with("sys_")
            }
            Self::AttributeKey => {
                let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
                !text.starts_with('_') && text.bytes().all(is_letter)
            }
            Self::Url => url(text).is_some(),
            Self::WebUrl => url(text).is_some_and(|url| ["http", "https"].contains(&url.scheme())),
            Self::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Currency => {
                text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
            }
            Self::Alphanumeric => text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            Self::Trimmed => text.trim() == text,
            Self::Slug => text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        }
    }

    /// What such a string is, for error messages; empty for any string.
    pub(super) fn words(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Any => "",
            Self::NewKey(prefix) => {
                return format!("{prefix} and then lowercase letters, digits and _").into();
            }
            Self::PermissionKey => {
                "org:feature:action in lowercase letters, digits and _, such as \
                 org:billing:manage; org:sys_ is reserved"
            }
            Self::AttributeKey => "letters, digits, _ and -, the first not _",
            Self::Url => {
                "a full URL such as https://app.example.com/welcome, or with an app's own scheme"
            }
            Self::WebUrl => "a full URL such as https://app.example.com/welcome",
            Self::Country => "a country code of two capital letters such as DE",
            Self::Currency => "a currency code of three letters such as USD",
            Self::Alphanumeric => "letters and digits only",
            Self::Trimmed => "text without a space at either end",
            Self::RoleKey => "the key of a role such as org:admin",
            Self::Domain => "a domain such as example.com",
            Self::MetadataPath => "a path into metadata such as public.plan",
            Self::Slug => "lowercase letters, digits and -",
        })
    }
}

/// A full URL, without what a browser would run.
fn url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_whole = !text.contains(char::is_whitespace) && !url.cannot_be_a_base();
    let is_harmless = !["javascript", "data", "vbscript", "file"].contains(&url.scheme());
    (is_whole && is_harmless).then_some(url)
}

fn is_key_part(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !text.is_empty() && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_takes_what_clerk_takes_and_nothing_else() {
        let cases: &[(Format, &[&str], &[&str])] = &[
            (
                Format::Url,
                &["https://a.example/x?y=1", "http://localhost:3000", "my-app://back", "com.x:/b"],
                &[
                    "a.example",
                    "/back",
                    "localhost:3000",
                    "https://",
                    "https://a b.example",
                    "javascript:alert(1)",
                    "javascript://a/%0aalert(1)",
                    "mailto:ada@a.example",
                    " https://a.example",
                ],
            ),
            (Format::WebUrl, &["https://a.example", "http://a.example"], &["my-app://back"]),
            (Format::Country, &["DE"], &["de", "DEU", "D1", "Germany"]),
            (Format::Currency, &["USD", "usd"], &["US", "dollar", "US1"]),
            (
                Format::NewKey("role_set:"),
                &["role_set:teams_2"],
                &["role_set:", "teams", "role_set:Teams", "role_set:a b"],
            ),
            (
                Format::PermissionKey,
                &["org:billing:manage"],
                &["org:billing", "org:sys_billing:manage", "org::manage", "org:Billing:manage"],
            ),
            (Format::AttributeKey, &["cost-center", "a_1"], &["_a", "a.b", "a b"]),
            (Format::Alphanumeric, &["noreply1"], &["no-reply", "a@b"]),
            (Format::Trimmed, &["a b"], &[" a", "a "]),
        ];
        for (format, right, wrong) in cases {
            for text in *right {
                assert!(format.holds(text), "{format:?} {text}");
            }
            for text in *wrong {
                assert!(!format.holds(text), "{format:?} {text}");
            }
        }
    }
}
