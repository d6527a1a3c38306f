//! The page on which a second person approves calls: HTML by the server, without script.
//!
//! Every request is checked anew: the session, whether the person is let in, and which calls they may see
//! and decide on. A form is taken only from the page itself: by its token, and by its `Origin`.

mod html;
mod session;
mod view;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, ORIGIN,
            REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use url::form_urlencoded;

use self::{
    html::Html,
    session::{Cookies, Session, Sessions},
};
use super::{
    body,
    oauth::{Attempt, OAuth, OAuthClient, SignInError, random},
};
use crate::{
    Server,
    approvals::{ApprovalsError, DecideError, Decision, State as ApprovalState},
    guard::seal,
};

/// Where the page is.
pub const PATH: &str = "/approvals";
const SIGN_IN: &str = "/approvals/sign-in";
const CALLBACK: &str = "/approvals/callback";
const SIGN_OUT: &str = "/approvals/sign-out";

/// The largest form, in bytes, and how long it may take.
const FORM_LIMIT: usize = 16 << 10;
const FORM_TIME: Duration = Duration::from_secs(10);
/// How long a person may take to sign in.
const SIGN_IN_TIME: Duration = Duration::from_mins(10);
/// How many requests to the issuer and to Clerk the page has under way at most.
const AT_ONCE: usize = 8;
/// How many characters a reason for a rejection may have.
const REASON: usize = 500;

/// What every request of the page needs.
struct Pages {
    server: Server,
    oauth: OAuth,
    client: OAuthClient,
    sessions: Sessions,
    cookies: Cookies,
    /// Seals the attempts to sign in, which their browser keeps.
    secret: String,
    policy: HeaderValue,
    busy: Semaphore,
}

type Shared = State<Arc<Pages>>;

/// An attempt to sign in, and what was to be seen.
#[derive(Serialize, Deserialize)]
struct Pending {
    attempt: Attempt,
    wanted: Option<String>,
}

#[derive(Deserialize)]
struct Wanted {
    to: Option<String>,
}

#[derive(Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// The routes of the page, if there are approvals and the server is a client of the issuer.
pub(super) fn routes(server: &Server, oauth: &OAuth) -> Option<Router> {
    let client = oauth.client()?.clone();
    server.approvals()?;
    let pages = Pages {
        server: server.clone(),
        oauth: oauth.clone(),
        client,
        sessions: Sessions::default(),
        cookies: Cookies { are_secure: oauth.origin().starts_with("https:") },
        secret: random()?,
        policy: html::content_security_policy()?,
        busy: Semaphore::new(AT_ONCE),
    };
    let routes = Router::new()
        .route(PATH, get(list))
        .route(SIGN_IN, get(sign_in))
        .route(CALLBACK, get(callback))
        .route(SIGN_OUT, post(sign_out))
        .route("/approvals/{id}", get(show))
        .route("/approvals/{id}/approve", post(approve))
        .route("/approvals/{id}/reject", post(reject));
    Some(routes.with_state(Arc::new(pages)))
}

async fn list(State(pages): Shared, headers: HeaderMap) -> Response {
    let Some(session) = pages.session(&headers) else { return pages.ask_to_sign_in(None) };
    if !pages.oauth.lets_in(&session.person) {
        return pages.not_let_in(&session);
    }
    match pages.server.approvals_for(&session.person).await {
        Ok(listed) => pages.page(StatusCode::OK, &view::list(&session, &listed)),
        Err(error) => pages.unusable(&session, &error),
    }
}

async fn show(State(pages): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(session) = pages.session(&headers) else { return pages.ask_to_sign_in(Some(&id)) };
    pages.shown(&session, &id, StatusCode::OK, None).await
}

async fn sign_in(State(pages): Shared, Query(Wanted { to }): Query<Wanted>) -> Response {
    let Ok(_place) = pages.busy.acquire().await else { return pages.stopped() };
    let Some(attempt) = Attempt::new() else { return pages.stopped() };
    let scopes = pages.server.approver_scopes();
    let back_to = pages.back_to();
    let url = pages.oauth.sign_in_url(&pages.client, &attempt, &back_to, &scopes).await;
    let url = match url {
        Ok(url) => url,
        Err(error) => return pages.not_signed_in(&error),
    };
    let pending = Pending { attempt, wanted: to.filter(|id| is_id(id)) };
    let sealed = seal::seal(pages.secret.as_bytes(), b"sign-in", pending, SIGN_IN_TIME);
    let Some(sealed) = sealed else { return pages.stopped() };
    let cookie = pages.cookies.sign_in(&sealed, SIGN_IN_TIME);
    pages.redirect(url.as_str(), &[cookie])
}

