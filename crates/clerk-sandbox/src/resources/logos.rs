//! The logos of organizations.

use serde_json::json;

use super::Action::Do;
use super::{Call, Route, image};
use crate::model::OrganizationReply;
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::put("/organizations/{organization_id}/logo", Do(set)),
    Route::delete("/organizations/{organization_id}/logo", Do(remove)),
];

/// `PUT /organizations/{organization_id}/logo`
fn set(store: &mut Store, call: &mut Call) -> Reply {
    store.organization_with_id(call.id())?;
    let url = image::upload(store, call, &["uploader_user_id"])?;
    let now = store.now();
    let organization = store.organization_mut(call.id())?;
    organization.image_url.clone_from(&url);
    organization.has_image = true;
    organization.updated_at = now;
    let mut body = json!(OrganizationReply::from(&*organization));
    if let Some(body) = body.as_object_mut() {
        body.insert("logo_url".to_owned(), json!(url));
    }
    Ok(reply::json(&body))
}

/// `DELETE /organizations/{organization_id}/logo`
fn remove(store: &mut Store, call: &mut Call) -> Reply {
    let now = store.now();
    let organization = store.organization_mut(call.id())?;
    organization.image_url = crate::model::Organization::image_url_of(call.id());
    organization.has_image = false;
    organization.updated_at = now;
    Ok(reply::json(&OrganizationReply::from(&*organization)))
}
