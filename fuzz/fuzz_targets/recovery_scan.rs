//! A real segment, harmed in every way, is recovered: no panic, no commit lost that is whole, and
//! what recovery leaves is sealed and sound.
#![no_main]

use arbitrary::Arbitrary;
use archive::{Depth, FileState, Problem, RecoverError, recover, verify};
use fuzz::{KEY, Recorded, Stage, common};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    batches: u8,
    stage: Stage,
    harms: Vec<Harm>,
}

#[derive(Arbitrary, Debug)]
enum Harm {
    /// Only the first part of the file, in 65536ths, is there.
    Cut(u16),
    /// A byte is another.
    Flip(u16, u8),
    /// A stretch was never written.
    Zero(u16, u8),
    /// A stretch holds what belongs elsewhere.
    Copy(u16, u16, u8),
    /// Something stands behind.
    Append(Vec<u8>),
}

impl Harm {
    fn does(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        let at = |part: u16| (len * usize::from(part)) >> 16;
        let stretch = |part: u16, long: u8| at(part)..(at(part) + usize::from(long) * 16).min(len);
        match self {
            Self::Cut(part) => bytes.truncate(at(*part)),
            Self::Flip(part, with) => {
                if let Some(byte) = bytes.get_mut(at(*part)) {
                    *byte ^= with;
                }
            }
            Self::Zero(part, long) => bytes[stretch(*part, *long)].fill(0),
            Self::Copy(from, to, long) => {
                let what = bytes[stretch(*from, *long)].to_vec();
                let end = (at(*to) + what.len()).min(len);
                bytes[at(*to)..end].copy_from_slice(&what[..end - at(*to)]);
            }
            Self::Append(more) => bytes.extend(more),
        }
    }
}

fuzz_target!(|case: Case| {
    let batches = u32::from(case.batches % 3) + 1;
    Recorded::kept(batches, case.stage, |recorded, bytes| recover_harmed(&case, recorded, bytes));
});

fn recover_harmed(case: &Case, recorded: &Recorded, before: &[u8]) {
    let mut bytes = before.to_vec();
    case.harms.iter().for_each(|harm| harm.does(&mut bytes));
    recorded.replace(&bytes);
    let Recorded { volume, place, ends, .. } = recorded;
    let _ = recover::tail(volume, place);
    let same = bytes.iter().zip(before).take_while(|(a, b)| a == b).count() as u64;
    let whole = ends.iter().filter(|end| **end <= same).count() as u32;
    let recovered = match recover::finish(volume, place, Some(&KEY), None) {
        Ok(recovered) => recovered,
        // Whole commits stand behind the damage: nothing is cut off, and a person is told.
        Err(RecoverError::Damaged { .. }) => return,
        Err(error) => {
            let refused = whole > 0 && case.stage == Stage::Growing;
            assert!(!refused, "{whole} whole commits are refused: {error}");
            return;
        }
    };
    let pictures = recovered.index.tracks[0].samples.len() as u32;
    assert!(pictures >= whole * common::PICTURES, "{pictures} pictures of {whole} commits");
    let tail = recover::tail(volume, place).expect("what was recovered can be read");
    assert_eq!(tail.state, FileState::Sealed);
    let verified = verify(volume, place, Depth::Everything).expect("the disk is sound");
    // A seal that is there is never signed anew: that its signature is wrong, or was overwritten
    // with zeros as if there had been no key, must stay visible.
    let told = |problem: &Problem| {
        matches!(problem, Problem::BadSignature | Problem::Unsigned) && recovered.was != FileState::Growing
    };
    if recovered.broken.is_none() {
        assert!(verified.problems.iter().all(told), "{:?}", verified.problems);
    }
}
