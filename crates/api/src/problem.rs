//! Every way to say no: what kind of error becomes which status, type and words, in one place.

use axum::response::{IntoResponse, Response};
use base::WallTime;
use http::{HeaderValue, StatusCode, header};

use crate::operations::{ApplyError, CommitError, OperationError};
use crate::wire;

/// A camera that is not there is asked after again in so many seconds.
const NOT_LIVE_RETRY_S: u64 = 2;

/// An answer that is not the one asked for.
#[derive(Debug)]
pub enum Problem {
    /// A parameter, header or member is wrong: its name, and what to write.
    BadInput(String, String),
    /// Nobody known asks.
    NotSignedIn,
    /// Name or password is wrong.
    WrongPassword,
    /// There is no account yet.
    NotSetUp,
    /// The caller is known, and may not.
    Forbidden(String),
    /// The caller is known, and may not have that member say what it says.
    ForbiddenField(String, String),
    /// The `Host` is not one of ours.
    UnknownHost(String),
    /// Another site's page asks in its visitor's name.
    ForeignOrigin(String),
    /// There is no such thing.
    NotFound(String),
    /// It would take more space than there is for it.
    NoRoom(String),
    /// Nothing was recorded in the range; what was.
    NoFootage(String, Option<(WallTime, WallTime)>),
    /// The range does not fit into one file.
    ClipTooLong(String),
    /// The range does not fit into one playlist.
    PlaylistTooLong(String),
    /// The footage is there and cannot be decoded.
    Undecodable(String),
    /// The path has other methods.
    MethodNotAllowed,
    /// It is changed in a file only.
    ManagedByFile(String),
    /// Another one has that name; the member that says it, where that is known.
    NameTaken(Option<&'static str>, String),
    /// It holds what has to stay.
    InUse(String),
    /// It collides with what is there.
    Conflict(String),
    /// `If-Match` names another version.
    PreconditionFailed,
    /// The body is larger than any that is asked for.
    TooLarge,
    /// The body is of another type than the one asked for.
    UnsupportedMediaType(&'static str),
    /// No range asked for lies in the file of this length.
    RangeNotSatisfiable(u64),
    /// Too many tries; seconds to wait.
    TooManyAttempts(u64),
    /// As many are served as can be.
    Busy(String),
    /// Nothing of the stream can be shown live now.
    NotLive(String),
    /// What was recorded before the start is being read: soon it is known.
    StillReading,
    /// What is needed for the answer does not work now.
    Unavailable(String),
    /// A bug.
    Internal(String),
}

impl Problem {
    /// A parameter or member that is wrong.
    pub fn bad(field: &str, detail: impl Into<String>) -> Self {
        Self::BadInput(field.to_owned(), detail.into())
    }

    /// A limit is tighter than it was, says `field`, and the caller may not delete footage.
    pub(crate) fn tightens(field: String, what: &str) -> Self {
        let denied = access::Denied::Forbidden(access::Permission::ManageFootage);
        Self::ForbiddenField(field, format!("{denied}: {what}"))
    }

    /// Status, type and title: what programs tell errors apart by.
    pub(crate) fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::BadInput(..) => (S::BAD_REQUEST, "bad-input", "the request is wrong"),
            Self::NotSignedIn => (S::UNAUTHORIZED, "not-signed-in", "not signed in"),
            Self::WrongPassword => (S::UNAUTHORIZED, "wrong-password", "wrong name or password"),
            Self::NotSetUp => (S::FORBIDDEN, "not-set-up", "there is no account yet"),
            Self::Forbidden(_) | Self::ForbiddenField(..) => {
                (S::FORBIDDEN, "forbidden", "not permitted")
            }
            Self::UnknownHost(_) => (S::MISDIRECTED_REQUEST, "unknown-host", "unknown host name"),
            Self::ForeignOrigin(_) => (S::FORBIDDEN, "foreign-origin", "asked by another site"),
            Self::NotFound(_) => (S::NOT_FOUND, "not-found", "there is no such thing"),
            Self::NoFootage(..) => (S::NOT_FOUND, "no-footage", "nothing was recorded then"),
            Self::ClipTooLong(_) => (S::BAD_REQUEST, "clip-too-long", "too long for one file"),
            Self::PlaylistTooLong(_) => {
                (S::BAD_REQUEST, "playlist-too-long", "too long for one playlist")
            }
            Self::Undecodable(_) => {
                (S::UNPROCESSABLE_ENTITY, "undecodable", "the footage cannot be decoded")
            }
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", "no such method here")
            }
            Self::ManagedByFile(_) => (S::CONFLICT, "managed-by-file", "managed by a file"),
            Self::NameTaken(..) => (S::CONFLICT, "name-taken", "another one has that name"),
            Self::InUse(_) => (S::CONFLICT, "in-use", "it holds what has to stay"),
            Self::Conflict(_) => (S::CONFLICT, "conflict", "it collides with what is there"),
            Self::NoRoom(_) => (S::INSUFFICIENT_STORAGE, "no-room", "there is no room for it"),
            Self::PreconditionFailed => {
                (S::PRECONDITION_FAILED, "precondition-failed", "it has another version")
            }
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "the body is too large"),
            Self::UnsupportedMediaType(_) => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "the body has another type")
            }
            Self::RangeNotSatisfiable(_) => {
                (S::RANGE_NOT_SATISFIABLE, "range-not-satisfiable", "the range is outside")
            }
            Self::TooManyAttempts(_) => {
                (S::TOO_MANY_REQUESTS, "too-many-attempts", "too many attempts")
            }
            Self::Busy(_) => (S::SERVICE_UNAVAILABLE, "busy", "too much at once"),
            Self::NotLive(_) => {
                (S::SERVICE_UNAVAILABLE, "not-live", "there are no live pictures now")
            }
            Self::StillReading => (S::SERVICE_UNAVAILABLE, "still-reading", "not read yet"),
            Self::Unavailable(_) => (S::SERVICE_UNAVAILABLE, "unavailable", "out of order now"),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal", "an internal error"),
        }
    }

    /// What is wrong, in words.
    pub fn detail(&self) -> String {
        match self {
            Self::BadInput(_, detail)
            | Self::Forbidden(detail)
            | Self::ForbiddenField(_, detail)
            | Self::NotFound(detail)
            | Self::NoFootage(detail, _)
            | Self::ClipTooLong(detail)
            | Self::PlaylistTooLong(detail)
            | Self::Undecodable(detail)
            | Self::NameTaken(_, detail)
            | Self::InUse(detail)
            | Self::Conflict(detail)
            | Self::NoRoom(detail)
            | Self::Busy(detail)
            | Self::NotLive(detail)
            | Self::Unavailable(detail)
            | Self::Internal(detail) => detail.clone(),
            Self::NotSignedIn => access::Denied::NotSignedIn.to_string(),
            Self::NotSetUp => access::Denied::NotSetUp.to_string(),
            Self::WrongPassword => "no account has this name and password".into(),
            Self::UnknownHost(host) => format!(
                "this server is not known as {host:?}; use its address, or name it under `hosts` \
                 in [server]"
            ),
            Self::ForeignOrigin(origin) => {
                format!("a page of {origin} may not do this in your name")
            }
            Self::StillReading => {
                "what was recorded last is not written yet, or not read after a start: try again \
                 in a second"
                    .into()
            }
            Self::MethodNotAllowed => "see the Allow header for what there is".into(),
            Self::ManagedByFile(what) => {
                format!("{what} is managed by a configuration file; change it there")
            }
            Self::PreconditionFailed => "If-Match names another version of it".into(),
            Self::TooLarge => {
                format!("a body has at most {} bytes", base::limits::HTTP_BODY_BYTES_MAX)
            }
            Self::UnsupportedMediaType(wanted) => format!("send it as {wanted}"),
            Self::RangeNotSatisfiable(len) => format!("the file has {len} bytes"),
            Self::TooManyAttempts(seconds) => format!("try again in {seconds} s"),
        }
    }

    fn to_wire(&self) -> wire::server::Problem {
        let (status, kind, title) = self.kind();
        let mut problem = wire::server::Problem {
            kind: kind.to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail(),
            field: None,
            recorded: None,
            retry_after_s: None,
        };
        match self {
            Self::BadInput(field, _) | Self::ForbiddenField(field, _) => {
                problem.field = Some(field.clone())
            }
            Self::NameTaken(field, _) => problem.field = field.map(str::to_owned),
            Self::ClipTooLong(_) | Self::PlaylistTooLong(_) => {
                problem.field = Some("to".into());
            }
            Self::NoFootage(_, Some((from, to))) => {
                problem.recorded = Some(wire::Span { from: (*from).into(), to: (*to).into() });
            }
            Self::TooManyAttempts(seconds) => problem.retry_after_s = Some(*seconds),
            Self::NotLive(_) => problem.retry_after_s = Some(NOT_LIVE_RETRY_S),
            Self::StillReading => problem.retry_after_s = Some(1),
            _ => {}
        }
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = self.to_wire();
        if let Self::Internal(detail) | Self::Unavailable(detail) = &self {
            tracing::warn!(kind = problem.kind, "request not served: {detail}");
        }
        let body = serde_json::to_vec(&problem).expect("plain values become JSON");
        let mut answer = (self.kind().0, body).into_response();
        let headers = answer.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::NotSignedIn => {
                let bearer = HeaderValue::from_static("Bearer realm=\"holdfast\"");
                headers.insert(header::WWW_AUTHENTICATE, bearer);
            }
            Self::RangeNotSatisfiable(len) => {
                if let Ok(value) = HeaderValue::try_from(format!("bytes */{len}")) {
                    headers.insert(header::CONTENT_RANGE, value);
                }
                headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            }
            Self::TooManyAttempts(seconds) => {
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            Self::NotLive(_) => {
                headers.insert(header::RETRY_AFTER, NOT_LIVE_RETRY_S.into());
            }
            Self::Busy(_) | Self::StillReading => {
                headers.insert(header::RETRY_AFTER, 1u64.into());
            }
            _ => {}
        }
        answer
    }
}

