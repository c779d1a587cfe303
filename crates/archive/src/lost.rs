//! Finding a segment again among the files that repairs have moved out of the way.

use std::io;

use base::SegmentId;

use crate::bytes::SegmentBytes;
use crate::volume::{LOST_FOUND, Volume, is_absent};

impl Volume {
    /// The file in [`LOST_FOUND`] that is segment `id` by its header.
    pub fn find_aside(&self, id: SegmentId) -> io::Result<Option<String>> {
        let folder = self.root.join(LOST_FOUND);
        let entries = match self.disk.list(&folder) {
            Err(error) if is_absent(&error) => return Ok(None),
            entries => entries?,
        };
        for entry in entries.into_iter().filter(|entry| !entry.is_dir) {
            let bytes = SegmentBytes::open_at(&*self.disk, &folder.join(&entry.name), false);
            let walked = bytes.and_then(|bytes| bytes.walk_first_batch());
            if let Ok(Ok(walked)) = walked
                && walked.header.identity.segment == id
                && walked.header.identity.archive == self.identity().archive
            {
                return Ok(Some(entry.name));
            }
        }
        Ok(None)
    }
}
