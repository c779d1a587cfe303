//! Weeks, changes of clocks, restarts, and clocks that are set.

#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

const MINUTE: i64 = 60_000_000;

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn at(text: &str) -> WallTime {
    wall(text.parse().unwrap())
}

fn weekly(texts: &[&str]) -> Rules {
    Rules { record: true, schedule: Some(Schedule::of(texts).unwrap()), demand: None }
}

/// Whether it is on, and when its schedule turns.
fn decided(texts: &[&str], now: &str) -> (bool, Option<WallTime>) {
    let decision = decide(&weekly(texts), &berlin(), at(now));
    (decision.on, decision.schedule_turns)
}

/// Looks while nobody sets the clock.
fn look(switch: &mut Switch, now: WallTime) -> Turned {
    switch.look(&berlin(), now, MonoTime::from_micros(now.as_micros()))
}

/// A stream that is recorded on demand only.
fn asked_for(minutes: i64) -> (Rules, Demand) {
    let asked = at("2026-11-23T20:00:00Z");
    let demand = Demand { asked, until: asked.plus_micros(minutes * MINUTE) };
    (Rules { record: false, demand: Some(demand), ..Rules::default() }, demand)
}

#[test]
fn what_an_hour_that_is_left_out_takes_from_one_week_comes_in_the_next() {
    let night = ["Sun 02:10-02:50"];
    // On the 28th clocks go from two to three.
    let next = Some(at("2027-04-04T00:10:00Z"));
    assert_eq!(decided(&night, "2027-03-21T01:50:00Z"), (false, next));
    // What was decided is not believed for ever, whatever was foreseen.
    let mut switch = Switch::new(weekly(&night));
    look(&mut switch, at("2027-03-21T01:50:00Z"));
    switch.decided.as_mut().unwrap().schedule_turns = None;
    let turned = look(&mut switch, at("2027-04-04T00:10:00Z"));
    assert_eq!(turned.to, Some(Ok(())));
}

#[test]
fn what_was_asked_for_outlives_a_start_with_a_clock_that_was_never_set() {
    let demand = Demand { asked: at("2026-11-29T20:00:00Z"), until: at("2026-11-30T04:00:00Z") };
    let rules = Rules { record: false, schedule: None, demand: Some(demand) };
    let mut switch = Switch::new(rules);
    let turned = look(&mut switch, at("1970-01-01T00:00:10Z"));
    assert_eq!((turned.to, turned.demand), (Some(Ok(())), None));
    // Then the clock is set.
    assert_eq!(look(&mut switch, at("2026-11-29T22:01:00Z")), Turned::default());
    let over = look(&mut switch, at("2026-11-30T04:00:00Z"));
    assert_eq!(over.demand, Some(DemandTurn::Over(vec![demand])));
}

#[test]
fn a_schedule_is_of_the_clock_on_the_wall() {
    let office = ["Mon-Fri 07:00-19:00"];
    // Monday, in winter.
    assert_eq!(decided(&office, "2026-11-23T05:59:59Z"), (false, Some(at("2026-11-23T06:00:00Z"))));
    assert_eq!(decided(&office, "2026-11-23T06:00:00Z"), (true, Some(at("2026-11-23T18:00:00Z"))));
    // Friday evening: on again on Monday.
    assert_eq!(decided(&office, "2026-11-27T18:00:00Z"), (false, Some(at("2026-11-30T06:00:00Z"))));
    // In summer.
    assert_eq!(decided(&office, "2027-07-05T05:00:00Z"), (true, Some(at("2027-07-05T17:00:00Z"))));
}

#[test]
fn midnight_is_no_end() {
    let nights = ["22:00-06:00"];
    assert_eq!(decided(&nights, "2026-11-23T22:59:59Z"), (true, Some(at("2026-11-24T05:00:00Z"))));
    assert_eq!(decided(&nights, "2026-11-23T23:00:00Z"), (true, Some(at("2026-11-24T05:00:00Z"))));
    let days = ["Mon 00:00-24:00", "Tue 00:00-24:00"];
    assert_eq!(decided(&days, "2026-11-23T12:00:00Z"), (true, Some(at("2026-11-24T23:00:00Z"))));
    assert_eq!(decided(&["00:00-24:00"], "2026-11-23T12:00:00Z"), (true, None), "it never turns");
}

