//! One track of a session: its parameters, how its frames are read, and its clock.

use std::sync::Arc;

use base::Timescale;
use media::{Access, ParameterSets, TrackParams, VideoCodec, VideoParams, nal};

use super::{Kind, Setup};
use crate::timeline::Order;

/// The profile of H.264 that has no B-frames (ITU-T H.264 clause A.2.1), as `avcC` has it.
const H264_BASELINE: u8 = 66;

/// A track, and what is known of it.
pub(super) struct Track {
    pub kind: Kind,
    pub hertz: u32,
    pub scale: Timescale,
    pub sets: ParameterSets,
    /// Whether `sets` changed since `params` were made of them.
    pub stale: bool,
    pub params: Option<Arc<TrackParams>>,
}

impl Track {
    pub fn new(setup: Setup) -> Self {
        let (scale, params) = match &setup.kind {
            Kind::Video(_) => (Timescale::VIDEO, None),
            Kind::Audio(params) => (params.timescale(), Some(params.clone())),
        };
        let (kind, hertz) = (setup.kind, setup.hertz.max(1));
        Self { kind, hertz, scale, sets: ParameterSets::default(), stale: false, params }
    }

    /// Makes parameters of the parameter sets, where those changed, or of a JPEG picture, which is
    /// all that says them.
    pub fn refresh(&mut self, data: &[u8]) {
        let Kind::Video(codec) = self.kind else { return };
        if codec == VideoCodec::Jpeg {
            let params = VideoParams::of_jpeg(data).map(TrackParams::Video);
            if let Some(params) = params.filter(|now| self.params.as_deref() != Some(now)) {
                self.params = Some(Arc::new(params));
            }
            return;
        }
        if !std::mem::take(&mut self.stale) {
            return;
        }
        match VideoParams::from_parameter_sets(codec, &self.sets) {
            Ok(params) => self.params = Some(Arc::new(TrackParams::Video(params))),
            // One of the sets is still missing or damaged; the old ones go on.
            Err(why) => tracing::debug!(%why, "parameter sets are not complete"),
        }
    }

    /// How decoding may start at a frame of this track.
    pub fn access(&self, data: &[u8]) -> Access {
        match self.kind {
            Kind::Video(codec) => nal::access(codec, data),
            Kind::Audio(_) => Access::Idr,
        }
    }

    /// In which order its frames are presented, as far as is known.
    pub fn order(&self) -> Order {
        match (&self.kind, self.params.as_deref()) {
            (Kind::Audio(_), _) => Order::Sound,
            (Kind::Video(VideoCodec::Jpeg), _) => Order::Rising,
            (Kind::Video(VideoCodec::H264), Some(TrackParams::Video(video)))
                if video.config.get(1) == Some(&H264_BASELINE) =>
            {
                Order::Rising
            }
            (Kind::Video(_), _) => Order::Any,
        }
    }

    /// `position` on the RTP clock in the track's timescale.
    pub fn ticks(&self, position: i64) -> i64 {
        if self.hertz == self.scale.hertz() {
            return position;
        }
        let scaled = i128::from(position) * i128::from(self.scale.hertz());
        i64::try_from(scaled.div_euclid(i128::from(self.hertz))).unwrap_or(i64::MAX)
    }

    /// `position` on the RTP clock in µs.
    pub fn micros(&self, position: i64) -> i64 {
        let micros = i128::from(position) * 1_000_000;
        i64::try_from(micros.div_euclid(i128::from(self.hertz))).unwrap_or(i64::MAX)
    }
}
