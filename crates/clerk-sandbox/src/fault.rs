//! Faults on demand: how to write them, and when one is due.

mod effect;

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::http::Method;

pub(crate) use effect::Effect;

use crate::refusal::{MALFORMED_REQUEST_PARAMETERS, Refusal};

/// The request header that asks for a fault.
const HEADER: &str = "x-sandbox-fault";

/// The methods a fault can be limited to.
const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The forms of a fault, for the error.
const FORMS: &str = "429, 429;retry-after=SECONDS, 500, 502-html, 503-empty, slow=MILLISECONDS, \
                     hang, cut, reset, malformed or hostile-names; as an option of the sandbox \
                     each also takes ;times=N, ;rate=PERCENT% and ;on=METHOD /v1/PATH-PREFIX";

/// How the sandbox misbehaves, read from a string:
///
/// | string | what happens |
/// |---|---|
/// | `429`, `429;retry-after=2` | too many requests, with or without `Retry-After` in seconds |
/// | `500` | Clerk's internal error |
/// | `502-html` | a gateway's HTML page |
/// | `503-empty` | no body |
/// | `slow=1500` | the true response, this many milliseconds late |
/// | `hang` | no response, the connection stays open |
/// | `cut` | half of the true response, then the connection is closed |
/// | `reset` | no response, the connection is closed |
/// | `malformed` | 200 with half of the true response, complete as far as HTTP can tell |
/// | `hostile-names` | names in the true response replaced by prompt injections, control, bidi and zero-width characters |
///
/// If the table says "the true response", the sandbox carries the request out, writes included;
/// otherwise it does not. In [`Options::faults`](crate::Options::faults), `;times=N` limits a fault
/// to the first N requests it matches, `;rate=25%` to every fourth of them, and `;on=GET /v1/users`
/// to a method and a path prefix. The request header `X-Sandbox-Fault` takes the same string
/// without these three, and overrides the options. A fault applies only to requests with a valid key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    text: String,
    effect: Effect,
    times: Option<u64>,
    /// In percent.
    rate: Option<u64>,
    on: Option<Target>,
}

/// The requests a fault is limited to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    method: Method,
    path_prefix: String,
}

/// Why a string isn't a fault. The text names the part that is wrong and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFault {
    text: String,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    /// A part that means nothing.
    Unknown {
        part: String,
    },
    NotANumber {
        name: &'static str,
        value: String,
    },
    /// The value of `rate`.
    NotARate {
        value: String,
    },
    /// The value of `on`.
    NotATarget {
        value: String,
    },
}

impl std::error::Error for InvalidFault {}

impl fmt::Display for InvalidFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is not a fault: ", self.text)?;
        match &self.problem {
            Problem::Unknown { part } => write!(formatter, "`{part}` is none of {FORMS}"),
            Problem::NotANumber { name, value } => {
                write!(formatter, "`{name}` takes a whole number, not `{value}`")
            }
            Problem::NotARate { value } => {
                write!(formatter, "`rate` takes a percentage from 1% to 100%, not `{value}`")
            }
            Problem::NotATarget { value } => write!(
                formatter,
                "`on` takes a method and a path prefix such as `GET /v1/users`, not `{value}`"
            ),
        }
    }
}

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        parse(text).map_err(|problem| InvalidFault { text: text.to_owned(), problem })
    }
}

fn parse(text: &str) -> Result<Fault, Problem> {
    let mut parts = text.split(';').map(str::trim);
    let effect = effect(parts.next().unwrap_or_default())?;
    let mut fault = Fault { text: text.to_owned(), effect, times: None, rate: None, on: None };
    for part in parts {
        fault.limit(part)?;
    }
    Ok(fault)
}

impl Fault {
    /// Applies one of the parts after the first.
    fn limit(&mut self, part: &str) -> Result<(), Problem> {
        match (part.split_once('='), &mut self.effect) {
            (Some(("retry-after", value)), Effect::TooManyRequests { retry_after }) => {
                *retry_after = Some(number("retry-after", value)?);
            }
            (Some(("times", value)), _) => self.times = Some(number("times", value)?),
            (Some(("rate", value)), _) => self.rate = Some(rate(value)?),
            (Some(("on", value)), _) => self.on = Some(target(value)?),
            _ => return Err(unknown(part)),
        }
        Ok(())
    }

    fn is_limited(&self) -> bool {
        self.times.is_some() || self.rate.is_some() || self.on.is_some()
    }

