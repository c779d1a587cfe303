//! The whole API on one page: method, path, permission, handler.

mod camera_settings;
mod exports;
mod params;

use access::Permission as May;
use axum::response::{IntoResponse, Redirect};
use axum::routing::any;
use axum::{Extension, Router};

use self::params::{
    ACTIVITY, ACTIVITY_OF_SEVERAL, ALARMS, CAMERA_KEY_FRAMES, CAMERA_STILL, CHOSEN_HEADERS, CLIP,
    CLIP_HEADERS, CLIP_OF_SEVERAL, CLIP_OF_SEVERAL_HEADERS, DRAWN, FILE, FORGET, FROM, KEY_FRAMES,
    LIVE, LOGS, PAGE, PARTS, PARTS_OR_ELSEWHERE, PICTURE, PROTECT, RANGE, RECORDINGS,
    SESSION_HEADERS, SHEET, SHEET_HEADERS, SPAN, STILL, STILL_HEADERS, TIMELINE, TO,
};
use crate::app::App;
use crate::guard;
use crate::handlers::{
    accounts, activity, alarms, cameras, clip, footage, hls, keeping, keyframes, live, logs, page,
    repair, sheets, stills, system, volumes, watch,
};
use crate::openapi::{Document, document};
use crate::problem::Problem;
use crate::route::Method::{Delete, Get, Patch, Post, Put};
use crate::route::{Route, route};
use crate::wire::{
    account, alarm, camera, footage as wire_footage, keeping as wire_keeping, logs as wire_logs,
    repair as wire_repair, server, watch as wire_watch,
};

/// The path of a stream and what follows it.
macro_rules! stream {
    ($leaf:literal) => {
        concat!("/api/v1/cameras/{camera}/streams/{stream}", $leaf)
    };
}

/// The path of a camera and what follows it.
macro_rules! camera {
    ($leaf:literal) => {
        concat!("/api/v1/cameras/{camera}", $leaf)
    };
}

