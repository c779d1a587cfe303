//! What the thread of one volume has to record, also while its volume is not open.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{StreamId, VolumeId};
use recorder::{Standing, StepReport, StreamJob, VolumeRecorder};
use stream::EndCause;

use crate::control::RecordedStream;
use crate::guests::Command;

/// The streams of one volume.
pub struct Roster {
    volume: VolumeId,
    streams: BTreeMap<StreamId, Recorded>,
    /// Those that are let go at their next key frame, and where they go.
    releasing: BTreeMap<StreamId, VolumeId>,
}

/// A stream, and where its recording stands.
struct Recorded {
    stream: RecordedStream,
    standing: Arc<Standing>,
    /// It is recorded no more once what waits is.
    leaving: Option<EndCause>,
}

/// A stream that goes on on another volume, and what that one is told.
pub type HandedOn = (VolumeId, Command);

impl Roster {
    /// Of `volume`, without streams.
    pub fn new(volume: VolumeId) -> Self {
        Self { volume, streams: BTreeMap::new(), releasing: BTreeMap::new() }
    }

    /// Does what it is told; what another volume is to be told in turn.
    pub fn obey(
        &mut self,
        command: Command,
        opened: Option<&mut VolumeRecorder>,
    ) -> Option<HandedOn> {
        match command {
            Command::Record(stream, standing) => {
                let recorded = Recorded { stream: *stream, standing, leaving: None };
                self.record(recorded, opened);
                None
            }
            Command::HandOn(stream, standing) => {
                let recorded = Recorded { stream: *stream, standing, leaving: None };
                if !self.knows(&recorded) {
                    self.record(recorded, opened);
                }
                None
            }
            Command::Release(stream, to) => self.release(stream, to, opened),
            Command::Cut(stream) => {
                self.strike(stream);
                None
            }
            Command::Forget(stream, cause) => {
                self.forget(stream, cause, opened);
                None
            }
        }
    }

    /// The volume is open: everything that waits for it is recorded.
    pub fn open(&mut self, recorder: &mut VolumeRecorder) {
        self.streams.retain(|_, recorded| recorded.is_for(self.volume));
        self.streams.values().for_each(|recorded| add(recorder, recorded));
    }

    /// Takes in what a step has come to: streams that were taken over are struck, and those that
    /// it has let go are handed on.
    pub fn took_in(&mut self, report: &StepReport, recorder: &VolumeRecorder) -> Vec<HandedOn> {
        report.cut_off.iter().for_each(|stream| self.strike(*stream));
        let released = report.released.iter();
        let released = released.filter_map(|id| Some((*id, self.releasing.remove(id)?)));
        let released: Vec<_> = released.collect();
        let handed_on = released.into_iter().filter_map(|(id, to)| self.hand_on(id, to)).collect();
        self.streams.retain(|id, recorded| recorded.leaving.is_none() || recorder.has(*id));
        handed_on
    }

    /// What a stream is called in logs.
    pub fn label(&self, stream: StreamId) -> Option<&str> {
        self.streams.get(&stream).map(|recorded| &*recorded.stream.wanted.source.label)
    }

    /// Whether a stream is on its way to that volume.
    pub fn releases_to(&self, volume: VolumeId) -> bool {
        self.releasing.values().any(|to| *to == volume)
    }

    /// Whether a stream is on it.
    pub fn has(&self, stream: StreamId) -> bool {
        self.streams.contains_key(&stream)
    }

