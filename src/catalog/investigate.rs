//! A user with all that support asks for, from several of Clerk's resources.

mod find;
mod sessions;
mod size;
mod unusual;
mod view;
mod wire;

use clerk_api::{Decoded, Page, Request, Route};
use futures::{FutureExt, future::try_join3};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

pub(crate) use self::find::only_user;
use self::{
    sessions::Sessions,
    view::{OVERVIEW, Overview, Parts, Shown},
    wire::{Membership, User},
};
use super::{On, Toolset};
use crate::{
    Ctx, Error,
    text::clean_bytes,
    tool::{
        Effect, Exec, Output, ResultKind, Tool,
        kind::Kind,
        param::{Relation, Rule, email, id},
        values::typed,
    },
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "overview",
    about: "A user's whole picture in one call",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 1] = [Tool::new(
    "clerk_investigate_user",
    "Investigate user",
    "Sum up one user in a single call: how they sign in, organizations, live sessions, and what is \
     unusual. Lists are cut to {total, shown}, metadata to its keys: clerk_get_user and \
     clerk_list_sessions have the rest.",
    Effect::Read,
    Exec::Composite { run: |arguments, ctx| investigate(arguments, ctx).boxed(), rest: None },
)
.takes(&[&[
    id("user_id", &[Kind::User], Relation::Target).about("The user's ID or email address."),
    email("email_address", Relation::Target)
        .about("An address of the user, such as ada@example.com, in place of userId."),
]])
.rules(&[Rule::One(&["user_id", "email_address"])])
.returns(&OVERVIEW)
.result(ResultKind::Report, &crate::tool::TOTAL)];

const USER: Route = Route::get("/users/{user_id}");
const MEMBERSHIPS: Route = Route::get("/users/{user_id}/organization_memberships");
/// How many organizations are shown at most.
const ORGANIZATIONS: u64 = 5;
/// How many bytes a note has at most.
const NOTE: usize = 160;

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InvestigateUser {
    user_id: Option<String>,
    email_address: Option<String>,
}

/// The user must be there. What else can't be had is left out, and a note says why.
async fn investigate(arguments: Map<String, Value>, clerk: Ctx) -> Result<Output, Error> {
    let wanted: InvestigateUser = typed(arguments)?;
    let known = match (&wanted.user_id, &wanted.email_address) {
        (None, Some(email)) => Some(only_user::<User>(&clerk, email).await?),
        _ => None,
    };
    let id = match &known {
        Some(known) => json!(known.value.id),
        None => json!(wanted.user_id),
    };
    let user = async {
        match known {
            Some(known) => Ok(known),
            None => read(&clerk, Request::new(USER, &json!({ "user_id": id }))?).await,
        }
    };
    let (user, organizations, sessions) =
        try_join3(user, organizations(&clerk, &id).map(Ok), Sessions::read(&clerk, &id).map(Ok))
            .await?;
    let Decoded { value: user, mut notes } = user;
    let organizations = part(&clerk, "organizations", organizations, &mut notes);
    let sessions = part(&clerk, "sessions", sessions, &mut notes);
    let now = jiff::Timestamp::now().as_millisecond();
    let notes = notes.iter().map(|note| clean_bytes(note, NOTE)).collect();
    let parts = Parts { user, organizations, sessions, now, notes };
    Output::composed(&TOOLS[0], &Overview::of(&parts), parts.notes)
}

async fn read<T: DeserializeOwned + Send + 'static>(
    clerk: &Ctx,
    request: Request,
) -> Result<Decoded<T>, Error> {
    Ok(clerk.redacted(clerk.send(request).await?).await?.read().await?)
}

async fn organizations(clerk: &Ctx, id: &Value) -> Result<Decoded<Shown<Membership>>, Error> {
    let fields = json!({ "user_id": id, "limit": ORGANIZATIONS });
    let response = clerk.send(Request::new(MEMBERSHIPS, &fields)?).await?;
    let page: Decoded<Page<Membership>> = clerk.redacted(response).await?.page().await?;
    let total = page.value.total(ORGANIZATIONS, 0);
    let mut answer = page.map(|page| Shown { total, shown: page.rows });
    if total.is_none() {
        answer.notes.push("How many organizations there are, Clerk did not tell.".to_owned());
    }
    Ok(answer)
}

/// A part of the overview, or a note on why it is not there.
fn part<T>(
    clerk: &Ctx,
    name: &str,
    answer: Result<Decoded<T>, Error>,
    notes: &mut Vec<String>,
) -> Option<T> {
    match answer {
        Ok(answer) => {
            notes.extend(answer.notes);
            Some(answer.value)
        }
        Err(error) => {
            let error = clerk.redact(&error.to_string());
            notes.push(format!("Without {name}: {}.", error.trim_end_matches('.')));
            None
        }
    }
}
