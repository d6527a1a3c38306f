//! Images of users, organizations and OAuth applications: uploads.
//! <https://clerk.com/docs/reference/backend-api/tag/organizations>

use clerk_api::{Decoded, Request, Route};
use rmcp::model::JsonObject;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::{
    Error, Fault,
    ctx::Ctx,
    operation::{Effect, Entry, Id, Operation, Rule, camel, entry},
    upload,
};

pub(super) static OPERATIONS: [Entry; 3] = [
    entry::<SetUserProfileImage>(),
    entry::<UploadOrganizationLogo>(),
    entry::<UploadOauthApplicationLogo>(),
];

const FILE: &[Rule] = &[Rule::One(&["filePath", "fileBase64"])];

/// Clerk's object, given on as it is.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(transparent)]
struct Whole(#[schemars(with = "Nothing")] Value);

#[derive(JsonSchema)]
struct Nothing {}

/// Set a user's profile image from a PNG, JPEG, GIF or WebP file.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct SetUserProfileImage {
    user_id: Id,
    /// Below the folder of --upload-folder.
    #[serde(skip_serializing)]
    file_path: Option<String>,
    /// At most 10 MB.
    #[serde(skip_serializing)]
    #[schemars(extend("writeOnly" = true))]
    file_base64: Option<String>,
}

impl Operation for SetUserProfileImage {
    const NAME: &'static str = "clerk_set_user_profile_image";
    const TITLE: &'static str = "Set user profile image";
    const ROUTE: Route = Route::post("/users/{user_id}/profile_image");
    const EFFECT: Effect = Effect::Update;
    const RULES: &'static [Rule] = FILE;
    const LOOK: &'static str = "clerk_get_user";
    type Output = Whole;

    async fn call(self, clerk: Ctx) -> Result<Decoded<Whole>, Error> {
        let request = Request::new(Self::ROUTE, &self)?;
        send(request, self.file_path, self.file_base64, &clerk).await
    }
}

/// Upload an organization's logo from a PNG, JPEG, GIF or WebP file.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct UploadOrganizationLogo {
    organization_id: Id,
    /// Who is credited with it.
    uploader_user_id: Option<Id>,
    /// Below the folder of --upload-folder.
    #[serde(skip_serializing)]
    file_path: Option<String>,
    /// At most 10 MB.
    #[serde(skip_serializing)]
    #[schemars(extend("writeOnly" = true))]
    file_base64: Option<String>,
}

impl Operation for UploadOrganizationLogo {
    const NAME: &'static str = "clerk_upload_organization_logo";
    const TITLE: &'static str = "Upload organization logo";
    const ROUTE: Route = Route::put("/organizations/{organization_id}/logo");
    const RULES: &'static [Rule] = FILE;
    const LOOK: &'static str = "clerk_get_organization";
    type Output = Whole;

    async fn call(self, clerk: Ctx) -> Result<Decoded<Whole>, Error> {
        let request = Request::new(Self::ROUTE, &self)?;
        send(request, self.file_path, self.file_base64, &clerk).await
    }
}

/// Upload an OAuth application's logo, which its consent screen shows, from a PNG, JPEG, GIF or WebP
/// file.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct UploadOauthApplicationLogo {
    oauth_application_id: Id,
    /// Who is credited with it.
    uploader_user_id: Option<Id>,
    /// Below the folder of --upload-folder.
    #[serde(skip_serializing)]
    file_path: Option<String>,
    /// At most 10 MB.
    #[serde(skip_serializing)]
    #[schemars(extend("writeOnly" = true))]
    file_base64: Option<String>,
}

impl Operation for UploadOauthApplicationLogo {
    const NAME: &'static str = "clerk_upload_oauth_application_logo";
    const TITLE: &'static str = "Upload OAuth application logo";
    const ROUTE: Route = Route::put("/oauth_applications/{oauth_application_id}/logo");
    const RULES: &'static [Rule] = FILE;
    const LOOK: &'static str = "clerk_get_oauth_application";
    type Output = Whole;

    async fn call(self, clerk: Ctx) -> Result<Decoded<Whole>, Error> {
        let request = Request::new(Self::ROUTE, &self)?;
        send(request, self.file_path, self.file_base64, &clerk).await
    }
}

/// Sends the file with the request's fields.
async fn send(
    request: Request,
    path: Option<String>,
    base64: Option<String>,
    clerk: &Ctx,
) -> Result<Decoded<Whole>, Error> {
    let (argument, upload) = match (path, base64) {
        (Some(path), _) => ("filePath", upload::from_file(clerk.upload_folder(), &path)),
        (None, base64) => ("fileBase64", upload::from_base64(&base64.unwrap_or_default())),
    };
    let upload = upload.map_err(|error| {
        Error::Arguments(vec![Fault { argument: argument.to_owned(), problem: error.to_string() }])
    })?;
    let response = clerk.send(request.with_file(upload)).await?;
    Ok(response.read::<JsonObject>()?.map(|it| Whole(camel(it.into()))))
}
