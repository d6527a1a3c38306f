//! HTML in which what others wrote is only ever text.

use axum::http::HeaderValue;
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::text::clean_text;

/// How many characters of one text are shown.
const LIMIT: usize = 4_000;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#16181d;--soft:#5a6270;--line:#d5d9e0;--paper:#fff;--back:#f5f6f8;--go:#1b6e3c;--on:#fff;--stop:#a3261f;--mark:#fff4d6}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaee;--soft:#a3abb8;--line:#3a404b;--paper:#1c1f25;--back:#121419;--go:#3fa468;--on:#06130b;--stop:#e0665e;--mark:#3d3416}}\
*{box-sizing:border-box}\
body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}\
header,main{max-width:46rem;margin:0 auto;padding:1rem}\
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}\
header p{margin:0;color:var(--soft);overflow-wrap:anywhere}\
header a{font-weight:600}\
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}\
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}h3{font-size:1rem;margin:1rem 0 .25rem;overflow-wrap:anywhere}\
section,li.call{background:var(--paper);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1rem}\
section>h2:first-child{margin-top:0}section>:last-child,section form:last-child>:last-child{margin-bottom:0}\
ul.calls{list-style:none;margin:0;padding:0}\
li,dd,p,pre{overflow-wrap:anywhere}li.call p{margin:.25rem 0}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}\
dt{color:var(--soft)}dd{margin:0}\
@media(max-width:30rem){dl{display:block}dd{margin:0 0 .5rem}}\
code,pre{font-family:ui-monospace,monospace;font-size:.9em}\
pre{white-space:pre-wrap;margin:0}\
a{color:inherit}\
.state{border:1px solid var(--line);border-radius:1rem;padding:.1rem .6rem;font-size:.9rem}\
.problem{background:var(--mark);border-radius:.5rem;padding:.75rem 1rem}\
label{display:block;font-weight:600;margin:0 0 .25rem}\
textarea{width:100%;min-height:5rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--soft);border-radius:.4rem;padding:.5rem}\
button,a.button{display:inline-block;font:inherit;font-weight:600;cursor:pointer;border-radius:.4rem;padding:.6rem 1.2rem;border:1px solid var(--soft);background:var(--paper);color:inherit;text-decoration:none}\
button.go{background:var(--go);border-color:var(--go);color:var(--on)}\
button.stop{border-color:var(--stop);color:var(--stop)}\
form{margin:0 0 1rem}header form{margin:0}header button{padding:.25rem .75rem;font-weight:400}\
:focus-visible{outline:3px solid #3b82f6;outline-offset:2px}\
";

/// A page that is being written. Its own parts are known when the program is built, and everything
/// else is text.
pub(super) struct Html(String);

impl Html {
    /// A page with this title.
    pub(super) fn new(title: &str) -> Self {
        let mut html = Self(String::new());
        html.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
            .text(title)
            .raw(" · Approvals</title><style>")
            .raw(STYLE)
            .raw("</style></head><body>");
        html
    }

    /// A part of the page.
    pub(super) fn raw(&mut self, part: &'static str) -> &mut Self {
        self.0.push_str(part);
        self
    }

    /// A text, in an element or in the quotation marks of an attribute. Hidden characters get visible.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.escaped(&clean_text(text, LIMIT))
    }

    /// A text of others that is shown whole, however long: nobody approves what they weren't shown.
    pub(super) fn apart_and_whole(&mut self, text: &str) -> &mut Self {
        self.raw("<bdi>").escaped(&clean_text(text, usize::MAX)).raw("</bdi>")
    }

    fn escaped(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// A text of others, which can't change the direction of what stands beside it.
    pub(super) fn apart(&mut self, text: &str) -> &mut Self {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// The whole page.
    pub(super) fn whole(&self) -> String {
        format!("{}</body></html>", self.0)
    }
}

/// What a browser may load and do on the page: the one style, and forms to the server itself.
pub(super) fn content_security_policy() -> Option<HeaderValue> {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    HeaderValue::try_from(format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_only_text() {
        let mut html = Html::new("t");
        let before = html.0.len();
        html.text("<script>alert('x')</script> \"&amp;\u{202e}\u{0}");
        let written = html.0[before..].to_owned();
        assert_eq!(
            written,
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;&amp;amp;⟦U+202E +1⟧"
        );
        let long = "<".repeat(LIMIT * 2);
        html.text(&long);
        assert!(html.whole().ends_with("more characters⟧</body></html>"));
        html.apart_and_whole(&long);
        assert!(
            html.whole().ends_with(&format!("{}</bdi></body></html>", "&lt;".repeat(LIMIT * 2)))
        );
    }
}
