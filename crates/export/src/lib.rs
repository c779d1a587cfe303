//! Exports: footage of some cameras in one ZIP that needs nothing else, with a signed manifest and
//! a page that plays and verifies it (`docs/format/export.md`).
//!
//! [`Plan::new`] decides what is in it, to the byte. [`Exporter`] writes it, one step after the
//! other, in one pass. [`verify()`] proves one from the file and a public key alone.

mod error;
mod gaps;
mod hashes;
mod manifest;
mod page;
mod plan;
mod request;
mod stored;
mod verify;
mod writer;
mod zip;

pub use error::{ExportError, WriteError};
pub use manifest::{Clip, ClipStream, Gap, Manifest, MemberHashes, Span};
pub use plan::{Content, Plan};
pub use request::{Request, WantedStream};
pub use stored::StoredFile;
pub use verify::{Finding, Flaw, Verdict, verify, verify_until};
pub use writer::{Exporter, Progress, Written};
pub use zip::NotOurs;
