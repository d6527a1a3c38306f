//! Where a request came from, by its TCP connection. What a request says of it, such as
//! `X-Forwarded-For`, anyone can write, so it is read nowhere.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The bits of an IPv6 address that name the network.
const NETWORK: u128 = u128::MAX << 64;

/// The address that a request came from; of an IPv6 address the network of 64 bits, all of which one
/// machine may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

impl From<SocketAddr> for PeerAddress {
    fn from(peer: SocketAddr) -> Self {
        Self(match peer.ip().to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_peer() {
        let cases = [
            ("10.0.0.1:80", "10.0.0.1"),
            ("[::ffff:10.0.0.1]:81", "10.0.0.1"),
            ("[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::"),
            ("[2001:db8:1:2:ffff::]:80", "2001:db8:1:2::"),
        ];
        for (socket, peer) in cases {
            let socket: SocketAddr = socket.parse().unwrap();
            assert_eq!(PeerAddress::from(socket), PeerAddress(peer.parse().unwrap()));
        }
    }
}
