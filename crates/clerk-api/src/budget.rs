//! Clerk's rate limits, kept on our side: a burst of calls waits its turn, in place of being
//! refused by Clerk and taking the turns of the application that shares the key.
//! <https://clerk.com/docs/guides/how-clerk-works/system-limits>

use std::{num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter, clock::Clock, middleware::StateInformationMiddleware, nanos::Nanos,
    state::keyed::HashMapStateStore,
};
use tokio::time::Instant;

use crate::{Error, Method, Request, Route, SecretKey};

/// How many requests a Clerk instance is sent at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateLimit {
    /// Clerk's own limit for the kind of instance that the key opens, and its limits for single
    /// users, organizations and invitations.
    #[default]
    Clerk,
    /// At most this many in 10 s, and Clerk's other limits.
    PerTenSeconds(NonZeroU32),
    /// No limit: for a sandbox or another Clerk of your own.
    Off,
}

impl RateLimit {
    /// How many requests an instance is sent in 10 s; `None` if there is no limit.
    #[must_use]
    pub fn of_instance(self, is_live: bool) -> Option<u32> {
        match self {
            Self::Clerk if is_live => Some(PRODUCTION),
            Self::Clerk => Some(DEVELOPMENT),
            Self::PerTenSeconds(count) => Some(count.get()),
            Self::Off => None,
        }
    }
}

const TEN_SECONDS: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_hours(1);
/// Requests in 10 s that Clerk takes from a development and from a production instance.
const DEVELOPMENT: u32 = 100;
const PRODUCTION: u32 = 1000;
/// The one route without a limit.
const UNLIMITED: &str = "/jwks";
/// So many subjects are remembered before those without a recent request are forgotten.
const REMEMBERED: usize = 10_000;

/// A limit on some routes beside the instance's.
struct Rule {
    methods: &'static [Method],
    paths: &'static [&'static str],
    /// Whether each user, organization or membership in the path has the limit to itself.
    is_per_object: bool,
    count: u32,
    period: Duration,
}

const CHANGES: &[Method] = &[Method::Patch, Method::Put];
const RULES: [Rule; 7] = [
    per_object(&["/users/{user_id}", "/users/{user_id}/metadata"]),
    per_object(&["/organizations/{organization_id}", "/organizations/{organization_id}/metadata"]),
    per_object(&[
        "/organizations/{organization_id}/memberships/{user_id}",
        "/organizations/{organization_id}/memberships/{user_id}/metadata",
    ]),
    an_hour(&["/invitations"], 100),
    an_hour(&["/invitations/bulk"], 25),
    an_hour(&["/organizations/{organization_id}/invitations"], 250),
    an_hour(&["/organizations/{organization_id}/invitations/bulk"], 50),
];

const fn per_object(paths: &'static [&'static str]) -> Rule {
    Rule { methods: CHANGES, paths, is_per_object: true, count: 10, period: TEN_SECONDS }
}

const fn an_hour(paths: &'static [&'static str], count: u32) -> Rule {
    Rule { methods: &[Method::Post], paths, is_per_object: false, count, period: HOUR }
}

/// The runtime's clock, which a test can stop.
#[derive(Clone, Debug)]
struct RuntimeClock {
    start: Instant,
}

impl Clock for RuntimeClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.start.elapsed().into()
    }
}

type Limiter =
    RateLimiter<String, HashMapStateStore<String>, RuntimeClock, StateInformationMiddleware>;

/// One limit, counted apart for each key and, where it is per object, for each object.
struct Counted {
    limiter: Limiter,
    count: u32,
    period: Duration,
}

impl Counted {
    /// At most `count` in any `period`: what may come at once and what comes back within the
    /// period are that together.
    fn new(count: u32, at_once: u32, period: Duration) -> Self {
        let at_once = NonZeroU32::new(at_once).unwrap_or(NonZeroU32::MIN);
        let one_in = one_in(count, at_once.get(), period);
        let quota = Quota::with_period(one_in).unwrap_or_else(|| Quota::per_second(at_once));
        let limiter = RateLimiter::hashmap_with_clock(
            quota.allow_burst(at_once),
            RuntimeClock { start: Instant::now() },
        )
        .with_middleware();
        Self { limiter, count, period }
    }

    /// Takes a turn or says how long it is until there is one; with it, how many more could be
    /// had at once.
    fn take(&self, subject: &String) -> Result<u32, Duration> {
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(subject) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(refused) => Err(refused.wait_time_from(self.limiter.clock().now())),
        }
    }
}

/// How long one turn takes to come back, so that no more than `count` are had in a `period`.
fn one_in(count: u32, at_once: u32, period: Duration) -> Duration {
    period / count.saturating_sub(at_once).max(1)
}

/// The limits of the instances that one server talks to.
pub(crate) struct Budget {
    /// For development and for production instances.
    instance: Option<[Counted; 2]>,
    rules: Vec<Counted>,
}

impl Budget {
    pub(crate) fn new(limit: RateLimit) -> Self {
        // The rest comes back within the 10 s: a quarter at once is what an agent's parallel
        // calls need, and the more that is, the longer the wait after them.
        let instance = |count: u32| Counted::new(count, count / 4, TEN_SECONDS);
        let instance = match [false, true].map(|is_live| limit.of_instance(is_live)) {
            [Some(development), Some(production)] => Some([development, production].map(instance)),
            _ => None,
        };
        let rules = match limit {
            RateLimit::Off => Vec::new(),
            _ => RULES
                .iter()
                .map(|rule| Counted::new(rule.count, rule.count / 2, rule.period))
                .collect(),
        };
        Self { instance, rules }
    }

