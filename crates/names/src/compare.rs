//! Why two names belong together or not: a reason, never a score.
//!
//! A score added up from shared characters gave two unrelated firms 0.85 because of their legal form (complaint P07).

use crate::fold::{fold, search_key};
use crate::organisation::split;

/// How one part of two names agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartAgreement {
    /// Both have it and it is the same, or neither has it.
    Same,
    /// Only one of the names has it.
    OneMissing,
    /// Both have it and it differs.
    Differs,
}

/// What two names have in common. A reason to show, best first; none of them links anything by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameComparison {
    /// The same name, apart from width, case, spaces, brackets, dashes, marks and the form of the dot.
    Same,
    /// The same characters; dots, hyphens, brackets or commas are missing from one of them.
    SameButPunctuation,
    /// The same core; region or legal form differ as said.
    SameCore {
        /// The regions.
        region: PartAgreement,
        /// The legal forms.
        form: PartAgreement,
    },
    /// The same core, but one is a branch of it, or both are different branches: other organisations.
    OtherBranch,
    /// Different cores; only the legal form is shared.
    SharedFormOnly,
    /// Different cores; only the region is shared.
    SharedRegionOnly,
    /// Different cores; region and legal form are shared.
    SharedRegionAndForm,
    /// Nothing that counts is shared.
    Different,
}

impl NameComparison {
    /// Whether the pair is worth a person's look: the same name or the same core, and no branch between them.
    pub fn is_candidate(self) -> bool {
        match self {
            Self::Same | Self::SameButPunctuation | Self::SameCore { .. } => true,
            Self::OtherBranch
            | Self::SharedFormOnly
            | Self::SharedRegionOnly
            | Self::SharedRegionAndForm
            | Self::Different => false,
        }
    }

    /// The reason in Chinese.
    pub fn zh(self) -> String {
        match self {
            Self::Same => "名称相同".into(),
            Self::SameButPunctuation => "名称相同，仅标点有无不同".into(),
            Self::SameCore { region, form } => {
                let part = |agreement, what| match agreement {
                    PartAgreement::Same => format!("{what}一致"),
                    PartAgreement::OneMissing => format!("一方未写{what}"),
                    PartAgreement::Differs => format!("{what}不同"),
                };
                format!(
                    "字号相同，{}，{}",
                    part(region, "行政区划"),
                    part(form, "组织形式")
                )
            }
            Self::OtherBranch => "字号相同，但为分支机构，不是同一主体".into(),
            Self::SharedFormOnly => "仅组织形式相同，字号不同".into(),
            Self::SharedRegionOnly => "仅行政区划相同，字号不同".into(),
            Self::SharedRegionAndForm => "仅行政区划和组织形式相同，字号不同".into(),
            Self::Different => "名称不同".into(),
        }
    }

    /// The reason in English.
    pub fn en(self) -> String {
        match self {
            Self::Same => "the same name".into(),
            Self::SameButPunctuation => "the same name, punctuation is missing from one".into(),
            Self::SameCore { region, form } => {
                let part = |agreement, what| match agreement {
                    PartAgreement::Same => format!("{what} agrees"),
                    PartAgreement::OneMissing => format!("{what} is missing from one"),
                    PartAgreement::Differs => format!("{what} differs"),
                };
                format!(
                    "the same core, {}, {}",
                    part(region, "region"),
                    part(form, "legal form")
                )
            }
            Self::OtherBranch => "the same core, but a branch is another organisation".into(),
            Self::SharedFormOnly => "only the legal form is shared, the cores differ".into(),
            Self::SharedRegionOnly => "only the region is shared, the cores differ".into(),
            Self::SharedRegionAndForm => {
                "only region and legal form are shared, the cores differ".into()
            }
            Self::Different => "different names".into(),
        }
    }
}

/// Compares two names of organisations. Symmetric.
pub fn compare(a: &str, b: &str) -> NameComparison {
    if let Some(same) = same_writing(a, b) {
        return same;
    }
    let (a, b) = (split(a), split(b));
    let region = agreement(&a.region, &b.region);
    let form = agreement(&a.form, &b.form);
    if a.core == b.core && !a.core.is_empty() {
        return if a.branch == b.branch {
            NameComparison::SameCore { region, form }
        } else {
            NameComparison::OtherBranch
        };
    }
    let shared_region = region == PartAgreement::Same && !a.region.is_empty();
    let shared_form = form == PartAgreement::Same && !a.form.is_empty();
    match (shared_region, shared_form) {
        (true, true) => NameComparison::SharedRegionAndForm,
        (true, false) => NameComparison::SharedRegionOnly,
        (false, true) => NameComparison::SharedFormOnly,
        (false, false) => NameComparison::Different,
    }
}

