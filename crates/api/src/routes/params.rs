//! What the addresses of the table take, and which headers and statuses its answers have.

use base::limits;

use crate::param::Presence::{Required, Without};
use crate::param::{Kind, Param};

pub(super) const FROM: Param = Param {
    name: "from",
    presence: Without("as far back as there is anything"),
    kind: Kind::Time,
    says: "First instant: RFC 3339, Unix milliseconds, `now`, or a time ago such as `-90s`, `-2h`.",
};
pub(super) const TO: Param = Param {
    name: "to",
    presence: Without("as far as there is anything"),
    kind: Kind::Time,
    says: "First instant after the range, written as `from`.",
};
const WIDTHS: Kind = Kind::Whole(1, u16::MAX as u64);
const CELLS: Kind = Kind::Whole(1, limits::SHEET_CELLS_MAX as u64);
const FIRST: Param = Param { presence: Required, ..FROM };
/// Where a file ends that stands for ever.
const TO_DURABLE: Param = Param { presence: Without("as far as footage is on the disk"), ..TO };
const TO_LIVE: Param =
    Param { presence: Without("the playlist grows with what is recorded"), ..TO };
pub(super) const RANGE: &[Param] = &[FIRST, TO_LIVE];
const MAX: Param = Param {
    name: "max",
    presence: Without("120"),
    kind: Kind::Whole(1, limits::KEY_FRAMES_MAX as u64),
    says: "At most so many key frames, evenly spaced; no more than 1000.",
};
const WIDTH: Param = Param {
    name: "width",
    presence: Without("the smallest stream"),
    kind: WIDTHS,
    says: "So many pixels across suffice: the smallest recorded stream that has them is taken.",
};
pub(super) const KEY_FRAMES: &[Param] = &[FIRST, TO_DURABLE, MAX];
pub(super) const CAMERA_KEY_FRAMES: &[Param] = &[FIRST, TO_DURABLE, MAX, WIDTH];
const AT: Param = Param {
    name: "at",
    presence: Required,
    kind: Kind::Time,
    says: "The instant, written as `from`. The key frame at or before it is shown, where that is \
           no older than a minute; else the next one. `x-holdfast-time` says which.",
};
const STILL_WIDTH: Param = Param {
    name: "width",
    presence: Without("as large as it was recorded"),
    kind: WIDTHS,
    says: "Scaled to so many pixels across; never enlarged.",
};
const CAMERA_STILL_WIDTH: Param = Param {
    presence: Without("the smallest stream, as large as it was recorded"),
    says: "Scaled to so many pixels across, of the smallest recorded stream that has them; never \
           enlarged.",
    ..STILL_WIDTH
};
pub(super) const STILL: &[Param] = &[AT, STILL_WIDTH];
pub(super) const CAMERA_STILL: &[Param] = &[AT, CAMERA_STILL_WIDTH];
const CHOSEN: (&str, &str) = ("x-holdfast-stream", "The stream that the pictures are of.");
pub(super) const CHOSEN_HEADERS: &[(&str, &str)] = &[CHOSEN];
pub(super) const STILL_HEADERS: &[(&str, &str)] =
    &[CHOSEN, ("x-holdfast-time", "The instant that the picture is of, as RFC 3339.")];