impl From<access::Denied> for Problem {
    fn from(denied: access::Denied) -> Self {
        match denied {
            access::Denied::NotSetUp => Self::NotSetUp,
            access::Denied::NotSignedIn => Self::NotSignedIn,
            access::Denied::Forbidden(_) => Self::Forbidden(denied.to_string()),
        }
    }
}

impl From<catalog::ReadError> for Problem {
    fn from(error: catalog::ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<playback::SourceError> for Problem {
    fn from(error: playback::SourceError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<still::DrawError> for Problem {
    fn from(error: still::DrawError) -> Self {
        use still::DrawError as E;
        match error {
            E::Undecodable(why) => Self::Undecodable(why),
            E::Died(_) | E::TooSlow(_) | E::Stopping => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<playback::ReadError> for Problem {
    fn from(error: playback::ReadError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<live::SubscribeError> for Problem {
    fn from(error: live::SubscribeError) -> Self {
        match error {
            live::SubscribeError::NoStream => Self::NotLive(error.to_string()),
            live::SubscribeError::TooMany(_)
            | live::SubscribeError::TooManyAired(_)
            | live::SubscribeError::NoMemory(_) => Self::Busy(error.to_string()),
        }
    }
}

impl From<live::LiveFileError> for Problem {
    fn from(error: live::LiveFileError) -> Self {
        use live::LiveFileError as E;
        match error {
            E::NoSignal(_) | E::Gone => Self::NotLive(error.to_string()),
            E::Unplayable | E::Missing => Self::NotFound(error.to_string()),
            E::TooFar => Self::bad("_HLS_msn", error.to_string()),
        }
    }
}

impl From<playback::PlanError> for Problem {
    fn from(error: playback::PlanError) -> Self {
        match error {
            playback::PlanError::EmptyRange { .. } => Self::bad("to", error.to_string()),
            playback::PlanError::NoFootage(ref found) => {
                let recorded = found.recorded.map(|span| (span.from, span.to));
                Self::NoFootage(no_footage(&error.to_string(), recorded), recorded)
            }
            playback::PlanError::TooLong | playback::PlanError::GapTooLong { .. } => {
                Self::ClipTooLong(error.to_string())
            }
            playback::PlanError::PlaylistTooLong => Self::PlaylistTooLong(error.to_string()),
            playback::PlanError::NotForHls => Self::NotFound(error.to_string()),
            playback::PlanError::Source(error) => error.into(),
            playback::PlanError::Disagrees(error) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<export::ExportError> for Problem {
    fn from(error: export::ExportError) -> Self {
        use export::ExportError as E;
        match error {
            E::NoStream | E::TooMany { .. } => Self::bad("streams", error.to_string()),
            E::Clip { why, .. } => why.into(),
            E::Source(why) => why.into(),
        }
    }
}

/// `what` and, in words, what there is instead.
pub(crate) fn no_footage(what: &str, recorded: Option<(WallTime, WallTime)>) -> String {
    match recorded {
        Some((from, to)) => format!("{what}; there is footage from {from} to {to}"),
        None => format!("{what}; nothing of this stream has been recorded yet"),
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        Self::Unavailable(error.0)
    }
}

impl From<ApplyError> for Problem {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Invalid(why) => Self::bad("body", why),
            ApplyError::ManagedByFile(what) => Self::ManagedByFile(what),
            ApplyError::Tightens(_) => Self::tightens("body".to_owned(), &error.to_string()),
            ApplyError::Failed(error) => error.into(),
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(why @ catalog::Refusal::NoRoom(_)) => {
                Self::NoRoom(why.to_string())
            }
            CommitError::Refused(why @ catalog::Refusal::NameTaken(_)) => {
                Self::NameTaken(None, why.to_string())
            }
            CommitError::Refused(why) => Self::Conflict(why.to_string()),
            CommitError::Failed(error) => error.into(),
        }
    }
}
