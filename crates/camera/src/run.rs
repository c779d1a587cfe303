//! Keeps one stream connected until it is told to stop.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use base::{MonoTime, Shutdown, limits};
use tokio::time::MissedTickBehavior;
use world::{Clock, Entropy};

use crate::backoff::BackOff;
use crate::bug::{self, Runs};
use crate::connection::{Connection, Farewell};
use crate::depacketize::NO_SIZE;
use crate::fault::Fault;
use crate::pace::{Attention, Hurry, Pace};
use crate::receive::{Described, Now, Receiver};
use crate::rtsp::Item;
use crate::sink::{EndCause, FrameSink};
use crate::source::StreamSource;
use crate::status::{State, StatusHandle};

/// The leading track may be silent this many times longer than all tracks together.
const LEAD_SILENCE: u32 = 6;
/// A session without a key frame is given up after this many times the wait after which it is
/// called so: some cameras send one in minutes.
const KEY_FRAME_PATIENCE: u32 = 15;
/// A camera that has said goodbye and sends nothing for so long meant it.
const GOODBYE_PATIENCE: Duration = Duration::from_secs(1);
/// So many pictures without a size, and none with one, are taken for what the camera can do: some
/// send only the first without.
const SIZELESS_MAX: u32 = 3;
const ONLY_SOUND: &str = "only sound is recorded";
const ERRATIC: &str =
    "the camera changes the size of its pictures several times a second: set it to one";

/// What a stream's task is given of the world.
#[derive(Clone)]
pub struct Context {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// For ids and jitter.
    pub entropy: Arc<dyn Entropy>,
    /// Ends the task.
    pub shutdown: Shutdown,
    /// Where it says how it is doing.
    pub status: StatusHandle,
    /// The pacer of the thread it runs on, if that is paced.
    pub pace: Option<Pace>,
    /// Its bounds.
    pub bounds: Bounds,
}

/// The bounds of a session; tests shorten them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Each single request: [`limits::CAMERA_CALL_TIMEOUT`].
    pub call: Duration,
    /// Nothing delivered for this long ends the session: [`limits::CAMERA_SILENCE_MAX`].
    pub silence: Duration,
    /// After this long without a key frame the status says so; after 15 times that long the session
    /// is ended.
    pub key_frame: Duration,
    /// TEARDOWN: [`limits::TEARDOWN_TIMEOUT`].
    pub teardown: Duration,
    /// The first wait before a new try, and the longest.
    pub back_off: (Duration, Duration),
    /// The same after refused credentials.
    pub back_off_denied: (Duration, Duration),
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            call: limits::CAMERA_CALL_TIMEOUT,
            silence: limits::CAMERA_SILENCE_MAX,
            key_frame: Duration::from_secs(20),
            teardown: limits::TEARDOWN_TIMEOUT,
            back_off: (limits::BACK_OFF_MIN, limits::BACK_OFF_MAX),
            back_off_denied: (limits::BACK_OFF_DENIED_MIN, limits::BACK_OFF_DENIED_MAX),
        }
    }
}

/// Fetches `source` into `sink` until `context.shutdown` is requested: connects, receives, says in
/// the status what is wrong, waits and connects again. Returns after TEARDOWN, at most
/// [`Bounds::teardown`] after the request; the run is ended in the sink before that. A session that
/// panics is one that failed.
pub async fn run(source: StreamSource, sink: impl FrameSink, context: Context) {
    let (bounds, mut sink) = (&context.bounds, Runs::new(sink));
    let mut back_off = BackOff::new(bounds.back_off, bounds.back_off_denied);
    let mut said = None;
    while !context.shutdown.is_requested() {
        let began = context.clock.mono();
        let session = bug::caught(Session::run(&source, &mut sink, &context)).await;
        let session = session.unwrap_or_else(|words| {
            let played = match sink.end_left(context.clock.wall()) {
                true => context.clock.mono().since(began),
                false => Duration::ZERO,
            };
            Ended::Fault(Fault::Bug(words), played)
        });
        let Ended::Fault(fault, played) = session else { break };
        if played >= limits::READ_ON_ARRIVAL {
            back_off.worked();
        }
        let words = fault.to_string();
        let mut random = [0; 4];
        context.entropy.fill(&mut random);
        let wait = back_off.next(fault.is_denial(), u32::from_ne_bytes(random));
        let stream = &*source.label;
        // A camera that stays broken is not repeated in the log.
        if said.as_ref() == Some(&words) {
            tracing::debug!(stream, ?wait, "{words}");
        } else if matches!(fault, Fault::Bug(_)) {
            tracing::error!(stream, ?wait, "{words}");
        } else {
            tracing::warn!(stream, ?wait, "{words}");
        }
        let until = context.clock.wall() + wait;
        let state = match fault.is_denial() {
            true => State::Denied { until },
            false => State::Waiting { until },
        };
        context.status.update(|status| {
            (status.state, status.since) = (state, context.clock.wall());
            status.last_error = Some(words.clone());
        });
        said = Some(words);
        let stop = context.stop();
        tokio::select! {
            () = tokio::time::sleep(wait) => context.status.count_reconnect(),
            () = stop => {}
        }
    }
    context.status.enter(State::Stopped, context.clock.wall());
}

