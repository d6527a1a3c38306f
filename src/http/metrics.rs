//! `/metrics`, at an address of its own: whoever may read it need not be who may use the server.

use std::io;

use axum::{
    Router,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
    routing::get,
};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use super::serve::accept;
use crate::metrics::metrics;

/// Serves the metrics for ever.
///
/// # Errors
/// Whatever the listener fails with.
pub async fn serve_metrics(listener: TcpListener) -> io::Result<()> {
    let router = Router::new().route("/metrics", get(read));
    accept(&listener, &router, &GracefulShutdown::new()).await
}

async fn read() -> Response {
    let (content_type, text) = metrics().text();
    ([(CONTENT_TYPE, content_type)], text).into_response()
}
