//! Where a segment lies: `<camera slug>/<stream>/<YYYY-MM-DD>/<HH-MM-SS.mmm>Z_<segment id>.mp4`
//! below its volume, in UTC. No other file forms a media path.

use std::io;
use std::path::{Path, PathBuf};

use base::{SegmentId, WallTime};

const MILLIS_PER_DAY: i64 = 86_400_000;
const NAME_BYTES_MAX: usize = 128;

/// What names a segment file within its volume.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SegmentPlace {
    /// The camera's slug.
    pub camera_slug: String,
    /// The stream's name: `main`, `sub`, …
    pub stream: String,
    /// The segment's start. A name read from a folder gives it to the millisecond only.
    pub start: WallTime,
    /// The segment.
    pub id: SegmentId,
}

/// The folder of one stream's segments that start on one UTC day.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DayFolder {
    /// The camera's slug.
    pub camera_slug: String,
    /// The stream's name.
    pub stream: String,
    /// Days since 1970-01-01.
    pub day: i64,
}

impl SegmentPlace {
    /// The folder that the segment lies in.
    pub fn folder(&self) -> DayFolder {
        DayFolder {
            camera_slug: self.camera_slug.clone(),
            stream: self.stream.clone(),
            day: self.start.as_millis().div_euclid(MILLIS_PER_DAY),
        }
    }

    /// The file's path below the volume's folder, for people to read.
    pub fn relative(&self) -> String {
        format!("{}/{}", self.folder().relative(), self.file_name())
    }

    /// The place that a path below a volume names; `None` for anything else.
    pub fn parse(relative: &str) -> Option<Self> {
        let mut parts = relative.split('/');
        let (slug, stream, day) = (parts.next()?, parts.next()?, parts.next()?);
        let name = parts.next().filter(|_| parts.next().is_none())?;
        if !is_name(slug) || !is_name(stream) {
            return None;
        }
        let (camera_slug, stream) = (slug.to_owned(), stream.to_owned());
        DayFolder { camera_slug, stream, day: day_of(day)? }.segment(name)
    }

    /// The file's path; `InvalidFilename` where slug or stream name would leave the volume.
    pub(crate) fn path(&self, root: &Path) -> io::Result<PathBuf> {
        Ok(self.folder().path(root)?.join(self.file_name()))
    }

    fn file_name(&self) -> String {
        let millis = self.start.as_millis().rem_euclid(MILLIS_PER_DAY);
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!("{hours:02}-{minutes:02}-{:02}.{millis:03}Z_{}.mp4", seconds % 60, self.id)
    }
}

impl DayFolder {
    /// The folder of `place`'s stream on the UTC day that holds `at`.
    pub fn at(camera_slug: &str, stream: &str, at: WallTime) -> Self {
        let day = at.as_millis().div_euclid(MILLIS_PER_DAY);
        Self { camera_slug: camera_slug.to_owned(), stream: stream.to_owned(), day }
    }

    /// The first instant of the day.
    pub fn begin(&self) -> WallTime {
        WallTime::from_micros(self.day.saturating_mul(MILLIS_PER_DAY * 1000))
    }

    /// The folder's path below the volume's folder.
    pub fn relative(&self) -> String {
        format!("{}/{}/{}", self.camera_slug, self.stream, day_name(self.day))
    }

    /// The segment that a file of this folder holds by its name; `None` for strangers.
    pub fn segment(&self, file_name: &str) -> Option<SegmentPlace> {
        let (clock, id) = file_name.strip_suffix(".mp4")?.split_once("Z_")?;
        let (seconds, millis) = clock.split_once('.')?;
        let mut parts = seconds.split('-').map(|part| number(part, 2));
        let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
        let seconds = (hours * 60 + minutes) * 60 + seconds;
        let millis = self.day * MILLIS_PER_DAY + seconds * 1000 + number(millis, 3)?;
        let place = SegmentPlace {
            camera_slug: self.camera_slug.clone(),
            stream: self.stream.clone(),
            start: WallTime::from_micros(millis.checked_mul(1000)?),
            id: id.parse().ok()?,
        };
        // Anything that this crate would not have written is a stranger's.
        (place.file_name() == file_name && place.folder() == *self).then_some(place)
    }

    pub(crate) fn path(&self, root: &Path) -> io::Result<PathBuf> {
        if !is_name(&self.camera_slug) || !is_name(&self.stream) {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        Ok(root.join(&self.camera_slug).join(&self.stream).join(day_name(self.day)))
    }
}

/// Whether `name` names one folder below another and nothing else.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && !name.starts_with('.')
        && name.chars().all(fits)
}

/// The day (since 1970-01-01) that a folder's name spells.
pub(crate) fn day_of(name: &str) -> Option<i64> {
    let at: WallTime = format!("{name}T00:00:00Z").parse().ok()?;
    let day = at.as_millis().div_euclid(MILLIS_PER_DAY);
    (day_name(day) == name).then_some(day)
}

fn day_name(day: i64) -> String {
    let begin = WallTime::from_micros(day.saturating_mul(MILLIS_PER_DAY * 1000)).to_string();
    begin.split('T').next().unwrap_or_default().to_owned()
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let all_digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(slug: &str, start: i64) -> SegmentPlace {
        SegmentPlace {
            camera_slug: slug.to_owned(),
            stream: "main".to_owned(),
            start: WallTime::from_micros(start),
            id: SegmentId::new(WallTime::from_micros(start), [7; 10]),
        }
    }

    #[test]
    fn a_place_is_a_path_that_a_person_can_read() {
        let place = place("front-door", 1_795_378_500_123_456);
        let id = place.id;
        assert_eq!(place.relative(), format!("front-door/main/2026-11-22/20-15-00.123Z_{id}.mp4"));
        assert_eq!(
            place.path(Path::new("/vol")).expect("the names are fine"),
            Path::new("/vol").join(place.relative())
        );
    }

    #[test]
    fn names_that_leave_the_volume_are_refused() {
        for slug in ["", ".", "..", "a/b", "../etc", "a\0b", ".hidden"] {
            assert!(place(slug, 0).path(Path::new("/vol")).is_err(), "{slug:?}");
        }
    }

    #[test]
    fn strangers_files_are_nobodys_segments() {
        let folder = place("a", 0).folder();
        let id = SegmentId::from_bytes([0xab; 16]);
        for name in [
            "notes.txt".to_owned(),
            format!("00-00-00.000Z_{id}.mp4.part"),
            format!("24-00-00.000Z_{id}.mp4"),
            format!("00-61-00.000Z_{id}.mp4"),
            format!("0-00-00.000Z_{id}.mp4"),
            format!("00-00-00.000Z_{}.mp4", id.to_string().to_uppercase()),
        ] {
            assert_eq!(folder.segment(&name), None, "{name}");
        }
        assert_eq!(day_of("2026-02-30"), None);
        assert_eq!(day_of("lost+found"), None);
    }

    proptest! {
        #[test]
        fn a_name_gives_its_place_back(millis in 0i64..4_000_000_000_000) {
            let place = place("a", millis * 1000);
            let name = place.file_name();
            prop_assert_eq!(SegmentPlace::parse(&place.relative()), Some(place.clone()));
            let folder = place.folder();
            prop_assert_eq!(day_of(&day_name(folder.day)), Some(folder.day));
            prop_assert_eq!(folder.segment(&name), Some(place));
        }
    }
}
