//! The client's side of an RTSP session with interleaved media (RFC 2326), without a socket: bytes
//! in, frames and requests out.

mod conversation;

use std::time::Duration;

use base::limits;

use super::login::Login;
use super::message::{self, Element, Message};
use super::tracks::Tracks;
use crate::depacketize::{Out, Unreadable};
use crate::fault::{Fault, Phase};
use crate::receive::Incoming;
use crate::rtp::{Order, Packet, report};
use crate::source::StreamSource;

/// Packets in a row that cannot be read, with no frame between them, before the session is ended.
const BAD_PACKETS_MAX: u32 = 200;
/// Some cameras send packets of this payload type among the others, with numbers of their own.
const ALIEN_PAYLOAD_TYPE: u8 = 50;
/// How long cameras keep a session that they give no time for (RFC 2326 section 12.37).
const SESSION_TIMEOUT_DEFAULT: Duration = Duration::from_secs(60);
/// Sessions are kept alive at least this often, and at most.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// What comes out of a session.
pub(crate) enum Item<'a> {
    /// A NAL unit that is a parameter set. It belongs to the frame that follows.
    ParameterSet { track: usize, unit: &'a [u8] },
    /// An access unit or audio frame.
    Frame(Incoming),
    /// RTP packets were lost.
    Lost(u64),
    /// A packet could not be read.
    Unreadable(Unreadable),
    /// A sender report.
    Report { track: usize, rtp: u32, ntp: u64 },
    /// The camera says that it sends no more of this track.
    Goodbye { track: usize },
}

impl Item<'_> {
    /// The track that it is of, where it is of one.
    pub(crate) fn track_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Frame(frame) => Some(&mut frame.track),
            Self::ParameterSet { track, .. }
            | Self::Report { track, .. }
            | Self::Goodbye { track } => Some(track),
            Self::Lost(_) | Self::Unreadable(_) => None,
        }
    }
}

/// One session.
#[derive(Debug)]
pub(crate) struct Client {
    login: Login,
    /// What is asked for.
    url: String,
    /// What the session as a whole is controlled by.
    aggregate: String,
    /// What the controls of tracks are relative to.
    base: String,
    stage: Stage,
    cseq: u32,
    asked: Option<Asked>,
    outgoing: Vec<u8>,
    session: Option<String>,
    timeout: Duration,
    keep_alive: &'static str,
    /// The camera did not do what it was asked with GET_PARAMETER, whatever it says that it knows.
    is_deaf: bool,
    pub(crate) tracks: Tracks,
    pub(crate) tool: Option<String>,
    /// By track, the channels of its packets and of its reports.
    channels: Vec<(u8, u8)>,
    /// Media that came before the answer that begins playing, as they stood in the stream.
    early: Vec<u8>,
    bad_packets: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Describing,
    /// So many tracks are set up.
    SettingUp(usize),
    Starting,
    Playing,
    Leaving,
    Gone,
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Asked {
    cseq: u32,
    method: &'static str,
    uri: String,
    headers: String,
    /// How often it was sent with an answer to a challenge.
    answers: u8,
}

impl Client {
    /// A session that is to be had from `source`; it begins with DESCRIBE.
    pub(crate) fn new(source: &StreamSource) -> Self {
        let url = source.url().as_str().to_owned();
        let mut client = Self {
            login: Login::new(source.credentials()),
            aggregate: url.clone(),
            base: url.clone(),
            url,
            stage: Stage::Describing,
            cseq: 0,
            asked: None,
            outgoing: Vec::new(),
            session: None,
            timeout: SESSION_TIMEOUT_DEFAULT,
            keep_alive: "OPTIONS",
            is_deaf: false,
            tracks: Tracks::default(),
            tool: None,
            channels: Vec::new(),
            early: Vec::new(),
            bad_packets: 0,
        };
        client.ask("DESCRIBE", client.url.clone(), "Accept: application/sdp\r\n".to_owned());
        client
    }

    /// The request whose answer the session waits for; `None` once it plays.
    pub(crate) fn phase(&self) -> Option<Phase> {
        match self.stage {
            Stage::Describing => Some(Phase::Describe),
            Stage::SettingUp(_) => Some(Phase::Setup),
            Stage::Starting => Some(Phase::Play),
            Stage::Playing | Stage::Leaving | Stage::Gone => None,
        }
    }

    /// How far it is, to tell that an answer has come.
    pub(crate) fn cseq(&self) -> u32 {
        self.cseq
    }

    /// What is to be sent; whoever sends takes it out.
    pub(crate) fn outgoing(&mut self) -> &mut Vec<u8> {
        &mut self.outgoing
    }

    /// How often [`Client::keep_alive`] is to be called.
    pub(crate) fn keep_alive_every(&self) -> Duration {
        (self.timeout / 2).clamp(KEEP_ALIVE.0, KEEP_ALIVE.1)
    }

    /// Says that we are still here. An answer that did not come is not waited for: that the camera
    /// is gone shows in its media.
    pub(crate) fn keep_alive(&mut self) {
        if self.stage != Stage::Playing {
            return;
        }
        if self.asked.take().is_some_and(|asked| asked.method == "GET_PARAMETER") {
            // Some cameras say that they know it and do not answer.
            (self.keep_alive, self.is_deaf) = ("OPTIONS", true);
        }
        self.ask(self.keep_alive, self.aggregate.clone(), String::new());
        for (feed, (_, channel)) in self.tracks.feeds.iter().zip(&self.channels) {
            let ours = feed.sequence.source().map_or(0, |source| !source);
            if let Some(report) = report::receiver_report(ours, &feed.sequence) {
                let len = u16::try_from(report.len()).unwrap_or_default();
                self.outgoing.extend([b'$', *channel]);
                self.outgoing.extend(len.to_be_bytes());
                self.outgoing.extend(report);
            }
        }
    }