impl Context {
    /// Ready when the task is to end, even in the middle of the thread's sleep.
    fn stop(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let requested = self.shutdown.requested();
        match &self.pace {
            Some(pace) => Box::pin(pace.urgent(requested)),
            None => Box::pin(requested),
        }
    }

    fn hurry(&self) -> Option<Hurry> {
        self.pace.as_ref().map(Pace::hurry)
    }

    fn now(&self) -> Now {
        Now { mono: self.clock.mono(), wall: self.clock.wall() }
    }
}

/// How a session ended.
pub(crate) enum Ended {
    /// By itself, after it had played for so long.
    Fault(Fault, Duration),
    Stopped,
}

/// One session with a camera, and what is watched of it.
pub(crate) struct Session<'a, S> {
    source: &'a StreamSource,
    sink: &'a mut S,
    context: &'a Context,
    receiver: Receiver,
    /// While it is read on arrival.
    hurry: Option<Hurry>,
    /// While somebody watches.
    attention: Option<Attention>,
    opened: MonoTime,
    /// Since when arrival times matter for the clock: since the first frame, or since a run was
    /// asked to end for another.
    young: Option<MonoTime>,
    /// The last frame, and the last one of the leading track.
    last: MonoTime,
    last_lead: MonoTime,
    /// When the camera said that it sends no more; it may begin anew.
    goodbye: Option<MonoTime>,
    /// When the first run began.
    played: Option<MonoTime>,
    epochs_told: u64,
    unreadable: bool,
    described: Described,
    /// Pictures without a size, before the first one that could be read.
    sizeless: u32,
    /// The track of pictures that cannot be read, which is left out, and what there was with it.
    left_out: Option<(usize, Described)>,
}

impl<'a, S: FrameSink> Session<'a, S> {
    async fn run(source: &'a StreamSource, sink: &'a mut S, context: &'a Context) -> Ended {
        let hurry = context.hurry();
        context.status.enter(State::Connecting, context.clock.wall());
        let farewell = Farewell::default();
        let opening = Connection::open(source, context.bounds.call, &farewell);
        let opened = tokio::select! {
            opened = opening => Some(opened),
            () = context.stop() => None,
        };
        let ended = match opened {
            Some(Ok(connection)) => {
                let session = Self::new(source, sink, context, hurry, &connection.described);
                session.play(connection).await
            }
            Some(Err(fault)) => Ended::Fault(fault, Duration::ZERO),
            None => Ended::Stopped,
        };
        let _hurry = context.hurry();
        farewell.wait(context.bounds.teardown).await;
        ended
    }

    pub(crate) fn new(
        source: &'a StreamSource,
        sink: &'a mut S,
        context: &'a Context,
        hurry: Option<Hurry>,
        described: &Described,
    ) -> Self {
        let (entropy, status) = (context.entropy.clone(), context.status.clone());
        let receiver = Receiver::new(described, entropy, status);
        context.status.update(|status| {
            status.tracks = receiver.summary();
            status.warnings.clone_from(&described.warnings);
        });
        let stream = &*source.label;
        for warning in &described.warnings {
            tracing::warn!(stream, "{warning}");
        }
        let opened = context.clock.mono();
        let (young, played, last, last_lead) = (None, None, opened, opened);
        let (goodbye, epochs_told, unreadable, left_out) = (None, 0, false, None);
        Self {
            source,
            sink,
            context,
            receiver,
            hurry,
            attention: None,
            opened,
            young,
            last,
            last_lead,
            goodbye,
            played,
            epochs_told,
            unreadable,
            described: described.clone(),
            sizeless: 0,
            left_out,
        }
    }

