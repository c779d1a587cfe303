-- Version 3: footage that went with its volume.

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
