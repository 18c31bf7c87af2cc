//! Policies: adopting them, and asking them. The only file here that knows how packs are selected.

use crate::command::{Adopt, ListingSteps, PolicyKind};
use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Fault, Refusal, text};
use crate::registry::Registry;
use crate::report::ListingReport;
use probity_format::Hash;
use probity_format::events::{
    Adoption, CatalogueAdopted, Event, ImportProfileAdopted, PolicyPackAdopted, StreamKind,
};
use probity_format::fields::FieldMap;
use probity_rules::severity::RemedyOpen;
use probity_rules::{
    AdoptError, AnchorDates, EntryRefusal, Ground, ListingProposal, PackKind, Packs, RecordFacts,
    check_listing as judge,
};
use probity_types::{
    CivilDate, FieldType, FieldValue, ListColour, Polarity, Position, Publicity, RemedyState,
    Severity, SubjectKind,
};
use std::collections::BTreeSet;
use std::sync::Arc;

const PACKS_CONTEXT: &str = "probity 2026 packs v1";

/// Stream id of the one `policy` stream.
pub const POLICY_STREAM: [u8; 16] = [0; 16];

/// What intake finds about a record, kept in its core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assessed {
    pub(crate) severity: Severity,
    pub(crate) polarity: Polarity,
    pub(crate) publicity: Publicity,
    pub(crate) summary_procedure: bool,
}

fn packs(
    registry: &Registry,
    decided_on: CivilDate,
    today: CivilDate,
) -> Result<Packs<'_>, Refusal> {
    let dates = AnchorDates::new(decided_on, today);
    let packs = registry.policies.packs(registry.next(), &dates);
    packs.map_err(|none| Refusal::NoPolicy {
        what: none.what,
        on: none.date,
    })
}

fn entry_refusal(error: EntryRefusal, on: CivilDate) -> Refusal {
    match error {
        EntryRefusal::Unknown { code, .. } => Refusal::UnknownSubcategory { code, on },
        EntryRefusal::OutOfForce { .. } | EntryRefusal::SubjectKind { .. } => {
            let zh = match &error {
                EntryRefusal::OutOfForce {
                    code, replaced_by, ..
                } => match replaced_by {
                    Some(next) => format!("子类 {code} 在决定日期未施行，请改用 {next}"),
                    None => format!("子类 {code} 在决定日期未施行"),
                },
                EntryRefusal::SubjectKind { code, allowed, .. } => {
                    format!("子类 {code} 只适用于：{allowed}")
                }
                EntryRefusal::Unknown { code, .. } => format!("目录中没有子类 {code}"),
            };
            Refusal::Faults(vec![Fault::new(
                "subcategory",
                "catalogue.entry",
                (zh, error.to_string()),
                (
                    "请按决定日期施行的目录选择子类",
                    "choose a class that was in force on the decision date",
                ),
            )])
        }
    }
}

/// Names of every field that a record of this class can have.
pub(crate) fn field_names(
    registry: &Registry,
    code: &str,
    decided_on: CivilDate,
) -> Result<BTreeSet<String>, Refusal> {
    let packs = packs(registry, decided_on, decided_on)?;
    let entry = packs.catalogue.entry(code);
    let entry = entry.ok_or_else(|| Refusal::UnknownSubcategory {
        code: code.to_owned(),
        on: decided_on,
    })?;
    Ok(packs
        .catalogue
        .fields_of(entry)
        .map(|field| field.name.clone())
        .collect())
}

fn decided_on(fields: &FieldMap, today: CivilDate) -> CivilDate {
    let day = |name: &str| match fields.get(name) {
        Some(FieldValue::Date(day)) => Some(*day),
        _ => None,
    };
    day("decision_date")
        .or_else(|| day("recognised_on"))
        .unwrap_or(today)
}

/// Every fault of a record's values.
pub(crate) fn check(
    registry: &Registry,
    code: &str,
    kind: SubjectKind,
    fields: &FieldMap,
    absent: &BTreeSet<String>,
    today: CivilDate,
) -> Result<Vec<Fault>, Refusal> {
    let decided_on = decided_on(fields, today);
    let packs = packs(registry, decided_on, today)?;
    let found = packs.check_fields(code, kind, fields, absent, (decided_on, today));
    let found = found.map_err(|error| entry_refusal(error, decided_on))?;
    let fault = |fault: probity_rules::FieldFault| {
        Fault::new(
            fault.field,
            fault.rule.key(),
            (fault.fault.zh, fault.fault.en),
            (fault.right.zh, fault.right.en),
        )
    };
    Ok(found.into_iter().map(fault).collect())
}

/// Fields of a class beyond the typed ones that name another party to the act: a firm, or a person.
pub(crate) fn party_fields(
    registry: &Registry,
    code: &str,
    decided_on: CivilDate,
    today: CivilDate,
) -> Result<BTreeSet<String>, Refusal> {
    let packs = packs(registry, decided_on, today)?;
    let entry = packs.catalogue.entry(code);
    let extras = entry.into_iter().flat_map(|entry| entry.extra.values());
    let parties = extras.filter(|field| field.field_type == FieldType::Party);
    Ok(parties.map(|field| field.name.clone()).collect())
}

