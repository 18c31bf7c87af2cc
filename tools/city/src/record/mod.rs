//! One record of the seven categories: who, by whom, when, and every value that its class asks for.

mod acts;
mod arrears;
mod extra;
mod judgment;
mod penalty;
mod permit;

use crate::books::{Books, Bureau, organisation_kinds};
use crate::dice::{Dice, Purpose};
use crate::organisations::Organisations;
use crate::people::People;
use crate::values::{Values, text_value};
use probity_domain::report::{Provenance, RecordReport, SubjectClaim};
use probity_rules::Entry;
use probity_types::{
    Category, CivilDate, CodeList as _, FieldType, FieldValue, Polarity, RemedyState, Role,
};
use std::collections::BTreeMap;

/// Everything that a record is made from.
pub(crate) struct Scene<'a> {
    pub(crate) books: &'a Books,
    pub(crate) entry: &'a Entry,
    pub(crate) bureau: &'a Bureau,
    pub(crate) organisations: &'a Organisations,
    pub(crate) subject: SubjectClaim,
    pub(crate) role: Role,
    /// Day of the conduct, or of the facts behind the decision.
    pub(crate) conduct: CivilDate,
    pub(crate) decided_on: CivilDate,
    pub(crate) today: CivilDate,
    /// The record's ordinal.
    pub(crate) record: u64,
    /// Number of the document within its authority, category and year.
    pub(crate) serial: u64,
    pub(crate) dice: Dice,
    pub(crate) values: Values,
}

/// Counters of document numbers: one per authority, category and year.
#[derive(Debug, Clone, Default)]
pub(crate) struct Serials(BTreeMap<(String, Category, i16), u64>);

impl Serials {
    fn next(&mut self, bureau: &Bureau, category: Category, year: i16) -> u64 {
        let serial = self
            .0
            .entry((bureau.code.clone(), category, year))
            .or_default();
        *serial += 1;
        *serial
    }
}

/// What the maker of records looks things up in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) seed: u64,
    pub(crate) books: &'a Books,
    pub(crate) bureaus: &'a BTreeMap<String, Bureau>,
    pub(crate) organisations: &'a Organisations,
    pub(crate) people: &'a People,
    pub(crate) today: CivilDate,
}

impl Scene<'_> {
    pub(crate) fn is_person(&self) -> bool {
        self.subject.kind.is_person()
    }

    /// Name of the class in Chinese.
    pub(crate) fn class(&self) -> &str {
        &self.entry.name.zh
    }

    /// `克市场罚〔2024〕00001号`: unique within the authority.
    pub(crate) fn document_no(&self, word: char) -> String {
        let (year, ..) = self.decided_on.ymd();
        format!(
            "克{}{word}〔{year}〕{:05}号",
            self.bureau.short, self.serial
        )
    }

    /// A day `low` to `high` days after the decision; none where it lies ahead.
    pub(crate) fn past_day(&mut self, low: i32, high: i32) -> Option<CivilDate> {
        let day = self.dice.day_after(self.decided_on, low, high);
        Some(day).filter(|day| *day <= self.today)
    }

    /// Legal basis of the class, as a text for a document.
    pub(crate) fn basis(&self) -> String {
        format!("{}（演示数据，依据以目录为准）", self.entry.legal_basis)
    }
}

/// Makes the record of this ordinal: a class, decided on a day. `None` where the class names no bureau or kind of subject.
pub(crate) fn make(
    world: World<'_>,
    entry: &Entry,
    record: u64,
    decided_on: CivilDate,
    serials: &mut Serials,
) -> Option<RecordReport> {
    let mut dice = Dice::new(world.seed, Purpose::Record, record);
    let bureau = world.bureaus.get(dice.pick_from(&entry.sources)?)?;
    let (low, high) = if entry.category == Category::QF {
        (-600, -30)
    } else {
        (-360, -10)
    };
    let conduct = dice.day_after(decided_on, low, high);
    let subject = subject(world, entry, conduct, decided_on, &mut dice)?;
    let (year, ..) = decided_on.ymd();
    let mut scene = Scene {
        books: world.books,
        entry,
        bureau,
        organisations: world.organisations,
        subject,
        role: Role::Party,
        conduct,
        decided_on,
        today: world.today,
        record,
        serial: serials.next(bureau, entry.category, year),
        dice,
        values: Values::default(),
    };
    match entry.category {
        Category::XK => permit::fill(&mut scene),
        Category::CF => penalty::fill(&mut scene),
        Category::QZ => acts::fill_coercion(&mut scene),
        Category::CJ => acts::fill_adjudication(&mut scene),
        Category::PJ => judgment::fill(&mut scene),
        Category::QF => arrears::fill(&mut scene),
        Category::RY => acts::fill_honour(&mut scene),
    }
    Some(finish(scene))
}

