//! Checks of a report that no single field can fail by itself.

use crate::refusal::Fault;
use crate::report::RecordReport;
use probity_names::fold;
use probity_types::IdentifierKind;

/// Nobody decides about themselves: authority and subject are two (domain reference §6).
pub(crate) fn check_authority(report: &RecordReport) -> Option<Fault> {
    let subject = &report.subject;
    let own_code = |claim: &crate::report::IdentifierClaim| {
        claim.kind == IdentifierKind::Uscc && claim.value == report.authority_code
    };
    let same_code = !report.authority_code.is_empty() && subject.identifiers.iter().any(own_code);
    let authority = fold(&report.authority);
    // A person may bear the name of nobody's office; only organisations are compared by name.
    let same_name =
        !subject.kind.is_person() && !authority.is_empty() && authority == fold(&subject.name);
    if !same_code && !same_name {
        return None;
    }
    let field = if same_code {
        "authority_code"
    } else {
        "authority"
    };
    Some(Fault::new(
        field,
        "authority.is_subject",
        (
            "决定机关与行政相对人为同一主体",
            "the authority is the subject itself",
        ),
        (
            "请核对决定机关与行政相对人，二者不得相同",
            "check both: nobody decides about themselves",
        ),
    ))
}
