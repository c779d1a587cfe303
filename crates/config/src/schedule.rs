//! When in a week a stream is recorded: days and times of day, as people write them.
//!
//! `Mon-Fri 07:00-19:00`, `Sat,Sun 00:00-24:00`, `22:00-06:00` (every day, until the next morning).
//! Times are those that the clock on the wall shows in the archive's time zone.

use std::fmt;
use std::str::FromStr;

use base::limits;
use jiff::civil::{Date, DateTime, Weekday};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EVERY_DAY: u8 = 0x7f;
const MINUTES_A_DAY: u16 = 24 * 60;
const FORM: &str = "write days and a time such as \"Mon-Fri 07:00-19:00\"";

/// A week of times at which something is done. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Schedule(Vec<Span>);

/// One time of day, on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Span {
    /// On which days it begins: bit 0 is Monday.
    days: u8,
    /// Its first minute of the day.
    from: u16,
    /// The first minute after it; not after `from`: of the next day.
    to: u16,
}

impl Schedule {
    /// A schedule of so many texts, one time each; where one is wrong, its place and what to write.
    pub fn of<T: AsRef<str>>(texts: &[T]) -> Result<Self, (Option<usize>, String)> {
        if texts.is_empty() {
            let message = "an empty schedule would never record; write record = false instead";
            return Err((None, message.to_owned()));
        }
        let most = limits::SCHEDULE_TIMES_MAX;
        if texts.len() > most {
            return Err((None, format!("there are {} times; {most} is the most", texts.len())));
        }
        let spans = texts.iter().enumerate();
        let spans = spans.map(|(at, text)| text.as_ref().parse().map_err(|why| (Some(at), why)));
        spans.collect::<Result<_, _>>().map(Self)
    }

    /// Its times, as [`Schedule::of`] takes them.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Whether the moment is in it at which a clock on the wall shows `at`.
    pub fn has(&self, at: DateTime) -> bool {
        let minute = at.hour() as u16 * 60 + at.minute() as u16;
        let today = bit(at.weekday());
        let yesterday = bit(at.weekday().previous());
        self.0.iter().any(|span| {
            let (on, since) = (span.days & today != 0, span.days & yesterday != 0);
            match span.is_over_midnight() {
                false => on && (span.from..span.to).contains(&minute),
                true => (on && minute >= span.from) || (since && minute < span.to),
            }
        })
    }

    /// What clocks on the wall show when a time that begins on `day` begins, and when it ends.
    pub fn bounds_of(&self, day: Date) -> impl Iterator<Item = DateTime> {
        let begins = bit(day.weekday());
        let spans = self.0.iter().filter(move |span| span.days & begins != 0);
        spans.flat_map(move |span| {
            let next_day = span.is_over_midnight() || span.to == MINUTES_A_DAY;
            let ends = if next_day { day.tomorrow().unwrap_or(day) } else { day };
            [moment(day, span.from), moment(ends, span.to % MINUTES_A_DAY)]
        })
    }
}

fn moment(day: Date, minute: u16) -> DateTime {
    day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0)
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset()
}

impl Span {
    fn is_over_midnight(&self) -> bool {
        self.to <= self.from
    }
}

/// As one text, with `; ` between the times.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join("; "))
    }
}

impl FromStr for Schedule {
    type Err = String;

    /// Reads what `Display` writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let texts: Vec<&str> = text.split("; ").collect();
        Self::of(&texts).map_err(|(_, why)| why)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != EVERY_DAY {
            write!(f, "{} ", days_in_words(self.days))?;
        }
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

fn days_in_words(days: u8) -> String {
    let mut words = Vec::new();
    let mut day = 0;
    while day < 7 {
        let length = (day..7).take_while(|day| days & 1 << day != 0).count();
        match length {
            0 => day += 1,
            1 | 2 => words.extend(DAYS[day..day + length].iter().map(|day| (*day).to_owned())),
            _ => words.push(format!("{}-{}", DAYS[day], DAYS[day + length - 1])),
        }
        day += length;
    }
    words.join(",")
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (days, times) = match text.split_once(' ') {
            Some((days, times)) => (days_of(days, text)?, times),
            None => (EVERY_DAY, text),
        };
        let wrong = || format!("no time {text:?}; {FORM}");
        let (from, to) = times.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minute_of(from, text)?, minute_of(to, text)?);
        if from == MINUTES_A_DAY {
            return Err(format!("{text:?} begins at 24:00; write 00:00 of the next day"));
        }
        if from == to {
            let day = "for a whole day write 00:00-24:00";
            return Err(format!("{text:?} ends when it begins; {day}"));
        }
        // Until 00:00 is until the end of the day.
        let to = if to == 0 { MINUTES_A_DAY } else { to };
        Ok(Self { days, from, to })
    }
}

fn days_of(text: &str, whole: &str) -> Result<u8, String> {
    let number = |name: &str| {
        let known = DAYS.iter().position(|day| day.eq_ignore_ascii_case(name));
        let all = DAYS.join(", ");
        known.ok_or_else(|| format!("no day {name:?} in {whole:?}; the days are {all}"))
    };
    let mut days = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        // Over the weekend too: Fri-Mon.
        let length = (last + 7 - first) % 7;
        days |= (0..=length).fold(0, |days, day| days | 1 << ((first + day) % 7));
    }
    Ok(days)
}

