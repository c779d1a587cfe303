//! One RTSP session over TCP (RFC 2326). The only file that knows retina.
//!
//! Packets are taken from retina one by one and given to its depacketizers here, not inside it:
//! that way a packet that cannot be read costs its own access unit and not the session, access
//! units and what waits in them are bounded, and all parameter sets are seen.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use base::limits;
use bytes::Bytes;
use futures_util::Stream;
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec};
use retina::client::{
    Credentials, Described, InitialSequenceNumberPolicy, InitialTimestampPolicy, PacketItem,
    PlayOptions, Playing, Session, SessionGroup, SessionIdPolicy, SessionOptions, SetupOptions,
};
use retina::codec::{CodecItem, Depacketizer, FrameFormat, ParametersRef, VideoParametersCodec};
use retina::rtp::{PacketMeta, ReceivedPacket};
use retina::testutil::DepacketizeBuf;

use crate::fault::{Fault, Phase};
use crate::peek;
use crate::receive::{Incoming, Kind, Setup};
use crate::sdp::{self, Medium};
use crate::source::StreamSource;

/// Packets in a row that cannot be read, with no frame between them, before the session is ended.
const BAD_PACKETS_MAX: u32 = 200;

/// A medium that a camera offers.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) media: String,
    pub(crate) encoding: String,
    /// Its track in the session; `None` when it is not fetched.
    pub(crate) track: Option<usize>,
}

/// What comes out of a session.
pub(crate) enum Item<'a> {
    /// A NAL unit that is a parameter set. It belongs to the frame that follows.
    ParameterSet { track: usize, unit: &'a [u8] },
    /// An access unit or audio frame.
    Frame(Incoming),
    /// RTP packets were lost.
    Lost(u64),
    /// A packet could not be read.
    Unreadable(String),
    /// A sender report.
    Report { track: usize, rtp: u32, ntp: u64 },
}

/// A session that plays.
pub(crate) struct Connection {
    session: Session<Playing>,
    /// By retina's stream number.
    feeds: Vec<Option<Feed>>,
    bad_packets: u32,
    pub(crate) offers: Vec<Offer>,
    pub(crate) setups: Vec<Setup>,
    pub(crate) warnings: Vec<String>,
    pub(crate) tool: Option<String>,
}

/// Sees sessions off: their TEARDOWN goes on after they are dropped.
#[derive(Default)]
pub(crate) struct Farewell(Arc<SessionGroup>);

/// One track's way from packets to frames.
struct Feed {
    track: usize,
    codec: Option<VideoCodec>,
    /// Parameter sets of the description.
    described: Vec<Bytes>,
    depacketizer: Depacketizer,
    buffer: DepacketizeBuf,
    /// Payload bytes since its last frame.
    waiting: usize,
}

impl Farewell {
    /// Waits until the camera has answered TEARDOWN, at most for `within`. The session must have
    /// been dropped.
    pub(crate) async fn wait(&self, within: Duration) {
        // A camera that does not answer forgets the session by itself, in its own time.
        let _ = tokio::time::timeout(within, self.0.await_teardown()).await;
    }
}

impl Connection {
    /// DESCRIBE, SETUP of all that can be recorded, PLAY. However it ends and wherever it is
    /// dropped, wait for `farewell` afterwards.
    pub(crate) async fn open(
        source: &StreamSource,
        call: Duration,
        farewell: &Farewell,
    ) -> Result<Self, Fault> {
        let credentials = source
            .credentials()
            .map(|c| Credentials { username: c.username.clone(), password: c.password.clone() });
        let options = SessionOptions::default()
            .creds(credentials)
            .user_agent(concat!("Holdfast/", env!("CARGO_PKG_VERSION")).to_owned())
            .session_group(farewell.0.clone())
            .session_id(SessionIdPolicy::UseFirst);
        let describe = Session::describe(source.url().clone(), options);
        let mut session = within(call, Phase::Describe, source, describe).await?;
        let plan = Plan::new(&session);
        if plan.setups.is_empty() {
            return Err(Fault::Unusable(plan.nothing_usable()));
        }
        for (stream, feed) in plan.feeds.iter().enumerate() {
            if feed.is_some() {
                let setup = session.setup(stream, SetupOptions::default());
                within(call, Phase::Setup, source, setup).await?;
            }
        }
        let tool = session.tool().map(|tool| tool.to_string());
        // The timestamps that PLAY announces are wrong in many cameras; arrival tells more.
        let options = PlayOptions::default()
            .initial_timestamp(InitialTimestampPolicy::Ignore)
            .initial_seq(InitialSequenceNumberPolicy::Ignore);
        let session = within(call, Phase::Play, source, session.play(options)).await?;
        let Plan { offers, feeds, setups, warnings } = plan;
        Ok(Self { session, feeds, bad_packets: 0, offers, setups, warnings, tool })
    }

