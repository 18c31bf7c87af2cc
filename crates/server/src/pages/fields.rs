//! The fields of one entry that anybody may read.

use super::events::named;
use super::values::Words;
use probity_domain::Entry;
use probity_format::events::{
    Adoption, Event, Ground, HeldIdentifier, RecordCore, RecordCorrected,
};
use probity_format::fields::FieldMap;
use probity_pages::{EntryField, FieldValue, clock, field_name, money, region_name};
use probity_types::{CivilDate, Polarity, RemedyState, mask};

/// The fields of an entry whose content is public.
pub fn of(words: &Words, entry: &Entry) -> Vec<EntryField> {
    let mut fields = Fields {
        words,
        list: Vec::new(),
    };
    if let Some(core) = entry.event.recorded() {
        fields.core(core);
        if let Some(details) = entry.event.open_details() {
            fields.details(core.subcategory.as_str(), &details.to_fields());
        }
        return fields.list;
    }
    match &entry.event {
        Event::SubjectRegistered(_) | Event::SubjectRenamed(_) | Event::IdentifierAdded(_) => {
            fields.subject(entry)
        }
        Event::PerformanceRecorded(e) => {
            fields.text("performance", &named(words, e.performance));
            fields.day("on", Some(e.on));
            fields.text("amount", &e.amount.map(money).unwrap_or_default());
        }
        Event::RecordCorrected(e) => fields.correction(e),
        Event::RecordVoided(e) => fields.ground(&e.ground),
        Event::RecordAnnulled(e) => {
            fields.day("annulled_from", e.from);
            fields.ground(&e.ground);
        }
        Event::ListingDecided(_) | Event::ListingEnded(_) => fields.listing(entry),
        _ => fields.system(entry),
    }
    fields.list
}

struct Fields<'a> {
    words: &'a Words,
    list: Vec<EntryField>,
}