async fn callback(
    State(pages): Shared,
    Query(Callback { code, state, error }): Query<Callback>,
    headers: HeaderMap,
) -> Response {
    let sealed = pages.cookies.read_sign_in(&headers);
    let pending = sealed
        .and_then(|token| seal::open::<Pending>(pages.secret.as_bytes(), b"sign-in", &token).ok());
    // Who began in another browser isn't who comes back in this one.
    let pending = pending.filter(|pending| Some(&pending.attempt.state) == state.as_ref());
    let (Some(Pending { attempt, wanted }), Some(code)) = (pending, code) else {
        let reason = match error {
            // Anybody can make a link with a text in it.
            Some(error) if is_id(&error) => SignInError::Refused(error),
            Some(_) => SignInError::Refused("for an unknown reason".to_owned()),
            None => SignInError::Invalid(
                "the sign-in was begun in another browser, or took longer than ten minutes"
                    .to_owned(),
            ),
        };
        return pages.not_signed_in(&reason);
    };
    let Ok(_place) = pages.busy.acquire().await else { return pages.stopped() };
    let signed_in = pages.oauth.signed_in(&pages.client, &attempt, &code, &pages.back_to()).await;
    let person = match signed_in {
        Ok(person) => person,
        Err(error) => {
            tracing::info!(%error, "a sign-in to the page of approvals failed");
            return pages.not_signed_in(&error);
        }
    };
    let Some(session) = Session::new(person) else { return pages.stopped() };
    if !pages.oauth.lets_in(&session.person) {
        tracing::info!(principal = %session.person, "someone who isn't allowed was refused");
        return pages.not_let_in(&session);
    }
    let Some(id) = pages.sessions.open(session) else { return pages.stopped() };
    let cookies = [pages.cookies.session(&id), pages.cookies.sign_in("", Duration::ZERO)];
    let to = wanted.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}/{id}"));
    pages.redirect(&to, &cookies)
}

async fn sign_out(State(pages): Shared, request: Request) -> Response {
    match pages.form(request).await {
        Ok((session, _)) => {
            pages.sessions.close(&session);
            pages.redirect(PATH, &[pages.cookies.no_session()])
        }
        Err(refused) => *refused,
    }
}

async fn approve(State(pages): Shared, Path(id): Path<String>, request: Request) -> Response {
    match pages.form(request).await {
        Ok((session, _)) => pages.decide(&session, &id, Decision::Approve).await,
        Err(refused) => *refused,
    }
}

async fn reject(State(pages): Shared, Path(id): Path<String>, request: Request) -> Response {
    let (session, fields) = match pages.form(request).await {
        Ok(form) => form,
        Err(refused) => return *refused,
    };
    let reason = field(&fields, "reason").trim();
    if reason.is_empty() || reason.chars().count() > REASON {
        let problem = "Say why you reject it, in at most 500 characters.";
        return pages.shown(&session, &id, StatusCode::BAD_REQUEST, Some(problem)).await;
    }
    pages.decide(&session, &id, Decision::Reject(reason.to_owned())).await
}

impl Pages {
    fn session(&self, headers: &HeaderMap) -> Option<Session> {
        self.sessions.get(&self.cookies.read_session(headers)?)
    }

    /// Where the issuer sends the browser back to.
    fn back_to(&self) -> String {
        format!("{}{CALLBACK}", self.oauth.origin())
    }

    /// The session and the fields of a form that the page itself sent.
    async fn form(
        &self,
        request: Request,
    ) -> Result<(Session, Vec<(String, String)>), Box<Response>> {
        let refuse = |problem| {
            Box::new(self.page(StatusCode::FORBIDDEN, &view::problem(None, "Not done", problem)))
        };
        let (parts, body) = request.into_parts();
        // All browsers send it with a form. Another page on this machine is another origin.
        let mut origins = parts.headers.get_all(ORIGIN).iter();
        let origin = origins.next().and_then(|origin| origin.to_str().ok());
        if origin != Some(self.oauth.origin()) || origins.next().is_some() {
            return Err(refuse("The form was sent by another page."));
        }
        let Some(session) = self.session(&parts.headers) else {
            return Err(Box::new(self.ask_to_sign_in(None)));
        };
        let read = body::read(body, FORM_LIMIT, FORM_TIME).await;
        let Ok(bytes) = read else { return Err(refuse("The form can't be read.")) };
        let fields: Vec<(String, String)> = form_urlencoded::parse(&bytes).into_owned().collect();
        if !session.has_form_token(field(&fields, "token")) {
            return Err(refuse("The form is out of date. Open the page again."));
        }
        Ok((session, fields))
    }

