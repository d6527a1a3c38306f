//! Fields that several kinds of single sign-on have.

use crate::tool::field::{Fields, boolean, code, text};

/// Which login_hint the identity provider is sent.
pub(crate) static LOGIN_HINT: Fields = Fields::open(&[&[code("mode"), code("source")]]);

/// An attribute that is taken over from the identity provider.
pub(crate) static CUSTOM_ATTRIBUTE: Fields = Fields::open(&[&[
    text("name").concise(),
    code("key"),
    code("sso_path"),
    code("scim_path"),
    code("directory_path"),
    boolean("multi_valued").about("Whether it can have several values."),
]]);
