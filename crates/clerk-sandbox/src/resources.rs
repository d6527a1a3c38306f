//! The resources that are kept as records, and their operations as data.

mod accountless;
mod api_keys;
mod billing;
mod call;
mod certificates;
mod connections;
mod directories;
mod domains;
mod emails;
mod expiry;
mod image;
mod links;
mod logos;
mod logs;
mod m2m_tokens;
mod machines;
mod oauth_access_tokens;
mod oauth_applications;
mod redirect_urls;
mod role_sets;
mod saml;
mod settings;
mod sso_bypass;
mod svix;
mod templates;
mod waitlist;

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::Sandbox;
use crate::records::Kind;
use crate::reply::Reply;
use crate::state::State;
use crate::store::Store;

use call::Call;
pub(crate) use call::Machine;
pub(crate) use connections::check_sign_in as check_enterprise_sign_in;
pub(crate) use machines::holder as machine_with_key;

/// An operation: its method, its path, and what it does.
struct Route(MethodFilter, &'static str, Action);

/// What an operation does.
#[derive(Clone, Copy)]
enum Action {
    List(&'static Kind),
    Create(&'static Kind),
    Show(&'static Kind),
    Update(&'static Kind),
    Delete(&'static Kind),
    /// What takes no query.
    Do(fn(&mut Store, &mut Call) -> Reply),
    /// What reads a query.
    Find(fn(&mut Store, &mut Call) -> Reply),
}

/// The operations, by resource.
const ROUTES: &[&[Route]] = &[
    accountless::ROUTES,
    billing::ROUTES,
    connections::ROUTES,
    directories::ROUTES,
    directories::SCIM_ROUTES,
    domains::ROUTES,
    emails::ROUTES,
    links::ROUTES,
    logos::ROUTES,
    logs::ROUTES,
    machines::ROUTES,
    oauth_applications::ROUTES,
    redirect_urls::ROUTES,
    role_sets::ROUTES,
    saml::ROUTES,
    settings::ROUTES,
    sso_bypass::ROUTES,
    svix::ROUTES,
    templates::ROUTES,
    waitlist::ROUTES,
];

/// The operations that Clerk's SDKs also call without `/v1`.
const UNVERSIONED: &[&[Route]] =
    &[api_keys::ROUTES, m2m_tokens::ROUTES, oauth_access_tokens::ROUTES];

/// The routes of all operations.
pub(crate) fn routes() -> Router {
    let below = |prefix: &'static str, tables: &'static [&'static [Route]]| {
        tables.iter().copied().flatten().map(move |route| (prefix, route))
    };
    let all = below("/v1", ROUTES).chain(below("/v1", UNVERSIONED)).chain(below("", UNVERSIONED));
    all.chain(below("", &[oauth_access_tokens::OWN_ROUTES]))
        .fold(Router::new(), |router, (prefix, route)| {
            router.route(&format!("{prefix}{}", route.1), route.handler())
        })
}

impl Route {
    const fn get(path: &'static str, action: Action) -> Self {
        Self(MethodFilter::GET, path, action)
    }

    const fn post(path: &'static str, action: Action) -> Self {
        Self(MethodFilter::POST, path, action)
    }

    const fn put(path: &'static str, action: Action) -> Self {
        Self(MethodFilter::PUT, path, action)
    }

    const fn patch(path: &'static str, action: Action) -> Self {
        Self(MethodFilter::PATCH, path, action)
    }

    const fn delete(path: &'static str, action: Action) -> Self {
        Self(MethodFilter::DELETE, path, action)
    }

    fn handler(&self) -> MethodRouter {
        let action = self.2;
        on(self.0, async move |State(sandbox): State<Sandbox>, request: Request| {
            let mut call = Call::read(request).await?;
            action.run(&mut sandbox.write(), &mut call)
        })
    }
}

impl Action {
    fn run(self, store: &mut Store, call: &mut Call) -> Reply {
        if !matches!(self, Self::List(_) | Self::Find(_)) {
            call.take_query().finish()?;
        }
        match self {
            Self::List(kind) => kind.page(store, call.take_query(), |_| true),
            Self::Create(kind) => kind.create(store, call.fields()?),
            Self::Show(kind) => Ok(kind.reply(store, kind.get(store, call.id())?)),
            Self::Update(kind) => {
                kind.get(store, call.id())?;
                kind.update(store, call.id(), call.fields()?)
            }
            Self::Delete(kind) => kind.delete(store, call.id()),
            Self::Do(handler) | Self::Find(handler) => handler(store, call),
        }
    }
}