/// Compares two names of natural persons, which have no form and no region: a person may be called 新疆 or end in 店.
/// Answers [`NameComparison::Same`], [`NameComparison::SameButPunctuation`] or [`NameComparison::Different`].
pub fn compare_persons(a: &str, b: &str) -> NameComparison {
    same_writing(a, b).unwrap_or(NameComparison::Different)
}

/// An empty name says nothing, so it equals none.
fn same_writing(a: &str, b: &str) -> Option<NameComparison> {
    let key = search_key(a);
    if key.is_empty() || key != search_key(b) {
        return None;
    }
    Some(if fold(a) == fold(b) {
        NameComparison::Same
    } else {
        NameComparison::SameButPunctuation
    })
}

fn agreement(a: &str, b: &str) -> PartAgreement {
    match (a.is_empty(), b.is_empty()) {
        (true, false) | (false, true) => PartAgreement::OneMissing,
        (true, true) | (false, false) if a == b => PartAgreement::Same,
        (true, true) | (false, false) => PartAgreement::Differs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// P07: the core decides; a shared legal form is worth nothing, a missing one costs nothing.
    #[test]
    fn legal_form_and_region_do_not_decide() {
        let a = "测试甲能源";
        let with_form = NameComparison::SameCore {
            region: PartAgreement::Same,
            form: PartAgreement::OneMissing,
        };
        assert_eq!(compare(a, "测试甲能源有限公司"), with_form);
        assert_eq!(compare(a, "测试乙能源有限公司"), NameComparison::Different);
        assert_eq!(
            compare("测试甲能源有限公司", "测试乙能源有限公司"),
            NameComparison::SharedFormOnly
        );
        assert_eq!(
            compare("新疆测试甲有限公司", "新疆测试乙有限公司"),
            NameComparison::SharedRegionAndForm
        );
        assert_eq!(
            compare("新疆测试甲厂", "新疆测试乙有限公司"),
            NameComparison::SharedRegionOnly
        );
        assert!(with_form.is_candidate() && !NameComparison::SharedFormOnly.is_candidate());
    }

    #[test]
    fn another_region_or_form_is_said_in_the_reason() {
        let found = compare("新疆测试甲有限公司", "克拉玛依市测试甲厂");
        assert_eq!(
            found,
            NameComparison::SameCore {
                region: PartAgreement::Differs,
                form: PartAgreement::Differs
            }
        );
        assert_eq!(found.zh(), "字号相同，行政区划不同，组织形式不同");
        assert_eq!(
            found.en(),
            "the same core, region differs, legal form differs"
        );
    }

    #[test]
    fn a_branch_is_not_its_parent() {
        let parent = "测试甲能源有限公司";
        assert_eq!(
            compare(parent, "测试甲能源有限公司克拉玛依分公司"),
            NameComparison::OtherBranch
        );
        assert_eq!(compare(parent, "测试甲能源有限公司"), NameComparison::Same);
    }

    /// P02, P18 and P19
    #[test]
    fn persons_agree_by_writing_only() {
        assert_eq!(
            compare_persons("阿布都·买买提", "阿布都•买买提"),
            NameComparison::Same
        );
        assert_eq!(
            compare_persons("阿布都·买买提", "阿布都买买提"),
            NameComparison::SameButPunctuation
        );
        assert_eq!(
            compare_persons("阿布都", "阿不都"),
            NameComparison::Different
        );
        assert_eq!(compare_persons("颜某", "闫某"), NameComparison::Different);
        assert_eq!(compare_persons("新疆", "新疆厂"), NameComparison::Different);
        assert_eq!(compare_persons("", ""), NameComparison::Different);
    }

    proptest! {
        #[test]
        fn comparing_is_symmetric_and_a_name_equals_itself(
            a in "[新疆市测试甲乙有限公司分店·() ]{1,10}", b in "[新疆市测试甲乙有限公司分店·() ]{1,10}",
        ) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a));
            prop_assert_eq!(compare(&a, &a) == NameComparison::Same, !search_key(&a).is_empty());
        }
    }
}
