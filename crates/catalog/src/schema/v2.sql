-- Version 2: where streams are recorded, footage that stays and footage that is gone, who did what,
-- what went wrong and when, and the lives of the process.

-- Where the stream is to be recorded; NULL: where there is most room.
ALTER TABLE stream ADD COLUMN volume INTEGER REFERENCES volume (row);

-- 'record'; 'keep': nothing new goes there; 'drain': nothing new, and what is there moves away.
ALTER TABLE volume ADD COLUMN use TEXT NOT NULL DEFAULT 'record';

-- Footage that no rule removes. Spans may lie over one another.
CREATE TABLE protection (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  made_us INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (stream, from_us, to_us)
) STRICT, WITHOUT ROWID;

-- Footage deleted by hand: nobody is shown what of it still stands. Spans never touch.
CREATE TABLE hidden (
  stream INTEGER NOT NULL REFERENCES stream (row) ON DELETE CASCADE,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  PRIMARY KEY (stream, from_us)
) STRICT, WITHOUT ROWID;

-- Who did what.
CREATE TABLE audit (
  row INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  who TEXT NOT NULL,
  -- Such as 'footage-deleted'.
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- Whoever could do everything may protect and delete footage too.
UPDATE user SET permissions = permissions || ' manage-footage'
  WHERE permissions LIKE '%manage-system%';

-- What went wrong, once for each time it began.
CREATE TABLE alarm (
  id BLOB PRIMARY KEY,
  -- Such as 'disk-failing'.
  kind TEXT NOT NULL,
  -- The camera, stream or volume.
  subject TEXT NOT NULL,
  began_us INTEGER NOT NULL,
  -- NULL while it lasts.
  ended_us INTEGER,
  words TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alarm_by_time ON alarm (began_us);
CREATE INDEX alarm_that_lasts ON alarm (ended_us) WHERE ended_us IS NULL;

-- Starts of the process, so that the next one can tell a crash from a power cut.
CREATE TABLE life (
  row INTEGER PRIMARY KEY,
  -- The kernel's id of the boot.
  boot BLOB NOT NULL,
  began_us INTEGER NOT NULL,
  -- When it was last seen alive.
  seen_us INTEGER NOT NULL,
  -- 'shutdown', 'crash' or 'power'; NULL of the one that runs.
  ended TEXT
) STRICT;

-- How clocks were observed: steps of the system's, jumps, offset and drift of the cameras'.
CREATE TABLE clock_note (
  row INTEGER PRIMARY KEY,
  at_us INTEGER NOT NULL,
  -- NULL: the system's clock.
  stream INTEGER REFERENCES stream (row) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  micros INTEGER NOT NULL
) STRICT;

CREATE INDEX clock_note_by_time ON clock_note (at_us);

-- Segments that are damaged, and kept.
CREATE TABLE damage (
  segment INTEGER PRIMARY KEY REFERENCES segment (row) ON DELETE CASCADE,
  -- Such as 'chain-broken'.
  name TEXT NOT NULL,
  words TEXT NOT NULL,
  found_us INTEGER NOT NULL
) STRICT;

-- How far the background check of a volume has come.
CREATE TABLE scrub (
  volume INTEGER PRIMARY KEY REFERENCES volume (row) ON DELETE CASCADE,
  -- The segment that was checked last in the pass under way; NULL: none is.
  after_segment BLOB,
  began_us INTEGER NOT NULL,
  finished_us INTEGER,
  bytes INTEGER NOT NULL
) STRICT;
