//! Who calls, and how much of the server one of many clients may take.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use clerk_api::SecretKey;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ApprovalChannel;
use crate::{Error, principal::Principal, progress::Progress, tool::Reader};

/// How many calls one client of many, or one person who signed in, may have under way, so that the
/// others get their turn.
const CALLS_OF_ONE_CLIENT: usize = 16;
/// How many all clients at one address may have, since one of them can open many sessions.
const CALLS_OF_ONE_ADDRESS: usize = 24;
/// How many times as many may run or wait; further ones are refused at once.
const MOST: usize = 8;
/// So many shares are remembered before those without a call are forgotten.
const SHARES_KNOWN: usize = 256;

/// Who calls, as far as it matters to a call.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// A key of the caller's own, where the operator allows it.
    pub key: Option<SecretKey>,
    /// The caller's W3C trace context, for the log line.
    pub traceparent: Option<String>,
    /// Who the call is made for.
    pub principal: Principal,
    /// The client's name and version, as it says them.
    pub client: Option<String>,
    /// What tells the client from others, where there can be many.
    pub connection: Option<Connection>,
    /// The way to the person behind the caller.
    pub approval: ApprovalChannel,
    /// Who reads the result.
    pub reader: Reader,
    /// Where the progress of a long call goes to.
    pub progress: Progress,
}

impl Caller {
    /// The MCP session of the call, as the journal of changes names it; `of_process` if the process
    /// serves one client alone. A session's own ID opens it, so its name is made from a hash.
    pub(super) fn session(&self, of_process: &str) -> Option<String> {
        let Some(connection) = &self.connection else { return Some(of_process.to_owned()) };
        let hash = Sha256::digest(connection.session.as_deref()?.as_bytes());
        Some(session_name(hash.iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))))
    }
}

/// The name of a session: `mcp_` and 12 hexadecimal digits.
pub(super) fn session_name(number: u64) -> String {
    format!("mcp_{:012x}", number >> 16)
}

/// One client of many. Nothing of it is the client's to choose, as its name is: the server gives a
/// session its id, and the address is the other end of the TCP connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    /// The session. The stateless revision has none: all at one address are one client then.
    pub session: Option<Arc<str>>,
    /// The address that the request came from: an IPv6 network, since who has one address of it has all.
    pub address: Option<IpAddr>,
}

/// Whose calls are counted together.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Share {
    /// Somebody who signed in, whatever they come from.
    Person(String),
    Client(Connection),
    Address(IpAddr),
}

/// How many calls each client of many has under way.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<Share, Arc<Semaphore>>>);

/// Keeps a call counted.
pub(super) struct Place {
    _caller: OwnedSemaphorePermit,
    _address: Option<OwnedSemaphorePermit>,
}

impl Clients {
    /// Waits until whoever calls has room for one more call. A client that is the only one, as over
    /// stdio, has all the room there is. Of those who signed in each has a share: behind a proxy they
    /// all come from one address, and a person can open many sessions.
    ///
    /// # Errors
    /// There is no room within this time, or too many calls of the client wait for it.
    pub(super) async fn place(
        &self,
        caller: &Caller,
        time: Duration,
    ) -> Result<Option<Place>, Error> {
        let Some(client) = &caller.connection else { return Ok(None) };
        let (share, address) = match caller.principal.person() {
            Some(person) => (Share::Person(person.to_owned()), None),
            None => (Share::Client(client.clone()), client.address.map(Share::Address)),
        };
        let place = async {
            let of_caller = self.take(share, CALLS_OF_ONE_CLIENT).await?;
            let of_address = match address {
                Some(address) => Some(self.take(address, CALLS_OF_ONE_ADDRESS).await?),
                None => None,
            };
            Ok(Some(Place { _caller: of_caller, _address: of_address }))
        };
        tokio::time::timeout(time, place).await.unwrap_or(Err(Error::Busy))
    }

    async fn take(&self, share: Share, calls: usize) -> Result<OwnedSemaphorePermit, Error> {
        let places = {
            let mut shares = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if shares.len() >= SHARES_KNOWN {
                shares.retain(|_, places| Arc::strong_count(places) > 1);
            }
            let places = shares.entry(share).or_insert_with(|| Arc::new(Semaphore::new(calls)));
            // The other owners are the calls that run or wait.
            if Arc::strong_count(places) > calls * MOST {
                return Err(Error::Busy);
            }
            places.clone()
        };
        places.acquire_owned().await.map_err(|_| Error::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use futures::FutureExt;

    use super::*;
    use crate::principal::Authentication;

    fn caller(principal: Principal, session: usize) -> Caller {
        let session = Some(session.to_string().into());
        let address = Some(Ipv4Addr::new(192, 0, 2, 1).into());
        Caller { principal, connection: Some(Connection { session, address }), ..Caller::default() }
    }

    fn person(subject: &str) -> Principal {
        Principal { subject: Some(subject.to_owned()), ..Principal::by(Authentication::OAuth) }
    }

    /// How many calls get a place at once, each in a session of its own.
    fn placed(clients: &Clients, principal: &Principal) -> (usize, Vec<Place>) {
        let places = (0..100).filter_map(|session| {
            let caller = caller(principal.clone(), session);
            clients.place(&caller, Duration::ZERO).now_or_never()?.ok()?
        });
        let places: Vec<_> = places.collect();
        (places.len(), places)
    }

    #[tokio::test]
    async fn a_person_has_one_share_in_all_their_sessions_and_another_one_their_own() {
        let clients = Clients::default();
        let (one, _places) = placed(&clients, &person("user_1"));
        let (other, _others) = placed(&clients, &person("user_2"));
        assert_eq!((one, other), (CALLS_OF_ONE_CLIENT, CALLS_OF_ONE_CLIENT));
        // All are behind one proxy; those who didn't sign in share its address.
        let (nameless, _rest) = placed(&clients, &Principal::by(Authentication::Token));
        assert_eq!(nameless, CALLS_OF_ONE_ADDRESS);
    }
}
