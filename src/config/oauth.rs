//! The options of sign-in over HTTP.

use clap::Args;
use secrecy::SecretString;

use super::{ConfigError, error::OAuthFlaw, given::Given, values};
use crate::{
    http::{OAuth, OAuthClient, OAuthSettings},
    principal::Who,
};

/// The options of sign-in over HTTP.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub(super) struct OAuthOptions {
    /// Let people sign in at this issuer, such as https://clerk.example.com
    #[arg(long, value_name = "URL", env = "CLERK_MCP_OAUTH_ISSUER", value_parser = values::public_url)]
    oauth_issuer: Option<String>,
    /// URL that clients use, such as https://mcp.example.com/mcp
    #[arg(long, value_name = "URL", env = "CLERK_MCP_RESOURCE", value_parser = values::resource)]
    resource: Option<String>,
    /// Who may use the server, such as org:org_1+role:support
    #[arg(long, value_name = "WHO", env = "CLERK_MCP_OAUTH_ALLOW", value_delimiter = ',', value_parser = values::who)]
    oauth_allow: Vec<Who>,
    /// DANGEROUS: accept tokens without aud, whichever server they are for
    #[arg(long, env = "CLERK_MCP_OAUTH_ANY_AUDIENCE", value_parser = values::switch)]
    oauth_any_audience: bool,
    /// OAuth client ID of this server, for --approvals and introspection
    #[arg(long, value_name = "ID", env = "CLERK_MCP_OAUTH_CLIENT_ID", value_parser = values::name)]
    oauth_client_id: Option<String>,
    /// Accept opaque access tokens too, and ask the issuer about each
    #[arg(long, env = "CLERK_MCP_OAUTH_INTROSPECTION", value_parser = values::switch)]
    oauth_introspection: bool,
}

impl OAuthOptions {
    /// What checks access tokens, if people sign in.
    ///
    /// # Errors
    /// The options don't go together.
    pub(super) fn read(
        &self,
        secret: Option<SecretString>,
        given: &Given,
    ) -> Result<Option<OAuth>, ConfigError> {
        let flawed = |option, flaw| Err(ConfigError::OAuth { name: given.name(option), flaw });
        let Some(issuer) = self.oauth_issuer.clone() else {
            let others = [
                "resource",
                "oauth_allow",
                "oauth_any_audience",
                "oauth_client_id",
                "oauth_introspection",
            ];
            let other = others.into_iter().find(|other| given.has(other));
            return other.map_or(Ok(None), |other| flawed(other, OAuthFlaw::NoIssuer));
        };
        let Some(resource) = self.resource.clone() else {
            return flawed("oauth_issuer", OAuthFlaw::NoResource);
        };
        if self.oauth_allow.is_empty() {
            return flawed("oauth_issuer", OAuthFlaw::NobodyAllowed);
        }
        let (allow, any_audience) = (self.oauth_allow.clone(), self.oauth_any_audience);
        let introspection = self.oauth_introspection;
        if introspection && self.oauth_client_id.is_none() {
            return flawed("oauth_introspection", OAuthFlaw::NoClient);
        }
        if introspection && secret.is_none() {
            return flawed("oauth_introspection", OAuthFlaw::NoClientSecret);
        }
        if self.oauth_client_id.is_some() && !introspection && !given.has("approvals") {
            return flawed("oauth_client_id", OAuthFlaw::NoUseOfClient);
        }
        let client = self.oauth_client_id.clone().map(|id| OAuthClient { id, secret });
        let settings =
            OAuthSettings { issuer, resource, allow, any_audience, client, introspection };
        OAuth::new(settings)
            .map(Some)
            .or_else(|error| flawed("oauth_issuer", OAuthFlaw::Url(error)))
    }

    /// Another option or variable says who gets in, too.
    pub(super) fn conflict(given: &Given, other: &str) -> ConfigError {
        let (name, flaw) = (given.name("oauth_issuer"), OAuthFlaw::Conflict(other.to_owned()));
        ConfigError::OAuth { name, flaw }
    }
}
