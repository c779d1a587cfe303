//! A large archive from a seed: cameras, streams, a volume, and rows of a year of segments, through
//! the real writer; and where asked for the tree of its files, empty but as long as their rows say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use archive::{ArchiveKey, SegmentPlace, Volume, VolumeIdentity};
use base::{ArchiveId, CameraId, RunId, SegmentId, StreamId, VolumeId, WallTime};
use catalog::{
    CameraRow, Catalog, Change, Options, SegmentRow, SegmentState, SegmentTrack, StreamRow,
    VolumeRow, Writer,
};
use config::{Keep, KeepFree, Transport, VolumeUse};
use jiff::tz::TimeZone;
use media::{CommitRef, Predecessor};
use serde_json::{Value, json};
use world::sim::{Random, SeededEntropy};
use world::{Clock, SystemClock, SystemDisk};

use crate::minutes::{self, SEGMENT_MICROS};

/// Rows in one transaction.
const BATCH: usize = 4096;
/// What was made, beside it.
const MADE: &str = "made.json";
const DAY_MICROS: i64 = 86_400_000_000;
/// The cap of the index cache.
pub const CACHE_BYTES: u64 = 2_000_000_000;

#[derive(clap::Args)]
pub struct Making {
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long, default_value_t = 16)]
    pub cameras: u32,
    #[arg(long, default_value_t = 366)]
    pub days: u32,
    /// Fill the cache of indexes up to its cap
    #[arg(long)]
    pub cache: bool,
    /// Make the files too: empty ones
    #[arg(long)]
    pub files: bool,
}

/// Where the catalog is.
pub fn catalog_dir(dir: &Path) -> PathBuf {
    dir.join("catalog")
}

/// Where the volume is.
pub fn media_dir(dir: &Path) -> PathBuf {
    dir.join("media")
}

/// How the made catalog is opened.
pub fn options() -> Options {
    Options {
        time_zone: TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC),
        index_cache_bytes: CACHE_BYTES,
        new_archive: ArchiveId::from_bytes([1; 16]),
        note: "the measurement of a large archive".to_owned(),
    }
}

/// The slug of camera `number`.
pub fn slug(number: u32) -> String {
    format!("camera-{number:02}")
}

/// How many cameras there are: also of a catalog that this program cannot read any more.
pub fn cameras(dir: &Path) -> Result<u32> {
    let text = std::fs::read_to_string(dir.join(MADE)).context("it was not made here")?;
    let made: Value = serde_json::from_str(&text)?;
    let cameras = made["cameras"].as_u64().and_then(|cameras| u32::try_from(cameras).ok());
    cameras.context("it does not say how many cameras it has")
}

/// Makes it; how long that took, and how large the catalog has become.
pub fn make(dir: &Path, making: &Making) -> Result<Vec<Value>> {
    let clock = SystemClock::new();
    let began = clock.mono();
    let (catalog, mut writer) = Catalog::open(&SystemDisk, &catalog_dir(dir), &options())?;
    let now = SystemClock::new().wall();
    let mut maker = Maker::new(&catalog, dir, making, now)?;
    writer.apply(&maker.ground(dir))?;
    std::fs::write(dir.join(MADE), json!({ "cameras": making.cameras }).to_string())?;
    let rows = maker.rows(&mut writer)?;
    // With the last connection the log goes into the database.
    drop((catalog, writer));
    let bytes = folder_bytes(&catalog_dir(dir))?;
    let mut results = vec![json!({
        "what": "catalog, rows only",
        "segments": rows,
        "cameras": making.cameras,
        "days": making.days,
        "mb": bytes / 1_000_000,
        "mb_per_camera_year": bytes as f64 / 1e6 / f64::from(making.cameras)
            / f64::from(making.days) * 365.25,
        "made_in_s": clock.mono().since(began).as_secs(),
    })];
    if making.cache {
        let (catalog, mut writer) = Catalog::open(&SystemDisk, &catalog_dir(dir), &options())?;
        let indexes = maker.fill_cache(&catalog, &mut writer)?;
        drop((catalog, writer));
        results.push(json!({
            "what": "catalog, with the cache of indexes",
            "indexes": indexes,
            "mb": folder_bytes(&catalog_dir(dir))? / 1_000_000,
        }));
    }
    Ok(results)
}

