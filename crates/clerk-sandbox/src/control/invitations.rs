//! `/sandbox/organization_invitations`: an invited person joins.

use crate::Sandbox;
use crate::body::OptionalFields;
use crate::model::Identifier;
use crate::query::{Id, NoQuery};
use crate::reply::{self, Reply};
use crate::state::State;

use super::sign_ups::{Invited, sign_up};

/// `POST /sandbox/organization_invitations/{id}/accept`: the user with the invited address joins.
/// Without such a user it is a sign-up, which takes the fields of one.
pub(crate) async fn accept(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(fields): OptionalFields,
) -> Reply {
    let invited = {
        let store = sandbox.read();
        let address = &store.organization_invitation(&id)?.email_address;
        let user = store.user_with(&[Identifier::EmailAddress], address);
        user.map(|user| user.id.clone())
    };
    let Some(user_id) = invited else {
        return sign_up(&sandbox, fields, Some(&Invited::ToOrganization(id)));
    };
    fields.finish()?;
    let mut store = sandbox.write();
    store.accept_organization_invitation(&id, &user_id)?;
    Ok(reply::json(store.organization_invitation(&id)?))
}
