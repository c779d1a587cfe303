//! What hands lines over to the log, beside what writes them out.

use std::borrow::Cow;
use std::fmt::{self, Write};

use base::{WallTime, limits, printable};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::line::{Level, Line};
use crate::log::Log;
use crate::mask::{self, HIDDEN, masked};

/// Keeps what is said in a [`Log`]. What libraries say at the level `trace`, which is what goes
/// over the wire, is not kept.
pub struct Keeping<F> {
    log: Log,
    now: F,
}

impl<F: Fn() -> WallTime> Keeping<F> {
    /// Keeps in `log` what is said, at the time that `now` gives.
    pub const fn new(log: Log, now: F) -> Self {
        Self { log, now }
    }
}

impl<S: Subscriber, F: Fn() -> WallTime + 'static> Layer<S> for Keeping<F> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let Some(level) = level(*metadata.level()) else { return };
        let mut parts = Parts { target: metadata.target().into(), ..Parts::default() };
        event.record(&mut parts);
        let Parts { target, message, fields } = parts;
        self.log.say(Line { at: (self.now)(), level, target, message, fields });
    }
}

fn level(level: tracing::Level) -> Option<Level> {
    Some(match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG => Level::Debug,
        _ => return None,
    })
}

#[derive(Default)]
struct Parts {
    target: Cow<'static, str>,
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Parts {
    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        match field.name() {
            "message" => self.message = shown(value, limits::LOG_MESSAGE_BYTES_MAX),
            // Libraries that log by another interface come through one target.
            "log.target" => self.target = shown(value, limits::LOG_FIELD_BYTES_MAX).into(),
            name if name.starts_with("log.") => {}
            name if mask::is_secret(name) => self.fields.push((name, HIDDEN.to_owned())),
            name => self.fields.push((name, shown(value, limits::LOG_FIELD_BYTES_MAX))),
        }
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, format_args!("{value}"));
    }
}

/// A value as it is kept: one line of `max` bytes at most and a word of what is missing, without
/// secrets. Secrets go before anything is cut, for half of one may not be known as one.
fn shown(value: fmt::Arguments<'_>, max: usize) -> String {
    let mut beginning = Beginning { text: String::new(), room: max * 4, bytes: 0 };
    // It never fails; what it is given may, and has said something until then.
    let _ = beginning.write_fmt(value);
    let Beginning { mut text, bytes, .. } = beginning;
    if bytes > text.len() {
        // What stands at the end may be half a secret.
        let whole = text.rfind(char::is_whitespace).unwrap_or_default();
        text.truncate(whole);
    }
    let clean = masked(&text);
    let mut line = printable(&clean).into_owned();
    if bytes > text.len() || line.len() > max {
        line.truncate(line.floor_char_boundary(max));
        let _ = write!(line, " … (cut: it has {bytes} bytes)");
    }
    // What it was made from was longer.
    line.shrink_to_fit();
    line
}

/// The beginning of what is written, and how long all of it is.
struct Beginning {
    text: String,
    room: usize,
    bytes: usize,
}

impl Write for Beginning {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        self.bytes += more.len();
        // Once something was left out, nothing follows it.
        let fits = more.floor_char_boundary(more.len().min(self.room));
        self.text.push_str(&more[..fits]);
        self.room = if fits < more.len() { 0 } else { self.room - fits };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::log::{Asked, From};

    const NOW: WallTime = WallTime::from_micros(1_795_377_600_000_000);

    /// What is kept of what `say` says.
    fn kept(say: impl FnOnce()) -> Vec<Line> {
        let log = Log::new(NOW);
        let layer = Keeping::new(log.clone(), || NOW);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), say);
        let (camera, text) = (None, None);
        let asked = Asked { from: From::End, level: Level::Debug, camera, text, limit: 500 };
        log.page(&asked).lines.into_iter().map(|(_, line)| (*line).clone()).collect()
    }

    #[test]
    fn a_line_has_its_level_words_and_fields() {
        let lines = kept(|| {
            let why = std::io::Error::other("no");
            tracing::warn!(stream = "door/main", count = 3, %why, at = ?Some(1), "lost {}", "all");
            tracing::trace!("what goes over the wire");
            tracing::debug!(target: "elsewhere", "x");
        });
        let [line, debug] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((line.at, line.level, &*line.message), (NOW, Level::Warn, "lost all"));
        assert_eq!(line.target, module_path!());
        let fields: Vec<_> = line.fields.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(fields, ["stream=door/main", "count=3", "why=no", "at=Some(1)"]);
        assert_eq!(line.camera(), Some("door"));
        assert_eq!((debug.level, &*debug.target), (Level::Debug, "elsewhere"));
    }

    #[test]
    fn no_secret_is_kept() {
        let token = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdE";
        let lines = kept(|| {
            tracing::info!("begin at http://127.0.0.1/setup#token={token} (once)");
            tracing::info!(url = "rtsp://admin:tulip7@door/main", token, "asked");
            tracing::info!(password = "tulip7", given = ?Some("password=tulip7"), "asked");
            // Where it is cut, half of one may stand.
            for fill in [4096, 4 * 4096] {
                for back in 0..60 {
                    tracing::info!("{} rtsp://admin:tulip7@door {token}", "x".repeat(fill - back));
                }
            }
        });
        for line in &lines {
            let text = format!("{line:?}");
            for secret in ["tulip", "AbCdEf", "admin"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
        assert_eq!(lines[0].message, "begin at http://127.0.0.1/setup#token=(hidden) (once)");
        assert_eq!(lines[1].fields[0].1, "rtsp://(hidden)@door/main");
    }

    #[test]
    fn a_long_line_is_cut_with_a_word_of_that_and_stays_one_line() {
        let lines = kept(|| {
            tracing::info!(field = "ü".repeat(600), "{}", "word ".repeat(2000));
            tracing::info!("{}", "x".repeat(50_000));
            tracing::info!("a\nforged\u{202e} line\x1b[2J");
        });
        let [long, longer, forged] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(long.message.ends_with("… (cut: it has 10000 bytes)"), "{}", long.message);
        assert!(long.message.len() < limits::LOG_MESSAGE_BYTES_MAX + 50);
        assert!(long.fields[0].1.ends_with("… (cut: it has 1200 bytes)"), "{:?}", long.fields);
        assert_eq!(longer.message, " … (cut: it has 50000 bytes)");
        assert_eq!(forged.message, "a\\u{a}forged\\u{202e} line\\u{1b}[2J");
    }
}
