//! Parameters that many addresses have: ranges, and pages of lists.

use crate::query::Param;

pub(crate) const FROM: Param = Param {
    name: "from",
    required: false,
    says: "First instant: RFC 3339, Unix milliseconds, `now`, or a time ago such as `-90s`, `-2h`.",
};
pub(crate) const TO: Param = Param {
    name: "to",
    required: false,
    says: "First instant after the range, written as `from`.",
};
pub(crate) const AT_LEAST: Param = Param {
    name: "at_least",
    required: false,
    says: "What counts, from 1 to 255: 64 unless said.",
};
pub(crate) const CURSOR: Param =
    Param { name: "cursor", required: false, says: "`next` of the page before." };
pub(crate) const LIMIT: Param =
    Param { name: "limit", required: false, says: "At most so many rows." };
pub(crate) const ACTIVITY: &[Param] = &[FROM, TO, AT_LEAST, CURSOR, LIMIT];
pub(crate) const ACTIVITY_OF_SEVERAL: &[Param] = &[
    Param {
        name: "stream",
        required: true,
        says: "`camera/stream`; once for each stream, 16 at most.",
    },
    FROM,
    TO,
    AT_LEAST,
    CURSOR,
    LIMIT,
];
pub(crate) const RECORDINGS: &[Param] = &[FROM, TO, CURSOR, LIMIT];
pub(crate) const ALARMS: &[Param] = &[
    Param { name: "active", required: false, says: "`true`: those that last; `false`: the rest." },
    CURSOR,
    LIMIT,
];
pub(crate) const PAGE: &[Param] = &[CURSOR, LIMIT];