#[test]
fn an_hour_that_is_left_out_is_not_recorded_and_one_that_comes_twice_is_both_times() {
    // On the 28th of March 2027 02:00 is followed by 03:00, at 01:00 UTC.
    let within = ["Sun 02:10-02:50"];
    let next = at("2027-04-04T00:10:00Z");
    assert_eq!(decided(&within, "2027-03-28T00:30:00Z"), (false, Some(next)), "it does not come");
    let into = ["Sun 02:30-04:00"];
    assert_eq!(decided(&into, "2027-03-28T00:59:00Z"), (false, Some(at("2027-03-28T01:00:00Z"))));
    assert_eq!(decided(&into, "2027-03-28T01:00:00Z"), (true, Some(at("2027-03-28T02:00:00Z"))));
    // On the 31st of October 2027 03:00 is followed by 02:00, at 01:00 UTC.
    let twice = ["Sun 02:00-02:30"];
    assert_eq!(decided(&twice, "2027-10-31T00:00:00Z"), (true, Some(at("2027-10-31T00:30:00Z"))));
    assert_eq!(decided(&twice, "2027-10-31T00:30:00Z"), (false, Some(at("2027-10-31T01:00:00Z"))));
    assert_eq!(decided(&twice, "2027-10-31T01:00:00Z"), (true, Some(at("2027-10-31T01:30:00Z"))));
    let over = ["Sun 01:00-04:00"];
    assert_eq!(decided(&over, "2027-10-30T23:00:00Z"), (true, Some(at("2027-10-31T03:00:00Z"))));
}

#[test]
fn what_is_asked_for_counts_whatever_the_settings_say() {
    let now = at("2026-11-23T20:00:00Z");
    let demand = Some(Demand { asked: now, until: now.plus_micros(10 * MINUTE) });
    let off = Rules { record: false, demand, ..Rules::default() };
    let decision = decide(&off, &berlin(), now);
    assert_eq!((decision.on, decision.cause), (true, EndCause::Off));
    assert_eq!(decision.again(), demand.map(|demand| demand.until));
    assert!(!decide(&off, &berlin(), now.plus_micros(10 * MINUTE)).on);
    let scheduled = Rules { demand, ..weekly(&["Mon-Fri 07:00-19:00"]) };
    let decision = decide(&scheduled, &berlin(), now);
    assert_eq!((decision.on, decision.cause), (true, EndCause::NotScheduled));
    assert_eq!(decision.schedule_turns, Some(at("2026-11-24T06:00:00Z")));
    assert_eq!(decision.again(), demand.map(|demand| demand.until), "that comes first");
}

#[test]
fn a_clock_that_cannot_be_right_keeps_nothing_from_being_recorded() {
    let rules = weekly(&["Sun 03:00-03:01"]);
    assert!(decide(&rules, &berlin(), WallTime::EPOCH).on);
    let off = Rules { record: false, ..rules };
    assert!(!decide(&off, &berlin(), WallTime::EPOCH).on);
}

#[test]
fn a_switch_turns_once_and_says_what_is_over() {
    let start = at("2026-11-23T17:59:00Z");
    let mut switch = Switch::new(weekly(&["Mon-Fri 07:00-19:00"]));
    let look =
        |switch: &mut Switch, minutes: i64| look(switch, start.plus_micros(minutes * MINUTE));
    assert_eq!(look(&mut switch, 0).to, Some(Ok(())));
    assert_eq!(look(&mut switch, 0), Turned::default());
    assert_eq!(look(&mut switch, 1).to, Some(Err(EndCause::NotScheduled)));
    assert_eq!(switch.since(), start.plus_micros(MINUTE));
    let asked = start.plus_micros(2 * MINUTE);
    let demand = Demand { asked, until: asked.plus_micros(5 * MINUTE) };
    switch.set(Rules { demand: Some(demand), ..weekly(&["Mon-Fri 07:00-19:00"]) });
    assert_eq!(look(&mut switch, 2), Turned { to: Some(Ok(())), demand: None });
    let over = Turned {
        to: Some(Err(EndCause::NotScheduled)),
        demand: Some(DemandTurn::Over(vec![demand])),
    };
    assert_eq!(look(&mut switch, 7), over);
    switch.set(Rules { record: false, ..Rules::default() });
    assert_eq!(look(&mut switch, 8).to, None, "it is off already");
    switch.set(Rules { record: true, ..Rules::default() });
    assert_eq!(look(&mut switch, 9).to, Some(Ok(())));
}

