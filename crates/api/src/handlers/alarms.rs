//! The list of alarms.

use axum::extract::State;
use base::{AlarmId, WallTime};
use catalog::AlarmRow;

use crate::app::App;
use crate::json::Json;
use crate::problem::Problem;
use crate::query::Query;
use crate::wire::alarm::{Alarm, Alarms};

/// Where the next page begins: when the last alarm of this one began, and its id.
#[derive(Clone, Copy, Debug)]
struct Cursor(WallTime, AlarmId);

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        let at = at.parse().map(WallTime::from_micros).map_err(|_| ())?;
        Ok(Self(at, id.parse().map_err(|_| ())?))
    }
}

/// `GET /alarms`
pub(crate) async fn list(State(app): State<App>, query: Query) -> Result<Json<Alarms>, Problem> {
    let active = query.parsed::<bool>("active", "`true` or `false`")?;
    let cursor = query.parsed::<Cursor>("cursor", "`next` of the page before")?;
    let limit = query.page()?;
    app.blocking(move |app| {
        let before = cursor.map(|Cursor(at, id)| (at, id));
        let mut rows = merged(app, active, before, limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| format!("{}.{}", row.began.as_micros(), row.id));
        Ok(Json(Alarms { alarms: rows.into_iter().map(render).collect(), next }))
    })
    .await
}

/// The first `limit` of what rows and memory know: what lasts is in memory even when the catalog
/// cannot be written, and its words are the latest there.
fn merged(
    app: &App,
    active: Option<bool>,
    before: Option<(WallTime, AlarmId)>,
    limit: usize,
) -> Result<Vec<AlarmRow>, Problem> {
    let mut lasting = app.operations().alarms();
    let rows = match active {
        Some(true) => Vec::new(),
        _ => app.catalog().alarms(active, before, limit)?,
    };
    let over = rows.into_iter().filter(|row| !lasting.iter().any(|known| known.id == row.id));
    let mut all: Vec<AlarmRow> = over.collect();
    if active != Some(false) {
        lasting.retain(|row| before.is_none_or(|before| (row.began, row.id) < before));
        all.extend(lasting);
    }
    all.sort_by_key(|row| std::cmp::Reverse((row.began, row.id)));
    all.truncate(limit);
    Ok(all)
}

fn render(row: AlarmRow) -> Alarm {
    Alarm {
        id: row.id.to_string(),
        kind: row.kind,
        subject: row.subject,
        began: row.began.into(),
        ended: row.ended.map(Into::into),
        words: row.words,
    }
}
