//! Clips of what a machine has recorded, as its clients would get them.

use std::sync::Arc;

use archive::Volume;
use base::{StreamId, VolumeId, WallTime};
use playback::{ClipPlan, ClipReader, ClipRequest, StoredFootage, Volumes};

use crate::camera::Stamp;
use crate::machine::World;

struct One(Arc<Volume>);

impl Volumes for One {
    fn volume(&self, id: VolumeId) -> Option<Arc<Volume>> {
        (self.0.identity().volume == id).then(|| self.0.clone())
    }
}

/// The whole clip of a stream in [from, to), and its entity tag.
pub fn clip(
    world: &World,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<(Vec<u8>, String), String> {
    let machine = world.machine.as_ref().ok_or("nothing runs that has footage")?;
    let volumes = Arc::new(One(machine.volume.clone()));
    let source = Arc::new(StoredFootage::new(machine.catalog.clone(), volumes));
    let plan = ClipPlan::new(&*source, ClipRequest { stream, from, to });
    let plan = Arc::new(plan.map_err(|error| error.to_string())?);
    let (len, tag) = (plan.len(), plan.etag().to_owned());
    let mut bytes = Vec::new();
    for slice in ClipReader::new(plan, source, 0..len) {
        bytes.extend_from_slice(&slice.map_err(|error| error.to_string())?);
    }
    if bytes.len() as u64 != len {
        return Err(format!("the clip has {} bytes, its plan says {len}", bytes.len()));
    }
    Ok((bytes, tag))
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
