//! One viewer of a stream.

use std::sync::Arc;

use base::limits;
use tokio::sync::watch;

use crate::channel::{Channel, Ring};
use crate::message::{Clock, Init, LiveMessage, LiveState, Skipped};

/// One viewer of a stream; dropping it leaves.
pub struct Viewer {
    channel: Arc<Channel>,
    changed: watch::Receiver<()>,
    place: Place,
    _leave: Box<dyn Send + Sync>,
}

/// What a viewer was given so far.
#[derive(Default)]
struct Place {
    /// Number of the fragment it gets next.
    next: u64,
    /// Whether it has begun; if not, the next one must begin with a key frame.
    started: bool,
    /// Where the last fragment it got ends.
    end_micros: i64,
    state: Option<LiveState>,
    init: Option<Arc<Init>>,
    clock: Option<Clock>,
}

impl Viewer {
    /// `leave` is dropped with the viewer.
    pub(crate) fn new(channel: Arc<Channel>, leave: Box<dyn Send + Sync>) -> Self {
        let changed = channel.changed.subscribe();
        Self { channel, changed, place: Place::default(), _leave: leave }
    }

    /// The next message. Dropping the future loses nothing. `None` once the stream is removed.
    pub async fn next(&mut self) -> Option<LiveMessage> {
        loop {
            self.changed.mark_unchanged();
            {
                let ring = self.channel.ring();
                if let Some(message) = self.place.step(&ring) {
                    return Some(message);
                }
                if ring.closed {
                    return None;
                }
            }
            self.changed.changed().await.ok()?;
        }
    }
}

