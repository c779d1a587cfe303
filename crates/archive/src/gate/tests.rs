//! Who gets in, in which order, and who waits.

#![allow(clippy::unwrap_used)]

use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// Longer than anything takes that is not to wait.
const SOON: Duration = Duration::from_secs(20);
/// So long nothing takes, on however busy a machine.
const FOR_EVER: Duration = Duration::from_secs(3600);
/// Shorter than anything that is to wait.
const MOMENT: Duration = Duration::from_millis(150);

/// A gate at which nobody loses patience by himself.
fn gate() -> ReadGate {
    of(Bounds {
        look: Duration::from_millis(1),
        yields: FOR_EVER,
        patience_soon: FOR_EVER,
        patience_later: FOR_EVER,
    })
}

fn of(bounds: Bounds) -> ReadGate {
    ReadGate { bounds, ..ReadGate::default() }
}

/// Enters on a thread of its own, and waits until it has come; what comes of it is told with
/// `name`.
fn enters(
    gate: &ReadGate,
    urgency: Urgency,
    name: &'static str,
    tell: &Sender<(&'static str, io::Result<Entered>)>,
) {
    let (own, tell, before) = (gate.clone(), tell.clone(), gate.lock().came);
    std::thread::spawn(move || tell.send((name, own.enter(urgency))));
    while gate.lock().came == before {
        std::thread::yield_now();
    }
}

fn full(gate: &ReadGate) -> Vec<Entered> {
    (0..limits::VOLUME_READS_MAX).map(|_| gate.enter(Urgency::Later).unwrap()).collect()
}

fn next(told: &Receiver<(&'static str, io::Result<Entered>)>) -> (&'static str, Entered) {
    let (name, entered) = told.recv_timeout(SOON).unwrap();
    (name, entered.unwrap())
}

#[test]
fn a_few_read_at_a_time() {
    let gate = gate();
    let mut inside = full(&gate);
    let (tell, told) = channel();
    enters(&gate, Urgency::Soon, "reader", &tell);
    assert!(told.recv_timeout(MOMENT).is_err());
    inside.pop();
    let _entered = next(&told);
    assert_eq!(gate.lock().inside, limits::VOLUME_READS_MAX);
}

#[test]
fn nobody_begins_to_read_while_the_recorder_syncs() {
    let gate = gate();
    let syncing = gate.sync();
    let (tell, told) = channel();
    enters(&gate, Urgency::Soon, "reader", &tell);
    assert!(told.recv_timeout(MOMENT).is_err());
    drop(syncing);
    next(&told);
}

#[test]
fn beside_a_sync_that_takes_long_one_reads_at_a_time() {
    let gate = of(Bounds { yields: Duration::ZERO, ..gate().bounds });
    let syncing = gate.sync();
    let (tell, told) = channel();
    enters(&gate, Urgency::Soon, "reader", &tell);
    enters(&gate, Urgency::Soon, "reader", &tell);
    let first = next(&told);
    assert!(told.recv_timeout(MOMENT).is_err(), "two read beside a sync");
    drop(first);
    let second = next(&told);
    drop((second, syncing));
    assert!(!gate.lock().beside, "the next sync is waited for again");
}

#[test]
fn whoever_waits_for_a_picture_goes_first_and_bodies_go_on() {
    let gate = gate();
    // Beside a sync that takes long one goes at a time: that shows their order.
    let _syncing = gate.sync();
    gate.lock().beside = true;
    let first = gate.enter(Urgency::Later).unwrap();
    let (tell, told) = channel();
    for (urgency, name) in [
        (Urgency::Later, "body"),
        (Urgency::Later, "other body"),
        (Urgency::Soon, "picture 1"),
        (Urgency::Soon, "picture 2"),
        (Urgency::Soon, "picture 3"),
        (Urgency::Soon, "picture 4"),
    ] {
        enters(&gate, urgency, name, &tell);
    }
    drop(first);
    // Each is over before the next one enters.
    let order: Vec<&str> = (0..6).map(|_| next(&told).0).collect();
    let expected = ["picture 1", "picture 2", "picture 3", "body", "picture 4", "other body"];
    assert_eq!(order, expected);
}

#[test]
fn a_disk_that_does_not_answer_is_told_to_whoever_waits_for_a_picture_and_at_once_to_the_next() {
    let bounds = Bounds { patience_soon: Duration::ZERO, ..gate().bounds };
    let gate = of(bounds);
    let inside = full(&gate);
    let (tell, told) = channel();
    enters(&gate, Urgency::Later, "body", &tell);
    let late = gate.enter(Urgency::Soon).unwrap_err();
    assert_eq!(late.kind(), io::ErrorKind::TimedOut);
    // Even one whose patience is not over.
    let patient = ReadGate { bounds: Bounds { patience_soon: FOR_EVER, ..bounds }, ..gate.clone() };
    assert!(patient.enter(Urgency::Soon).is_err() && gate.lock().soon.is_empty());
    // What goes on stands in line all the same, whether it was there or comes now.
    enters(&gate, Urgency::Later, "body", &tell);
    enters(&gate, Urgency::Whenever, "export", &tell);
    assert!(told.recv_timeout(MOMENT).is_err());
    // Once something ends there, it answers again.
    drop(inside);
    let entered: Vec<_> = (0..3).map(|_| next(&told)).collect();
    drop(entered);
    assert!(gate.enter(Urgency::Soon).is_ok());
}

#[test]
fn a_body_loses_patience_at_last_and_an_export_never() {
    let gate = of(Bounds { patience_later: Duration::ZERO, ..gate().bounds });
    let inside = full(&gate);
    let (tell, told) = channel();
    enters(&gate, Urgency::Whenever, "export", &tell);
    let late = gate.enter(Urgency::Later).unwrap_err();
    assert_eq!(late.kind(), io::ErrorKind::TimedOut);
    assert!(told.recv_timeout(MOMENT).is_err(), "an export waits as long as it takes");
    drop(inside);
    assert_eq!(next(&told).0, "export");
}

#[test]
fn pictures_are_given_up_before_bodies() {
    let bounds = ReadGate::default().bounds;
    let patience = |urgency| bounds.patience(urgency).unwrap_or(FOR_EVER);
    assert!(patience(Urgency::Soon) < patience(Urgency::Later));
    assert_eq!(bounds.patience(Urgency::Whenever), None);
}
