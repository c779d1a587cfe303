//! Cameras, streams and volumes as rows.

use base::{CameraId, StreamId, VolumeId};
use config::{Keep, Password, Secret};
use rusqlite::{Connection, Row, named_params};

use crate::catalog::Catalog;
use crate::columns::{count, number_of, stored, word};
use crate::error::{Failed, ReadError, Refusal};
use crate::moving_rows;
use crate::rows::{CameraRow, StreamRow, VolumeRow};

impl Catalog {
    /// All cameras, by slug.
    pub fn cameras(&self) -> Result<Vec<CameraRow>, ReadError> {
        self.readers.read("cameras", |snapshot| {
            let mut read = snapshot.db.prepare_cached("SELECT * FROM camera ORDER BY slug")?;
            read.query_map([], camera)?.collect()
        })
    }

    /// All streams, by camera and name.
    pub fn streams(&self) -> Result<Vec<StreamRow>, ReadError> {
        self.readers.read("streams", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT stream.*, camera.id AS camera_id, volume.id AS volume_id
                 FROM stream JOIN camera ON camera.row = stream.camera
                   LEFT JOIN volume ON volume.row = stream.volume
                 ORDER BY camera.slug, stream.name",
            )?;
            read.query_map([], stream)?.collect()
        })
    }

    /// All volumes, by name.
    pub fn volumes(&self) -> Result<Vec<VolumeRow>, ReadError> {
        self.readers.read("volumes", |snapshot| {
            let mut read = snapshot.db.prepare_cached("SELECT * FROM volume ORDER BY name")?;
            read.query_map([], volume)?.collect()
        })
    }
}

fn camera(row: &Row<'_>) -> rusqlite::Result<CameraRow> {
    let plain: Option<String> = row.get("password")?;
    let file: Option<String> = row.get("password_file")?;
    let plain = plain.map(|text| Password::Plain(Secret::new(text)));
    Ok(CameraRow {
        id: CameraId::from_bytes(row.get("id")?),
        slug: row.get("slug")?,
        name: row.get("name")?,
        managed_by_file: row.get("managed_by_file")?,
        paused: row.get("paused")?,
        removed: row.get("removed")?,
        username: row.get("username")?,
        password: plain.or(file.map(|file| Password::File(file.into()))),
    })
}

fn stream(row: &Row<'_>) -> rusqlite::Result<StreamRow> {
    let max_bytes = match row.get::<_, Option<i64>>("max_bytes")? {
        Some(_) => Some(count(row, "max_bytes")?),
        None => None,
    };
    Ok(StreamRow {
        id: StreamId::from_bytes(row.get("id")?),
        camera: CameraId::from_bytes(row.get("camera_id")?),
        name: row.get("name")?,
        url: row.get("url")?,
        transport: word(row, "transport")?,
        record: row.get("record")?,
        schedule: match row.get::<_, Option<String>>("schedule")? {
            Some(_) => Some(word(row, "schedule")?),
            None => None,
        },
        paused: row.get("paused")?,
        volume: row.get::<_, Option<_>>("volume_id")?.map(VolumeId::from_bytes),
        keep: Keep { max_bytes, max_days: row.get("max_days")?, min_days: row.get("min_days")? },
    })
}

fn volume(row: &Row<'_>) -> rusqlite::Result<VolumeRow> {
    Ok(VolumeRow {
        id: VolumeId::from_bytes(row.get("id")?),
        name: row.get("name")?,
        path: row.get::<_, String>("path")?.into(),
        keep_free: word(row, "keep_free")?,
        r#use: word(row, "use")?,
        managed_by_file: row.get("managed_by_file")?,
    })
}

pub(crate) fn put_camera(db: &Connection, camera: &CameraRow) -> Result<(), Failed> {
    let mut other = db.prepare_cached("SELECT 1 FROM camera WHERE slug = ?1 AND id <> ?2")?;
    if other.exists((&camera.slug, camera.id.as_bytes()))? {
        return Err(Refusal::NameTaken(camera.slug.clone()).into());
    }
    let (plain, file) = match &camera.password {
        None => (None, None),
        Some(Password::Plain(secret)) => (Some(secret.expose()), None),
        Some(Password::File(path)) => (None, Some(path.to_string_lossy())),
    };
    db.prepare_cached(
        "INSERT INTO camera (id, slug, name, managed_by_file, paused, removed, username,
           password, password_file)
         VALUES (:id, :slug, :name, :managed, :paused, :removed, :username, :plain, :file)
         ON CONFLICT (id) DO UPDATE SET name = :name, managed_by_file = :managed,
           paused = :paused, removed = :removed, username = :username, password = :plain,
           password_file = :file",
    )?
    .execute(named_params! {
        ":id": camera.id.as_bytes(),
        ":slug": camera.slug,
        ":name": camera.name,
        ":managed": camera.managed_by_file,
        ":paused": camera.paused,
        ":removed": camera.removed,
        ":username": camera.username,
        ":plain": plain,
        ":file": file,
    })?;
    Ok(())
}

