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
