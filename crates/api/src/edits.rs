//! What is asked of a camera, as the raw values that a configuration file would have: one
//! validation judges both.

use config::{FieldProblem, raw};

use crate::wire::camera_settings::{
    CameraChange, CameraSettings, KeepChange, NewCamera, StreamChange, StreamSettings, Transport,
};
use crate::wire::keeping::Keep;

impl NewCamera {
    /// As a file would have it.
    pub fn written(&self) -> raw::Camera {
        let stream = |stream: &StreamSettings| raw::Stream {
            url: stream.url.clone(),
            transport: Some(word(stream.transport)),
            record: Some(stream.record),
            schedule: stream.schedule.clone(),
            paused: Some(stream.paused),
            volume: stream.volume.clone(),
            keep: raw::Keep {
                max_bytes: stream.keep.max_bytes.map(quantity),
                max_days: stream.keep.max_days,
                min_days: stream.keep.min_days,
            },
        };
        raw::Camera {
            name: self.name.clone(),
            slug: self.slug.clone(),
            username: self.username.clone(),
            password: self.password.clone().map(raw::Password::Plain),
            paused: Some(self.paused),
            stream: self.streams.iter().map(|(name, it)| (name.clone(), stream(it))).collect(),
        }
    }
}

impl CameraChange {
    /// Makes a camera what the change says, as RFC 7396 has it.
    pub fn change(self, camera: &mut raw::Camera) -> Result<(), FieldProblem> {
        let Self { name, username, password, paused, streams } = self;
        take(&mut camera.name, name);
        take(&mut camera.username, username);
        take(&mut camera.password, password.map(|text| text.map(raw::Password::Plain)));
        take(&mut camera.paused, paused);
        for (name, change) in streams {
            let Some(change) = change else {
                camera.stream.remove(&name);
                continue;
            };
            let stream = match (camera.stream.get_mut(&name), &change.url) {
                (Some(stream), _) => stream,
                (None, Some(url)) => camera.stream.entry(name).or_insert(new_stream(url)),
                (None, None) => {
                    let message = "a new stream needs its url, such as rtsp://192.0.2.10/path";
                    let path = vec!["stream".to_owned(), name, "url".to_owned()];
                    return Err(FieldProblem { path, message: message.to_owned() });
                }
            };
            change.change(stream);
        }
        Ok(())
    }
}

impl StreamChange {
    fn change(self, stream: &mut raw::Stream) {
        let Self { url, transport, record, schedule, paused, volume, keep } = self;
        take(&mut stream.url, url);
        take(&mut stream.transport, transport.map(|transport| transport.map(word)));
        take(&mut stream.record, record);
        take(&mut stream.schedule, schedule);
        take(&mut stream.paused, paused);
        take(&mut stream.volume, volume);
        match keep {
            Some(Some(KeepChange { max_bytes, max_days, min_days })) => {
                let max_bytes = max_bytes.map(|bytes| bytes.map(quantity));
                take(&mut stream.keep.max_bytes, max_bytes);
                take(&mut stream.keep.max_days, max_days);
                take(&mut stream.keep.min_days, min_days);
            }
            Some(None) => stream.keep = raw::Keep::default(),
            None => {}
        }
    }
}

impl CameraSettings {
    /// What a camera is to be, without what is secret.
    pub fn of(camera: &config::Camera, slug: &str, managed_by_file: bool) -> Self {
        let stream = |stream: &config::Stream| StreamSettings {
            url: stream.url.clone(),
            transport: match stream.transport {
                config::Transport::Auto => Transport::Auto,
                config::Transport::Tcp => Transport::Tcp,
            },
            record: stream.record,
            schedule: stream.schedule.as_ref().map(config::Schedule::texts),
            paused: stream.paused,
            volume: stream.volume.clone(),
            keep: Keep {
                max_bytes: stream.keep.max_bytes,
                max_days: stream.keep.max_days,
                min_days: stream.keep.min_days,
            },
        };
        Self {
            slug: slug.to_owned(),
            name: camera.name.clone(),
            managed_by_file,
            paused: camera.paused,
            username: camera.username.clone(),
            has_password: camera.password.is_some(),
            streams: camera.streams.iter().map(|(name, it)| (name.clone(), stream(it))).collect(),
        }
    }
}

