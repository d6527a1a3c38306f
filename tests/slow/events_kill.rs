//! A receiver that is killed again and again between receipt and answer.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use clerk_mcp::events::{Events, Filter, Settings};

use crate::{
    delivery::{SECRET, signed, user_event},
    http::client::Http,
    support::eventually,
};

const ROUNDS: usize = 12;
/// How many senders there are at a time.
const SENDERS: usize = 8;

#[cfg(unix)]
#[tokio::test]
async fn what_was_answered_is_there_once_whenever_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let file = path.to_str().unwrap();
    let answered: Arc<Mutex<HashSet<String>>> = Arc::default();
    let mut sent = 0;
    for round in 0..ROUNDS {
        let variables = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];
        let mut http = Http::start(&["--sandbox", "--events", file], &variables).await;
        let before = answered.lock().unwrap().len();
        let sending = (0..SENDERS).map(|sender| {
            let (answered, http) = (answered.clone(), &http);
            async move {
                for number in 0.. {
                    // Each is sent twice, as Svix does if a response is lost.
                    let id = format!("msg_{round}_{sender}_{}", number / 2);
                    let body = user_event("user.created", &id).to_string();
                    let answer = signed(http, &id, &body).send().await;
                    match answer {
                        Ok(answer) if answer.status() == 204 => {
                            answered.lock().unwrap().insert(id);
                        }
                        Ok(answer) => panic!("{}", answer.status()),
                        Err(_) => return number,
                    }
                }
                0
            }
        });
        let killing = async {
            let enough = before + fastrand::usize(SENDERS..40 * SENDERS);
            eventually(async || answered.lock().unwrap().len() >= enough).await;
            let id = http.child.id().unwrap().to_string();
            tokio::process::Command::new("kill").args(["-KILL", &id]).status().await.unwrap();
        };
        let (counts, ()) = tokio::join!(futures::future::join_all(sending), killing);
        sent += counts.iter().sum::<usize>();
        http.child.wait().await.unwrap();
    }
    let settings = Settings { file: Some(path.clone()), retention: Some(Duration::from_hours(24)) };
    let events = Events::open(settings).unwrap();
    let kept = events.after(0, Filter::default(), u64::MAX).await.unwrap();
    let ids: HashSet<_> = kept.iter().map(|stored| stored.event.id.clone()).collect();
    let answered = answered.lock().unwrap();
    println!("{sent} sent, {} ids answered, {} kept", answered.len(), kept.len());
    assert_eq!(ids.len(), kept.len(), "one is there twice");
    let lost: Vec<_> = answered.difference(&ids).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    assert!(answered.len() >= ROUNDS * SENDERS, "{} answered", answered.len());
}
