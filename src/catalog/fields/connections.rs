//! Fields that several kinds of single sign-on have.

use crate::tool::field::{Fields, boolean, code, text, time};

/// Which login_hint the identity provider is sent.
pub(crate) static LOGIN_HINT: Fields = Fields::open(&[&[code("mode"), code("source")]]);

/// A certificate of an identity provider.
pub(crate) static IDP_CERTIFICATE: Fields = Fields::open(&[&[
    code("certificate").about("Base64 of its DER form, without the lines around it."),
    time("issued_at"),
    time("expires_at"),
]]);

/// An attribute that is taken over from the identity provider.
pub(crate) static CUSTOM_ATTRIBUTE: Fields = Fields::open(&[&[
    text("name").concise(),
    code("key"),
    code("sso_path"),
    code("scim_path"),
    code("directory_path"),
    boolean("multi_valued").about("Whether it can have several values."),
]]);
