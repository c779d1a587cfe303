//! Every bound of the system by name. A queue, buffer or wait that is not here has no bound, and
//! that is a bug.

use std::time::Duration;

use crate::time::WallTime;

/// The largest access unit taken from a camera; a session that sends a larger one is ended.
pub const ACCESS_UNIT_BYTES_MAX: usize = 16 << 20;
/// Encoded bytes that one camera session may hold before whole access units come out of them.
pub const SESSION_BUFFER_BYTES_MAX: usize = 32 << 20;
/// Bytes of the head of an RTSP message.
pub const RTSP_HEAD_BYTES_MAX: usize = 16 << 10;
/// Bytes of the body of an RTSP message: a description.
pub const RTSP_BODY_BYTES_MAX: usize = 64 << 10;
/// Bytes of media that are kept when they come before the answer that begins playing.
pub const RTSP_EARLY_BYTES_MAX: usize = 4 << 20;
/// Bytes of requests that may wait for a camera to read them.
pub const RTSP_OUTGOING_BYTES_MAX: usize = 64 << 10;
/// Tracks that one stream may have.
pub const TRACKS_MAX: usize = 8;
/// Each single step of a conversation with a camera: connect, DESCRIBE, SETUP, PLAY.
pub const CAMERA_CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A playing camera that delivers nothing for this long is reconnected.
pub const CAMERA_SILENCE_MAX: Duration = Duration::from_secs(10);
/// TEARDOWN to all cameras together on leaving.
pub const TEARDOWN_TIMEOUT: Duration = Duration::from_secs(1);
/// A session with a camera waits so long for the one before it, of the same stream, to end.
pub const SESSION_TURN_TIMEOUT: Duration = Duration::from_secs(2);
/// Sessions of one stream that were told to end, of which the next one waits.
pub const SESSIONS_AWAITED_MAX: usize = 8;
/// The first wait before reconnecting; doubled each time up to [`BACK_OFF_MAX`], with jitter.
pub const BACK_OFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait before reconnecting.
pub const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// The first wait after a refused password, for cameras lock accounts.
pub const BACK_OFF_DENIED_MIN: Duration = Duration::from_secs(30);
/// The longest wait after a refused password.
pub const BACK_OFF_DENIED_MAX: Duration = Duration::from_secs(600);
/// What steadily recording cameras send is read at the latest after this.
pub const READ_TICK_MAX: Duration = Duration::from_millis(200);
/// And after this much of `sync_interval`, so that enough is left for writing: a fifth.
const READ_TICK_SHARE: u32 = 5;
/// A session this young is read on arrival, so that arrival times give the clock offset.
pub const READ_ON_ARRIVAL: Duration = Duration::from_secs(10);
/// So often all cameras are read on arrival for a moment, for their clocks.
pub const CLOCK_CHECK_EVERY: Duration = Duration::from_secs(60);
/// How long that moment is.
pub const CLOCK_CHECK_LASTS: Duration = Duration::from_secs(1);
/// Audio that trails or leads video by more than this is not waited for.
pub const AUDIO_SKEW_MAX: Duration = Duration::from_secs(1);
/// The first commit of a run waits for this much data, for the least delayed frame.
pub const CLOCK_SETTLE: Duration = Duration::from_secs(1);
/// Between commits the offset to UTC moves by at most this many microseconds a second.
pub const CLOCK_SLEW_MICROS_PER_SECOND: i64 = 500;
/// A system clock that reads less was never set: this program was made later.
pub const CLOCK_EARLIEST: WallTime = WallTime::from_micros(1_793_491_200_000_000);
/// An offset that is wrong by more than this ends the run.
pub const CLOCK_ERROR_MAX_MICROS: i64 = 250_000;
/// Frames this young stay in memory for live viewers, and with them the newest GOP.
pub const RECENT_TIME: Duration = Duration::from_secs(1);
/// Bytes of recent frames that a stream keeps for live viewers, beyond what the recorder needs.
pub const RECENT_BYTES_MAX: usize = 8 << 20;
/// Names that a demand to record is known by, each of them new since the clock was set: the catalog
/// hears of them later.
pub const DEMAND_NAMES_MAX: usize = 64;
/// Frames that may wait for a recorder that cannot write, where nobody has set a budget.
pub const RETAIN_BYTES_DEFAULT: usize = 64 << 20;
/// Frames of one stream that are written at once.
pub const BATCH_BYTES_MAX: usize = 32 << 20;
/// Threads that sync segment files of one volume at one moment.
pub const SYNC_THREADS_MAX: usize = 32;
/// Row changes that may wait for the catalog.
pub const CATALOG_QUEUE_MAX: usize = 4096;
/// Row changes after which a transaction takes in no further request: so long, and no longer, does
/// one that comes just then wait for others. A single request may have more.
pub const CATALOG_BATCH_MAX: usize = 512;
/// Changes of configuration that may wait for the one under way.
pub const CONFIG_CHANGES_MAX: usize = 32;
/// How long whoever changes the configuration waits for the outcome.
pub const CONFIG_ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Cameras that there may be, but for those that were removed.
pub const CAMERAS_MAX: usize = 1000;
/// Streams of one camera.
pub const STREAMS_PER_CAMERA_MAX: usize = 8;
/// Streams of all cameras.
pub const STREAMS_MAX: usize = 2000;
/// Cameras that are asked at once before they are added or changed.
pub const PROBES_MAX: usize = 4;
/// How long such a camera is asked for, all in all.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(45);
/// How long it is watched from its first frame on, unless its key frames are rarer.
pub const PROBE_WATCH: Duration = Duration::from_secs(5);
/// How long whoever takes a volume out waits for it: the rows of its footage go one by one.
pub const VOLUME_REMOVE_TIMEOUT: Duration = Duration::from_secs(600);
/// Read connections to the catalog.
pub const CATALOG_READERS_MAX: usize = 4;
/// Epochs that a session may begin in a minute: each takes a segment, and a sync of its own. What a
/// camera changes with every key frame stays far below.
pub const EPOCHS_PER_MINUTE_MAX: usize = 240;
/// Bytes of a slice of a body. A connection holds none while its client does not read.
pub const BODY_SLICE_BYTES_MAX: usize = 256 << 10;
/// Bytes of a slice where the system keeps little for a client: it takes them whole all the same.
pub const BODY_SLICE_BYTES_LEAST: usize = 16 << 10;
/// Bytes of the first slice of a body: of how fast its client is nothing is known.
pub const BODY_SLICE_BYTES_FIRST: usize = 64 << 10;
/// Slices of a body that are read from disk before it is looked whether to go on.
pub const BODY_SLICES_AT_ONCE: usize = 2;
/// Slices of all bodies together that are read before anybody waits for them (16 MB).
pub const BODY_SLICES_AHEAD_MAX: usize = 64;
/// A client that takes nothing for so long is at rest: what was read ahead for it goes.
pub const BODY_RESTS_AFTER: Duration = Duration::from_secs(1);
/// Bytes that a connection gathers before they are sent, and of a request's head.
pub const HTTP_BUFFER_BYTES_MAX: usize = 16 << 10;
/// Bytes of a body that the system holds for a client beyond what is on its way to it. While half
/// of that waits, no slice is made; the other half takes the longest.
pub const HTTP_UNSENT_BYTES_MAX: usize = 2 * BODY_SLICE_BYTES_MAX;
/// Segments that one clip may span: four weeks at five minutes each.
pub const CLIP_SEGMENTS_MAX: usize = 8192;
/// Streams that one clip may show.
pub const CLIP_STREAMS_MAX: usize = 16;
/// Bytes of a camera's name in a clip: whoever names a camera must not fill the head of a file.
pub const CLIP_NAME_BYTES_MAX: usize = 120;
/// Bytes of the title of a clip, which names every stream.
pub const CLIP_TITLE_BYTES_MAX: usize = 600;
/// Unpacked indexes that all readers of sealed footage share (about 0.4 MB each), and as many by
/// columns (about 0.1 MB each, 0.3 where the times of a camera jitter).
pub const INDEXES_HELD_MAX: usize = 24;
/// Plans of clips that are kept for who asks for another part of the same clip.
pub const CLIP_PLANS_MAX: usize = 8;
/// Segments of all of them together (about 1 kB each).
pub const CLIP_PLANS_SEGMENTS_MAX: usize = 8192;
/// Indexes of segments that the reader of one clip holds at once, by columns.
pub const CLIP_INDEXES_MAX: usize = 16;
/// Bytes of tables that the reader of one clip makes ahead while it holds an index, as it keeps
/// them: all of about 350 segments of five minutes, or of 3,000 all but the sizes of samples.
pub const CLIP_TABLES_BYTES_MAX: usize = 16 << 20;
/// Memory that is asked for in so large a block, or a larger one, has pages of its own as a rule,
/// which go back to the system as soon as it is free.
pub const MEMORY_BLOCK_BYTES: usize = 1 << 20;
/// Bodies and plans of clips that read from disk at one moment. Fewer than there are threads for
/// blocking calls: a disk that is stuck must not take the others away from everything else.
pub const CLIP_READS_MAX: usize = 16;
/// Reads of footage that are under way on one volume: what a sync waits for that begins meanwhile.
pub const VOLUME_READS_MAX: usize = 3;
/// So long, and no longer, do readers keep out for one round of syncs.
pub const READ_YIELDS_MAX: Duration = Duration::from_millis(500);
/// A disk on which no read ends for so long does not answer: who waits for a picture is told so.
/// Disks that turn take several seconds to spin up, or to read a bad sector again.
pub const READ_PATIENCE_SOON: Duration = Duration::from_secs(10);
/// The same for a body that goes on: to begin it anew costs more than to wait.
pub const READ_PATIENCE_LATER: Duration = Duration::from_secs(30);
/// Bytes that a body which goes on reads from the disk at once.
pub const READ_AT_ONCE: u64 = 256 << 10;
/// Key frames that lie closer are read with what is between them: that takes less time than going
/// there (at 150 MB/s, 256 KiB are 1.7 ms).
pub const KEY_FRAMES_APART: u64 = 256 << 10;
/// Bytes of neighbouring key frames, and of what is between them, that are read at once.
pub const KEY_FRAMES_AT_ONCE: u64 = 1 << 20;
/// Time that one HLS playlist may span: the longest day.
pub const HLS_RANGE_MAX: Duration = Duration::from_secs(25 * 3600);
/// Segments that one HLS playlist may span; it reads the index of each.
pub const HLS_SEGMENTS_MAX: usize = 4096;
/// Media segments of one HLS playlist: about 2 MB of text.
pub const HLS_MEDIA_SEGMENTS_MAX: usize = 20_000;
/// The longest media segment of an HLS playlist that grows, which tells its players how often to
/// look; what shows nothing for longer has a gap behind it.
pub const HLS_MEDIA_SEGMENT_MAX: Duration = Duration::from_secs(12);
/// Indexes that were read from files and wait to go back into the catalog's cache: more are read
/// again next time. They must not take the places of rows.
pub const INDEX_REFILLS_MAX: usize = 64;
/// Exports that may wait, the one that is written among them.
pub const EXPORTS_WAITING_MAX: usize = 16;
/// Exports that are listed, in whatever state: beyond it some have to be deleted first.
pub const EXPORTS_MAX: usize = 10_000;
/// Requests of one caller for one export are one download in the audit for so long.
pub const EXPORT_DOWNLOAD_NOTED: Duration = Duration::from_secs(300);
/// Downloads of exports that are known to stand in the audit: of more, parts stand there again.
pub const EXPORT_DOWNLOADS_MAX: usize = 1024;
/// Letters of the name of an export.
pub const EXPORT_NAME_CHARS_MAX: usize = 100;
/// Clips in one export; a stream with gaps that are too long for one file has several.
pub const EXPORT_CLIPS_MAX: usize = 256;
/// Segments that all clips of one export take footage from: their plans are held while it is
/// written (about 1 kB each).
pub const EXPORT_SEGMENTS_MAX: usize = 65_536;
/// Gaps that the manifest of one export names.
pub const EXPORT_GAPS_MAX: usize = 65_536;
/// Bytes of the manifest of an export: its gaps are most of it.
pub const EXPORT_MANIFEST_BYTES_MAX: u64 = 32 << 20;
/// Bytes a second that the server reads and writes for exports.
pub const EXPORT_BYTES_PER_SECOND: u64 = 40_000_000;
/// Bytes that an export leaves free on the disk that it is written to: often the catalog's.
pub const EXPORT_ROOM_LEFT: u64 = 512_000_000;
/// Key frames in one answer.
pub const KEY_FRAMES_MAX: usize = 1000;
/// How much older than the instant asked for the picture of a still may be; else the next one after
/// it is shown.
pub const STILL_LOOK_BACK: Duration = Duration::from_secs(60);
/// Pixels of one still or sheet (three bytes each in the worker).
pub const STILL_PIXELS_MAX: usize = 36 << 20;
/// Pictures in one sheet.
pub const SHEET_CELLS_MAX: usize = 100;
/// Bytes of key frames that one sheet is drawn from.
pub const SHEET_BYTES_MAX: u64 = 64 << 20;
/// Stills and sheets that may wait to be drawn, and bytes of key frames that they hold.
pub const STILLS_WAITING_MAX: usize = 32;
/// See [`STILLS_WAITING_MAX`].
pub const STILLS_WAITING_BYTES_MAX: u64 = 128 << 20;
/// Bytes of an answer of a worker that draws.
pub const STILL_BYTES_MAX: usize = 32 << 20;
/// Bytes of stills that are kept because they may be asked for again.
pub const STILL_CACHE_BYTES_MAX: usize = 16 << 20;
/// Workers that draw at once, on however many processors.
pub const STILL_WORKERS_MAX: usize = 8;
/// How long a worker may take for a still.
pub const STILL_TIMEOUT: Duration = Duration::from_secs(10);
/// How much longer for each further picture of a sheet.
pub const STILL_TIMEOUT_MORE: Duration = Duration::from_secs(1);
/// Byte ranges that one request may ask for.
pub const HTTP_RANGES_MAX: usize = 16;
/// Requests over TCP that may be under way at once.
pub const HTTP_REQUESTS_MAX: usize = 512;
/// Requests on the unix socket that may be under way at once.
pub const HTTP_SOCKET_REQUESTS_MAX: usize = 128;
/// Requests of one address, or of one account on the unix socket, that may be under way at once.
pub const HTTP_PEER_REQUESTS_MAX: usize = 64;
/// Bytes of a request body.
pub const HTTP_BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes that one fragment for live viewers gathers before it is sent.
pub const LIVE_FRAGMENT_BYTES_MAX: usize = 1 << 20;
/// Time that one fragment for live viewers gathers before it is sent.
pub const LIVE_FRAGMENT_TIME_MAX: Duration = Duration::from_secs(1);
/// The target duration of live HLS: no media segment is longer, rounded to whole seconds.
pub const LIVE_HLS_TARGET: Duration = Duration::from_secs(4);
/// Where a media segment of live HLS ends for which no key frame has come.
pub const LIVE_HLS_SEGMENT_TIME_MAX: Duration = Duration::from_millis(4400);
/// Bytes after which a media segment of live HLS ends for which no key frame has come.
pub const LIVE_HLS_SEGMENT_BYTES_MAX: usize = 8 << 20;
/// Bytes of media segments and parts that are kept of all streams which are watched over HLS. One
/// that has more than an even part of it keeps less where it is used up; beyond that only what a
/// playlist cannot be without.
pub const LIVE_HLS_BYTES_MAX: usize = 256 << 20;
/// Streams that are watched over HLS at once; together they keep [`LIVE_HLS_BYTES_MAX`].
pub const LIVE_HLS_STREAMS_MAX: usize = 64;
/// Requests for live HLS that wait at once for what is still to come: half of all requests.
pub const LIVE_HLS_WAITING_MAX: usize = 256;
/// How long such a request waits: less than the patience of players, which is 10 s.
pub const LIVE_HLS_WAIT_MAX: Duration = Duration::from_secs(8);
/// A stream that nobody has asked HLS of for this long is not encoded for HLS any more. Players ask
/// at least once in a target duration.
pub const LIVE_HLS_GRACE: Duration = Duration::from_secs(12);
/// What a live playlist showed last is not offered any more once nothing has come for this long.
pub const LIVE_HLS_SILENCE_MAX: Duration = Duration::from_secs(12);
/// Connections that one listener serves at once; further ones wait to be accepted.
pub const HTTP_CONNECTIONS_MAX: usize = 1024;
/// How long the head of a request may take to arrive.
pub const HTTP_HEAD_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the body of a request may take to arrive.
pub const HTTP_BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// WebSockets that are open at once.
pub const WEBSOCKETS_MAX: usize = 1024;
/// Bytes of a message that a WebSocket client may send (it has nothing to say).
pub const WEBSOCKET_INPUT_BYTES_MAX: usize = 4 << 10;
/// What is read of a WebSocket at once, and kept for each: pongs, mostly.
pub const WEBSOCKET_READ_BYTES: usize = 512;
/// A WebSocket client that takes nothing for this long is gone.
pub const WEBSOCKET_SEND_TIMEOUT: Duration = Duration::from_secs(20);
/// How often a WebSocket client is asked whether it is there, and whether it still may.
pub const WEBSOCKET_RECHECK: Duration = Duration::from_secs(30);
/// How often what changed is looked at for those who listen.
pub const CHANGES_TICK: Duration = Duration::from_secs(1);
/// A session ends when it was not used for this long.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Fragments that a live viewer may fall behind before it skips to the next key frame.
pub const VIEWER_FRAGMENTS_MAX: usize = 120;
/// Live viewers of one stream.
pub const VIEWERS_MAX: usize = 256;
/// Footage and gap spans in one timeline answer.
pub const TIMELINE_SPANS_MAX: usize = 4096;
/// Seconds of one segment whose activity is told: a day.
pub const ACTIVITY_SECONDS_MAX: usize = 24 * 3600;
/// Values of activity in one timeline answer.
pub const ACTIVITY_VALUES_MAX: usize = 4096;
/// Alarms that are over and still listed.
pub const ALARMS_KEPT_MAX: usize = 2000;
/// Alarms that last at one moment; what goes wrong beyond is in the log only.
pub const ALARMS_ACTIVE_MAX: usize = 1000;
/// Lives of the process that are remembered.
pub const LIVES_KEPT_MAX: usize = 1000;
/// Observations of clocks that are remembered.
pub const CLOCK_NOTES_KEPT_MAX: usize = 10_000;
/// How often what is protected and hidden of a stream may change until a note of how it was before
/// is taken for one that the catalog never knew.
pub const KEPT_STATES_MAX: usize = 1000;
/// Protected spans that one stream may have.
pub const PROTECTIONS_MAX: usize = 4096;
/// Spans of one stream that may be deleted by hand and still stand in segments.
pub const HIDDEN_SPANS_MAX: usize = 4096;
/// Spans of one stream's footage that went with its volume; the oldest are joined beyond that.
pub const FORGOTTEN_SPANS_MAX: usize = 512;
/// Spans of one stream's removed footage that are told apart; the oldest are joined beyond that.
pub const REMOVED_SPANS_MAX: usize = 4096;
/// Keys that an archive has signed with, one after the other was lost.
pub const ARCHIVE_KEYS_MAX: usize = 64;
/// Segments that retention marks as garbage, or removes, in one go: a transaction of so many never
/// holds the catalog's writer up.
pub const REMOVALS_MAX: usize = 64;
/// Segments of one volume that a forecast of what would be removed looks at.
pub const FORECAST_SEGMENTS_MAX: usize = 1 << 18;
/// Letters of the note on what is protected.
pub const NOTE_CHARS_MAX: usize = 500;
/// Letters of the name of an account or a token.
pub const NAME_CHARS_MAX: usize = 64;
/// Rows in one page of any list.
pub const PAGE_MAX: usize = 500;
/// Lines of the program's own log that are kept in memory for the page.
pub const LOG_LINES_MAX: usize = 5000;
/// Their bytes.
pub const LOG_BYTES_MAX: usize = 2 << 20;
/// Bytes of what one line of them says; what is longer is cut.
pub const LOG_MESSAGE_BYTES_MAX: usize = 4096;
/// Bytes of one of its fields.
pub const LOG_FIELD_BYTES_MAX: usize = 512;
/// Lines that wait to be kept while somebody reads those that are.
pub const LOG_WAITING_MAX: usize = 256;
/// Letters of a text that is looked for in the log.
pub const LOG_TEXT_CHARS_MAX: usize = 200;
/// Password hashes computed at once (about 19 MB each).
pub const PASSWORD_HASHES_MAX: usize = 1;
/// Shutdown: the runs of all cameras are closed.
pub const SHUTDOWN_RECEIVE_TIMEOUT: Duration = Duration::from_millis(250);
/// Shutdown: writing, syncing and sealing what is in memory.
pub const SHUTDOWN_RECORD_TIMEOUT: Duration = Duration::from_secs(20);
/// Shutdown: what a volume has not written after so long is written by another one.
pub const SHUTDOWN_RESCUE_AFTER: Duration = Duration::from_secs(5);
/// Shutdown: once everything is committed, sealing is waited for until then; the next start does
/// the rest.
pub const SHUTDOWN_SEAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Shutdown: the last commit of the catalog.
pub const SHUTDOWN_COMMIT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shutdown: letting HTTP answers run out.
pub const SHUTDOWN_DRAIN_TIMEOUT: Duration = Duration::from_millis(500);
/// Samples that one track of one segment may have.
pub const SEGMENT_SAMPLES_MAX: usize = 4 << 20;
/// Bytes of a segment's `moov`, the header's and the final one.
pub const MOOV_BYTES_MAX: u64 = 64 << 20;
/// Bytes of a fragment's `moof`.
pub const MOOF_BYTES_MAX: u64 = 4 << 20;
/// Bytes of any other box that is read whole: `ftyp`, `prft`, records of our own.
pub const RECORD_BYTES_MAX: u64 = 64 << 10;
/// Moves that were cut short and are looked at in one go.
pub const UNSETTLED_MOVES_AT_ONCE: usize = 64;
/// Segments that are known to settle badly, and are tried again only after an hour.
pub const UNSETTLED_SEGMENTS_MAX: usize = 1024;
/// Bytes a second that are read and written to move footage from one volume to another.
pub const DRAIN_BYTES_PER_SECOND: u64 = 40_000_000;
/// Times of one stream's weekly schedule.
pub const SCHEDULE_TIMES_MAX: usize = 32;
/// The longest time for which recording can be asked for at once.
pub const DEMAND_MAX: Duration = Duration::from_secs(24 * 3600);
/// Recording that is to end goes on until the next key frame, and no longer than this.
pub const RECORDING_TAIL_MAX: Duration = Duration::from_secs(10);

/// How often the sockets of steadily recording cameras are read, for frames that are to be durable
/// within `sync_interval`.
pub fn read_tick(sync_interval: Duration) -> Duration {
    (sync_interval / READ_TICK_SHARE).min(READ_TICK_MAX)
}
