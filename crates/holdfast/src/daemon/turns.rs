//! Changes of configuration, one after the other, on a thread of their own: each reads the rows
//! and makes them run before the next one reads. Whoever asks waits with a deadline; a change that
//! hangs on a disk or on the catalog holds up other changes of configuration, and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api::operations::OperationError;
use base::{MonoTime, Shutdown, limits};
use tokio::sync::oneshot;
use world::Clock;

/// What those hear who come too late.
const STOPPING: &str = "the server is stopping: nothing was changed";
/// What those hear whose change is under way then.
const STOPPED: &str = "the server is stopping: how far this came, the next start shows";
/// Why a change takes so long.
const WHY: &str = "a disk or the catalog is slow, or does not answer";

/// The door to the thread.
pub struct Turns {
    queue: SyncSender<Turn>,
    under_way: UnderWay,
    clock: Arc<dyn Clock>,
    closed: Shutdown,
}

/// One change.
struct Turn {
    /// What it does, in words.
    what: &'static str,
    claim: Claim,
    work: Box<dyn FnOnce() + Send>,
}

/// Whose a change is: whoever takes it first carries it out, or withdraws it.
#[derive(Clone, Default)]
struct Claim(Arc<AtomicBool>);

impl Claim {
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// Withdraws a change whose asker has gone away, unless it has begun.
struct Withdrawn(Claim);

impl Drop for Withdrawn {
    fn drop(&mut self) {
        self.0.take();
    }
}

/// What the thread is at. Guards memory only.
#[derive(Clone, Default)]
struct UnderWay(Arc<Mutex<Option<Begun>>>);

#[derive(Clone, Copy)]
struct Begun {
    what: &'static str,
    at: MonoTime,
    /// Whether it was said that it does not end.
    said: bool,
}

impl UnderWay {
    fn set(&self, begun: Option<Begun>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = begun;
    }
}

impl Turns {
    /// Starts the thread; it ends once the door is closed.
    pub fn start(clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (queue, turns) = sync_channel(limits::CONFIG_CHANGES_MAX);
        let (under_way, closed) = (UnderWay::default(), Shutdown::new());
        let theirs = (under_way.clone(), clock.clone(), closed.clone());
        let thread = std::thread::Builder::new().name("configure".to_owned());
        thread.spawn(move || carry_out(&turns, &theirs.0, &*theirs.1, &theirs.2))?;
        Ok(Self { queue, under_way, clock, closed })
    }

    /// Has `work` done in its turn, and waits for its outcome for as long as `patience`. What has
    /// not begun by then is not done; nor is it when nobody waits any more, or the door is closed.
    pub async fn ask<T: Send + 'static>(
        &self,
        what: &'static str,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, OperationError> {
        let (done, mut outcome) = oneshot::channel();
        let claim = Claim::default();
        let _withdrawn = Withdrawn(claim.clone());
        let work = Box::new(move || {
            // Whoever asked may have gone away.
            let _ = done.send(work());
        });
        self.queue(Turn { what, claim: claim.clone(), work })?;
        let closed = tokio::select! {
            biased;
            outcome = &mut outcome => match outcome {
                Ok(outcome) => return Ok(outcome),
                Err(_) if self.closed.is_requested() => true,
                Err(_) => return no("it broke off: the log says where".to_owned()),
            },
            () = tokio::time::sleep(patience) => false,
            () = self.closed.requested() => true,
        };
        let seconds = patience.as_secs();
        no(match (claim.take(), closed) {
            (true, true) => STOPPING.to_owned(),
            (false, true) => STOPPED.to_owned(),
            (true, false) => format!(
                "nothing was changed: {} did not end within {seconds} s ({WHY}); try again later",
                self.before()
            ),
            (false, false) => {
                format!(
                    "not done within {seconds} s ({WHY}); it goes on, and comes into effect yet"
                )
            }
        })
    }

