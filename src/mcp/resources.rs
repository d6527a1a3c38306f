//! Resources: Clerk's objects by URI, and what this server is. Each is what a tool answers, so
//! that all that holds for the tool holds for the resource.
//! <https://modelcontextprotocol.io/specification/2026-07-28/server/resources>

use std::fmt::Write;

use clerk_api::Id;
use rmcp::{
    ErrorData,
    model::{JsonObject, ResourceContents},
};
use serde_json::{Value, json};

use super::{McpServer, completion::Wanted};
use crate::{Caller, Outcome, events::Types, principal::Principal, text::clean_text};

/// The guide to the tools, which no tool answers.
const TOOLS: &str = "clerk://tools";
/// What happened, which can be subscribed to.
const EVENTS: &str = "clerk://events";
/// The tool that answers it.
pub(super) const LIST: &str = "clerk_list_events";
const JSON: &str = "application/json";
const MARKDOWN: &str = "text/markdown";
/// How many characters of an unknown URI are repeated.
const URI: usize = 200;

/// Codes of failures that another request would not have.
const INVALID: [&str; 3] = ["invalid_arguments", "tool_off", "policy_denied"];

/// A kind of object that can be read by its ID.
struct Template {
    /// The URI before the ID.
    prefix: &'static str,
    /// And after it.
    suffix: &'static str,
    name: &'static str,
    title: &'static str,
    about: &'static str,
    tool: &'static str,
    argument: &'static str,
    completes: Option<Wanted>,
}

impl Template {
    fn uri(&self) -> String {
        let variable = if self.argument == "type" { "type" } else { "id" };
        format!("{}{{{variable}}}{}", self.prefix, self.suffix)
    }
}

const TEMPLATES: &[Template] = &[
    Template {
        prefix: "clerk://user/",
        suffix: "",
        name: "user",
        title: "User",
        about: "A user by ID, as clerk_get_user answers",
        tool: "clerk_get_user",
        argument: "userId",
        completes: Some(Wanted::UserId),
    },
    Template {
        prefix: "clerk://user/",
        suffix: "/timeline",
        name: "user-timeline",
        title: "Timeline of a user",
        about: "What happened to a user by ID, newest first, as clerk_case_timeline answers",
        tool: "clerk_case_timeline",
        argument: "userId",
        completes: Some(Wanted::UserId),
    },
    Template {
        prefix: "clerk://organization/",
        suffix: "",
        name: "organization",
        title: "Organization",
        about: "An organization by ID or slug, as clerk_get_organization answers",
        tool: "clerk_get_organization",
        argument: "organizationId",
        completes: Some(Wanted::OrganizationId),
    },
    Template {
        prefix: "clerk://session/",
        suffix: "",
        name: "session",
        title: "Session",
        about: "A session by ID, as clerk_get_session answers",
        tool: "clerk_get_session",
        argument: "sessionId",
        completes: None,
    },
    Template {
        prefix: "clerk://events/",
        suffix: "",
        name: "events-of-type",
        title: "Events of a type",
        about: "The latest events of a type, such as user.created or session.*, as \
                clerk_list_events answers; can be subscribed to",
        tool: LIST,
        argument: "type",
        completes: Some(Wanted::EventType),
    },
];

/// A resource that there is one of.
struct Fixed {
    uri: &'static str,
    name: &'static str,
    title: &'static str,
    about: &'static str,
    mime_type: &'static str,
    /// The tool that answers it; "" where none does.
    tool: &'static str,
}

const FIXED: &[Fixed] = &[
    Fixed {
        uri: "clerk://instance",
        name: "instance",
        title: "Clerk instance",
        about: "Which Clerk instance this is and what the server may do, as clerk_whoami answers",
        mime_type: JSON,
        tool: "clerk_whoami",
    },
    Fixed {
        uri: EVENTS,
        name: "events",
        title: "Events",
        about: "The latest events, as clerk_list_events answers; can be subscribed to",
        mime_type: JSON,
        tool: LIST,
    },
    Fixed {
        uri: TOOLS,
        name: "tools",
        title: "Tool guide",
        about: "The tools that are on, by toolset, with what each does",
        mime_type: MARKDOWN,
        tool: "",
    },
];

/// What the variable of a template can be completed from.
///
/// # Errors
/// The template does not exist.
pub(super) fn completes(template: &str) -> Result<Option<Wanted>, ErrorData> {
    let is_named = |known: &&Template| template == known.uri();
    TEMPLATES.iter().find(is_named).map(|found| found.completes).ok_or_else(|| unknown(template))
}

/// How long a client may keep what it read, given how long it may keep a list.
pub(super) fn ttl_ms(uri: &str, of_lists: u64) -> u64 {
    if uri == TOOLS { of_lists } else { 0 }
}