/// `07:30`, and `24:00`.
fn minute_of(text: &str, whole: &str) -> Result<u16, String> {
    let two = |text: &str| match text.as_bytes() {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u16::from(a - b'0') * 10 + u16::from(b - b'0')),
        _ => None,
    };
    let read = text.split_once(':').and_then(|(hour, minute)| Some((two(hour)?, two(minute)?)));
    match read {
        Some((24, 0)) => Ok(MINUTES_A_DAY),
        Some((hour @ 0..24, minute @ 0..60)) => Ok(hour * 60 + minute),
        Some(_) => Err(format!("there is no {text:?} in a day, as in {whole:?}; {FORM}")),
        None => Err(format!("no time of day {text:?} in {whole:?}; {FORM}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use jiff::civil::date;

    /// The 23rd of November 2026 is a Monday.
    fn on(texts: &[&str], day: i8, hour: i8, minute: i8) -> bool {
        Schedule::of(texts).unwrap().has(date(2026, 11, 22 + day).at(hour, minute, 59, 0))
    }

    #[test]
    fn days_and_times_are_understood() {
        let office = ["Mon-Fri 07:00-19:00"];
        assert!(on(&office, 1, 7, 0) && on(&office, 5, 18, 59));
        assert!(!on(&office, 1, 6, 59) && !on(&office, 1, 19, 0) && !on(&office, 6, 12, 0));
        let both = ["Mon-Fri 07:00-19:00", "sat,SUN 00:00-24:00"];
        assert!(on(&both, 6, 0, 0) && on(&both, 7, 23, 59) && on(&both, 3, 12, 0));
    }

    #[test]
    fn a_night_goes_on_until_the_morning_of_the_next_day() {
        let night = ["Fri 22:00-06:00"];
        assert!(on(&night, 5, 22, 0) && on(&night, 5, 23, 59) && on(&night, 6, 5, 59));
        assert!(!on(&night, 6, 6, 0) && !on(&night, 6, 22, 0) && !on(&night, 5, 5, 0));
        let sunday = ["Sun 22:00-06:00"];
        assert!(on(&sunday, 7, 22, 0) && on(&sunday, 1, 5, 59), "the week goes round");
        assert!(on(&["22:00-00:00"], 2, 23, 59) && !on(&["22:00-00:00"], 3, 0, 0));
    }

    #[test]
    fn bounds_are_those_of_the_times_that_begin_on_a_day() {
        let all = Schedule::of(&["Mon 22:00-06:00", "Tue 00:00-24:00", "Mon 01:30-02:00"]).unwrap();
        let bounds: Vec<_> = all.bounds_of(date(2026, 11, 23)).collect();
        let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
        assert_eq!(bounds[..2], [monday.at(22, 0, 0, 0), tuesday.at(6, 0, 0, 0)]);
        assert_eq!(bounds[2..], [monday.at(1, 30, 0, 0), monday.at(2, 0, 0, 0)]);
        let whole: Vec<_> = all.bounds_of(tuesday).collect();
        assert_eq!(whole, [tuesday.at(0, 0, 0, 0), date(2026, 11, 25).at(0, 0, 0, 0)]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let canonical = [
            ("Mon-Fri 07:00-19:00", "Mon-Fri 07:00-19:00"),
            ("sat,sun 00:00-24:00", "Sat,Sun 00:00-24:00"),
            ("Fri-Mon 22:00-06:00", "Mon,Fri-Sun 22:00-06:00"),
            ("Mon-Sun 08:00-00:00", "08:00-24:00"),
            ("Wed 08:00-09:30", "Wed 08:00-09:30"),
        ];
        for (text, known) in canonical {
            let schedule = Schedule::of(&[text, "Mon 00:00-00:01"]).unwrap();
            assert_eq!(schedule.texts(), [known, "Mon 00:00-00:01"]);
            assert_eq!(schedule.to_string().parse(), Ok(schedule));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        let why = |text: &str| Schedule::of(&[text]).unwrap_err().1;
        for (text, part) in [
            ("Mo 07:00-19:00", "no day \"Mo\""),
            ("Mon- 07:00-19:00", "no day \"\""),
            ("Mon, Tue 07:00-19:00", "no day \"\""),
            ("Mon 7:00-19:00", "no time of day \"7:00\""),
            ("Mon 07:00-25:00", "there is no \"25:00\" in a day"),
            ("Mon 07:60-08:00", "there is no \"07:60\""),
            ("Mon 24:00-08:00", "begins at 24:00"),
            ("Mon 07:00-07:00", "ends when it begins"),
            ("Mon 07:00", "no time \"Mon 07:00\""),
            ("Mon", "no time \"Mon\""),
            ("", "no time \"\""),
            ("Mon 07:00-19:00 ", "no time of day"),
        ] {
            assert!(why(text).contains(part), "{text:?}: {}", why(text));
        }
        assert!(Schedule::of::<&str>(&[]).unwrap_err().1.contains("record = false"));
        let many = vec!["Mon 07:00-08:00"; limits::SCHEDULE_TIMES_MAX + 1];
        assert_eq!(Schedule::of(&many).unwrap_err().0, None);
        let second = Schedule::of(&["Mon 07:00-08:00", "never"]).unwrap_err();
        assert_eq!(second.0, Some(1));
    }
}
