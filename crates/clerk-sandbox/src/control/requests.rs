//! `/sandbox/requests`: the log of the requests to Clerk's API.

use crate::Sandbox;
use crate::query::{NoQuery, Query};
use crate::reply::{self, Paginated, Reply};
use crate::requests::Logged;
use crate::state::State;

/// `GET /sandbox/requests`, the oldest first.
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let method = query.text("method").map(|method| method.to_uppercase());
    let path = query.text("path");
    let status = query.integer("status", &(100..=599));
    let after = query.integer("after", &(0..=usize::MAX)).unwrap_or_default();
    query.finish()?;
    let passes = |logged: &Logged| {
        method.as_ref().is_none_or(|method| *method == logged.method)
            && path.as_ref().is_none_or(|path| is_at(&logged.path, path))
            && status.is_none_or(|status| logged.status.map(usize::from) == Some(status))
            && usize::try_from(logged.id).is_ok_and(|id| id > after)
    };
    let mut data = sandbox.requests().all();
    data.retain(passes);
    let total_count = data.len();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `DELETE /sandbox/requests` empties the log.
pub(crate) async fn clear(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    sandbox.requests().clear();
    Ok(reply::json(&Paginated::<Logged> { data: Vec::new(), total_count: 0 }))
}

/// Whether a path is the wanted one; `*` stands for one part of it, and at the end for all the rest.
fn is_at(path: &str, wanted: &str) -> bool {
    let (mut parts, mut wanted) = (path.split('/'), wanted.split('/').peekable());
    loop {
        match (parts.next(), wanted.next()) {
            (Some(_), Some("*")) if wanted.peek().is_none() => return true,
            (Some(part), Some(wanted)) if wanted == "*" || wanted == part => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_a_part_of_a_path_or_for_the_rest() {
        for (path, wanted, is) in [
            ("/v1/users", "/v1/users", true),
            ("/v1/users", "/v1/user", false),
            ("/v1/users/1", "/v1/users", false),
            ("/v1/users/1", "/v1/users/*", true),
            ("/v1/users", "/v1/users/*", false),
            ("/v1/users/1/ban", "/v1/users/*", true),
            ("/v1/users/1/ban", "/v1/users/*/ban", true),
            ("/v1/users/1/unban", "/v1/users/*/ban", false),
        ] {
            assert_eq!(is_at(path, wanted), is, "{path} {wanted}");
        }
    }
}