    /// One call, with a problem above it.
    async fn shown(
        &self,
        session: &Session,
        id: &str,
        status: StatusCode,
        problem: Option<&str>,
    ) -> Response {
        if !self.oauth.lets_in(&session.person) {
            return self.not_let_in(session);
        }
        match self.server.approval_for(id, &session.person).await {
            Ok(Some(approval)) => {
                let may_decide = approval.state == ApprovalState::Pending
                    && self.server.may_decide(&approval, &session.person);
                self.page(status, &view::detail(session, &approval, may_decide, problem))
            }
            Ok(None) => self.unknown(session),
            Err(error) => self.unusable(session, &error),
        }
    }

    async fn decide(&self, session: &Session, id: &str, decision: Decision) -> Response {
        if !self.oauth.lets_in(&session.person) {
            return self.not_let_in(session);
        }
        let Ok(_place) = self.busy.acquire().await else { return self.stopped() };
        match self.server.decide(id, &session.person, decision).await {
            Ok(approval) => {
                tracing::info!(id, state = approval.state.word(), who = %session.person, "decided");
                self.redirect(&format!("{PATH}/{}", approval.id), &[])
            }
            Err(DecideError::Unknown(_)) => self.unknown(session),
            Err(DecideError::NotPending { state, .. }) => {
                let problem = format!("Nothing was done: it is {} already.", state.word());
                self.shown(session, id, StatusCode::CONFLICT, Some(&problem)).await
            }
            Err(DecideError::Own(_)) => {
                let problem = "You asked for this call, so somebody else must decide.";
                self.shown(session, id, StatusCode::FORBIDDEN, Some(problem)).await
            }
            Err(DecideError::NotAllowed(_)) => {
                let problem = "You may not decide on this call.";
                self.shown(session, id, StatusCode::FORBIDDEN, Some(problem)).await
            }
            Err(error) => {
                tracing::error!(%error, "a decision can't be kept");
                let problem = "Nothing was done: the decision can't be kept. Tell the operator.";
                self.shown(session, id, StatusCode::SERVICE_UNAVAILABLE, Some(problem)).await
            }
        }
    }

    fn ask_to_sign_in(&self, wanted: Option<&str>) -> Response {
        let wanted = wanted.filter(|id| is_id(id));
        self.page(StatusCode::UNAUTHORIZED, &view::sign_in(wanted))
    }

    fn not_let_in(&self, session: &Session) -> Response {
        let text = "You are signed in, but not allowed to use this server. Ask its operator.";
        self.page(StatusCode::FORBIDDEN, &view::problem(Some(session), "Not allowed", text))
    }

    fn unknown(&self, session: &Session) -> Response {
        let text = "There is no such approval, or you may not see it.";
        self.page(StatusCode::NOT_FOUND, &view::problem(Some(session), "Not found", text))
    }

    fn unusable(&self, session: &Session, error: &ApprovalsError) -> Response {
        tracing::error!(%error, "the approvals can't be read");
        let text = "The approvals can't be read. Tell the operator.";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        self.page(status, &view::problem(Some(session), "Not available", text))
    }

    fn not_signed_in(&self, error: &SignInError) -> Response {
        let status = match error {
            SignInError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::FORBIDDEN,
        };
        let text = format!("You are not signed in: {error}.");
        self.page(status, &view::problem(None, "Not signed in", &text))
    }

    fn stopped(&self) -> Response {
        let text = "The server can't do this now. Try again.";
        self.page(StatusCode::SERVICE_UNAVAILABLE, &view::problem(None, "Not available", text))
    }

    /// A page with the headers that every page has.
    fn page(&self, status: StatusCode, html: &Html) -> Response {
        let mut response = self.respond(status, Body::from(html.whole()));
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, html);
        response
    }

    /// Sends the browser on, with these cookies.
    fn redirect(&self, to: &str, cookies: &[String]) -> Response {
        let Ok(location) = HeaderValue::try_from(to) else { return self.stopped() };
        let mut response = self.respond(StatusCode::SEE_OTHER, Body::empty());
        response.headers_mut().insert(LOCATION, location);
        for cookie in cookies {
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
        }
        response
    }

    fn respond(&self, status: StatusCode, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        let fixed: [(HeaderName, &str); 3] = [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // With `no-referrer` browsers would send `Origin: null` with our own forms.
            (REFERRER_POLICY, "same-origin"),
            (CACHE_CONTROL, "no-store"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// Whether a text has the form of an approval's ID, so that it can stand in a URL.
fn is_id(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