    /// Whether the fault is for requests of this kind.
    fn matches(&self, method: &Method, path: &str) -> bool {
        self.on
            .as_ref()
            .is_none_or(|target| *method == target.method && path.starts_with(&target.path_prefix))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn rate(value: &str) -> Result<u64, Problem> {
    let percent = value.strip_suffix('%').and_then(|number| number.parse().ok());
    let percent = percent.filter(|percent| (1..=100).contains(percent));
    percent.ok_or_else(|| Problem::NotARate { value: value.to_owned() })
}

fn target(value: &str) -> Result<Target, Problem> {
    let (method, path_prefix) = value.split_once(' ').unwrap_or((value, ""));
    let method = METHODS.into_iter().find(|known| known.as_str() == method);
    match method {
        Some(method) if path_prefix.starts_with("/v1") => {
            Ok(Target { method, path_prefix: path_prefix.to_owned() })
        }
        _ => Err(Problem::NotATarget { value: value.to_owned() }),
    }
}

fn effect(text: &str) -> Result<Effect, Problem> {
    Ok(match text {
        "429" => Effect::TooManyRequests { retry_after: None },
        "500" => Effect::InternalError,
        "502-html" => Effect::BadGatewayPage,
        "503-empty" => Effect::UnavailableEmpty,
        "hang" => Effect::Hang,
        "cut" => Effect::Cut,
        "reset" => Effect::Reset,
        "malformed" => Effect::Malformed,
        "hostile-names" => Effect::HostileNames,
        _ => match text.split_once('=') {
            Some(("slow", value)) => Effect::Slow(Duration::from_millis(number("slow", value)?)),
            _ => return Err(unknown(text)),
        },
    })
}

fn number(name: &'static str, value: &str) -> Result<u64, Problem> {
    value.parse().map_err(|_| Problem::NotANumber { name, value: value.to_owned() })
}

fn unknown(part: &str) -> Problem {
    Problem::Unknown { part: part.to_owned() }
}

/// The faults of an instance. Of several that match a request, the first with turns left applies.
#[derive(Debug)]
pub(crate) struct Faults(Mutex<Vec<Armed>>);

/// A fault, and how often it has had its turn.
#[derive(Debug, Clone)]
pub(crate) struct Armed {
    pub(crate) fault: Arc<Fault>,
    /// How many requests it matched.
    pub(crate) matched: u64,
    /// How many of them it was applied to.
    pub(crate) applied: u64,
}

impl Armed {
    /// Whether it applies to one more request that it matches.
    fn takes_one_more(&mut self) -> bool {
        if self.fault.times.is_some_and(|times| self.applied >= times) {
            return false;
        }
        let rate = self.fault.rate.unwrap_or(100);
        let due = |matched: u64| matched.saturating_mul(rate) / 100;
        let is_due = due(self.matched + 1) > due(self.matched);
        self.matched += 1;
        self.applied += u64::from(is_due);
        is_due
    }
}

impl Faults {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let all = Self(Mutex::default());
        for fault in faults {
            all.add(fault.clone());
        }
        all
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.armed().push(Armed { fault: Arc::new(fault), matched: 0, applied: 0 });
    }

    pub(crate) fn replace(&self, faults: &[Fault]) {
        self.armed().clear();
        for fault in faults {
            self.add(fault.clone());
        }
    }

    pub(crate) fn all(&self) -> Vec<Armed> {
        self.armed().clone()
    }

    fn armed(&self) -> MutexGuard<'_, Vec<Armed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The effect that is due for this request: that of its header, else of the first fault that
/// matches.
pub(crate) fn effect_on(request: &Request, faults: &Faults) -> Result<Option<Effect>, Refusal> {
    let Some(value) = request.headers().get(HEADER) else {
        let (method, path) = (request.method(), request.uri().path());
        let mut armed = faults.armed();
        let mut matching = armed.iter_mut().filter(|armed| armed.fault.matches(method, path));
        let due = matching.find_map(|armed| armed.takes_one_more().then_some(&armed.fault));
        return Ok(due.map(|fault| fault.effect.clone()));
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    match text.parse::<Fault>() {
        Ok(fault) if fault.is_limited() => {
            let sentence = "`times`, `rate` and `on` are for the options of the sandbox, not for \
                            the X-Sandbox-Fault header.";
            Err(MALFORMED_REQUEST_PARAMETERS.because(sentence).into())
        }
        Ok(fault) => Ok(Some(fault.effect)),
        Err(problem) => Err(MALFORMED_REQUEST_PARAMETERS.because(problem.to_string()).into()),
    }
}
