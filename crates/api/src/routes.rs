//! The whole API on one page: method, path, permission, handler.

use access::Permission as May;
use axum::response::{IntoResponse, Redirect};
use axum::routing::any;
use axum::{Extension, Router};

use crate::app::App;
use crate::guard;
use crate::handlers::{
    accounts, alarms, cameras, clip, footage, hls, keeping, keyframes, live, page, repair, sheets,
    stills, system, volumes, watch,
};
use crate::openapi::{Document, document};
use crate::problem::Problem;
use crate::query::Param;
use crate::route::Method::{Delete, Get, Patch, Post, Put};
use crate::route::{Route, route};
use crate::wire::{
    account, alarm, camera, footage as wire_footage, keeping as wire_keeping,
    repair as wire_repair, server, watch as wire_watch,
};

const FROM: Param = Param {
    name: "from",
    required: false,
    says: "First instant: RFC 3339, Unix milliseconds, `now`, or a time ago such as `-90s`, `-2h`.",
};
const TO: Param = Param {
    name: "to",
    required: false,
    says: "First instant after the range, written as `from`.",
};
const RANGE: &[Param] = &[Param { required: true, ..FROM }, TO];
const MAX: Param = Param {
    name: "max",
    required: false,
    says: "At most so many key frames, evenly spaced: 120 unless said, and no more than 1000.",
};
const WIDTH: Param = Param {
    name: "width",
    required: false,
    says: "So many pixels across suffice: the smallest recorded stream that has them is taken.",
};
const KEY_FRAMES: &[Param] = &[Param { required: true, ..FROM }, TO, MAX];
const CAMERA_KEY_FRAMES: &[Param] = &[Param { required: true, ..FROM }, TO, MAX, WIDTH];
const AT: Param = Param {
    name: "at",
    required: true,
    says: "The instant, written as `from`. The key frame at or before it is shown, where that is \
           no older than a minute; else the next one. `x-holdfast-time` says which.",
};
const STILL_WIDTH: Param = Param {
    name: "width",
    required: false,
    says: "Scaled to so many pixels across; never enlarged.",
};
const STILL: &[Param] = &[AT, STILL_WIDTH];
const CHOSEN: (&str, &str) = ("x-holdfast-stream", "The stream that the pictures are of.");
const CHOSEN_HEADERS: &[(&str, &str)] = &[CHOSEN];
const STILL_HEADERS: &[(&str, &str)] =
    &[CHOSEN, ("x-holdfast-time", "The instant that the picture is of, as RFC 3339.")];
const SHEET_HEADERS: &[(&str, &str)] = &[
    CHOSEN,
    (
        "x-holdfast-missing",
        "Places of pictures that could not be decoded, in reading order from 0, by commas.",
    ),
];
const SHEET: &[Param] = &[
    Param { required: true, ..FROM },
    TO,
    Param { name: "columns", required: false, says: "Pictures beside one another: 5." },
    Param { name: "rows", required: false, says: "Pictures below one another: 4." },
    Param { name: "width", required: false, says: "Pixels across of each picture: 320." },
];
const TIMESTAMPS: Param = Param {
    name: "timestamps",
    required: false,
    says: "`true`: with a track of text (subtitles) that shows the time of day in the archive's \
           time zone, second by second.",
};
const CLIP: &[Param] = &[Param { required: true, ..FROM }, TO, TIMESTAMPS, GAPS, IN_BAND];
const CLIP_OF_SEVERAL: &[Param] = &[
    Param {
        name: "stream",
        required: true,
        says: "`camera/stream`; once for each stream, 16 at most.",
    },
    Param { required: true, ..FROM },
    TO,
    TIMESTAMPS,
    GAPS,
    IN_BAND,
];
const IN_BAND: Param = Param {
    name: "parameters",
    required: false,
    says: "`apart` (or nothing): other parameters are another sample entry. `in-band`: they stand \
           before each key frame, for players that know the first sample entry only.",
};
const GAPS: Param = Param {
    name: "gaps",
    required: false,
    says: "`keep` (or nothing): the picture before a gap stands until footage goes on. `squeeze`: \
           what follows a gap of over two seconds comes right behind what is before it.",
};
const CLIP_HEADERS: &[(&str, &str)] = &[PARAMETERS];
const CLIP_OF_SEVERAL_HEADERS: &[(&str, &str)] = &[PARAMETERS, WITHOUT_FOOTAGE];
const PARAMETERS: (&str, &str) = (
    "x-holdfast-parameters",
    "How many different parameters (size of picture, profile, …) the track has that has most. \
     Where it is more than 1, some browsers show the clip up to the first change only.",
);
const WITHOUT_FOOTAGE: (&str, &str) = (
    "x-holdfast-without-footage",
    "Streams that have no footage in the range and are left out, as `camera/stream`, by commas.",
);
const RESOLUTION: Param = Param {
    name: "resolution",
    required: false,
    says: "What is shorter may be merged: a time such as `1500ms`, `2s`, or plain milliseconds.",
};
const TIMELINE: &[Param] = &[FROM, TO, RESOLUTION];
const RECORDINGS: &[Param] = &[
    FROM,
    TO,
    Param { name: "cursor", required: false, says: "`next` of the page before." },
    Param { name: "limit", required: false, says: "At most so many rows." },
];

