//! Who a segment is: the box `HoldfastIdentity`.

use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};

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
