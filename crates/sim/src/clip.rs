//! Clips of what a machine has recorded, as its clients would get them.

use std::sync::Arc;

use archive::Volume;
use base::{StreamId, VolumeId, WallTime};
use playback::{ClipPlan, ClipReader, ClipRequest, StoredFootage, Volumes};

use crate::camera::Stamp;
use crate::scene::World;

struct All(Vec<Arc<Volume>>);

impl Volumes for All {
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>> {
        self.0.iter().find(|volume| volume.identity().volume == id).cloned()
    }
}

/// A clip as a client gets it.
pub struct Clip {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its entity tag.
    pub tag: String,
    /// The instant at the clip's time 0.
    pub shown_from: WallTime,
}

/// The whole clip of a stream in [from, to), and its entity tag.
pub fn clip(
    world: &World,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<(Vec<u8>, String), String> {
    clip_shown(world, stream, from, to).map(|clip| (clip.bytes, clip.tag))
}

/// The whole clip of a stream in [from, to).
pub fn clip_shown(
    world: &World,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<Clip, String> {
    let machine = world.machine.as_ref().ok_or("nothing runs that has footage")?;
    let volumes = machine.at_work().map(|at_work| at_work.volume.clone());
    let volumes = Arc::new(All(volumes.collect()));
    let source = Arc::new(StoredFootage::new(machine.catalog.clone(), volumes));
    let plan = ClipPlan::new(&*source, ClipRequest::new(stream, from, to));
    let plan = Arc::new(plan.map_err(|error| error.to_string())?);
    let (len, tag, shown_from) = (plan.len(), plan.etag().to_owned(), plan.shown().from);
    let mut bytes = Vec::new();
    for slice in ClipReader::new(plan, source, 0..len) {
        bytes.extend_from_slice(&slice.map_err(|error| error.to_string())?);
    }
    if bytes.len() as u64 != len {
        return Err(format!("the clip has {} bytes, its plan says {len}", bytes.len()));
    }
    Ok(Clip { bytes, tag, shown_from })
}

/// The frames in a clip's bytes, in the order of the file.
pub fn frames_in(bytes: &[u8]) -> Vec<Stamp> {
    let magic = bytes.windows(4).enumerate().filter(|(_, four)| four == b"HFS1");
    let frame = |(at, _): (usize, &[u8])| {
        let start = at.checked_sub(5)?;
        let len = u32::from_be_bytes(bytes[start..start + 4].try_into().ok()?) as usize + 4;
        Stamp::of(bytes.get(start..start.checked_add(len)?)?)
    };
    magic.filter_map(frame).collect()
}