/// Whom the record is about: of a kind that the class allows, of age where a person.
fn subject(
    world: World<'_>,
    entry: &Entry,
    conduct: CivilDate,
    decided_on: CivilDate,
    dice: &mut Dice,
) -> Option<SubjectClaim> {
    let kinds = organisation_kinds(entry);
    let persons_allowed = kinds.len() < entry.subjects.len();
    let person =
        persons_allowed && (kinds.is_empty() || dice.chance(person_share(entry.category), 100));
    if person {
        return Some(world.people.adult(dice, conduct));
    }
    let organisation = world.organisations.any_of(dice, &kinds)?;
    Some(world.organisations.claim_on(organisation, decided_on))
}

/// Records about persons, in per cent of those whose class allows both.
fn person_share(category: Category) -> u64 {
    match category {
        Category::XK => 25,
        Category::CF | Category::QZ => 30,
        Category::CJ | Category::PJ => 45,
        Category::QF => 65,
        Category::RY => 40,
    }
}

/// Common fields, extra fields, and what the class demands beyond what was filled in.
fn finish(mut scene: Scene<'_>) -> RecordReport {
    let entry = scene.entry;
    let adverse_person = scene.is_person() && entry.polarity == Polarity::Adverse;
    if adverse_person || (entry.category == Category::CF && scene.dice.chance(2, 3)) {
        scene.values.date("conduct_date", scene.conduct);
    }
    if matches!(entry.category, Category::CF | Category::QZ) && scene.dice.chance(3, 100) {
        let open = [
            RemedyState::ReviewOpen,
            RemedyState::LitigationOpen,
            RemedyState::Upheld,
        ];
        let state = scene.dice.pick(&open);
        scene.values.code("remedy_state", state);
    }
    scene
        .values
        .text("note", "演示数据，由程序生成，与任何真实主体无关");
    extra::fill(&mut scene);
    let mut fields = std::mem::take(&mut scene.values.0);
    fields.retain(|name, _| belongs(&scene, name));
    for (name, value) in &mut fields {
        cut(&scene, name, value);
    }
    RecordReport {
        subject: scene.subject,
        role: scene.role,
        subcategory: entry.code.clone(),
        authority: scene.bureau.name.clone(),
        authority_code: scene.bureau.credit_code.clone(),
        source_unit: scene.bureau.source_unit(),
        source_unit_code: scene.bureau.credit_code.clone(),
        fields,
        provenance: Provenance::default(),
    }
}

/// Whether a class takes a field: its own, one it requires or allows, or a common one.
fn belongs(scene: &Scene<'_>, name: &str) -> bool {
    let named = |list: &[String]| list.iter().any(|n| n == name);
    let entry = scene.entry;
    named(&entry.required)
        || named(&entry.optional)
        || entry.extra.contains_key(name)
        || scene
            .books
            .catalogue
            .common_fields()
            .any(|field| field.name == name)
}

/// Cuts a text to what its field takes.
fn cut(scene: &Scene<'_>, name: &str, value: &mut FieldValue) {
    let field = scene.books.catalogue.field_of(scene.entry, name);
    let max = match field.map(|field| &field.field_type) {
        Some(FieldType::Text(max)) => *max,
        Some(_) | None => return,
    };
    if let FieldValue::Text(text) = value
        && text.chars().count() > max as usize
    {
        *value = text_value(text.as_str(), max);
    }
}

/// The same act's share of a second organisation, now and then: the record of the other party, with another role.
pub(crate) fn companion(
    world: World<'_>,
    entry: &Entry,
    record: u64,
    first: &RecordReport,
) -> Option<RecordReport> {
    let mut dice = Dice::new(world.seed, Purpose::Companion, record);
    let times = match entry.category {
        Category::CJ => 400,
        Category::PJ => 60,
        Category::CF => 15,
        Category::XK | Category::QZ | Category::QF | Category::RY => 0,
    };
    if first.subject.kind.is_person() || !dice.chance(times, 1_000) {
        return None;
    }
    let decided_on = crate::values::date_of(&first.fields, "decision_date")?;
    let organisation = world
        .organisations
        .any_of(&mut dice, &organisation_kinds(entry))?;
    let mut other = first.clone();
    other.subject = world.organisations.claim_on(organisation, decided_on);
    if other.subject.name == first.subject.name {
        return None;
    }
    let mut values = Values(other.fields);
    match entry.category {
        Category::CJ => other.role = acts::other_side(first.role, &other.subject.name, &mut values),
        Category::PJ => other.role = judgment::guarantor(first.role, &mut values)?,
        Category::CF | Category::XK | Category::QZ | Category::QF | Category::RY => {
            other.role = Role::ResponsiblePerson
        }
    }
    other.fields = values.0;
    Some(other)
}

/// The code of a list with this key, as another list's code; both lists share the key.
pub(crate) fn role_of(key: &str) -> Role {
    Role::ALL
        .iter()
        .find(|role| role.key() == key)
        .copied()
        .unwrap_or(Role::Party)
}