pub(super) const SHEET_HEADERS: &[(&str, &str)] = &[
    CHOSEN,
    (
        "x-holdfast-missing",
        "Places of pictures that could not be decoded, in reading order from 0, by commas.",
    ),
];
pub(super) const SHEET: &[Param] = &[
    FIRST,
    TO_DURABLE,
    Param {
        name: "columns",
        presence: Without("5"),
        kind: CELLS,
        says: "Pictures beside one another.",
    },
    Param {
        name: "rows",
        presence: Without("4"),
        kind: CELLS,
        says: "Pictures below one another; a sheet has at most 100 pictures.",
    },
    Param {
        name: "width",
        presence: Without("320"),
        kind: WIDTHS,
        says: "Pixels across of each picture.",
    },
];
const TIMESTAMPS: Param = Param {
    name: "timestamps",
    presence: Without("`false`, and no such track"),
    kind: Kind::Flag,
    says: "`true`: with a track of text (subtitles) that shows the time of day in the archive's \
           time zone, second by second.",
};
pub(super) const CLIP: &[Param] = &[FIRST, TO_DURABLE, TIMESTAMPS, GAPS, IN_BAND];
pub(super) const CLIP_OF_SEVERAL: &[Param] = &[
    Param {
        name: "stream",
        presence: Required,
        kind: Kind::Stream,
        says: "`camera/stream`; once for each stream, 16 at most.",
    },
    FIRST,
    TO_DURABLE,
    TIMESTAMPS,
    GAPS,
    IN_BAND,
];
const IN_BAND: Param = Param {
    name: "parameters",
    presence: Without("`apart`"),
    kind: Kind::Word(&["apart", "in-band"]),
    says: "`apart`: other parameters are another sample entry. `in-band`: they stand \
           before each key frame, for players that know the first sample entry only.",
};
const GAPS: Param = Param {
    name: "gaps",
    presence: Without("`keep`"),
    kind: Kind::Word(&["keep", "squeeze"]),
    says: "`keep`: the picture before a gap stands until footage goes on. `squeeze`: \
           what follows a gap of over two seconds comes right behind what is before it.",
};
pub(super) const SESSION_HEADERS: &[(&str, &str)] =
    &[("set-cookie", "The session's cookie; after signing out one that is over.")];
pub(super) const MADE_HEADERS: &[(&str, &str)] = &[("location", "The path of what was made.")];
const SAVED_AS: (&str, &str) = ("content-disposition", "The name to save it under.");
pub(super) const EXPORT_HEADERS: &[(&str, &str)] = &[SAVED_AS];
pub(super) const CLIP_HEADERS: &[(&str, &str)] = &[SAVED_AS, PARAMETERS];
pub(super) const CLIP_OF_SEVERAL_HEADERS: &[(&str, &str)] =
    &[SAVED_AS, PARAMETERS, WITHOUT_FOOTAGE];
