//! Users' profile images.

use crate::Sandbox;
use crate::image::Upload;
use crate::model::UserReply;
use crate::query::{Id, NoQuery};
use crate::refusal::IMAGE_NOT_FOUND;
use crate::reply::{self, ChangedUser, Reply};
use crate::state::State;

/// `POST /users/{user_id}/profile_image`
pub(crate) async fn set_image(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    _: Upload,
) -> Reply {
    change(&sandbox, id, true)
}

/// `DELETE /users/{user_id}/profile_image`
pub(crate) async fn delete_image(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    if !sandbox.read().user(&id)?.has_image {
        return Err(IMAGE_NOT_FOUND.because("Image not found").into());
    }
    change(&sandbox, id, false)
}

fn change(sandbox: &Sandbox, id: String, has_image: bool) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let user = store.user_mut(&id)?;
    user.has_image = has_image;
    user.updated_at = now;
    let mut response = reply::json(&UserReply::at(user, now));
    response.extensions_mut().insert(ChangedUser(id));
    Ok(response)
}
