//! One route: method, path, permission and handler, with what the API document says of it. All
//! four are arguments of [`route`], so that a route without a permission does not compile.

use access::Permission;
use axum::handler::Handler;
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::app::App;
use crate::guard::{self, Asks};
use crate::param::Param;

/// A route of the table.
pub(crate) struct Route {
    pub method: Method,
    pub path: &'static str,
    pub permission: Permission,
    pub summary: &'static str,
    pub params: &'static [Param],
    /// Those of them that may stand there several times.
    pub repeats: &'static [&'static str],
    /// The JSON that it takes.
    pub body: Option<Media>,
    /// What it answers when all is well.
    pub answer: Option<Media>,
    pub status: u16,
    /// Other statuses that its answer may have with such a body, or none.
    pub also: &'static [u16],
    /// Errors that are its own: those of every route, and those that follow from what it takes, are
    /// not said again.
    pub problems: &'static [u16],
    /// Headers of that answer, with what they say.
    pub headers: &'static [(&'static str, &'static str)],
    handler: MethodRouter<App>,
}

/// A body of the API document.
#[derive(Clone, Copy)]
pub(crate) enum Media {
    /// JSON of a wire type.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// Another media type.
    Other(&'static str),
}

/// The methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// Its name in an OpenAPI document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// A route; what it takes and answers is added by the calls that follow.
pub(crate) fn route<H: Handler<T, App>, T: 'static>(
    method: Method,
    path: &'static str,
    permission: Permission,
    handler: H,
    summary: &'static str,
) -> Route {
    Route {
        method,
        path,
        permission,
        summary,
        params: &[],
        repeats: &[],
        body: None,
        answer: None,
        status: 200,
        also: &[],
        problems: &[],
        headers: &[],
        handler: on(method.filter(), handler),
    }
}

impl Route {
    /// The parameters of its address; every other one is refused.
    pub fn params(mut self, params: &'static [Param]) -> Self {
        self.params = params;
        self
    }

    /// Parameters that may stand in its address several times.
    pub fn repeats(mut self, names: &'static [&'static str]) -> Self {
        self.repeats = names;
        self
    }

    /// Headers of its answer, with what they say.
    pub fn headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    /// The JSON that it takes.
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Media::Json(SchemaGenerator::subschema_for::<T>));
        self
    }

    /// The other media type that it takes.
    pub fn takes_media(mut self, media: &'static str) -> Self {
        self.body = Some(Media::Other(media));
        self
    }

    /// The JSON that it answers.
    pub fn answers<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(Media::Json(SchemaGenerator::subschema_for::<T>));
        self
    }

    /// The other media type that it answers.
    pub fn answers_media(mut self, media: &'static str) -> Self {
        self.answer = Some(Media::Other(media));
        self
    }

    /// The status of its answer, where it is not 200.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The errors of its own.
    pub fn fails(mut self, problems: &'static [u16]) -> Self {
        self.problems = problems;
        self
    }

    /// Other statuses of an answer that is as good.
    pub fn also(mut self, statuses: &'static [u16]) -> Self {
        self.also = statuses;
        self
    }

    /// Its handler behind its guard.
    pub fn guarded(self, app: &App) -> (&'static str, MethodRouter<App>) {
        let Self { permission, params, repeats, .. } = self;
        let asks = Asks { app: app.clone(), permission, params, repeats };
        (self.path, self.handler.route_layer(middleware::from_fn_with_state(asks, guard::inner)))
    }
}
