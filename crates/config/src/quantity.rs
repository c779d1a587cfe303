//! Sizes and durations as people write them: `500 GB`, `5%`, `1s`, `5m`.

use std::time::Duration;

/// Space that retention leaves free on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeepFree {
    /// This many bytes.
    Bytes(u64),
    /// This many thousandths of the whole file system.
    Permille(u16),
}

impl KeepFree {
    /// Whether a file system of `total` bytes can leave so much free and still hold footage: no
    /// more than 90 % of it.
    pub fn fits(self, total: u64) -> bool {
        match self {
            Self::Bytes(bytes) => u128::from(bytes) * 10 <= u128::from(total) * 9,
            Self::Permille(part) => part <= 900,
        }
    }

    /// The bytes to leave free on a file system of `total` bytes. What does not fit there can only
    /// be a typing error, or meant for another disk, and must cost no footage: the default counts
    /// instead.
    pub fn bytes_of(self, total: u64) -> u64 {
        match self {
            keep if !keep.fits(total) => Self::default().bytes_of(total),
            Self::Bytes(bytes) => bytes,
            Self::Permille(part) => {
                let bytes = u128::from(total) * u128::from(part) / 1000;
                u64::try_from(bytes).unwrap_or(u64::MAX)
            }
        }
    }
}

impl Default for KeepFree {
    fn default() -> Self {
        Self::Permille(50)
    }
}

impl std::fmt::Display for KeepFree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => f.write_str(&format_bytes(*bytes)),
            Self::Permille(part) if part % 10 == 0 => write!(f, "{}%", part / 10),
            Self::Permille(part) => write!(f, "{}.{}%", part / 10, part % 10),
        }
    }
}

impl std::str::FromStr for KeepFree {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(number) = text.trim().strip_suffix('%') else {
            return parse_bytes(text).map(Self::Bytes).map_err(|why| format!("{why}, or 5%"));
        };
        let permille = scaled(number.trim_end(), 10).filter(|part| *part <= 900);
        let permille = permille.and_then(|part| u16::try_from(part).ok());
        permille.map(Self::Permille).ok_or_else(|| {
            format!("{text:?} is not a part of a disk; write a percentage from 0% to 90%")
        })
    }
}

const SIZE_UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Bytes from text such as `500 GB` (powers of 1000) or `512 MiB` (powers of 1024), any case.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let known = SIZE_UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    known
        .and_then(|(_, factor)| scaled(number, *factor))
        .ok_or_else(|| format!("{text:?} is not a size; write a number and a unit such as 500 GB"))
}

/// `bytes` in the largest unit that says it exactly; [`parse_bytes`] reads it back.
pub fn format_bytes(bytes: u64) -> String {
    let exact =
        SIZE_UNITS[2..].iter().filter(|(_, factor)| bytes > 0 && bytes.is_multiple_of(*factor));
    match exact.max_by_key(|(_, factor)| factor) {
        Some((unit, factor)) => format!("{} {unit}", bytes / factor),
        None => format!("{bytes} B"),
    }
}

const TIME_UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// A duration from text such as `200ms`, `1s`, `5m`, `1.5 h` or `1d`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let known = TIME_UNITS.iter().find(|(name, _)| *name == unit);
    known
        .and_then(|(_, factor)| scaled(number, *factor))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("{text:?} is not a duration; write a number and ms, s, m, h or d"))
}

/// `duration` in the largest unit that says it exactly, to the millisecond; [`parse_duration`]
/// reads it back.
pub fn format_duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let exact =
        TIME_UNITS.iter().filter(|(unit, factor)| *unit != "min" && millis.is_multiple_of(*factor));
    match exact.max_by_key(|(_, factor)| factor) {
        Some((unit, factor)) if millis > 0 => format!("{}{unit}", millis / factor),
        _ => "0s".to_owned(),
    }
}

/// `12.5 GB` → `12.5`, `GB`.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// A decimal number times `factor`, exact; `None` when it is no number, out of range, or leaves a
/// fraction.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 18 {
        return None;
    }
    let one = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let whole = whole.parse::<u128>().ok()?.checked_mul(one)?;
    let value = whole.checked_add(fraction.parse().ok()?)?.checked_mul(u128::from(factor))?;
    (value % one == 0).then(|| u64::try_from(value / one).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_written() {
        assert_eq!(parse_bytes("500 GB"), Ok(500_000_000_000));
        assert_eq!(parse_bytes("512MB"), Ok(512_000_000));
        assert_eq!(parse_bytes("1.5 GiB"), Ok(3 << 29));
        assert_eq!(parse_bytes("4096"), Ok(4096));
        for bad in ["", "GB", "-1 GB", "1e3", "5 potatoes", "0.5 B", "99999999999 TB", "1 . 5 GB"] {
            assert!(parse_bytes(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn durations_are_read_as_written() {
        assert_eq!(parse_duration("1s"), Ok(Duration::from_secs(1)));
        assert_eq!(parse_duration("200 ms"), Ok(Duration::from_millis(200)));
        assert_eq!(parse_duration("1.5h"), Ok(Duration::from_secs(5400)));
        for bad in ["", "s", "1", "1 fortnight", "0.5ms", "-1s"] {
            assert!(parse_duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn free_space_is_a_part_or_a_size() {
        assert_eq!("5%".parse(), Ok(KeepFree::Permille(50)));
        assert_eq!("2.5 %".parse(), Ok(KeepFree::Permille(25)));
        assert_eq!("20 GB".parse(), Ok(KeepFree::Bytes(20_000_000_000)));
        assert!("95%".parse::<KeepFree>().is_err());
        assert_eq!(KeepFree::Permille(50).bytes_of(1000), 50);
        assert_eq!(KeepFree::Bytes(900).bytes_of(1000), 900);
        for typo in [KeepFree::Bytes(901), KeepFree::Bytes(u64::MAX)] {
            assert!(!typo.fits(1000));
            assert_eq!(typo.bytes_of(1000), 50, "as if nothing had been said");
        }
        assert_eq!(KeepFree::Permille(900).bytes_of(u64::MAX), u64::MAX / 10 * 9 + 4);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(
            bytes: u64, millis in 0u64..1 << 50, part in 0u16..=900
        ) {
            assert_eq!(parse_bytes(&format_bytes(bytes)), Ok(bytes));
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
            for keep in [KeepFree::Permille(part), KeepFree::Bytes(bytes)] {
                assert_eq!(keep.to_string().parse(), Ok(keep));
            }
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text: String) {
            let _ = (parse_bytes(&text), parse_duration(&text), text.parse::<KeepFree>());
        }
    }
}