    /// Receives until the session ends or is to end; ends the run and drops the connection.
    pub(crate) async fn play(mut self, mut connection: Connection) -> Ended {
        let mut stop = self.context.stop();
        let every = (self.context.bounds.silence / 4).min(Duration::from_secs(1));
        let mut watch = tokio::time::interval(every);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = std::future::poll_fn(|cx| {
            let stopped = stop.as_mut().poll(cx).is_ready();
            // What came in the last tick is kept, also when it is the last.
            let received = connection.poll(cx, &mut |item| self.take(item));
            if stopped {
                return Poll::Ready(Ended::Stopped);
            }
            self.heed();
            self.attend(&connection);
            if let (true, Some(pace)) = (connection.is_crowded(), &self.context.pace) {
                pace.hasten();
            }
            if let Poll::Ready(fault) = received {
                return Poll::Ready(self.fault(fault));
            }
            while watch.poll_tick(cx).is_ready() {
                if let Err(fault) = self.watch() {
                    return Poll::Ready(self.fault(fault));
                }
            }
            Poll::Pending
        })
        .await;
        let cause = match &ended {
            Ended::Fault(fault, _) => fault.end_cause(),
            Ended::Stopped => EndCause::Shutdown,
        };
        self.end(cause);
        ended
    }

    /// Ends the run.
    pub(crate) fn end(&mut self, cause: EndCause) {
        self.receiver.end(cause, self.context.now(), self.sink);
    }

    /// Reads on arrival while somebody watches.
    fn attend(&mut self, connection: &Connection) {
        match (self.sink.is_watched(), self.attention.is_some()) {
            (true, false) => {
                let pace = self.context.pace.as_ref();
                self.attention = pace.and_then(|pace| connection.attend(pace));
            }
            (false, true) => self.attention = None,
            _ => {}
        }
    }

    fn fault(&self, fault: Fault) -> Ended {
        let now = self.context.clock.mono();
        Ended::Fault(fault, self.played.map_or(Duration::ZERO, |since| now.since(since)))
    }

    pub(crate) fn take(&mut self, item: Item<'_>) {
        let Some(item) = self.of_kept_track(item) else { return };
        match item {
            Item::Frame(frame) => {
                let now = self.context.now();
                self.young.get_or_insert(now.mono);
                self.last = now.mono;
                if frame.track == self.receiver.lead() {
                    (self.last_lead, self.goodbye) = (now.mono, None);
                }
                self.receiver.frame(frame, now, self.sink);
            }
            Item::ParameterSet { track, unit } => self.receiver.absorb(track, unit),
            Item::Report { track, rtp, ntp } => {
                self.receiver.report(track, rtp, ntp, self.context.now());
            }
            Item::Goodbye { track } if track == self.receiver.lead() => {
                self.goodbye = Some(self.context.clock.mono());
            }
            Item::Goodbye { .. } => {}
            Item::Lost(packets) => self.context.status.count_lost_packets(packets),
            Item::Unreadable(NO_SIZE) if self.leave_pictures_out() => {}
            Item::Unreadable(why) => self.complain(why),
        }
    }

    /// What the frames that just came mean for others.
    pub(crate) fn heed(&mut self) {
        if let Some(cause) = self.sink.end_requested() {
            self.receiver.end_soon(cause);
            self.young = Some(self.context.clock.mono());
            self.hurry = self.context.hurry();
        }
        if self.receiver.epochs() == self.epochs_told {
            return;
        }
        self.epochs_told = self.receiver.epochs();
        let now = self.context.now();
        let (summary, stream) = (self.receiver.summary(), &*self.source.label);
        tracing::info!(stream, tracks = summary.join(", "), "receiving");
        self.context.status.update(|status| {
            if self.played.is_none() {
                (status.state, status.since) = (State::Playing, now.wall);
            }
            status.last_error = None;
            status.tracks = summary;
        });
        self.played.get_or_insert(now.mono);
    }