const PARAMETERS: (&str, &str) = (
    "x-holdfast-parameters",
    "How many different parameters (size of picture, profile, …) the track has that has most. \
     Where it is more than 1, some browsers show the clip up to the first change only.",
);
const WITHOUT_FOOTAGE: (&str, &str) = (
    "x-holdfast-without-footage",
    "Streams that have no footage in the range and are left out, as `camera/stream`, by commas.",
);
const RESOLUTION: Param = Param {
    name: "resolution",
    presence: Without("a 2000th of the range"),
    kind: Kind::Length,
    says: "What is shorter may be merged: a time such as `1500ms`, `2s`, or plain milliseconds.",
};
pub(super) const TIMELINE: &[Param] = &[
    Param { presence: Without("24 hours before `to`"), ..FROM },
    Param { presence: Without("`now`"), ..TO },
    RESOLUTION,
];
const AT_LEAST: Param = Param {
    name: "at_least",
    presence: Without("64"),
    kind: Kind::Whole(1, 255),
    says: "How much has to move to count, from 1 to 255, which is the most that there is.",
};
const CURSOR: Param = Param {
    name: "cursor",
    presence: Without("the first page"),
    kind: Kind::Cursor,
    says: "`next` of the page before.",
};
const LIMIT: Param = Param {
    name: "limit",
    presence: Without("100"),
    kind: Kind::Whole(1, limits::PAGE_MAX as u64),
    says: "At most so many rows; no more than 500.",
};
pub(super) const ACTIVITY: &[Param] = &[FROM, TO, AT_LEAST, CURSOR, LIMIT];
pub(super) const ACTIVITY_OF_SEVERAL: &[Param] = &[
    Param {
        name: "stream",
        presence: Required,
        kind: Kind::Stream,
        says: "`camera/stream`; once for each stream, 16 at most.",
    },
    FROM,
    TO,
    AT_LEAST,
    CURSOR,
    LIMIT,
];
pub(super) const RECORDINGS: &[Param] = &[FROM, TO, CURSOR, LIMIT];
pub(super) const ALARMS: &[Param] = &[
    Param {
        name: "active",
        presence: Without("all"),
        kind: Kind::Flag,
        says: "`true`: those that last; `false`: the rest.",
    },
    CURSOR,
    LIMIT,
];
pub(super) const LOGS: &[Param] = &[
    Param {
        name: "after",
        presence: Without("the newest lines"),
        kind: Kind::Whole(0, u64::MAX),
        says: "`next` of the answer before: what has come since. Not together with `before`.",
    },
    Param {
        name: "before",
        presence: Without("the newest lines"),
        kind: Kind::Whole(0, u64::MAX),
        says: "`earlier` of an answer: the lines before those.",
    },
    Param {
        name: "level",
        presence: Without("`debug`, and so all"),
        kind: Kind::Word(&["debug", "info", "warn", "error"]),
        says: "Only lines that matter so much or more.",
    },
    Param {
        name: "camera",
        presence: Without("all lines"),
        kind: Kind::Text(limits::LOG_TEXT_CHARS_MAX),
        says: "Only lines about this camera: its slug or id.",
    },
    Param {
        name: "text",
        presence: Without("all lines"),
        kind: Kind::Text(limits::LOG_TEXT_CHARS_MAX),
        says: "Only lines in which this stands, large and small letters alike.",
    },
    LIMIT,
];
pub(super) const PAGE: &[Param] = &[CURSOR, LIMIT];

const END: Param = Param { presence: Required, ..TO };
pub(super) const SPAN: &[Param] = &[FIRST, END];
pub(super) const PROTECT: &[Param] = &[
    FIRST,
    END,
    Param {
        name: "note",
        presence: Without("none"),
        kind: Kind::Text(limits::NOTE_CHARS_MAX),
        says: "Why, in a few words.",
    },
];
pub(super) const FOOTAGE_GOES: &[Param] = &[Param {
    name: "footage",
    presence: Without("`keep`"),
    kind: Kind::Word(&["keep", "delete"]),
    says: "`keep`: its footage ages out. `delete`: it goes at once, for which one must be \
           permitted to manage footage.",
}];
pub(super) const FORGET: &[Param] = &[Param {
    name: "forget_footage",
    presence: Without("`false`"),
    kind: Kind::Flag,
    says: "`true`: for a disk that is dead. What is on the volume is forgotten.",
}];

pub(super) const LIVE: &[Param] = &[
    Param {
        name: "_HLS_msn",
        presence: Without("the playlist as it is"),
        kind: Kind::Whole(0, u64::MAX),
        says: "The answer waits until the playlist has the media segment of this number.",
    },
    Param {
        name: "_HLS_part",
        presence: Without("until it has the whole media segment"),
        kind: Kind::Whole(0, u64::MAX),
        says: "Together with `_HLS_msn`: until it has this part of it, counted from 0.",
    },
    Param {
        name: "_HLS_skip",
        presence: Without("the same"),
        kind: Kind::Anything,
        says: "Passed over: a live playlist is too short to leave anything out.",
    },
];

/// Statuses of a file that is served whole, in parts, or not at all where the client has it.
pub(super) const PARTS: &[u16] = &[206, 304];
/// The same of a range that may move.
pub(super) const PARTS_OR_ELSEWHERE: &[u16] = &[206, 304, 307];
pub(super) const PICTURE: &[u16] = &[304, 307];
/// Errors of files.
pub(super) const FILE: &[u16] = &[404, 412, 416];
/// Errors of what is drawn.
pub(super) const DRAWN: &[u16] = &[404, 412, 422];
