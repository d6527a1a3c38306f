//! What an operation is. Everything that the server knows of a tool follows from one trait, and
//! what holds for every tool is done here once.

mod arguments;
mod fields;
mod id;
mod many;
pub(crate) mod param;
mod plain;
mod schema;
mod view;
mod walk;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use clerk_api::{Decoded, Method, Request, Response, Route};
use futures::{FutureExt, future::BoxFuture};
use rmcp::{
    model::{JsonObject, Tool, ToolAnnotations},
    schemars::JsonSchema,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub(crate) use self::{
    fields::{Clearable, Date, List, Metadata},
    id::Id,
    many::{Plan, Row, Step, Table, is_dry_run},
    plain::{camel, plain},
    view::{Form, LEAST_TOKENS, View},
    walk::Walk,
};
use crate::{Error, Fault, ctx::Ctx};

/// One operation of Clerk's Backend API, offered as one MCP tool.
///
/// The implementing struct is the tool's input: its doc comment is the tool's description, its
/// fields' doc comments are the arguments' descriptions. It is read in camelCase, the names of
/// the tool, and written in snake_case, the names of Clerk: written, it *is* what is sent.
pub(crate) trait Operation:
    DeserializeOwned + Serialize + JsonSchema + Send + Sync + 'static
{
    /// The tool's name, and the name of its fixture and snapshot.
    const NAME: &'static str;
    /// The tool's name for people.
    const TITLE: &'static str;
    /// Where the request goes.
    const ROUTE: Route;
    /// What the tool does to Clerk's data; by default what its method says.
    const EFFECT: Effect = Effect::of(Self::ROUTE.method);
    /// Rules that tie arguments together.
    const RULES: &'static [Rule] = &[];
    /// Arguments that make a write one that needs the same consent as a destructive call: with a
    /// new password somebody else gets in.
    const CONSENT: &'static [&'static str] = &[];
    /// Whether the answer holds a secret that opens something: such a tool is on only where the
    /// operator names it.
    const RETURNS_SECRET: bool = false;
    /// What is special about it.
    const FLAGS: &'static [Flag] = &[];
    /// The form of the answer.
    const FORM: Form = Form::Object;
    /// The query parameter that continues a list after the row of an id, in the order of creation;
    /// "" where there is none.
    const CURSOR: &'static str = "";
    /// Whether what a destructive call does can be taken back, for the person who is to agree.
    const UNDO: &'static str = "It can't be undone.";
    /// The tool that shows whether a write took place; needed on every write.
    const LOOK: &'static str = "";
    /// What the tool answers, without the fields that all tools answer.
    type Output: DeserializeOwned + Serialize + JsonSchema + Send;

    /// Whether it answers from the events that this server keeps, and asks Clerk for nothing.
    const OF_EVENTS: bool = false;

    /// Whether it works on many objects: then it is [`Operation::plan`] that is asked, and the
    /// server does each step by the tool for one.
    const MANY: bool = false;

    /// What it would do to each of many objects. Nothing is sent to Clerk for it but reads.
    fn plan(self, _: Ctx) -> impl Future<Output = Result<Plan, Error>> + Send {
        async { Err(Error::Internal("a tool for one object was asked for a plan")) }
    }

    /// By default the route's placeholders go into the path and the other fields into the query
    /// of a GET or DELETE or into the body of any other method.
    fn request(&self) -> Result<Request, Error> {
        Ok(Request::new(Self::ROUTE, self)?)
    }

    /// By default the answer's body.
    fn output(&self, response: &Response) -> Result<Decoded<Self::Output>, Error> {
        Ok(response.read()?)
    }

    /// By default one request. Only an operation that needs two does it differently.
    fn call(self, clerk: Ctx) -> impl Future<Output = Result<Decoded<Self::Output>, Error>> + Send {
        async move {
            let response = clerk.send(self.request()?).await?;
            self.output(&response)
        }
    }
}

/// What a tool does to Clerk's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It adds something. Done again, it adds something again or is refused.
    Create,
    /// It replaces what was there. Done again, it changes nothing more.
    Update,
    /// It takes something away from people that can't be given back: a user, a session.
    Destroy,
}

