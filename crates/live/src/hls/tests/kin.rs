//! The streams of one camera, between which players go to and fro.

use super::*;
use crate::hls::with_reports;
use crate::scale::Scale;

/// Two streams of one camera.
fn siblings() -> [Studio; 2] {
    let budget = Budget::new(limits::LIVE_HLS_BYTES_MAX);
    let main = Studio::within(&budget, 25, 50);
    let kin = main.with(|airing| airing.kin());
    let later = START.plus_micros(60_000_000);
    let second = Airing::new(ID, later, MonoTime::default(), budget.share(), Some(kin));
    [main, Studio::airing(second, 15, 30)]
}

/// Number of the span without a break that is newest.
fn span(studio: &Studio) -> u64 {
    let seen = studio.look(None).expect("it has one");
    seen.open.or(seen.segments.last().cloned()).expect("there is something").span
}

#[test]
fn breaks_of_one_stream_are_those_of_its_siblings() {
    let [mut main, mut sub] = siblings();
    main.send(130);
    sub.send(80);
    let (before, first) = (span(&main), sub.look(None).expect("it has one"));
    assert_eq!(span(&sub), before, "whenever it begins to be watched");
    main.end_run();
    main.send(130);
    assert_eq!(span(&main), before + 1);
    sub.send(80);
    let joined = sub.look(None).expect("it has one");
    first.becomes(&joined);
    assert_eq!(span(&sub), before + 1, "from its next key frame on");
    let mut spans: Vec<_> = joined.segments.iter().map(|segment| segment.span).collect();
    spans.dedup();
    assert_eq!(spans, [before, before + 1]);
    // Both go on alike, and one that breaks with its sibling counts no more for that.
    for studio in [&mut main, &mut sub] {
        studio.end_run();
    }
    main.send(130);
    sub.send(160);
    assert_eq!((span(&main), span(&sub)), (before + 2, before + 2));
}

#[test]
fn a_break_of_another_stream_waits_for_a_key_frame() {
    let [mut main, _] = siblings();
    let budget = Budget::new(limits::LIVE_HLS_BYTES_MAX);
    let kin = main.with(|airing| airing.kin());
    let airing = Airing::new(ID, START, MonoTime::default(), budget.share(), Some(kin));
    // A key frame every twelve seconds: media segments between two are cut without.
    let mut slow = Studio::airing(airing, 10, 120);
    main.send(130);
    slow.send(50);
    let before = span(&slow);
    main.end_run();
    main.send(130);
    slow.send(60);
    assert_eq!(span(&slow), before, "decoding cannot begin there");
    slow.send(30);
    assert_eq!(span(&slow), before + 1);
}

#[test]
fn a_playlist_tells_how_far_its_siblings_are() {
    let [mut main, mut sub] = siblings();
    main.send(140);
    assert_eq!(sub.with(|airing| airing.newest()), None, "it has no playlist yet");
    let of = |main: &Studio, sub: &Studio| {
        let Found::Bytes(text) = main.with(|airing| airing.playlist(None)) else { panic!() };
        let newest = sub.with(|airing| airing.newest()).expect("it has a playlist");
        let text = with_reports(text, &[("../sub/live.m3u8".to_owned(), newest)]);
        read(std::str::from_utf8(&text).expect("text")).reports
    };
    for frames in [75, 8, 8, 8, 8, 8] {
        sub.send(frames);
        let seen = sub.look(None).expect("it has one");
        let last = seen.segments.last().expect("one is whole");
        let newest = seen.open.as_ref().unwrap_or(last);
        let expected = (newest.number, newest.parts.len() as u64 - 1);
        let reports = of(&main, &sub);
        assert_eq!(reports, [("../sub/live.m3u8".to_owned(), expected.0, expected.1)]);
        // What is reported is there, and what comes next may be waited for.
        assert!(sub.look(awaited(expected.0, expected.1)).is_some());
        assert!(sub.look(awaited(expected.0, expected.1 + 1)).is_none());
    }
    let text = Bytes::from_static(b"#EXTM3U\n");
    assert_eq!(with_reports(text.clone(), &[]).as_ptr(), text.as_ptr(), "no copy for nothing");
}

#[test]
fn an_airing_that_ends_and_begins_again_beside_a_sibling_counts_on_where_its_scale_is_another() {
    let scale = Scale::since(START);
    let mut main = Studio::new(25, 50);
    main.encoder = Encoder::on(scale.clone());
    main.send(130);
    let before = span(&main);
    let kin = main.with(|airing| airing.kin());
    let budget = Budget::new(limits::LIVE_HLS_BYTES_MAX);
    let again = || {
        let kin = Some(kin.clone());
        let airing = Airing::new(ID, START, MonoTime::default(), budget.share(), kin);
        let encoder = Encoder::on(scale.clone());
        Studio { encoder, ..Studio::airing(airing, 15, 30) }
    };
    for _ in 0..2 {
        let mut sub = again();
        sub.send(80);
        assert_eq!(span(&sub), before, "it is on the scale of its sibling");
    }
    main.end_run();
    // The clock is set back by an hour, to before there was anything; nobody tells of it.
    scale.learn(START.as_micros() + 3_600_000_000);
    let mut sub = again();
    sub.send(80);
    assert_eq!(span(&sub), before + 1, "its times are of another kind than those it had before");
    main.send(130);
    sub.send(80);
    assert_eq!((span(&main), span(&sub)), (before + 1, before + 1), "one break is enough for both");
}

#[test]
fn an_airing_that_waits_for_its_first_picture_begins_with_the_breaks_of_its_siblings() {
    let [mut main, mut sub] = siblings();
    main.send(130);
    main.end_run();
    main.send(130);
    sub.send(80);
    let seen = sub.look(None).expect("it has one");
    let newest = span(&main);
    assert!(seen.segments.iter().all(|segment| segment.span == newest), "{seen:?}");
}
