-- Makes of a made catalog one of schema version 1, as an upgrade finds it. Not for real ones.
PRAGMA foreign_keys = OFF;
PRAGMA journal_mode = WAL;
BEGIN;
ALTER TABLE stream DROP COLUMN volume;
ALTER TABLE volume DROP COLUMN use;
DROP TABLE protection;
DROP TABLE hidden;
DROP TABLE audit;
DROP TABLE alarm;
DROP TABLE life;
DROP TABLE clock_note;
DROP TABLE damage;
DROP TABLE scrub;
PRAGMA user_version = 1;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
