//! Spans without footage.

use base::WallTime;

use crate::forgotten_rows::Forgotten;

/// The cause of a gap where footage went with its volume.
const VOLUME_REMOVED: &str = "volume-removed";

/// A span without footage between two with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapSpan {
    /// The end of the footage before it.
    pub from: WallTime,
    /// The start of the footage after it.
    pub to: WallTime,
    /// Why the run before it ended; `None` when nobody knows.
    pub cause: Option<String>,
}

/// Cuts gaps where footage was forgotten: what was on the volume that is gone has that cause, and
/// what follows it the cause that ended its run. Pieces shorter than `resolution` are not told
/// apart.
pub(crate) fn cut(
    gaps: Vec<GapSpan>,
    forgotten: &[Forgotten],
    resolution_micros: i64,
) -> Vec<GapSpan> {
    if forgotten.is_empty() {
        return gaps;
    }
    let mut all = Vec::with_capacity(gaps.len());
    for gap in gaps {
        let first = forgotten.partition_point(|span| span.to <= gap.from);
        let end = gap.to;
        let inside = forgotten[first..].iter().take_while(|span| span.from < end);
        cut_one(gap, inside, resolution_micros, &mut all);
    }
    all
}

fn cut_one<'a>(
    gap: GapSpan,
    inside: impl Iterator<Item = &'a Forgotten>,
    resolution_micros: i64,
    all: &mut Vec<GapSpan>,
) {
    let (end, begun) = (gap.to, all.len());
    let mut rest = gap;
    for span in inside {
        let (mut from, to) = (span.from.max(rest.from), span.to.min(end));
        if to.micros_since(from) < resolution_micros {
            continue;
        }
        if from.micros_since(rest.from) >= resolution_micros {
            all.push(GapSpan { to: from, ..rest.clone() });
        } else {
            from = rest.from;
        }
        match all[begun..].last_mut().filter(|last| is_volume_removed(last) && last.to == from) {
            Some(last) => last.to = to,
            None => all.push(GapSpan { from, to, cause: Some(VOLUME_REMOVED.to_owned()) }),
        }
        rest = GapSpan { from: to, to: end, cause: span.end_cause.clone() };
    }
    match all[begun..].last_mut() {
        Some(last) if end.micros_since(rest.from) < resolution_micros => last.to = end,
        _ => all.push(rest),
    }
}

fn is_volume_removed(gap: &GapSpan) -> bool {
    gap.cause.as_deref() == Some(VOLUME_REMOVED)
}
