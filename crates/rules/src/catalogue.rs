//! The catalogue: which classes of record exist, who may report them, with which fields.
//! Source: `packs/catalogue.toml` (proposed, editable), domain reference §5.

mod check;
mod entitled;
mod load;

use crate::conditions::Condition;
use crate::fault::{PackFaults, Sentence};
use crate::head::{Interval, PackHead, keyed};
use probity_types::{Category, CivilDate, FieldType, Polarity, Publicity, SubjectKind};
use std::collections::BTreeMap;

keyed! {
    /// Whether a field must be given.
    Requirement("requirement") {
        /// Always, unless the source's profile declares the column absent.
        Required = "required",
        /// Where its condition holds.
        Conditional = "conditional",
        /// Never.
        Optional = "optional",
    }
    /// How closely a class touches a person.
    Sensitivity("sensitivity") {
        /// Nothing about a person beyond the subject itself.
        Normal = "normal",
        /// Personal data.
        Personal = "personal",
        /// Sensitive personal data (PIPL).
        Sensitive = "sensitive",
    }
    /// How the severity of a record of this class is found; see [`crate::severity`].
    SeverityRule("severity rule") {
        /// Never counts for or against.
        None = "none",
        /// Shown where publicity allows, never adverse.
        NeutralOnly = "neutral_only",
        /// Positive, by award level.
        PositiveLevel = "positive_level",
        /// The heaviest penalty kind of the era.
        ByPenaltyKind = "by_penalty_kind",
        /// The same, for the sectors with a minimum of one year.
        ByPenaltyKindMinOneYear = "by_penalty_kind_min_one_year",
        /// Adverse because the decision behind it was not performed.
        EnforcementNonperformance = "enforcement_nonperformance",
        /// Neutral until a duty's deadline has passed unperformed.
        NonperformanceAfterDeadline = "nonperformance_after_deadline",
        /// Neutral while performed or within the term.
        JudgmentUnperformed = "judgment_unperformed",
        /// Criminal judgment.
        Criminal = "criminal",
        /// Serious while listed.
        SeriousList = "serious_list",
        /// Neutral until an instrument with legal effect exists.
        ArrearsInstrument = "arrears_instrument",
        /// Tiers of 2014 by age of the debt, replay only.
        Heating2014 = "heating_2014",
        /// Local tiers of overdue housing-fund loans, replay only.
        FundLoan2016 = "fund_loan_2016",
    }
}

/// One field of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueField {
    /// Its name in events, files and the API.
    pub name: String,
    /// Chinese name.
    pub name_zh: String,
    /// What values it takes.
    pub field_type: FieldType,
    /// Whether it must be given.
    pub requirement: Requirement,
    /// When it must be given, in the words of the catalogue; empty where nothing is said.
    pub condition: String,
    /// The same as something that can be evaluated, where it can.
    pub evaluable: Option<Condition>,
    /// Code of the 双公示 standard, where it has one.
    pub standard_code: String,
    /// Unit in words, where it has one.
    pub unit: String,
    /// Who may see it, in words.
    pub visibility: String,
    /// Its place among the fields of the pack, or of its class: forms ask in this order.
    pub rank: u32,
}

impl CatalogueField {
    /// Its name in English: the name in events, as words.
    pub fn name_en(&self) -> String {
        self.name.replace('_', " ")
    }
}

/// One of the record classes (子类).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `XK001` … `RY014`.
    pub code: String,
    /// Its name.
    pub name: Sentence,
    /// Its category.
    pub category: Category,
    /// Kinds of subject it can concern.
    pub subjects: Vec<SubjectKind>,
    /// Polarity of the class; the severity rule decides for a single record.
    pub polarity: Polarity,
    /// Who may see it where no setting is stricter.
    pub publicity: Publicity,
    /// How closely it touches a person.
    pub sensitivity: Sensitivity,
    /// How severity is found.
    pub severity_rule: SeverityRule,
    /// Bureaus that report it, by code.
    pub sources: Vec<String>,
    /// Legal basis in words.
    pub legal_basis: String,
    /// How far the basis was checked.
    pub basis_status: String,
    /// Fields of the category that this class always needs.
    pub required: Vec<String>,
    /// Fields of the category that it may carry.
    pub optional: Vec<String>,
    /// Its own fields beyond those of the category, all optional.
    pub extra: BTreeMap<String, CatalogueField>,
    /// Key-person groups whose certificates it records.
    pub key_person_groups: Vec<String>,
    /// Decision dates for which it may be reported.
    pub interval: Interval,
    /// The entry that replaced it, where one did.
    pub replaced_by: Option<String>,
}