    /// Ends the session, where there is one: whether its end is to be waited for.
    pub(crate) fn leave(&mut self) -> bool {
        if self.session.is_none() || self.stage == Stage::Gone {
            self.stage = Stage::Gone;
            return false;
        }
        self.stage = Stage::Leaving;
        self.ask("TEARDOWN", self.aggregate.clone(), String::new());
        true
    }

    /// The camera has let the session go.
    pub(crate) fn is_gone(&self) -> bool {
        self.stage == Stage::Gone
    }

    /// Takes what came from the camera; how many bytes were used. What is left is to be given again
    /// with what follows it. It stops behind the answer that begins playing: who opens the session
    /// takes no frames yet. Those that came before that answer come out first.
    pub(crate) fn receive(
        &mut self,
        bytes: &[u8],
        give: &mut dyn FnMut(Item<'_>),
    ) -> Result<usize, Fault> {
        if self.stage == Stage::Playing && !self.early.is_empty() {
            let early = std::mem::take(&mut self.early);
            self.elements(&early, give)?;
        }
        self.elements(bytes, give)
    }

    fn elements(&mut self, bytes: &[u8], give: &mut dyn FnMut(Item<'_>)) -> Result<usize, Fault> {
        let mut used = 0;
        let opening = self.phase().is_some();
        while let Some((element, len)) = message::next(&bytes[used..])
            .map_err(|why| Fault::BadData(format!("the camera broke the protocol: {}", why.0)))?
        {
            let whole = &bytes[used..used + len];
            used += len;
            match element {
                Element::Data { .. } if self.stage == Stage::Starting => self.keep_early(whole),
                Element::Data { channel, bytes } => self.data(channel, bytes, give)?,
                Element::Message(message) => match *message {
                    Message::Response(response) => self.answered(&response)?,
                    Message::Request { method, cseq } => self.was_asked(&method, cseq)?,
                },
            }
            if opening && self.phase().is_none() {
                return Ok(used);
            }
        }
        Ok(used + message::empty_lines(&bytes[used..]))
    }

    /// Many cameras send media before they answer PLAY, the first key frame too. What is more than
    /// the bound is missing from the numbers of its packets.
    fn keep_early(&mut self, element: &[u8]) {
        if self.early.len() + element.len() <= limits::RTSP_EARLY_BYTES_MAX {
            self.early.extend_from_slice(element);
        }
    }

    fn data(
        &mut self,
        channel: u8,
        bytes: &[u8],
        give: &mut dyn FnMut(Item<'_>),
    ) -> Result<(), Fault> {
        let of_media = |(media, _): &(u8, u8)| *media == channel;
        let of_reports = |(_, reports): &(u8, u8)| *reports == channel;
        let of = self.channels.iter().position(of_media);
        let is_media = of.is_some();
        let of = of.or_else(|| self.channels.iter().position(of_reports));
        // Some cameras go on sending what an earlier session asked for.
        let Some(track) = of else { return Ok(()) };
        // Some cameras send reports on the channel of the media (RFC 5761 section 4).
        if !is_media || report::is_report(bytes) {
            if let Some(report) = report::sender_report(bytes) {
                give(Item::Report { track, rtp: report.rtp, ntp: report.ntp });
            }
            let source = &self.tracks.feeds[track].source;
            if report::goodbyes(bytes).any(|gone| source.is(gone)) {
                give(Item::Goodbye { track });
            }
            return Ok(());
        }
        // Looked at where it was read to: a copy in larger pieces than it was written in would wait
        // until all that was stored before, the last packet's payload too, is in the cache.
        let read = Packet::read(bytes);
        let unreadable = match &read {
            Ok(packet) => self.packet(track, packet, give).err(),
            Err(why) => Some(*why),
        };
        if let Some(why) = unreadable {
            self.bad_packets += 1;
            if self.bad_packets > BAD_PACKETS_MAX {
                let text = format!("the camera sends packets that cannot be read: {why}");
                return Err(Fault::BadData(text));
            }
            give(Item::Unreadable(why));
        }
        let waiting: usize = self.tracks.feeds.iter().map(|f| f.depacketizer.waiting()).sum();
        if waiting > limits::ACCESS_UNIT_BYTES_MAX {
            let limit = limits::ACCESS_UNIT_BYTES_MAX >> 20;
            let text = format!("the camera sent an access unit of more than {limit} MiB");
            return Err(Fault::BadData(text));
        }
        Ok(())
    }

    fn packet(
        &mut self,
        track: usize,
        packet: &Packet<'_>,
        give: &mut dyn FnMut(Item<'_>),
    ) -> Result<(), Unreadable> {
        let feed = &mut self.tracks.feeds[track];
        let of = packet.payload_type;
        if of == ALIEN_PAYLOAD_TYPE && feed.payload_type != Some(of) {
            return Ok(());
        }
        if !feed.source.counts(packet.source) {
            return Ok(());
        }
        let whole = match feed.sequence.push(packet) {
            Order::Next => true,
            Order::After(lost) => {
                give(Item::Lost(lost.into()));
                false
            }
            Order::Anew => false,
            Order::Repeated => return Ok(()),
        };
        let bad_packets = &mut self.bad_packets;
        feed.depacketizer.push(packet, whole, &mut |out| match out {
            Out::ParameterSet(unit) => give(Item::ParameterSet { track, unit }),
            Out::Frame { timestamp: rtp, data, ticks } => {
                *bad_packets = 0;
                give(Item::Frame(Incoming { track, rtp, data, ticks }));
            }
        })
    }
}

#[cfg(test)]
mod tests;
