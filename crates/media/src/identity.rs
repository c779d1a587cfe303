//! Who a segment is: the box `HoldfastIdentity`.

use std::sync::Arc;

use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};

use crate::mp4::boxes::Boxes;
use crate::mp4::reader::{self, Reader};
use crate::params::TrackParams;

/// The BLAKE3 hash that ends a commit record.
pub type ChainHash = [u8; 32];

/// A commit by its number (from 0 in each segment) and its hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CommitRef {
    /// Number within its segment, from 0.
    pub number: u32,
    /// Its hash, which covers every byte of the segment before it.
    pub hash: ChainHash,
}

/// The segment before this one in its stream, up to its last durable commit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Predecessor {
    /// The segment.
    pub segment: SegmentId,
    /// Its last durable commit: whatever it holds after that is to be ignored.
    pub commit: CommitRef,
}

/// Who a segment is; stands in its header and again in its final `moov`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The archive.
    pub archive: ArchiveId,
    /// The volume it was written to.
    pub volume: VolumeId,
    /// The camera.
    pub camera: CameraId,
    /// The stream.
    pub stream: StreamId,
    /// The run: one clock mapping.
    pub run: RunId,
    /// The segment itself.
    pub segment: SegmentId,
    /// Which writer made it: 0 on one machine.
    pub epoch: u32,
    /// When it starts: a hint, the anchors rule.
    pub start: WallTime,
    /// What came before it.
    pub predecessor: Option<Predecessor>,
    /// The archive's Ed25519 public key.
    pub public_key: Option<[u8; 32]>,
    /// Folder name of the camera.
    pub camera_slug: String,
    /// Name of the camera when the segment was begun.
    pub camera_name: String,
    /// Name of the stream.
    pub stream_name: String,
}

const USER_TYPE: &[u8; 16] = b"HoldfastIdentity";
const FORMAT_VERSION: u16 = 1;

/// Appends the box. Names are cut where they do not fit their 16-bit length.
pub(crate) fn put(b: &mut Boxes, identity: &Identity, tracks: &[Arc<TrackParams>]) {
    b.uuid(USER_TYPE, |b| {
        b.u16(FORMAT_VERSION).u16(0);
        b.bytes(identity.archive.as_bytes()).bytes(identity.volume.as_bytes());
        b.bytes(identity.camera.as_bytes()).bytes(identity.stream.as_bytes());
        b.bytes(identity.run.as_bytes()).bytes(identity.segment.as_bytes());
        b.u32(identity.epoch).i64(identity.start.as_micros());
        match &identity.predecessor {
            Some(Predecessor { segment, commit }) => {
                b.bytes(segment.as_bytes()).u32(commit.number).bytes(&commit.hash)
            }
            None => b.zeros(16 + 4 + 32),
        };
        b.bytes(&identity.public_key.unwrap_or_default());
        for name in [&identity.camera_slug, &identity.camera_name, &identity.stream_name] {
            let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
            b.u16(name.len() as u16).bytes(name.as_bytes());
        }
        b.u8(tracks.len() as u8);
        tracks.iter().for_each(|track| b.u8(reorder_depth(track)).end());
    });
}

/// Names are cut here: three of them stay below the bound of a record.
const NAME_BYTES_MAX: usize = 4096;

fn reorder_depth(track: &TrackParams) -> u8 {
    match track {
        TrackParams::Video(video) => video.reorder_depth,
        TrackParams::Audio(_) => 0,
    }
}

/// The identity in the body of a `moov`, and the reorder depth of each track.
pub(crate) fn read(moov: &[u8]) -> Option<(Identity, Vec<u8>)> {
    let mut reader = Reader::new(reader::find_uuid(moov, USER_TYPE)?);
    if reader.u16()? != FORMAT_VERSION {
        return None;
    }
    reader.u16()?;
    let identity = Identity {
        archive: ArchiveId::from_bytes(reader.array()?),
        volume: VolumeId::from_bytes(reader.array()?),
        camera: CameraId::from_bytes(reader.array()?),
        stream: StreamId::from_bytes(reader.array()?),
        run: RunId::from_bytes(reader.array()?),
        segment: SegmentId::from_bytes(reader.array()?),
        epoch: reader.u32()?,
        start: WallTime::from_micros(reader.i64()?),
        predecessor: read_predecessor(&mut reader)?,
        public_key: Some(reader.array()?).filter(|key| *key != [0; 32]),
        camera_slug: read_name(&mut reader)?,
        camera_name: read_name(&mut reader)?,
        stream_name: read_name(&mut reader)?,
    };
    let tracks = reader.u8()?;
    Some((identity, reader.take(tracks.into())?.to_vec()))
}

#[allow(clippy::option_option)]
fn read_predecessor(reader: &mut Reader<'_>) -> Option<Option<Predecessor>> {
    let segment: [u8; 16] = reader.array()?;
    let commit = CommitRef { number: reader.u32()?, hash: reader.array()? };
    let predecessor = Predecessor { segment: SegmentId::from_bytes(segment), commit };
    Some(Some(predecessor).filter(|_| segment != [0; 16]))
}

fn read_name(reader: &mut Reader<'_>) -> Option<String> {
    let len = reader.u16()?;
    String::from_utf8(reader.take(len.into())?.to_vec()).ok()
}
