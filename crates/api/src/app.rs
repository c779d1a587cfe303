//! What every request can reach.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use access::Guessing;
use base::{Shutdown, limits};
use catalog::Catalog;
use live::LiveHub;
use logs::Log;
use playback::{ClipPlan, ClipRequest, PlanError, Source};
use tokio::sync::Semaphore;
use world::{Clock, Entropy};

use crate::ahead::Reads;
use crate::downloads::Downloads;
use crate::load::Load;
use crate::operations::Operations;
use crate::plans::Plans;
use crate::problem::Problem;
use crate::stills::{Drawing, Stills};

/// What the API is made of.
pub struct Parts {
    /// Answers questions about the archive.
    pub catalog: Catalog,
    /// Recorded footage.
    pub source: Arc<dyn Source>,
    /// Live pictures.
    pub live: LiveHub,
    /// What the program says of itself.
    pub log: Log,
    /// The running system.
    pub operations: Arc<dyn Operations>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How stills are drawn.
    pub drawing: Drawing,
    /// For secrets.
    pub entropy: Arc<dyn Entropy>,
    /// What may change while it runs.
    pub settings: Settings,
    /// Ends WebSockets, and the serving of whatever is open.
    pub shutdown: Shutdown,
}

/// What the configuration says about serving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Names beside IP addresses, `localhost` and the like that a `Host` may have.
    pub hosts: Vec<String>,
    /// Whether everything is served to everybody while there is no account.
    pub allow_unauthenticated: bool,
}

/// The state of the API; clones share it.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    parts: Parts,
    settings: RwLock<Arc<Settings>>,
    guessing: Mutex<Guessing>,
    hashing: Arc<Semaphore>,
    load: Load,
    sockets: Arc<Semaphore>,
    reads: Reads,
    waiting: Arc<Semaphore>,
    stills: Arc<Stills>,
    plans: Plans,
    downloads: Downloads,
    planning: Arc<Semaphore>,
    probing: Arc<Semaphore>,
    own_uid: u32,
}

impl App {
    /// The state over `parts`.
    pub fn new(parts: Parts) -> Self {
        let settings = RwLock::new(Arc::new(parts.settings.clone()));
        let stills = Arc::new(Stills::new(&parts.drawing));
        Self(Arc::new(Shared {
            parts,
            settings,
            guessing: Mutex::default(),
            hashing: Arc::new(Semaphore::new(limits::PASSWORD_HASHES_MAX)),
            load: Load::new(),
            sockets: Arc::new(Semaphore::new(limits::WEBSOCKETS_MAX)),
            reads: Reads::default(),
            waiting: Arc::new(Semaphore::new(limits::LIVE_HLS_WAITING_MAX)),
            stills,
            plans: Plans::default(),
            downloads: Downloads::default(),
            planning: Arc::new(Semaphore::new(1)),
            probing: Arc::new(Semaphore::new(limits::PROBES_MAX)),
            own_uid: rustix::process::getuid().as_raw(),
        }))
    }

    /// Takes settings over that were read again.
    pub fn set_settings(&self, settings: Settings) {
        *self.0.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// The plan of a clip. May block.
    pub(crate) fn plan(&self, request: ClipRequest) -> Result<Arc<ClipPlan>, PlanError> {
        let Shared { parts, plans, .. } = &*self.0;
        plans.of(request, &*parts.source, || parts.catalog.revision())
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.0.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.parts.catalog
    }

    pub(crate) fn source(&self) -> &Arc<dyn Source> {
        &self.0.parts.source
    }

    pub(crate) fn live(&self) -> &LiveHub {
        &self.0.parts.live
    }

    pub(crate) fn log(&self) -> &Log {
        &self.0.parts.log
    }

    pub(crate) fn operations(&self) -> &dyn Operations {
        &*self.0.parts.operations
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.0.parts.entropy
    }

    pub(crate) fn shutdown(&self) -> &Shutdown {
        &self.0.parts.shutdown
    }

    /// Failed attempts to sign in. Guards memory only.
    pub(crate) fn guessing(&self) -> MutexGuard<'_, Guessing> {
        self.0.guessing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One permit for each password that is hashed at this moment.
    pub(crate) fn hashing(&self) -> &Arc<Semaphore> {
        &self.0.hashing
    }

    /// One permit: for the plan of an export, which may take much memory, and is asked for seldom.
    pub(crate) fn planning(&self) -> &Arc<Semaphore> {
        &self.0.planning
    }

    /// One permit for each camera that is asked before it is added or changed.
    pub(crate) fn probing(&self) -> &Arc<Semaphore> {
        &self.0.probing
    }

    /// The downloads of exports that stand in the audit.
    pub(crate) fn downloads(&self) -> &Downloads {
        &self.0.downloads
    }

    /// The requests that are under way.
    pub(crate) fn load(&self) -> &Load {
        &self.0.load
    }

    /// One permit for each WebSocket that is open.
    pub(crate) fn sockets(&self) -> &Arc<Semaphore> {
        &self.0.sockets
    }

    /// One permit for each clip that reads from disk at this moment.
    pub(crate) fn reads(&self) -> &Arc<Semaphore> {
        &self.0.reads.threads
    }

    /// Under which bodies of files read.
    pub(crate) fn body_reads(&self) -> &Reads {
        &self.0.reads
    }

    /// One permit for each request that waits for live HLS at this moment.
    pub(crate) fn waiting(&self) -> &Arc<Semaphore> {
        &self.0.waiting
    }

    /// Stills and sheets that are drawn, wait, or were drawn.
    pub(crate) fn stills(&self) -> &Arc<Stills> {
        &self.0.stills
    }

    pub(crate) fn own_uid(&self) -> u32 {
        self.0.own_uid
    }

    /// Asks something that may block, on a thread that may.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let asked = tokio::task::spawn_blocking(move || ask(&app)).await;
        asked.unwrap_or_else(|_| Err(Problem::Internal("the request broke off".into())))
    }

    /// The same for what may wait for a disk, one of a few at a time.
    pub(crate) async fn reading<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let permit = self.reads().clone().acquire_owned().await;
        self.blocking(move |app| {
            let _permit = permit;
            ask(app)
        })
        .await
    }
}
