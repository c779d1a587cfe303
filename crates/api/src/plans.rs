//! Plans of clips that were asked for lately: a player asks for a part of the same clip again and
//! again, and the plan of a week reads thousands of rows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use base::limits;
use playback::{ClipPlan, ClipRequest, PlanError, Source};

/// Plans that still hold.
#[derive(Default)]
pub(crate) struct Plans(Mutex<VecDeque<Kept>>);

struct Kept {
    /// The catalog's, before the plan was made.
    revision: u64,
    request: ClipRequest,
    plan: Arc<ClipPlan>,
}

impl Plans {
    /// The plan of `request`: one that was made while the catalog was as it is now, where there is
    /// one. Else it is made, which may block.
    pub fn of(
        &self,
        request: ClipRequest,
        source: &dyn Source,
        revision: impl Fn() -> u64,
    ) -> Result<Arc<ClipPlan>, PlanError> {
        let now = revision();
        if let Some(plan) = self.kept(&request, now) {
            return Ok(plan);
        }
        let plan = Arc::new(ClipPlan::new(source, request.clone())?);
        if !plan.may_grow() {
            self.keep(Kept { revision: now, request, plan: plan.clone() });
        }
        Ok(plan)
    }

    fn kept(&self, request: &ClipRequest, revision: u64) -> Option<Arc<ClipPlan>> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plans.retain(|kept| kept.revision == revision);
        plans.iter().find(|kept| kept.request == *request).map(|kept| kept.plan.clone())
    }

    fn keep(&self, kept: Kept) {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have asked for the same at the same time.
        plans.retain(|other| other.request != kept.request);
        plans.push_back(kept);
        let segments = |plans: &VecDeque<Kept>| -> usize {
            plans.iter().map(|kept| kept.plan.segments()).sum()
        };
        while plans.len() > limits::CLIP_PLANS_MAX
            || segments(&plans) > limits::CLIP_PLANS_SEGMENTS_MAX
        {
            plans.pop_front();
        }
    }
}