/// The name that a member of the API has for the keys of a file.
pub fn field(path: &[String]) -> String {
    let plural = |(at, key): (usize, &String)| match (at, key.as_str()) {
        (0, "stream") => "streams".to_owned(),
        _ => key.clone(),
    };
    path.iter().enumerate().map(plural).collect::<Vec<_>>().join(".")
}

fn take<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}

fn new_stream(url: &str) -> raw::Stream {
    raw::Stream {
        url: url.to_owned(),
        transport: None,
        record: None,
        schedule: None,
        paused: None,
        volume: None,
        keep: raw::Keep::default(),
    }
}

fn word(transport: Transport) -> String {
    let transport = match transport {
        Transport::Auto => config::Transport::Auto,
        Transport::Tcp => config::Transport::Tcp,
    };
    transport.as_str().to_owned()
}

/// Without a unit, so that a number too small to be meant is refused as in a file.
fn quantity(bytes: u64) -> raw::Quantity {
    raw::Quantity(bytes.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde_json::json;

    fn camera() -> raw::Camera {
        let new: NewCamera = serde_json::from_value(json!({
            "name": "Door", "username": "viewer", "password": "tulip-7",
            "streams": {
                "main": { "url": "rtsp://192.0.2.1/", "volume": "disk1",
                    "keep": { "max_days": 9, "max_bytes": 100_000_000 } },
                "sub": { "url": "rtsp://192.0.2.1/sub", "record": false },
            },
        }))
        .unwrap();
        new.written()
    }

    fn changed(change: serde_json::Value) -> Result<raw::Camera, FieldProblem> {
        let mut camera = camera();
        let change: CameraChange = serde_json::from_value(change).unwrap();
        change.change(&mut camera).map(|()| camera)
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name_and_null_takes_away() {
        assert_eq!(
            config::validate_camera(&changed(json!({})).unwrap()),
            config::validate_camera(&camera())
        );
        let change = json!({ "name": "Gate", "paused": true, "streams": {
            "main": { "schedule": ["Mon-Fri 07:00-19:00"], "volume": null,
                "keep": { "max_bytes": null, "min_days": 1 } },
            "sub": null,
            "low": { "url": "rtsp://192.0.2.1/low" },
        }});
        let camera = config::validate_camera(&changed(change).unwrap()).unwrap();
        assert_eq!((&*camera.name, camera.paused), ("Gate", true));
        assert!(camera.password.is_some(), "what is not named stays");
        assert_eq!(camera.streams.keys().collect::<Vec<_>>(), ["low", "main"]);
        let main = &camera.streams["main"];
        let keep = config::Keep { max_bytes: None, max_days: Some(9), min_days: Some(1) };
        assert_eq!((&main.volume, main.keep), (&None, keep));
        assert_eq!(main.schedule.as_ref().unwrap().texts(), ["Mon-Fri 07:00-19:00"]);
        assert!(camera.streams["low"].record);
    }

    #[test]
    fn what_is_wrong_is_named_as_the_api_calls_it() {
        let new = changed(json!({ "streams": { "low": { "record": false } } })).unwrap_err();
        assert_eq!(field(&new.path), "streams.low.url");
        let wrong = changed(json!({ "streams": { "main": { "url": "http://192.0.2.1/" } } }));
        let wrong = config::validate_camera(&wrong.unwrap()).unwrap_err();
        assert_eq!(field(&wrong[0].path), "streams.main.url");
        let late = json!({ "streams": { "main": { "schedule": ["07:00-08:00", "Mon 25:00"] } } });
        let late = config::validate_camera(&changed(late).unwrap()).unwrap_err();
        assert_eq!(field(&late[0].path), "streams.main.schedule.1");
        for few in [5, 500_000, 99_999_999] {
            let few = changed(json!({ "streams": { "main": { "keep": { "max_bytes": few } } } }));
            let few = config::validate_camera(&few.unwrap()).unwrap_err();
            assert_eq!(field(&few[0].path), "streams.main.keep.max_bytes");
        }
    }
}
