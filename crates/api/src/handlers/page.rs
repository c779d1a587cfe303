//! The web page: files that were embedded when this was built.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use crate::problem::Problem;

/// One embedded file.
struct Asset {
    /// Its path inside `ui/dist`.
    path: &'static str,
    plain: &'static [u8],
    /// The same, compressed, where that was built.
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
    /// Its strong entity tag for each form, without quotes.
    tag: &'static str,
}

// `ASSETS`, sorted by path; made by build.rs.
include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Everything that is no route: a file of the page, or the page itself, which knows its own paths.
pub(crate) async fn page(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(Problem::MethodNotAllowed);
    }
    let path = uri.path().trim_start_matches('/');
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let asset = find(path).or_else(|| if is_file { None } else { find("index.html") });
    let asset = asset.ok_or_else(|| Problem::NotFound(format!("there is no file {path:?}")))?;
    Ok(asset.render(&headers))
}

fn find(path: &str) -> Option<&'static Asset> {
    let at = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(at)
}

impl Asset {
    fn render(&self, headers: &HeaderMap) -> Response {
        let (bytes, coding) = match (self.brotli, self.gzip) {
            (Some(bytes), _) if accepts(headers, "br") => (bytes, Some("br")),
            (_, Some(bytes)) if accepts(headers, "gzip") => (bytes, Some("gzip")),
            _ => (self.plain, None),
        };
        let tag = format!("\"{}{}\"", self.tag, coding.unwrap_or_default());
        let held = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let has_it = held.is_some_and(|held| held.split(',').any(|one| one.trim() == tag));
        let mut answer = match has_it {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => bytes.into_response(),
        };
        // Names under assets/ carry the hash of their content: they never change.
        let cache = match self.path.starts_with("assets/") {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        let set = answer.headers_mut();
        set.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        set.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(self.path)));
        set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::try_from(tag) {
            set.insert(header::ETAG, tag);
        }
        if let Some(coding) = coding {
            set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        answer
    }
}

/// Whether `Accept-Encoding` names the coding (RFC 9110 section 12.5.3).
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset() -> Asset {
        Asset {
            path: "assets/app-1234.js",
            plain: b"plain",
            brotli: Some(b"br"),
            gzip: Some(b"gz"),
            tag: "tag",
        }
    }

    fn asked(encoding: &'static str) -> HeaderMap {
        [(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding))].into_iter().collect()
    }

    #[test]
    fn the_best_form_that_the_browser_takes_is_sent() {
        for (encoding, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("identity", None),
        ] {
            let answer = asset().render(&asked(encoding));
            let coding = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(coding.and_then(|c| c.to_str().ok()), expected, "{encoding}");
        }
    }

    #[test]
    fn hashed_files_are_kept_for_ever_and_the_page_is_asked_for_again() {
        let cache = |asset: Asset| {
            let answer = asset.render(&HeaderMap::new());
            answer.headers()[header::CACHE_CONTROL].to_str().expect("it is text").to_owned()
        };
        assert!(cache(asset()).contains("immutable"));
        // The worker and the manifest keep their names: a browser learns of a new build from them.
        for path in ["index.html", "sw.js", "manifest.webmanifest"] {
            assert_eq!(cache(Asset { path, ..asset() }), "no-cache", "{path}");
        }
    }

    #[test]
    fn what_makes_the_page_installable_has_its_types() {
        for (path, expected) in [
            // A worker of any other type is refused.
            ("sw.js", "text/javascript; charset=utf-8"),
            ("manifest.webmanifest", "application/manifest+json"),
            ("icon-512.png", "image/png"),
        ] {
            let answer = Asset { path, ..asset() }.render(&HeaderMap::new());
            assert_eq!(answer.headers()[header::CONTENT_TYPE], expected, "{path}");
        }
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let mut headers = asked("br");
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"tagbr\""));
        assert_eq!(asset().render(&headers).status(), StatusCode::NOT_MODIFIED);
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        assert_eq!(asset().render(&headers).status(), StatusCode::OK);
    }
}
