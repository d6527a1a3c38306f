//! The options of `clerk-mcp http`.

use std::net::SocketAddr;

use clap::Args;

use secrecy::SecretString;

use super::{
    ConfigError,
    given::Given,
    oauth::OAuthOptions,
    profile::Profile,
    rule::Flaw,
    secret::{CLIENT, Found, TOKEN},
    values,
};
use crate::{
    current::Current,
    http::{Access, Limits},
};

/// The shortest token that is taken, in bytes: a shorter one could be guessed.
const SHORTEST_TOKEN: usize = 16;

/// The options of `clerk-mcp http`.
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTP")]
pub struct HttpOptions {
    /// IP address and port to listen on
    #[arg(long, value_name = "ADDRESS", env = "CLERK_MCP_LISTEN", default_value = "127.0.0.1:7331", value_parser = values::address)]
    pub listen: SocketAddr,
    /// Host names to accept besides this machine's, comma-separated
    #[arg(long, value_name = "HOSTS", env = "CLERK_MCP_ALLOW_HOST", value_delimiter = ',', value_parser = values::name)]
    allow_host: Vec<String>,
    /// Browser origins to accept besides this machine's, comma-separated
    #[arg(long, value_name = "ORIGINS", env = "CLERK_MCP_ALLOW_ORIGIN", value_delimiter = ',', value_parser = values::origin)]
    allow_origin: Vec<String>,
    /// Use the Clerk key in a request's X-Clerk-Secret-Key header
    #[arg(long, env = "CLERK_MCP_KEY_FROM_HEADER", value_parser = values::switch)]
    key_from_header: bool,
    /// Receive webhooks at a separate address and port
    #[arg(long, value_name = "ADDRESS", env = "CLERK_MCP_WEBHOOKS_LISTEN", value_parser = values::address)]
    pub webhooks_listen: Option<SocketAddr>,
    /// Serve metrics for Prometheus at this address and port
    #[arg(long, value_name = "ADDRESS", env = "CLERK_MCP_METRICS_ADDRESS", value_parser = values::address)]
    pub metrics_address: Option<SocketAddr>,
    /// Limit of open sessions of older clients
    #[arg(long, value_name = "N", env = "CLERK_MCP_MAX_SESSIONS", default_value_t = Limits::default().sessions, value_parser = values::count::<usize>(0..=u64::MAX, 1000))]
    max_sessions: usize,
    /// Limit of requests in progress
    #[arg(long, value_name = "N", env = "CLERK_MCP_MAX_REQUESTS", default_value_t = Limits::default().requests, value_parser = values::count::<usize>(0..=u64::MAX, 256))]
    max_requests: usize,
    #[command(flatten)]
    oauth: OAuthOptions,
}

impl HttpOptions {
    /// The access control, with this bearer token, and this secret of the OAuth client.
    ///
    /// # Errors
    /// The address needs a token or sign-in, or the options of sign-in don't go together.
    pub(super) fn access(
        &self,
        token: Option<SecretString>,
        client_secret: Option<SecretString>,
        given: &Given,
    ) -> Result<Access, ConfigError> {
        let oauth = self.oauth.read(client_secret, given)?;
        if oauth.is_some() && token.is_some() {
            return Err(OAuthOptions::conflict(given, "CLERK_MCP_HTTP_TOKEN"));
        }
        if oauth.is_some() && self.key_from_header {
            return Err(OAuthOptions::conflict(given, &given.name("key_from_header")));
        }
        let access = Access {
            hosts: self.allow_host.clone(),
            origins: self.allow_origin.clone(),
            token: token.map(Current::from),
            oauth,
            key_from_header: self.key_from_header,
        };
        access
            .check(self.listen)
            .map_err(|source| ConfigError::TokenRequired { name: given.name("listen"), source })?;
        Ok(access)
    }

    /// The limits on sessions and requests.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { sessions: self.max_sessions, requests: self.max_requests }
    }
}

/// The bearer token that requests must have, if one is set.
///
/// # Errors
/// It can't be read, is empty or too short.
pub(super) fn token(profile: Option<&Profile>) -> Result<Option<SecretString>, ConfigError> {
    let Some(Found { text, name }) = TOKEN.read(profile)? else { return Ok(None) };
    // A header can't hold it.
    if text.contains(char::is_whitespace) {
        return Err(ConfigError::Value { name, flaw: Flaw::Space });
    }
    if text.len() < SHORTEST_TOKEN {
        return Err(ConfigError::ShortToken { name, least: SHORTEST_TOKEN });
    }
    Ok(Some(text.into()))
}

/// The secret of this server as an OAuth client, if one is set.
///
/// # Errors
/// It can't be read.
pub(super) fn client_secret(
    profile: Option<&Profile>,
) -> Result<Option<SecretString>, ConfigError> {
    Ok(CLIENT.read(profile)?.map(|found| found.text.into()))
}