#[test]
fn a_restart_goes_on_with_what_was_asked_for_and_forgets_what_is_over() {
    let asked = at("2026-11-23T20:00:00Z");
    let demand = Demand { asked, until: asked.plus_micros(10 * MINUTE) };
    let rules = Rules { record: false, demand: Some(demand), ..Rules::default() };
    let first =
        |minutes: i64| look(&mut Switch::new(rules.clone()), asked.plus_micros(minutes * MINUTE));
    assert_eq!(first(3), Turned { to: Some(Ok(())), demand: None });
    let over = Some(DemandTurn::Over(vec![demand]));
    assert_eq!(first(10), Turned { to: Some(Err(EndCause::Off)), demand: over });
}

#[test]
fn a_clock_that_was_set_back_makes_no_demand_last_longer_than_asked_for_from_then_on() {
    let (rules, demand) = asked_for(10);
    let back = demand.asked.plus_micros(-600 * MINUTE);
    let anew = Demand { asked: back, until: back.plus_micros(10 * MINUTE) };
    // While the process did not run.
    let mut switch = Switch::new(rules);
    let moved = Some(DemandTurn::Moved { from: vec![demand], to: anew });
    assert_eq!(look(&mut switch, back), Turned { to: Some(Ok(())), demand: moved });
    let turned = look(&mut switch, anew.until);
    // Its row may not have heard of that.
    let over = Some(DemandTurn::Over(vec![demand, anew]));
    assert_eq!(turned, Turned { to: Some(Err(EndCause::Off)), demand: over });
    // A schedule is a question of the clock on the wall alone.
    let mut switch = Switch::new(weekly(&["Mon-Fri 07:00-19:00"]));
    let late = at("2026-11-23T18:30:00Z");
    assert_eq!(look(&mut switch, late).to, Some(Err(EndCause::NotScheduled)));
    let (zone, mono) = (berlin(), MonoTime::from_micros(late.as_micros()));
    assert_eq!(switch.look(&zone, late.plus_micros(-60 * MINUTE), mono).to, Some(Ok(())));
}

/// What comes of a demand for ten minutes where the clock is set by so many after three.
fn set_after_three(by: i64) {
    let (rules, demand) = asked_for(10);
    let mut switch = Switch::new(rules.clone());
    let zone = berlin();
    let mono = |minutes: i64| MonoTime::from_micros(minutes * MINUTE);
    let wall = |minutes: i64| demand.asked.plus_micros(minutes * MINUTE);
    assert_eq!(switch.look(&zone, wall(0), mono(0)).to, Some(Ok(())));
    assert_eq!(switch.look(&zone, wall(3), mono(3)), Turned::default());
    let moved = Demand { asked: wall(by), until: wall(by + 10) };
    let turned =
        Turned { to: None, demand: Some(DemandTurn::Moved { from: vec![demand], to: moved }) };
    assert_eq!(switch.look(&zone, wall(by + 4), mono(4)), turned);
    assert_eq!(switch.decision().unwrap().demanded_until, Some(moved.until));
    // The rows may hear of it late; and another session of the stream begins.
    switch.set(rules.clone());
    assert_eq!(switch.look(&zone, wall(by + 5), mono(5)), Turned::default());
    let mut switch = Switch::after(switch.outlasting(), rules);
    assert_eq!(switch.look(&zone, wall(by + 6), mono(6)).to, Some(Ok(())));
    let almost = mono(10).plus_micros(-1);
    assert_eq!(switch.look(&zone, moved.until.plus_micros(-1), almost), Turned::default());
    let over = Turned {
        to: Some(Err(EndCause::Off)),
        demand: Some(DemandTurn::Over(vec![demand, moved])),
    };
    assert_eq!(switch.look(&zone, moved.until, mono(10)), over);
}

