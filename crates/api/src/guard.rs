//! What a request must pass before its handler sees it: host, origin, load, parameters, caller.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::app::App;
use crate::caller::{Credentials, cookie_name, is_told_of_basic};
use crate::load::Place;
use crate::param::Param;
use crate::peer::Peer;
use crate::problem::Problem;
use crate::query::Query;
use crate::session;

/// What one route asks.
#[derive(Clone)]
pub(crate) struct Asks {
    pub app: App,
    pub permission: access::Permission,
    pub params: &'static [Param],
    /// Those of them that may stand there several times.
    pub repeats: &'static [&'static str],
}

/// For every request, whatever its path: load, `Host`, `Origin`; and what every answer says.
pub(crate) async fn outer(State(app): State<App>, request: Request, next: Next) -> Response {
    let basic = is_told_of_basic(request.headers());
    let mut answer = match admit(&app, &request) {
        // Held until the answer's head is made; bodies are bounded by their connections.
        Ok(_place) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if basic && answer.status() == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"holdfast\", charset=\"UTF-8\"");
        answer.headers_mut().append(header::WWW_AUTHENTICATE, challenge);
    }
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// Said with every answer. The policy lets a page load from this server only.
const HEADERS: [(header::HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
         img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; \
         worker-src 'self' blob:; manifest-src 'self'; base-uri 'self'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

fn admit(app: &App, request: &Request) -> Result<Place, Problem> {
    let peer = request.extensions().get::<Peer>().copied().unwrap_or(Peer::Unix(None));
    let busy = || Problem::Busy("too many requests are under way".into());
    let place = app.load().admit(&peer).ok_or_else(busy)?;
    let host = host(request.headers(), request.uri()).unwrap_or_default();
    let settings = app.settings();
    let hosts = &settings.hosts;
    // On the socket there is no name that a foreign page could be led to.
    let is_socket = request.extensions().get::<Peer>().is_some() && matches!(peer, Peer::Unix(_));
    if !is_socket && !is_our_host(host, hosts) {
        return Err(Problem::UnknownHost(host.to_owned()));
    }
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_socket_upgrade = request.headers().contains_key(header::UPGRADE);
    if !is_safe || is_socket_upgrade {
        check_origin(request.headers(), host, hosts)?;
    }
    Ok(place)
}

/// For one route: its parameters and its permission.
pub(crate) async fn inner(
    State(asks): State<Asks>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let query = Query::of(request.uri().query().unwrap_or_default());
    if let Some(stray) = query.names().find(|name| asks.params.iter().all(|p| p.name != *name)) {
        let known: Vec<&str> = asks.params.iter().map(|param| param.name).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Problem::bad(stray, format!("no such parameter here; there are: {known}")));
    }
    let is_twice = |name: &&str| query.names().filter(|other| other == name).count() > 1;
    let mut once = query.names().filter(|name| !asks.repeats.contains(name));
    if let Some(twice) = once.find(is_twice) {
        return Err(Problem::bad(twice, "it is there twice: which one counts?"));
    }
    let peer = request.extensions().get::<Peer>().copied().unwrap_or(Peer::Unix(None));
    let cookie = cookie_name(&asks.app);
    let credentials = Credentials::of(peer, request.method(), request.headers(), &cookie);
    let identity = match credentials.own_uid(&asks.app) {
        Some(own) => own,
        None => {
            let shown = credentials.clone();
            asks.app.blocking(move |app| shown.identify(app)).await?
        }
    };
    access::decide(&identity.caller, asks.permission, identity.rules)?;
    session::renew(&asks.app, &identity);
    request.extensions_mut().insert(credentials);
    request.extensions_mut().insert(identity);
    Ok(next.run(request).await)
}

/// The `Host` header, or the authority of an absolute request target.
fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    named.or(uri.authority().map(|authority| authority.as_str()))
}

/// Whether a page under this name can be ours. A foreign page can be led here under a name that
/// its owner controls (DNS rebinding): such names have a dot and end in a public suffix.
fn is_our_host(host: &str, ours: &[String]) -> bool {
    let name = without_port(host);
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    let is_local = !name.is_empty() && !name.contains('.')
        || [".localhost", ".local", ".internal", ".home.arpa", ".lan"]
            .iter()
            .any(|suffix| name.len() > suffix.len() && ends_with(name, suffix));
    is_address || is_local || ours.iter().any(|our| our.eq_ignore_ascii_case(name))
}

fn ends_with(name: &str, suffix: &str) -> bool {
    let at = name.len().saturating_sub(suffix.len());
    name.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(suffix))
}

fn without_port(host: &str) -> &str {
    if let Some(inside) = host.strip_prefix('[') {
        return inside.split(']').next().unwrap_or_default();
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.')
}

/// Browsers name the page that asks; it must be one of ours. Programs name none.
fn check_origin(headers: &HeaderMap, host: &str, ours: &[String]) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
            Some(b"cross-site" | b"same-site") => {
                Err(Problem::ForeignOrigin("another site".into()))
            }
            _ => Ok(()),
        };
    };
    let origin = origin.to_str().unwrap_or_default();
    let foreign = || Problem::ForeignOrigin(origin.to_owned());
    let (scheme, authority) = origin.split_once("://").ok_or_else(foreign)?;
    let known = authority.eq_ignore_ascii_case(host)
        || ours.iter().any(|our| our.eq_ignore_ascii_case(without_port(authority)));
    if known && matches!(scheme, "http" | "https") { Ok(()) } else { Err(foreign()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_stranger_may_own_are_not_ours() {
        let ours = ["nvr.example.org".to_owned()];
        for host in [
            "127.0.0.1:8080",
            "192.0.2.7",
            "[::1]:8080",
            "[2001:db8::1]",
            "localhost",
            "x",
            "nvr:80",
            "nvr.local",
            "nvr.localhost:1",
            "NVR.example.org:443",
            "nvr.home.arpa.",
        ] {
            assert!(is_our_host(host, &ours), "{host}");
        }
        for host in [
            "",
            "example.org",
            "evil.example.org",
            "127.0.0.1.evil.com",
            "nvr.example.org.evil.com",
            ".local",
            "evil.com:8080",
            "localhost.evil.com",
            "[::1",
            "[evil.com]",
        ] {
            let expected = host == "[::1";
            assert_eq!(is_our_host(host, &ours), expected, "{host}");
        }
    }

    #[test]
    fn a_foreign_page_is_told_from_our_own() {
        let check = |origin: &'static str, host: &str| {
            let headers = [(header::ORIGIN, HeaderValue::from_static(origin))];
            check_origin(&headers.into_iter().collect(), host, &["nvr.example.org".into()]).is_ok()
        };
        assert!(check("http://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(check("https://nvr.example.org", "10.0.0.1:8080"));
        assert!(!check("http://127.0.0.1:9090", "127.0.0.1:8080"));
        assert!(!check("https://evil.com", "127.0.0.1:8080"));
        assert!(!check("null", "127.0.0.1:8080"));
        assert!(!check("file://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(check_origin(&HeaderMap::new(), "127.0.0.1", &[]).is_ok());
    }
}
