//! Settings → text that [`crate::parse`] reads back.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::quantity::{format_bytes, format_duration};
use crate::secret::Password;
use crate::settings::{Applied, Archive, Camera, Exports, Keep, Server, Settings, Stream, Volume};

/// All of `settings` as the text of a configuration file.
pub fn export(settings: &Settings) -> String {
    let mut document = DocumentMut::new();
    document.insert("server", Item::Table(server(&settings.server)));
    document.insert("archive", Item::Table(archive(&settings.archive)));
    document.insert("exports", Item::Table(exports(&settings.exports)));
    insert_all(&mut document, "camera", settings.cameras.iter().map(camera));
    document.to_string()
}

/// Cameras and volumes, as the text of an `--apply` file.
pub fn export_applied(applied: &Applied) -> String {
    let mut document = DocumentMut::new();
    if !applied.volumes.is_empty() {
        let mut archive = Table::new();
        archive.set_implicit(true);
        insert_all(&mut archive, "volume", applied.volumes.iter().map(volume));
        document.insert("archive", Item::Table(archive));
    }
    insert_all(&mut document, "camera", applied.cameras.iter().map(camera));
    document.to_string()
}

fn insert_all(into: &mut Table, key: &str, tables: impl Iterator<Item = Table>) {
    let tables: ArrayOfTables = tables.collect();
    if !tables.is_empty() {
        into.insert(key, Item::ArrayOfTables(tables));
    }
}

fn server(server: &Server) -> Table {
    let mut table = Table::new();
    let listen: Array = server.listen.iter().map(ToString::to_string).collect();
    table.insert("listen", value(listen));
    if !server.hosts.is_empty() {
        table.insert("hosts", value(server.hosts.iter().collect::<Array>()));
    }
    table.insert("allow_unauthenticated", value(server.allow_unauthenticated));
    table
}

fn exports(exports: &Exports) -> Table {
    let mut table = Table::new();
    if let Some(path) = &exports.path {
        table.insert("path", value(path.to_string_lossy().as_ref()));
    }
    table.insert("max_bytes", value(format_bytes(exports.max_bytes)));
    table
}

fn archive(archive: &Archive) -> Table {
    let mut table = Table::new();
    table.insert("catalog", value(archive.catalog.to_string_lossy().as_ref()));
    if let Some(name) = archive.time_zone.as_ref().and_then(|zone| zone.iana_name()) {
        table.insert("time_zone", value(name));
    }
    table.insert("sync_interval", value(format_duration(archive.sync_interval)));
    table.insert("segment_duration", value(format_duration(archive.segment_duration)));
    table.insert("memory_max", value(format_bytes(archive.memory_max)));
    table.insert("index_cache", value(format_bytes(archive.index_cache)));
    table.insert("scrub_rate", value(format_bytes(archive.scrub_rate)));
    insert_all(&mut table, "volume", archive.volumes.iter().map(volume));
    table
}

fn volume(volume: &Volume) -> Table {
    let mut table = Table::new();
    table.insert("name", value(&volume.name));
    table.insert("path", value(volume.path.to_string_lossy().as_ref()));
    table.insert("keep_free", value(volume.keep_free.to_string()));
    table.insert("use", value(volume.r#use.as_str()));
    table
}

fn camera(camera: &Camera) -> Table {
    let mut table = Table::new();
    table.insert("name", value(&camera.name));
    if let Some(slug) = &camera.slug {
        table.insert("slug", value(slug));
    }
    if let Some(username) = &camera.username {
        table.insert("username", value(username));
    }
    match &camera.password {
        None => {}
        Some(Password::Plain(secret)) => {
            table.insert("password", value(secret.expose()));
        }
        Some(Password::File(path)) => {
            let mut file = InlineTable::new();
            file.insert("file", path.to_string_lossy().as_ref().into());
            table.insert("password", value(file));
        }
    }
    if camera.paused {
        table.insert("paused", value(true));
    }
    let mut streams = Table::new();
    streams.set_implicit(true);
    for (name, settings) in &camera.streams {
        streams.insert(name, Item::Table(stream(settings)));
    }
    table.insert("stream", Item::Table(streams));
    table
}

fn stream(stream: &Stream) -> Table {
    let mut table = Table::new();
    table.insert("url", value(&stream.url));
    table.insert("transport", value(stream.transport.as_str()));
    table.insert("record", value(stream.record));
    if let Some(schedule) = &stream.schedule {
        table.insert("schedule", value(schedule.texts().iter().collect::<Array>()));
    }
    if stream.paused {
        table.insert("paused", value(true));
    }
    if let Some(volume) = &stream.volume {
        table.insert("volume", value(volume));
    }
    let Keep { max_bytes, max_days, min_days } = stream.keep;
    let mut keep = InlineTable::new();
    if let Some(bytes) = max_bytes {
        keep.insert("max_bytes", format_bytes(bytes).into());
    }
    for (key, days) in [("max_days", max_days), ("min_days", min_days)] {
        if let Some(days) = days {
            keep.insert(key, Value::from(i64::from(days)));
        }
    }
    if !keep.is_empty() {
        table.insert("keep", value(keep));
    }
    table
}
