-- Version 4.

-- The activity lane (docs/design/activity.md): of a sealed segment in which something moves a byte a
-- second, packed …
CREATE TABLE activity (
  segment INTEGER PRIMARY KEY REFERENCES segment (row) ON DELETE CASCADE,
  packed BLOB NOT NULL
) STRICT;

-- … and the greatest value of each minute of a day (UTC) in which something moves, packed.
CREATE TABLE activity_day (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  day_us INTEGER NOT NULL,
  packed BLOB NOT NULL,
  PRIMARY KEY (stream, day_us)
) STRICT, WITHOUT ROWID;

-- Exports: footage that somebody has asked to take away as a file. They outlive the cameras that
-- they are of.
CREATE TABLE export (
  -- A newer one has a higher id.
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  asked_us INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  -- All streams are in one file.
  together INTEGER NOT NULL,
  -- Clips carry the time of day.
  timestamps INTEGER NOT NULL,
  -- 'waiting', and while it is written; 'done'; 'failed'; 'removed': its file is about to go, or is
  -- gone.
  state TEXT NOT NULL,
  -- Those that its file has, or will have.
  bytes INTEGER NOT NULL,
  -- When it was done, or failed.
  ended_us INTEGER,
  -- Why it failed.
  words TEXT,
  -- BLAKE3 of its manifest, in hexadecimal digits, once it is done.
  manifest_hash TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX export_by_state ON export (state, id);

CREATE TABLE export_stream (
  export BLOB NOT NULL REFERENCES export (id) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  -- Its id; the camera may be gone.
  camera BLOB NOT NULL,
  camera_slug TEXT NOT NULL,
  camera_name TEXT NOT NULL,
  -- Its id.
  stream BLOB NOT NULL,
  stream_name TEXT NOT NULL,
  -- Whether it has any in the range.
  has_footage INTEGER NOT NULL,
  PRIMARY KEY (export, place)
) STRICT, WITHOUT ROWID;