pub(crate) fn put_stream(db: &Connection, stream: &StreamRow) -> Result<(), Failed> {
    let camera = number_of(db, "camera", stream.camera.as_bytes())?
        .ok_or_else(|| Refusal::Missing(format!("camera {}", stream.camera)))?;
    let mut other =
        db.prepare_cached("SELECT 1 FROM stream WHERE camera = ?1 AND name = ?2 AND id <> ?3")?;
    if other.exists((camera, &stream.name, stream.id.as_bytes()))? {
        return Err(Refusal::NameTaken(stream.name.clone()).into());
    }
    let volume = match stream.volume {
        Some(id) => Some(
            number_of(db, "volume", id.as_bytes())?
                .ok_or_else(|| Refusal::Missing(format!("volume {id}")))?,
        ),
        None => None,
    };
    db.prepare_cached(
        "INSERT INTO stream (id, camera, name, url, transport, record, schedule, paused, volume,
           max_bytes, max_days, min_days)
         VALUES (:id, :camera, :name, :url, :transport, :record, :schedule, :paused, :volume,
           :max_bytes, :max_days, :min_days)
         ON CONFLICT (id) DO UPDATE SET url = :url, transport = :transport, record = :record,
           schedule = :schedule, paused = :paused, volume = :volume, max_bytes = :max_bytes,
           max_days = :max_days, min_days = :min_days",
    )?
    .execute(named_params! {
        ":id": stream.id.as_bytes(),
        ":camera": camera,
        ":name": stream.name,
        ":url": stream.url,
        ":transport": stream.transport.as_str(),
        ":record": stream.record,
        ":schedule": stream.schedule.as_ref().map(ToString::to_string),
        ":paused": stream.paused,
        ":volume": volume,
        ":max_bytes": stream.keep.max_bytes.map(stored),
        ":max_days": stream.keep.max_days,
        ":min_days": stream.keep.min_days,
    })?;
    Ok(())
}

pub(crate) fn put_volume(db: &Connection, volume: &VolumeRow) -> Result<(), Failed> {
    let mut other = db.prepare_cached("SELECT 1 FROM volume WHERE name = ?1 AND id <> ?2")?;
    if other.exists((&volume.name, volume.id.as_bytes()))? {
        return Err(Refusal::NameTaken(volume.name.clone()).into());
    }
    db.prepare_cached(
        "INSERT INTO volume (id, name, path, keep_free, use, managed_by_file)
         VALUES (:id, :name, :path, :keep_free, :use, :managed)
         ON CONFLICT (id) DO UPDATE SET name = :name, path = :path, keep_free = :keep_free,
           use = :use, managed_by_file = :managed",
    )?
    .execute(named_params! {
        ":id": volume.id.as_bytes(),
        ":name": volume.name,
        ":path": volume.path.to_string_lossy(),
        ":keep_free": volume.keep_free.to_string(),
        ":use": volume.r#use.as_str(),
        ":managed": volume.managed_by_file,
    })?;
    Ok(())
}

pub(crate) fn remove_camera(db: &Connection, camera: CameraId) -> Result<(), Failed> {
    let Some(number) = number_of(db, "camera", camera.as_bytes())? else { return Ok(()) };
    let mut footage = db.prepare_cached(
        "SELECT 1 FROM segment JOIN stream ON stream.row = segment.stream WHERE camera = ?1",
    )?;
    if footage.exists([number])? {
        return Err(Refusal::InUse(format!("there is footage of camera {camera}")).into());
    }
    db.prepare_cached("DELETE FROM stream WHERE camera = ?1")?.execute([number])?;
    db.prepare_cached("DELETE FROM camera WHERE row = ?1")?.execute([number])?;
    Ok(())
}