const ALARMS: &[Param] = &[
    Param { name: "active", required: false, says: "`true`: those that last; `false`: the rest." },
    Param { name: "cursor", required: false, says: "`next` of the page before." },
    Param { name: "limit", required: false, says: "At most so many rows." },
];

const SPAN: &[Param] = &[Param { required: true, ..FROM }, Param { required: true, ..TO }];
const PROTECT: &[Param] = &[
    Param { required: true, ..FROM },
    Param { required: true, ..TO },
    Param { name: "note", required: false, says: "Why, in a few words." },
];
const AUDIT: &[Param] = &[
    Param { name: "cursor", required: false, says: "`next` of the page before." },
    Param { name: "limit", required: false, says: "At most so many rows." },
];

const FORGET: &[Param] = &[Param {
    name: "forget_footage",
    required: false,
    says: "`true`: for a disk that is dead. What is on the volume is forgotten.",
}];

const LIVE: &[Param] = &[
    Param {
        name: "_HLS_msn",
        required: false,
        says: "The answer waits until the playlist has the media segment of this number.",
    },
    Param {
        name: "_HLS_part",
        required: false,
        says: "Together with `_HLS_msn`: until it has this part of it, counted from 0.",
    },
    Param {
        name: "_HLS_skip",
        required: false,
        says: "Passed over: a live playlist is too short to leave anything out.",
    },
];

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
        cameras_and_footage(),
        pictures(),
        sheets_of_pictures(),
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
            .status(204),
        route(Post, "/api/v1/login", May::Public, accounts::login, "Begins a session.")
            .takes::<account::Login>()
            .status(204),
        route(Post, "/api/v1/logout", May::Public, accounts::logout, "Ends the session.")
            .status(204),
    ]
}

fn cameras_and_footage() -> Vec<Route> {
    vec![
        route(Get, "/api/v1/cameras", May::ViewLive, cameras::list, "All cameras.")
            .answers::<camera::Cameras>(),
        route(Get, "/api/v1/cameras/{camera}", May::ViewLive, cameras::one, "One camera.")
            .answers::<camera::Camera>(),
        route(Get, stream!(""), May::ViewLive, cameras::stream, "One stream.")
            .answers::<camera::Stream>(),
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
            "What such a playlist names.",
        )
        .answers_media("video/mp4"),
        route(Get, stream!("/timeline"), May::ViewFootage, footage::timeline, "Footage and gaps.")
            .params(TIMELINE)
            .answers::<wire_footage::Timeline>(),
        route(Get, stream!("/recordings"), May::ViewFootage, footage::recordings, "The list.")
            .params(RECORDINGS)
            .answers::<wire_footage::Recordings>(),
        route(Get, stream!("/clip.mp4"), May::ViewFootage, clip::clip, "Any range as one file.")
            .params(CLIP)
            .headers(CLIP_HEADERS)
            .answers_media("video/mp4"),
        route(
            Get,
            "/api/v1/cameras/{camera}/hls.m3u8",
            May::ViewFootage,
            hls::master,
            "Any range as HLS, with the streams of a camera as variants.",
        )
        .params(RANGE)
        .answers_media("application/vnd.apple.mpegurl"),
        route(Get, stream!("/hls.m3u8"), May::ViewFootage, hls::playlist, "Any range as HLS.")
            .params(RANGE)
            .answers_media("application/vnd.apple.mpegurl"),
        route(
            Get,
            stream!("/hls/{segment}/{file}"),
            May::ViewFootage,
            hls::file,
            "What such a playlist names.",
        )
        .answers_media("video/mp4"),
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
        .answers_media("video/mp4"),
        route(Get, "/api/v1/changes", May::ViewLive, watch::changes, "WebSocket: what changes.")
            .answers::<wire_watch::ChangeMessage>()
            .status(101),
    ]
}

