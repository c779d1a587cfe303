//! Which change is made where.

use rusqlite::Connection;

use crate::access_rows as access;
use crate::alarm_rows as alarms;
use crate::change::Change;
use crate::check_rows as check;
use crate::clock_rows as clocks;
use crate::counting::{self, Zone};
use crate::demand_rows as demands;
use crate::error::Failed;
use crate::export_changes as exports;
use crate::forgotten_rows;
use crate::index_cache;
use crate::life_rows as lives;
use crate::moving_rows;
use crate::protection_rows as protection;
use crate::rows::SegmentRow;
use crate::segment_changes as segments;
use crate::settings_rows as settings;
use crate::volume_rows as volumes;

/// Makes one change inside the open transaction of `db`; days are cut in `zone`.
pub(crate) fn apply(db: &Connection, zone: &Zone, change: &Change) -> Result<(), Failed> {
    match change {
        Change::SegmentOpened(row) => segments::opened(db, row),
        Change::SegmentSealed { row, index, activity } => {
            sealed(db, zone, row, (index.as_deref(), activity.as_deref()))
        }
        Change::SegmentEnds { segment, end } => segments::ends(db, zone, *segment, end.as_micros()),
        Change::SegmentBreaksOff { segment, cause } => segments::breaks_off(db, *segment, cause),
        Change::SegmentGarbage(id) => segments::garbage(db, zone, *id),
        Change::SegmentDue(id) => segments::due(db, zone, *id),
        Change::SegmentDeleted(id) => segments::deleted(db, *id),
        Change::SegmentForgotten { segment, volume, end } => {
            forgotten_rows::forget(db, zone, (*segment, *volume), *end)
        }
        Change::SegmentMoved { segment, volume, allocated } => {
            volumes::moved(db, zone, *segment, *volume, *allocated)
        }
        Change::SegmentMoving(row) => moving_rows::put(db, row),
        Change::SegmentSettled(row) => Ok(moving_rows::settled(db, row)?),
        Change::PutIndex { segment, index } => index_cache::put(db, *segment, index),
        Change::PutActivity { segment, activity } => segments::put_activity(db, *segment, activity),
        Change::Protect(row) => protection::protect(db, row),
        Change::Unprotect { stream, from, to } => protection::unprotect(db, *stream, *from, *to),
        Change::Hide { stream, from, to } => protection::hide(db, *stream, *from, *to),
        Change::HideAgain { stream, from, to } => protection::hide_again(db, *stream, *from, *to),
        Change::ForgetHiddenAfter { stream, after } => {
            protection::forget_hidden_after(db, *stream, *after)
        }
        Change::ForgetHidden { stream, before } => protection::forget_hidden(db, *stream, *before),
        Change::Audit(row) => protection::audit(db, row),
        Change::PutCamera(row) => settings::put_camera(db, row),
        Change::RemoveCamera(id) => settings::remove_camera(db, *id),
        Change::PutStream(row) => settings::put_stream(db, row),
        Change::PutDemand(row) => demands::put(db, row),
        Change::MoveDemand { from, to } => demands::change(db, from, to),
        Change::DemandOver(rows) => demands::over(db, rows),
        Change::EndDemand(stream) => demands::end(db, *stream),
        Change::RemoveStream(id) => settings::remove_stream(db, *id),
        Change::PutVolume(row) => settings::put_volume(db, row),
        Change::VolumeAtWork { volume, at_work } => volumes::set_at_work(db, *volume, *at_work),
        Change::RemoveVolume(id) => settings::remove_volume(db, *id),
        Change::PutFirstUser(user) => access::put_first_user(db, user),
        Change::PutUser(user) => access::put_user(db, user),
        Change::RemoveUser(id) => access::remove_user(db, *id),
        Change::PutSession(session) => access::put_session(db, session),
        Change::ProlongSession { secret, expires } => access::prolong_session(db, secret, *expires),
        Change::RemoveSession(secret) => access::remove_secret(db, "session", secret).map(|_| ()),
        Change::RemoveSessionsOf(user) => access::remove_sessions_of(db, *user),
        Change::PutToken(token) => access::put_token(db, token),
        Change::RemoveToken(secret) => access::remove_secret(db, "token", secret).map(|_| ()),
        Change::PutSetUpLink(link) => access::put_set_up_link(db, link),
        Change::TakeSetUpLink(secret) => access::take_set_up_link(db, secret),
        Change::RemoveExpired(now) => access::remove_expired(db, *now),
        Change::PutAlarm(alarm) => Ok(alarms::put(db, alarm)?),
        Change::BeginLife { boot, at, before } => Ok(lives::begin(db, boot, *at, before)?),
        Change::LifeSeen { at } => Ok(lives::seen(db, *at, None)?),
        Change::EndLife { at, cause } => Ok(lives::seen(db, *at, Some(cause.as_str()))?),
        Change::SegmentLost(id) => check::lost(db, zone, *id),
        Change::PutDamage(damage) => Ok(check::put_damage(db, damage)?),
        Change::RemoveDamage(segment) => Ok(check::remove_damage(db, *segment)?),
        Change::PutScrub(scrub) => check::put_scrub(db, scrub),
        Change::Recount(stream) => check::recount(db, zone, *stream),
        Change::CutDays(_) => Ok(counting::cut_days(db, zone)?),
        Change::AddExport { row, bytes_max } => exports::add(db, row, *bytes_max),
        Change::EndExport { id, at, end } => Ok(exports::end(db, *id, *at, end)?),
        Change::RemoveExport(id) => exports::remove(db, *id),
        Change::ForgetExport(id) => Ok(exports::forget(db, *id)?),
        Change::NoteClock(note) => clocks::put(db, note),
    }
}

fn sealed(
    db: &Connection,
    zone: &Zone,
    row: &SegmentRow,
    (index, activity): (Option<&[u8]>, Option<&[u8]>),
) -> Result<(), Failed> {
    segments::sealed(db, zone, row, activity)?;
    index.map_or(Ok(()), |index| index_cache::put(db, row.id, index))
}
