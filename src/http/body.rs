//! Reading a request's body within bounds of size and time.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::Refused;

/// The whole body, of at most `limit` bytes, if it arrives within `time`.
///
/// # Errors
/// The refusal to answer with.
pub(super) async fn read(body: Body, limit: usize, time: Duration) -> Result<Bytes, Refused> {
    match tokio::time::timeout(time, Limited::new(body, limit).collect()).await {
        Err(_) => Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let message = format!("the body is larger than {} MiB", limit >> 20);
            Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, message))
        }
        Ok(Err(_)) => Err(Refused::new(StatusCode::BAD_REQUEST, "the body broke off")),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}
