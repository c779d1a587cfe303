//! One camera's settings → raw values, as somebody would write them: what a change begins from.

use crate::quantity::format_bytes;
use crate::raw::{self, Quantity};
use crate::schedule::Schedule;
use crate::secret::Password;
use crate::settings::{Camera, Keep, Stream};

impl From<&Camera> for raw::Camera {
    fn from(camera: &Camera) -> Self {
        let password = camera.password.as_ref().map(|password| match password {
            Password::Plain(secret) => raw::Password::Plain(secret.expose().to_owned()),
            Password::File(path) => {
                raw::Password::File { file: path.to_string_lossy().into_owned() }
            }
        });
        let streams = camera.streams.iter();
        Self {
            name: camera.name.clone(),
            slug: camera.slug.clone(),
            username: camera.username.clone(),
            password,
            paused: Some(camera.paused),
            stream: streams.map(|(name, stream)| (name.clone(), stream.into())).collect(),
        }
    }
}

impl From<&Stream> for raw::Stream {
    fn from(stream: &Stream) -> Self {
        Self {
            url: stream.url.clone(),
            transport: Some(stream.transport.as_str().to_owned()),
            record: Some(stream.record),
            schedule: stream.schedule.as_ref().map(Schedule::texts),
            paused: Some(stream.paused),
            volume: stream.volume.clone(),
            keep: (&stream.keep).into(),
        }
    }
}

impl From<&Keep> for raw::Keep {
    fn from(keep: &Keep) -> Self {
        let Keep { max_bytes, max_days, min_days } = *keep;
        // With its unit: as a plain number, few of them would count as a typing error.
        let max_bytes = max_bytes.map(|bytes| Quantity(format_bytes(bytes)));
        Self { max_bytes, max_days, min_days }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn what_is_written_means_the_same_again() {
        let text = "[[camera]]\nname = \"Door\"\nslug = \"door\"\nusername = \"viewer\"\n\
            password = { file = \"/run/door\" }\npaused = true\n[camera.stream.main]\n\
            url = \"rtsp://192.0.2.1/\"\nrecord = false\n\
            schedule = [\"mon-fri 07:00-19:00\", \"22:00-06:00\"]\nvolume = \"disk2\"\n\
            keep = { max_bytes = \"150 kB\", max_days = 9, min_days = 1 }\n\
            [camera.stream.sub]\nurl = \"rtsp://192.0.2.1/sub\"\npaused = true\n\
            transport = \"tcp\"\n";
        let camera = crate::parse_apply(text).unwrap().cameras.remove(0);
        assert_eq!(crate::validate_camera(&(&camera).into()).unwrap(), camera);
        assert!(camera.paused && camera.streams["sub"].paused && !camera.streams["main"].paused);
        let again = crate::Applied { cameras: vec![camera], ..Default::default() };
        let exported = crate::export_applied(&again);
        assert_eq!(crate::parse_apply(&exported).unwrap(), again, "{exported}");
    }
}
