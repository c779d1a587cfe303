//! A plain clip: one MP4 file.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use catalog::Catalog;
use config::Settings;
use http_body_util::BodyExt;
use hyper::Method;
use playback::{ClipPlan, ClipReader, ClipRequest, ClipStream, StoredFootage};
use url::form_urlencoded;

use super::shown::Shown;
use super::{Asked, Named, Outcome, create, find, readable};
use crate::client::Client;
use crate::daemon::Machine;

/// What the server says of streams that it left out.
const WITHOUT_FOOTAGE: &str = "x-holdfast-without-footage";

pub async fn from_server(server: &Client, asked: &Asked<'_>, part: &Path) -> Result<Outcome> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for Named { camera, stream } in &asked.streams {
        query.append_pair("stream", &format!("{camera}/{stream}"));
    }
    query.append_pair("from", &asked.from.to_string()).append_pair("to", &asked.to.to_string());
    if asked.timestamps {
        query.append_pair("timestamps", "true");
    }
    let path = format!("/api/v1/clip.mp4?{}", query.finish());
    let answer = server.send(Method::GET, &path, None).await?;
    let without = answer.headers().get(WITHOUT_FOOTAGE).and_then(|value| value.to_str().ok());
    let without = without.map(|text| text.split(", ").map(str::to_owned).collect());
    let bytes = save(answer.into_body(), part).await?;
    Ok(Outcome { bytes, without_footage: without.unwrap_or_default() })
}

/// Writes an answer's body into a file, durably; how long it is.
pub async fn save(mut body: hyper::body::Incoming, part: &Path) -> Result<u64> {
    let mut file = create(part)?;
    let total = hyper::body::Body::size_hint(&body).exact();
    let (mut bytes, mut shown) = (0, Shown::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the server broke off; the export is not complete")?;
        if let Some(data) = frame.data_ref() {
            file.write_all(data)?;
            bytes += data.len() as u64;
            shown.tell("", bytes, total);
        }
    }
    file.sync_all()?;
    shown.end();
    Ok(bytes)
}

pub fn without_server(
    settings: &Settings,
    machine: &Machine,
    asked: &Asked<'_>,
    part: &Path,
) -> Result<Outcome> {
    let catalog = Catalog::open_to_read(&settings.archive.catalog)?;
    let streams = find(&catalog, &asked.streams)?;
    let named = streams.iter().map(|own| ClipStream {
        id: own.stream,
        name: format!("{} {}", own.camera_name, own.stream_name),
    });
    let request = ClipRequest {
        streams: named.collect(),
        zone: catalog.time_zone(),
        timestamps: asked.timestamps,
        ..ClipRequest::new(streams[0].stream, asked.from, asked.to)
    };
    let volumes = Arc::new(readable(&catalog, machine)?);
    let source = Arc::new(StoredFootage::new(catalog, volumes).patient());
    let plan = Arc::new(ClipPlan::new(&*source, request)?);
    let (mut file, mut shown, mut bytes) = (create(part)?, Shown::new(), 0);
    for slice in ClipReader::new(plan.clone(), source, 0..plan.len()) {
        let slice = slice?;
        file.write_all(&slice)?;
        bytes += slice.len() as u64;
        shown.tell("", bytes, Some(plan.len()));
    }
    file.sync_all()?;
    shown.end();
    let without = plan.without_footage();
    let without_footage = without.iter().filter_map(|at| Some(streams.get(*at)?.path())).collect();
    Ok(Outcome { bytes: plan.len(), without_footage })
}
