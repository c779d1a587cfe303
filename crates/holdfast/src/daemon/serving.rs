//! The doors to the outside: HTTP over TCP and Unix sockets, on a runtime of their own.

use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use api::{App, Drawing, Listener, Parts};
use base::{Shutdown, limits};
use catalog::Change;
use config::{Listen, Settings};
use live::LiveHub;
use logs::Log;
use playback::StoredFootage;
use still::Program;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::ending::{Teller, Told};
use super::house::{House, api_settings};
use super::operations::Running;
use crate::client::SOCKET;
use crate::rows::Done;
use crate::shutdown::Part;

/// The command that is the worker.
const STILL_WORKER: &str = "still-worker";
/// Threads that serve; blocking reads have threads of their own.
const THREADS: usize = 2;
/// Blocking reads at once: beyond it they wait.
const BLOCKING_THREADS_MAX: usize = 32;
/// The longest path of a Unix socket (`sun_path`, less its end).
const SOCKET_PATH_MAX: usize = 107;

/// What serves.
pub struct Serving {
    runtime: Runtime,
    shutdown: Shutdown,
    addresses: Vec<SocketAddr>,
    ended: Mutex<Option<JoinHandle<usize>>>,
}

/// Doors that are open, with nobody behind them yet: who knocks waits.
pub struct Doors {
    runtime: Runtime,
    listeners: Vec<Listener>,
    app: App,
    shutdown: Shutdown,
}

impl Doors {
    /// Opens what the settings say.
    pub fn open(house: &Arc<House>, settings: &Settings, live: LiveHub, log: Log) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_name("serve")
            .enable_all()
            .build()
            .context("cannot start the threads that serve")?;
        let shutdown = Shutdown::new();
        let app = App::new(Parts {
            catalog: house.catalog.clone(),
            source: Arc::new(footage(house)),
            live,
            log,
            operations: Arc::new(Running(house.clone())),
            clock: house.machine.clock.clone(),
            drawing: drawing(),
            entropy: house.machine.entropy.clone(),
            settings: api_settings(settings),
            shutdown: shutdown.clone(),
        });
        house.app.get_or_init(|| app.clone());
        let listeners = runtime.block_on(bind(settings))?;
        Ok(Self { runtime, listeners, app, shutdown })
    }

    /// Answers those who knock, and listens for signals.
    pub fn serve(self, teller: &Teller) -> Serving {
        let Self { runtime, listeners, app, shutdown } = self;
        let addresses: Vec<_> = listeners.iter().filter_map(Listener::tcp_address).collect();
        for address in &addresses {
            tracing::info!("the page is at http://{address}/");
        }
        runtime.spawn(listen_for_signals(teller.clone()));
        let ended = runtime.spawn(api::serve(listeners, app));
        Serving { runtime, shutdown, addresses, ended: Mutex::new(Some(ended)) }
    }
}

impl Serving {
    /// Where TCP connections are accepted.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Ends the threads without waiting for reads that a dead disk holds up.
    pub fn leave(self) {
        self.runtime.shutdown_background();
    }

    /// Takes no more connections and lets those that are open run out; tells when it is over.
    pub fn drain(&self, teller: &Teller) {
        self.shutdown.request();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let teller = teller.clone();
        self.runtime.spawn(async move {
            let cut = match ended {
                Some(ended) => ended.await.unwrap_or(0),
                None => 0,
            };
            teller.tell(Told::Ended(Part::Drain, cut == 0));
        });
    }
}

/// Footage for readers; indexes that had to be read from files go back into the catalog's cache.
pub fn footage(house: &House) -> StoredFootage {
    let rows = house.rows.clone();
    let footage = StoredFootage::new(house.catalog.clone(), Arc::new(house.open.clone()));
    let waiting = Arc::new(Semaphore::new(limits::INDEX_REFILLS_MAX));
    footage.refilling(move |segment, index| {
        // A cache may miss: when the writer is behind, the file is read again next time.
        if let Ok(place) = waiting.clone().try_acquire_owned() {
            let done: Done = Box::new(move |_| drop(place));
            let _ = rows.submit(vec![Change::PutIndex { segment, index }], done);
        }
    })
}

/// Stills are drawn by this same program, a worker for every two processors, up to a few: each
/// holds a thread for blocking calls while it draws.
fn drawing() -> Drawing {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let arguments = vec![STILL_WORKER.into()];
    let program = Program { file: "/proc/self/exe".into(), arguments };
    Drawing { program, workers: (processors / 2).clamp(1, limits::STILL_WORKERS_MAX) }
}

/// Binds what the settings say, and the socket beside the catalog that the command line uses.
async fn bind(settings: &Settings) -> Result<Vec<Listener>> {
    let own = settings.archive.catalog.join(SOCKET);
    let mut places = settings.server.listen.clone();
    if own.as_os_str().len() > SOCKET_PATH_MAX {
        tracing::warn!(
            "{} is too long a path for a socket: commands reach this server only by a shorter \
             unix: place under [server] listen",
            own.display()
        );
    } else if !places.contains(&Listen::Unix(own.clone())) {
        places.push(Listen::Unix(own));
    }
    let mut listeners = Vec::new();
    for place in &places {
        listeners.push(Listener::bind(place).await?);
    }
    Ok(listeners)
}

async fn listen_for_signals(teller: Teller) {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    );
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = signals else {
        tracing::error!("cannot listen for signals: only SIGKILL ends this process");
        return;
    };
    loop {
        let told = tokio::select! {
            _ = interrupt.recv() => Told::Stop,
            _ = terminate.recv() => Told::Stop,
            _ = hangup.recv() => Told::Reload,
        };
        teller.tell(told);
    }
}
