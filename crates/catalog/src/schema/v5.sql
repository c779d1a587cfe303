-- Version 5.

-- When in a week a stream is recorded (docs/design/scheduling.md), its times joined by "; "; NULL:
-- always.
ALTER TABLE stream ADD COLUMN schedule TEXT;

-- Somebody wants a stream to be recorded for a while, whatever its settings say.
CREATE TABLE demand (
  stream INTEGER PRIMARY KEY REFERENCES stream (row) ON DELETE CASCADE,
  asked_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL
) STRICT;
