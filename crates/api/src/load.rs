//! How many requests are under way: few enough in all, and not all of them one stranger's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::limits;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::peer::Peer;

/// Requests by the key of their peer.
type Counts = Arc<Mutex<HashMap<String, usize>>>;

/// Counts requests. The unix socket has its own places: it is how the server is looked after
/// while strangers take all the others.
pub(crate) struct Load {
    tcp: Arc<Semaphore>,
    socket: Arc<Semaphore>,
    peers: Counts,
}

/// A request's place, given back when it is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    /// Those of the same peer, and its key there.
    peer: Option<(Counts, String)>,
}

impl Load {
    pub fn new() -> Self {
        Self {
            tcp: Arc::new(Semaphore::new(limits::HTTP_REQUESTS_MAX)),
            socket: Arc::new(Semaphore::new(limits::HTTP_SOCKET_REQUESTS_MAX)),
            peers: Arc::default(),
        }
    }

    /// A place for a request of `peer`, where there is one.
    pub fn admit(&self, peer: &Peer) -> Option<Place> {
        let places = if matches!(peer, Peer::Unix(_)) { &self.socket } else { &self.tcp };
        let permit = places.clone().try_acquire_owned().ok()?;
        // Through a proxy on this machine come many people.
        let is_proxy = matches!(peer, Peer::Tcp(_)) && peer.is_shared();
        let peer = if is_proxy { None } else { Some(self.count(peer.key())?) };
        Some(Place { _permit: permit, peer })
    }

    fn count(&self, key: String) -> Option<(Counts, String)> {
        let mut peers = lock(&self.peers);
        let count = peers.entry(key.clone()).or_default();
        if *count >= limits::HTTP_PEER_REQUESTS_MAX {
            return None;
        }
        *count += 1;
        drop(peers);
        Some((self.peers.clone(), key))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((peers, key)) = &self.peer else { return };
        let mut peers = lock(peers);
        if let Some(count) = peers.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                peers.remove(key);
            }
        }
    }
}

fn lock(peers: &Mutex<HashMap<String, usize>>) -> MutexGuard<'_, HashMap<String, usize>> {
    peers.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(last: u8) -> Peer {
        Peer::Tcp(([192, 0, 2, last], 4711).into())
    }

    #[test]
    fn one_stranger_leaves_places_for_others_and_gets_them_back() {
        let load = Load::new();
        let held: Vec<_> = std::iter::from_fn(|| load.admit(&tcp(1))).collect();
        assert_eq!(held.len(), limits::HTTP_PEER_REQUESTS_MAX);
        assert!(load.admit(&tcp(2)).is_some());
        drop(held);
        assert!(lock(&load.peers).is_empty());
        assert!(load.admit(&tcp(1)).is_some());
    }

    #[test]
    fn the_socket_has_places_while_strangers_take_all_others() {
        let load = Load::new();
        let peers = || (0..=255).cycle().take(4 * limits::HTTP_REQUESTS_MAX);
        let held: Vec<_> = peers().filter_map(|last| load.admit(&tcp(last))).collect();
        assert_eq!(held.len(), limits::HTTP_REQUESTS_MAX);
        assert!(load.admit(&Peer::Unix(Some(1000))).is_some());
    }

    #[test]
    fn one_account_of_the_machine_leaves_the_socket_to_others() {
        let load = Load::new();
        let held: Vec<_> = std::iter::from_fn(|| load.admit(&Peer::Unix(Some(1001)))).collect();
        assert_eq!(held.len(), limits::HTTP_PEER_REQUESTS_MAX);
        assert!(load.admit(&Peer::Unix(Some(1000))).is_some());
    }

    #[test]
    fn a_proxy_may_use_every_place() {
        let (load, proxy) = (Load::new(), Peer::Tcp(([127, 0, 0, 1], 4711).into()));
        let held: Vec<_> = std::iter::from_fn(|| load.admit(&proxy)).collect();
        assert_eq!(held.len(), limits::HTTP_REQUESTS_MAX);
    }
}
