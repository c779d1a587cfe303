-- Version 3: footage that went with its volume; what was ever said to be protected and hidden, so
-- that a note beside the footage that says something else is known to be older, or newer than this
-- catalog; which volumes recovery has to hear; and which segments are on their way.

-- A process had it open since the last start that left no file waiting for it: it may hold what
-- follows a file on another volume, with no row of that yet.
ALTER TABLE volume ADD COLUMN at_work INTEGER NOT NULL DEFAULT 1;

-- Segments whose file may lie on two volumes: noted before there is a copy, until one of both is
-- gone. A move that is broken off and goes to another volume then is noted beside the first. Where one
-- volume is taken out, the other one stands for both.
CREATE TABLE moving (
  -- Its id: it may have no row any more.
  segment BLOB NOT NULL,
  camera_slug TEXT NOT NULL,
  stream_name TEXT NOT NULL,
  start_us INTEGER NOT NULL,
  source INTEGER NOT NULL REFERENCES volume (row) ON DELETE CASCADE,
  target INTEGER NOT NULL REFERENCES volume (row) ON DELETE CASCADE,
  PRIMARY KEY (segment, source, target)
) STRICT, WITHOUT ROWID;

-- Footage that was on a volume when that was taken out of the archive: why there is a gap. Spans
-- never touch.
CREATE TABLE forgotten (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  -- Why the run ended with it; NULL: it went on.
  end_cause TEXT,
  PRIMARY KEY (stream, from_us)
) STRICT, WITHOUT ROWID;

-- What of a stream was protected and hidden, in short, at each moment; the newest has the highest
-- number.
CREATE TABLE kept_state (
  row INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  -- A hash of all of it, in hexadecimal digits.
  state TEXT NOT NULL,
  UNIQUE (stream, state)
) STRICT;

CREATE INDEX kept_state_by_age ON kept_state (stream, row);
