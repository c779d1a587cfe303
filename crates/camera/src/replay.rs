//! A conversation with a camera that is read from memory, on the caller's thread and at the
//! caller's pace: for measurements that come out the same each time.

use crate::fault::Fault;
use crate::rtsp::Client;
use crate::run::{Context, Session};
use crate::sink::{EndCause, FrameSink};
use crate::source::StreamSource;

/// Receives `pieces`, each of whole messages and packets, as [`crate::run()`] does what it reads
/// from a camera that answers so; requests go nowhere. The run is ended in the sink with the
/// pieces. Time is what `context` says: whoever makes the pieces may move it on between them.
pub fn replay(
    source: &StreamSource,
    sink: &mut impl FrameSink,
    context: &Context,
    pieces: impl IntoIterator<Item = Vec<u8>>,
) -> Result<(), Fault> {
    let mut client = Client::new(source);
    let mut pieces = pieces.into_iter();
    let mut rest = Vec::new();
    while client.phase().is_some() {
        let Some(piece) = pieces.next() else {
            return Err(Fault::Gone("the conversation is over before it plays".to_owned()));
        };
        let used = client.receive(&piece, &mut |_| {})?;
        client.outgoing().clear();
        rest = piece.get(used..).unwrap_or_default().to_vec();
    }
    let mut session = Session::new(source, sink, context, None, &client.tracks.described);
    for piece in std::iter::once(rest).chain(pieces) {
        client.receive(&piece, &mut |item| session.take(item))?;
        session.heed();
        session.watch()?;
        client.outgoing().clear();
    }
    session.end(EndCause::Shutdown);
    Ok(())
}
