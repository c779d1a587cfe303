//! Where a connection comes from.

use std::net::{IpAddr, SocketAddr};

/// Where a connection comes from; put beside each request by [`crate::serve()`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// TCP.
    Tcp(SocketAddr),
    /// The unix socket; the uid of the process at the other end, where the system tells.
    Unix(Option<u32>),
}

impl Peer {
    /// What attempts to sign in are counted under.
    pub(crate) fn key(&self) -> String {
        match self {
            // An IPv4 address may come as an IPv6 one.
            Self::Tcp(address) => match address.ip().to_canonical() {
                IpAddr::V4(ip) => ip.to_string(),
                // One household has a /64.
                IpAddr::V6(ip) => format!("{:x?}", &ip.segments()[..4]),
            },
            Self::Unix(uid) => format!("uid {uid:?}"),
        }
    }

    /// Whether many people may come from there: through a proxy on this machine.
    pub(crate) fn is_shared(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_has_one_key_and_a_proxy_is_shared() {
        let peer = |text: &str| Peer::Tcp(text.parse().expect("an address"));
        assert_eq!(peer("[::ffff:192.0.2.1]:1").key(), peer("192.0.2.1:2").key());
        assert_ne!(peer("[::ffff:192.0.2.1]:1").key(), peer("[::ffff:192.0.2.2]:1").key());
        assert_eq!(peer("[2001:db8::1]:1").key(), peer("[2001:db8::2]:1").key());
        for shared in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(peer(shared).is_shared(), "{shared}");
        }
        assert!(!peer("192.0.2.1:1").is_shared());
    }
}
