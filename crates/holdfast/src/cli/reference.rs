//! The reference page of the command line, made from what `--help` says.

use std::fmt::Write;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};

use super::Cli;

const HEAD: &str = "# Command line

Made from the program itself (`crates/holdfast/src/cli.rs`); a test keeps it current.

Times are RFC 3339 (`2026-11-22T20:15:00Z`), relative (`-90s`, `-2h`) or local
(`2026-11-22 20:15`, in the archive's time zone).

| exit code | meaning |
|---|---|
| 0 | done; for `run`: all footage is committed |
| 1 | it found problems, or failed |
| 2 | wrong usage |
| 3 | it ended with footage not committed, or by force |
| 4 | `verify`: an export is whole, and who signed it is not known |

`HOLDFAST_LOG` chooses what is logged (`info`, `camera=debug`, …), `HOLDFAST_LOG_FORMAT` how
(`text`, `json`).
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut root = Cli::command();
    root.build();
    let _ = write!(page, "\n## Every command\n{}", table(root.get_arguments().filter(is_ours)));
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        write_command(&mut page, command, "holdfast");
    }
    page
}

fn write_command(page: &mut String, command: &Command, before: &str) {
    let name = format!("{before} {}", command.get_name());
    if command.has_subcommands() {
        command.get_subcommands().for_each(|below| write_command(page, below, &name));
        return;
    }
    let own = || command.get_arguments().filter(is_ours).filter(|arg| !arg.is_global_set());
    let word = |arg: &Arg| match (arg.is_positional(), arg.is_required_set()) {
        (_, true) => written(arg),
        (_, false) => format!("[{}]", written(arg)),
    };
    let usage: String = own().map(|arg| format!(" {}", word(arg))).collect();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = write!(page, "\n## {name}\n{about}.\n\n```\n{name}{usage}\n```\n{}", table(own()));
}

/// What clap adds is the same everywhere.
fn is_ours(arg: &&Arg) -> bool {
    !matches!(arg.get_id().as_str(), "help" | "version")
}

/// `--from <FROM>`, `<NAME>`, `--json`.
fn written(arg: &Arg) -> String {
    let value = || {
        let names = arg.get_value_names().into_iter().flatten();
        names.map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ")
    };
    match arg.get_long() {
        None => value(),
        Some(long) if arg.get_action().takes_values() => format!("--{long} {}", value()),
        Some(long) => format!("--{long}"),
    }
}

fn table<'a>(args: impl Iterator<Item = &'a Arg>) -> String {
    let mut rows = String::new();
    for arg in args {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let values: Vec<_> = arg.get_default_values().iter().map(|v| v.to_string_lossy()).collect();
        let default = match values.is_empty() || !arg.get_action().takes_values() {
            true => String::new(),
            false => format!(" [default: {}]", values.join(" ")),
        };
        let short = arg.get_short().map(|short| format!("`-{short}`, ")).unwrap_or_default();
        let _ = writeln!(rows, "| {short}`{}` | {help}{default} |", written(arg));
    }
    if rows.is_empty() { rows } else { format!("\n| | |\n|---|---|\n{rows}") }
}

/// `HOLDFAST_WRITE_REFERENCE=1 cargo test -p holdfast --lib` writes it anew.
#[test]
fn the_page_in_docs_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/cli.md");
    let now = page();
    if std::env::var_os("HOLDFAST_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, &now).expect("it can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let advice =
        "docs/reference/cli.md is stale: HOLDFAST_WRITE_REFERENCE=1 cargo test -p holdfast --lib";
    assert!(kept == now, "{advice}");
}
