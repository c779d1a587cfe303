//! Repairs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ID: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

/// `POST /api/v1/volumes/{volume}/repair`: what `holdfast check` has found. It is looked at anew,
/// and what is done is what that look says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspect {
    /// The segment, where it is about one.
    #[serde(default)]
    #[schemars(regex(pattern = ID))]
    pub segment: Option<String>,
    /// The file below the volume's folder; `camera/stream` for the sums of a stream.
    pub file: String,
}

/// What was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repaired {
    /// In one word: `nothing`, `adopted`, `forgotten`, `row-renewed`, `cut`, `moved-back`,
    /// `set-aside`, `marked`, `unmarked`, `recounted`, `left`. More may come.
    pub done: String,
    /// In words.
    pub detail: String,
}
