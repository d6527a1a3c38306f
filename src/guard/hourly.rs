//! How often something may happen.

mod each;

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

pub use self::each::HourlyEach;

const HOUR: Duration = Duration::from_hours(1);

/// Lets something happen at most so many times in any hour, wherever that hour begins.
///
/// It counts in the memory of this process: it starts anew with the process, and two processes
/// count apart from each other.
#[derive(Debug)]
pub struct Hourly {
    limit: u32,
    /// When it happened, oldest first; never more than `limit`.
    times: Mutex<VecDeque<Instant>>,
}

impl Hourly {
    /// At most `limit` times an hour; 0 is never.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, times: Mutex::default() }
    }

    /// How many times an hour.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Whether there is room now. It counts nothing.
    ///
    /// # Errors
    /// How long until there is room.
    pub fn check(&self, now: Instant) -> Result<(), Duration> {
        self.check_many(now, 1)
    }

    /// The same for several times at once.
    ///
    /// # Errors
    /// How long until there is room; an hour if there never is so much.
    pub fn check_many(&self, now: Instant, count: u32) -> Result<(), Duration> {
        room(&self.times(), self.limit, now, count)
    }

    /// Checks that there is room and takes it, in one step.
    ///
    /// # Errors
    /// How long until there is room. Nothing was taken.
    pub fn take(&self, now: Instant) -> Result<(), Duration> {
        self.take_many(now, 1)
    }

    /// The same for several times at once: all of them or none.
    ///
    /// # Errors
    /// How long until there is room; an hour if there never is so much. Nothing was taken.
    pub fn take_many(&self, now: Instant, count: u32) -> Result<(), Duration> {
        let mut times = self.times();
        // Another thread, later by its clock, may have been quicker with the lock.
        let now = times.back().map_or(now, |last| now.max(*last));
        room(&times, self.limit, now, count)?;
        let lapsed = lapsed(&times, now);
        times.drain(..lapsed);
        times.extend(std::iter::repeat_n(now, count as usize));
        Ok(())
    }

    /// How many times there is room for now.
    #[must_use]
    pub fn left(&self, now: Instant) -> u32 {
        let times = self.times();
        let used = times.len() - lapsed(&times, now);
        self.limit.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }

    fn times(&self) -> MutexGuard<'_, VecDeque<Instant>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of `times` are an hour ago or more.
fn lapsed(times: &VecDeque<Instant>, now: Instant) -> usize {
    times.partition_point(|time| now.saturating_duration_since(*time) >= HOUR)
}

fn room(times: &VecDeque<Instant>, limit: u32, now: Instant, count: u32) -> Result<(), Duration> {
    if count > limit {
        return Err(HOUR);
    }
    let lapsed = lapsed(times, now);
    let used = times.len() - lapsed;
    let Some(excess) =
        (used + count as usize).checked_sub(limit as usize).filter(|excess| *excess > 0)
    else {
        return Ok(());
    };
    // So many of the oldest must have lapsed.
    let last = times.get(lapsed + excess - 1);
    Err(last.map_or(HOUR, |last| HOUR.saturating_sub(now.saturating_duration_since(*last))))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use proptest::prelude::*;

    use super::*;

    fn minutes(minutes: u64) -> Duration {
        Duration::from_mins(minutes)
    }

    #[test]
    fn the_window_slides() {
        let start = Instant::now();
        let hourly = Hourly::new(2);
        let steps = [
            (0, Ok(()), 1),
            (40, Ok(()), 0),
            (41, Err(minutes(19)), 0),
            (59, Err(minutes(1)), 0),
            (60, Ok(()), 0),
            (61, Err(minutes(39)), 0),
            (100, Ok(()), 0),
            (300, Ok(()), 1),
        ];
        for (minute, taken, left) in steps {
            let now = start + minutes(minute);
            assert_eq!(hourly.check(now), taken, "{minute}");
            assert_eq!(hourly.take(now), taken, "{minute}");
            assert_eq!(hourly.left(now), left, "{minute}");
        }
    }

    #[test]
    fn none_is_never_and_a_check_takes_nothing() {
        let now = Instant::now();
        assert_eq!(Hourly::new(0).check(now), Err(HOUR));
        assert_eq!(Hourly::new(0).take(now), Err(HOUR));
        assert_eq!(Hourly::new(0).left(now), 0);
        let hourly = Hourly::new(1);
        assert_eq!((hourly.check(now), hourly.check(now), hourly.left(now)), (Ok(()), Ok(()), 1));
    }

    #[test]
    fn many_are_taken_at_once_or_none() {
        let start = Instant::now();
        let hourly = Hourly::new(5);
        assert_eq!(hourly.take_many(start, 2), Ok(()));
        assert_eq!(hourly.take_many(start + minutes(10), 2), Ok(()));
        let later = start + minutes(20);
        assert_eq!(hourly.take_many(later, 2), Err(minutes(40)));
        assert_eq!(hourly.take_many(later, 4), Err(minutes(50)));
        assert_eq!(hourly.take_many(later, 6), Err(HOUR));
        assert_eq!((hourly.left(later), hourly.take_many(later, 1)), (1, Ok(())));
    }

    #[test]
    fn a_clock_that_comes_late_does_not_make_room() {
        let start = Instant::now();
        let hourly = Hourly::new(2);
        assert_eq!(hourly.take(start + minutes(10)), Ok(()));
        assert_eq!(hourly.take(start), Ok(()));
        assert!(hourly.take(start + minutes(61)).is_err());
        assert_eq!(hourly.take(start + minutes(70)), Ok(()));
    }

    #[test]
    fn threads_never_take_more_than_there_is() {
        let hourly = Hourly::new(50);
        let taken: usize = thread::scope(|scope| {
            let take = || (0..40).filter(|_| hourly.take(Instant::now()).is_ok()).count();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((taken, hourly.left(Instant::now())), (50, 0));
    }

    #[test]
    fn a_poisoned_lock_is_taken_as_it_is() {
        let hourly = Hourly::new(1);
        thread::scope(|scope| {
            let poison = scope.spawn(|| {
                let _times = hourly.times.lock().unwrap();
                panic!("on purpose");
            });
            assert!(poison.join().is_err());
        });
        assert_eq!(hourly.take(Instant::now()), Ok(()));
        assert!(hourly.take(Instant::now()).is_err());
    }

    proptest! {
        #[test]
        fn no_hour_has_more_and_room_comes_when_it_was_told(
            limit in 0_u32..5,
            steps in prop::collection::vec(0_u64..4000, 0..60),
        ) {
            let hourly = Hourly::new(limit);
            let mut now = Instant::now();
            let mut taken: Vec<Instant> = Vec::new();
            for step in steps {
                now += Duration::from_secs(step);
                match hourly.take(now) {
                    Ok(()) => taken.push(now),
                    Err(wait) if limit > 0 => {
                        prop_assert!(hourly.check(now + wait).is_ok());
                        let too_soon = wait.saturating_sub(Duration::from_nanos(1));
                        prop_assert!(hourly.check(now + too_soon).is_err());
                    }
                    Err(wait) => prop_assert_eq!(wait, HOUR),
                }
                let recent = taken.iter().filter(|time| now - **time < HOUR).count();
                prop_assert!(recent <= limit as usize);
                prop_assert_eq!(hourly.left(now) as usize, limit as usize - recent);
            }
        }
    }
}
