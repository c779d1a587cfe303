//! Text → settings, with every problem at once, each with its line and column.

use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::raw;
use crate::settings::{Applied, Settings};
use crate::suggest::nearest;
use crate::validate::{self, FieldProblem};
use std::fmt;

/// Everything that is wrong with a text. Shows one problem a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    /// In the order of the text. Never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// The settings that a configuration file's text says.
pub fn parse(text: &str) -> Result<Settings, Invalid> {
    check(text, validate::settings)
}

/// The cameras and volumes that the text of an `--apply` file says.
pub fn parse_apply(text: &str) -> Result<Applied, Invalid> {
    check(text, validate::applied)
}

/// The JSON schema of the configuration file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(raw::File).to_value()
}

fn check<T>(
    text: &str,
    validate: impl FnOnce(&raw::File) -> Result<T, Vec<FieldProblem>>,
) -> Result<T, Invalid> {
    let (mut document, errors) = DeTable::parse_recoverable(text);
    let mut found = Found { text, problems: Vec::new() };
    for error in &errors {
        found.add(&error.span().unwrap_or_default(), error.message().to_owned());
    }
    if !errors.is_empty() {
        return Err(found.into_invalid());
    }
    let values = match read(&mut document, &mut found) {
        Some(raw) => validate(&raw),
        None => Err(Vec::new()),
    };
    match values {
        Ok(settings) if found.problems.is_empty() => return Ok(settings),
        Ok(_) => {}
        Err(problems) => {
            for FieldProblem { path, message } in problems {
                found.add(&locate(&document, &path), message);
            }
        }
    }
    Err(found.into_invalid())
}

/// Problems, with the text that they are in.
struct Found<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, span: &Range<usize>, message: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        let problem = Problem { line, column, message };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn into_invalid(mut self) -> Invalid {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        Invalid { problems: self.problems }
    }
}

/// The raw form of `document`. Serde stops at the first error: what is wrong is taken out and it
/// is asked again, until all problems are found. `None` when that does not help.
fn read(document: &mut Spanned<DeTable<'_>>, found: &mut Found<'_>) -> Option<raw::File> {
    /// More are not worth reading.
    const ROUNDS_MAX: usize = 200;
    // Keys that were taken out: that they are missing now is no news.
    let mut removed = Vec::new();
    for round in 0..ROUNDS_MAX {
        let attempt = toml::de::Deserializer::from(document.clone());
        let error = match raw::File::deserialize(attempt) {
            Ok(raw) => return Some(raw),
            Err(error) => error,
        };
        let span = error.span()?;
        let missing = error.message().strip_prefix("missing field `");
        if let Some(key) = missing.and_then(|rest| rest.strip_suffix('`')) {
            if !removed.contains(&(span.clone(), key.to_owned())) {
                found.add(&span, format!("the key {key:?} is missing here"));
            }
            insert(document, &span, key, round).then_some(())?;
        } else {
            found.add(&span, reworded(error.message()));
            removed.push(remove(document, &span)?);
        }
    }
    None
}

/// What serde says, in our words, with the nearest key to an unknown one.
fn reworded(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        let (was, expected) = rest.split_once(", expected ").unwrap_or((rest, "something else"));
        let was = match was {
            "map" => "a table",
            "sequence" => "a list",
            other => other,
        };
        let expected = match expected {
            "a sequence" if was == "a table" => "a list: write it as [[…]], or in brackets",
            "a sequence" => "a list",
            other if other.starts_with("struct ") => "a table",
            other => other,
        };
        return format!("wrong type: found {was}, expected {expected}");
    }
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    // "unknown field `lisen`, expected one of `listen`, `hosts`"
    let words: Vec<&str> = rest.split('`').step_by(2).collect();
    let (typed, known) =
        words.split_first().map_or(("", &[][..]), |(typed, known)| (*typed, known));
    match nearest(typed, known) {
        Some(near) => format!("unknown key {typed:?}; did you mean {near:?}?"),
        None if known.is_empty() => format!("unknown key {typed:?}"),
        None => format!("unknown key {typed:?}; the keys here are {}", known.join(", ")),
    }
}

/// Takes the key out of its table that stands at `span`, or has its value or an element of its
/// value there; where that table is, and the key.
fn remove(table: &mut Spanned<DeTable<'_>>, span: &Range<usize>) -> Option<(Range<usize>, String)> {
    let own = table.span();
    remove_from(own, table.get_mut(), span)
}

fn remove_from(
    own: Range<usize>,
    table: &mut DeTable<'_>,
    span: &Range<usize>,
) -> Option<(Range<usize>, String)> {
    for (_, value) in table.iter_mut() {
        let own = value.span();
        let removed = match value.get_mut() {
            DeValue::Table(table) => remove_from(own, table, span),
            DeValue::Array(array) => array.iter_mut().find_map(|element| {
                let own = element.span();
                match element.get_mut() {
                    DeValue::Table(table) => remove_from(own, table, span),
                    _ => None,
                }
            }),
            _ => None,
        };
        if removed.is_some() {
            return removed;
        }
    }
    let has_element = |value: &DeValue<'_>| {
        value.as_array().is_some_and(|array| array.iter().any(|it| it.span() == *span))
    };
    let here = table.iter().find(|(key, value)| {
        key.span() == *span || value.span() == *span || has_element(value.get_ref())
    });
    let key = here?.0.clone();
    table.remove(&key);
    Some((own, key.into_inner().into_owned()))
}

/// Puts something harmless under `key` into the table at `span`, so that the rest can be checked;
/// whether that table was found.
fn insert(table: &mut Spanned<DeTable<'_>>, span: &Range<usize>, key: &str, number: usize) -> bool {
    let own = table.span();
    insert_into(&own, table.get_mut(), span, key, number)
}

fn insert_into(
    own: &Range<usize>,
    table: &mut DeTable<'_>,
    span: &Range<usize>,
    key: &str,
    number: usize,
) -> bool {
    for (_, value) in table.iter_mut() {
        let own = value.span();
        let inserted = match value.get_mut() {
            DeValue::Table(table) => insert_into(&own, table, span, key, number),
            DeValue::Array(array) => array.iter_mut().any(|element| {
                let own = element.span();
                match element.get_mut() {
                    DeValue::Table(table) => insert_into(&own, table, span, key, number),
                    _ => false,
                }
            }),
            _ => false,
        };
        if inserted {
            return true;
        }
    }
    if own != span || table.contains_key(key) {
        return false;
    }
    let value = match key {
        "url" => "rtsp://missing/".to_owned(),
        "name" => format!("missing {number}"),
        _ => format!("/missing-{number}"),
    };
    let key = Spanned::new(span.clone(), key.to_owned().into());
    table.insert(key, Spanned::new(span.clone(), DeValue::String(value.into())));
    true
}

/// Where the value stands that `path` leads to, or as much of it as is written.
fn locate(document: &Spanned<DeTable<'_>>, path: &[String]) -> Range<usize> {
    let mut table = Some(document.get_ref());
    let mut array: Option<&[Spanned<DeValue<'_>>]> = None;
    let mut span = 0..0;
    for step in path {
        let inside = match (table, array) {
            (Some(table), _) => table.get(step.as_str()),
            (None, Some(array)) => step.parse().ok().and_then(|index: usize| array.get(index)),
            (None, None) => None,
        };
        let Some(value) = inside else { break };
        span = value.span();
        table = value.get_ref().as_table();
        array = value.get_ref().as_array().map(|array| &array[..]);
    }
    span
}
