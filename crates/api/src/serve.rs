//! Accepting connections over TCP and unix sockets, and letting them run out.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base::{Shutdown, limits};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::app::App;
use crate::outlet::{Outlet, Socket, Unhurried};
use crate::peer::Peer;
use crate::routes::router;

/// After accepting failed (no file descriptors left, say), a short rest.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A place where connections are accepted.
pub struct Listener(Kind);

enum Kind {
    Tcp(TcpListener),
    /// With its path, to be removed in the end.
    Unix(UnixListener, PathBuf),
}

/// A place where connections cannot be accepted.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {place}: {why}{advice}")]
pub struct BindError {
    place: String,
    why: io::Error,
    advice: &'static str,
}

impl Listener {
    /// Starts to listen. A socket file that nobody serves any more is replaced. Must be called
    /// inside a tokio runtime.
    pub async fn bind(place: &config::Listen) -> Result<Self, BindError> {
        let bound = match place {
            config::Listen::Tcp(address) => TcpListener::bind(address).await.map(Kind::Tcp),
            config::Listen::Unix(path) => bind_unix(path).await,
        };
        bound.map(Self).map_err(|why| {
            let advice = match why.kind() {
                io::ErrorKind::AddrInUse => "; is another one running there?",
                io::ErrorKind::PermissionDenied => "; choose a port from 1024 on, or another path",
                io::ErrorKind::AddrNotAvailable => "; no interface of this machine has it",
                _ => "",
            };
            BindError { place: place.to_string(), why, advice }
        })
    }

    /// Where TCP connections are accepted: the port too where 0 was asked for.
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        match &self.0 {
            Kind::Tcp(listener) => listener.local_addr().ok(),
            Kind::Unix(..) => None,
        }
    }

    async fn accept(&self) -> io::Result<(Outlet, Peer)> {
        match &self.0 {
            Kind::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // Answers are written whole; waiting for more only delays them.
                stream.set_nodelay(true)?;
                Ok((Outlet::new(Socket::Tcp(stream)), Peer::Tcp(address)))
            }
            Kind::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                let uid = stream.peer_cred().ok().map(|peer| peer.uid());
                Ok((Outlet::new(Socket::Unix(stream)), Peer::Unix(uid)))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Kind::Unix(_, path) = &self.0 {
            let _ = rustix::fs::unlink(path.as_path());
        }
    }
}

async fn bind_unix(path: &Path) -> io::Result<Kind> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            // Somebody answers: it is theirs. Nobody does: it was left behind by a kill.
            if UnixStream::connect(path).await.is_ok() {
                return Err(error);
            }
            rustix::fs::unlink(path)?;
            UnixListener::bind(path)?
        }
        bound => bound?,
    };
    // Who may do what is decided by the peer's uid; this only keeps strangers from trying.
    rustix::fs::chmod(path, rustix::fs::Mode::from_raw_mode(0o600))?;
    Ok(Kind::Unix(listener, path.to_owned()))
}

/// Serves until the app's shutdown signal; then accepts no more, and lets what is under way run
/// out for [`limits::SHUTDOWN_DRAIN_TIMEOUT`]. Returns how many connections were cut off.
pub async fn serve(listeners: Vec<Listener>, app: App) -> usize {
    let shutdown = app.shutdown().clone();
    let router = router(app);
    let mut accepting = JoinSet::new();
    for listener in listeners {
        let door = Door { listener, router: router.clone(), shutdown: shutdown.clone() };
        accepting.spawn(door.accept_all());
    }
    let mut connections = Vec::new();
    while let Some(done) = accepting.join_next().await {
        connections.extend(done.ok());
    }
    let all_done = async {
        for set in &mut connections {
            while set.join_next().await.is_some() {}
        }
    };
    let _ = tokio::time::timeout(limits::SHUTDOWN_DRAIN_TIMEOUT, all_done).await;
    let cut = connections.iter().map(JoinSet::len).sum();
    if cut > 0 {
        tracing::info!(connections = cut, "cut off connections that did not end in time");
    }
    // Dropping the sets ends their tasks.
    cut
}

/// One listener with what its connections need.
struct Door {
    listener: Listener,
    router: Router,
    shutdown: Shutdown,
}

impl Door {
    /// Accepts until shutdown; the connections that are open then.
    async fn accept_all(self) -> JoinSet<()> {
        let mut connections = JoinSet::new();
        let places = Arc::new(Semaphore::new(limits::HTTP_CONNECTIONS_MAX));
        let mut stop = self.shutdown.requested();
        loop {
            let next = async {
                let place = places.clone().acquire_owned().await;
                (place, self.listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                () = &mut stop => return connections,
                next = next => next,
            };
            while connections.try_join_next().is_some() {}
            match (place, accepted) {
                (Ok(place), Ok((outlet, peer))) => {
                    connections.spawn(self.connection(outlet, peer, place));
                }
                (_, Err(error)) if is_serious(&error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                _ => {}
            }
        }
    }

    fn connection(
        &self,
        outlet: Outlet,
        peer: Peer,
        place: OwnedSemaphorePermit,
    ) -> impl Future<Output = ()> + use<> {
        let (router, shutdown) = (self.router.clone(), self.shutdown.clone());
        async move {
            run(outlet, peer, router, shutdown).await;
            drop(place);
        }
    }
}

/// Serves one connection to its end. After the shutdown signal it ends with the answer that is
/// under way, at once when there is none.
pub(crate) async fn run(outlet: Outlet, peer: Peer, router: Router, shutdown: Shutdown) {
    let out = outlet.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let (answer, out) = (router.clone().oneshot(request.map(Body::new)), out.clone());
        async move { answer.await.map(|answer| Unhurried::of(answer, out)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HTTP_HEAD_TIMEOUT)
        .max_buf_size(limits::HTTP_BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(outlet), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.requested() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(?peer, "a connection ended: {error}");
    }
}

/// Whether accepting failed on our side, and not because the client went away.
fn is_serious(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    !matches!(
        error.kind(),
        Kind::ConnectionAborted | Kind::ConnectionReset | Kind::ConnectionRefused
    )
}
