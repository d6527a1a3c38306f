//! What each page shows.

use jiff::Timestamp;
use serde_json::Value;

use super::{html::Html, session::Session};
use crate::{
    approvals::{Approval, State},
    catalog,
};

/// The page that asks to sign in.
pub(super) fn sign_in(wanted: Option<&str>) -> Html {
    let mut html = Html::new("Sign in");
    html.raw(
        "<main><h1>Approvals</h1><section><p>Sign in to see the calls that wait for a second \
              person.</p><a class=\"button\" href=\"/approvals/sign-in",
    );
    if let Some(id) = wanted {
        html.raw("?to=").text(id);
    }
    html.raw("\">Sign in</a></section></main>");
    html
}

/// A page that says what is wrong.
pub(super) fn problem(session: Option<&Session>, title: &str, text: &str) -> Html {
    let mut html = begun(session, title);
    html.raw("<h1>").text(title).raw("</h1><p class=\"problem\" role=\"alert\">").text(text);
    html.raw("</p><p><a href=\"/approvals\">All approvals</a></p></main>");
    html
}

/// The page with all calls that a person may see.
pub(super) fn list(session: &Session, listed: &[Approval]) -> Html {
    let mut html = begun(Some(session), "All");
    html.raw("<h1>Approvals</h1>");
    let is_open = |approval: &&Approval| matches!(approval.state, State::Pending | State::Approved);
    let parts = [
        ("Waiting", listed.iter().filter(is_open).collect::<Vec<_>>()),
        ("Decided and over", listed.iter().filter(|it| !is_open(it)).collect()),
    ];
    for (title, approvals) in parts {
        html.raw("<h2>").text(title).raw("</h2>");
        if approvals.is_empty() {
            html.raw("<p>None.</p>");
            continue;
        }
        html.raw("<ul class=\"calls\">");
        for approval in approvals {
            line(&mut html, approval);
        }
        html.raw("</ul>");
    }
    html.raw("</main>");
    html
}

fn line(html: &mut Html, approval: &Approval) {
    let ask = &approval.ask;
    let what = ask.question.sentences.first().map_or(ask.tool.as_str(), String::as_str);
    html.raw("<li class=\"call\"><p><a href=\"/approvals/").text(&approval.id).raw("\">");
    html.apart(what).raw("</a></p><p><span class=\"state\">").text(approval.state.word());
    html.raw("</span> asked by ").apart(&ask.asked_by.to_string()).raw(" at ");
    time(html, approval.created_at);
    html.raw("</p></li>");
}

/// The page of one call.
pub(super) fn detail(
    session: &Session,
    approval: &Approval,
    may_decide: bool,
    problem: Option<&str>,
) -> Html {
    let ask = &approval.ask;
    let title = title(&ask.tool);
    let mut html = begun(Some(session), title);
    html.raw("<p><a href=\"/approvals\">All approvals</a></p><h1>").text(title);
    html.raw(" <span class=\"state\">").text(approval.state.word()).raw("</span></h1>");
    if let Some(problem) = problem {
        html.raw("<p class=\"problem\" role=\"alert\">").text(problem).raw("</p>");
    }
    html.raw("<section><h2>What it does</h2><ul>");
    for sentence in &ask.question.sentences {
        html.raw("<li>").apart(sentence).raw("</li>");
    }
    html.raw("</ul>");
    if let Some(reason) = &ask.reason {
        html.raw("<p>Reason given: <q>").apart(reason).raw("</q></p>");
    }
    html.raw("</section>");
    changes(&mut html, approval);
    facts(&mut html, approval);
    if may_decide {
        forms(&mut html, session, &approval.id);
    } else if approval.state == State::Pending && ask.is_by(&session.person) {
        html.raw("<p>You asked for this call, so somebody else must decide.</p>");
    }
    html.raw("</main>");
    html
}

/// What people call a tool.
fn title(tool: &str) -> &str {
    let found = catalog::all().find(|(_, known)| known.name == tool);
    found.map_or(tool, |(_, known)| known.title)
}

