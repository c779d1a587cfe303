//! How long the binary takes on a large archive until it answers, and until it keeps frames.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::made::slug;
use crate::server::{Binary, Cameras, Server, instant};
use crate::{forget_pages, ms};

/// How long it records before it is ended.
const RECORDED: Duration = Duration::from_secs(20);

/// Starts it three times: with a cold disk, after an orderly end, and after a kill.
pub fn measure(dir: &Path, binary: &Binary) -> Result<Vec<Value>> {
    let cameras = Cameras::start(dir)?;
    let mut results = Vec::new();
    for how in ["cold disk", "after an orderly end", "after a kill, cold disk"] {
        let cold = how.ends_with("cold disk") && forget_pages();
        let mut server = Server::start(dir, binary, &cameras, "")?;
        let mut result = until_recording(&mut server)?;
        result["what"] = json!(format!("start, {how}"));
        result["forgot_pages"] = json!(cold);
        server.wait(RECORDED);
        match how {
            "after an orderly end" => server.kill()?,
            _ => result["stop_ms"] = json!(ms(server.stop()?)),
        }
        results.push(result);
    }
    Ok(results)
}

/// Times from the start of the process until it answers, and until it has kept a frame of each
/// camera.
pub fn until_recording(server: &mut Server) -> Result<Value> {
    let (answers, _) = server.when("/", |_| true)?;
    let (cameras, list) = server.when("/cameras", |_| true)?;
    let began = server.began_wall;
    let durable = |list: &Value| {
        let streams = list["cameras"].as_array().into_iter().flatten();
        let mut streams = streams.filter_map(|camera| camera["streams"].as_array()?.first());
        streams.all(|stream| instant(&stream["durable_until"]).is_some_and(|until| until > began))
    };
    let (all_durable, _) = server.when("/cameras", durable)?;
    let count = list["cameras"].as_array().map_or(0, Vec::len);
    let mut kept = Vec::new();
    for number in 1..=u32::try_from(count)? {
        let from = began.as_millis();
        let stream = format!("/cameras/{}/streams/main", slug(number));
        let path = format!("{stream}/timeline?from={from}&resolution=1");
        let (_, drawn) = server.when(&path, |drawn| drawn["footage"][0].is_object())?;
        let first = instant(&drawn["footage"][0]["from"]);
        kept.extend(first.map(|first| first.since(began)));
    }
    kept.sort();
    Ok(json!({
        "cameras": count,
        "answers_ms": ms(answers),
        "lists_cameras_ms": ms(cameras),
        "first_frame_kept_ms": kept.first().map(|first| ms(*first)),
        "last_camera_kept_ms": kept.last().map(|last| ms(*last)),
        "all_durable_ms": ms(all_durable),
    }))
}
