//! Serves clerk-mcp's own routes on a free port, with the conformance suite's fixtures laid over the
//! handler and the sandbox behind it.

use std::{error::Error, io::Write};

use clerk_api::{ClientConfig, SecretKey};
use clerk_mcp::{
    Clerk, McpServer, Server, ServerOptions, Settings,
    ctx::{NoKey, USER_AGENT},
    guard::Guard,
    http::{self, Access, Limits},
    mcp::transport,
};
use clerk_sandbox::Sandbox;
use conformance::Conformance;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let upstream = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", upstream.local_addr()?);
    let sandbox = Sandbox::new(clerk_sandbox::Options::default());
    tokio::spawn(
        async move { clerk_sandbox::serve(upstream, &sandbox, std::future::pending()).await },
    );
    let settings = Settings {
        api: ClientConfig::new(url.parse()?, USER_AGENT),
        key: SecretKey::parse(clerk_sandbox::KEY).map_err(|_| NoKey),
        profile: None,
        other_secrets: Vec::new(),
        upload_folder: None,
    };
    let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
    let handler = Conformance::new(McpServer::new(server.clone()))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address} (streamable HTTP at /mcp)")?;
    let limits = Limits::default();
    let stopped = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    let routes = |closed| transport::routes(handler, None, limits, closed);
    http::serve(routes, &server, listener, Access::default(), limits, None, stopped).await?;
    Ok(())
}
