//! How far streams will reach, and what other limits would remove: asked of what deletes.

use std::collections::BTreeMap;

use anyhow::Result;
use api::operations::{Forecast, Proposed, RemovedFootage, StreamForecast};
use base::StreamId;
use recorder::Retention;
use recorder::retain::Outlook;

use super::house::House;
use super::retaining::{keeps, rules};

/// What would come of limits that are thought of; the others keep theirs. May wait for disks.
pub fn ask(house: &House, proposed: &Proposed) -> Result<Vec<StreamForecast>> {
    let now = house.machine.wall();
    let mut found: BTreeMap<StreamId, StreamForecast> = BTreeMap::new();
    for health in house.volumes.health() {
        let Some(volume) = health.id.and_then(|id| house.open.get(id)) else { continue };
        let mut rules = rules(keeps(&house.catalog)?, &health);
        let free = proposed.volumes.iter().find(|(of, _)| Some(*of) == health.id);
        if let (Some((_, free)), Some(space)) = (free, health.space) {
            rules.keep_free = free.bytes_of(space.total);
        }
        for (stream, keep) in &mut rules.streams {
            if let Some((_, other)) = proposed.streams.iter().find(|(of, _)| of == stream) {
                *keep = *other;
            }
        }
        let mut retention = Retention::new(volume, house.catalog.clone());
        for outlook in retention.outlook(&rules, now)? {
            let one = found.entry(outlook.stream).or_insert_with(|| nothing(outlook.stream));
            // Where it is not recorded it has no share; what it has there ages out.
            if outlook.share_bytes.is_some() || one.forecast == Forecast::default() {
                one.forecast = forecast(&outlook);
            }
        }
        let (removals, complete) = retention.preview(&rules, now)?;
        for removal in removals {
            let one = found.entry(removal.stream).or_insert_with(|| nothing(removal.stream));
            let (from, to) = (removal.from, removal.to);
            let none = RemovedFootage { from, to, segments: 0, bytes: 0, complete };
            let removed = one.removed.get_or_insert(none);
            removed.segments += removal.segments;
            removed.bytes += removal.bytes;
            removed.complete &= complete;
            (removed.from, removed.to) = (removed.from.min(from), removed.to.max(to));
        }
    }
    Ok(found.into_values().collect())
}

fn nothing(stream: StreamId) -> StreamForecast {
    StreamForecast { stream, forecast: Forecast::default(), removed: None }
}

/// An outlook, as the API tells it.
pub fn forecast(outlook: &Outlook) -> Forecast {
    Forecast {
        reaches_back: outlook.reaches_back,
        share_bytes: outlook.share_bytes,
        protected_bytes: outlook.protected_bytes,
    }
}