fn keeping_footage() -> Vec<Route> {
    vec![
        route(Get, stream!("/protected"), May::ViewFootage, keeping::protected, "What stays.")
            .params(&[FROM, TO])
            .answers::<wire_keeping::ProtectedList>(),
        route(Put, stream!("/protected"), May::ManageFootage, keeping::protect, "Protects a span.")
            .params(PROTECT)
            .answers::<wire_keeping::Protected>(),
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
            .answers::<wire_keeping::Deleted>(),
        route(
            Post,
            "/api/v1/forecast",
            May::ManageSystem,
            keeping::forecast,
            "What other limits would remove, and how far streams would reach.",
        )
        .takes::<wire_keeping::Proposal>()
        .answers::<wire_keeping::Outcome>(),
        route(Get, "/api/v1/audit", May::ManageSystem, keeping::audited, "Who did what.")
            .params(AUDIT)
            .answers::<wire_keeping::Audit>(),
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
        .answers_media(KEY_FRAMES_MEDIA),
        route(
            Get,
            camera!("/keyframes"),
            May::ViewFootage,
            keyframes::keyframes,
            "The same of the stream that suffices.",
        )
        .params(CAMERA_KEY_FRAMES)
        .headers(CHOSEN_HEADERS)
        .answers_media(KEY_FRAMES_MEDIA),
        route(Get, stream!("/still.jpg"), May::ViewFootage, stills::still, "One picture.")
            .params(STILL)
            .headers(STILL_HEADERS)
            .answers_media("image/jpeg"),
        route(
            Get,
            camera!("/still.jpg"),
            May::ViewFootage,
            stills::still,
            "The same of the stream that suffices.",
        )
        .params(STILL)
        .headers(STILL_HEADERS)
        .answers_media("image/jpeg"),
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
        .answers_media("image/jpeg"),
        route(
            Get,
            camera!("/sheet.jpg"),
            May::ViewFootage,
            sheets::picture,
            "The same of the stream that suffices.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers_media("image/jpeg"),
        route(
            Get,
            stream!("/sheet.json"),
            May::ViewFootage,
            sheets::times,
            "The times of its pictures.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers::<wire_footage::Sheet>(),
        route(
            Get,
            camera!("/sheet.json"),
            May::ViewFootage,
            sheets::times,
            "The same of the stream that suffices.",
        )
        .params(SHEET)
        .headers(SHEET_HEADERS)
        .answers::<wire_footage::Sheet>(),
    ]
}

fn the_system() -> Vec<Route> {
    vec![
        route(Get, "/api/v1/alarms", May::ViewLive, alarms::list, "What is and was wrong.")
            .params(ALARMS)
            .answers::<alarm::Alarms>(),
        route(Get, "/api/v1/volumes", May::ManageSystem, system::volumes, "All volumes.")
            .answers::<server::Volumes>(),
        route(Patch, "/api/v1/volumes/{volume}", May::ManageSystem, volumes::change, "Changes it.")
            .takes::<server::VolumeChange>()
            .status(204),
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
            "Removes it.",
        )
        .params(FORGET)
        .answers::<server::VolumeRemoved>(),
        route(Get, "/api/v1/config", May::ManageSystem, system::export, "Cameras as text.")
            .answers_media("application/toml"),
        route(Put, "/api/v1/config", May::ManageSystem, system::apply, "Applies such a text.")
            .takes_media("application/toml")
            .answers::<server::Applied>(),
    ]
}

fn accounts() -> Vec<Route> {
    vec![
        route(Get, "/api/v1/users", May::ManageSystem, accounts::users, "All accounts.")
            .answers::<account::Users>(),
        route(Post, "/api/v1/users", May::ManageSystem, accounts::add_user, "Makes an account.")
            .takes::<account::NewUser>()
            .answers::<account::User>()
            .status(201),
        route(Get, "/api/v1/sessions", May::SignedIn, accounts::sessions, "One's own sessions.")
            .answers::<account::Sessions>(),
        route(
            Delete,
            "/api/v1/sessions/{session}",
            May::SignedIn,
            accounts::end_session,
            "Ends one of them.",
        )
        .status(204),
        route(Get, "/api/v1/tokens", May::ManageSystem, accounts::tokens, "All tokens.")
            .answers::<account::Tokens>(),
        route(Post, "/api/v1/tokens", May::ManageSystem, accounts::add_token, "Makes a token.")
            .takes::<account::NewToken>()
            .answers::<account::MadeToken>()
            .status(201),
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
        route(Get, "/readyz", May::Public, system::readyz, "Whether it can record and serve.")
            .answers::<server::Ready>(),
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
