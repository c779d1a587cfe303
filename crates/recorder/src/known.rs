//! Rows of cameras and streams that the segments themselves speak of: for files whose camera the
//! catalog does not know.

use base::{CameraId, StreamId};
use catalog::{CameraRow, Catalog, Change, ReadError, StreamRow};
use config::{Keep, Transport};
use media::Identity;

/// What the catalog knows of cameras and streams, kept up while files are taken in.
pub(crate) struct Known {
    cameras: Vec<CameraRow>,
    streams: Vec<StreamRow>,
}

/// A file's stream cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stranger(pub String);

impl Known {
    pub(crate) fn of(catalog: &Catalog) -> Result<Self, ReadError> {
        Ok(Self { cameras: catalog.cameras()?, streams: catalog.streams()? })
    }

    /// The changes that make the stream of a segment known; none where it is. Its address and its
    /// password no file can tell: it is paused until a configuration, or a person, says them.
    pub(crate) fn introduce(&mut self, identity: &Identity) -> Result<Vec<Change>, Stranger> {
        let mut changes = Vec::new();
        match self.camera(identity.camera) {
            Some(camera) if camera.slug != identity.camera_slug => {
                return Err(Stranger(format!(
                    "its camera is known as {}, and it lies in the folder of {}",
                    camera.slug, identity.camera_slug
                )));
            }
            Some(_) => {}
            None => {
                if self.cameras.iter().any(|camera| camera.slug == identity.camera_slug) {
                    let slug = &identity.camera_slug;
                    return Err(Stranger(format!("another camera has the folder {slug}")));
                }
                let camera = camera_row(identity);
                changes.push(Change::PutCamera(camera.clone()));
                self.cameras.push(camera);
            }
        }
        match self.stream(identity.stream) {
            Some(stream) if stream.camera != identity.camera => {
                return Err(Stranger("its stream is another camera's".to_owned()));
            }
            Some(_) => {}
            None => {
                let same = |stream: &&StreamRow| {
                    stream.camera == identity.camera && stream.name == identity.stream_name
                };
                if self.streams.iter().any(|stream| same(&stream)) {
                    let name = &identity.stream_name;
                    return Err(Stranger(format!("another stream has the folder {name}")));
                }
                let stream = stream_row(identity);
                changes.push(Change::PutStream(stream.clone()));
                self.streams.push(stream);
            }
        }
        Ok(changes)
    }

    /// The newest segment of a camera has its newest name.
    pub(crate) fn rename(&mut self, identity: &Identity) -> Option<Change> {
        let camera = self.cameras.iter_mut().find(|camera| camera.id == identity.camera)?;
        if camera.name == identity.camera_name || identity.camera_name.is_empty() {
            return None;
        }
        camera.name.clone_from(&identity.camera_name);
        Some(Change::PutCamera(camera.clone()))
    }

    pub(crate) fn has(&self, stream: StreamId) -> bool {
        self.stream(stream).is_some()
    }

    fn camera(&self, id: CameraId) -> Option<&CameraRow> {
        self.cameras.iter().find(|camera| camera.id == id)
    }

    fn stream(&self, id: StreamId) -> Option<&StreamRow> {
        self.streams.iter().find(|stream| stream.id == id)
    }
}

fn camera_row(identity: &Identity) -> CameraRow {
    let name = match identity.camera_name.is_empty() {
        true => identity.camera_slug.clone(),
        false => identity.camera_name.clone(),
    };
    CameraRow {
        id: identity.camera,
        slug: identity.camera_slug.clone(),
        name,
        managed_by_file: false,
        paused: true,
        removed: false,
        username: None,
        password: None,
    }
}

fn stream_row(identity: &Identity) -> StreamRow {
    StreamRow {
        id: identity.stream,
        camera: identity.camera,
        name: identity.stream_name.clone(),
        url: UNKNOWN_URL.to_owned(),
        transport: Transport::default(),
        schedule: None,
        record: true,
        paused: true,
        volume: None,
        keep: Keep::default(),
    }
}

/// A name that no network resolves (RFC 6761), so that nothing is asked before somebody says more.
pub(crate) const UNKNOWN_URL: &str = "rtsp://unknown.invalid/";
