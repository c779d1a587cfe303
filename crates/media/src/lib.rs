//! Encoded media, pure: codec parameters, frames, the packed sample index, ISO-BMFF reading and
//! writing. No files, no sockets, no clocks.

pub mod activity;
pub mod batch;
mod batch_read;
mod bits;
pub mod byte_stream;
mod chain;
pub mod codec;
mod commit;
mod encoded;
mod fragment;
pub mod fragmented;
pub mod frame;
mod header;
pub mod identity;
pub mod index;
pub mod jpeg;
pub mod live;
pub mod mp4;
pub mod nal;
pub mod params;
mod part;
pub mod reorder;
pub mod sealed;
pub mod segment;
mod varint;
pub mod walk;

pub use activity::Activity;
pub use batch::{Batch, BatchAnchor, BatchError, BatchSample, Fragment, SegmentScale, TrackRun};
pub use codec::{Colour, ParameterSets, ParamsError, SpsInfo};
pub use encoded::EncodedBatch;
pub use frame::{Access, Frame};
pub use identity::{ChainHash, CommitRef, Identity, Predecessor};
pub use index::{
    Anchor, Chunk, IndexPart, Sample, SampleTime, SegmentColumns, SegmentIndex, TrackColumns,
    TrackIndex, TrackPart, TrackTotals,
};
pub use live::LiveMuxer;
pub use params::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
pub use reorder::DecodeClock;
pub use sealed::{Seal, SealedError, read_final_moov, read_seal};
pub use segment::{Sealing, SegmentBuilder, Sign};
pub use walk::{CommitRecord, Header, Walk, WalkError, Walked};