    /// Has `work` done in its turn; nobody waits for it.
    pub fn tell(
        &self,
        what: &'static str,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), OperationError> {
        self.queue(Turn { what, claim: Claim::default(), work: Box::new(work) })
    }

    /// Nothing that has not begun is begun any more, and whoever waits hears of it.
    pub fn close(&self) {
        self.closed.request();
        // Wakes the thread; one that cannot take it is awake.
        let (claim, work) = (Claim::default(), Box::new(|| {}));
        let _ = self.queue.try_send(Turn { what: "the end", claim, work });
    }

    /// That a change does not end, in words: once for each.
    pub fn complaint(&self) -> Option<String> {
        let mut under_way = self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = under_way.as_mut().filter(|begun| !begun.said)?;
        let lasts = self.clock.mono().since(begun.at);
        if lasts < limits::CONFIG_ANSWER_TIMEOUT {
            return None;
        }
        begun.said = true;
        Some(format!(
            "{} has not ended after {} s ({WHY}); until it has, no other change of configuration \
             is made",
            begun.what,
            lasts.as_secs()
        ))
    }

    fn queue(&self, turn: Turn) -> Result<(), OperationError> {
        if self.closed.is_requested() {
            return no(STOPPING.to_owned());
        }
        match self.queue.try_send(turn) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => no(format!(
                "nothing was changed: {} is under way, and {} changes wait; try again later",
                self.before(),
                limits::CONFIG_CHANGES_MAX
            )),
            Err(TrySendError::Disconnected(_)) => no(STOPPING.to_owned()),
        }
    }

    fn before(&self) -> &'static str {
        let under_way = self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.map_or("the change before it", |begun| begun.what)
    }
}

fn no<T>(why: String) -> Result<T, OperationError> {
    Err(OperationError(why))
}