impl McpServer {
    /// The resources there is one of, if somebody may use their tools.
    pub(super) fn resources(&self, principal: &Principal) -> Vec<rmcp::model::Resource> {
        let on = FIXED
            .iter()
            .filter(|fixed| fixed.tool.is_empty() || self.server().has_for(fixed.tool, principal));
        let definition = |fixed: &Fixed| {
            rmcp::model::Resource::new(fixed.uri, fixed.name)
                .with_title(fixed.title)
                .with_description(fixed.about)
                .with_mime_type(fixed.mime_type)
        };
        on.map(definition).collect()
    }

    /// The kinds of objects whose tools somebody may use.
    pub(super) fn resource_templates(
        &self,
        principal: &Principal,
    ) -> Vec<rmcp::model::ResourceTemplate> {
        let on =
            TEMPLATES.iter().filter(|template| self.server().has_for(template.tool, principal));
        let definition = |template: &Template| {
            rmcp::model::ResourceTemplate::new(template.uri(), template.name)
                .with_title(template.title)
                .with_description(template.about)
                .with_mime_type(JSON)
        };
        on.map(definition).collect()
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// There is none of this URI, or what its tool complains of.
    pub(super) async fn read(
        &self,
        uri: &str,
        caller: Caller,
    ) -> Result<ResourceContents, ErrorData> {
        if uri == TOOLS {
            return Ok(
                ResourceContents::text(self.guide(&caller.principal), uri).with_mime_type(MARKDOWN)
            );
        }
        let (tool, arguments) = call_for(uri).ok_or_else(|| unknown(uri))?;
        let outcome = self.server().call(tool, arguments, caller).await;
        match outcome.map_err(|error| ErrorData::internal_error(error.to_string(), None))? {
            Outcome::Done(result) => {
                Ok(ResourceContents::text(result.to_string(), uri).with_mime_type(JSON))
            }
            Outcome::Failed(report) => Err(failure(&report, uri)),
            Outcome::NeedsApproval { .. } => {
                Err(ErrorData::internal_error("a read can't ask for anything", None))
            }
        }
    }

    /// The tools that somebody may use, as Markdown.
    fn guide(&self, principal: &Principal) -> String {
        let mut guide = "# Tools of clerk-mcp\n".to_owned();
        let mut of = "";
        for (toolset, tool) in self.server().tools_for(principal) {
            if of != toolset.name {
                of = toolset.name;
                let _infallible = write!(guide, "\n## {of}: {}\n\n", toolset.about);
            }
            let first = tool.about.split_once(". ").map_or(tool.about, |(first, _)| first);
            let first = first.trim_end_matches('.');
            let _infallible = writeln!(guide, "- `{}` ({}): {first}.", tool.name, tool.effect);
        }
        guide
    }
}

/// The call whose answer is the resource.
fn call_for(uri: &str) -> Option<(&'static str, JsonObject)> {
    if let Some(fixed) = FIXED.iter().find(|fixed| fixed.uri == uri && !fixed.tool.is_empty()) {
        return Some((fixed.tool, JsonObject::new()));
    }
    TEMPLATES.iter().find_map(|template| {
        let text = uri.strip_prefix(template.prefix)?.strip_suffix(template.suffix)?;
        let value = match template.argument {
            "type" => Types::parse([text]).ok().map(|_| json!(text)),
            _ => Id::parse(text).ok().map(|id| json!(id)),
        };
        let argument = (template.argument.to_owned(), value?);
        Some((template.tool, JsonObject::from_iter([argument])))
    })
}

/// A tool's report on a failure as a protocol error.
fn failure(report: &Value, uri: &str) -> ErrorData {
    let mut error = report.get("error").cloned().unwrap_or_default();
    let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let message = format!("{}. {}", part("message").trim_end_matches('.'), part("hint"));
    let is_missing = error.get("status") == Some(&json!(404));
    let is_invalid = INVALID.contains(&part("code"));
    let make = match (is_missing, is_invalid) {
        // rmcp makes it -32602 for the revisions that want that.
        (true, _) => ErrorData::resource_not_found,
        (_, true) => ErrorData::invalid_params,
        _ => ErrorData::internal_error,
    };
    if let Value::Object(error) = &mut error {
        error.insert("uri".to_owned(), uri.into());
    }
    make(message, Some(error))
}

/// The types of the events that a resource consists of, where it does.
pub(super) fn types(uri: &str) -> Option<Types> {
    if uri == EVENTS {
        return Some(Types::default());
    }
    Types::parse([uri.strip_prefix(EVENTS)?.strip_prefix('/')?]).ok()
}

pub(super) fn unknown(uri: &str) -> ErrorData {
    let uri = clean_text(uri, URI);
    let message = format!(
        "there is no resource `{uri}`; resources/list and resources/templates/list name them"
    );
    ErrorData::resource_not_found(message, Some(json!({ "uri": uri })))
}
