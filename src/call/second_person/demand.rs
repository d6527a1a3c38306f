//! What the policy demands of a second person.

use crate::{call::Call, guard::policy::RuleId, principal::Who};

/// What rules of the policy demand of a second person.
#[derive(Clone, Debug, Default)]
pub(in crate::call) struct Demand {
    /// Who may approve: one of each list that isn't empty.
    pub(super) approvers: Vec<Vec<Who>>,
    /// What the operator says of it.
    pub(super) reasons: Vec<String>,
}

impl Demand {
    /// What the rules that allow a call demand; `None` if they don't.
    pub(in crate::call) fn of(call: &Call, rules: &[(RuleId, u32)]) -> Option<Self> {
        let policy = call.policy.as_ref().as_ref()?;
        let mut demand = Self::default();
        for (rule, _) in rules {
            let Some(second) = policy.second_person(*rule) else { continue };
            demand = demand.with(second.approvers.clone(), policy.reason(*rule));
        }
        (!demand.approvers.is_empty()).then_some(demand)
    }

    /// What both demand together.
    pub(in crate::call) fn and(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(mut one), Some(other)) = (one.clone(), other.clone()) else {
            return one.or(other);
        };
        for list in other.approvers {
            one = one.with(list, None);
        }
        one.reasons.extend(other.reasons);
        one.reasons.sort_unstable();
        one.reasons.dedup();
        Some(one)
    }

    fn with(mut self, approvers: Vec<Who>, reason: Option<&str>) -> Self {
        if !self.approvers.contains(&approvers) {
            self.approvers.push(approvers);
        }
        self.reasons.extend(reason.map(str::to_owned));
        self.reasons.dedup();
        self
    }
}
