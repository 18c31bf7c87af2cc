//! The code lists of `probity_types` by the name they have in a field type.

use probity_types::{
    AdjudicationRole, ArrearsKind, AwardLevel, ClosingKind, CodeList, CoercionMeasure,
    CoercionNature, DefaultConduct, IdentifierKind, InstrumentKind, JudicialDocument,
    LitigationRole, PenaltyKind, PenaltyProcedure, PerformanceState, PermitChange, PermitKind,
    PermitStatus, QuantityUnit, RemedyState, Role, Severity, SubjectKind,
};

/// Key and Chinese name of every code of a built-in list; none for lists that are data
/// (`tax_kind`, `industry` and the like), which a profile must map itself.
pub(crate) fn code_names(list: &str) -> Option<Vec<(&'static str, &'static str)>> {
    fn names<C: CodeList>() -> Vec<(&'static str, &'static str)> {
        C::ALL.iter().map(|code| (code.key(), code.zh())).collect()
    }
    macro_rules! find {
        ($($name:ident)+) => { $(if list == $name::LIST { return Some(names::<$name>()); })+ };
    }
    find!(SubjectKind IdentifierKind Role PermitKind PermitStatus PermitChange PenaltyKind PenaltyProcedure);
    find!(RemedyState CoercionMeasure CoercionNature AdjudicationRole JudicialDocument LitigationRole);
    find!(PerformanceState DefaultConduct ClosingKind ArrearsKind InstrumentKind QuantityUnit AwardLevel);
    find!(Severity);
    None
}

/// The keys of a built-in list.
pub(crate) fn code_keys(list: &str) -> Option<Vec<&'static str>> {
    Some(code_names(list)?.into_iter().map(|(key, _)| key).collect())
}

/// National tables that are too long to ship. Their keys are taken as they stand here and judged by their form when the
/// record is.
pub(crate) fn is_known_by_form(list: &str) -> bool {
    matches!(list, "gbt2260" | "gbt4754")
}
