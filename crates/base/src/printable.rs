//! Text of somebody else, as it is shown on a terminal and in a log.

use std::borrow::Cow;

/// The text without anything that a terminal takes for an order, nor what turns the direction of
/// reading: such letters are shown as `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_order) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match is_order(letter) {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

fn is_order(letter: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'];
    letter.is_control()
        || turns.contains(&letter)
        || ('\u{202a}'..='\u{202e}').contains(&letter)
        || ('\u{2066}'..='\u{2069}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_given_no_orders() {
        assert_eq!(printable("Haustür 20:15"), "Haustür 20:15");
        assert_eq!(printable("a\n\x1b[2Jb\u{9b}c\u{7f}"), "a\\u{a}\\u{1b}[2Jb\\u{9b}c\\u{7f}");
        assert_eq!(printable("exe.\u{202e}4pm"), "exe.\\u{202e}4pm");
    }
}
