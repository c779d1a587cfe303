//! HLS: which address leads where, what may be kept, who may see it.

use catalog::Change;
use http::{Method, header};

use super::house::{As, House, MAIN, START};

const CAMERA: &str = "/api/v1/cameras/front-door";
const STREAM: &str = "/api/v1/cameras/front-door/streams/main";

fn at(second: i64) -> String {
    START.plus_micros(second * 1_000_000).to_string()
}

fn playlist(from: i64, to: i64) -> String {
    format!("{STREAM}/hls.m3u8?from={}&to={}", at(from), at(to))
}

/// The addresses of a playlist, of init segments too.
fn addresses(text: &str) -> Vec<String> {
    let maps = text.lines().filter_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\""));
    let maps = maps.map(|line| line.trim_end_matches('"'));
    let files = text.lines().filter(|line| !line.starts_with('#'));
    maps.chain(files).map(|file| format!("{STREAM}/{file}")).collect()
}

fn text(answer: &super::house::Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/vnd.apple.mpegurl");
    assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-cache");
    String::from_utf8(answer.bytes.clone()).unwrap()
}

#[tokio::test]
async fn a_playlist_leads_to_files_with_strong_tags() {
    let house = House::new();
    let answer = house.get(As::Viewer, &playlist(2, 20)).await;
    let text = text(&answer);
    assert!(text.contains("#EXT-X-PLAYLIST-TYPE:VOD") && text.ends_with("#EXT-X-ENDLIST\n"));
    assert_eq!(text.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{text}");
    assert_eq!(text.matches("#EXT-X-MAP:").count(), 1, "of equal parameters: {text}");
    let files = addresses(&text);
    // An init segment; 2 to 8 s and to 10 s, 15 to 20 s.
    assert_eq!(files.len(), 4, "{text}");
    for file in &files {
        let whole = house.get(As::Viewer, file).await;
        assert_eq!(whole.status, 200, "{file}");
        assert_eq!(whole.header(header::CONTENT_TYPE), "video/mp4");
        assert_eq!(whole.header(header::CACHE_CONTROL), "private, no-cache");
        let tag = whole.header(header::ETAG);
        assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
        let held = [(header::IF_NONE_MATCH, tag)];
        assert_eq!(house.send(As::Viewer, Method::GET, file, &held, None).await.status, 304);
        let range = [(header::RANGE, "bytes=8-99")];
        let part = house.send(As::Viewer, Method::GET, file, &range, None).await;
        assert_eq!((part.status.as_u16(), &part.bytes[..]), (206, &whole.bytes[8..100]));
    }
    let tag = answer.header(header::ETAG).to_owned();
    let held = [(header::IF_NONE_MATCH, &*tag)];
    let same = house.send(As::Viewer, Method::GET, &playlist(2, 20), &held, None).await;
    assert_eq!(same.status, 304);
    let head = house.send(As::Viewer, Method::HEAD, &playlist(2, 20), &[], None).await;
    assert_eq!((head.status.as_u16(), head.header(header::ETAG)), (200, &*tag));
    assert_eq!(head.header(header::CONTENT_LENGTH), text.len().to_string());
}

#[tokio::test]
async fn what_moves_is_fixed_and_what_grows_stays() {
    let house = House::new();
    // It is one hour after the footage began, which ends after 25 s.
    let (from, end) = (at(10), at(25));
    for (query, expected) in [
        ("from=-59m50s", format!("?from={from}")),
        ("from=-59m50s&to=now", format!("?from={from}&to={end}")),
        ("from=-59m50s&to=-59m40s", format!("?from={from}&to={}", at(20))),
        (&format!("from={from}&to=-10s"), format!("?from={from}&to={end}")),
        // It is over, and nothing more came.
        (&format!("from={from}&to={}", at(3000)), format!("?from={from}&to={end}")),
        (&format!("from=-59m50s&to={}", at(7200)), format!("?from={from}&to={}", at(7200))),
    ] {
        let answer = house.get(As::Viewer, &format!("{STREAM}/hls.m3u8?{query}")).await;
        assert_eq!(answer.status, 307, "{query}");
        assert_eq!(answer.header(header::LOCATION), expected, "{query}");
        let followed = format!("{STREAM}/hls.m3u8{expected}");
        text(&house.get(As::Viewer, &followed).await);
    }
    for query in [format!("from={from}"), format!("from={from}&to={}", at(7200))] {
        let answer = house.get(As::Viewer, &format!("{STREAM}/hls.m3u8?{query}")).await;
        let text = text(&answer);
        assert!(text.contains("#EXT-X-PLAYLIST-TYPE:EVENT"), "{query}: {text}");
        assert!(!text.contains("#EXT-X-ENDLIST"), "{query}: {text}");
    }
}

#[tokio::test]
async fn the_streams_of_a_camera_are_variants() {
    let house = House::new();
    let path = format!("{CAMERA}/hls.m3u8?from={}&to={}", at(1), at(9));
    let text = text(&house.get(As::Viewer, &path).await);
    // 25 frames a second of 5000 bytes; nothing of the second stream is recorded.
    let expected = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:BANDWIDTH=1000000,\
         AVERAGE-BANDWIDTH=1000000,CODECS=\"avc1.42c01e\",RESOLUTION=640x480,FRAME-RATE=25.000\n\
         streams/main/hls.m3u8?from={}&to={}\n",
        at(1),
        at(9)
    );
    assert_eq!(text, expected);
    let open = house.get(As::Viewer, &format!("{CAMERA}/hls.m3u8?from={}", at(1))).await;
    let open = String::from_utf8(open.bytes).unwrap();
    assert!(open.ends_with(&format!("streams/main/hls.m3u8?from={}\n", at(1))), "{open}");
    let moving = house.get(As::Viewer, &format!("{CAMERA}/hls.m3u8?from=-59m50s&to=now")).await;
    assert_eq!(moving.status, 307);
    let nothing = format!("{CAMERA}/hls.m3u8?from={}&to={}", at(100), at(110));
    assert_eq!(house.get(As::Viewer, &nothing).await.problem(), "404 no-footage");
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    let house = House::new();
    let segment = base::SegmentId::from_bytes([1; 16]);
    for file in [
        format!("{segment}/0-251.m4s"),
        format!("{segment}/5-5.m4s"),
        format!("{segment}/+0-5.m4s"),
        format!("{segment}/0-5.mp4"),
        format!("{segment}/0-5-first.m4s"),
        format!("{segment}/moov.mp4"),
        "nonsense/0-5.m4s".to_owned(),
        format!("{}/0-5.m4s", base::SegmentId::from_bytes([77; 16])),
        format!("{}/init.mp4", base::SegmentId::from_bytes([77; 16])),
    ] {
        let answer = house.get(As::Viewer, &format!("{STREAM}/hls/{file}")).await;
        assert_eq!(answer.problem(), "404 not-found", "{file}");
    }
    // A segment is its stream's only.
    let other = format!("{STREAM}/hls/{segment}/0-5.m4s").replace("/main/", "/sub/");
    assert_eq!(house.get(As::Viewer, &other).await.problem(), "404 not-found");
    for (query, expected) in [
        ("", "400 bad-input"),
        ("from=yesterday", "400 bad-input"),
        ("from=-1s&to=-2s", "400 bad-input"),
        ("from=2026-11-22T20:00:05Z&to=2026-11-22T20:00:05Z", "400 bad-input"),
        ("from=-1h&too=now", "400 bad-input"),
        ("from=2026-11-22T20:00:11Z&to=2026-11-22T20:00:14Z", "404 no-footage"),
        ("from=2026-10-22T20:00:11Z", "400 playlist-too-long"),
    ] {
        for of in [STREAM, CAMERA] {
            let answer = house.get(As::Viewer, &format!("{of}/hls.m3u8?{query}")).await;
            assert_eq!(answer.problem(), expected, "{of} {query}");
        }
    }
}

#[tokio::test]
async fn files_that_were_hidden_since_are_gone() {
    let house = House::new();
    let text = text(&house.get(As::Viewer, &playlist(0, 25)).await);
    let files = addresses(&text);
    let (from, to) = (START.plus_micros(1_000_000), START.plus_micros(2_000_000));
    house.put([Change::Hide { stream: MAIN, from, to }]);
    let first = files.iter().find(|file| file.ends_with("/0-150.m4s")).unwrap();
    assert_eq!(house.get(As::Viewer, first).await.problem(), "404 not-found");
    let anew = house.get(As::Viewer, &playlist(0, 25)).await;
    let anew = String::from_utf8(anew.bytes).unwrap();
    assert!(anew.contains("/0-25.m4s") && anew.contains("/50-200.m4s"), "{anew}");
}