/// A named code with both names: a category, bureau, industry or key-person group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its code.
    pub code: String,
    /// Its name today.
    pub name: Sentence,
}

/// Why a class cannot be reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryRefusal {
    /// No such class.
    #[error("{code} is not in the catalogue {catalogue}; codes run from XK001 to RY014")]
    Unknown {
        /// What was given, at most 16 characters of it.
        code: String,
        /// Id and version of the catalogue.
        catalogue: String,
    },
    /// The class was not in force on the decision date.
    #[error(
        "{code} is in force {interval}, not on {decided_on}; {}",
        .replaced_by.as_ref().map_or("no class replaces it".to_owned(), |r| format!("report it as {r}"))
    )]
    OutOfForce {
        /// The class.
        code: String,
        /// When it is in force.
        interval: Interval,
        /// The decision date of the report.
        decided_on: CivilDate,
        /// The class to use instead.
        replaced_by: Option<String>,
    },
    /// The class does not concern this kind of subject.
    #[error("{code} concerns {allowed}, not {found}")]
    SubjectKind {
        /// The class.
        code: String,
        /// What it concerns.
        allowed: String,
        /// The subject's kind.
        found: SubjectKind,
    },
}

/// A catalogue in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// What the pack says about itself.
    pub head: PackHead,
    /// What the pack says about its standing, for example that it is a proposal.
    pub status: String,
    /// Ids of the severity rules that the pack knows, with their meaning.
    pub severity_rules: BTreeMap<String, String>,
    pub(crate) categories: BTreeMap<Category, Named>,
    pub(crate) fields: BTreeMap<Option<Category>, BTreeMap<String, CatalogueField>>,
    pub(crate) entries: BTreeMap<String, Entry>,
    pub(crate) bureaus: BTreeMap<String, Named>,
    /// Names that bureaus bore before, by code; several are parted by `、`.
    pub(crate) earlier_names: BTreeMap<String, String>,
    pub(crate) industries: BTreeMap<String, Named>,
    pub(crate) key_person_groups: BTreeMap<String, Named>,
}

impl Catalogue {
    /// Reads and checks a pack of kind `catalogue`. Whether its code lists exist is a question to
    /// the code lists of the day: [`Catalogue::check_lists`].
    ///
    /// # Errors
    /// [`PackFaults`] names the entry, the field and what would be right, for every fault.
    pub fn parse(text: &str) -> Result<Self, PackFaults> {
        load::parse(text)
    }

    /// Checks that every code list named by a field exists.
    ///
    /// # Errors
    /// [`PackFaults`] names each field whose list is unknown.
    pub fn check_lists(&self, codes: &crate::Codebook) -> Result<(), PackFaults> {
        load::check_lists(self, codes)
    }

    /// One class by its code.
    pub fn entry(&self, code: &str) -> Option<&Entry> {
        self.entries.get(code)
    }

    /// Every class, in order of code.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The class for a report of a decision on `decided_on` about a subject of this kind.
    ///
    /// # Errors
    /// [`EntryRefusal`]; a class out of force names its successor (domain reference §5.8).
    pub fn entry_for(
        &self,
        code: &str,
        subject_kind: SubjectKind,
        decided_on: CivilDate,
    ) -> Result<&Entry, EntryRefusal> {
        let entry = self
            .entries
            .get(code)
            .ok_or_else(|| EntryRefusal::Unknown {
                code: code.chars().take(16).collect(),
                catalogue: format!("{} {}", self.head.rule.id, self.head.rule.version),
            })?;
        if !entry.interval.contains(decided_on) {
            return Err(EntryRefusal::OutOfForce {
                code: entry.code.clone(),
                interval: entry.interval,
                decided_on,
                replaced_by: entry.replaced_by.clone(),
            });
        }
        if !entry.subjects.contains(&subject_kind) {
            let allowed: Vec<String> = entry.subjects.iter().map(ToString::to_string).collect();
            return Err(EntryRefusal::SubjectKind {
                code: entry.code.clone(),
                allowed: allowed.join(", "),
                found: subject_kind,
            });
        }
        Ok(entry)
    }

