//! `/users/{user_id}/oauth_access_tokens/{provider}`: made up, since no user signed in there.

use serde_json::json;

use crate::Sandbox;
use crate::model::ExternalAccount;
use crate::query::{Query, TwoIds};
use crate::reply::{self, Reply};
use crate::state::State;

/// `GET /users/{user_id}/oauth_access_tokens/{provider}`; the provider with or without `oauth_`.
pub(crate) async fn list(
    State(sandbox): State<Sandbox>,
    TwoIds(user_id, provider): TwoIds,
    mut query: Query,
) -> Reply {
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let bare = |name: &str| name.trim_start_matches("oauth_").to_owned();
    let accounts = store.user(&user_id)?.external_accounts.iter();
    let found = accounts.filter(|account| bare(account.provider) == bare(&provider));
    let list = page.newest_first(found, |account| account.created_at);
    let token = |account: &ExternalAccount| {
        json!({
            "object": "oauth_access_token",
            "external_account_id": account.id,
            "provider_user_id": account.provider_user_id,
            "token": format!("sandbox_oauth_token_{}", account.id),
            "expires_at": null,
            "provider": format!("oauth_{}", bare(account.provider)),
            "public_metadata": account.public_metadata,
            "label": null,
            "scopes": account.approved_scopes.split(' ').collect::<Vec<_>>(),
        })
    };
    Ok(reply::list(&list.map(token), is_paginated))
}