impl Effect {
    const fn of(method: Method) -> Self {
        match method {
            Method::Get => Self::Read,
            Method::Post => Self::Create,
            Method::Put | Method::Patch => Self::Update,
            Method::Delete => Self::Destroy,
        }
    }

    /// Whether nothing is changed.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether something is taken away that can't be given back.
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Destroy)
    }

    /// The hints for clients; that Clerk is an open world is what they take for granted. "Destructive" is, as MCP defines it, all that is not purely
    /// additive: <https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations>
    fn annotations(self) -> ToolAnnotations {
        ToolAnnotations::new()
            .read_only(self.is_read())
            .destructive(matches!(self, Self::Update | Self::Destroy))
            .idempotent(!matches!(self, Self::Create))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Create | Self::Update => "write",
            Self::Destroy => "destructive",
        })
    }
}

/// A rule that ties a tool's arguments together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// One of these arguments, or more, must be given.
    Any(&'static [&'static str]),
    /// Exactly one of these arguments must be given.
    One(&'static [&'static str]),
    /// An argument that is not required must be given: the call would change nothing.
    Change,
    /// The first argument has a meaning only together with the second.
    With(&'static str, &'static str),
}

impl Rule {
    fn broken(self, given: &[&str], required: &[&str]) -> Option<Fault> {
        let (argument, problem) = match self {
            Self::Any(names) | Self::One(names)
                if !names.iter().any(|name| given.contains(name)) =>
            {
                (names.first()?, format!("is missing: give {}", names.join(" or ")))
            }
            Self::One(names) if names.iter().filter(|it| given.contains(it)).count() > 1 => {
                (names.last()?, format!("is one too many: give {}, not both", names.join(" or ")))
            }
            Self::Change if given.iter().all(|name| required.contains(name)) => {
                (required.first()?, "is all that is given, so nothing would change".to_owned())
            }
            Self::With(name, other) if given.contains(&name) && !given.contains(&other) => {
                return Some(Fault {
                    argument: name.to_owned(),
                    problem: format!("has a meaning only together with `{other}`"),
                });
            }
            _ => return None,
        };
        Some(Fault { argument: (*argument).to_owned(), problem })
    }
}

/// A call of an operation that is under way.
type Running = BoxFuture<'static, Result<Decoded<Value>, Error>>;
type Planning = BoxFuture<'static, Result<Plan, Error>>;

/// What is special about an operation, for whoever chooses tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Clerk sends an email or an SMS to somebody.
    SendsMessage,
    /// It changes the instance for all of its users: such a call needs consent.
    InstanceWide,
    /// It is about money.
    Billing,
    /// Clerk advises against it.
    Deprecated,
    /// It works with the keys of development instances only.
    TestOnly,
}

impl Flag {
    /// Its name in `clerk-mcp tools`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendsMessage => "sends a message",
            Self::InstanceWide => "changes the instance",
            Self::Billing => "billing",
            Self::Deprecated => "deprecated",
            Self::TestOnly => "test instances only",
        }
    }
}

/// An operation with its types erased: a row of the catalog.
#[derive(Debug)]
pub struct Entry {
    /// The tool's name.
    pub name: &'static str,
    /// The tool's name for people.
    pub title: &'static str,
    /// Where the request goes.
    pub route: Route,
    /// What the tool does to Clerk's data.
    pub effect: Effect,
    /// The tool that shows whether a write took place; "" for a read.
    pub look: &'static str,
    /// Whether the answer holds a secret.
    pub returns_secret: bool,
    /// Whether what it does can be taken back, in a sentence.
    pub(crate) undo: &'static str,
    /// What is special about it.
    pub flags: &'static [Flag],
    pub(crate) form: Form,
    /// Whether it answers from the events that this server keeps.
    pub(crate) of_events: bool,
    cursor: &'static str,
    consent: &'static [&'static str],
    rules: &'static [Rule],
    /// Whole, for checking arguments; made when first needed.
    input: OnceLock<JsonObject>,
    /// Whole, for checking which fields there are; made when first needed.
    output: OnceLock<JsonObject>,
    source: Source,
}

