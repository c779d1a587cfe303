//! What can be made durable: one value per change, applied in batches by the one writer.

use access::{SecretHash, Session, SetUpLink, Token, User};
use base::{CameraId, ExportId, SegmentId, StreamId, UserId, VolumeId, WallTime};
use jiff::tz::TimeZone;

use crate::alarm_rows::AlarmRow;
use crate::check_rows::{DamageRow, ScrubRow};
use crate::clock_rows::ClockNote;
use crate::demand_rows::DemandRow;
use crate::export_rows::{ExportEnd, ExportRow};
use crate::moving_rows::MovingRow;
use crate::protection_rows::{AuditRow, ProtectionRow};
use crate::rows::{CameraRow, SegmentRow, StreamRow, VolumeRow};

/// One change of the catalog.
///
/// Segment changes may be applied again after a failure that left open whether they took effect:
/// the same change twice is the same as once.
#[derive(Clone, Debug)]
pub enum Change {
    /// A segment's header is durable on its volume.
    SegmentOpened(SegmentRow),
    /// A segment is complete: sealed now, or found sealed. Its row is made where there is none;
    /// its summaries are counted; it leaves the tail.
    SegmentSealed {
        /// The whole row.
        row: SegmentRow,
        /// [`media::SegmentIndex::pack`], for the cache.
        index: Option<Vec<u8>>,
        /// [`media::Activity::pack`]; `None`: nobody has looked, and what is known stays.
        activity: Option<Vec<u8>>,
    },
    /// What follows a sealed segment tells where it ends. Nothing happens where it is not sealed.
    SegmentEnds {
        /// The segment.
        segment: SegmentId,
        /// The end of its last lead sample.
        end: WallTime,
    },
    /// Nothing follows a segment in its run, though that was not known when it was complete. A
    /// cause that is known already stays.
    SegmentBreaksOff {
        /// The segment.
        segment: SegmentId,
        /// Why, as in [`SegmentRow::end_cause`].
        cause: String,
    },
    /// A segment's file will be removed: from now on nobody reads it. It leaves the tail.
    SegmentGarbage(SegmentId),
    /// The rules, or a deletion by hand, say that a sealed segment goes: it becomes garbage.
    /// Nothing happens where footage of it is protected by now, unless all of it was deleted.
    SegmentDue(SegmentId),
    /// The removal of a garbage segment's file is durable: forgets the row.
    SegmentDeleted(SegmentId),
    /// A segment's volume is taken out of the archive with its footage: forgets the row, whatever
    /// its state; the gap has the cause `volume-removed`. Its file may still be there. Moves of it
    /// are forgotten, unless it was garbage: a copy that turns up is footage without a row, and no
    /// removed footage. Nothing happens where it lies on another volume by now.
    SegmentForgotten {
        /// The segment.
        segment: SegmentId,
        /// The volume that is taken out.
        volume: VolumeId,
        /// Where it ends; the row of one that grows does not know.
        end: WallTime,
    },
    /// A copy of a sealed segment's file is durable on another volume: that one counts now.
    SegmentMoved {
        /// The segment.
        segment: SegmentId,
        /// Where it lies.
        volume: VolumeId,
        /// Bytes that the file takes there.
        allocated: u64,
    },
    /// A sealed segment is about to be copied to another volume: until that is settled, its file
    /// may lie on both.
    SegmentMoving(MovingRow),
    /// That move has left nothing: no file of the segment lies on its two volumes but the one that
    /// its row means.
    SegmentSettled(MovingRow),
    /// Refills the cache of indexes from a sealed file.
    PutIndex {
        /// The segment.
        segment: SegmentId,
        /// [`media::SegmentIndex::pack`].
        index: Vec<u8>,
    },
    /// What moves in a sealed segment of which that is not known. Nothing happens where it is, or
    /// where the segment is not sealed.
    PutActivity {
        /// The segment.
        segment: SegmentId,
        /// [`media::Activity::pack`].
        activity: Vec<u8>,
    },

    /// Protects footage: every segment that touches the span stays until it is unprotected.
    Protect(ProtectionRow),
    /// Takes the protection of [from, to) away.
    Unprotect {
        /// Whose footage.
        stream: StreamId,
        /// The first instant.
        from: WallTime,
        /// The first instant after it.
        to: WallTime,
    },
    /// Deletes [from, to) by hand: from now on nobody is shown it. Segments that lie in it become
    /// garbage after that. Refused where a segment that it touches is protected.
    Hide {
        /// Whose footage.
        stream: StreamId,
        /// The first instant.
        from: WallTime,
        /// The first instant after it.
        to: WallTime,
    },
    /// The same of what a note beside the footage says was deleted. What is protected there now was
    /// protected later, and does not bring it back.
    HideAgain {
        /// Whose footage.
        stream: StreamId,
        /// The first instant.
        from: WallTime,
        /// The first instant after it.
        to: WallTime,
    },
    /// Forgets what is hidden from `after` on: no footage stands there, and what is recorded there
    /// one day is other footage.
    ForgetHiddenAfter {
        /// The stream.
        stream: StreamId,
        /// An instant that is yet to come, and after all footage.
        after: WallTime,
    },
    /// Forgets hidden spans that end by `before`: no footage stands there any more.
    ForgetHidden {
        /// Whose footage.
        stream: StreamId,
        /// The first instant of what still stands.
        before: WallTime,
    },
    /// Notes that somebody did something.
    Audit(AuditRow),