    /// How many streams are on it.
    pub fn len(&self) -> usize {
        self.streams.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    fn record(&mut self, recorded: Recorded, opened: Option<&mut VolumeRecorder>) {
        // It may have been sent elsewhere since.
        if !recorded.is_for(self.volume) {
            return;
        }
        // While the volume is not there, what comes waits in memory, as far as that goes.
        let stream = recorded.stream.wanted.stream;
        self.releasing.remove(&stream);
        if let Some(recorder) = opened {
            add(recorder, &recorded);
        }
        self.streams.insert(stream, recorded);
    }

    /// A stream is to go on elsewhere, from its next key frame on.
    fn release(
        &mut self,
        stream: StreamId,
        to: VolumeId,
        opened: Option<&mut VolumeRecorder>,
    ) -> Option<HandedOn> {
        if opened.is_some_and(|recorder| recorder.release(stream)) {
            self.releasing.insert(stream, to);
            return None;
        }
        self.hand_on(stream, to)
    }

    /// Nothing of a stream grows here any more: it goes on there.
    fn hand_on(&mut self, stream: StreamId, to: VolumeId) -> Option<HandedOn> {
        let Recorded { stream, standing, .. } = self.streams.remove(&stream)?;
        Some((to, Command::HandOn(Box::new(stream), standing)))
    }

    /// Whether it was told of that stream already, and maybe to let it leave since: what another
    /// volume handed on may come late, and must not call it back.
    fn knows(&self, handed_on: &Recorded) -> bool {
        let known = self.streams.get(&handed_on.stream.wanted.stream);
        known.is_some_and(|known| known.stream.reader.is_same(&handed_on.stream.reader))
    }

    fn forget(&mut self, stream: StreamId, cause: EndCause, opened: Option<&mut VolumeRecorder>) {
        self.releasing.remove(&stream);
        if let Some(recorded) = self.streams.get_mut(&stream) {
            recorded.leaving = Some(cause);
        }
        if let Some(recorder) = opened {
            recorder.remove(stream, cause);
        }
    }

    fn strike(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
        self.releasing.remove(&stream);
    }
}

impl Recorded {
    /// Whether it was not sent elsewhere since, and has not left.
    fn is_for(&self, volume: VolumeId) -> bool {
        self.standing.is_for(volume, &self.stream.reader)
    }
}

fn add(recorder: &mut VolumeRecorder, recorded: &Recorded) {
    let wanted = &recorded.stream.wanted;
    recorder.add(StreamJob {
        camera: wanted.camera,
        camera_slug: wanted.camera_slug.clone(),
        camera_name: wanted.camera_name.clone(),
        stream: wanted.stream,
        stream_name: wanted.stream_name.clone(),
        reader: recorded.stream.reader.clone(),
        standing: recorded.standing.clone(),
    });
    if let Some(cause) = recorded.leaving {
        recorder.remove(wanted.stream, cause);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::guests::tests::wanted;

    fn stream() -> RecordedStream {
        let (_, reader) = stream::stream();
        RecordedStream { wanted: wanted(), reader }
    }

    #[test]
    fn what_is_handed_on_late_does_not_call_back_who_leaves() {
        let [from, to] = [1, 2].map(|n| VolumeId::from_bytes([n; 16]));
        let (stream, standing) = (stream(), Arc::new(Standing::default()));
        let id = stream.wanted.stream;
        let record = || Command::Record(Box::new(stream.clone()), standing.clone());
        let mut before = Roster::new(from);
        let mut roster = Roster::new(to);
        let leaving = |roster: &Roster| roster.streams.get(&id).map(|known| known.leaving);
        standing.assign(from, &stream.reader);
        assert!(before.obey(record(), None).is_none());
        standing.assign_after(from, to, &stream.reader);
        let (_, handed_on) = before.obey(Command::Release(id, to), None).unwrap();
        // Before that comes, placement has seen that nobody has it, and then that it leaves.
        assert!(roster.obey(record(), None).is_none());
        assert!(roster.obey(Command::Forget(id, EndCause::Off), None).is_none());
        assert!(roster.obey(handed_on, None).is_none());
        assert_eq!(leaving(&roster), Some(Some(EndCause::Off)));
        // Placement itself may.
        assert!(roster.obey(record(), None).is_none());
        assert_eq!(leaving(&roster), Some(None));
    }
}
