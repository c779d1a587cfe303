//! What a camera can be told to do wrong, in its URL.

/// Faults; all times are seconds since PLAY.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// `hang=describe`: takes the request (any method) and never answers it.
    pub hang: Option<String>,
    /// `parts=0.7`: answers TEARDOWN, and stops sending, only after so many seconds.
    pub parts: Option<f64>,
    /// `status=404`: answers DESCRIBE with this status.
    pub status: Option<u16>,
    /// `setup_status=461`: answers SETUP with this status.
    pub setup_status: Option<u16>,
    /// `stall=2`: sends nothing more, keeps the connection.
    pub stall: Option<f64>,
    /// `close=2`: closes the connection.
    pub close: Option<f64>,
    /// `bye=2`: says goodbye (RTCP) and sends nothing more, keeps the connection.
    pub bye: Option<f64>,
    /// `cut=2`: stops in the middle of an access unit, keeps the connection.
    pub cut: Option<f64>,
    /// `garbage=2`: sends bytes that are not RTSP.
    pub garbage: Option<f64>,
    /// `huge=2`: sends an access unit without end, as fast as it is taken.
    pub huge: Option<f64>,
    /// `jump=2`: timestamps jump by `by` seconds (default 1000; may be negative).
    pub jump: Option<f64>,
    /// See [`Faults::jump`].
    pub by: Option<f64>,
    /// `change=2` with `to=NAME`: goes on with the first video track of another clip.
    pub change: Option<f64>,
    /// See [`Faults::change`].
    pub to: Option<String>,
    /// `duplicate=5`: every fifth frame repeats the timestamp of the one before it.
    pub duplicate: Option<u64>,
    /// `backward=5`: every fifth frame steps back by half a frame.
    pub backward: Option<u64>,
    /// `zeros=5`: the first five frames all have the same timestamp.
    pub zeros: Option<u64>,
    /// `still=1`: the timestamp never moves.
    pub still: bool,
    /// `lose=50`: every fiftieth packet is left out.
    pub lose: Option<u64>,
    /// `nokey=1`: key frames are left out.
    pub nokey: bool,
    /// `late=1`: starts after a key frame.
    pub late: bool,
    /// `noparams=1`: parameter sets stand in the stream only, not in the description; of large JPEG
    /// pictures nobody says the size.
    pub noparams: bool,
    /// `outofband=1`: parameter sets stand in the description only.
    pub outofband: bool,
    /// `unknown=1`: one more track, of a codec nobody knows.
    pub unknown: bool,
    /// `twopps=1`: H.264 (CAVLC, one PPS of id 0): every second frame uses a second PPS.
    pub twopps: bool,
    /// `noaudio=1`: leaves audio out.
    pub noaudio: bool,
    /// `nosound=1`: offers audio, and refuses its SETUP.
    pub nosound: bool,
    /// `mute=1`: offers audio, but never sends any.
    pub mute: bool,
    /// `nosr=1`: sends no RTCP sender reports.
    pub nosr: bool,
    /// `skew=100`: the camera's clock runs fast by this many millionths.
    pub skew: Option<f64>,
    /// `burst=1`: the first seconds come at once, as from a camera that keeps a GOP.
    pub burst: Option<f64>,
    /// `c=7`: the camera number in stamps.
    pub c: Option<u32>,
}

impl Faults {
    /// Reads what follows the name: `;key=value;…`. What is not known is an error, so that a test
    /// never waits for a fault that does not exist.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for pair in text.split(';').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, "1"));
            faults.set(key, value).ok_or_else(|| format!("{pair:?} is not a fault"))?;
        }
        Ok(faults)
    }

    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        let seconds = || value.parse::<f64>().ok().filter(|s| s.is_finite());
        let count = || value.parse::<u64>().ok().filter(|n| *n > 0);
        let status = || value.parse::<u16>().ok();
        let on = value == "1";
        match key {
            "hang" => self.hang = Some(value.to_ascii_uppercase()),
            "parts" => self.parts = Some(seconds()?),
            "status" => self.status = Some(status()?),
            "setup_status" => self.setup_status = Some(status()?),
            "stall" => self.stall = Some(seconds()?),
            "close" => self.close = Some(seconds()?),
            "bye" => self.bye = Some(seconds()?),
            "cut" => self.cut = Some(seconds()?),
            "garbage" => self.garbage = Some(seconds()?),
            "huge" => self.huge = Some(seconds()?),
            "jump" => self.jump = Some(seconds()?),
            "by" => self.by = Some(seconds()?),
            "change" => self.change = Some(seconds()?),
            "to" => self.to = Some(value.to_owned()),
            "duplicate" => self.duplicate = Some(count()?),
            "backward" => self.backward = Some(count()?),
            "zeros" => self.zeros = Some(count()?),
            "still" => self.still = on,
            "lose" => self.lose = Some(count()?),
            "nokey" => self.nokey = on,
            "late" => self.late = on,
            "noparams" => self.noparams = on,
            "outofband" => self.outofband = on,
            "unknown" => self.unknown = on,
            "twopps" => self.twopps = on,
            "noaudio" => self.noaudio = on,
            "nosound" => self.nosound = on,
            "mute" => self.mute = on,
            "nosr" => self.nosr = on,
            "skew" => self.skew = Some(seconds()?),
            "burst" => self.burst = Some(seconds()?),
            "c" => self.c = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_and_unknown_ones_refused() {
        let faults = Faults::parse("hang=setup;stall=2.5;nosr=1").expect("all are known");
        assert_eq!(faults.hang.as_deref(), Some("SETUP"));
        assert_eq!(faults.stall, Some(2.5));
        assert!(faults.nosr);
        assert!(Faults::parse("stal=2").is_err());
        assert!(Faults::parse("stall=soon").is_err());
    }
}