fn carry_out(turns: &Receiver<Turn>, under_way: &UnderWay, clock: &dyn Clock, closed: &Shutdown) {
    while let Ok(turn) = turns.recv() {
        if closed.is_requested() {
            return;
        }
        if !turn.claim.take() {
            continue;
        }
        under_way.set(Some(Begun { what: turn.what, at: clock.mono(), said: false }));
        // A bug in one change must cost neither the recording nor the changes after it.
        let done = catch_unwind(AssertUnwindSafe(turn.work));
        under_way.set(None);
        if done.is_err() {
            tracing::error!("{} broke off: this is a bug; what it had done stays", turn.what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::WallTime;
    use std::sync::mpsc::channel;
    use world::sim::SimClock;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(50);

    fn turns() -> (Arc<Turns>, SimClock) {
        let clock = SimClock::new(WallTime::EPOCH);
        (Arc::new(Turns::start(Arc::new(clock.clone())).expect("a thread starts")), clock)
    }

    /// Has the thread hang in a change until what is returned is dropped.
    fn hang(turns: &Turns) -> std::sync::mpsc::Sender<()> {
        let ((begun, begins), (release, released)) = (channel(), channel::<()>());
        let told = turns.tell("a change that hangs", move || {
            begun.send(()).expect("the test waits");
            let _ = released.recv();
        });
        told.expect("there is room");
        begins.recv().expect("it begins");
        release
    }

    fn refused<T: std::fmt::Debug>(outcome: Result<T, OperationError>) -> String {
        outcome.expect_err("there is no outcome").to_string()
    }

    #[tokio::test]
    async fn changes_are_made_one_after_the_other_in_the_order_of_their_asking() {
        let (turns, _) = turns();
        let release = hang(&turns);
        let done = Arc::new(Mutex::new(Vec::new()));
        let note = |number: u8| {
            let done = done.clone();
            move || done.lock().expect("is whole").push(number)
        };
        let (first, second) = (turns.ask("one", LONG, note(1)), turns.ask("two", LONG, note(2)));
        let released = async {
            tokio::time::sleep(SHORT).await;
            assert!(done.lock().expect("is whole").is_empty(), "both wait");
            drop(release);
        };
        let (first, second, ()) = tokio::join!(first, second, released);
        assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
        assert_eq!(*done.lock().expect("is whole"), [1, 2]);
    }

    #[tokio::test]
    async fn what_has_not_begun_by_its_deadline_is_never_done_and_what_has_goes_on() {
        let (turns, _) = turns();
        let release = hang(&turns);
        let why = refused(turns.ask("x", SHORT, || panic!("it was withdrawn")).await);
        assert!(why.starts_with("nothing was changed: a change that hangs did not end"), "{why}");
        drop(release);
        let (release, released) = channel::<()>();
        let (done, is_done) = channel();
        let work = move || {
            let _ = released.recv();
            done.send(()).expect("the test waits");
        };
        let why = refused(turns.ask("x", SHORT, work).await);
        assert!(why.contains("it goes on"), "{why}");
        drop(release);
        is_done.recv().expect("it is done all the same");
        assert_eq!(turns.ask("x", LONG, || 7).await.expect("the thread is well"), 7);
    }

    #[tokio::test]
    async fn a_change_whose_asker_went_away_is_not_made() {
        let (turns, _) = turns();
        let release = hang(&turns);
        let gone = turns.ask("x", LONG, || panic!("nobody wants it"));
        assert!(tokio::time::timeout(SHORT, gone).await.is_err(), "it waits");
        drop(release);
        assert_eq!(turns.ask("x", LONG, || 7).await.expect("the thread is well"), 7);
    }

    #[tokio::test]
    async fn a_change_that_fails_by_a_bug_takes_no_other_with_it() {
        let (turns, _) = turns();
        let why = refused(turns.ask::<()>("x", LONG, || panic!("a bug")).await);
        assert!(why.contains("broke off"), "{why}");
        assert_eq!(turns.ask("x", LONG, || 7).await.expect("the thread is well"), 7);
    }

    #[tokio::test]
    async fn more_than_the_queue_holds_is_refused() {
        let (turns, _) = turns();
        let _release = hang(&turns);
        for _ in 0..limits::CONFIG_CHANGES_MAX {
            turns.tell("x", || {}).expect("there is room");
        }
        assert!(refused(turns.tell("x", || {})).contains("changes wait;"));
    }

    #[tokio::test]
    async fn closing_ends_every_wait_and_the_thread() {
        let (turns, _) = turns();
        let release = hang(&turns);
        let held = Arc::new(());
        let waits = {
            let (turns, held) = (turns.clone(), held.clone());
            let work = move || panic!("begun after the end: {held:?}");
            tokio::spawn(async move { turns.ask::<()>("x", LONG, work).await })
        };
        tokio::time::sleep(SHORT).await;
        turns.close();
        let why = refused(waits.await.expect("it ends"));
        assert!(why.contains("stopping: nothing was changed"), "{why}");
        assert!(refused(turns.tell("x", || {})).contains("stopping"));
        drop(release);
        let began = std::time::Instant::now();
        while Arc::strong_count(&held) > 1 {
            assert!(began.elapsed() < LONG, "the thread goes on");
            tokio::time::sleep(SHORT).await;
        }
    }

    #[test]
    fn closing_ends_a_thread_that_has_nothing_to_do() {
        let (turns, _) = turns();
        turns.close();
        let began = std::time::Instant::now();
        // Once the thread has gone, the queue has nobody behind it.
        let spare = || Turn { what: "x", claim: Claim::default(), work: Box::new(|| {}) };
        while !matches!(turns.queue.try_send(spare()), Err(TrySendError::Disconnected(_))) {
            assert!(began.elapsed() < LONG, "the thread goes on");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_change_that_does_not_end_is_complained_of_once() {
        let (turns, clock) = turns();
        let _release = hang(&turns);
        assert_eq!(turns.complaint(), None);
        clock.advance(limits::CONFIG_ANSWER_TIMEOUT);
        let words = turns.complaint().expect("it hangs");
        assert!(words.starts_with("a change that hangs has not ended after 30 s"), "{words}");
        assert_eq!(turns.complaint(), None);
    }
}
