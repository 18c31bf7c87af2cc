//! States of a record, and the few marks that show them.

/// The look of a state: one colour and one shape. The word beside it is always written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateMark {
    /// Holds on the day shown.
    InForce,
    /// An objection, a review or a lawsuit is open.
    Disputed,
    /// Corrected, repaired, set aside or withdrawn.
    PutRight,
    /// Counts against the subject.
    Adverse,
    /// None of these.
    Neutral,
}

impl StateMark {
    /// Every mark.
    pub const ALL: [Self; 5] = [
        Self::InForce,
        Self::Disputed,
        Self::PutRight,
        Self::Adverse,
        Self::Neutral,
    ];

    /// Name of the class in the stylesheet and of the shape in the page.
    pub fn class(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Disputed => "disputed",
            Self::PutRight => "put-right",
            Self::Adverse => "adverse",
            Self::Neutral => "neutral",
        }
    }
}

/// What became of a record, as of the moment shown. A record can have several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    /// 有效.
    InForce,
    /// 尚未生效.
    NotYetInForce,
    /// 异议处理中.
    Disputed,
    /// 暂停.
    Suspended,
    /// 已更正.
    Corrected,
    /// 决定已撤销: the act itself was set aside.
    Annulled,
    /// 已作废: entered wrongly.
    Voided,
    /// 已修复.
    Repaired,
    /// 已履行.
    Performed,
    /// 公示已结束.
    PublicationEnded,
    /// 已到期.
    Ended,
}

impl RecordState {
    /// Every state, in the order of the filter.
    pub const ALL: [Self; 11] = [
        Self::InForce,
        Self::NotYetInForce,
        Self::Disputed,
        Self::Suspended,
        Self::Corrected,
        Self::Annulled,
        Self::Voided,
        Self::Repaired,
        Self::Performed,
        Self::PublicationEnded,
        Self::Ended,
    ];

    /// The look of the state.
    pub fn mark(self) -> StateMark {
        match self {
            Self::InForce => StateMark::InForce,
            Self::Disputed | Self::Suspended => StateMark::Disputed,
            Self::Corrected | Self::Annulled | Self::Voided | Self::Repaired | Self::Performed => {
                StateMark::PutRight
            }
            Self::NotYetInForce | Self::PublicationEnded | Self::Ended => StateMark::Neutral,
        }
    }

    /// The value of the `state` parameter.
    pub fn parameter(self) -> &'static str {
        self.key().trim_start_matches("state.")
    }

    /// The state that a `state` parameter names.
    pub fn from_parameter(value: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.parameter() == value)
    }

    /// Key of the state's word in the catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::InForce => "state.in_force",
            Self::NotYetInForce => "state.not_yet_in_force",
            Self::Disputed => "state.disputed",
            Self::Suspended => "state.suspended",
            Self::Corrected => "state.corrected",
            Self::Annulled => "state.annulled",
            Self::Voided => "state.voided",
            Self::Repaired => "state.repaired",
            Self::Performed => "state.performed",
            Self::PublicationEnded => "state.publication_ended",
            Self::Ended => "state.ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_parameter() {
        for state in RecordState::ALL {
            assert_eq!(RecordState::from_parameter(state.parameter()), Some(state));
        }
        assert_eq!(RecordState::from_parameter("clean"), None);
    }
}
