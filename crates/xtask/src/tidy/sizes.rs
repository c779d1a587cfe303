//! Files and functions that can be read at a glance.

use crate::source::Source;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

/// Every breach of one file.
pub fn check(source: &Source) -> Vec<String> {
    let mut breaches = Vec::new();
    let lines: Vec<&str> = source.text.lines().collect();
    if !lines.first().is_some_and(|line| line.starts_with("//!")) {
        breaches.push(format!("{}:1: does not open with `//!` and its purpose", source.path));
    }
    if lines.len() > FILE_LINES_MAX {
        breaches.push(format!("{}: {} lines, at most {FILE_LINES_MAX}", source.path, lines.len()));
    }
    for (index, line) in lines.iter().enumerate() {
        if line.chars().count() > COLUMNS_MAX && !line.contains("://") {
            breaches.push(format!("{}:{}: over {COLUMNS_MAX} columns", source.path, index + 1));
        }
    }
    for (line, name, length) in functions(&lines) {
        if length > FUNCTION_LINES_MAX {
            let path = &source.path;
            breaches.push(format!("{path}:{line}: {name} has {length} lines"));
        }
    }
    breaches
}

/// Line, name and length of each function. The text is rustfmt's, so a function ends at the first
/// `}` that stands as deep as it began.
fn functions(lines: &[&str]) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", &line[..indent]);
        if line.ends_with('}') || line.ends_with(';') {
            continue;
        }
        let end = lines[index..].iter().position(|l| l.trim_end() == closing);
        found.push((index + 1, name, end.map_or(0, |end| end + 1)));
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let trimmed = line.trim_start();
    let (before, after) = trimmed.split_once("fn ")?;
    let words = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
    if !before.split_whitespace().all(|word| words.contains(&word)) {
        return None;
    }
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_their_first_line_to_their_brace() {
        let text = "impl A {\n    pub async fn go(&self) {\n        if x {\n        }\n    }\n}\n";
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(functions(&lines), [(2, "go".to_owned(), 4)]);
    }
}