/// All routes. The router and the API document are made from this and nothing else.
pub(crate) fn table() -> Vec<Route> {
    [
        signing_in(),
        cameras_and_live(),
        camera_settings::table(),
        recorded(),
        what_moved(),
        pictures(),
        sheets_of_pictures(),
        exports::table(),
        keeping_footage(),
        the_system(),
        accounts(),
        for_machines(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn signing_in() -> Vec<Route> {
    vec![
        route(
            Get,
            "/api/v1/",
            May::Public,
            system::root,
            "Who serves, who asks, what they may do.",
        )
        .answers::<server::Root>(),
        route(Get, "/api/v1/openapi.json", May::Public, system::openapi, "This document.")
            .answers_media("application/json"),
        route(Post, "/api/v1/setup", May::Public, accounts::setup, "Uses a one-time link.")
            .takes::<account::Setup>()
            .headers(SESSION_HEADERS)
            .status(204)
            .fails(&[409]),
        route(Post, "/api/v1/login", May::Public, accounts::login, "Begins a session.")
            .takes::<account::Login>()
            .headers(SESSION_HEADERS)
            .status(204)
            .fails(&[401, 429]),
        route(Post, "/api/v1/logout", May::Public, accounts::logout, "Ends the session.")
            .headers(SESSION_HEADERS)
            .status(204),
    ]
}

fn cameras_and_live() -> Vec<Route> {
    vec![
        route(Get, "/api/v1/cameras", May::ViewLive, cameras::list, "All cameras.")
            .answers::<camera::Cameras>(),
        route(Get, "/api/v1/cameras/{camera}", May::ViewLive, cameras::one, "One camera.")
            .answers::<camera::Camera>(),
        route(Get, stream!(""), May::ViewLive, cameras::stream, "One stream.")
            .answers::<camera::Stream>(),
        route(
            Get,
            "/api/v1/cameras/{camera}/live.m3u8",
            May::ViewLive,
            live::master,
            "Low-latency HLS: live, with the streams of a camera as variants.",
        )
        .answers_media("application/vnd.apple.mpegurl"),
        route(Get, stream!("/live"), May::ViewLive, watch::live, "WebSocket: live pictures.")
            .answers::<wire_watch::LiveMessage>()
            .status(101),
        route(Get, stream!("/live.m3u8"), May::ViewLive, live::playlist, "Low-latency HLS: live.")
            .params(LIVE)
            .answers_media("application/vnd.apple.mpegurl"),
        route(
            Get,
            stream!("/live/{airing}/{file}"),
            May::ViewLive,
            live::file,
            "A file that a live playlist names.",
        )
        .answers_media("video/mp4")
        .also(PARTS)
        .fails(FILE),
        route(Get, "/api/v1/changes", May::ViewLive, watch::changes, "WebSocket: what changes.")
            .answers::<wire_watch::ChangeMessage>()
            .status(101),
    ]
}

fn recorded() -> Vec<Route> {
    vec![
        route(Get, stream!("/timeline"), May::ViewFootage, footage::timeline, "Footage and gaps.")
            .params(TIMELINE)
            .answers::<wire_footage::Timeline>(),
        route(Get, stream!("/recordings"), May::ViewFootage, footage::recordings, "Recordings.")
            .params(RECORDINGS)
            .answers::<wire_footage::Recordings>(),
        route(Get, stream!("/clip.mp4"), May::ViewFootage, clip::clip, "Any range as one file.")
            .params(CLIP)
            .headers(CLIP_HEADERS)
            .answers_media("video/mp4")
            .also(PARTS_OR_ELSEWHERE)
            .fails(FILE),
        route(
            Get,
            "/api/v1/cameras/{camera}/hls.m3u8",
            May::ViewFootage,
            hls::master,
            "Any range as HLS, with the streams of a camera as variants.",
        )
        .params(RANGE)
        .answers_media("application/vnd.apple.mpegurl")
        .also(PARTS_OR_ELSEWHERE)
        .fails(FILE),
        route(Get, stream!("/hls.m3u8"), May::ViewFootage, hls::playlist, "Any range as HLS.")
            .params(RANGE)
            .answers_media("application/vnd.apple.mpegurl")
            .also(PARTS_OR_ELSEWHERE)
            .fails(FILE),
        route(
            Get,
            stream!("/hls/{segment}/{file}"),
            May::ViewFootage,
            hls::file,
            "A file that a playlist of recorded footage names.",
        )
        .answers_media("video/mp4")
        .also(PARTS)
        .fails(FILE),
        route(
            Get,
            "/api/v1/clip.mp4",
            May::ViewFootage,
            clip::clip_of_several,
            "Any range of several streams as one file.",
        )
        .params(CLIP_OF_SEVERAL)
        .repeats(&["stream"])
        .headers(CLIP_OF_SEVERAL_HEADERS)
        .answers_media("video/mp4")
        .also(PARTS_OR_ELSEWHERE)
        .fails(FILE),
    ]
}

fn keeping_footage() -> Vec<Route> {
    vec![
        route(Get, stream!("/protected"), May::ViewFootage, keeping::protected, "Protected spans.")
            .params(&[FROM, TO])
            .answers::<wire_keeping::ProtectedList>(),
        route(Put, stream!("/protected"), May::ManageFootage, keeping::protect, "Protects a span.")
            .params(PROTECT)
            .answers::<wire_keeping::Protected>()
            .fails(&[409]),
        route(
            Delete,
            stream!("/protected"),
            May::ManageFootage,
            keeping::unprotect,
            "Takes the protection of a span away.",
        )
        .params(SPAN)
        .status(204),
        route(Delete, stream!("/footage"), May::ManageFootage, keeping::delete, "Deletes a span.")
            .params(SPAN)
            .answers::<wire_keeping::Deleted>()
            .fails(&[409]),
        route(
            Post,
            "/api/v1/forecast",
            May::ManageSystem,
            keeping::forecast,
            "What other limits would remove, and how far streams would reach.",
        )
        .takes::<wire_keeping::Proposal>()
        .answers::<wire_keeping::Outcome>()
        .fails(&[404]),
        route(Get, "/api/v1/audit", May::ManageSystem, keeping::audited, "Who did what.")
            .params(PAGE)
            .answers::<wire_keeping::Audit>(),
    ]
}

fn what_moved() -> Vec<Route> {
    vec![
        route(Get, stream!("/activity"), May::ViewFootage, activity::of_stream, "What moved when.")
            .params(ACTIVITY)
            .answers::<wire_footage::ActiveSpans>(),
        route(
            Get,
            "/api/v1/activity",
            May::ViewFootage,
            activity::of_several,
            "What moved when, of several streams.",
        )
        .params(ACTIVITY_OF_SEVERAL)
        .repeats(&["stream"])
        .answers::<wire_footage::ActiveSpans>()
        .fails(&[404]),
    ]
}

fn pictures() -> Vec<Route> {
    const KEY_FRAMES_MEDIA: &str = "application/vnd.holdfast.keyframes";
    vec![
        route(
            Get,
            stream!("/keyframes"),
            May::ViewFootage,
            keyframes::keyframes,
            "Evenly spaced key frames of a range, to be decoded by a page.",
        )
        .params(KEY_FRAMES)
        .headers(CHOSEN_HEADERS)
        .answers_media(KEY_FRAMES_MEDIA)
        .also(PARTS_OR_ELSEWHERE)
        .fails(FILE),
        route(
            Get,
            camera!("/keyframes"),
            May::ViewFootage,
            keyframes::keyframes,
            "Evenly spaced key frames of a range, of the camera's smallest stream that suffices.",
        )
        .params(CAMERA_KEY_FRAMES)
        .headers(CHOSEN_HEADERS)
        .answers_media(KEY_FRAMES_MEDIA)
        .also(PARTS_OR_ELSEWHERE)
        .fails(FILE),
        route(Get, stream!("/still.jpg"), May::ViewFootage, stills::still, "One picture.")
            .params(STILL)
            .headers(STILL_HEADERS)
            .answers_media("image/jpeg")
            .also(PICTURE)
            .fails(DRAWN),
        route(
            Get,
            camera!("/still.jpg"),
            May::ViewFootage,
            stills::still,
            "One picture, of the camera's smallest stream that suffices.",
        )
        .params(CAMERA_STILL)
        .headers(STILL_HEADERS)
        .answers_media("image/jpeg")
        .also(PICTURE)
        .fails(DRAWN),
    ]
}

fn sheets_of_pictures() -> Vec<Route> {
    vec![
        route(
            Get,
            stream!("/sheet.jpg"),
            May::ViewFootage,
            sheets::picture,
            "Evenly spaced pictures of a range in one.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers_media("image/jpeg")
        .also(PICTURE)
        .fails(DRAWN),
        route(
            Get,
            camera!("/sheet.jpg"),
            May::ViewFootage,
            sheets::picture,
            "Evenly spaced pictures in one, of the camera's smallest stream that suffices.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers_media("image/jpeg")
        .also(PICTURE)
        .fails(DRAWN),
        route(
            Get,
            stream!("/sheet.json"),
            May::ViewFootage,
            sheets::times,
            "The times of the pictures of a stream's sheet.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers::<wire_footage::Sheet>()
        .also(PICTURE)
        .fails(DRAWN),
        route(
            Get,
            camera!("/sheet.json"),
            May::ViewFootage,
            sheets::times,
            "The times of the pictures of a camera's sheet.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers::<wire_footage::Sheet>()
        .also(PICTURE)
        .fails(DRAWN),
    ]
}

fn the_system() -> Vec<Route> {
    vec![
        route(Get, "/api/v1/alarms", May::ViewLive, alarms::list, "What is and was wrong.")
            .params(ALARMS)
            .answers::<alarm::Alarms>(),
        route(Get, "/api/v1/logs", May::ManageSystem, logs::list, "What the program says.")
            .params(LOGS)
            .answers::<wire_logs::Log>(),
        route(Get, "/api/v1/volumes", May::ManageSystem, system::volumes, "All volumes.")
            .answers::<server::Volumes>(),
        route(
            Patch,
            "/api/v1/volumes/{volume}",
            May::ManageSystem,
            volumes::change,
            "Changes a volume.",
        )
        .takes::<server::VolumeChange>()
        .status(204)
        .fails(&[409]),
        route(
            Post,
            "/api/v1/volumes/{volume}/repair",
            May::ManageSystem,
            repair::repair,
            "Repairs what a check has found.",
        )
        .takes::<wire_repair::Suspect>()
        .answers::<wire_repair::Repaired>(),
        route(
            Delete,
            "/api/v1/volumes/{volume}",
            May::ManageSystem,
            volumes::remove,
            "Takes a volume out of the archive.",
        )
        .params(FORGET)
        .answers::<server::VolumeRemoved>()
        .fails(&[409]),
        route(Get, "/api/v1/config", May::ManageSystem, system::export, "Cameras as text.")
            .answers_media("application/toml"),
        route(Put, "/api/v1/config", May::ManageSystem, system::apply, "Applies cameras as text.")
            .takes_media("application/toml")
            .answers::<server::Applied>()
            .fails(&[409]),
    ]
}

fn accounts() -> Vec<Route> {
    vec![
        route(Get, "/api/v1/users", May::ManageSystem, accounts::users, "All accounts.")
            .answers::<account::Users>(),
        route(Post, "/api/v1/users", May::ManageSystem, accounts::add_user, "Makes an account.")
            .takes::<account::NewUser>()
            .answers::<account::User>()
            .status(201)
            .fails(&[409]),
        route(Get, "/api/v1/sessions", May::SignedIn, accounts::sessions, "One's own sessions.")
            .answers::<account::Sessions>(),
        route(
            Delete,
            "/api/v1/sessions/{session}",
            May::SignedIn,
            accounts::end_session,
            "Ends one of one's own sessions.",
        )
        .status(204),
        route(Get, "/api/v1/tokens", May::ManageSystem, accounts::tokens, "All tokens.")
            .answers::<account::Tokens>(),
        route(Post, "/api/v1/tokens", May::ManageSystem, accounts::add_token, "Makes a token.")
            .takes::<account::NewToken>()
            .answers::<account::MadeToken>()
            .status(201)
            .fails(&[409]),
        route(
            Delete,
            "/api/v1/tokens/{token}",
            May::ManageSystem,
            accounts::revoke_token,
            "Revokes a token.",
        )
        .status(204),
    ]
}

fn for_machines() -> Vec<Route> {
    vec![
        route(Get, "/livez", May::Public, system::livez, "Whether the process answers.")
            .answers_media("text/plain"),
        route(
            Get,
            "/readyz",
            May::Public,
            system::readyz,
            "Whether the server can record and serve.",
        )
        .answers::<server::Ready>()
        .also(&[503]),
        route(Get, "/metrics", May::ManageSystem, system::metrics, "For Prometheus.")
            .answers_media("text/plain"),
    ]
}

/// The router over the table; everything else is the page.
pub fn router(app: App) -> Router {
    let (table, mut router) = (table(), Router::<App>::new());
    let text = document(&table).to_string();
    for route in table {
        let (path, handler) = route.guarded(&app);
        router = router.route(path, handler);
    }
    router
        .route("/api/v1", any(Redirect::permanent("v1/")))
        .route("/api", any(no_such_path))
        .route("/api/{*rest}", any(no_such_path))
        .fallback(page::page)
        .method_not_allowed_fallback(no_such_method)
        .layer(Extension(Document(text.into())))
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard::outer))
        .with_state(app)
}

/// The document that `/api/v1/openapi.json` gives, and that stands in `docs/reference`.
pub fn openapi() -> serde_json::Value {
    document(&table())
}

async fn no_such_path() -> impl IntoResponse {
    Problem::NotFound("the API has no such path; see /api/v1/openapi.json".into())
}

async fn no_such_method() -> impl IntoResponse {
    Problem::MethodNotAllowed
}
