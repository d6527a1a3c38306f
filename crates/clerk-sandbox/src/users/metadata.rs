//! `/users/{user_id}/metadata`, and a user's metadata in other requests.

use crate::Sandbox;
use crate::body::Fields;
use crate::metadata::{Combine, combined, merge, replace};
use crate::model::{Metadata, User, UserReply};
use crate::query::{Id, NoQuery};
use crate::refusal::Refusal;
use crate::reply::{self, Reply};
use crate::state::State;

/// `PUT /users/{user_id}/metadata`
pub(crate) async fn replace_metadata(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    change(&sandbox, &id, fields, replace)
}

/// `PATCH /users/{user_id}/metadata`
pub(crate) async fn merge_metadata(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    change(&sandbox, &id, fields, merge)
}

/// The metadata given in a request; what is `None` stays as it is.
#[derive(Debug)]
pub(super) struct MetadataChange {
    public: Option<Metadata>,
    private: Option<Metadata>,
    unsafe_: Option<Metadata>,
}

impl MetadataChange {
    pub(super) fn read(fields: &mut Fields) -> Self {
        Self {
            public: fields.metadata("public_metadata"),
            private: fields.metadata("private_metadata"),
            unsafe_: fields.metadata("unsafe_metadata"),
        }
    }

    /// Changes all of it, or nothing if one object becomes too long.
    pub(super) fn apply(self, user: &mut User, combine: Combine) -> Result<(), Refusal> {
        let change = |name, kept: &Metadata, given: Option<Metadata>| match given {
            Some(given) => combined(name, kept, given, combine),
            None => Ok(kept.clone()),
        };
        let public = change("public_metadata", &user.public_metadata, self.public)?;
        let private = change("private_metadata", &user.private_metadata, self.private)?;
        let unsafe_ = change("unsafe_metadata", &user.unsafe_metadata, self.unsafe_)?;
        (user.public_metadata, user.private_metadata, user.unsafe_metadata) =
            (public, private, unsafe_);
        Ok(())
    }
}

fn change(sandbox: &Sandbox, id: &str, mut fields: Fields, combine: Combine) -> Reply {
    let mut store = sandbox.write();
    store.user(id)?;
    let metadata = MetadataChange::read(&mut fields);
    fields.finish()?;
    let now = store.now();
    let user = store.user_mut(id)?;
    metadata.apply(user, combine)?;
    user.updated_at = now;
    Ok(reply::json(&UserReply::at(user, now)))
}
