//! MCP: the server as its clients see it, in every protocol revision. rmcp is named nowhere else.

mod caller;
mod completion;
mod elicitation;
mod handler;
mod lists;
mod prompts;
mod resources;
mod subscriptions;
pub mod transport;

use std::sync::{Arc, OnceLock};

use rmcp::model::{Tool as ListedTool, ToolAnnotations};
use serde_json::{Value, json};

use self::caller::Session;
use self::lists::Lists;
use self::subscriptions::Subscriptions;
use crate::{
    Server,
    principal::Principal,
    tool::{CallMeta, Effect, Tool},
};

/// The server for MCP clients: one per process, cheap to clone for each connection.
#[derive(Clone)]
pub struct McpServer {
    inner: Arc<Inner>,
}

struct Inner {
    server: Server,
    /// The definitions of the tools that are on, made when first listed.
    tools: OnceLock<Vec<ListedTool>>,
    subscriptions: Subscriptions,
    /// Whether the policy may be replaced, and clients are notified of it.
    is_reloadable: bool,
    lists: Lists,
}

impl McpServer {
    /// Serves this server's tools.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self::with(server, false)
    }

    /// The same, whose policy may be replaced while it serves: clients learn that their lists may
    /// change.
    #[must_use]
    pub fn reloadable(server: Server) -> Self {
        Self::with(server, true)
    }

    fn with(server: Server, is_reloadable: bool) -> Self {
        let (subscriptions, lists) = (Subscriptions::default(), Lists::default());
        let inner = Inner { server, tools: OnceLock::new(), subscriptions, is_reloadable, lists };
        Self { inner: Arc::new(inner) }
    }

    /// The server behind it.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.inner.server
    }

    /// The tools that are on, in the catalog's order. They follow from the configuration alone.
    #[must_use]
    pub fn tools(&self) -> &[ListedTool] {
        let Inner { server, tools, .. } = &*self.inner;
        let meta = server.call_meta();
        tools.get_or_init(|| server.tools().map(|(_, tool)| listed(tool, meta)).collect())
    }

    /// Those of them that the policy may allow to somebody.
    #[must_use]
    pub fn tools_for(&self, principal: &Principal) -> Vec<ListedTool> {
        let server = self.server();
        if !server.has_policy() {
            return self.tools().to_vec();
        }
        let offered: Vec<&str> = server.tools_for(principal).map(|(_, tool)| tool.name).collect();
        self.tools().iter().filter(|tool| offered.contains(&&*tool.name)).cloned().collect()
    }
}

/// A tool's definition, as clients list it.
#[must_use]
pub fn listed(tool: &'static Tool, meta: CallMeta) -> ListedTool {
    ListedTool::new(tool.name, tool.about, Arc::new(tool.input_schema(meta)))
        .with_title(tool.title)
        .with_raw_output_schema(Arc::new(tool.output_schema(meta)))
        .with_annotations(annotations(tool.effect, meta.export && tool.exports()))
}

/// What a model sees of a tool: its name, its description and its input schema. Clients keep the rest
/// to themselves.
#[must_use]
pub fn seen(tool: &ListedTool) -> Value {
    json!({
        "name": tool.name,
        "description": tool.description,
        "inputSchema": *tool.input_schema,
    })
}

/// About how many tokens a tool costs a model that sees it.
#[must_use]
pub fn tokens(tool: &ListedTool) -> usize {
    crate::tokens::of(&seen(tool))
}

/// The hints for clients; that Clerk is an open world is what they take for granted. "Destructive"
/// is, as MCP defines it, all that isn't purely additive:
/// <https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations>
///
/// A read that can write a file isn't read-only, though it is so at Clerk: what a client lets run
/// unasked must leave nothing on the disk.
fn annotations(effect: Effect, exports: bool) -> ToolAnnotations {
    ToolAnnotations::new()
        .read_only(effect.is_read() && !exports)
        .destructive(matches!(effect, Effect::Update | Effect::Destroy))
        .idempotent(!matches!(effect, Effect::Create) && !exports)
}
