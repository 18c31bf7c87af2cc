//! Whether an authority is one that the catalogue expects to report a class. The bureaus of the catalogue are a proposal, so the
//! answer is a reason to look, never to refuse.

use super::{Catalogue, Entry};

/// Words of names that describe a sort of bodies instead of naming one: with them nothing can be told.
const DESCRIPTIVE: [&str; 6] = ["机构", "部门", "企业", "单位", "公司", "办公室"];

/// Fewer characters say nothing about an office.
const CORE_CHARS_MIN: usize = 3;

impl Catalogue {
    /// Whether the authority bears the name, today's or an earlier one, of a bureau that reports the class. None where the
    /// catalogue describes one of the bureaus instead of naming it.
    pub fn is_entitled(&self, entry: &Entry, authority: &str) -> Option<bool> {
        let mut told = true;
        for code in &entry.sources {
            let today = self.bureaus.get(code).map(|bureau| bureau.name.zh.as_str());
            let earlier = self.earlier_names.get(code).map(String::as_str);
            let names = today
                .into_iter()
                .chain(earlier)
                .flat_map(|names| names.split('、'));
            for name in names {
                if DESCRIPTIVE.iter().any(|word| name.contains(word)) {
                    told = false;
                } else if names_office(authority, name) {
                    return Some(true);
                }
            }
        }
        told.then_some(false)
    }
}

/// Whether an authority's name is that of an office: the characters of the office's core in this order, because offices are
/// called by short names (工商局 is 工商行政管理局), of whatever city or district.
fn names_office(authority: &str, office: &str) -> bool {
    let core = office.trim_start_matches("各区").trim_start_matches('市');
    if core.chars().count() < CORE_CHARS_MIN || core.is_ascii() {
        return false;
    }
    let mut rest = authority.chars();
    core.chars().all(|wanted| rest.any(|c| c == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_are_known_by_their_short_names_and_in_every_district() {
        assert!(names_office("克拉玛依市市场监督管理局", "市市场监督管理局"));
        assert!(names_office(
            "克拉玛依市白碱滩区市场监督管理局",
            "市市场监督管理局"
        ));
        assert!(names_office("克拉玛依市工商行政管理局", "市工商局"));
        assert!(names_office("独山子区人民法院", "各区人民法院"));
        assert!(!names_office("克拉玛依市税务局", "市市场监督管理局"));
        assert!(!names_office("克拉玛依市税务局", "(part of SIB)"));
    }
}
