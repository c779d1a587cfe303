//! `index.html`: one page that needs no network and no other file to say what is in the export. It
//! plays the clips that lie beside it, and verifies those that a person gives it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::manifest::{Clip, Manifest};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// Built of `ui/src/offline`, which verifies with the code of the recorder's own page: after
/// changes there `npm run offline` writes it anew.
const SCRIPT: &str = include_str!("page/page.js");

/// The page of an export. It does not depend on hashes, for the manifest names that of the page.
pub(crate) fn render(manifest: &Manifest) -> Vec<u8> {
    // Nothing is loaded but footage, from where the page lies or what a person has given it;
    // nothing runs but this one script.
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; media-src 'self' file: blob:; \
         base-uri 'none'; form-action 'none'",
        source_of(SCRIPT),
        source_of(STYLE),
    );
    let page = TEMPLATE
        .replace("%POLICY%", &policy)
        .replace("%STYLE%", STYLE)
        .replace("%SCRIPT%", SCRIPT)
        // Last: what people have written is not looked through for places to fill.
        .replace("%DATA%", &data(manifest));
    page.into_bytes()
}

/// How a policy names an element's text (CSP level 3, section 2.3.1).
fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// What the page shows, as JSON that cannot end the element it stands in.
fn data(manifest: &Manifest) -> String {
    let clip = |clip: &Clip| {
        json!({
            "file": clip.file,
            "bytes": clip.hashes.bytes,
            "from": clip.shown.from,
            "to": clip.shown.to,
            "streams": clip.streams,
        })
    };
    let data = json!({
        "id": manifest.id,
        "name": manifest.name,
        "by": manifest.by,
        "made": manifest.made,
        "from": manifest.asked.from,
        "to": manifest.asked.to,
        "archive": manifest.archive,
        "publicKey": manifest.public_key,
        "software": manifest.software,
        "clips": manifest.clips.iter().map(clip).collect::<Vec<_>>(),
        "withoutFootage": manifest.without_footage,
    });
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_camera_is_called_ends_no_element_and_fills_no_other_place() {
        let mut manifest = crate::writer::tests::plan(&[("a_main.mp4", b"one")]).manifest;
        manifest.name = "</script><script>alert(1)</script> %SCRIPT% <!--".to_owned();
        let page = String::from_utf8(render(&manifest)).expect("is text");
        assert_eq!(page.matches("<script").count(), 2, "the data and the program");
        assert_eq!(page.matches("</script>").count(), 2);
        assert_eq!(page.matches("alert(1)").count(), 1);
        assert_eq!(page.matches(SCRIPT).count(), 1);
        let script = page.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next());
        let script = script.expect("there is one");
        assert!(page.contains(&source_of(script)), "the policy lets it run");
        let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
        assert!(page.contains(&source_of(style.expect("there is one"))));
    }
}
