//! How often each person may do something.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::Hourly;
use crate::principal::Principal;

/// So many people are remembered before those who did nothing in the last hour are forgotten.
const PEOPLE_KNOWN: usize = 256;

/// Lets each person do something at most so many times in any hour. All who didn't sign in count
/// together: nobody knows how many they are.
#[derive(Debug)]
pub struct HourlyEach {
    limit: u32,
    people: Mutex<HashMap<Option<String>, Arc<Hourly>>>,
}

impl HourlyEach {
    /// At most `limit` times an hour; 0 is never.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, people: Mutex::default() }
    }

    /// How many times an hour.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// What counts for this person.
    #[must_use]
    pub fn of(&self, principal: &Principal) -> Arc<Hourly> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= PEOPLE_KNOWN {
            let now = Instant::now();
            // The other owners are about to count.
            people.retain(|_, of| Arc::strong_count(of) > 1 || of.left(now) < self.limit);
        }
        let person = principal.person().map(str::to_owned);
        people.entry(person).or_insert_with(|| Arc::new(Hourly::new(self.limit))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Authentication;

    fn person(subject: &str) -> Principal {
        Principal { subject: Some(subject.to_owned()), ..Principal::by(Authentication::OAuth) }
    }

    #[test]
    fn each_person_has_a_limit_of_their_own_and_others_share_one() {
        let (each, now) = (HourlyEach::new(1), Instant::now());
        assert!(each.of(&person("user_1")).take(now).is_ok());
        assert!(each.of(&person("user_1")).take(now).is_err());
        assert!(each.of(&person("user_2")).take(now).is_ok());
        assert!(each.of(&Principal::by(Authentication::Token)).take(now).is_ok());
        let named = Principal { authentication: Authentication::Process, ..person("user_3") };
        assert!(each.of(&named).take(now).is_err());
    }

    #[test]
    fn only_those_who_did_something_are_remembered() {
        let (each, now) = (HourlyEach::new(1), Instant::now());
        for number in 0..3 * PEOPLE_KNOWN {
            let of = each.of(&person(&format!("user_{number}")));
            if number < PEOPLE_KNOWN / 2 {
                assert!(of.take(now).is_ok());
            }
        }
        assert!(each.people.lock().unwrap().len() <= PEOPLE_KNOWN);
        assert!(each.of(&person("user_0")).take(now).is_err());
    }
}