/// Severity, polarity and publicity of a record as intake sees them.
pub(crate) fn assess(
    registry: &Registry,
    code: &str,
    kind: SubjectKind,
    fields: &FieldMap,
    decided_on: CivilDate,
    today: CivilDate,
) -> Result<Assessed, Refusal> {
    let packs = packs(registry, decided_on, today)?;
    let entry = packs
        .catalogue
        .entry_for(code, kind, decided_on)
        .map_err(|error| entry_refusal(error, decided_on))?;
    let open = [RemedyState::ReviewOpen, RemedyState::LitigationOpen];
    let is_open = matches!(fields.get("remedy_state"), Some(FieldValue::Code(key))
        if open.iter().any(|state| probity_types::CodeList::key(*state) == key.as_str()));
    let facts = RecordFacts {
        entry,
        subject_kind: kind,
        fields,
        decided_on,
        as_of: today,
        performed_on: None,
        remedy: if is_open {
            RemedyOpen::Yes
        } else {
            RemedyOpen::No
        },
        basis_severity: None,
        delisted_on: None,
    };
    let assessment = packs.assess(&facts);
    let summary_procedure = assessment.ground == Ground::SummaryPenalty;
    Ok(Assessed {
        severity: assessment.severity,
        polarity: assessment.polarity,
        publicity: if summary_procedure {
            Publicity::Internal
        } else {
            entry.publicity
        },
        summary_procedure,
    })
}

/// Whether the list table allows a listing; its colour, none for an outside list.
pub(crate) fn check_listing(
    registry: &Registry,
    report: &ListingReport,
    steps: &ListingSteps,
    today: CivilDate,
) -> Result<Option<ListColour>, Refusal> {
    let packs = packs(registry, report.listed_on.unwrap_or(today), today)?;
    let proposal = ListingProposal {
        list: &report.list,
        instrument: steps
            .instrument_kind
            .filter(|_| !report.instrument_no.trim().is_empty()),
        basis: &report.basis,
        notice_served_on: steps.notice_served_on,
        decider: &steps.decider,
        decided_on: report.listed_on,
    };
    match judge(
        packs.lists,
        packs.listing,
        &proposal,
        report.procedure,
        today,
    ) {
        Ok(terms) => Ok(terms.colour),
        Err(refusals) => {
            let said: Vec<_> = refusals
                .iter()
                .map(probity_rules::ListingRefusal::sentence)
                .collect();
            let zh = said
                .iter()
                .map(|s| s.zh.as_str())
                .collect::<Vec<_>>()
                .join("；");
            let en = said
                .iter()
                .map(|s| s.en.as_str())
                .collect::<Vec<_>>()
                .join("; ");
            Err(Refusal::Listing {
                rule: "listing",
                zh,
                en,
            })
        }
    }
}

fn adoption(adopt: &Adopt, from: CivilDate, to: Option<CivilDate>) -> Result<Adoption, Refusal> {
    Ok(Adoption {
        id: text("id", &adopt.id)?,
        version: text("version", &adopt.version)?,
        officer: text("officer", &adopt.officer)?,
        effective_from: from,
        effective_to: to,
        text_hash: Hash(*blake3::hash(adopt.text.as_bytes()).as_bytes()),
        text: text("text", &adopt.text)?,
    })
}

/// What is adopted under this id and version already: the same text is there, another one needs a new version.
fn same_text(
    registry: &Registry,
    kind: PackKind,
    adopt: &Adopt,
    at: Position,
) -> Result<Decision, Refusal> {
    let held = |text: &&Arc<AdoptedText>| {
        (text.kind, &text.id, &text.version) == (kind, &adopt.id, &adopt.version)
    };
    match registry.adopted.iter().find(held) {
        Some(text) if text.text != adopt.text => Err(Refusal::PolicyText {
            what: kind.key(),
            why: format!(
                "version {} is adopted at {at} with another text; a change needs a new version",
                adopt.version
            ),
        }),
        _ => Ok(Decision::AlreadyThere(at)),
    }
}

