//! The disk syncs nothing any more: stopping still comes to an end, and says what is not durable.

#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;
use std::time::Duration;

use sim::World;
use world::sim::{Effect, Fault, Operation};

#[test]
fn stopping_ends_although_every_sync_fails() {
    let mut world = World::new(7);
    world.start().unwrap();
    world.run(Duration::from_secs(3));
    world.disk.clear_faults();
    let fails = Effect::Fail(ErrorKind::Other);
    world.disk.add_fault(Fault::new(Operation::SyncData, fails).on("/camera-"));
    world.run(Duration::from_secs(2));
    assert!(!world.stop(), "what was never synced is said to be committed");
}
