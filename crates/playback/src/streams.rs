//! Several streams in one clip: what is chosen of each, in one order of time.

use base::limits;

use crate::error::PlanError;
use crate::part::Part;
use crate::request::ClipRequest;
use crate::select::Selection;
use crate::source::Source;

impl Selection {
    /// Chooses of all streams of a request, with all seams mended.
    pub fn of(source: &dyn Source, request: &ClipRequest) -> Result<Self, PlanError> {
        let window = request.window();
        let mut all = Self::default();
        for (number, stream) in request.streams.iter().enumerate() {
            let mut own = Self::new(source, (number, stream.id), &window)?;
            own.mend_seams(source)?;
            all.add(own);
            if all.parts.len() > limits::CLIP_SEGMENTS_MAX && request.streams.len() > 1 {
                return Err(PlanError::TooLong);
            }
        }
        Ok(all)
    }

    /// Puts the parts of another stream between the ones that are there, by time.
    fn add(&mut self, mut other: Self) {
        let lanes = self.lanes.len();
        for take in other.parts.iter_mut().flat_map(|part| &mut part.takes) {
            take.lane += lanes;
        }
        self.lanes.append(&mut other.lanes);
        let mut merged = Vec::with_capacity(self.parts.len() + other.parts.len());
        let (mut own, mut others) = (
            std::mem::take(&mut self.parts).into_iter().peekable(),
            other.parts.into_iter().peekable(),
        );
        let start = |part: Option<&Part>| part.map(|part| part.span.0);
        loop {
            // The order within a stream stays as it is.
            let next = match (start(own.peek()), start(others.peek())) {
                (Some(first), Some(second)) if second < first => others.next(),
                (Some(_), _) => own.next(),
                (None, _) => others.next(),
            };
            let Some(next) = next else { break };
            merged.push(next);
        }
        self.parts = merged;
    }
}
