//! From stream to archive to catalog: rotation, the commit protocol, recovery, retention, check.
