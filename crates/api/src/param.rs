//! Parameters of addresses, and what the API document says of their values.

use serde_json::{Value, json};

/// A parameter of an address.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    pub name: &'static str,
    pub presence: Presence,
    pub kind: Kind,
    pub says: &'static str,
}

/// Whether a parameter has to be there.
#[derive(Clone, Copy)]
pub(crate) enum Presence {
    Required,
    /// It may be missing, or empty, and then this holds.
    Without(&'static str),
}

/// What a parameter takes.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A time, as [`crate::instant::parse`] reads it.
    Time,
    /// A length of time, as [`crate::instant::micros`] reads it, or plain milliseconds.
    Length,
    /// A whole number from the first to the second.
    Whole(u64, u64),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `camera/stream`.
    Stream,
    /// `next` of the page before.
    Cursor,
    /// Text of so many letters at most.
    Text(usize),
    /// Anything: it is passed over.
    Anything,
}

/// One to three numbers with a unit.
const LENGTH: &str = "([0-9]{1,5}(ms|s|m|min|h|d|w)){1,3}";
/// Years from 1970 on; days that their month has, except that each February has 29.
const DATE: &str = "(19[7-9][0-9]|[2-8][0-9]{3})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|\
                    (0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))";
const TIME_OF_DAY: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?";
const OFFSET: &str = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])";

/// The pattern of a time, without its anchors.
pub(crate) fn time_pattern() -> String {
    format!("now|-{LENGTH}|[0-9]{{1,14}}|{DATE}T{TIME_OF_DAY}{OFFSET}")
}

impl Param {
    pub const fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Required)
    }

    /// What it is, and what holds without it.
    pub fn description(&self) -> String {
        match self.presence {
            Presence::Required => self.says.to_owned(),
            Presence::Without(holds) => format!("{} Without it: {holds}.", self.says),
        }
    }

    /// The JSON schema of its value.
    pub fn schema(&self) -> Value {
        // What need not be there may be there and empty, which means the same.
        let pattern = |words: &str| match self.is_required() {
            true => json!({ "type": "string", "pattern": format!("^({words})$") }),
            false => json!({ "type": "string", "pattern": format!("^({words})?$") }),
        };
        match self.kind {
            Kind::Time => pattern(&time_pattern()),
            Kind::Length => pattern(&format!("[0-9]{{1,12}}|{LENGTH}")),
            Kind::Whole(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Word(words) => {
                let nothing = if self.is_required() { None } else { Some("") };
                let words: Vec<&str> = words.iter().copied().chain(nothing).collect();
                json!({ "type": "string", "enum": words })
            }
            Kind::Anything => json!({ "type": "string" }),
            Kind::Stream => json!({ "type": "string", "pattern": "^[^/]+/[^/]+$" }),
            Kind::Cursor => pattern("[0-9a-f.,-]+"),
            Kind::Text(most) => json!({ "type": "string", "maxLength": most }),
        }
    }
}