    /// One field of a category or, where the category has none of that name, the common one.
    pub fn field(&self, category: Category, name: &str) -> Option<&CatalogueField> {
        let of = |group: Option<Category>| self.fields.get(&group)?.get(name);
        of(Some(category)).or_else(|| of(None))
    }

    /// One field of a class: its own, else the category's, else the common one.
    pub fn field_of<'a>(&'a self, entry: &'a Entry, name: &str) -> Option<&'a CatalogueField> {
        entry
            .extra
            .get(name)
            .or_else(|| self.field(entry.category, name))
    }

    /// Every field of a class: its own, then the category's, then the common ones, each by name.
    pub fn fields_of<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a CatalogueField> {
        let group = |g: Option<Category>| self.fields.get(&g).into_iter().flat_map(|m| m.values());
        entry
            .extra
            .values()
            .chain(group(Some(entry.category)))
            .chain(group(None))
    }

    /// Every field that a record of the class may carry, in the order in which a form asks for them: the common ones,
    /// those of the category that the class names, its own.
    pub fn form_fields<'a>(&'a self, entry: &'a Entry) -> Vec<&'a CatalogueField> {
        let by_rank = |fields: Vec<&'a CatalogueField>| {
            let mut fields = fields;
            fields.sort_by_key(|field| field.rank);
            fields
        };
        let hides = |field: &&CatalogueField| !entry.extra.contains_key(&field.name);
        let named = |field: &&CatalogueField| {
            entry.required.contains(&field.name) || entry.optional.contains(&field.name)
        };
        let common = by_rank(self.common_fields().filter(hides).collect());
        let category = self.fields_of_category(entry.category);
        let category = by_rank(category.filter(named).filter(hides).collect());
        let own = by_rank(entry.extra.values().collect());
        [common, category, own].concat()
    }

    /// Whether a class needs a field: what the class says goes before what the field says.
    pub fn need(&self, entry: &Entry, field: &CatalogueField) -> Requirement {
        if entry.required.contains(&field.name) {
            Requirement::Required
        } else {
            field.requirement
        }
    }

    /// Fields that every record has, by name.
    pub fn common_fields(&self) -> impl Iterator<Item = &CatalogueField> {
        self.fields.get(&None).into_iter().flat_map(|m| m.values())
    }

    /// Fields of a category beyond the common ones, by name.
    pub fn fields_of_category(&self, category: Category) -> impl Iterator<Item = &CatalogueField> {
        self.fields
            .get(&Some(category))
            .into_iter()
            .flat_map(|m| m.values())
    }

    /// A category's name.
    pub fn category(&self, category: Category) -> Option<&Named> {
        self.categories.get(&category)
    }

    /// The bureaus, in order of code.
    pub fn bureaus(&self) -> impl Iterator<Item = &Named> {
        self.bureaus.values()
    }

    /// A bureau by its code.
    pub fn bureau(&self, code: &str) -> Option<&Named> {
        self.bureaus.get(code)
    }

    /// The industries, in order of code.
    pub fn industries(&self) -> impl Iterator<Item = &Named> {
        self.industries.values()
    }

    /// The key-person groups, in order of code.
    pub fn key_person_groups(&self) -> impl Iterator<Item = &Named> {
        self.key_person_groups.values()
    }

    /// Keys and names of a list that the catalogue itself holds; `None` for others.
    pub fn list_names(&self, list: &str) -> Option<Vec<(String, Sentence)>> {
        let names = |held: &BTreeMap<String, Named>| {
            let pair = |named: &Named| (named.code.clone(), named.name.clone());
            held.values().map(pair).collect()
        };
        match list {
            "industry" => Some(names(&self.industries)),
            "key_person_group" => Some(names(&self.key_person_groups)),
            _ => None,
        }
    }

    /// Whether a key stands in one of the lists that the catalogue itself holds; `None` for others.
    pub(crate) fn holds(&self, list: &str, key: &str) -> Option<bool> {
        match list {
            "industry" => Some(self.industries.contains_key(key)),
            "key_person_group" => Some(self.key_person_groups.contains_key(key)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
