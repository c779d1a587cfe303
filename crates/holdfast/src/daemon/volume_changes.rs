//! Changing volumes while they run, and taking them out of the archive.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use api::operations::{BoxFuture, OperationError, VolumeError};
use base::{VolumeId, limits};
use catalog::{Change, SegmentRow, VolumeRow};
use config::{KeepFree, VolumeUse};

use super::house::House;

/// Rows of a volume that is forgotten, in one transaction.
const ROWS_AT_ONCE: usize = 250;

/// Changes what a volume is for, and what stays free on it, in its turn.
pub fn change(
    house: Arc<House>,
    id: VolumeId,
    r#use: Option<VolumeUse>,
    keep_free: Option<KeepFree>,
) -> BoxFuture<'static, Result<(), VolumeError>> {
    in_turn(house, "changing a volume", limits::CONFIG_ANSWER_TIMEOUT, move |house| {
        let row = row_of(house, id)?;
        let keep_free = keep_free.unwrap_or(row.keep_free);
        put(house, VolumeRow { r#use: r#use.unwrap_or(row.r#use), keep_free, ..row })
    })
}

/// Takes a volume out of the archive, in its turn; how many segments are forgotten.
pub fn remove(
    house: Arc<House>,
    id: VolumeId,
    forget: bool,
) -> BoxFuture<'static, Result<u64, VolumeError>> {
    in_turn(house, "taking a volume out", limits::VOLUME_REMOVE_TIMEOUT, move |house| {
        remove_now(house, id, forget)
    })
}

fn remove_now(house: &House, id: VolumeId, forget: bool) -> Result<u64, VolumeError> {
    let row = row_of(house, id)?;
    if !forget && !page(house, id)?.is_empty() {
        return Err(VolumeError::InUse(format!(
            "there is footage on volume {:?}: drain it first, or say forget_footage=true where its \
             disk is dead",
            row.name
        )));
    }
    // Nothing new goes there, and its streams go elsewhere.
    put(house, VolumeRow { r#use: VolumeUse::Keep, ..row.clone() })?;
    house.volumes.leave(id, house.machine.mono());
    house.open.remove(id);
    let mut forgotten = 0;
    loop {
        let rows = page(house, id)?;
        if rows.is_empty() {
            break;
        }
        forgotten += rows.len() as u64;
        let gone =
            |row: &SegmentRow| [Change::SegmentGarbage(row.id), Change::SegmentDeleted(row.id)];
        apply(house, rows.iter().flat_map(gone).collect())?;
    }
    apply(house, vec![Change::RemoveVolume(id)])?;
    tracing::warn!(volume = row.name, segments = forgotten, "the volume is out of the archive");
    Ok(forgotten)
}

/// The volume's row, where no file manages it now.
fn row_of(house: &House, id: VolumeId) -> Result<VolumeRow, VolumeError> {
    let rows = house.catalog.volumes().map_err(failed)?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or(VolumeError::Unknown)?;
    let settings = house.settings.lock().unwrap_or_else(PoisonError::into_inner);
    match settings.archive.volumes.iter().any(|named| named.path == row.path) {
        true => Err(VolumeError::ManagedByFile(row.name)),
        false => Ok(row),
    }
}

fn page(house: &House, id: VolumeId) -> Result<Vec<SegmentRow>, VolumeError> {
    house.catalog.rows_on(id, None, ROWS_AT_ONCE).map_err(failed)
}

fn put(house: &House, row: VolumeRow) -> Result<(), VolumeError> {
    apply(house, vec![Change::PutVolume(row.clone())])?;
    house.volumes.renew(&row);
    house.volumes.place(house.machine.mono());
    Ok(())
}

fn apply(house: &House, changes: Vec<Change>) -> Result<(), VolumeError> {
    house.rows.apply(changes).map_err(failed)
}

fn failed(why: impl std::fmt::Display) -> VolumeError {
    VolumeError::Failed(OperationError(why.to_string()))
}

fn in_turn<T: Send + 'static>(
    house: Arc<House>,
    what: &'static str,
    patience: Duration,
    work: impl FnOnce(&House) -> Result<T, VolumeError> + Send + 'static,
) -> BoxFuture<'static, Result<T, VolumeError>> {
    Box::pin(async move {
        let theirs = house.clone();
        house.turns.ask(what, patience, move || work(&theirs)).await?
    })
}
