//! Recipients of the feed: who takes which classes over for what purpose, and how far each has come. The caller reads from the
//! stream what holds; nothing of it has to be decided against other streams.

use crate::command::{AcknowledgeFeed, AdmitRecipient};
use crate::draft::{Decision, NewEvent};
use crate::refusal::{Refusal, text};
use crate::subject::required;
use probity_format::events::{RecipientAcknowledged, RecipientAdmitted, StreamKind};
use probity_format::wire::Set;
use probity_types::Text;
use std::collections::BTreeSet;

fn texts<const N: u32, const MAX: u32>(
    field: &'static str,
    values: &BTreeSet<String>,
) -> Result<Set<Text<N>, MAX>, Refusal> {
    let values = values.iter().map(|value| text(field, value));
    let values = values.collect::<Result<Vec<Text<N>>, _>>()?;
    Set::from_unsorted(values).map_err(|error| Refusal::Value {
        field,
        why: error.to_string(),
    })
}

/// Admits an agency; nobody is admitted to nothing, or without a basis.
pub(crate) fn admit(command: &AdmitRecipient) -> Result<Decision, Refusal> {
    if command.basis.trim().is_empty() {
        return Err(required("basis", "依据"));
    }
    if command.subcategories.is_empty() && command.lists.is_empty() {
        return Err(required("subcategories", "信息类别或名单"));
    }
    let body = RecipientAdmitted {
        recipient: command.recipient,
        agency: text("agency", &command.agency)?,
        purpose: command.purpose,
        basis: text("basis", &command.basis)?,
        subcategories: texts("subcategories", &command.subcategories)?,
        lists: texts("lists", &command.lists)?,
        acknowledge_days: command.acknowledge_days,
    };
    let event = NewEvent::open(StreamKind::Recipient, command.recipient.0, body);
    Ok(Decision::Append(vec![event]))
}

/// Records a receipt.
pub(crate) fn acknowledge(command: &AcknowledgeFeed) -> Result<Decision, Refusal> {
    let withdrawals = command.withdrawals.iter().copied().collect();
    let body = RecipientAcknowledged {
        recipient: command.recipient,
        position: command.position,
        withdrawals: Set::from_unsorted(withdrawals).map_err(|error| Refusal::Value {
            field: "withdrawals",
            why: error.to_string(),
        })?,
    };
    let event = NewEvent::open(StreamKind::Recipient, command.recipient.0, body);
    Ok(Decision::Append(vec![event.caused_by(command.since)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_types::{Position, QueryPurpose, RecipientId};

    fn admission() -> AdmitRecipient {
        AdmitRecipient {
            recipient: RecipientId([7; 16]),
            agency: "人民银行克拉玛依市分行".into(),
            purpose: QueryPurpose::Finance,
            basis: "征信业管理条例".into(),
            subcategories: BTreeSet::from(["QF001".to_owned()]),
            lists: BTreeSet::new(),
            acknowledge_days: 3,
        }
    }

    #[test]
    fn an_admission_names_a_basis_and_something_to_take() {
        assert!(matches!(admit(&admission()), Ok(Decision::Append(events)) if events.len() == 1));
        let without_basis = AdmitRecipient {
            basis: " ".into(),
            ..admission()
        };
        assert!(admit(&without_basis).is_err());
        let to_nothing = AdmitRecipient {
            subcategories: BTreeSet::new(),
            ..admission()
        };
        assert!(admit(&to_nothing).is_err());
    }

    #[test]
    fn a_receipt_names_what_it_answers() {
        let command = AcknowledgeFeed {
            recipient: RecipientId([7; 16]),
            since: Position(4),
            position: Position(9),
            withdrawals: BTreeSet::from([Position(8)]),
        };
        let Ok(Decision::Append(events)) = acknowledge(&command) else {
            panic!("a receipt is appended");
        };
        assert_eq!(events[0].caused_by, Position(4));
    }
}
