//! The sandbox with very many users: how much longer it takes to find one of them by an address than
//! one of a few.

use reqwest::Client;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::{Process, Times, listening, time};

const MANY: &str = "100000";
const FEW: &str = "100";
const CALLS: usize = 300;

/// A sandbox, and the path that finds its newest user by their address.
struct Filled {
    _process: Process,
    url: String,
    path: String,
}

/// Prints the start with many users, and what finding one takes.
pub(crate) fn run(runtime: &Runtime) {
    let client = Client::builder().no_proxy().build().unwrap();
    let get = |url: &str| {
        runtime.block_on(async {
            let request = client.get(url).bearer_auth("sk_test_bench");
            let body = request.send().await.unwrap().bytes().await.unwrap();
            serde_json::from_slice::<Value>(&body).unwrap()
        })
    };
    let start = |users: &str| {
        let (process, url) = listening(&["sandbox", "--users", users], &[]);
        let newest = get(&format!("{url}/v1/users?limit=1&email_address_query=@"));
        let address = newest[0]["email_addresses"][0]["email_address"].as_str().unwrap();
        let path = format!("/v1/users?email_address={address}");
        Filled { _process: process, url, path }
    };
    let mut many = None;
    let begin = time(|| many = Some(start(MANY)));
    let (many, few) = (many.unwrap(), start(FEW));
    let find = |of: &Filled| {
        let found = get(&format!("{}{}", of.url, of.path));
        assert_eq!(found.as_array().unwrap().len(), 1);
    };
    // The index is made with the first.
    let first = time(|| find(&many));
    find(&few);
    let turns = (0..CALLS).map(|_| (time(|| find(&many)), time(|| find(&few))));
    let (of_many, of_few): (Vec<_>, Vec<_>) = turns.unzip();
    let (of_many, of_few) = (Times::from_iter(of_many), Times::from_iter(of_few));
    println!(
        "sandbox with {MANY} users: {:.2} s to the first response; a user by address {:.0} ms at first, \
         then {:.2} ms (p50), {:.2} times as long as with {FEW} users",
        begin.as_secs_f64(),
        first.as_secs_f64() * 1000.0,
        of_many.ms(50),
        of_many.ms(50) / of_few.ms(50)
    );
}