/// Where an operation's schemas come from, and what runs it.
#[derive(Debug)]
enum Source {
    /// An [`Operation`].
    Typed {
        input: fn() -> JsonObject,
        output: fn() -> JsonObject,
        run: fn(JsonObject, Ctx) -> Running,
        plan: Option<fn(JsonObject, Ctx) -> Planning>,
    },
    /// Its data.
    Plain(plain::Plain),
}

/// Makes the catalog's row of an operation.
pub(crate) const fn entry<O: Operation>() -> Entry {
    Entry {
        name: O::NAME,
        title: O::TITLE,
        route: O::ROUTE,
        effect: O::EFFECT,
        look: O::LOOK,
        returns_secret: O::RETURNS_SECRET,
        undo: O::UNDO,
        flags: O::FLAGS,
        form: O::FORM,
        of_events: O::OF_EVENTS,
        cursor: O::CURSOR,
        consent: O::CONSENT,
        rules: O::RULES,
        input: OnceLock::new(),
        output: OnceLock::new(),
        source: Source::Typed {
            input: schema::of_input::<O>,
            output: || schema::of_output::<O::Output>(O::FORM),
            run: |arguments, call| run::<O>(arguments, call).boxed(),
            plan: if O::MANY {
                Some(|arguments, call| plan::<O>(arguments, call).boxed())
            } else {
                None
            },
        },
    }
}

async fn run<O: Operation>(arguments: JsonObject, call: Ctx) -> Result<Decoded<Value>, Error> {
    let Decoded { value, notes } = typed::<O>(arguments)?.call(call).await?;
    let value = serde_json::to_value(value)
        .map_err(|_| Error::Internal("an output can't be written as JSON"))?;
    Ok(Decoded { value, notes })
}

async fn plan<O: Operation>(arguments: JsonObject, call: Ctx) -> Result<Plan, Error> {
    typed::<O>(arguments)?.plan(call).await
}

fn typed<O: Operation>(arguments: JsonObject) -> Result<O, Error> {
    serde_json::from_value(arguments.into()).map_err(|error| {
        let problem = format!("can't be read: {error}");
        Error::Arguments(vec![Fault { argument: "arguments".to_owned(), problem }])
    })
}

/// What the tools of a server take beside the arguments of their operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras {
    /// Whether writes take a `reason`: there is an audit log that it stands in.
    pub reason: bool,
    /// Whether destructive calls take a `planToken`: they may be answered with a plan.
    pub plan_token: bool,
}

const REASON: &str = "Why, for the audit log.";
const PLAN_TOKEN: &str = "The token of the plan that the first call answered with; does it.";

impl Entry {
    /// The schema of all that the tool takes.
    fn input(&self) -> &JsonObject {
        self.input.get_or_init(|| {
            let mut schema = match &self.source {
                Source::Typed { input, .. } => input(),
                Source::Plain(plain) => plain.input(self.route),
            };
            if self.effect.is_read() {
                view::add_to(&mut schema, self.form);
            }
            schema
        })
    }

    /// The schema of what it answers with.
    fn output(&self) -> &JsonObject {
        self.output.get_or_init(|| match &self.source {
            Source::Typed { output, .. } => output(),
            Source::Plain(plain) => plain.output(self.form),
        })
    }

    /// The tool's definition, as clients list it.
    #[must_use]
    pub fn tool(&self, extras: Extras) -> Tool {
        let (description, mut input) = schema::for_clients(self.input().clone());
        if let Some(Value::Object(properties)) = input.get_mut("properties") {
            if extras.reason && !self.effect.is_read() {
                let reason = json!({ "type": "string", "maxLength": 500, "description": REASON });
                properties.insert("reason".to_owned(), reason);
            }
            if extras.plan_token && (self.always_needs_consent() || !self.consent.is_empty()) {
                let token = json!({ "type": "string", "description": PLAN_TOKEN });
                properties.insert("planToken".to_owned(), token);
            }
        }
        Tool::new(self.name, description, Arc::new(input))
            .with_title(self.title)
            .with_raw_output_schema(Arc::new(schema::of_rows(self.output().clone(), self.form)))
            .with_annotations(self.effect.annotations())
    }

