//! The query of an address: parameters by name, each named in the route table.

use axum::extract::FromRequestParts;
use base::{WallTime, limits};
use http::request::Parts;
use url::form_urlencoded;

use crate::app::App;
use crate::instant::{self, Instant};
use crate::problem::Problem;

/// Rows of a page without `limit`.
const PAGE_ROWS: usize = 100;

/// The parameters of an address. Those that its route does not know were refused before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a parameter; an empty one counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(have, _)| have == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a parameter that may stand there several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// A time, as written.
    pub fn instant(&self, name: &str) -> Result<Option<Instant>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let read = instant::parse(text);
        let problem = || Problem::bad(name, format!("{text:?} is no time: {}", instant::EXPECTED));
        read.map(Some).ok_or_else(problem)
    }

    /// A time, as it stands at `now`.
    pub fn time(&self, name: &str, now: WallTime) -> Result<Option<WallTime>, Problem> {
        Ok(self.instant(name)?.map(|instant| instant.at(now)))
    }

    /// Both ends of a range, of which the first has to be there.
    pub fn range(&self) -> Result<(Instant, Option<Instant>), Problem> {
        let missing = || Problem::bad("from", "it is missing: where does it begin?");
        Ok((self.instant("from")?.ok_or_else(missing)?, self.instant("to")?))
    }

    /// A value that reads itself from text; `what` says what is expected.
    pub fn parsed<T: std::str::FromStr>(
        &self,
        name: &str,
        what: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let problem = |_| Problem::bad(name, format!("{text:?}: expected {what}"));
        text.parse().map(Some).map_err(problem)
    }

    /// A whole number from 1 to `max`.
    pub fn count(&self, name: &str, max: usize) -> Result<Option<usize>, Problem> {
        let what = format!("a whole number from 1 to {max}");
        let Some(count) = self.parsed::<usize>(name, &what)? else { return Ok(None) };
        if !(1..=max).contains(&count) {
            return Err(Problem::bad(name, format!("{count}: expected {what}")));
        }
        Ok(Some(count))
    }

    /// A text of so many letters at most.
    pub fn text(&self, name: &str, max: usize) -> Result<Option<String>, Problem> {
        let text = self.get(name);
        match text.is_some_and(|text| text.chars().count() > max) {
            true => Err(Problem::bad(name, format!("it has at most {max} letters"))),
            false => Ok(text.map(ToOwned::to_owned)),
        }
    }

    /// How many rows a page has at most.
    pub fn page(&self) -> Result<usize, Problem> {
        Ok(self.count("limit", limits::PAGE_MAX)?.unwrap_or(PAGE_ROWS))
    }

    /// All parameters but those of these names, as they were written.
    pub fn others(&self, but: &[&str]) -> Vec<(&str, &str)> {
        let all = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| !but.contains(name)).collect()
    }
}

impl FromRequestParts<App> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self::of(parts.uri.query().unwrap_or_default()))
    }
}

/// Refuses `to` that is not after `from`.
pub(crate) fn in_order(from: WallTime, to: WallTime) -> Result<(), Problem> {
    if from < to {
        return Ok(());
    }
    let detail = format!("the range is empty: `to` ({to}) is not after `from` ({from})");
    Err(Problem::bad("to", detail))
}
