//! What a camera is to be: how one is made, changed, and read to be changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use super::keeping::Keep;

/// `POST /api/v1/cameras`: a new camera.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCamera {
    /// What people call it.
    pub name: String,
    /// Its name in addresses, fixed once made; missing: made from the name. That of a camera that
    /// was removed brings that one back, with its footage; without one, its name does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// For the camera's login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For the camera's login. No answer holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Known, but not connected.
    #[serde(default)]
    pub paused: bool,
    /// Its streams by name, such as `main` and `sub`; at least one.
    pub streams: BTreeMap<String, StreamSettings>,
}

/// What one stream is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreamSettings {
    /// `rtsp://host/path`, without user name and password.
    pub url: String,
    /// How media travels.
    #[serde(default)]
    pub transport: Transport,
    /// Whether it is recorded; it can be watched live either way.
    #[serde(default = "yes")]
    pub record: bool,
    /// When in a week it is recorded, in the archive's time zone, such as `Mon-Fri 07:00-19:00`;
    /// missing: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Vec<String>>,
    /// Known, but not connected.
    #[serde(default)]
    pub paused: bool,
    /// The name of the volume that it is recorded on, while that works; missing: where there is
    /// most room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// How much footage is kept.
    #[serde(default)]
    pub keep: Keep,
}

const fn yes() -> bool {
    true
}

/// How media travels from a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// As is best.
    #[default]
    Auto,
    /// Interleaved in the RTSP connection.
    Tcp,
}

/// `GET …/settings`: what a camera is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CameraSettings {
    /// Its name in addresses; fixed.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Whether a configuration file names it: then it is changed there only.
    pub managed_by_file: bool,
    /// Whether it is known, but not connected.
    pub paused: bool,
    /// For the camera's login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Whether there is a password for the camera's login.
    pub has_password: bool,
    /// Its streams by name, without those that were taken out.
    pub streams: BTreeMap<String, StreamSettings>,
}

/// `PATCH /api/v1/cameras/{camera}`, a JSON merge patch (RFC 7396): what is missing stays, `null`
/// takes a value away.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CameraChange {
    /// What people call it.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// For the camera's login.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<String>")]
    pub username: Option<Option<String>>,
    /// For the camera's login. No answer holds it.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<String>")]
    pub password: Option<Option<String>>,
    /// Known, but not connected; `null`: `false`.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<bool>")]
    pub paused: Option<Option<bool>>,
    /// Streams by name: a new one needs its `url`; `null` takes one out, and its footage ages out.
    #[schemars(with = "BTreeMap<String, OrNull<StreamChange>>")]
    pub streams: BTreeMap<String, Option<StreamChange>>,
}

/// What changes of one stream; `null` sets what counts where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamChange {
    /// `rtsp://host/path`, without user name and password.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub url: Option<String>,
    /// How media travels.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<Transport>")]
    pub transport: Option<Option<Transport>>,
    /// Whether it is recorded.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<bool>")]
    pub record: Option<Option<bool>>,
    /// When in a week it is recorded; `null`: always.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<Vec<String>>")]
    pub schedule: Option<Option<Vec<String>>>,
    /// Known, but not connected.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<bool>")]
    pub paused: Option<Option<bool>>,
    /// The name of the volume that it is recorded on, while that works.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<String>")]
    pub volume: Option<Option<String>>,
    /// How much footage is kept.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<KeepChange>")]
    pub keep: Option<Option<KeepChange>>,
}

/// What changes of a stream's limits; `null` takes one away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeepChange {
    /// No more bytes than this, protected footage not counted. Below 100 MB it is refused: that
    /// can only be a typing error.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<Whole<{ config::MAX_BYTES_LEAST_PLAIN }, { u64::MAX }>>")]
    pub max_bytes: Option<Option<u64>>,
    /// Nothing older than this many days of 24 hours; at least one.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<Whole<1, DAYS_MAX>>")]
    pub max_days: Option<Option<u32>>,
    /// At least this many days, as far as the disk allows.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OrNull<Whole<0, DAYS_MAX>>")]
    pub min_days: Option<Option<u32>>,
}

/// A member that is there, be it `null`: only a missing one is `None`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// The schema of a member that may be `null`, which says something else than its absence.
struct OrNull<T>(std::marker::PhantomData<T>);

impl<T: JsonSchema> JsonSchema for OrNull<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}OrNull", T::schema_name()).into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        let schema = schemas.subschema_for::<T>();
        json_schema!({ "oneOf": [schema, { "type": "null" }] })
    }
}

const DAYS_MAX: u64 = u32::MAX as u64;

/// The schema of a whole number from the first to the second.
struct Whole<const LEAST: u64, const MOST: u64>;

impl<const LEAST: u64, const MOST: u64> JsonSchema for Whole<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("WholeFrom{LEAST}To{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_missing_and_what_is_null_are_told_apart() {
        let text = r#"{"username": null, "streams": {"sub": null, "main": {"volume": null}}}"#;
        let change: CameraChange = serde_json::from_str(text).unwrap();
        assert_eq!((change.name, change.username, change.password), (None, Some(None), None));
        assert_eq!(change.streams["sub"], None);
        let main = change.streams["main"].clone().unwrap();
        assert_eq!(main, StreamChange { volume: Some(None), ..StreamChange::default() });
        for wrong in [r#"{"name": null}"#, r#"{"naem": "x"}"#, r#"{"slug": "door"}"#] {
            assert!(serde_json::from_str::<CameraChange>(wrong).is_err(), "{wrong}");
        }
    }
}
