//! The reference page of the configuration file, made from the schema: help texts and defaults are
//! written once, in `raw`.

use std::fmt::Write;

use serde_json::Value;

use crate::check::schema;

const HEAD: &str = "# Configuration file

Made from the program itself (`crates/config/src/raw.rs`); a test keeps it current.

The file is TOML. Holdfast reads the file that `--config` names, else `/etc/holdfast/holdfast.toml`,
else `$XDG_CONFIG_HOME/holdfast/holdfast.toml`. Keys that are not here are refused, with their line,
column and the nearest key; `holdfast config check` says what is wrong without starting anything.
SIGHUP makes a running server read the file again: only what changed is touched.

A camera that the file names is managed by it. When it disappears from the file it is paused, never
deleted. An `--apply` file has `[[archive.volume]]` and `[[camera]]` only.

Sizes are written as `500 GB` (powers of 1000) or `512 MiB` (powers of 1024), durations as `200ms`,
`1s`, `5m` or `1h`.
";

/// A file with the keys that most people need.
const EXAMPLE: &str = r#"[server]
listen = ["127.0.0.1:8080"]

[archive]
catalog = "/var/lib/holdfast"          # flash, where there is some
time_zone = "Europe/Berlin"

[[archive.volume]]
name = "disk1"
path = "/srv/holdfast"
keep_free = "5%"

[[camera]]
name = "Front door"
slug = "front-door"
username = "viewer"
password = { file = "/run/secrets/front-door" }
[camera.stream.main]
url = "rtsp://192.0.2.10/main"
keep = { max_bytes = "500 GB" }
[camera.stream.sub]
url = "rtsp://192.0.2.10/sub"
"#;

/// The reference page, in Markdown.
pub fn reference() -> String {
    let schema = schema();
    let page = format!("{HEAD}\n```toml\n{EXAMPLE}```\n");
    let mut writer = Writer { schema: &schema, page };
    writer.tables_in(&schema, "");
    writer.page
}

struct Writer<'a> {
    schema: &'a Value,
    page: String,
}

impl<'a> Writer<'a> {
    /// The tables below `object`, whose name is `path`, each with its keys.
    fn tables_in(&mut self, object: &'a Value, path: &str) {
        for (key, property) in properties(object) {
            let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let (inner, name, heading) = if let Some(items) = property.get("items") {
                (items, below.clone(), format!("[[{below}]]"))
            } else if let Some(values) = property.get("additionalProperties") {
                (values, format!("{below}.NAME"), format!("[{below}.NAME]"))
            } else {
                (property, below.clone(), format!("[{below}]"))
            };
            if let Some(table) = self.table(inner) {
                self.section(&heading, table);
                self.tables_in(table, &name);
            }
        }
    }

    fn section(&mut self, heading: &str, table: &'a Value) {
        let says = text(table, "description");
        let _ = write!(self.page, "\n## `{heading}`\n{says}\n\n| key | value | default | |\n");
        self.page.push_str("|---|---|---|---|\n");
        let required = |key: &str| {
            let list = table.get("required").and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|one| one == key))
        };
        let (must, may): (Vec<_>, Vec<_>) =
            properties(table).into_iter().partition(|(key, _)| required(key));
        for (key, property) in must.into_iter().chain(may) {
            if self.is_table(property) {
                continue;
            }
            let says = text(property, "description");
            let (says, default) = match says.split_once("Default: ") {
                Some((says, default)) => (says.trim(), default.trim_end_matches('.')),
                None => (says.trim(), if required(key) { "required" } else { "" }),
            };
            let kind = self.kind(property);
            let _ = writeln!(self.page, "| `{key}` | {kind} | {default} | {says} |");
        }
    }

    /// Whether the value is a table or tables, which have a section of their own.
    fn is_table(&self, property: &'a Value) -> bool {
        let inner = property.get("items").or(property.get("additionalProperties"));
        self.table(inner.unwrap_or(property)).is_some()
    }

    /// The table that `of` is, where it is one with keys of its own.
    fn table(&self, of: &'a Value) -> Option<&'a Value> {
        let table = self.resolved(of);
        (table.get("properties").is_some() && table.get("anyOf").is_none()).then_some(table)
    }

    /// What a reference leads to.
    fn resolved(&self, of: &'a Value) -> &'a Value {
        let pointer = of.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        pointer.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(of)
    }

    /// What is to be written, in words.
    fn kind(&self, property: &Value) -> String {
        let choices = property.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let chosen = choices.into_iter().find(|choice| choice["type"] != "null");
        let of = chosen.unwrap_or(property);
        match of.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
            Some("Quantity") => return "size".to_owned(),
            Some("Password") => return "text, or `{ file = \"…\" }`".to_owned(),
            Some("NotYet") => return "–".to_owned(),
            _ => {}
        }
        let types = match &of["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            Value::String(one) => vec![one.as_str()],
            _ => Vec::new(),
        };
        match types.into_iter().find(|kind| *kind != "null") {
            Some("string") => "text",
            Some("boolean") => "`true`, `false`",
            Some("integer") => "whole number",
            Some("array") => "list of texts",
            _ => "–",
        }
        .to_owned()
    }
}

fn properties(object: &Value) -> Vec<(&String, &Value)> {
    object.get("properties").and_then(Value::as_object).into_iter().flatten().collect()
}

/// A text of the schema, in one line.
fn text(object: &Value, key: &str) -> String {
    let text = object.get(key).and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `HOLDFAST_WRITE_REFERENCE=1 cargo test -p config` writes it anew.
    #[test]
    fn the_page_in_docs_reference_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/config.md");
        let now = reference();
        if std::env::var_os("HOLDFAST_WRITE_REFERENCE").is_some() {
            std::fs::write(&path, &now).expect("it can be written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let advice =
            "docs/reference/config.md is stale: HOLDFAST_WRITE_REFERENCE=1 cargo test -p config";
        assert!(kept == now, "{advice}");
    }

    #[test]
    fn every_key_has_its_row_and_the_example_is_right() {
        crate::parse(EXAMPLE).expect("the example is right");
        let (page, schema) = (reference(), schema());
        let tables = schema["$defs"].as_object().expect("it has tables").values();
        for key in tables.filter_map(|table| table["properties"].as_object()).flatten() {
            let (row, section) = (format!("| `{}` |", key.0), format!("{}]", key.0));
            let named = format!("{}.NAME]", key.0);
            let is_there = page.contains(&row) || page.contains(&section) || page.contains(&named);
            assert!(is_there, "{} is not in the page", key.0);
        }
    }
}