impl Fields<'_> {
    fn push(&mut self, label: String, text: &str) {
        let value = FieldValue::Shown(text.to_owned());
        self.list.push(EntryField {
            label,
            value,
            was: None,
        });
    }

    /// A field of this name; an empty one is left out.
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            let label = field_name(self.words.lang(), name)
                .unwrap_or(name)
                .to_owned();
            self.push(label, text);
        }
    }

    /// A hash or an id.
    fn hash(&mut self, name: &str, value: String) {
        let label = field_name(self.words.lang(), name)
            .unwrap_or(name)
            .to_owned();
        let value = FieldValue::Hash(value);
        self.list.push(EntryField {
            label,
            value,
            was: None,
        });
    }

    fn day(&mut self, name: &str, day: Option<CivilDate>) {
        self.text(
            name,
            &day.map(|day| self.words.day(day)).unwrap_or_default(),
        );
    }

    fn number(&mut self, name: &str, number: u32) {
        self.text(name, &number.to_string());
    }

    fn region(&mut self, code: &str) {
        let name = region_name(self.words.lang(), code)
            .unwrap_or(code)
            .to_owned();
        self.text("region", &name);
    }

    fn identifier(&mut self, held: &HeldIdentifier) {
        let value = mask(held.kind, held.value.as_str());
        self.push(named(self.words, held.kind), &value);
    }

    fn core(&mut self, core: &RecordCore) {
        let subcategory = self.words.subcategory(core.subcategory.as_str());
        self.text(
            "subcategory",
            &format!("{} {subcategory}", core.subcategory.as_str()),
        );
        self.text("authority", core.authority.as_str());
        self.text("authority_code", core.authority_code.as_str());
        self.text("source_unit", core.source_unit.as_str());
        self.text("source_unit_code", core.source_unit_code.as_str());
        self.region(core.region.as_str());
        self.day("decided_on", Some(core.decided_on));
        self.day("effective_from", Some(core.effective_from));
        self.day("effective_to", core.effective_to);
        if core.polarity == Polarity::Adverse {
            self.text("severity", &named(self.words, core.severity));
        }
        if let Some(state) = core
            .remedy_state
            .filter(|state| *state != RemedyState::None)
        {
            self.text("remedy_state", &named(self.words, state));
        }
    }

    /// Details in the order of the catalogue. What it does not name, or does not open to everybody, is left out.
    fn details(&mut self, class: &str, values: &FieldMap) {
        for name in self.words.public_fields(class) {
            if let Some(value) = values.get(&name) {
                let (label, text) = (
                    self.words.field(class, &name),
                    self.words.value(class, &name, value),
                );
                if !text.is_empty() {
                    self.push(label, &text);
                }
            }
        }
    }

    fn ground(&mut self, ground: &Ground) {
        self.text("reason", &named(self.words, ground.reason));
        self.text("authority", ground.authority.as_str());
        self.text("instrument_no", ground.instrument_no.as_str());
        self.text("legal_basis", ground.legal_basis.as_str());
    }

    fn correction(&mut self, event: &RecordCorrected) {
        let class = event.core.subcategory.as_str();
        for change in event.changes.iter().flat_map(|changes| changes.iter()) {
            let name = change.field.as_str();
            if !self.words.is_public(class, name) {
                continue;
            }
            let text = |value| self.words.value(class, name, value);
            self.list.push(EntryField {
                label: self.words.field(class, name),
                value: change
                    .new
                    .as_ref()
                    .map(text)
                    .map_or(FieldValue::Absent, FieldValue::Shown),
                was: change.old.as_ref().map(text),
            });
        }
        if event.changes.is_none() {
            let label = self.words.field(class, "content");
            self.list.push(EntryField {
                label,
                value: FieldValue::Sealed,
                was: None,
            });
        }
        self.ground(&event.ground);
    }

    fn subject(&mut self, entry: &Entry) {
        match &entry.event {
            Event::SubjectRegistered(e) => {
                if let Some(identity) = &e.identity {
                    self.text("subject_name", identity.name.as_str());
                    identity
                        .identifiers
                        .iter()
                        .for_each(|held| self.identifier(held));
                }
                self.text("subject_kind", &named(self.words, e.subject_kind));
                self.region(e.region.as_str());
                self.text(
                    "industry",
                    &self.words.industry(e.industry.as_str()).unwrap_or_default(),
                );
            }
            Event::SubjectRenamed(e) => {
                self.text(
                    "subject_name",
                    e.name.as_ref().map_or("", |name| name.as_str()),
                );
                self.day("effective_on", Some(e.effective_on));
            }
            Event::IdentifierAdded(e) => {
                if let Some(held) = &e.identifier {
                    self.identifier(held);
                }
            }
            _ => {}
        }
    }

    fn listing(&mut self, entry: &Entry) {
        match &entry.event {
            Event::ListingDecided(e) => {
                self.text("list", &self.words.list(e.list.as_str()));
                self.text("procedure", &named(self.words, e.procedure));
                self.text(
                    "reason",
                    e.reason.as_ref().map_or("", |reason| reason.as_str()),
                );
                self.text("authority", e.authority.as_str());
                self.text("source_unit", e.source_unit.as_str());
                self.text("instrument_no", e.instrument_no.as_str());
                self.text("legal_basis", e.basis.as_str());
                self.day("notice_served_on", e.notice_served_on);
                self.day("listed_on", e.listed_on);
                self.day("until", e.until);
            }
            Event::ListingEnded(e) => {
                self.text("list", &self.words.list(e.list.as_str()));
                self.text("reason", &named(self.words, e.reason));
                self.text("authority", e.authority.as_str());
                self.text("legal_basis", e.legal_basis.as_str());
                self.day("ended_on", Some(e.ended_on));
            }
            _ => {}
        }
    }

    fn adoption(&mut self, adoption: &Adoption) {
        self.text("id", adoption.id.as_str());
        self.text("version", adoption.version.as_str());
        self.day("effective_from", Some(adoption.effective_from));
        self.day("effective_to", adoption.effective_to);
        self.hash("text_hash", adoption.text_hash.to_string());
    }

    /// Entries of the log's own: its beginning, days, rules, files. Officers are not named.
    fn system(&mut self, entry: &Entry) {
        match &entry.event {
            Event::LogStarted(e) => {
                self.hash("log", e.log.to_string());
                self.text("log_name", e.origin.as_str());
            }
            Event::DayStarted(e) => self.day("day", Some(e.day)),
            Event::StateCommitted(e) => {
                self.text("as_of", &e.as_of.to_string());
                self.day("date", Some(e.date));
                self.text("subjects", &e.subjects.to_string());
                self.hash("open_root", e.open_root.to_string());
                self.hash("full_root", e.full_root.to_string());
            }
            Event::SigningKeyRotated(e) => {
                self.number("key_number", e.number);
                self.hash("public_key", e.key.to_string());
                self.text("overlap_until", &clock(e.overlap_until));
                self.text("reason", e.reason.as_str());
            }
            Event::CatalogueAdopted(e) => self.adoption(&e.adoption),
            Event::PolicyPackAdopted(e) => self.adoption(&e.adoption),
            Event::ImportProfileAdopted(e) => self.adoption(&e.adoption),
            Event::BatchSubmitted(e) => {
                self.text("source_unit", e.source_unit.as_str());
                self.text("profile", e.profile.as_str());
                self.number("rows", e.rows);
                self.number("refused", e.refused);
            }
            Event::BatchCompleted(e) => {
                self.number("imported", e.imported);
                self.number("already_there", e.already_there);
                self.number("parked", e.parked);
                self.number("refused", e.refused);
            }
            _ => {}
        }
    }
}
