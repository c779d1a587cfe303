//! Requests and their answers: how a session comes to play, and stays.

use std::time::Duration;

use base::limits;

use super::{Asked, Client, Stage};
use crate::fault::{Fault, Phase};
use crate::rtsp::message::{self, Response};
use crate::rtsp::tracks::Tracks;
use crate::rtsp::words;
use crate::sdp;

impl Client {
    pub(super) fn answered(&mut self, response: &Response) -> Result<(), Fault> {
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
            Some(phase) if !response.is_ok() => self.was_refused(phase, response),
            Some(_) => {
                self.note_session(response);
                self.further(response)
            }
            None => self.kept_alive(asked.method, response),
        }
    }

    /// The request of this stage was refused. A camera that only keeps its sound to itself is
    /// recorded without.
    fn was_refused(&mut self, phase: Phase, response: &Response) -> Result<(), Fault> {
        let fault = words::refused(phase, &self.url, self.login.is_known(), response);
        match self.stage {
            Stage::SettingUp(track)
                if !fault.is_denial() && self.tracks.leave_out(track, &fault.to_string()) =>
            {
                self.set_up_next();
                Ok(())
            }
            _ => Err(fault),
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
        self.set_up_next();
        Ok(())
    }

    /// Asks for the next track, or once all are there for their media.
    fn set_up_next(&mut self) {
        let Stage::SettingUp(track) = self.stage else { return };
        let Some(feed) = self.tracks.feeds.get(track) else {
            self.stage = Stage::Starting;
            return self.ask("PLAY", self.aggregate.clone(), "Range: npt=0.000-\r\n".to_owned());
        };
        // A track that names none is the only one.
        let base = if feed.control.is_empty() { &self.aggregate } else { &self.base };
        let uri = words::controlled(base, &feed.control);
        let (media, reports) = (track * 2, track * 2 + 1);
        let transport = format!("Transport: RTP/AVP/TCP;unicast;interleaved={media}-{reports}\r\n");
        self.ask("SETUP", uri, transport);
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
        let source = message::field(transport, "ssrc");
        let source = source.and_then(|source| u32::from_str_radix(source.trim(), 16).ok());
        self.tracks.feeds[track].source.announced = source;
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
    pub(super) fn was_asked(&mut self, method: &str, cseq: Option<u32>) -> Result<(), Fault> {
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

    pub(super) fn ask(&mut self, method: &'static str, uri: String, headers: String) {
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
