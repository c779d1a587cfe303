//! Parameters that change, in the samples: the same pictures, each key frame after its sets.

use std::collections::HashMap;
use std::sync::Arc;

use base::WallTime;
use media::TrackParams;
use playback::{ClipPlan, ClipRequest};
use proptest::prelude::*;

use crate::archive::stream;
use crate::clip::{read, stored};
use crate::mp4;
use crate::random::{Random, START, archive, recipe};

fn sets(params: &TrackParams) -> Vec<u8> {
    match params {
        TrackParams::Video(video) => video.parameter_sets().unwrap().in_band().to_vec(),
        TrackParams::Audio(_) => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn key_frames_after_a_change_have_their_sets(recipe in recipe(), seed: u64) {
        let memory = Arc::new(archive(&recipe));
        let all = stored(&memory, |_| true);
        let known: HashMap<&[u8], (&TrackParams, bool)> =
            all.iter().map(|sample| (sample.data, (&**sample.params, sample.key))).collect();
        let mut random = Random(seed);
        let end = memory.segments.last().unwrap().row.end.as_micros();
        for _ in 0..4 {
            let from = START - 1_000_000 + random.below(end - START);
            let to = from + 1 + random.below(end - START + 2_000_000);
            let (from, to) = (WallTime::from_micros(from), WallTime::from_micros(to));
            let apart = ClipRequest::new(stream(), from, to);
            let request =
                ClipRequest { in_band: true, timestamps: seed % 2 == 0, ..apart.clone() };
            let Ok(plan) = ClipPlan::new(&*memory, request) else { continue };
            let plan = Arc::new(plan);
            let file = read(&memory, &plan, 0..plan.len());
            let other = Arc::new(ClipPlan::new(&*memory, apart)?);
            let other_file = read(&memory, &other, 0..other.len());
            prop_assert_eq!(plan.parameters(), 1);
            let (tracks, others) = (mp4::tracks(&file), mp4::tracks(&other_file));
            for (track, other) in tracks.iter().zip(&others) {
                prop_assert_eq!((track.late, track.edit), (other.late, other.edit));
                prop_assert_eq!(track.samples.len(), other.samples.len());
                let mut first: Option<&TrackParams> = None;
                let mut has_changed = false;
                for (sample, other) in track.samples.iter().zip(&other.samples) {
                    let data = &other_file[other.offset..other.offset + other.size];
                    let (params, key) = known[data];
                    has_changed |= *first.get_or_insert(params) != params;
                    let sets = if key && has_changed { sets(params) } else { Vec::new() };
                    let own = &file[sample.offset..sample.offset + sample.size];
                    prop_assert!(own == [&sets, data].concat());
                    prop_assert_eq!((sample.pts, sample.key), (other.pts, other.key));
                    prop_assert_eq!(sample.description, 1);
                }
            }
            for _ in 0..4 {
                let a = random.below(file.len() as i64);
                let b = a + 1 + random.below(file.len() as i64 - a);
                let own = &file[a as usize..b as usize];
                prop_assert!(read(&memory, &plan, a as u64..b as u64) == own);
            }
        }
    }
}
