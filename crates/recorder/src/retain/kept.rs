//! Keeps `holdfast-kept.json` of each stream's folder on a volume as the catalog says, so that a
//! rebuild from files knows what is protected and what was deleted by hand.

use std::collections::HashMap;
use std::sync::Arc;

use archive::{HiddenSpan, Kept, ProtectedSpan, Volume};
use base::{StreamId, WallTime};
use catalog::{Catalog, ReadError};

/// What the files of one volume say, as far as it is known.
pub struct KeptFiles {
    volume: Arc<Volume>,
    catalog: Catalog,
    said: HashMap<StreamId, Kept>,
}

impl KeptFiles {
    /// Of `volume`; what its files say is read when a stream is first looked at.
    pub fn new(volume: Arc<Volume>, catalog: Catalog) -> Self {
        Self { volume, catalog, said: HashMap::new() }
    }

    /// Writes the files of those streams of which the catalog says something else by now, where
    /// the volume has footage of them. What could not be read or written, in words; it is tried
    /// again the next time.
    pub fn follow(&mut self) -> Result<Vec<String>, ReadError> {
        let mut failed = Vec::new();
        let cameras = self.catalog.cameras()?;
        let here = self.catalog.totals_on(self.volume.identity().volume)?;
        for stream in self.catalog.streams()? {
            let wanted = wanted(&self.catalog, stream.id)?;
            let has_footage = here.iter().any(|(id, _)| *id == stream.id);
            let known = self.said.get(&stream.id);
            if known == Some(&wanted) || (known.is_none() && wanted.is_empty() && !has_footage) {
                continue;
            }
            let camera = cameras.iter().find(|camera| camera.id == stream.camera);
            let Some(slug) = camera.map(|camera| camera.slug.as_str()) else { continue };
            let was = match known {
                Some(known) => Some(known.clone()),
                None => match self.volume.read_kept(slug, &stream.name) {
                    Ok(read) => Some(read.unwrap_or(Kept::nothing(stream.id))),
                    // What is damaged is written anew.
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidData => None,
                    Err(error) => {
                        failed.push(format!("reading what is kept of {slug}: {error}"));
                        continue;
                    }
                },
            };
            if was.as_ref() != Some(&wanted) && (has_footage || was.is_some_and(|w| !w.is_empty()))
            {
                if let Err(error) = self.volume.write_kept(slug, &stream.name, &wanted) {
                    self.said.remove(&stream.id);
                    failed.push(format!(
                        "noting what is protected of {slug}/{} beside its footage: {error}",
                        stream.name
                    ));
                    continue;
                }
            } else if !has_footage {
                // It is said once there is footage here.
                continue;
            }
            self.said.insert(stream.id, wanted);
        }
        Ok(failed)
    }
}

/// What the file of a stream is to say.
fn wanted(catalog: &Catalog, stream: StreamId) -> Result<Kept, ReadError> {
    let protected = catalog.protections(stream, WallTime::EPOCH, WallTime::MAX)?.into_iter();
    let protected = protected.map(|row| ProtectedSpan {
        from: row.from,
        to: row.to,
        made: row.made,
        by: row.made_by,
        note: row.note,
    });
    let hidden = catalog.hidden(stream, WallTime::EPOCH, WallTime::MAX)?.into_iter();
    let hidden = hidden.map(|(from, to)| HiddenSpan { from, to });
    Ok(Kept { stream, protected: protected.collect(), hidden: hidden.collect() })
}