    /// The tool's description.
    pub(crate) fn about(&self) -> &str {
        self.input().get("description").and_then(Value::as_str).unwrap_or_default()
    }

    /// The names that the tool's arguments have at Clerk, those of the path included.
    #[must_use]
    pub fn wire_names(&self) -> Vec<String> {
        let properties = self.input().get("properties").and_then(Value::as_object);
        let names = properties.into_iter().flat_map(|it| it.keys());
        let of_clerk = names.filter(|it| !view::NAMES.contains(&it.as_str()));
        of_clerk.map(|name| snake_case(name)).collect()
    }

    /// Whether there is an argument of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.input().get("properties").is_some_and(|it| it.get(name).is_some())
    }

    /// The schema of an argument by the name that it has at Clerk.
    #[must_use]
    pub fn argument(&self, wire_name: &str) -> Option<&Value> {
        self.input().get("properties")?.get(camel_case(wire_name))
    }

    /// Whether a call must have an argument, by the name that it has at Clerk.
    #[must_use]
    pub fn requires(&self, wire_name: &str) -> bool {
        let required = self.input().get("required").and_then(Value::as_array);
        required.is_some_and(|it| it.iter().any(|name| *name == camel_case(wire_name)))
    }

    /// Whether an argument is the whole body of the request, by the name that it has at Clerk.
    #[must_use]
    pub fn is_body(&self, wire_name: &str) -> bool {
        matches!(&self.source, Source::Plain(plain) if plain.is_body(wire_name))
    }

    /// Whether it is put together of several operations of Clerk's, or is none of them.
    #[must_use]
    pub fn is_composed(&self) -> bool {
        matches!(self.form, Form::Scan(_) | Form::Table(_) | Form::Report) || self.route.path == "/"
    }

    /// The arguments of a call that need consent though the tool is not destructive.
    pub(crate) fn consent(&self, arguments: &JsonObject) -> impl Iterator<Item = &'static str> {
        self.consent.iter().copied().filter(|name| arguments.contains_key(*name))
    }

    /// Whether it works on many objects: then it first reads what it would do.
    #[must_use]
    pub fn is_many(&self) -> bool {
        matches!(self.source, Source::Typed { plan: Some(_), .. })
    }

    /// What it would do to each of many objects. The arguments are those of [`Entry::read`].
    pub(crate) async fn plan(&self, arguments: JsonObject, call: Ctx) -> Result<Plan, Error> {
        match self.source {
            Source::Typed { plan: Some(plan), .. } => plan(arguments, call).await,
            _ => Err(Error::Internal("a tool for one object was asked for a plan")),
        }
    }

    /// Whether a call takes away what can't be given back, or needs consent as if it did.
    pub(crate) fn is_destructive(&self, arguments: &JsonObject) -> bool {
        self.always_needs_consent() || self.consent(arguments).next().is_some()
    }

    /// Whether each call takes away what can't be given back, or changes the instance for all.
    fn always_needs_consent(&self) -> bool {
        let is_wide = self.flags.contains(&Flag::InstanceWide) && !self.effect.is_read();
        self.effect.is_destructive() || is_wide
    }

    /// Whether metadata is merged into what is there; else it replaces it whole.
    pub(crate) fn merges_metadata(&self) -> bool {
        self.route.method == Method::Patch && self.route.path.ends_with("/metadata")
    }

    /// Brings a call's arguments into the form that [`Entry::run`] takes, or says all that is
    /// wrong with them.
    pub(crate) fn read(&self, arguments: JsonObject) -> Result<JsonObject, Vec<Fault>> {
        let checked = arguments::read(self.input(), self.rules, arguments)?;
        let faults = match self.effect {
            Effect::Read => view::faults(&checked, self.form, self.output()),
            _ => Vec::new(),
        };
        if faults.is_empty() { Ok(checked) } else { Err(faults) }
    }

    /// Takes what the agent wants to see of the answer out of the arguments of [`Entry::read`].
    pub(crate) fn view(&self, arguments: &mut JsonObject) -> View {
        if self.effect.is_read() { View::take(arguments) } else { View::default() }
    }

    /// The arguments that narrow a list.
    pub(crate) fn filters(&self) -> impl Iterator<Item = &str> {
        const OTHERS: [&str; 4] = ["limit", "offset", "orderBy", "includeMembersCount"];
        let properties = self.input().get("properties").and_then(Value::as_object);
        let names = properties.into_iter().flat_map(|it| it.keys()).map(String::as_str);
        names.filter(|name| !OTHERS.contains(name) && !view::NAMES.contains(name))
    }

    /// The arguments with a mark in the place of passwords.
    pub(crate) fn without_secrets(&self, arguments: &JsonObject) -> JsonObject {
        let is_secret = |name| {
            let property = self.input().get("properties").and_then(|it| it.get(name));
            // An argument that nobody knows could hold anything.
            property.is_none_or(|it| it.get("writeOnly").is_some())
        };
        let fields = arguments.iter().map(|(name, value)| {
            let value = if is_secret(name) { "[removed]".into() } else { value.clone() };
            (name.clone(), value)
        });
        fields.collect()
    }

    /// Asks Clerk, and makes the result: the output with `success`, and with `note` where there is
    /// something to be said. The arguments are those of [`Entry::read`].
    pub(crate) async fn run(&self, arguments: JsonObject, call: Ctx) -> Result<Value, Error> {
        let answer = match &self.source {
            Source::Typed { run, .. } => run(arguments, call).await?,
            Source::Plain(plain) => plain.run((self.route, self.form), arguments, call).await?,
        };
        let Decoded { mut value, notes } = answer;
        let Value::Object(output) = &mut value else {
            return Err(Error::Internal("an output is no JSON object"));
        };
        output.insert("success".to_owned(), true.into());
        if !notes.is_empty() {
            output.insert("note".to_owned(), notes.join(" ").into());
        }
        Ok(value)
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The name of an argument or a field of Clerk's, as the tools write it.
pub(crate) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// A length as a number to divide by; what is longer than any name is as good as that.
fn to_f64(length: usize) -> f64 {
    u32::try_from(length).unwrap_or(u32::MAX).into()
}

/// The one of `known` that `name` is most likely a slip of, if any is near enough.
pub(crate) fn nearest<'known>(
    name: &str,
    known: impl Iterator<Item = &'known str>,
) -> Option<&'known str> {
    let name = name.to_lowercase();
    if name.is_empty() {
        return None;
    }
    let similar = |other: &str| {
        let other = other.to_lowercase();
        // Half a name, with its prefix left out or its end, is near to the whole one.
        let is_part = name.len() > 3 && other.contains(&name);
        // Of several it is part of, the shortest is the nearest.
        let part = 0.95 + 0.05 * to_f64(name.len()) / to_f64(other.len().max(1));
        let beginning: String = other.chars().take(name.chars().count()).collect();
        strsim::jaro_winkler(&name, &other)
            .max(strsim::jaro_winkler(&name, &beginning) * 0.9)
            .max(if is_part { part } else { 0.0 })
    };
    known
        .map(|other| (similar(other), other))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["emailAddress", "userId", "limit", "orderBy"];
        let cases = [
            ("emial", Some("emailAddress")),
            ("email", Some("emailAddress")),
            ("emails", Some("emailAddress")),
            ("user_id", Some("userId")),
            ("Limit", Some("limit")),
            ("order", Some("orderBy")),
            ("zzz", None),
            ("", None),
        ];
        for (name, near) in cases {
            assert_eq!(nearest(name, known.into_iter()), near, "{name}");
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for name in ["email_address", "id", "primary_web3_wallet_id", "last_sign_in_at"] {
            assert_eq!(snake_case(&camel_case(name)), name);
        }
        assert_eq!(camel_case("primary_web3_wallet_id"), "primaryWeb3WalletId");
    }
}
