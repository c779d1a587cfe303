//! The thread of the catalog's one writer: changes in, one transaction per batch.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Shutdown, limits};
use catalog::{ApplyError, Change, Writer};

use crate::vital::Vital;

/// How often a catalog that cannot be written is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// Called once changes are durable, or refused.
pub type Done = Box<dyn FnOnce(Result<(), ApplyError>) + Send>;

/// Changes that belong together, and who waits for them.
struct Request {
    changes: Vec<Change>,
    done: Done,
    /// Whoever asks says what comes of it.
    is_told: bool,
}

/// The door to the catalog's writer. Clones share it.
#[derive(Clone)]
pub struct Rows {
    queue: SyncSender<Request>,
    trouble: Trouble,
}

/// What is wrong with the catalog, in words, while it is. Its lock guards memory only.
#[derive(Clone, Default)]
struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn set(&self, words: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = words;
    }
}

impl Rows {
    /// Starts the writer's thread. It ends when every door is closed and all is written, or, once
    /// `given_up` is requested, without what cannot be written.
    pub fn start(writer: Writer, given_up: Shutdown) -> std::io::Result<Self> {
        let (queue, requests) = sync_channel(limits::CATALOG_QUEUE_MAX);
        let trouble = Trouble::default();
        let theirs = trouble.clone();
        std::thread::Builder::new().name("catalog".to_owned()).spawn(move || {
            let _vital = Vital::new("writes the catalog");
            write(writer, &requests, &given_up, &theirs);
        })?;
        Ok(Self { queue, trouble })
    }

    /// Hands changes over without waiting; they come back when the queue is full.
    pub fn submit(&self, changes: Vec<Change>, done: Done) -> Result<(), (Vec<Change>, Done)> {
        self.hand_over(Request { changes, done, is_told: false })
    }

    /// As [`Rows::submit`], for those who say themselves what came of it, and try again.
    pub fn offer(&self, changes: Vec<Change>, done: Done) -> Result<(), (Vec<Change>, Done)> {
        self.hand_over(Request { changes, done, is_told: true })
    }

    fn hand_over(&self, request: Request) -> Result<(), (Vec<Change>, Done)> {
        match self.queue.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(r) | TrySendError::Disconnected(r)) => {
                self.trouble.set(Some("the catalog does not keep up with its rows".to_owned()));
                Err((r.changes, r.done))
            }
        }
    }

    /// What is wrong with the catalog, in words: it cannot be written, or does not keep up.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Blocks until everything submitted before this call is durable; whether it is.
    pub fn flush(&self) -> bool {
        // An empty batch is durable when those before it are: the queue keeps its order.
        self.wait_for(Vec::new(), false).is_ok()
    }

    /// Makes changes durable and waits for it, blocking this thread.
    pub fn apply(&self, changes: Vec<Change>) -> Result<(), ApplyError> {
        if changes.is_empty() { Ok(()) } else { self.wait_for(changes, false) }
    }

    /// As [`Rows::apply`], for those who say themselves what came of it, and try again.
    pub fn attempt(&self, changes: Vec<Change>) -> Result<(), ApplyError> {
        if changes.is_empty() { Ok(()) } else { self.wait_for(changes, true) }
    }

    fn wait_for(&self, changes: Vec<Change>, is_told: bool) -> Result<(), ApplyError> {
        let (done, wait) = sync_channel(1);
        let done: Done = Box::new(move |result| {
            // Whoever asked may be gone by now.
            let _ = done.try_send(result);
        });
        let gone = || ApplyError::Database("its writer has ended".to_owned());
        self.queue.send(Request { changes, done, is_told }).map_err(|_| gone())?;
        wait.recv().map_err(|_| gone())?
    }
}

fn write(mut writer: Writer, requests: &Receiver<Request>, given_up: &Shutdown, trouble: &Trouble) {
    while let Ok(first) = requests.recv() {
        let mut count = first.changes.len();
        let mut batch = vec![first];
        while count < limits::CATALOG_BATCH_MAX
            && let Ok(next) = requests.try_recv()
        {
            // Those who only wait for what was before them count too.
            count += next.changes.len().max(1);
            batch.push(next);
        }
        let all: Vec<Change> = batch.iter().flat_map(|r| r.changes.iter().cloned()).collect();
        match writer.apply(&all) {
            Ok(()) => {
                trouble.set(None);
                batch.into_iter().for_each(|request| (request.done)(Ok(())));
            }
            // One that is refused must not take the others with it.
            Err(_) => batch.into_iter().for_each(|request| {
                write_alone(&mut writer, request, given_up, trouble);
            }),
        }
    }
}

fn write_alone(writer: &mut Writer, request: Request, given_up: &Shutdown, trouble: &Trouble) {
    let lasting = request.changes.iter().any(is_of_footage);
    // Who waits for what is tried for as long as it takes says nothing meanwhile.
    let mut told = request.is_told && !lasting;
    loop {
        let result = writer.apply(&request.changes);
        let again = matches!(result, Err(ApplyError::Database(_))) && lasting;
        trouble.set(match &result {
            Err(error @ ApplyError::Database(_)) => Some(error.to_string()),
            _ => None,
        });
        match &result {
            Ok(()) => {}
            // Whoever asked for it is told why: nothing is wrong with the catalog.
            Err(ApplyError::Refused { why, .. }) if !lasting && !told => {
                tracing::info!(%why, "a change was refused");
            }
            Err(error) if !told => {
                let then = if again { "; trying on" } else { "" };
                tracing::error!(%error, "the catalog was not written{then}");
                told = true;
            }
            Err(_) => {}
        }
        // Rows of footage are never given up while we run: files without rows are adopted at the
        // next start, but until then nobody would find them.
        if !again || given_up.wait_timeout(RETRY) {
            return (request.done)(result);
        }
    }
}

/// Whether a change speaks of footage: it may be applied twice, and must not be lost.
fn is_of_footage(change: &Change) -> bool {
    matches!(
        change,
        Change::SegmentOpened(_)
            | Change::SegmentSealed { .. }
            | Change::SegmentBreaksOff { .. }
            | Change::SegmentGarbage(_)
            | Change::SegmentDue(_)
            | Change::SegmentDeleted(_)
    )
}

/// A [`Done`] for those who do not wait: what is refused is logged by the writer.
pub fn nobody_waits() -> Done {
    Box::new(|_| {})
}
