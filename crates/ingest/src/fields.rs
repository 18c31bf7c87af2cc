//! Fields that have a place of their own in a report; all others go into its field map.

use crate::profile::Target;
use probity_types::{FieldType, SubjectKind};

/// Value of a `subject_kind` map for 法人及非法人组织 of the 双公示 feeds, which does not tell the four
/// kinds of organisation apart: the first characters of the credit code do (domain.md §4).
pub(crate) const LEGAL_PERSON: &str = "legal_person";

/// The type of a field with a place of its own, none for a field of the catalogue.
pub(crate) fn reserved_type(field: &str, target: &Target) -> Option<FieldType> {
    let common = match field {
        "subject_name" | "authority" | "source_unit" => Some(FieldType::Text(200)),
        "subject_kind" => Some(FieldType::Code("subject_kind".to_owned())),
        "subject_birth_date" => Some(FieldType::Date),
        "region_code" => Some(FieldType::Text(9)),
        "industry" => Some(FieldType::Text(32)),
        _ => None,
    };
    let own = match (target, field) {
        (Target::Record { .. }, "authority_code" | "source_unit_code") => Some(FieldType::Text(18)),
        (Target::Listing { .. }, "listed_on" | "until") => Some(FieldType::Date),
        (Target::Listing { .. }, "reason") => Some(FieldType::Text(4000)),
        (Target::Listing { .. }, "basis") => Some(FieldType::Text(2000)),
        (Target::Listing { .. }, "instrument_no") => Some(FieldType::Text(128)),
        (Target::Register { .. }, "new_name" | "issuer") => Some(FieldType::Text(200)),
        (Target::Register { .. }, "title" | "number") => Some(FieldType::Text(64)),
        (Target::Register { .. }, "group") => Some(FieldType::Text(32)),
        (Target::Register { .. }, "effective_on" | "issued_on" | "valid_to") => {
            Some(FieldType::Date)
        }
        _ => None,
    };
    common.or(own)
}

/// Kind of organisation by department and category of its credit code (GB 32100-2015, domain.md §4).
pub(crate) fn kind_of_credit_code(code: &str) -> Option<SubjectKind> {
    let kind = match code.get(..2)? {
        "91" | "93" => SubjectKind::Enterprise,
        "92" => SubjectKind::SoleTrader,
        "31" => SubjectKind::Unincorporated,
        "51" | "52" | "53" => SubjectKind::SocialOrganisation,
        "11" | "12" | "13" | "N1" | "N2" | "N3" => SubjectKind::GovernmentBody,
        _ => return None,
    };
    Some(kind)
}
