//! Headers that mean the same wherever they stand: published files call one column by several names (domain.md §6).
//!
//! A profile names the headers of its own files; where the file has none of them, their other names are looked for. A name that
//! the profile gives to another field stays with that field.

/// Each line is one column under all its names, folded as [`probity_names::fold_header`] does it.
const GROUPS: [&[&str]; 5] = [
    &["决定书文号", "文号", "文书字轨", "字轨"],
    &[
        "统一社会信用代码",
        "统一信用代码",
        "社会信用代码(纳税人识别号)",
        "信用代码或识别号",
        "行政相对人代码-1(统一社会信用代码)",
        "行政相对人代码_1(统一社会信用代码)",
    ],
    &["企业名称", "单位名称", "机构名称", "行政相对人名称"],
    &["组织机构代码", "组织结构代码", "机构代码"],
    &["欠税余额(元)", "欠税金额"],
];

/// The other names of a folded header; none where it has no others.
pub(crate) fn aliases(folded: &str) -> impl Iterator<Item = &'static str> + use<> {
    let group = GROUPS.iter().find(|group| group.contains(&folded));
    let names = group.copied().unwrap_or_default().iter().copied();
    // What is looked for is borrowed from the caller, the answer is not.
    let own = names.clone().find(|name| *name == folded);
    names.filter(move |name| Some(*name) != own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_names::fold_header;

    #[test]
    fn names_are_folded_and_stand_in_one_group_only() {
        let all: Vec<&str> = GROUPS
            .iter()
            .flat_map(|group| group.iter().copied())
            .collect();
        for name in &all {
            assert_eq!(fold_header(name), *name);
            assert_eq!(
                all.iter().filter(|other| *other == name).count(),
                1,
                "{name}"
            );
        }
        assert_eq!(aliases("字轨").count(), 3);
        assert_eq!(aliases("工商注册号").count(), 0);
    }
}
