//! Decode times of video, which a camera does not send.

use base::Ticks;
use media::{DecodeClock, VideoParams};

/// Decode times of the video track.
#[derive(Default)]
pub(super) struct Decode {
    clock: Option<DecodeClock>,
    /// The reorder depth that frames have shown.
    pub depth_seen: u8,
    last: Option<Ticks>,
}

impl Decode {
    /// At the start of an epoch: a clock that is deep enough.
    pub fn fit(&mut self, params: &VideoParams) {
        let depth = params.reorder_depth.max(self.depth_seen);
        if self.clock.as_ref().is_none_or(|clock| clock.depth() != depth) {
            self.clock = Some(DecodeClock::new(depth, params.frame_ticks().unwrap_or(0)));
        }
    }

    /// The decode time of the next access unit, and how far it is from the one before: with
    /// B-frames presentation times jump, decode times do not.
    pub fn push(&mut self, pts: Ticks) -> (Ticks, Option<Ticks>) {
        let decoded = self.clock.as_mut().map(|clock| clock.push(pts));
        self.depth_seen = self.depth_seen.max(decoded.map_or(0, |d| d.depth_seen));
        // A deeper clock of a new epoch starts further back; times must still rise.
        let after = self.last.map_or(i64::MIN, |last| last.0 + 1);
        let dts = Ticks(decoded.map_or(pts, |d| d.dts).0.max(after));
        let step = self.last.replace(dts).map(|last| dts - last);
        // A single tick is no length: that is how times that fall back are kept rising.
        (dts, step.filter(|step| step.0 > 1))
    }
}
