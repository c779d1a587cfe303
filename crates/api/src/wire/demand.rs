//! Recording on demand, and when recording changes by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// From a second to a day, in whole units: what else is within these is taken as well.
const LENGTH: &str = "^([1-9][0-9]{0,3}s|[1-9][0-9]{0,2}(m|min)|([1-9]|1[0-9]|2[0-4])h|1d)$";

/// `POST /api/v1/cameras/{camera}/record`: record now, for a while, whatever its settings say.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// For how long from now on, such as `10m` or `2h`: at least a second, at most a day.
    /// What was asked for before ends then, be that earlier or later. Other ways to write such a
    /// length, as `90000ms`, are taken as well.
    #[schemars(regex(pattern = LENGTH))]
    pub r#for: String,
    /// The streams, by name; missing: those that are recorded at some time, or else the first one.
    #[schemars(length(min = 1, max = base::limits::STREAMS_PER_CAMERA_MAX))]
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<Vec<String>>,
}

/// When it changes by itself whether a stream is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingPlan {
    /// Whether it is recorded by a weekly schedule.
    pub scheduled: bool,
    /// When its schedule begins or ends next; missing where it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_turns: Option<Time>,
    /// Until when somebody wants it to be recorded, whatever its settings say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand_until: Option<Time>,
}
