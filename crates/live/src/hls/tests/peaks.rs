//! How much a stream is at most, as its variant tells it.

use super::*;

#[test]
fn a_run_that_ends_after_a_key_frame_makes_no_peak_of_it() {
    let mut studio = Studio::new(25, 50);
    // 4 Mbit/s, and a key frame of 300 kB.
    studio.bytes = 20_000;
    studio.send(150);
    let steady = studio.with(|airing| airing.peak_bits()).expect("two are whole");
    assert!((4_000_000..4_200_000).contains(&steady), "{steady}");
    studio.bytes = 300_000;
    studio.send(1);
    studio.end_run();
    let last = studio.look(None).and_then(|seen| seen.segments.last().cloned());
    assert_eq!(last.expect("it is whole").length, 40_000);
    // With the two seconds before it.
    let ended = studio.with(|airing| airing.peak_bits()).expect("as before");
    assert!((5_000_000..5_500_000).contains(&ended), "{ended}");
    studio.bytes = 20_000;
    studio.send(110);
    let again = studio.with(|airing| airing.peak_bits()).expect("as before");
    assert_eq!(again, ended);
}

#[test]
fn less_than_half_a_target_duration_says_nothing_of_peaks() {
    let mut studio = Studio::new(25, 48);
    studio.bytes = 20_000;
    studio.send(50);
    assert!(studio.look(None).is_some(), "one of 1.92 s is whole");
    assert_eq!(studio.with(|airing| airing.peak_bits()), None);
    studio.send(48);
    assert!(studio.with(|airing| airing.peak_bits()).is_some());
}
