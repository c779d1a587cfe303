//! What the addresses of the table take, and which headers and statuses its answers have.

use base::limits;

use crate::param::{Kind, Param};

pub(super) const FROM: Param = Param {
    name: "from",
    required: false,
    kind: Kind::Time,
    says: "First instant: RFC 3339, Unix milliseconds, `now`, or a time ago such as `-90s`, `-2h`.",
};
pub(super) const TO: Param = Param {
    name: "to",
    required: false,
    kind: Kind::Time,
    says: "First instant after the range, written as `from`.",
};
const WIDTHS: Kind = Kind::Whole(1, u16::MAX as u64);
const CELLS: Kind = Kind::Whole(1, limits::SHEET_CELLS_MAX as u64);
pub(super) const RANGE: &[Param] = &[Param { required: true, ..FROM }, TO];
const MAX: Param = Param {
    name: "max",
    required: false,
    kind: Kind::Whole(1, limits::KEY_FRAMES_MAX as u64),
    says: "At most so many key frames, evenly spaced: 120 unless said, and no more than 1000.",
};
const WIDTH: Param = Param {
    name: "width",
    required: false,
    kind: WIDTHS,
    says: "So many pixels across suffice: the smallest recorded stream that has them is taken.",
};
pub(super) const KEY_FRAMES: &[Param] = &[Param { required: true, ..FROM }, TO, MAX];
pub(super) const CAMERA_KEY_FRAMES: &[Param] = &[Param { required: true, ..FROM }, TO, MAX, WIDTH];
const AT: Param = Param {
    name: "at",
    required: true,
    kind: Kind::Time,
    says: "The instant, written as `from`. The key frame at or before it is shown, where that is \
           no older than a minute; else the next one. `x-holdfast-time` says which.",
};
const STILL_WIDTH: Param = Param {
    name: "width",
    required: false,
    kind: WIDTHS,
    says: "Scaled to so many pixels across; never enlarged.",
};
pub(super) const STILL: &[Param] = &[AT, STILL_WIDTH];
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
    Param { required: true, ..FROM },
    TO,
    Param {
        name: "columns",
        required: false,
        kind: CELLS,
        says: "Pictures beside one another: 5.",
    },
    Param { name: "rows", required: false, kind: CELLS, says: "Pictures below one another: 4." },
    Param {
        name: "width",
        required: false,
        kind: WIDTHS,
        says: "Pixels across of each picture: 320.",
    },
];
const TIMESTAMPS: Param = Param {
    name: "timestamps",
    required: false,
    kind: Kind::Flag,
    says: "`true`: with a track of text (subtitles) that shows the time of day in the archive's \
           time zone, second by second.",
};
pub(super) const CLIP: &[Param] =
    &[Param { required: true, ..FROM }, TO, TIMESTAMPS, GAPS, IN_BAND];
pub(super) const CLIP_OF_SEVERAL: &[Param] = &[
    Param {
        name: "stream",
        required: true,
        kind: Kind::Stream,
        says: "`camera/stream`; once for each stream, 16 at most.",
    },
    Param { required: true, ..FROM },
    TO,
    TIMESTAMPS,
    GAPS,
    IN_BAND,
];
const IN_BAND: Param = Param {
    name: "parameters",
    required: false,
    kind: Kind::Word(&["apart", "in-band"]),
    says: "`apart` (or nothing): other parameters are another sample entry. `in-band`: they stand \
           before each key frame, for players that know the first sample entry only.",
};
const GAPS: Param = Param {
    name: "gaps",
    required: false,
    kind: Kind::Word(&["keep", "squeeze"]),
    says: "`keep` (or nothing): the picture before a gap stands until footage goes on. `squeeze`: \
           what follows a gap of over two seconds comes right behind what is before it.",
};
pub(super) const CLIP_HEADERS: &[(&str, &str)] = &[PARAMETERS];
pub(super) const CLIP_OF_SEVERAL_HEADERS: &[(&str, &str)] = &[PARAMETERS, WITHOUT_FOOTAGE];
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
    required: false,
    kind: Kind::Length,
    says: "What is shorter may be merged: a time such as `1500ms`, `2s`, or plain milliseconds.",
};
pub(super) const TIMELINE: &[Param] = &[FROM, TO, RESOLUTION];
const AT_LEAST: Param = Param {
    name: "at_least",
    required: false,
    kind: Kind::Whole(1, 255),
    says: "What counts, from 1 to 255: 64 unless said.",
};
const CURSOR: Param = Param {
    name: "cursor",
    required: false,
    kind: Kind::Cursor,
    says: "`next` of the page before.",
};
const LIMIT: Param = Param {
    name: "limit",
    required: false,
    kind: Kind::Whole(1, limits::PAGE_MAX as u64),
    says: "At most so many rows: 100 unless said.",
};
pub(super) const ACTIVITY: &[Param] = &[FROM, TO, AT_LEAST, CURSOR, LIMIT];
pub(super) const ACTIVITY_OF_SEVERAL: &[Param] = &[
    Param {
        name: "stream",
        required: true,
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
        required: false,
        kind: Kind::Flag,
        says: "`true`: those that last; `false`: the rest.",
    },
    CURSOR,
    LIMIT,
];
pub(super) const LOGS: &[Param] = &[
    Param {
        name: "after",
        required: false,
        kind: Kind::Whole(0, u64::MAX),
        says: "`next` of the answer before: what has come since. Without it, the newest lines.",
    },
    Param {
        name: "before",
        required: false,
        kind: Kind::Whole(0, u64::MAX),
        says: "`earlier` of an answer: the lines before those.",
    },
    Param {
        name: "level",
        required: false,
        kind: Kind::Word(&["debug", "info", "warn", "error"]),
        says: "Only lines that matter so much or more.",
    },
    Param {
        name: "camera",
        required: false,
        kind: Kind::Text(limits::LOG_TEXT_CHARS_MAX),
        says: "Only lines about this camera: its slug or id.",
    },
    Param {
        name: "text",
        required: false,
        kind: Kind::Text(limits::LOG_TEXT_CHARS_MAX),
        says: "Only lines in which this stands, large and small letters alike.",
    },
    LIMIT,
];
pub(super) const PAGE: &[Param] = &[CURSOR, LIMIT];

pub(super) const SPAN: &[Param] =
    &[Param { required: true, ..FROM }, Param { required: true, ..TO }];
pub(super) const PROTECT: &[Param] = &[
    Param { required: true, ..FROM },
    Param { required: true, ..TO },
    Param {
        name: "note",
        required: false,
        kind: Kind::Text(limits::NOTE_CHARS_MAX),
        says: "Why, in a few words.",
    },
];
pub(super) const FOOTAGE_GOES: &[Param] = &[Param {
    name: "footage",
    required: false,
    kind: Kind::Word(&["keep", "delete"]),
    says: "`delete`: its footage goes at once, for which one must be permitted to manage footage.",
}];
pub(super) const FORGET: &[Param] = &[Param {
    name: "forget_footage",
    required: false,
    kind: Kind::Flag,
    says: "`true`: for a disk that is dead. What is on the volume is forgotten.",
}];

pub(super) const LIVE: &[Param] = &[
    Param {
        name: "_HLS_msn",
        required: false,
        kind: Kind::Whole(0, u64::MAX),
        says: "The answer waits until the playlist has the media segment of this number.",
    },
    Param {
        name: "_HLS_part",
        required: false,
        kind: Kind::Whole(0, u64::MAX),
        says: "Together with `_HLS_msn`: until it has this part of it, counted from 0.",
    },
    Param {
        name: "_HLS_skip",
        required: false,
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
