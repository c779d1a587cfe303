//! The client's side of an RTSP session with interleaved media (RFC 2326), without a socket: bytes
//! in, frames and requests out.

use std::time::Duration;

use base::limits;

use super::login::Login;
use super::message::{self, Element, Response};
use super::tracks::Tracks;
use super::words;
use crate::depacketize::{Out, Unreadable};
use crate::fault::{Fault, Phase};
use crate::receive::Incoming;
use crate::rtp::{Order, Packet, report};
use crate::sdp;
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
                Element::Response(response) => self.answered(&response)?,
                Element::Request { method, cseq } => self.was_asked(&method, cseq)?,
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
            return Ok(());
        }
        let unreadable = match Packet::read(bytes) {
            Ok(packet) => self.packet(track, &packet, give).err(),
            Err(why) => Some(why),
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

    fn answered(&mut self, response: &Response) -> Result<(), Fault> {
        let Some(asked) = &self.asked else { return Ok(()) };
        // An answer to what is no longer waited for; some cameras leave the number out.
        if response.cseq().is_some_and(|cseq| cseq != asked.cseq) {
            return Ok(());
        }
        if response.status < 200 {
            // The camera is still at it (RFC 2326 section 7.1.1).
            return Ok(());
        }
        let Some(asked) = self.asked.take() else { return Ok(()) };
        if response.status == 401 && self.login.challenged(response, asked.answers) {
            self.send(asked);
            return Ok(());
        }
        self.login.accepted |= response.is_ok() && asked.answers > 0;
        if self.stage == Stage::Leaving {
            self.stage = Stage::Gone;
            return Ok(());
        }
        match self.phase() {
            Some(_)
                if response.status == 401
                    && asked.answers == 0
                    && self.login.is_at_a_loss(response) =>
            {
                let text = "the camera wants a login of a kind that is not supported";
                Err(Fault::Refused(text.to_owned()))
            }
            Some(phase) if !response.is_ok() => {
                Err(words::refused(phase, &self.url, self.login.is_known(), response))
            }
            Some(_) => {
                self.note_session(response);
                self.further(response)
            }
            None => self.kept_alive(asked.method, response),
        }
    }

    /// The request of this stage was granted.
    fn further(&mut self, response: &Response) -> Result<(), Fault> {
        match self.stage {
            Stage::Describing => self.described(response)?,
            Stage::SettingUp(track) => {
                self.set_up(track, response)?;
                self.stage = Stage::SettingUp(track + 1);
            }
            Stage::Starting => self.stage = Stage::Playing,
            Stage::Playing | Stage::Leaving | Stage::Gone => {}
        }
        match self.stage {
            Stage::SettingUp(track) if track < self.tracks.feeds.len() => {
                let control = &self.tracks.feeds[track].control;
                // A track that names none is the only one.
                let base = if control.is_empty() { &self.aggregate } else { &self.base };
                let uri = words::controlled(base, control);
                let (media, reports) = (track * 2, track * 2 + 1);
                let transport =
                    format!("Transport: RTP/AVP/TCP;unicast;interleaved={media}-{reports}\r\n");
                self.ask("SETUP", uri, transport);
            }
            Stage::SettingUp(_) => {
                self.stage = Stage::Starting;
                self.ask("PLAY", self.aggregate.clone(), "Range: npt=0.000-\r\n".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn described(&mut self, response: &Response) -> Result<(), Fault> {
        let description = sdp::read(&response.body);
        let bases = ["content-base", "content-location"];
        let given = bases.into_iter().filter_map(|name| response.header(name));
        let absolute = given.into_iter().find(|base| base.contains("://"));
        self.base = absolute.unwrap_or(&self.url).to_owned();
        let control = description.control.as_deref().unwrap_or_default();
        self.aggregate = words::controlled(&self.base, control);
        self.tracks = Tracks::of(&description);
        self.tool = description.tool;
        if self.tracks.feeds.is_empty() {
            return Err(Fault::Unusable(self.tracks.nothing_usable()));
        }
        self.stage = Stage::SettingUp(0);
        Ok(())
    }

    fn set_up(&mut self, track: usize, response: &Response) -> Result<(), Fault> {
        let transport = response.header("transport").unwrap_or_default();
        let interleaved = message::field(transport, "interleaved");
        // Some cameras leave `/TCP` out of what they send over TCP.
        if interleaved.is_none() && transport.contains("RTP/AVP") && !transport.contains("TCP") {
            let text = "the camera does not send over TCP, which is all that is supported";
            return Err(Fault::Refused(text.to_owned()));
        }
        let media = track as u8 * 2;
        // Some cameras choose channels of their own, or name the first one only.
        let chosen = interleaved.and_then(|channels| {
            let (media, reports) = channels.split_once('-').unwrap_or((channels, ""));
            let media: u8 = media.trim().parse().ok()?;
            Some((media, reports.trim().parse().unwrap_or(media.wrapping_add(1))))
        });
        let chosen = chosen.unwrap_or((media, media + 1));
        if self.channels.iter().any(|(media, _)| *media == chosen.0) {
            let text = "the camera sends two tracks over one channel";
            return Err(Fault::BadData(text.to_owned()));
        }
        self.channels.push(chosen);
        Ok(())
    }

    fn note_session(&mut self, response: &Response) {
        let Some(session) = response.header("session") else { return };
        let (id, more) = session.split_once(';').unwrap_or((session, ""));
        // Some cameras give every track an id of its own, and know the first one only.
        self.session.get_or_insert_with(|| id.trim().to_owned());
        let seconds = message::field(more, "timeout").and_then(|seconds| seconds.parse().ok());
        // None at all is what some cameras call a session that does not run out.
        if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
            self.timeout = Duration::from_secs(seconds);
        }
    }

    fn kept_alive(&mut self, method: &str, response: &Response) -> Result<(), Fault> {
        if response.status == 454 {
            let text = "the camera no longer knows the session: it was restarted, perhaps";
            return Err(Fault::Gone(text.to_owned()));
        }
        let knows = response.all("public").any(|methods| methods.contains("GET_PARAMETER"));
        match method {
            "OPTIONS" if knows && response.is_ok() && !self.is_deaf => {
                self.keep_alive = "GET_PARAMETER";
            }
            "GET_PARAMETER" if !response.is_ok() => {
                (self.keep_alive, self.is_deaf) = ("OPTIONS", true);
            }
            _ => {}
        }
        Ok(())
    }

    /// A request of the camera.
    fn was_asked(&mut self, method: &str, cseq: Option<u32>) -> Result<(), Fault> {
        let status = match method {
            "OPTIONS" | "GET_PARAMETER" | "SET_PARAMETER" | "ANNOUNCE" => "200 OK",
            "TEARDOWN" => {
                return Err(Fault::Gone("the camera ended the session".to_owned()));
            }
            _ => "501 Not Implemented",
        };
        let cseq = cseq.map(|cseq| format!("CSeq: {cseq}\r\n")).unwrap_or_default();
        self.outgoing.extend(format!("RTSP/1.0 {status}\r\n{cseq}\r\n").bytes());
        if self.outgoing.len() > limits::RTSP_OUTGOING_BYTES_MAX {
            let text = "the camera asks more than it reads answers to";
            return Err(Fault::BadData(text.to_owned()));
        }
        Ok(())
    }

    fn ask(&mut self, method: &'static str, uri: String, headers: String) {
        self.send(Asked { cseq: 0, method, uri, headers, answers: 0 });
    }

    fn send(&mut self, mut asked: Asked) {
        self.cseq += 1;
        asked.cseq = self.cseq;
        let Asked { cseq, method, uri, headers, .. } = &asked;
        let agent = concat!("Holdfast/", env!("CARGO_PKG_VERSION"));
        let authorization = self.login.answer(method, uri);
        let session = self.session.iter().map(|id| format!("Session: {id}\r\n"));
        let session = session.chain(authorization.iter().cloned()).collect::<String>();
        let request = format!(
            "{method} {uri} RTSP/1.0\r\nCSeq: {cseq}\r\nUser-Agent: {agent}\r\n\
             {session}{headers}\r\n"
        );
        self.outgoing.extend(request.bytes());
        asked.answers += u8::from(authorization.is_some());
        self.asked = Some(asked);
    }
}

#[cfg(test)]
mod tests;
