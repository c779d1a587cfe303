//! What a camera's answers come to, in words, and where its tracks are controlled.

use url::Url;

use super::message::Response;
use crate::fault::{Fault, Phase};

/// The URL that `control` names (RFC 2326 appendix C.1.1). Cameras put query strings into their
/// base and want the control behind those, and mean what is below their base by a `/` in front: it
/// is not resolved as a relative URL would be.
pub(crate) fn controlled(base: &str, control: &str) -> String {
    match control {
        "" | "*" => base.to_owned(),
        control if control.contains("://") => control.to_owned(),
        control => {
            let base = base.strip_suffix('/').unwrap_or(base);
            format!("{base}/{}", control.strip_prefix('/').unwrap_or(control))
        }
    }
}

/// The camera refused a request.
pub(crate) fn refused(phase: Phase, url: &str, has_login: bool, response: &Response) -> Fault {
    let (method, status) = (phase.method(), response.status);
    let text = format!("{status} {}", short(&response.reason));
    match status {
        401 | 403 if !has_login => Fault::Denied(
            "the camera wants a user name and a password, and none are set".to_owned(),
        ),
        401 | 403 => Fault::Denied("the camera refused the user name or the password".to_owned()),
        404 => {
            let path = Url::parse(url).map(|url| url.path().to_owned()).unwrap_or_default();
            Fault::Refused(format!(
                "the camera has no stream at {path} (404): check the path of the URL"
            ))
        }
        301 | 302 => {
            let to = without_login(response.header("location").unwrap_or("somewhere else"));
            Fault::Refused(format!("the camera's stream has moved: set the URL to {to}"))
        }
        453 | 503 => Fault::Refused(format!(
            "the camera is busy ({method} gave {text}): it may allow fewer sessions than are open"
        )),
        461 => Fault::Refused(format!(
            "the camera refused {method}: {text}: it does not send over TCP, and nothing else is \
             supported"
        )),
        _ => Fault::Refused(format!("the camera refused {method}: {text}")),
    }
}

/// What a camera says, as far as it fits into a line of a log.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// An URL that may be shown: some cameras put user name and password into theirs.
fn without_login(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return "somewhere else".to_owned() };
    // It fails where there can be none.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    short(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_found_as_cameras_mean_them() {
        let of = |base, control| controlled(base, control);
        let base = "rtsp://c/cam?channel=1&proto=Onvif";
        assert_eq!(of(base, "trackID=0"), "rtsp://c/cam?channel=1&proto=Onvif/trackID=0");
        assert_eq!(of("rtsp://c/cam/", "trackID=0"), "rtsp://c/cam/trackID=0");
        assert_eq!(of("rtsp://c/cam/", "*"), "rtsp://c/cam/");
        assert_eq!(of("rtsp://c/cam/", ""), "rtsp://c/cam/");
        assert_eq!(of("rtsp://c/cam/", "rtsp://d/x"), "rtsp://d/x");
        assert_eq!(of("rtsp://c/cam/sub", "/x/1"), "rtsp://c/cam/sub/x/1");
        assert_eq!(of("rtsp://c//", "x"), "rtsp://c//x");
    }

    #[test]
    fn what_a_camera_says_is_shown_in_short_and_without_a_login() {
        let said = |head: &str| {
            let response = super::super::message::answer(head);
            refused(Phase::Describe, "rtsp://c/x", true, &response).to_string()
        };
        let moved = "RTSP/1.0 302 No\r\nLocation: rtsp://admin:secret@d/x?password=secret\r\n\r\n";
        let words = said(moved);
        assert!(words.contains("rtsp://d/x") && !words.contains("secret"), "{words}");
        let words = said(&format!("RTSP/1.0 500 \u{1b}[31m{}\r\n\r\n", "long".repeat(3000)));
        assert!(words.len() < 200 && !words.contains('\u{1b}'), "{words}");
    }
}