impl Place {
    fn step(&mut self, ring: &Ring) -> Option<LiveMessage> {
        if let Some(late) = self.catch_up(ring) {
            return Some(LiveMessage::Late(late));
        }
        self.start(ring);
        let state = match &ring.state {
            LiveState::Live { .. } if !self.started => LiveState::WaitingForKeyFrame,
            state => state.clone(),
        };
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state.clone());
            return Some(LiveMessage::State(state));
        }
        if !self.started {
            return None;
        }
        let encoded = ring.get(self.next)?;
        if self.init.as_ref().is_none_or(|init| !Arc::ptr_eq(init, &encoded.init)) {
            self.init = Some(encoded.init.clone());
            self.clock = None;
            return Some(LiveMessage::Init(encoded.init.clone()));
        }
        if self.clock != Some(encoded.clock) {
            self.clock = Some(encoded.clock);
            return Some(LiveMessage::Clock(encoded.clock));
        }
        self.next += 1;
        self.end_micros = encoded.fragment.end_micros;
        Some(LiveMessage::Fragment(encoded.fragment.clone()))
    }

    /// Begins, or begins again, with the newest key frame.
    fn start(&mut self, ring: &Ring) {
        if self.started {
            return;
        }
        if let Some(key) = ring.newest_key().filter(|key| *key >= self.next) {
            self.next = key;
            self.started = true;
        }
    }

    /// When it is too far behind: goes to the newest key frame, or waits for the next.
    fn catch_up(&mut self, ring: &Ring) -> Option<Skipped> {
        let overrun = self.next < ring.first();
        let far = ring.next().saturating_sub(self.next) > limits::VIEWER_FRAGMENTS_MAX as u64;
        let key = ring.newest_key().filter(|key| *key > self.next);
        // Far behind without a newer key frame: what is kept is still worth having.
        if !self.started || !(overrun || (far && key.is_some())) {
            return None;
        }
        let to = key.unwrap_or(ring.next());
        let until = match ring.get(to) {
            Some(encoded) => encoded.fragment.start_micros,
            None => ring.get(to.saturating_sub(1)).map_or(0, |last| last.fragment.end_micros),
        };
        let skipped = Skipped {
            fragments: to - self.next,
            micros: until.saturating_sub(self.end_micros).max(0),
        };
        self.started = key.is_some();
        self.next = to;
        Some(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuts::Cut;
    use crate::encoder::Encoded;
    use crate::message::Fragment;
    use base::{RunId, WallTime};
    use bytes::Bytes;

    /// Frames of 40 ms, one a fragment, a key frame every `gop`.
    struct Camera {
        channel: Channel,
        init: Arc<Init>,
        sent: i64,
        gop: i64,
        bytes: usize,
    }

    impl Camera {
        fn new(gop: i64) -> Self {
            let channel = Channel::new(LiveState::WaitingForKeyFrame);
            Self { channel, init: init(1), sent: 0, gop, bytes: 10 }
        }

        fn send(&mut self, frames: i64) {
            for n in self.sent..self.sent + frames {
                let fragment = Fragment {
                    bytes: Bytes::from(vec![0; self.bytes]),
                    key: n % self.gop == 0,
                    start_micros: n * 40_000,
                    end_micros: (n + 1) * 40_000,
                };
                let clock = Clock { media_micros: 0, wall: WallTime::EPOCH };
                let (fragment, init) = (Arc::new(fragment), self.init.clone());
                self.channel.push(Encoded {
                    fragment,
                    init,
                    clock,
                    cut: Cut::default(),
                    is_apart: false,
                });
            }
            self.sent += frames;
            self.channel.set_state(LiveState::Live { since: WallTime::EPOCH });
        }
    }

    fn init(run: u8) -> Arc<Init> {
        Arc::new(Init {
            bytes: Bytes::new(),
            mime: String::new(),
            run: RunId::from_bytes([run; 16]),
            tracks: Vec::new(),
            left_out: Vec::new(),
        })
    }

    /// All that a viewer gets now, in short: frame numbers for fragments.
    fn all(place: &mut Place, camera: &Camera) -> Vec<String> {
        let ring = camera.channel.ring();
        let steps = std::iter::from_fn(|| place.step(&ring));
        steps
            .map(|message| match message {
                LiveMessage::State(LiveState::Live { .. }) => "live".into(),
                LiveMessage::State(state) => format!("{state:?}"),
                LiveMessage::Init(init) => format!("init {}", init.run.as_bytes()[0]),
                LiveMessage::Clock(_) => "clock".into(),
                LiveMessage::Fragment(f) => (f.start_micros / 40_000).to_string(),
                LiveMessage::Late(s) => format!("late {} {}", s.fragments, s.micros / 1000),
            })
            .collect()
    }

    #[test]
    fn a_viewer_begins_with_the_newest_key_frame() {
        let (mut camera, mut place) = (Camera::new(10), Place::default());
        assert_eq!(all(&mut place, &camera), ["WaitingForKeyFrame"]);
        camera.send(33);
        assert_eq!(all(&mut place, &camera), ["live", "init 1", "clock", "30", "31", "32"]);
        camera.send(1);
        assert_eq!(all(&mut place, &camera), ["33"]);
        assert_eq!(all(&mut place, &camera), [""; 0]);
    }

    #[test]
    fn a_slow_viewer_skips_to_the_newest_key_frame_and_is_told() {
        let (mut camera, mut place) = (Camera::new(10), Place::default());
        camera.send(3);
        all(&mut place, &camera);
        camera.send(limits::VIEWER_FRAGMENTS_MAX as i64);
        assert_eq!(all(&mut place, &camera).len(), limits::VIEWER_FRAGMENTS_MAX);
        camera.send(limits::VIEWER_FRAGMENTS_MAX as i64 + 1);
        assert_eq!(all(&mut place, &camera), ["late 117 4680", "240", "241", "242", "243"]);
    }

    #[test]
    fn a_viewer_of_a_long_group_of_pictures_is_not_skipped_needlessly() {
        let (mut camera, mut place) = (Camera::new(1000), Place::default());
        camera.send(500);
        assert_eq!(all(&mut place, &camera).len(), 503);
    }

    #[test]
    fn what_is_kept_has_a_bound_and_who_falls_out_waits_for_a_key_frame() {
        let (mut camera, mut place) = (Camera::new(50), Place::default());
        camera.bytes = limits::RECENT_BYTES_MAX / 20;
        camera.send(3);
        all(&mut place, &camera);
        camera.send(40);
        assert_eq!(all(&mut place, &camera), ["late 40 1600", "WaitingForKeyFrame"]);
        let mut late_comer = Place::default();
        assert_eq!(all(&mut late_comer, &camera), ["WaitingForKeyFrame"]);
        camera.send(9);
        for place in [&mut place, &mut late_comer] {
            let got = all(place, &camera);
            assert!(got.ends_with(&["50".into(), "51".into()]), "{got:?}");
        }
    }

    #[test]
    fn new_parameters_come_before_their_first_fragment() {
        let (mut camera, mut place) = (Camera::new(2), Place::default());
        camera.send(2);
        camera.init = init(2);
        camera.send(2);
        // A viewer that begins now has no use for the old ones.
        assert_eq!(all(&mut Place::default(), &camera), ["live", "init 2", "clock", "2", "3"]);
        assert_eq!(all(&mut place, &camera), ["live", "init 2", "clock", "2", "3"]);
        camera.init = init(3);
        camera.send(2);
        assert_eq!(all(&mut place, &camera), ["init 3", "clock", "4", "5"]);
    }
}
