//! Images of users, organizations and OAuth applications: uploads.
//! <https://clerk.com/docs/reference/backend-api/tag/organizations>

use clerk_api::{FilePart, Route};
use futures::FutureExt;
use serde_json::{Map, Value};

use super::{
    On, Toolset,
    oauth_applications::fields::OAUTH_APPLICATION,
    objects::{CHANGED_USER, ORGANIZATION},
    params::{ORGANIZATION_ID, USER_ID},
};
use crate::{
    Ctx, Error,
    tool::{
        ArgumentError, Effect, Flag, Output, Tool,
        kind::Kind,
        param::{Param, Relation, Rule, id, text},
        rest::{Rest, object, rest},
        undo::Undo,
    },
    upload,
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "images",
    about: "Upload profile images and logos",
    find: "clerk_list_users",
    on: On::Chosen,
    tools: &TOOLS,
};

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_set_user_profile_image",
        "Set user profile image",
        USER_IMAGE,
        "Set a user's profile image from a PNG, JPEG, GIF or WebP file.",
    )
    .effect(Effect::Update)
    .takes(&[&[USER_ID], FILE])
    .rules(ONE_FILE)
    .returns(&CHANGED_USER)
    .undo(Undo::Never(
        "The old image is gone. Upload it again, or remove the new one with \
         clerk_delete_user_profile_image.",
    ))
    .verify_with("clerk_get_user")
    .composite(|arguments, ctx| send(0, USER_IMAGE, arguments, ctx).boxed()),
    rest(
        "clerk_upload_organization_logo",
        "Upload organization logo",
        ORGANIZATION_LOGO,
        "Upload an organization's logo from a PNG, JPEG, GIF or WebP file.",
    )
    .takes(&[&[ORGANIZATION_ID, UPLOADER], FILE])
    .rules(ONE_FILE)
    .returns(&ORGANIZATION)
    .undo(Undo::Never(
        "The old logo is gone. Upload it again, or remove the new one with \
         clerk_delete_organization_logo.",
    ))
    .verify_with("clerk_get_organization")
    .composite(|arguments, ctx| send(1, ORGANIZATION_LOGO, arguments, ctx).boxed()),
    rest(
        "clerk_upload_oauth_application_logo",
        "Upload OAuth application logo",
        APPLICATION_LOGO,
        "Upload an OAuth application's logo, which its consent screen shows, from a PNG, JPEG, GIF \
         or WebP file.",
    )
    .takes(&[
        &[
            id("oauth_application_id", &[Kind::OAuthApplication], Relation::Target)
                .path()
                .about("The ID of the OAuth application that gets the logo."),
            UPLOADER,
        ],
        FILE,
    ])
    .rules(ONE_FILE)
    .returns(&OAUTH_APPLICATION)
    .undo(Undo::Never("The old logo is gone. Upload it again."))
    .verify_with("clerk_get_oauth_application")
    .composite(|arguments, ctx| send(2, APPLICATION_LOGO, arguments, ctx).boxed())
    .flags(&[Flag::InstanceWide]),
];

const USER_IMAGE: Route = Route::post("/users/{user_id}/profile_image");
const ORGANIZATION_LOGO: Route = Route::put("/organizations/{organization_id}/logo");
const APPLICATION_LOGO: Route = Route::put("/oauth_applications/{oauth_application_id}/logo");

const UPLOADER: Param = id("uploader_user_id", &[Kind::User], Relation::Credit)
    .about("The ID or email address of the user who is credited with the upload.");
const FILE_PATH: Param = text("file_path")
    .local()
    .about("The image's path below the folder of --upload-folder, such as logos/acme.png.");
const FILE_BASE64: Param = text("file_base64").local().secret().about(
    "The image in Base64, such as data:image/png;base64,iVBORw0KGgo= and at most 10 MB; \
            instead of filePath.",
);
const FILE: &[Param] = &[FILE_PATH, FILE_BASE64];
const ONE_FILE: &[Rule] = &[Rule::One(&["file_path", "file_base64"])];

/// Sends the file with the request's other fields.
async fn send(
    tool: usize,
    route: Route,
    arguments: Map<String, Value>,
    ctx: Ctx,
) -> Result<Output, Error> {
    let tool = TOOLS.get(tool).ok_or(Error::Internal("there is no such upload"))?;
    let request = Rest::of(route).request(tool, &arguments)?;
    let response = ctx.send(request.with_file(file(&arguments, &ctx)?)).await?;
    object(tool, &response).await
}

fn file(arguments: &Map<String, Value>, ctx: &Ctx) -> Result<FilePart, Error> {
    let given = |param: &Param| arguments.get(&param.name()).and_then(Value::as_str);
    let (param, file) = match given(&FILE_PATH) {
        Some(path) => (FILE_PATH, upload::from_file(ctx.upload_folder(), path)),
        None => (FILE_BASE64, upload::from_base64(given(&FILE_BASE64).unwrap_or_default())),
    };
    file.map_err(|error| {
        Error::Arguments(vec![ArgumentError::new(param.name(), error.to_string())])
    })
}