/// Adopts a policy text. The same version again changes nothing; the same version with another text is refused.
pub(crate) fn decide_adopt(registry: &Registry, adopt: &Adopt) -> Result<Decision, Refusal> {
    let open = |event: Event| NewEvent::open(StreamKind::Policy, POLICY_STREAM, event);
    let event = match adopt.kind {
        PolicyKind::Pack(kind) => {
            let head = match registry.policies.clone().adopt(
                registry.next(),
                kind,
                &adopt.id,
                &adopt.version,
                &adopt.text,
            ) {
                Ok(head) => head.rule.interval,
                Err(AdoptError::Twice { at, .. }) => return same_text(registry, kind, adopt, at),
                Err(error) => {
                    return Err(Refusal::PolicyText {
                        what: kind.key(),
                        why: error.to_string(),
                    });
                }
            };
            let to = Some(head.last).filter(|last| *last != CivilDate::MAX);
            let adoption = adoption(adopt, head.first, to)?;
            match kind {
                PackKind::Catalogue => open(CatalogueAdopted { adoption }.into()),
                _ => open(
                    PolicyPackAdopted {
                        kind: text("kind", kind.key())?,
                        adoption,
                    }
                    .into(),
                ),
            }
        }
        PolicyKind::ImportProfile => {
            match registry.profiles.get(&adopt.id) {
                Some((version, at, held)) if *version == adopt.version && *held == adopt.text => {
                    return Ok(Decision::AlreadyThere(*at));
                }
                Some((version, ..)) if *version == adopt.version => {
                    let why = format!(
                        "version {version} is adopted with another text; a change needs a new version"
                    );
                    return Err(Refusal::PolicyText {
                        what: "import profile",
                        why,
                    });
                }
                _ => {}
            }
            open(
                ImportProfileAdopted {
                    adoption: adoption(adopt, CivilDate::MIN, None)?,
                }
                .into(),
            )
        }
    };
    Ok(Decision::Append(vec![event]))
}

/// Adopts what an event adopted. Total: a text that today's program cannot read any more changes nothing.
pub fn adopt_from(policies: &mut probity_rules::PolicySet, event: &Event, at: Position) {
    if let Some((kind, adoption)) = pack_of(event) {
        // Judged when it was appended; here a refusal can only mean that the program forgot how to read it.
        let _ = policies.adopt(at, kind, &adoption.id, &adoption.version, &adoption.text);
    }
}

impl Registry {
    /// Hash over kind, id, version and text hash of every pack adopted at or before a position whose interval covers a day,
    /// in order: what the answers of that day rest on beside the log (format §15).
    pub fn packs_in_force(&self, known_at: Position, on: CivilDate) -> Hash {
        let is_in_force = |text: &&Arc<AdoptedText>| {
            let is_it = |(at, kind, head): &(Position, PackKind, &probity_rules::PackHead)| {
                let rule = &head.rule;
                *at == text.at
                    && *kind == text.kind
                    && (&rule.id, &rule.version) == (&text.id, &text.version)
                    && rule.interval.contains(on)
            };
            text.at <= known_at && self.policies.adopted().any(|adopted| is_it(&adopted))
        };
        let row = |text: &Arc<AdoptedText>| {
            let hash = *blake3::hash(text.text.as_bytes()).as_bytes();
            let words = [text.kind.key(), &text.id, &text.version].map(str::to_owned);
            (words, hash)
        };
        let rows: BTreeSet<_> = self.adopted.iter().filter(is_in_force).map(row).collect();
        let mut hasher = blake3::Hasher::new_derive_key(PACKS_CONTEXT);
        for (words, hash) in rows {
            for word in words {
                hasher.update(&(word.len() as u64).to_le_bytes());
                hasher.update(word.as_bytes());
            }
            hasher.update(&hash);
        }
        Hash(*hasher.finalize().as_bytes())
    }
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let at = entry.header.position;
    if let Event::ImportProfileAdopted(event) = &entry.event {
        let adoption = &event.adoption;
        let held = (
            adoption.version.as_str().to_owned(),
            at,
            adoption.text.as_str().to_owned(),
        );
        registry
            .profiles
            .insert(adoption.id.as_str().to_owned(), held);
        return;
    }
    if let Some((kind, adoption)) = pack_of(&entry.event) {
        let text = AdoptedText {
            at,
            kind,
            id: adoption.id.as_str().to_owned(),
            version: adoption.version.as_str().to_owned(),
            text: adoption.text.as_str().to_owned(),
        };
        text.adopt(&mut registry.policies);
        registry.adopted.push(Arc::new(text));
    }
}

/// What one pack was adopted from.
#[derive(Debug, Clone)]
pub(crate) struct AdoptedText {
    pub(crate) at: Position,
    pub(crate) kind: PackKind,
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) text: String,
}

impl AdoptedText {
    /// Adopts it again, as [`adopt_from`] does.
    pub(crate) fn adopt(&self, policies: &mut probity_rules::PolicySet) {
        let Self {
            at,
            kind,
            id,
            version,
            text,
        } = self;
        // Judged when it was appended; here a refusal can only mean that the program forgot how to read it.
        let _ = policies.adopt(*at, *kind, id, version, text);
    }
}

fn pack_of(event: &Event) -> Option<(PackKind, &Adoption)> {
    match event {
        Event::CatalogueAdopted(event) => Some((PackKind::Catalogue, &event.adoption)),
        Event::PolicyPackAdopted(event) => Some((event.kind.parse().ok()?, &event.adoption)),
        _ => None,
    }
}
