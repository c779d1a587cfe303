-- Version 1. Ids are the 16 bytes of UUIDv7; row numbers stay inside this database. Instants and
-- durations are microseconds (`_us`), instants since 1970, UTC. Spans are half-open.

CREATE TABLE archive (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  id BLOB NOT NULL,
  -- The day summaries below are cut in this zone.
  time_zone TEXT NOT NULL,
  -- Sum of segment_index.length.
  index_cache_bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE camera (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  managed_by_file INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  username TEXT,
  -- At most one of the two.
  password TEXT,
  password_file TEXT
) STRICT;

CREATE TABLE stream (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  camera INTEGER NOT NULL REFERENCES camera (row),
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  transport TEXT NOT NULL,
  record INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  max_bytes INTEGER,
  max_days INTEGER,
  min_days INTEGER,
  UNIQUE (camera, name)
) STRICT;

CREATE TABLE volume (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  keep_free TEXT NOT NULL,
  managed_by_file INTEGER NOT NULL
) STRICT;

-- Codec parameters of a track: each set once. What a kind of track does not have is 0.
CREATE TABLE track_params (
  row INTEGER PRIMARY KEY,
  codec TEXT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  aspect_width INTEGER NOT NULL,
  aspect_height INTEGER NOT NULL,
  reorder_depth INTEGER NOT NULL,
  sample_rate INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  config BLOB NOT NULL,
  UNIQUE (config, codec, width, height, aspect_width, aspect_height, reorder_depth, sample_rate,
    channels)
) STRICT;

CREATE TABLE segment (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  stream INTEGER NOT NULL REFERENCES stream (row),
  volume INTEGER NOT NULL REFERENCES volume (row),
  run BLOB NOT NULL,
  -- 0 open, 1 sealed, 2 garbage; it only grows.
  state INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  -- Of an open one: a hint.
  end_us INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  allocated INTEGER NOT NULL,
  -- The segment before it in its stream, and the last commit of that.
  predecessor BLOB,
  predecessor_commit INTEGER,
  predecessor_hash BLOB,
  last_commit INTEGER,
  last_hash BLOB,
  -- Why the run ended with it.
  end_cause TEXT
) STRICT;

-- A timeline is drawn from this alone.
CREATE INDEX segment_of_stream ON segment (stream, state, start_us, end_us, run, end_cause);
CREATE INDEX segment_on_volume ON segment (volume, state, start_us);
CREATE INDEX segment_not_sealed ON segment (state, start_us) WHERE state <> 1;

CREATE TABLE segment_track (
  segment INTEGER NOT NULL REFERENCES segment (row) ON DELETE CASCADE,
  track INTEGER NOT NULL,
  params INTEGER NOT NULL REFERENCES track_params (row),
  samples INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  key_frames INTEGER NOT NULL,
  duration_runs INTEGER NOT NULL,
  composition_runs INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  PRIMARY KEY (segment, track)
) STRICT, WITHOUT ROWID;

-- A cache: packed indexes of the newest segments.
CREATE TABLE segment_index (
  segment INTEGER PRIMARY KEY REFERENCES segment (row) ON DELETE CASCADE,
  start_us INTEGER NOT NULL,
  length INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;

CREATE INDEX segment_index_by_age ON segment_index (start_us, length);

-- Sealed footage by day of archive.time_zone (as 2026-11-22) …
CREATE TABLE day (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  day TEXT NOT NULL,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  recorded_us INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (stream, day)
) STRICT, WITHOUT ROWID;

-- … and by hour, UTC.
CREATE TABLE hour (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  hour_us INTEGER NOT NULL,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  recorded_us INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (stream, hour_us)
) STRICT, WITHOUT ROWID;

-- Sealed footage by stream and volume.
CREATE TABLE total (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  volume INTEGER NOT NULL REFERENCES volume (row) ON DELETE CASCADE,
  segments INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  allocated INTEGER NOT NULL,
  recorded_us INTEGER NOT NULL,
  PRIMARY KEY (stream, volume)
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  -- The name in lower case: names are unique without regard to case.
  name_key TEXT NOT NULL UNIQUE,
  password_hash TEXT,
  permissions TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
  secret_hash BLOB PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES user (row) ON DELETE CASCADE,
  created_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_of_user ON session (user);

CREATE TABLE token (
  secret_hash BLOB PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  user INTEGER NOT NULL REFERENCES user (row) ON DELETE CASCADE,
  permissions TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  expires_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE set_up_link (
  secret_hash BLOB PRIMARY KEY,
  user INTEGER REFERENCES user (row) ON DELETE CASCADE,
  expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