    /// Makes or changes a camera. Its slug stays what it was first.
    PutCamera(CameraRow),
    /// Forgets a camera with its streams. Refused while there is a segment of it.
    RemoveCamera(CameraId),
    /// Makes or changes a stream. Camera and name stay what they were first.
    PutStream(StreamRow),
    /// Somebody wants a stream to be recorded for a while.
    PutDemand(DemandRow),
    /// The clock was set, and what somebody wants is called `to` from now on; unless its row is
    /// none of `from` by now, for they want something else, or no more.
    MoveDemand {
        /// All that its row may say.
        from: Vec<DemandRow>,
        /// What it says from now on.
        to: DemandRow,
    },
    /// What somebody wanted is over; unless its row is none of these by now, for they want
    /// something else.
    DemandOver(Vec<DemandRow>),
    /// Nobody wants that stream to be recorded any more, whatever its row says.
    EndDemand(StreamId),
    /// Forgets a stream. Refused while there is a segment of it.
    RemoveStream(StreamId),
    /// Makes or changes a volume.
    PutVolume(VolumeRow),
    /// Whether a volume may hold what follows a file on another one, with no row of that yet: see
    /// [`crate::Catalog::volumes_at_work`]. A new one may.
    VolumeAtWork {
        /// The volume.
        volume: VolumeId,
        /// Whether it may.
        at_work: bool,
    },
    /// Forgets a volume. Refused while there is a segment on it.
    RemoveVolume(VolumeId),

    /// Makes the first account. Refused when there is one.
    PutFirstUser(User),
    /// Makes or changes a user.
    PutUser(User),
    /// Forgets a user with their sessions, tokens and links.
    RemoveUser(UserId),
    /// Signs a browser in.
    PutSession(Session),
    /// Moves the expiry of a session that has not ended meanwhile.
    ProlongSession {
        /// Its secret.
        secret: SecretHash,
        /// When it ends now.
        expires: WallTime,
    },
    /// Signs a browser out.
    RemoveSession(SecretHash),
    /// Signs a user out everywhere.
    RemoveSessionsOf(UserId),
    /// Makes a token.
    PutToken(Token),
    /// Revokes a token.
    RemoveToken(SecretHash),
    /// Makes a one-time link.
    PutSetUpLink(SetUpLink),
    /// Uses a one-time link up. Refused when it is not there: somebody was first.
    TakeSetUpLink(SecretHash),
    /// Forgets sessions, tokens and links that counted no more at this instant.
    RemoveExpired(WallTime),

    /// A segment's file is gone by another hand: its row becomes garbage, and where the segment
    /// before it went on in it, that one says from now on that the gap is `lost` footage. Moves of
    /// it are forgotten: a copy that turns up is footage without a row, and no removed footage.
    SegmentLost(SegmentId),
    /// A segment is damaged and kept.
    PutDamage(DamageRow),
    /// A segment is damaged no more.
    RemoveDamage(SegmentId),
    /// The background check of a volume has come so far.
    PutScrub(ScrubRow),
    /// Adds a stream's totals, days and hours up anew from its segments.
    Recount(StreamId),

    /// Days are cut in this zone from now on, and those that there are anew; it takes some seconds
    /// a million segments.
    CutDays(TimeZone),

    /// An alarm began, or ended. The oldest that are over are forgotten when there are too many.
    PutAlarm(AlarmRow),
    /// The process starts.
    BeginLife {
        /// The kernel's id of the boot.
        boot: [u8; 16],
        /// When.
        at: WallTime,
        /// How the life before ended, unless it said so itself.
        before: String,
    },
    /// The process still runs.
    LifeSeen {
        /// When.
        at: WallTime,
    },
    /// The process is about to end.
    EndLife {
        /// When.
        at: WallTime,
        /// Why.
        cause: String,
    },
    /// Somebody asks for an export. Refused where too many wait, or all of them would take more
    /// than so many bytes.
    AddExport {
        /// The export, which waits.
        row: ExportRow,
        /// Bytes that all of them may take.
        bytes_max: u64,
    },
    /// What came of an export that waits. Nothing happens where it was removed meanwhile.
    EndExport {
        /// Which.
        id: ExportId,
        /// When.
        at: WallTime,
        /// What.
        end: ExportEnd,
    },
    /// Nobody sees an export any more; its file goes after that. Refused where there is none.
    RemoveExport(ExportId),
    /// The file of a removed export is gone.
    ForgetExport(ExportId),

    /// Something was observed of a clock. The oldest are forgotten when there are too many.
    NoteClock(ClockNote),
}

impl Change {
    /// The stream of which it changes what is protected or hidden.
    pub(crate) const fn keeps(&self) -> Option<StreamId> {
        match self {
            Self::Protect(ProtectionRow { stream, .. })
            | Self::Unprotect { stream, .. }
            | Self::Hide { stream, .. }
            | Self::HideAgain { stream, .. }
            | Self::ForgetHidden { stream, .. }
            | Self::ForgetHiddenAfter { stream, .. } => Some(*stream),
            _ => None,
        }
    }
}
