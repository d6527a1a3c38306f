//! What a trace says of a request to Clerk.
//! <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span>

use clerk_api::{ClientConfig, Error, Request, Response};

use super::{Attribute, Ended, Kind};

impl Ended {
    /// The end of a request: its route, never its path, which has IDs in it.
    pub(crate) fn of_request(
        request: &Request,
        config: &ClientConfig,
        outcome: &Result<Response, Error>,
    ) -> Self {
        let (method, path) = (request.route().method.as_str(), request.route().path);
        let host = config.base_url.host_str().unwrap_or_default();
        let mut attributes: Vec<Attribute> = vec![
            ("http.request.method", method.into()),
            ("server.address", host.into()),
            ("url.template", path.into()),
        ];
        let (status, error) = match outcome {
            Ok(response) => (Some(response.status), None),
            Err(error) => match error.status() {
                Some(status) => (Some(status), Some(status.to_string())),
                None => (None, Some(error.kind().to_owned())),
            },
        };
        attributes.extend(status.map(|status| ("http.response.status_code", status.into())));
        Self { name: format!("{method} {path}"), kind: Kind::Client, attributes, error }
    }
}
