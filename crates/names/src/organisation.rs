//! The parts of an organisation's name.
//!
//! ```text
//! 新疆克拉玛依市 测试甲能源 有限责任公司 独山子分公司
//! region         core       form         branch
//! ```

use crate::affixes::{BRANCHES, FORMS, REGIONS, strip_end, strip_start};
use crate::fold::fold;

/// Characters that a core needs before a trade word of one character (厂, 店) counts as a form: 王店 is a village.
const CORE_BEFORE_SHORT_FORM_MIN: usize = 2;

/// The parts of an organisation's name, folded. Empty where the name has no such part; the core is empty only for an
/// empty name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationName {
    /// Region words, joined in the order they stand.
    pub region: String,
    /// What tells the organisation from others.
    pub core: String,
    /// Legal form or trade word.
    pub form: String,
    /// The branch, with its place: another organisation than its parent.
    pub branch: String,
}

/// Splits an organisation's name into its parts.
///
/// A heuristic for finding candidates, with lists of known words; it never decides a link and never yields a region.
pub fn split(name: &str) -> OrganisationName {
    let key = fold(name);
    let (parent, branch) = split_branch(&key);
    let (mut regions, bare) = split_bracketed_region(parent);
    let (rest, form) = split_form(&bare);
    let mut core = rest;
    let mut leading = Vec::new();
    while let Some((rest, region)) = strip_start(core, REGIONS) {
        // A name that is nothing but a region keeps it as its core.
        if rest.is_empty() {
            break;
        }
        leading.push(region);
        core = rest;
    }
    leading.append(&mut regions);
    OrganisationName {
        region: leading.concat(),
        core: core.to_owned(),
        form: form.to_owned(),
        branch: branch.to_owned(),
    }
}

/// Parent and branch. The parent ends with its own legal form; without one nothing tells where it ends, and the branch
/// word alone is taken off.
fn split_branch(key: &str) -> (&str, &str) {
    let Some((before, word)) = strip_end(key, BRANCHES) else {
        return (key, "");
    };
    if before.is_empty() {
        return (key, "");
    }
    let end = ["公司", "银行", "合作社"]
        .iter()
        .filter_map(|form| before.rfind(form).map(|at| at + form.len()))
        .max();
    key.split_at(end.unwrap_or(key.len() - word.len()))
}

/// Takes a region in brackets out of the middle: 测试甲(克拉玛依)能源有限公司.
fn split_bracketed_region(parent: &str) -> (Vec<&'static str>, String) {
    let mut found = Vec::new();
    let mut bare = parent.to_owned();
    while let Some((region, place)) = REGIONS.iter().find_map(|region| {
        let written = format!("({region})");
        bare.find(&written)
            .map(|at| (*region, at..at + written.len()))
    }) {
        bare.replace_range(place, "");
        found.push(region);
    }
    if bare.is_empty() {
        (Vec::new(), parent.to_owned())
    } else {
        (found, bare)
    }
}

fn split_form(bare: &str) -> (&str, &'static str) {
    match strip_end(bare, FORMS) {
        Some((rest, form)) if !rest.is_empty() => {
            let short =
                form.chars().count() == 1 && rest.chars().count() < CORE_BEFORE_SHORT_FORM_MIN;
            if short { (bare, "") } else { (rest, form) }
        }
        Some(_) | None => (bare, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(name: &str, region: &str, core: &str, form: &str, branch: &str) {
        let parts = split(name);
        let found = [
            parts.region.as_str(),
            &parts.core,
            &parts.form,
            &parts.branch,
        ];
        assert_eq!(found, [region, core, form, branch], "{name}");
    }

    #[test]
    fn region_and_legal_form_are_split_off_the_core() {
        check("测试甲能源有限公司", "", "测试甲能源", "有限公司", "");
        check(
            "新疆测试甲能源股份有限公司",
            "新疆",
            "测试甲能源",
            "股份有限公司",
            "",
        );
        check(
            "新疆维吾尔自治区克拉玛依市独山子区测试甲有限责任公司",
            "新疆维吾尔自治区克拉玛依市独山子区",
            "测试甲",
            "有限责任公司",
            "",
        );
        check(
            "测试甲（克拉玛依）能源有限公司",
            "克拉玛依",
            "测试甲能源",
            "有限公司",
            "",
        );
        check(
            "克拉玛依市测试投资合伙企业（有限合伙）",
            "克拉玛依市",
            "测试投资",
            "合伙企业(有限合伙)",
            "",
        );
        check("白碱滩区测试便利店", "白碱滩区", "测试便利", "店", "");
        check("测试甲（个体工商户）", "", "测试甲", "(个体工商户)", "");
    }

    #[test]
    fn a_branch_is_told_from_its_parent() {
        check(
            "测试甲能源有限公司克拉玛依分公司",
            "",
            "测试甲能源",
            "有限公司",
            "克拉玛依分公司",
        );
        check(
            "测试银行股份有限公司独山子支行",
            "",
            "测试银行",
            "股份有限公司",
            "独山子支行",
        );
        check("测试甲克拉玛依分公司", "", "测试甲克拉玛依", "", "分公司");
    }

    #[test]
    fn a_name_that_is_only_region_or_form_keeps_a_core() {
        check("克拉玛依市", "", "克拉玛依市", "", "");
        check("有限公司", "", "有限公司", "", "");
        check("克拉玛依有限公司", "", "克拉玛依", "有限公司", "");
        check("（克拉玛依）", "", "(克拉玛依)", "", "");
        check("分公司", "", "分", "公司", "");
        check("王店", "", "王店", "", "");
        check("", "", "", "", "");
    }

    proptest! {
        #[test]
        fn every_name_with_a_key_has_a_core(name in "[新疆克拉玛依市区有限责任公司分店厂()测试]{0,12}") {
            prop_assert_eq!(split(&name).core.is_empty(), fold(&name).is_empty());
        }
    }
}
