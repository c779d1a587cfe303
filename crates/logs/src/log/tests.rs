//! What readers of the log see, and that nobody waits for them.

use super::*;

const START: WallTime = WallTime::from_micros(1_795_377_600_000_000);
const FIRST: u64 = 1_795_377_600_000_000;

fn line(level: Level, message: &str, fields: &[(&'static str, &str)]) -> Line {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Line { at: START, level, target: "test".into(), message: message.into(), fields }
}

fn log_of(count: usize) -> Log {
    let log = Log::new(START);
    (0..count).for_each(|number| log.say(line(Level::Info, &format!("line {number}"), &[])));
    log
}

fn asked(from: From, limit: usize) -> Asked {
    Asked { from, level: Level::Debug, camera: None, text: None, limit }
}

fn words(page: &Page) -> Vec<&str> {
    page.lines.iter().map(|(_, line)| line.message.as_str()).collect()
}

#[test]
fn the_newest_come_first_and_then_what_follows() {
    let log = log_of(5);
    let page = log.page(&asked(From::End, 2));
    assert_eq!(words(&page), ["line 3", "line 4"]);
    assert_eq!((page.next, page.earlier), (FIRST + 4, Some(FIRST + 3)));
    assert_eq!(log.page(&asked(From::After(page.next), 2)).lines, []);
    log.say(line(Level::Warn, "more", &[]));
    let then = log.page(&asked(From::After(page.next), 2));
    assert_eq!((words(&then), then.next, then.lost), (vec!["more"], FIRST + 5, 0));
    let older = log.page(&asked(From::Before(FIRST + 3), 2));
    assert_eq!((words(&older), older.earlier), (vec!["line 1", "line 2"], Some(FIRST + 1)));
    let oldest = log.page(&asked(From::Before(FIRST + 1), 2));
    assert_eq!((words(&oldest), oldest.earlier), (vec!["line 0"], None));
}

#[test]
fn pages_follow_one_another_without_a_gap() {
    let log = log_of(7);
    let (mut after, mut all) = (FIRST, Vec::new());
    loop {
        let page = log.page(&asked(From::After(after), 2));
        all.extend(page.lines.iter().map(|(number, _)| *number));
        after = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(all, (FIRST + 1..FIRST + 7).collect::<Vec<_>>());
    assert_eq!(after, FIRST + 6);
}

#[test]
fn what_is_not_kept_any_more_is_counted() {
    let log = log_of(limits::LOG_LINES_MAX + 20);
    let page = log.page(&asked(From::After(FIRST + 4), 1));
    assert_eq!((page.lost, words(&page)), (15, vec!["line 20"]));
    assert!(!page.restarted);
}

#[test]
fn a_number_of_another_life_begins_anew() {
    let log = log_of(3);
    for number in [5, FIRST - 2, FIRST + 3, u64::MAX] {
        let page = log.page(&asked(From::After(number), 9));
        assert_eq!((page.restarted, page.lost, page.lines.len()), (true, 0, 3), "{number}");
    }
    // The one before the first is where this life begins.
    assert!(!log.page(&asked(From::After(FIRST - 1), 9)).restarted);
}

#[test]
fn lines_are_chosen_by_level_camera_and_text() {
    let log = Log::new(START);
    log.say(line(Level::Debug, "packet", &[("stream", "door/main")]));
    log.say(line(Level::Error, "Lost", &[("subject", "door/sub")]));
    log.say(line(Level::Warn, "removed", &[("camera", "yard")]));
    log.say(line(Level::Error, "full", &[("subject", "disk1"), ("stream", "0190-an-id")]));
    let chosen = |level, camera: Option<&str>, text: Option<&str>| {
        let (camera, text) = (camera.map(Into::into), text.map(Into::into));
        let page = log.page(&Asked { level, camera, text, ..asked(From::End, 9) });
        words(&page).join(" ")
    };
    assert_eq!(chosen(Level::Warn, None, None), "Lost removed full");
    assert_eq!(chosen(Level::Debug, Some("door"), None), "packet Lost");
    assert_eq!(chosen(Level::Debug, Some("yard"), None), "removed");
    assert_eq!(chosen(Level::Debug, Some("disk1"), None), "");
    assert_eq!(chosen(Level::Debug, None, Some("LOST")), "Lost");
    assert_eq!(chosen(Level::Debug, None, Some("Disk1")), "full");
    assert_eq!(chosen(Level::Info, Some("door"), Some("packet")), "");
}

#[test]
fn what_was_looked_through_is_not_looked_through_again() {
    let log = log_of(3);
    let page = log.page(&Asked { level: Level::Error, ..asked(From::After(FIRST), 9) });
    assert_eq!((page.lines.len(), page.next), (0, FIRST + 2));
}

#[test]
fn whoever_logs_does_not_wait_for_a_reader_and_what_overflows_is_told() {
    let log = log_of(1);
    let held = log.inside();
    for number in 0..limits::LOG_WAITING_MAX + 40 {
        log.say(line(Level::Info, &format!("while read {number}"), &[]));
    }
    drop(held);
    let page = log.page(&asked(From::After(FIRST), 500));
    assert_eq!(page.lines.len(), limits::LOG_WAITING_MAX + 1);
    assert_eq!(page.lines[0].1.message, "while read 0");
    let (_, last) = &page.lines[limits::LOG_WAITING_MAX];
    assert_eq!(last.fields, [("left_out", "40".to_owned())]);
    assert!(last.message.starts_with("40 lines are not shown"), "{last:?}");
    // Told once.
    log.say(line(Level::Info, "on", &[]));
    assert_eq!(words(&log.page(&asked(From::After(page.next), 9))), ["on"]);
}

#[test]
fn lines_of_several_threads_are_all_there() {
    let log = Log::new(START);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    log.say(line(Level::Info, "said", &[]));
                }
            });
        }
    });
    assert_eq!(log.page(&asked(From::End, 500)).lines.len(), 200);
}