#[test]
fn what_was_asked_for_lasts_as_long_wherever_the_clock_is_set_while_it_runs() {
    for by in [60, 8, -8, -600] {
        set_after_three(by);
    }
}

/// A demand for ten minutes, for each name that it has had: the clock is set an hour further each
/// second.
fn set_again_and_again(times: usize) -> (Switch, Vec<Demand>) {
    let (rules, demand) = asked_for(10);
    let (mut switch, mut names) = (Switch::new(rules), vec![demand]);
    switch.look(&berlin(), demand.asked, MonoTime::default());
    for n in 1..=times as i64 {
        let by = n * 60 * MINUTE;
        let mono = MonoTime::from_micros(n * 1_000_000);
        let turned = switch.look(&berlin(), demand.asked.plus_micros(by + n * 1_000_000), mono);
        let (asked, until) = (demand.asked.plus_micros(by), demand.until.plus_micros(by));
        let Some(DemandTurn::Moved { from, to }) = turned.demand else { panic!("{turned:?}") };
        assert!(from.len() <= limits::DEMAND_NAMES_MAX + 1);
        assert!(from.contains(&demand) && from.contains(&names[names.len() - 1]));
        names.push(Demand { asked, until });
        assert_eq!(Some(&to), names.last());
    }
    (switch, names)
}

/// Whether what was asked for goes on as it is called now, where the rows say that.
fn goes_on(switch: &mut Switch, said: Demand, now: Demand) -> bool {
    switch.set(Rules { record: false, demand: Some(said), ..Rules::default() });
    switch.outlasting().and_then(|asked| asked.demand()) == Some(now)
}

#[test]
fn what_was_asked_for_goes_on_by_whichever_of_its_names_the_rows_have() {
    let (mut switch, names) = set_again_and_again(2);
    assert!(names.iter().all(|name| goes_on(&mut switch, *name, names[2])));
    // As many as nobody keeps: the newest ones, and the one that the rows had.
    let most = limits::DEMAND_NAMES_MAX;
    let (mut switch, names) = set_again_and_again(2 * most);
    let last = names[2 * most];
    assert!(goes_on(&mut switch, names[0], last));
    assert!(goes_on(&mut switch, names[2 * most - 1], last));
    assert!(!goes_on(&mut switch, names[9], last), "that one is not known any more");
    // The rows have heard of one meanwhile.
    let (mut switch, names) = set_again_and_again(2 * most);
    switch.confirm(names[most + 1]);
    assert!(goes_on(&mut switch, names[most + 1], names[2 * most]));
    assert!(!goes_on(&mut switch, names[0], names[2 * most]), "that is over there");
}

#[test]
fn a_clock_that_was_never_set_and_then_is_cuts_nothing_off() {
    let asked = WallTime::EPOCH.plus_micros(MINUTE);
    let demand = Demand { asked, until: asked.plus_micros(10 * MINUTE) };
    let rules = Rules { record: false, demand: Some(demand), ..Rules::default() };
    let mut switch = Switch::new(rules);
    let mono = |minutes: i64| MonoTime::from_micros(minutes * MINUTE);
    assert_eq!(switch.look(&berlin(), asked, mono(0)).to, Some(Ok(())));
    let set = at("2026-11-29T20:00:00Z");
    let moved = Demand { asked: set.plus_micros(-4 * MINUTE), until: set.plus_micros(6 * MINUTE) };
    let turned = switch.look(&berlin(), set, mono(4));
    assert_eq!(
        turned,
        Turned { to: None, demand: Some(DemandTurn::Moved { from: vec![demand], to: moved }) }
    );
    // One that is never set makes nothing last for ever.
    let rules = Rules { record: false, demand: Some(demand), ..Rules::default() };
    let mut switch = Switch::new(rules);
    assert_eq!(switch.look(&berlin(), asked, mono(0)).to, Some(Ok(())));
    let over = switch.look(&berlin(), demand.until, mono(10));
    assert_eq!(over.demand, Some(DemandTurn::Over(vec![demand])));
}

