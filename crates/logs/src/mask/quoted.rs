//! How far a value reaches that stands in quotes, or in what types are written as around one.

use super::Span;

/// What stands in the quotes that `value` begins with; or all of it, where it begins with `Some(`
/// or the like and there are quotes in that. `None` where there are none.
pub(super) fn inside(value: &str) -> Option<Span> {
    // As bytes and raw texts are written.
    let marks = value.len() - value.trim_start_matches(['b', 'r', '#']).len();
    if let Some(quote) = quote(&value[marks..]) {
        let start = marks + quote.len();
        return Some(start..start + until(&value[start..], quote));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '&');
    let named = value.trim_start_matches(is_name).trim_start_matches(' ');
    let open = value.len() - named.len();
    Some(0..open + bracketed(named)?)
}

/// How far the brackets reach that a text begins with, where there are quotes in them. One that
/// does not close reaches to the end.
fn bracketed(text: &str) -> Option<usize> {
    text.starts_with(['(', '[', '{']).then_some(())?;
    let (mut depth, mut at, mut has_quotes) = (0_usize, 0, false);
    while let Some(next) = text[at..].chars().next() {
        if let Some(quote) = quote(&text[at..]) {
            has_quotes = true;
            at += quote.len();
            at = (at + until(&text[at..], quote) + quote.len()).min(text.len());
            continue;
        }
        match next {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        at += next.len_utf8();
        if depth == 0 {
            return has_quotes.then_some(at);
        }
    }
    has_quotes.then_some(text.len())
}

/// The quote that a text begins with, if it does: with the strokes that escape it, and thrice
/// where it stands there so.
fn quote(text: &str) -> Option<&str> {
    let strokes = text.len() - text.trim_start_matches('\\').len();
    text[strokes..].starts_with(['"', '\'']).then_some(())?;
    let one = &text[..=strokes];
    let is_three = text[one.len()..].starts_with(one) && text[2 * one.len()..].starts_with(one);
    Some(&text[..if is_three { 3 * one.len() } else { one.len() }])
}

/// How far a text reaches that began with this quote. One that is escaped once more is part of it.
fn until(text: &str, quote: &str) -> usize {
    let own = quote.bytes().take_while(|byte| *byte == b'\\').count();
    let closes = |at: &usize| {
        let strokes = at - text[..*at].trim_end_matches('\\').len();
        // Strokes that are part of the text are escaped, too, as often as the quote is.
        strokes.is_multiple_of(2 * (own + 1))
    };
    text.match_indices(quote).map(|(at, _)| at).find(closes).unwrap_or(text.len())
}