pub(crate) fn remove_stream(db: &Connection, stream: StreamId) -> Result<(), Failed> {
    let Some(number) = number_of(db, "stream", stream.as_bytes())? else { return Ok(()) };
    if db.prepare_cached("SELECT 1 FROM segment WHERE stream = ?1")?.exists([number])? {
        return Err(Refusal::InUse(format!("there is footage of stream {stream}")).into());
    }
    db.prepare_cached("DELETE FROM stream WHERE row = ?1")?.execute([number])?;
    Ok(())
}

pub(crate) fn remove_volume(db: &Connection, volume: VolumeId) -> Result<(), Failed> {
    let Some(number) = number_of(db, "volume", volume.as_bytes())? else { return Ok(()) };
    if db.prepare_cached("SELECT 1 FROM segment WHERE volume = ?1")?.exists([number])? {
        return Err(Refusal::InUse(format!("there is footage on volume {volume}")).into());
    }
    // Streams that wanted it go where there is most room.
    db.prepare_cached("UPDATE stream SET volume = NULL WHERE volume = ?1")?.execute([number])?;
    moving_rows::without_volume(db, number)?;
    db.prepare_cached("DELETE FROM volume WHERE row = ?1")?.execute([number])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::testing::{CAMERA, STREAM, VOLUME, at, camera, catalog, sealed, segment};
    use crate::testing::{stream, volume};
    use crate::{ApplyError, Change};

    fn refusal(error: Result<(), ApplyError>) -> Refusal {
        match error {
            Err(ApplyError::Refused { why, .. }) => why,
            other => panic!("{other:?} is no refusal"),
        }
    }

    #[test]
    fn what_is_put_is_read_back_and_may_change_except_for_its_fixed_name() {
        let (catalog, mut writer) = catalog();
        assert_eq!(catalog.cameras().unwrap(), [camera()]);
        assert_eq!(catalog.streams().unwrap(), [stream()]);
        assert_eq!(catalog.volumes().unwrap(), [volume()]);
        let password = Some(Password::File("/run/door".into()));
        let renamed = CameraRow {
            name: "Haustür".into(),
            paused: true,
            username: Some("viewer".into()),
            password,
            ..camera()
        };
        let moved = CameraRow { slug: "other".into(), ..renamed.clone() };
        writer.apply(&[Change::PutCamera(moved)]).unwrap();
        assert_eq!(catalog.cameras().unwrap(), [renamed]);
    }

    #[test]
    fn a_name_in_use_is_refused_and_nothing_of_the_batch_is_made() {
        let (catalog, mut writer) = catalog();
        let free = CameraRow { id: CameraId::from_bytes([8; 16]), slug: "yard".into(), ..camera() };
        let taken = CameraRow { id: CameraId::from_bytes([9; 16]), ..camera() };
        let error = writer.apply(&[Change::PutCamera(free), Change::PutCamera(taken)]);
        let why = Refusal::NameTaken("door".into());
        assert_eq!(error, Err(ApplyError::Refused { index: 1, why }));
        assert_eq!(catalog.cameras().unwrap().len(), 1);
        let taken = StreamRow { id: StreamId::from_bytes([9; 16]), ..stream() };
        assert_eq!(
            refusal(writer.apply(&[Change::PutStream(taken)])),
            Refusal::NameTaken("main".into())
        );
        let homeless = StreamRow { camera: CameraId::from_bytes([9; 16]), ..stream() };
        assert!(matches!(
            refusal(writer.apply(&[Change::PutStream(homeless)])),
            Refusal::Missing(_)
        ));
    }

    #[test]
    fn what_has_footage_cannot_be_forgotten() {
        let (catalog, mut writer) = catalog();
        let start = at("2026-11-22T10:00:00Z");
        let row = segment(1, start, at("2026-11-22T10:05:00Z"));
        writer.apply(&[sealed(row.clone())]).unwrap();
        let removals = [
            Change::RemoveCamera(CAMERA),
            Change::RemoveStream(STREAM),
            Change::RemoveVolume(VOLUME),
        ];
        for removal in &removals {
            let why = refusal(writer.apply(std::slice::from_ref(removal)));
            assert!(matches!(why, Refusal::InUse(_)), "{why}");
        }
        writer.apply(&[Change::SegmentGarbage(row.id), Change::SegmentDeleted(row.id)]).unwrap();
        writer.apply(&[Change::RemoveCamera(CAMERA), Change::RemoveVolume(VOLUME)]).unwrap();
        assert!(catalog.cameras().unwrap().is_empty() && catalog.volumes().unwrap().is_empty());
    }
}
