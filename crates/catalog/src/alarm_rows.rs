//! Alarms as rows: what went wrong, once for each time it began.

use base::{AlarmId, WallTime, limits};
use rusqlite::{Connection, Row, named_params};

use crate::catalog::Catalog;
use crate::columns::{instant, stored};
use crate::error::ReadError;

/// Something that went wrong, from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    /// Its id.
    pub id: AlarmId,
    /// What kind of thing went wrong, such as `disk-failing`.
    pub kind: String,
    /// Where: a volume's name, `camera/stream`, or `system`.
    pub subject: String,
    /// When it began.
    pub began: WallTime,
    /// When it ended; `None` while it lasts.
    pub ended: Option<WallTime>,
    /// What was wrong, for a person.
    pub words: String,
}

impl Catalog {
    /// Up to `limit` alarms, newest first: those that last or not, where `active` says which, and
    /// those before the one that began at that instant with that id, where `before` names one.
    pub fn alarms(
        &self,
        active: Option<bool>,
        before: Option<(WallTime, AlarmId)>,
        limit: usize,
    ) -> Result<Vec<AlarmRow>, ReadError> {
        let (at, id) = before.unwrap_or((WallTime::MAX, AlarmId::from_bytes([0xff; 16])));
        self.readers.read("alarms", |snapshot| {
            let mut read = snapshot.db.prepare_cached(
                "SELECT * FROM alarm
                 WHERE (:active IS NULL OR (ended_us IS NULL) = :active)
                   AND (began_us < :at OR (began_us = :at AND id < :id))
                 ORDER BY began_us DESC, id DESC LIMIT :limit",
            )?;
            let values = named_params! {
                ":active": active,
                ":at": at.as_micros(),
                ":id": id.as_bytes(),
                ":limit": stored(limit as u64),
            };
            read.query_map(values, alarm)?.collect()
        })
    }
}

fn alarm(row: &Row<'_>) -> rusqlite::Result<AlarmRow> {
    let ended: Option<i64> = row.get("ended_us")?;
    Ok(AlarmRow {
        id: AlarmId::from_bytes(row.get("id")?),
        kind: row.get("kind")?,
        subject: row.get("subject")?,
        began: instant(row, "began_us")?,
        ended: ended.map(WallTime::from_micros),
        words: row.get("words")?,
    })
}

/// Makes or changes an alarm, and forgets the oldest of too many that are over.
pub(crate) fn put(db: &Connection, alarm: &AlarmRow) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO alarm (id, kind, subject, began_us, ended_us, words)
         VALUES (:id, :kind, :subject, :began, :ended, :words)
         ON CONFLICT (id) DO UPDATE SET ended_us = :ended, words = :words",
    )?
    .execute(named_params! {
        ":id": alarm.id.as_bytes(),
        ":kind": alarm.kind,
        ":subject": alarm.subject,
        ":began": alarm.began.as_micros(),
        ":ended": alarm.ended.map(WallTime::as_micros),
        ":words": alarm.words,
    })?;
    db.prepare_cached(
        "DELETE FROM alarm WHERE id IN (SELECT id FROM alarm WHERE ended_us IS NOT NULL
           ORDER BY began_us DESC, id DESC LIMIT -1 OFFSET ?1)",
    )?
    .execute([stored(limits::ALARMS_KEPT_MAX as u64)])
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::Change;
    use crate::testing::catalog;

    fn second(second: i64) -> WallTime {
        WallTime::from_micros(second * 1_000_000)
    }

    fn row(number: u8, began: i64, ended: Option<i64>) -> AlarmRow {
        AlarmRow {
            id: AlarmId::from_bytes([number; 16]),
            kind: "disk-stuck".into(),
            subject: "disk1".into(),
            began: second(began),
            ended: ended.map(second),
            words: "the disk has not answered for 7 s".into(),
        }
    }

    #[test]
    fn alarms_are_listed_newest_first_in_pages_and_by_whether_they_last() {
        let (catalog, mut writer) = catalog();
        let rows = [row(1, 10, Some(20)), row(2, 30, None), row(3, 30, Some(31)), row(4, 40, None)];
        writer.apply(&rows.clone().map(Change::PutAlarm)).unwrap();
        let ids = |active, before, limit| -> Vec<u8> {
            let found = catalog.alarms(active, before, limit).unwrap();
            found.iter().map(|alarm| alarm.id.as_bytes()[0]).collect()
        };
        assert_eq!(ids(None, None, 9), [4, 3, 2, 1]);
        assert_eq!(ids(Some(true), None, 9), [4, 2]);
        assert_eq!(ids(Some(false), None, 9), [3, 1]);
        assert_eq!(ids(None, None, 2), [4, 3]);
        assert_eq!(ids(None, Some((rows[2].began, rows[2].id)), 9), [2, 1]);
        writer.apply(&[Change::PutAlarm(row(2, 30, Some(50)))]).unwrap();
        assert_eq!(ids(Some(true), None, 9), [4], "it has ended");
        assert_eq!(catalog.alarms(None, None, 9).unwrap()[2], row(2, 30, Some(50)));
    }

    #[test]
    fn those_that_are_over_are_forgotten_when_there_are_too_many_and_no_others() {
        let (catalog, mut writer) = catalog();
        writer.apply(&[Change::PutAlarm(row(0, 1, None))]).unwrap();
        let many = (0..limits::ALARMS_KEPT_MAX + 5).map(|number| {
            let mut bytes = [1; 16];
            bytes[8..].copy_from_slice(&(number as u64).to_be_bytes());
            let began = 10 + number as i64;
            let row = row(1, began, Some(began + 1));
            Change::PutAlarm(AlarmRow { id: AlarmId::from_bytes(bytes), ..row })
        });
        writer.apply(&many.collect::<Vec<_>>()).unwrap();
        let over = catalog.alarms(Some(false), None, usize::MAX).unwrap();
        assert_eq!(over.len(), limits::ALARMS_KEPT_MAX);
        assert_eq!(over.last().unwrap().began, second(15));
        assert_eq!(catalog.alarms(Some(true), None, 9).unwrap().len(), 1);
    }
}
