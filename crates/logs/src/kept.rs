//! The newest lines, as far as they are kept.

use std::collections::VecDeque;
use std::sync::Arc;

use base::limits;

use crate::line::Line;

/// Lines in the order in which they came, each with its number.
pub(crate) struct Kept {
    lines: VecDeque<(u64, Arc<Line>)>,
    bytes: usize,
    /// The number of the first line that there ever was.
    pub first: u64,
    /// The number of the next one.
    pub next: u64,
}

impl Kept {
    /// No line yet; the first one will have this number.
    pub fn new(first: u64) -> Self {
        Self { lines: VecDeque::new(), bytes: 0, first, next: first }
    }

    /// Takes a line in; the oldest ones give way.
    pub fn push(&mut self, line: Arc<Line>) {
        self.bytes += line.bytes();
        self.lines.push_back((self.next, line));
        self.next += 1;
        while self.lines.len() > limits::LOG_LINES_MAX || self.bytes > limits::LOG_BYTES_MAX {
            let Some((_, gone)) = self.lines.pop_front() else { break };
            self.bytes -= gone.bytes();
        }
    }

    /// The number of the oldest line that is kept.
    pub fn oldest(&self) -> u64 {
        self.lines.front().map_or(self.next, |(number, _)| *number)
    }

    /// Those from number `from` on that come before `to`.
    pub fn range(&self, from: u64, to: u64) -> Vec<(u64, Arc<Line>)> {
        let place = |number: u64| self.lines.partition_point(|(own, _)| *own < number);
        self.lines.range(place(from)..place(to).max(place(from))).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use base::WallTime;

    use super::*;
    use crate::line::Level;

    fn line(message: String) -> Arc<Line> {
        let (at, level) = (WallTime::EPOCH, Level::Info);
        Arc::new(Line { at, level, target: "test".into(), message, fields: Vec::new() })
    }

    #[test]
    fn the_oldest_lines_give_way_by_count() {
        let mut kept = Kept::new(7);
        for number in 0..limits::LOG_LINES_MAX + 3 {
            kept.push(line(number.to_string()));
        }
        assert_eq!((kept.oldest(), kept.lines.len()), (10, limits::LOG_LINES_MAX));
        assert_eq!(kept.range(0, 12).iter().map(|(n, _)| *n).collect::<Vec<_>>(), [10, 11]);
        assert!(kept.range(12, 3).is_empty());
        let bytes: usize = kept.lines.iter().map(|(_, line)| line.bytes()).sum();
        assert_eq!(kept.bytes, bytes);
    }

    #[test]
    fn and_by_bytes() {
        let mut kept = Kept::new(1);
        for _ in 0..1000 {
            kept.push(line("x".repeat(limits::LOG_MESSAGE_BYTES_MAX)));
        }
        assert!(kept.bytes <= limits::LOG_BYTES_MAX);
        assert!(kept.lines.len() > 400 && kept.lines.len() < 600, "{}", kept.lines.len());
    }
}