/// Bytes of the files in a folder.
pub fn folder_bytes(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}

struct Maker {
    random: Random,
    archive: ArchiveId,
    volume: VolumeId,
    cameras: Vec<Camera>,
    tracks: Vec<SegmentTrack>,
    until: WallTime,
    files: Option<PathBuf>,
}

/// One camera and how far its footage has come.
struct Camera {
    id: CameraId,
    stream: StreamId,
    slug: String,
    run: RunId,
    next: WallTime,
    before: Option<Predecessor>,
}

impl Maker {
    fn new(catalog: &Catalog, dir: &Path, making: &Making, now: WallTime) -> Result<Self> {
        let mut random = Random::new(making.seed);
        let start = now.plus_micros(-i64::from(making.days) * DAY_MICROS);
        let volume = VolumeId::new(start, bytes(&mut random));
        let cameras = (1..=making.cameras).map(|number| Camera {
            id: CameraId::new(start, bytes(&mut random)),
            stream: StreamId::new(start, bytes(&mut random)),
            slug: slug(number),
            run: RunId::new(start, bytes(&mut random)),
            // Streams are cut one after the other.
            next: start.plus_micros(i64::from(number) * SEGMENT_MICROS / i64::from(making.cameras)),
            before: None,
        });
        let cameras: Vec<Camera> = cameras.collect();
        let index = minutes::index(making.seed);
        let track = |track: &media::TrackIndex| SegmentTrack {
            params: track.params.clone(),
            totals: track.totals(),
        };
        let key_path = catalog_dir(dir).join("archive.key");
        let entropy = SeededEntropy::new(making.seed);
        let key = ArchiveKey::load_or_create(&SystemDisk, &key_path, &entropy)?;
        let identity =
            VolumeIdentity { volume, archive: catalog.archive(), public_key: key.public_key() };
        Volume::init(&SystemDisk, &media_dir(dir), &identity).context("cannot make the volume")?;
        Ok(Self {
            random,
            archive: catalog.archive(),
            volume,
            cameras,
            tracks: index.tracks.iter().map(track).collect(),
            until: now.plus_micros(-SEGMENT_MICROS),
            files: making.files.then(|| media_dir(dir)),
        })
    }

    /// Cameras, streams and the volume.
    fn ground(&self, dir: &Path) -> Vec<Change> {
        let volume = VolumeRow {
            id: self.volume,
            name: "disk1".to_owned(),
            path: media_dir(dir),
            keep_free: KeepFree::Bytes(1 << 30),
            r#use: VolumeUse::default(),
            managed_by_file: true,
        };
        let cameras = self.cameras.iter().flat_map(|camera| {
            let row = CameraRow {
                id: camera.id,
                slug: camera.slug.clone(),
                name: camera.slug.clone(),
                managed_by_file: true,
                paused: false,
                removed: false,
                username: None,
                password: None,
            };
            let stream = StreamRow {
                id: camera.stream,
                camera: camera.id,
                name: "main".to_owned(),
                url: "rtsp://192.0.2.1/main".to_owned(),
                transport: Transport::Auto,
                schedule: None,
                record: true,
                paused: false,
                volume: None,
                keep: Keep::default(),
            };
            [Change::PutCamera(row), Change::PutStream(stream)]
        });
        std::iter::once(Change::PutVolume(volume)).chain(cameras).collect()
    }

    /// All segments, in the order in which they would have been sealed.
    fn rows(&mut self, writer: &mut Writer) -> Result<u64> {
        let mut due: BTreeMap<(WallTime, usize), ()> = BTreeMap::new();
        due.extend(self.cameras.iter().enumerate().map(|(at, camera)| ((camera.next, at), ())));
        let (mut count, mut changes) = (0, Vec::with_capacity(BATCH));
        while let Some(((start, at), ())) = due.pop_first() {
            if start >= self.until {
                continue;
            }
            let row = self.segment(at, start);
            due.insert((self.cameras[at].next, at), ());
            self.make_file(&row)?;
            let activity = Some(activity(&mut self.random));
            changes.push(Change::SegmentSealed { row, index: None, activity });
            count += 1;
            if changes.len() == BATCH {
                writer.apply(&changes)?;
                changes.clear();
            }
            if count % 100_000 == 0 {
                eprintln!("{count} segments, up to {start}");
            }
        }
        writer.apply(&changes)?;
        Ok(count)
    }

