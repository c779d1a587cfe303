//! What the document says of errors: which statuses a route may answer with, and what they mean.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::header;
use crate::route::{Method, Route};
use crate::wire;

/// What each status of an error says, with the types that it may have.
const PROBLEMS: &[(u16, &str)] = &[
    (
        400,
        "A parameter, a header or the body is wrong, or has what is not known here (`bad-input`); \
         or the range is too long for one file (`clip-too-long`) or one playlist \
         (`playlist-too-long`).",
    ),
    (401, "Nobody known asks (`not-signed-in`), or name or password is wrong (`wrong-password`)."),
    (
        403,
        "The caller may not (`forbidden`), another site asks in their name (`foreign-origin`), or \
         there is no account yet (`not-set-up`).",
    ),
    (404, "There is no such thing (`not-found`), or nothing was recorded then (`no-footage`)."),
    (
        409,
        "It collides with what is there: a name is another one's (`name-taken`), it holds what has \
         to stay (`in-use`), a file manages it (`managed-by-file`), or else (`conflict`).",
    ),
    (412, "`If-Match` names another version of it (`precondition-failed`)."),
    (413, "The body is too large (`too-large`)."),
    (415, "The body is of another type (`unsupported-media-type`)."),
    (416, "No range that is asked for lies in it (`range-not-satisfiable`)."),
    (421, "The server is not known under this `Host` (`unknown-host`)."),
    (422, "The footage is there and cannot be decoded (`undecodable`)."),
    (429, "Too many attempts (`too-many-attempts`)."),
    (500, "A bug (`internal`)."),
    (
        503,
        "Too much is asked at once (`busy`), nothing comes from the camera (`not-live`), what was \
         recorded last is not read yet (`still-reading`), or something is out of order \
         (`unavailable`): a disk, the catalog, a decoder.",
    ),
    (507, "It would take more space than there is for it (`no-room`)."),
];

/// Headers of errors, by status.
const HEADERS: &[(u16, &str, &str)] = &[
    (401, "www-authenticate", "How to say who asks; not with `wrong-password`."),
    (416, "content-range", "How long the file is: `bytes */LENGTH`."),
    (429, "retry-after", "Seconds to wait."),
    (503, "retry-after", "Seconds to wait; not with `unavailable`."),
];

/// The errors, by status.
pub(super) fn problems(schemas: &mut SchemaGenerator) -> Value {
    let schema = schemas.subschema_for::<wire::server::Problem>();
    let content = json!({ "application/problem+json": { "schema": schema } });
    let of = |(status, says): &(u16, &str)| {
        let mut problem = json!({ "description": says, "content": content });
        for (_, name, says) in HEADERS.iter().filter(|(own, ..)| own == status) {
            problem["headers"][name] = header(says);
        }
        (status.to_string(), problem)
    };
    PROBLEMS.iter().map(of).collect::<Map<String, Value>>().into()
}

/// Statuses of the errors that a route may answer with.
pub(super) fn failures(route: &Route) -> Vec<u16> {
    // Of any route: a parameter that it does not know, a foreign host, load, bugs.
    let mut statuses = vec![400, 421, 500, 503];
    if route.permission != access::Permission::Public {
        statuses.extend([401, 403]);
    }
    if route.method != Method::Get {
        statuses.push(403);
    }
    if route.path.contains('{') {
        statuses.push(404);
    }
    if route.body.is_some() {
        statuses.extend([413, 415]);
    }
    statuses.extend(route.problems);
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}
