//! Input of every kind of wrongness, and workers that die, hang and talk nonsense: there is always
//! an answer, and the next job is done.

use std::path::PathBuf;
use std::time::Duration;

use base::{Shutdown, WallTime};
use bytes::Bytes;
use media::VideoCodec;
use proptest::prelude::*;
use still::{Cell, DrawError, Drawn, Job, Program};
use world::SystemClock;
use world::sim::SimClock;

use crate::pictures::{KeyFrame, key_frame};
use crate::program;

fn job(key: &KeyFrame, config: Bytes, data: Bytes) -> Job {
    let cell = Cell { codec: key.codec, config, size: (64, 36), data };
    Job { columns: 1, cell: (64, 36), cells: vec![cell] }
}

fn draw(program: &Program, job: &Job) -> Result<Drawn, DrawError> {
    program.draw(job, &SystemClock::new(), &Shutdown::new())
}

fn check_good(key: &KeyFrame) {
    let drawn = draw(&program(None), &job(key, key.config.clone(), key.data.clone()));
    assert_eq!(drawn.map(|drawn| drawn.missing), Ok(vec![]));
}

/// Bytes of a key frame, spoilt.
fn spoilt(bytes: &Bytes, kind: u8, at: u64, seed: u64) -> Bytes {
    let at = (at % bytes.len().max(1) as u64) as usize;
    let mut out = bytes.to_vec();
    let mut random = seed;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (random >> 40) as u8
    };
    match kind % 5 {
        0 => out.truncate(at),
        1 => out.iter_mut().skip(at).take(64).for_each(|byte| *byte = next()),
        2 => out.iter_mut().for_each(|byte| *byte = next()),
        3 => out.iter_mut().skip(at).step_by(97).for_each(|byte| *byte ^= 1 << (next() & 7)),
        _ => drop(out.splice(at..at, (0..50).map(|_| next()).collect::<Vec<_>>())),
    }
    out.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_answered(
        is_h264: bool,
        spoil_config: bool,
        (kind, at, seed) in any::<(u8, u64, u64)>(),
    ) {
        let codec = if is_h264 { VideoCodec::H264 } else { VideoCodec::H265 };
        let key = key_frame(codec);
        let job = match spoil_config {
            true => job(&key, spoilt(&key.config, kind, at, seed), key.data.clone()),
            false => job(&key, key.config.clone(), spoilt(&key.data, kind, at, seed)),
        };
        match draw(&program(None), &job) {
            Ok(_) | Err(DrawError::Undecodable(_) | DrawError::Died(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn nothing_and_noise_are_refused_with_words_and_the_next_job_is_done() {
    let key = key_frame(VideoCodec::H264);
    let noise = spoilt(&key.data, 2, 0, 7);
    for data in [Bytes::new(), noise, key.data.slice(..key.data.len() / 2)] {
        let refused = draw(&program(None), &job(&key, key.config.clone(), data));
        let Err(DrawError::Undecodable(words)) = refused else { panic!("{refused:?}") };
        assert!(!words.is_empty());
        check_good(&key);
    }
}

#[test]
fn a_worker_that_dies_or_talks_nonsense_gives_an_error() {
    let key = key_frame(VideoCodec::H265);
    let job = job(&key, key.config.clone(), key.data.clone());
    let of_shell = |script: &str| Program {
        file: PathBuf::from("/bin/sh"),
        arguments: vec!["-c".into(), script.into()],
    };
    for (program, words) in [
        (program(Some("open")), "tried what it may not"),
        (of_shell("kill -9 $$"), "signal 9"),
        (of_shell("head -c 100 >/dev/null; kill -11 $$"), "signal 11"),
        (of_shell("exit 0"), "without an answer"),
        (of_shell("cat >/dev/null; echo no picture"), "without an answer"),
        (of_shell("cat >/dev/null; cat /dev/zero"), "too much"),
        (Program { file: "/nonexistent/program".into(), arguments: vec![] }, "No such file"),
    ] {
        let Err(DrawError::Died(why)) = draw(&program, &job) else { panic!("{words}") };
        assert!(why.contains(words), "{why}");
    }
    check_good(&key);
}

#[test]
fn a_worker_that_hangs_is_ended_when_its_time_is_up_or_the_server_stops() {
    let key = key_frame(VideoCodec::H264);
    let job = job(&key, key.config.clone(), key.data.clone());
    let clock = SimClock::new(WallTime::EPOCH);
    let ahead = clock.clone();
    let waiter = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        ahead.advance(base::limits::STILL_TIMEOUT);
    });
    let hung = program(Some("hang")).draw(&job, &clock, &Shutdown::new());
    waiter.join().unwrap();
    assert!(matches!(hung, Err(DrawError::TooSlow(10))), "{hung:?}");
    let shutdown = Shutdown::new();
    shutdown.request();
    let stopped = program(Some("hang")).draw(&job, &clock, &shutdown);
    assert_eq!(stopped, Err(DrawError::Stopping));
}