    /// The next segment of a camera. About twice a week it is lost for minutes, and a few times a
    /// year for hours.
    fn segment(&mut self, at: usize, start: WallTime) -> SegmentRow {
        let random = &mut self.random;
        let camera = &mut self.cameras[at];
        let end = start.plus_micros(SEGMENT_MICROS - 1_000_000 + random.below(2_000_000) as i64);
        let lost = random.below(1000) == 0;
        let away = match (lost, random.below(100)) {
            (false, _) => random.below(33_000) as i64,
            (true, 0..3) => 3_600_000_000 * (1 + random.below(30) as i64),
            (true, _) => 5_000_000 + random.below(1_800_000_000) as i64,
        };
        let id = SegmentId::new(start, bytes(random));
        let last = CommitRef { number: 428, hash: hash(random) };
        let bytes_of = 140_000_000 + random.below(20_000_000);
        let row = SegmentRow {
            id,
            stream: camera.stream,
            volume: self.volume,
            run: camera.run,
            camera_slug: camera.slug.as_str().into(),
            stream_name: "main".into(),
            state: SegmentState::Sealed,
            start,
            end,
            bytes: bytes_of,
            allocated: bytes_of.next_multiple_of(4096),
            tracks: self.tracks.clone(),
            predecessor: camera.before,
            last_commit: Some(last),
            end_cause: lost.then(|| "camera-gone".to_owned()),
        };
        camera.before = Some(Predecessor { segment: id, commit: last });
        camera.next = end.plus_micros(away);
        if lost {
            camera.run = RunId::new(camera.next, bytes(random));
        }
        row
    }

    fn make_file(&self, row: &SegmentRow) -> Result<()> {
        let Some(root) = &self.files else { return Ok(()) };
        let place = SegmentPlace {
            camera_slug: row.camera_slug.to_string(),
            stream: row.stream_name.to_string(),
            start: row.start,
            id: row.id,
        };
        let path = root.join(place.relative());
        let file = std::fs::File::create(&path).or_else(|_| {
            std::fs::create_dir_all(path.parent().unwrap_or(root))?;
            std::fs::File::create(&path)
        })?;
        Ok(file.set_len(row.bytes)?)
    }

    /// Indexes of the newest segments, until the cache is full.
    fn fill_cache(&self, catalog: &Catalog, writer: &mut Writer) -> Result<u64> {
        let packed: Vec<Vec<u8>> = (0..16).map(|seed| minutes::index(seed).pack()).collect();
        let mean = packed.iter().map(|index| index.len() as u64).sum::<u64>() / 16;
        let each = CACHE_BYTES / mean / self.cameras.len() as u64;
        eprintln!("an index is {mean} bytes; {each} of each camera of {}", self.archive);
        let mut count = 0;
        for camera in &self.cameras {
            let newest = catalog.segments_before(camera.stream, WallTime::MAX, each as usize)?;
            for rows in newest.chunks(512) {
                let put = |row: &SegmentRow| {
                    count += 1;
                    Change::PutIndex { segment: row.id, index: packed[count % 16].clone() }
                };
                writer.apply(&rows.iter().map(put).collect::<Vec<_>>())?;
            }
        }
        Ok(count as u64)
    }
}

/// What moves in five minutes, packed: in a third of them something, once or twice, for some
/// seconds to a minute; values as a person gives that passes.
pub fn activity(random: &mut Random) -> Vec<u8> {
    let mut packed = vec![1];
    if random.below(3) == 0 {
        for _ in 0..1 + random.below(2) {
            let (still, moves) = (random.below(90) as u8, 3 + random.below(50) as u8);
            packed.extend([still, moves]);
            packed.extend((0..moves).map(|_| 100 + random.below(140) as u8));
        }
    }
    packed
}

fn bytes(random: &mut Random) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&random.next_u64().to_be_bytes());
    bytes
}

fn hash(random: &mut Random) -> [u8; 32] {
    std::array::from_fn(|_| random.next_u64() as u8)
}