    /// Once a second or so: whether the session is still one.
    pub(crate) fn watch(&mut self) -> Result<(), Fault> {
        let (now, bounds) = (self.context.clock.mono(), &self.context.bounds);
        if self.goodbye.is_some_and(|at| now.since(at) >= GOODBYE_PATIENCE) {
            return Err(Fault::Gone("the camera ended its stream".to_owned()));
        }
        if self.receiver.is_erratic() {
            return Err(Fault::BadData(ERRATIC.to_owned()));
        }
        if now.since(self.last) >= bounds.silence {
            return Err(Fault::Silent(bounds.silence));
        }
        if now.since(self.last_lead) >= bounds.silence * LEAD_SILENCE {
            return Err(Fault::Silent(bounds.silence * LEAD_SILENCE));
        }
        let waited = now.since(self.opened);
        if self.played.is_none() && waited >= bounds.key_frame {
            let fault = Fault::NoKeyFrame(bounds.key_frame);
            if waited >= bounds.key_frame * KEY_FRAME_PATIENCE {
                return Err(fault);
            }
            let words = fault.to_string();
            self.context.status.update(|status| status.last_error = Some(words));
        }
        let is_young = self.young.is_none_or(|at| now.since(at) < limits::READ_ON_ARRIVAL);
        if !is_young && self.hurry.take().is_some() {
            // Read on arrival, its buffer has not grown yet.
            self.context.pace.iter().for_each(Pace::hasten);
        }
        Ok(())
    }

    /// An item by the track that it has here; `None` where that was left out.
    fn of_kept_track<'i>(&mut self, mut item: Item<'i>) -> Option<Item<'i>> {
        let is_frame = matches!(item, Item::Frame(_));
        let (Some((left_out, _)), Some(track)) = (&self.left_out, item.track_mut()) else {
            return Some(item);
        };
        if track == left_out {
            if !is_frame {
                return None;
            }
            self.take_pictures_in();
        } else {
            *track -= usize::from(*track > *left_out);
        }
        Some(item)
    }

    /// Goes on with the sound alone where pictures cannot be read; whether there is any.
    fn leave_pictures_out(&mut self) -> bool {
        if self.left_out.is_some() {
            return true;
        }
        let pictures = self.receiver.lead();
        if !self.receiver.is_without_pictures() || self.described.setups.len() < 2 {
            return false;
        }
        self.sizeless += 1;
        if self.sizeless < SIZELESS_MAX {
            return true;
        }
        self.left_out = Some((pictures, self.described.clone()));
        self.described.leave_out(pictures);
        let (warning, stream) = (format!("{ONLY_SOUND}: {NO_SIZE}"), &*self.source.label);
        tracing::warn!(stream, "{warning}");
        self.receive_anew();
        self.context.status.update(|status| status.warnings.push(warning));
        true
    }

    /// Pictures that were left out can be read now: they begin another run, with the sound.
    fn take_pictures_in(&mut self) {
        let Some((_, described)) = self.left_out.take() else { return };
        (self.described, self.sizeless) = (described, 0);
        self.end(EndCause::BadData);
        let stream = &*self.source.label;
        tracing::info!(stream, "the camera says how large its pictures are: they are recorded");
        self.receive_anew();
        self.context
            .status
            .update(|status| status.warnings.retain(|it| !it.starts_with(ONLY_SOUND)));
        self.young = Some(self.context.clock.mono());
        self.hurry = self.context.hurry();
    }

    /// Receives what is described now.
    fn receive_anew(&mut self) {
        let (entropy, status) = (self.context.entropy.clone(), self.context.status.clone());
        self.receiver = Receiver::new(&self.described, entropy, status);
        (self.epochs_told, self.last_lead) = (0, self.context.clock.mono());
        self.context.status.update(|status| status.tracks = self.receiver.summary());
    }

    fn complain(&mut self, why: &str) {
        let stream = &*self.source.label;
        tracing::debug!(stream, "a packet cannot be read: {why}");
        if !std::mem::replace(&mut self.unreadable, true) {
            let warning = format!("the camera sends packets that cannot be read: {why}");
            tracing::warn!(stream, "{warning}");
            self.context.status.update(|status| status.warnings.push(warning));
        }
    }
}