/// Each field before and after.
fn changes(html: &mut Html, approval: &Approval) {
    let changes = &approval.ask.question.changes;
    if changes.is_empty() {
        return;
    }
    html.raw("<section><h2>What changes</h2>");
    for change in changes {
        html.raw("<h3>").apart(&change.name).raw("</h3><dl>");
        for (label, value) in [("Now", &change.before), ("Afterwards", &change.after)] {
            html.raw("<dt>").text(label).raw("</dt><dd>");
            match value {
                Some(value) => html.raw("<code>").apart(value).raw("</code>"),
                None => html.raw("nothing"),
            };
            html.raw("</dd>");
        }
        html.raw("</dl>");
    }
    html.raw("</section>");
}

fn facts(html: &mut Html, approval: &Approval) {
    let ask = &approval.ask;
    html.raw("<section><h2>The call</h2><dl><dt>Tool</dt><dd>").text(&ask.tool);
    html.raw("</dd><dt>Asked by</dt><dd>");
    html.apart(&ask.asked_by.to_string());
    if let Some(client) = &ask.client {
        html.raw(" with ").apart(client);
    }
    html.raw("</dd><dt>Asked at</dt><dd>");
    time(html, approval.created_at);
    html.raw("</dd><dt>Holds until</dt><dd>");
    time(html, approval.expires_at);
    html.raw("</dd><dt>May approve</dt><dd>").text(&ask.approvers_in_words());
    if let Some(rule) = &ask.rule {
        html.raw("</dd><dt>Rule</dt><dd>").apart(rule);
    }
    if let Some((by, at)) = &approval.decided {
        html.raw("</dd><dt>Decided by</dt><dd>").apart(&by.to_string()).raw(" at ");
        time(html, *at);
    }
    if let Some(why) = &approval.why {
        html.raw("</dd><dt>Why</dt><dd><q>").apart(why).raw("</q>");
    }
    if let Some(at) = approval.used_at {
        html.raw("</dd><dt>Used at</dt><dd>");
        time(html, at);
        let ended = match approval.outcome.as_deref() {
            Some("done") => "; it was done",
            Some(_) => "; it failed",
            None => "; whether it was done isn't known",
        };
        html.text(ended);
    }
    html.raw("</dd><dt>Arguments</dt><dd><pre>");
    let arguments = Value::Object(ask.arguments.clone());
    html.apart_and_whole(&serde_json::to_string_pretty(&arguments).unwrap_or_default());
    html.raw("</pre></dd><dt>ID</dt><dd>").text(&approval.id).raw("</dd></dl></section>");
}

fn forms(html: &mut Html, session: &Session, id: &str) {
    html.raw("<section><h2>Your decision</h2><form method=\"post\" action=\"/approvals/").text(id);
    html.raw("/approve\">");
    token(html, session);
    html.raw("<button class=\"go\">Approve</button></form>");
    html.raw("<form method=\"post\" action=\"/approvals/").text(id).raw("/reject\">");
    token(html, session);
    html.raw("<label for=\"reason\">Reason for a rejection</label><textarea id=\"reason\" ");
    html.raw("name=\"reason\" maxlength=\"500\" required></textarea>");
    html.raw("<p><button class=\"stop\">Reject</button></p></form></section>");
}

/// The beginning of a page, with who is signed in.
fn begun(session: Option<&Session>, title: &str) -> Html {
    let mut html = Html::new(title);
    html.raw("<header><a href=\"/approvals\">clerk-mcp approvals</a>");
    if let Some(session) = session {
        html.raw("<p>Signed in as ").apart(&session.person.to_string()).raw("</p>");
        html.raw("<form method=\"post\" action=\"/approvals/sign-out\">");
        token(&mut html, session);
        html.raw("<button>Sign out</button></form>");
    }
    html.raw("</header><main>");
    html
}

/// What shows that a form is of this session.
fn token(html: &mut Html, session: &Session) {
    html.raw("<input type=\"hidden\" name=\"token\" value=\"")
        .text(session.form_token())
        .raw("\">");
}

fn time(html: &mut Html, at: Timestamp) {
    html.raw("<time datetime=\"").text(&at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).raw("\">");
    html.text(&at.strftime("%Y-%m-%d %H:%M UTC").to_string()).raw("</time>");
}