#[test]
fn a_switch_says_how_long_it_may_be_left_alone() {
    let (rules, demand) = asked_for(10);
    let mut switch = Switch::new(rules);
    let mono = |minutes: i64| MonoTime::from_micros(minutes * MINUTE);
    assert_eq!(switch.rest(demand.asked, mono(0)), None, "it was never looked at");
    switch.look(&berlin(), demand.asked, mono(0));
    let after = |minutes: i64, by: i64| {
        switch.rest(demand.asked.plus_micros((minutes + by) * MINUTE), mono(minutes))
    };
    assert_eq!(after(3, 0), Some(Duration::from_secs(420)));
    assert_eq!(after(3, 1), None, "the clock was set");
    assert_eq!(after(11, 0), None);
    assert!(switch.may_turn());
    let mut always = Switch::new(Rules { record: true, ..Rules::default() });
    look(&mut always, demand.asked);
    assert!(!always.may_turn());
}

#[test]
fn a_schedule_turns_in_time_while_the_clock_goes_faster_to_be_put_right() {
    let (from, turns) = (at("2026-11-23T05:59:05Z"), at("2026-11-23T06:00:00Z"));
    let mut switch = Switch::new(weekly(&["Mon-Fri 07:00-19:00"]));
    // What passes by the clock that nobody sets, as those who look sleep by it.
    let (mut passed, mut sleeps) = (Duration::ZERO, 0);
    let off_by = loop {
        let micros = passed.as_micros() as i64;
        let now = from.plus_micros(micros + micros / 12);
        let turned = switch.look(&berlin(), now, MonoTime::from_micros(micros));
        if turned.to == Some(Ok(())) {
            break now.micros_since(turns);
        }
        let rest = switch.rest(now, MonoTime::from_micros(micros)).unwrap();
        (passed, sleeps) = (passed + rest, sleeps + 1);
    };
    assert!((0..100_000).contains(&off_by), "{off_by} \u{b5}s");
    assert!(sleeps < 8, "{sleeps}");
}

proptest! {
    /// Between a look and the next one that was announced, nothing would have been decided
    /// otherwise; and then it is.
    #[test]
    fn nothing_changes_before_the_next_look(
        texts in prop::collection::vec((0u8..7, 0u8..7, 0u16..1440, 0u16..1440), 1..5),
        minute in 0i64..(366 * 24 * 60),
        steps in prop::collection::vec(0.0f64..1.0, 8),
    ) {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let clock = |m: u16| format!("{:02}:{:02}", m / 60, m % 60);
        let texts: Vec<String> = texts
            .into_iter()
            .map(|(a, b, from, to)| {
                let to = if from == to { (to + 1) % 1440 } else { to };
                let (a, b) = (DAYS[a as usize], DAYS[b as usize]);
                format!("{a}-{b} {}-{}", clock(from), clock(to))
            })
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let now = at("2027-01-01T00:00:00Z").plus_micros(minute * MINUTE);
        let rules = weekly(&texts);
        let decision = decide(&rules, &berlin(), now);
        let until = decision.schedule_turns.unwrap_or(now.plus_micros(30 * 24 * 60 * MINUTE));
        for step in steps {
            let ahead = until.micros_since(now) as f64 * step * 0.999_999;
            let between = now.plus_micros(ahead as i64);
            prop_assert_eq!(decide(&rules, &berlin(), between).on, decision.on);
        }
        if decision.schedule_turns.is_some() {
            prop_assert_ne!(decide(&rules, &berlin(), until).on, decision.on);
        }
    }
}