    /// Parameter sets that the description gave, by track.
    pub(crate) fn described_sets(&self) -> Vec<(usize, Bytes)> {
        let of = |feed: &Feed| {
            let sets = feed.described.iter().cloned().chain(feed.known_sets());
            sets.map(|set| (feed.track, set)).collect::<Vec<_>>()
        };
        self.feeds.iter().flatten().flat_map(of).collect()
    }

    /// Hands over all that has come; pending until more does. Ready means that the session is over.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        give: &mut dyn FnMut(Item<'_>),
    ) -> Poll<Fault> {
        loop {
            let next = ready!(std::pin::Pin::new(&mut self.session).poll_next(cx));
            let outcome = match next {
                Some(Ok(PacketItem::Rtp(packet))) => self.packet(&packet, give),
                Some(Ok(PacketItem::Rtcp(report))) => {
                    self.report(&report, give);
                    Ok(())
                }
                Some(Ok(_)) => Ok(()),
                Some(Err(error)) => Err(lost(&error)),
                None => Err(Fault::Gone("the camera closed the connection".to_owned())),
            };
            if let Err(fault) = outcome {
                return Poll::Ready(fault);
            }
        }
    }

    fn packet(
        &mut self,
        packet: &ReceivedPacket,
        give: &mut dyn FnMut(Item<'_>),
    ) -> Result<(), Fault> {
        let Some(Some(feed)) = self.feeds.get_mut(packet.stream_id()) else { return Ok(()) };
        let payload = packet.payload();
        if packet.loss() > 0 {
            give(Item::Lost(u64::from(packet.loss())));
        }
        if payload.is_empty() {
            return Ok(());
        }
        feed.waiting += payload.len();
        // A packet without a mark may complete the access unit before it, which its parameter sets
        // do not belong to.
        if packet.mark() {
            feed.peek(payload, give);
        }
        let meta = PacketMeta::from_received(packet);
        let pushed = feed.buffer.push(&mut feed.depacketizer, meta, payload);
        let mut unreadable = pushed.err();
        while let Some(pulled) = feed.depacketizer.pull() {
            match pulled {
                Ok(item) => {
                    self.bad_packets = 0;
                    feed.waiting = 0;
                    feed.give(item, give);
                }
                Err(error) => unreadable = Some(format!("{error:?}")),
            }
        }
        if !packet.mark() {
            feed.peek(payload, give);
        }
        let waiting: usize = self.feeds.iter().flatten().map(|feed| feed.waiting).sum();
        if waiting > limits::ACCESS_UNIT_BYTES_MAX.min(limits::SESSION_BUFFER_BYTES_MAX) {
            let limit = limits::ACCESS_UNIT_BYTES_MAX >> 20;
            let text = format!("the camera sent an access unit of more than {limit} MiB");
            return Err(Fault::BadData(text));
        }
        if let Some(why) = unreadable {
            self.bad_packets += 1;
            if self.bad_packets > BAD_PACKETS_MAX {
                let text = format!("the camera sends packets that cannot be read: {why}");
                return Err(Fault::BadData(text));
            }
            give(Item::Unreadable(why));
        }
        Ok(())
    }

    fn report(
        &self,
        compound: &retina::rtcp::ReceivedCompoundPacket,
        give: &mut dyn FnMut(Item<'_>),
    ) {
        let feed = self.feeds.get(compound.stream_id()).and_then(Option::as_ref);
        let sender_reports = compound.pkts().filter_map(|p| p.as_sender_report().ok().flatten());
        if let (Some(feed), Some(report)) = (feed, sender_reports.into_iter().next()) {
            let (rtp, ntp) = (report.rtp_timestamp(), report.ntp_timestamp().0);
            give(Item::Report { track: feed.track, rtp, ntp });
        }
    }
}

impl Feed {
    fn peek(&self, payload: &[u8], give: &mut dyn FnMut(Item<'_>)) {
        if let Some(codec) = self.codec {
            let track = self.track;
            peek::parameter_sets(codec, payload, |unit| give(Item::ParameterSet { track, unit }));
        }
    }

    fn give(&self, item: CodecItem, give: &mut dyn FnMut(Item<'_>)) {
        let track = self.track;
        match item {
            CodecItem::VideoFrame(frame) => {
                if frame.has_new_parameters() {
                    // Those that came in fragments are seen by retina only.
                    for unit in self.known_sets() {
                        give(Item::ParameterSet { track, unit: &unit });
                    }
                }
                let rtp = frame.timestamp().timestamp() as u32;
                let data = Bytes::from(frame.into_data());
                give(Item::Frame(Incoming { track, rtp, data, ticks: 0 }));
            }
            CodecItem::AudioFrame(frame) => {
                let rtp = frame.timestamp().timestamp() as u32;
                let data = Bytes::copy_from_slice(frame.data());
                let ticks = frame.frame_length().get();
                give(Item::Frame(Incoming { track, rtp, data, ticks }));
            }
            _ => {}
        }
    }

    /// The parameter sets that retina goes by.
    fn known_sets(&self) -> Vec<Bytes> {
        let Some(ParametersRef::Video(params)) = self.depacketizer.parameters() else {
            return Vec::new();
        };
        match params.codec_params() {
            VideoParametersCodec::H264 { sps, pps } => vec![sps.clone(), pps.clone()],
            VideoParametersCodec::H265 { vps, sps, pps } => {
                vec![vps.clone(), sps.clone(), pps.clone()]
            }
            _ => Vec::new(),
        }
    }
}

/// Which of a camera's media are fetched, and how.
struct Plan {
    offers: Vec<Offer>,
    feeds: Vec<Option<Feed>>,
    setups: Vec<Setup>,
    warnings: Vec<String>,
}

impl Plan {
    fn new(session: &Session<Described>) -> Self {
        let (offers, feeds) = (Vec::new(), Vec::new());
        let mut plan = Self { offers, feeds, setups: Vec::new(), warnings: Vec::new() };
        let mut media = sdp::media(session.sdp()).into_iter();
        for stream in session.streams() {
            let payload_type = stream.rtp_payload_type().to_string();
            // retina leaves out media that it cannot parse; the others are in the same order.
            let of = |m: &Medium| m.media == stream.media() && m.payload_type == payload_type;
            let fmtp = media.find(of).and_then(|medium| medium.fmtp);
            plan.add(stream, fmtp.as_deref());
        }
        plan
    }

    fn add(&mut self, stream: &retina::client::Stream, fmtp: Option<&str>) {
        let (media, encoding) = (stream.media().to_owned(), stream.encoding_name().to_owned());
        let (hertz, channels) = (stream.clock_rate_hz(), stream.channels());
        let wanted = self.kind(&media, &encoding, hertz, channels.map_or(1, Into::into), fmtp);
        let feed = wanted.and_then(|kind| {
            let mut depacketizer = Depacketizer::new(&media, &encoding, hertz, channels, fmtp)
                .map_err(|why| format!("the {media} track ({encoding}) is not recorded: {why}"))?;
            depacketizer.set_frame_format(FrameFormat::MP4);
            let codec = match kind {
                Kind::Video(codec) => Some(codec),
                Kind::Audio(_) => None,
            };
            let track = self.setups.len();
            self.setups.push(Setup { kind, hertz });
            let buffer = DepacketizeBuf::new(16 << 10);
            let described = fmtp.filter(|_| codec.is_some()).map(sdp::parameter_sets);
            let described = described.unwrap_or_default();
            Ok(Feed { track, codec, described, depacketizer, buffer, waiting: 0 })
        });
        let feed = feed.map_err(|warning| {
            // Metadata is not a track that anybody misses.
            if media != "application" {
                self.warnings.push(warning);
            }
        });
        let track = feed.as_ref().ok().map(|feed| feed.track);
        self.offers.push(Offer { media, encoding, track });
        self.feeds.push(feed.ok());
    }

    /// What a medium is recorded as, or why it is not.
    fn kind(
        &self,
        media: &str,
        encoding: &str,
        hertz: u32,
        channels: u16,
        fmtp: Option<&str>,
    ) -> Result<Kind, String> {
        let same = |setup: &&Setup| matches!(setup.kind, Kind::Video(_)) == (media == "video");
        if matches!(media, "video" | "audio") && self.setups.iter().any(|setup| same(&setup)) {
            return Err(format!("a second {media} track ({encoding}) is not recorded"));
        }
        let plain = |codec| {
            let config = Bytes::new();
            let params = AudioParams { codec, sample_rate: hertz, channels, config };
            Ok(Kind::Audio(Arc::new(TrackParams::Audio(params))))
        };
        match (media, encoding) {
            ("video", "h264") => Ok(Kind::Video(VideoCodec::H264)),
            ("video", "h265") => Ok(Kind::Video(VideoCodec::H265)),
            ("audio", "pcma") => plain(AudioCodec::Alaw),
            ("audio", "pcmu") => plain(AudioCodec::Ulaw),
            ("audio", "mpeg4-generic") => {
                let config = fmtp.and_then(sdp::audio_config).ok_or(
                    "the AAC track is not \
                    recorded: the camera does not describe it",
                )?;
                let params = AudioParams::aac(&config)
                    .map_err(|why| format!("the AAC track is not recorded: {why}"))?;
                Ok(Kind::Audio(Arc::new(TrackParams::Audio(params))))
            }
            _ => Err(format!(
                "the {media} track is not recorded: its codec {} is not supported",
                encoding.to_ascii_uppercase()
            )),
        }
    }

    fn nothing_usable(&self) -> String {
        let offered: Vec<_> =
            self.offers.iter().map(|o| format!("{} {}", o.media, o.encoding)).collect();
        format!(
            "the camera offers nothing that can be recorded ({}): set it to H.264 or H.265",
            offered.join(", ")
        )
    }
}

/// Awaits one request, for at most `limit`.
async fn within<T>(
    limit: Duration,
    phase: Phase,
    source: &StreamSource,
    request: impl Future<Output = Result<T, retina::Error>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(limit, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(refused(phase, source, &error)),
        Err(_) if phase == Phase::Describe => Err(unanswered(limit, source).await),
        Err(_) => Err(Fault::Timeout { phase, within: limit }),
    }
}

/// DESCRIBE was not answered: tells a camera that hangs from an address where nothing is.
async fn unanswered(limit: Duration, source: &StreamSource) -> Fault {
    let (host, port) = (source.url().host_str().unwrap_or_default(), port(source));
    let host = host.trim_matches(['[', ']']);
    let connect = tokio::net::TcpStream::connect((host, port));
    match tokio::time::timeout(Duration::from_secs(1).min(limit), connect).await {
        Ok(Ok(_)) => Fault::Timeout { phase: Phase::Describe, within: limit },
        _ => Fault::Unreachable(format!(
            "no answer from {host}:{port} within {} s: check the address and that the camera is on",
            limit.as_secs_f32()
        )),
    }
}

fn port(source: &StreamSource) -> u16 {
    source.url().port().unwrap_or(554)
}

/// A request's error in words. retina's errors are opaque: what is not a status is told by its
/// first line.
fn refused(phase: Phase, source: &StreamSource, error: &retina::Error) -> Fault {
    let (url, method) = (source.url(), phase.method());
    let at = format!("{}:{}", url.host_str().unwrap_or_default(), port(source));
    let text = first_line(error);
    match error.status_code() {
        Some(401 | 403) if source.credentials().is_none() => Fault::Denied(
            "the camera wants a user name and a password, and none are set".to_owned(),
        ),
        Some(401 | 403) => {
            Fault::Denied("the camera refused the user name or the password".to_owned())
        }
        Some(404) => Fault::Refused(format!(
            "the camera has no stream at {} (404): check the path of the URL",
            url.path()
        )),
        Some(453 | 503) => Fault::Refused(format!(
            "the camera is busy ({method} gave {text}): it may allow fewer sessions than are open"
        )),
        Some(status) if !(200..300).contains(&status) => {
            Fault::Refused(format!("the camera refused {method}: {text}"))
        }
        Some(_) => {
            Fault::BadData(format!("the camera's answer to {method} makes no sense: {text}"))
        }
        None => match text.strip_prefix("Unable to connect to RTSP server: ") {
            Some(why) if why.contains("refused") => Fault::Unreachable(format!(
                "nothing listens at {at}: check address and port, and that RTSP is switched on"
            )),
            Some(why) => Fault::Unreachable(format!("cannot reach {at}: {why}")),
            None => {
                Fault::Gone(format!("the conversation with the camera broke at {method}: {text}"))
            }
        },
    }
}

/// The error that ended a playing session.
fn lost(error: &retina::Error) -> Fault {
    let text = first_line(error);
    if text.starts_with("Error reading") || text.starts_with("Error writing") {
        Fault::Gone(format!("the connection broke: {text}"))
    } else {
        Fault::BadData(format!("the camera broke the protocol: {text}"))
    }
}

fn first_line(error: &retina::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}
