//! What the program says of itself.

use axum::extract::State;
use base::limits;
use logs::{Asked, From, Level, Line};

use crate::app::App;
use crate::json::Json;
use crate::problem::Problem;
use crate::query::Query;
use crate::wire::logs::{Log, LogLevel, LogLine};

/// `GET /logs`
pub(crate) async fn list(State(app): State<App>, query: Query) -> Result<Json<Log>, Problem> {
    let number = |name| query.parsed::<u64>(name, "the number of a line");
    let from = match (number("after")?, number("before")?) {
        (None, None) => From::End,
        (Some(after), None) => From::After(after),
        (None, Some(before)) => From::Before(before),
        (Some(_), Some(_)) => {
            let detail = "either what comes after a line or what comes before one is asked for";
            return Err(Problem::bad("before", detail));
        }
    };
    let level = query.parsed("level", "`debug`, `info`, `warn` or `error`")?;
    let camera = query.text("camera", limits::LOG_TEXT_CHARS_MAX)?;
    let asked = Asked {
        from,
        level: level.unwrap_or(Level::Debug),
        camera: camera.map(|named| slug(&app, named)),
        text: query.text("text", limits::LOG_TEXT_CHARS_MAX)?,
        limit: query.page()?,
    };
    // Some thousand lines that are looked through are no work for the threads that serve.
    app.blocking(move |app| Ok(Json(render(app.log().page(&asked))))).await
}

/// The slug of a camera that is named by slug or id. One that is not known may have been removed,
/// and the log still tell of it.
fn slug(app: &App, named: String) -> String {
    let cameras = app.operations().cameras();
    let found = cameras.into_iter().find(|camera| camera.id.to_string() == named);
    found.map_or(named, |camera| camera.slug)
}

fn render(page: logs::Page) -> Log {
    let logs::Page { lines, next, more, earlier, lost, restarted } = page;
    let lines = lines.iter().map(|(number, line)| render_line(*number, line)).collect();
    Log { lines, next, more, earlier, lost, restarted }
}

fn render_line(number: u64, line: &Line) -> LogLine {
    let fields = line.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    LogLine {
        number,
        at: line.at.into(),
        level: match line.level {
            Level::Debug => LogLevel::Debug,
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        },
        target: line.target.to_string(),
        message: line.message.clone(),
        fields: fields.collect(),
        camera: line.camera().map(ToOwned::to_owned),
    }
}
