//! Every named scenario, from the seeds that a run of all tests tries; and one seed gives one log.

#![allow(clippy::unwrap_used)]

use sim::scenario;

/// Plays a scenario's seeds.
fn play(name: &str) {
    let scenario = scenario::find(name).unwrap();
    let mut failures = Vec::new();
    for seed in 0..scenario.seeds {
        if let Err(failure) = (scenario.run)(seed) {
            failures.push(format!("--scenario {name} --seed {seed}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "cargo xtask sim {}", failures.join("\ncargo xtask sim "));
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test] fn $name() { play(stringify!($name)); })*

        #[test]
        fn every_scenario_has_its_test() {
            let tested = [$(stringify!($name)),*];
            let all: Vec<_> = scenario::ALL.iter().map(|scenario| scenario.name).collect();
            assert_eq!(all, tested);
        }
    };
}

scenarios! {
    power_cut
    power_cut_while_recovering
    kill_during_shutdown
    disk_full
    slow_disk
    stuck_disk
    dying_disk
    disk_vanishes_and_returns
    one_of_two_disks_vanishes
    what_took_over_is_missing
    catalog_lost
    catalog_rolled_back
    catalog_corrupt
    catalog_rebuilt
    camera_flaps
    clock_steps
    drifting_cameras
    six_cameras_for_a_week
    retention_under_pressure
    reconfigured
    changed_again_and_again
    changed_between_syncs
    shutdown_in_a_move
    every_call
}

/// What the search has found once: see `docs/design/simulation.md`.
const FOUND: &[(&str, u64)] = &[
    ("changed_again_and_again", 6_346_836_697_770),
    ("changed_again_and_again", 33_582_818_394_218),
    ("changed_again_and_again", 39_882_297_297_612),
    ("changed_again_and_again", 73_322_446_599_958),
    ("changed_again_and_again", 120_593_384_142_927),
    ("changed_again_and_again", 156_274_826_865_672),
    ("changed_again_and_again", 169_520_250_465_857),
    ("reconfigured", 10_375_493_068_807),
    ("reconfigured", 21_561_334_051_279),
    ("reconfigured", 43_811_434_430_576),
    ("reconfigured", 84_477_161_398_705),
    ("reconfigured", 128_533_943_047_528),
    ("reconfigured", 134_025_304_698_602),
    ("reconfigured", 183_340_262_216_017),
    ("reconfigured", 185_494_416_452_574),
    ("reconfigured", 196_909_605_606_827),
    ("reconfigured", 221_549_815_947_545),
    ("reconfigured", 224_026_725_036_188),
    ("reconfigured", 234_337_636_032_946),
    ("reconfigured", 246_736_469_121_185),
];

#[test]
fn what_the_search_has_found_once_stays_found() {
    let mut failures = Vec::new();
    for (name, seed) in FOUND {
        if let Err(failure) = (scenario::find(name).unwrap().run)(*seed) {
            failures.push(format!("--scenario {name} --seed {seed}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "cargo xtask sim {}", failures.join("\ncargo xtask sim "));
}

#[test]
fn one_seed_gives_the_same_log_twice() {
    for scenario in scenario::ALL.iter().filter(|scenario| scenario.seeds > 1) {
        for seed in [3, 7] {
            let (first, second) = ((scenario.run)(seed), (scenario.run)(seed));
            assert_eq!(first, second, "{} seed {seed}", scenario.name);
        }
        // Two seeds may draw the same call to fail.
        let logs = [1, 2, 5].map(|seed| (scenario.run)(seed).map(|report| report.log_hash()));
        assert!(logs.iter().any(|log| *log != logs[0]), "{}", scenario.name);
    }
}
