//! The fixtures that the official conformance suite calls.
//!
//! `fixtures.json` holds each fixture and its result; `play.rs` plays it. The fixtures are laid over
//! the real handler, so that the suite passes what every call passes: router, middleware, transport,
//! dispatch.
//! <https://github.com/modelcontextprotocol/conformance>

#![expect(deprecated, reason = "the older revision has logging/setLevel and resources/subscribe")]

mod play;

use std::sync::Arc;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult,
        GetPromptRequestParams, GetPromptResponse, GetPromptResult, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ServerConfig,
        SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool,
        UnsubscribeRequestParams,
    },
    service::{RequestContext, SubscriptionContext},
};
use serde_json::json;

pub use play::FixturesError;
use play::{Fixture, Fixtures, Input, List, Shared, hints};

/// A handler with the suite's fixtures laid over it. Calls of other tools go to the handler beneath,
/// of which only the tools are used.
#[derive(Clone)]
pub struct Conformance<H> {
    inner: H,
    shared: Arc<Shared>,
}

impl<H> Conformance<H> {
    /// Lays the fixtures over `inner`.
    ///
    /// # Errors
    /// `fixtures.json` doesn't hold what it should.
    pub fn new(inner: H) -> Result<Self, FixturesError> {
        Ok(Self { inner, shared: Arc::new(Shared::new()?) })
    }

    fn tool(&self, name: &str) -> Option<&Fixture<Tool>> {
        self.shared.fixtures.tools.iter().find(|fixture| fixture.definition.name == name)
    }
}

impl<H: ServerHandler + Clone> ServerHandler for Conformance<H> {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.inner.get_info();
        info.capabilities = self.shared.fixtures.capabilities.clone();
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut list = self.inner.list_tools(request, context).await?;
        list.tools.extend(definitions(&self.shared.fixtures.tools));
        Ok(list)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let fixture = self.tool(name).map(|fixture| fixture.definition.clone());
        fixture.or_else(|| self.inner.get_tool(name))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = self.tool(&request.name) else {
            return self.inner.call_tool(request, context).await;
        };
        let input = Input::new(request.arguments, request.input_responses, request.request_state);
        self.shared.play::<_, CallToolResult, _>(tool, input, &context).await
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = definitions(&self.shared.fixtures.prompts);
        let mut list = ListPromptsResult::with_all_items(prompts);
        (list.ttl_ms, list.cache_scope) = hints(&context);
        Ok(list)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let mut prompts = self.shared.fixtures.prompts.iter();
        let prompt = prompts
            .find(|fixture| fixture.definition.name == request.name)
            .ok_or_else(|| ErrorData::invalid_params("no such prompt", None))?;
        let input = Input::new(request.arguments, request.input_responses, request.request_state);
        self.shared.play::<_, GetPromptResult, _>(prompt, input, &context).await
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = definitions(&self.shared.fixtures.resources);
        let mut list = ListResourcesResult::with_all_items(resources);
        (list.ttl_ms, list.cache_scope) = hints(&context);
        Ok(list)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = definitions(&self.shared.fixtures.templates);
        let mut list = ListResourceTemplatesResult::with_all_items(templates);
        (list.ttl_ms, list.cache_scope) = hints(&context);
        Ok(list)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (shared, uri) = (&self.shared, request.uri.as_str());
        let Fixtures { resources, templates, .. } = &shared.fixtures;
        let mut input = Input::new(None, request.input_responses, request.request_state);
        input.arguments.insert("uri".to_owned(), uri.into());
        if let Some(resource) = resources.iter().find(|fixture| fixture.definition.uri == uri) {
            return shared.play::<_, ReadResourceResult, _>(resource, input, &context).await;
        }
        for template in templates {
            if let Some((name, value)) = matched(&template.definition.uri_template, uri) {
                input.arguments.insert(name.to_owned(), value.into());
                return shared.play::<_, ReadResourceResult, _>(template, input, &context).await;
            }
        }
        Err(ErrorData::resource_not_found("no such resource", Some(json!({ "uri": uri }))))
    }

    async fn subscribe(
        &self,
        _: SubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // No fixture's content ever changes.
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        asked: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(asked.supported_by(&self.get_info().capabilities))
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.shared.changes.subscribe();
        loop {
            let change = tokio::select! {
                () = context.cancelled() => return Ok(()),
                change = changes.recv() => change,
            };
            // The sink refuses changes that the client didn't subscribe to.
            let _ = match change {
                Ok(List::Tools) => context.sink().notify_tool_list_changed().await,
                Ok(List::Prompts) => context.sink().notify_prompt_list_changed().await,
                Err(_) => return Ok(()),
            };
        }
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        self.inner.on_custom_request(request, context).await
    }
}

fn definitions<D: Clone>(fixtures: &[Fixture<D>]) -> Vec<D> {
    fixtures.iter().map(|fixture| fixture.definition.clone()).collect()
}

/// The name and value of a template's only variable, if `uri` matches it.
fn matched<'a>(template: &'a str, uri: &'a str) -> Option<(&'a str, &'a str)> {
    let (head, rest) = template.split_once('{')?;
    let (name, tail) = rest.split_once('}')?;
    Some((name, uri.strip_prefix(head)?.strip_suffix(tail)?))
}
