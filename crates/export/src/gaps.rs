//! What is missing between the footage of a clip, for its manifest.

use base::{StreamId, limits};
use playback::{Source, Timeline, TimelineRequest};

use crate::error::{ExportError, bounded};
use crate::manifest::Gap;

/// All gaps, none of them merged with others: a range with too many for one answer is asked for in
/// halves.
pub(crate) fn gaps(
    source: &dyn Source,
    stream: StreamId,
    within: playback::Span,
) -> Result<Vec<Gap>, ExportError> {
    let mut found: Vec<Gap> = Vec::new();
    let mut todo = vec![(within.from, within.to)];
    while let Some((from, to)) = todo.pop() {
        let all = TimelineRequest { stream, from, to, resolution_micros: 0 };
        let drawn = Timeline::new(source, all)?;
        let length = to.micros_since(from);
        if drawn.resolution_micros > 1 && length > 1 {
            let middle = from.plus_micros(length / 2);
            todo.push((middle, to));
            todo.push((from, middle));
            continue;
        }
        for gap in drawn.gaps {
            let (span, cause) = (gap.span, gap.cause);
            match found.last_mut() {
                // It was cut in two where the range was.
                Some(last) if span.from == from && last.to == from && last.cause == cause => {
                    last.to = span.to;
                }
                _ => found.push(Gap { from: span.from, to: span.to, cause }),
            }
        }
        bounded("gaps", found.len(), limits::EXPORT_GAPS_MAX)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