    /// Waits until `request` may be sent, and says how many more could be sent at once.
    ///
    /// # Errors
    /// [`Error::RateLimit`] at once, where its turn would come after `deadline`.
    pub(crate) async fn turn(
        &self,
        key: &SecretKey,
        request: &Request,
        deadline: Instant,
    ) -> Result<Option<u32>, Error> {
        for (rule, counted) in RULES.iter().zip(&self.rules) {
            let Route { method, path } = request.route();
            if rule.methods.contains(&method) && rule.paths.contains(&path) {
                // Where it is not per object, its paths are one.
                let object = if rule.is_per_object { object(request.path()) } else { path };
                wait(counted, &format!("{} {object}", key.fingerprint()), deadline).await?;
            }
        }
        let Some([development, production]) = &self.instance else { return Ok(None) };
        if request.route().path == UNLIMITED {
            return Ok(None);
        }
        let counted = if key.is_live() { production } else { development };
        wait(counted, &key.fingerprint(), deadline).await.map(Some)
    }
}

/// The path of the object that a change is about.
fn object(path: &str) -> &str {
    path.strip_suffix("/metadata").unwrap_or(path)
}

async fn wait(counted: &Counted, subject: &String, deadline: Instant) -> Result<u32, Error> {
    loop {
        match counted.take(subject) {
            Ok(left) => return Ok(left),
            Err(wait) if Instant::now() + wait < deadline => tokio::time::sleep(wait).await,
            Err(wait) => {
                let Counted { count, period, .. } = *counted;
                return Err(Error::RateLimit { count, period, wait });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(route: Route, id: &str) -> Request {
        Request::new(route, &json!({ "user_id": id, "first_name": "A" })).unwrap()
    }

    /// How many of these requests get their turn at once.
    async fn at_once(budget: &Budget, key: &str, requests: &[Request]) -> usize {
        let key = SecretKey::parse(key).unwrap();
        let mut turns = 0;
        for request in requests {
            turns += usize::from(budget.turn(&key, request, Instant::now()).await.is_ok());
        }
        turns
    }

    const GET: Route = Route::get("/users/{user_id}");
    const PATCH: Route = Route::patch("/users/{user_id}");
    const PUT: Route = Route::put("/users/{user_id}/metadata");

    #[tokio::test(start_paused = true)]
    async fn each_key_has_the_limit_of_its_instance() {
        let budget = Budget::new(RateLimit::Clerk);
        let reads = vec![request(GET, "user_1"); 400];
        assert_eq!(at_once(&budget, "sk_test_a", &reads).await, 25);
        assert_eq!(at_once(&budget, "sk_test_b", &reads).await, 25);
        assert_eq!(at_once(&budget, "sk_live_a", &reads).await, 250);
        let few = Budget::new(RateLimit::PerTenSeconds(NonZeroU32::new(8).unwrap()));
        assert_eq!(at_once(&few, "sk_live_a", &reads).await, 2);
        assert_eq!(at_once(&Budget::new(RateLimit::Off), "sk_test_a", &reads).await, 400);
        assert_eq!(at_once(&budget, "sk_test_a", &[request(Route::get("/jwks"), "")]).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn each_user_is_changed_ten_times_in_ten_seconds() {
        let budget = Budget::new(RateLimit::Clerk);
        let both = [request(PATCH, "user_1"), request(PUT, "user_1")];
        let changes: Vec<_> = both.into_iter().cycle().take(8).collect();
        assert_eq!(at_once(&budget, "sk_live_a", &changes).await, 5);
        assert_eq!(at_once(&budget, "sk_live_a", &[request(PATCH, "user_2")]).await, 1);
        assert_eq!(at_once(&budget, "sk_live_a", &[request(GET, "user_1")]).await, 1);
        let error = budget
            .turn(
                &SecretKey::parse("sk_live_a").unwrap(),
                &request(PATCH, "user_1"),
                Instant::now(),
            )
            .await
            .unwrap_err();
        assert!(matches!(error, Error::RateLimit { count: 10, .. }), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_for_its_turn_or_is_refused_at_once() {
        let budget = Budget::new(RateLimit::PerTenSeconds(NonZeroU32::new(4).unwrap()));
        let (key, read) = (SecretKey::parse("sk_test_a").unwrap(), request(GET, "user_1"));
        let began = Instant::now();
        let deadline = began + Duration::from_secs(30);
        assert_eq!(budget.turn(&key, &read, deadline).await.unwrap(), Some(0));
        assert_eq!(began.elapsed(), Duration::ZERO);
        budget.turn(&key, &read, deadline).await.unwrap();
        let waited = began.elapsed();
        assert!(waited >= TEN_SECONDS / 3, "{waited:?}");
        let soon = Instant::now() + Duration::from_secs(1);
        let error = budget.turn(&key, &read, soon).await.unwrap_err();
        assert!(matches!(error, Error::RateLimit { count: 4, .. }), "{error:?}");
        assert_eq!(began.elapsed(), waited, "it was refused at once");
    }

    #[test]
    fn no_window_has_more_than_the_limit() {
        for (count, at_once) in [(100, 25), (1000, 250), (10, 5), (25, 12), (4, 1)] {
            let period = TEN_SECONDS;
            let one_in = one_in(count, at_once, period);
            let come_back = period.as_nanos() / one_in.as_nanos();
            assert!(u128::from(at_once) + come_back <= count.into(), "{count}: {come_back}");
        }
    }
}
