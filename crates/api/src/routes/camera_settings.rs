//! What cameras are to be: added, changed and removed, and asked before that.

use access::Permission as May;

use super::params::{FOOTAGE_GOES, MADE_HEADERS};
use crate::handlers::{camera_settings, demand, probe};
use crate::route::Method::{Delete, Get, Patch, Post};
use crate::route::{Route, route};
use crate::wire::camera_settings as wire;
use crate::wire::{camera, demand as wire_demand, probe as wire_probe};

pub(super) fn table() -> Vec<Route> {
    changed().into_iter().chain(recorded_and_read()).collect()
}

fn changed() -> Vec<Route> {
    vec![
        route(
            Post,
            "/api/v1/cameras",
            May::ManageCameras,
            camera_settings::add,
            "Adds a camera, or brings one back that was removed.",
        )
        .takes::<wire::NewCamera>()
        .answers::<camera::Camera>()
        .headers(MADE_HEADERS)
        .status(201)
        .fails(&[409]),
        route(
            Post,
            "/api/v1/cameras/probe",
            May::ManageCameras,
            probe::probe,
            "Asks an address once what it sends.",
        )
        .takes::<wire_probe::ProbeRequest>()
        .answers::<wire_probe::Probed>()
        .fails(&[404]),
        route(
            Patch,
            "/api/v1/cameras/{camera}",
            May::ManageCameras,
            camera_settings::change,
            "Changes a camera, by JSON merge patch; tighter limits ask for manage-footage.",
        )
        .takes::<wire::CameraChange>()
        .answers::<camera::Camera>()
        .fails(&[409]),
        route(
            Delete,
            "/api/v1/cameras/{camera}",
            May::ManageCameras,
            camera_settings::remove,
            "Removes a camera. Its footage is hidden, and ages out, but for what is protected.",
        )
        .params(FOOTAGE_GOES)
        .status(204)
        .fails(&[409]),
    ]
}

fn recorded_and_read() -> Vec<Route> {
    vec![
        route(
            Post,
            "/api/v1/cameras/{camera}/record",
            May::ManageCameras,
            demand::begin,
            "Records a camera now, for a while, whatever its settings and its schedule say.",
        )
        .takes::<wire_demand::Demand>()
        .answers::<camera::Camera>()
        .fails(&[409]),
        route(
            Delete,
            "/api/v1/cameras/{camera}/record",
            May::ManageCameras,
            demand::end,
            "Ends recording on demand: a camera is recorded as its settings say.",
        )
        .answers::<camera::Camera>(),
        route(
            Get,
            "/api/v1/cameras/{camera}/settings",
            May::ManageCameras,
            camera_settings::show,
            "What a camera is to be, without its password.",
        )
        .answers::<wire::CameraSettings>(),
    ]
}
