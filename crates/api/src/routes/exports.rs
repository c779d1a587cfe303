//! Exports: footage that is taken away as a file.

use access::Permission as May;

use super::params::{EXPORT_HEADERS, PAGE, PARTS};
use crate::handlers::exports;
use crate::route::Method::{Delete, Get, Post};
use crate::route::{Route, route};
use crate::wire::export;

const EXPORTS: &str = "/api/v1/exports";

pub(super) fn table() -> Vec<Route> {
    vec![
        route(Get, EXPORTS, May::Export, exports::list, "All exports.")
            .params(PAGE)
            .answers::<export::Exports>(),
        route(Post, EXPORTS, May::Export, exports::add, "Asks for an export.")
            .takes::<export::NewExport>()
            .answers::<export::Export>()
            .status(201)
            .fails(&[404, 409, 507]),
        route(Get, "/api/v1/exports/{export}", May::Export, exports::one, "One export.")
            .answers::<export::Export>(),
        route(
            Delete,
            "/api/v1/exports/{export}",
            May::Export,
            exports::delete,
            "Cancels an export, or deletes it with its file.",
        )
        .status(204)
        .fails(&[409]),
        route(
            Get,
            "/api/v1/exports/{export}/export.zip",
            May::Export,
            exports::file,
            "The file of an export, whole or in parts.",
        )
        .headers(EXPORT_HEADERS)
        .answers_media("application/zip")
        .also(PARTS)
        // 409 until it is done.
        .fails(&[404, 409, 412, 416]),
        route(
            Get,
            "/api/v1/exports/{export}/manifest.json",
            May::Export,
            exports::manifest,
            "What an export's file says of itself, signature unchecked: clips, gaps, hashes.",
        )
        .answers_media("application/json")
        .also(PARTS)
        .fails(&[404, 409, 412, 416]),
    ]
}
