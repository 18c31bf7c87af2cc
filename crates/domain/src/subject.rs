//! Subjects: who they are, and how a report finds one. Nothing adverse attaches to a person by name (domain rule 2).

use crate::draft::{Decision, NewEvent};
use crate::entry::Entry;
use crate::refusal::{Fault, Refusal, text};
use crate::registry::Registry;
use crate::report::{IdentifierClaim, SubjectClaim};
use crate::source::IdSource;
use probity_format::events::{
    CertificateRecorded, Event, HeldIdentifier, IdentifierAdded, Identity, Private,
    SealedCertificate, SealedName, StreamKind, SubjectRegistered, SubjectRenamed,
};
use probity_types::identifiers::{self, FindingSeverity, ResidentId};
use probity_types::{
    CivilDate, IdentifierKind, ParkReason, Position, RootId, SubjectId, SubjectKind,
};

/// How a claim relates to the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// It names nobody for certain: a name only. Holds the number of namesakes.
    NameOnly(u32),
    /// A subject that is there, with identifiers that were not known yet.
    Known(SubjectId, Vec<HeldIdentifier>),
    /// Nobody has these identifiers.
    New(Vec<HeldIdentifier>),
}

/// Checks and normalises the declared identifiers.
pub(crate) fn check_identifiers(
    registry: &Registry,
    claim: &SubjectClaim,
    today: CivilDate,
) -> Result<Vec<HeldIdentifier>, Refusal> {
    let mut faults = Vec::new();
    let mut held = Vec::new();
    for declared in &claim.identifiers {
        if !fits(claim.kind, declared.kind) {
            return Err(Refusal::IdentifierKindUnfit {
                kind: declared.kind,
            });
        }
        let found = identifiers::examine(declared.kind, &declared.value, today);
        // A reviewer found the code in its register: then its check character is wrong there, too.
        let confirmed = found.only_outer_check() && registry.is_confirmed(&found.normalised);
        for finding in found
            .findings
            .iter()
            .filter(|f| f.severity() == FindingSeverity::Refuse && !confirmed)
        {
            faults.push(Fault::new(
                "subject_code",
                format!("identifier.{}", finding.key()),
                (finding.zh(), finding.en()),
                (
                    "请对照证照原件填写，不要猜测",
                    "enter it as on the original document; do not guess",
                ),
            ));
        }
        held.push(HeldIdentifier {
            kind: declared.kind,
            value: text("subject_code", &found.normalised)?,
            verified: confirmed,
        });
    }
    let stated = claim.identifiers.iter().find_map(|i| birth_date(i, today));
    if let (Some(stated), Some(declared)) = (stated, claim.birth_date)
        && stated != declared
    {
        faults.push(Fault::new(
            "birth_date",
            "birth_date.differs",
            (
                "出生日期与证件号码中的日期不一致",
                "the birth date is not the one in the identity number",
            ),
            ("请核对后重报", "check both"),
        ));
    }
    if faults.is_empty() {
        Ok(held)
    } else {
        Err(Refusal::Faults(faults))
    }
}

/// Which kinds of identifier a kind of subject can have (domain reference §3, §4).
fn fits(subject: SubjectKind, identifier: IdentifierKind) -> bool {
    match subject {
        SubjectKind::NaturalPerson => identifier.is_personal(),
        // A sole trader is reported in the legal-person form; the owner's own number belongs to the person.
        SubjectKind::SoleTrader
        | SubjectKind::Enterprise
        | SubjectKind::Unincorporated
        | SubjectKind::SocialOrganisation
        | SubjectKind::GovernmentBody => !identifier.is_personal(),
    }
}

/// Birth date that an identity number states, where it states one.
pub(crate) fn birth_date(declared: &IdentifierClaim, today: CivilDate) -> Option<CivilDate> {
    stated_birth_date(declared.kind, &declared.value, today)
}

/// The same for a number by itself.
pub fn stated_birth_date(kind: IdentifierKind, value: &str, today: CivilDate) -> Option<CivilDate> {
    match kind {
        IdentifierKind::CitizenId | IdentifierKind::HmtResidence => {
            let current = ResidentId::parse(value, today).ok();
            current
                .or_else(|| ResidentId::from_legacy15(value))
                .map(|id| id.birth_date())
        }
        _ => None,
    }
}

/// Tag of a subject's name, for counting namesakes.
pub(crate) fn name_tag(registry: &Registry, kind: SubjectKind, name: &str) -> [u8; 16] {
    registry
        .tagger
        .name(kind.is_person(), &probity_names::fold(name))
}

pub(crate) fn resolve(
    registry: &Registry,
    claim: &SubjectClaim,
    today: CivilDate,
) -> Result<Resolved, Refusal> {
    let held = check_identifiers(registry, claim, today)?;
    if held.is_empty() {
        let tag = name_tag(registry, claim.kind, &claim.name);
        return Ok(Resolved::NameOnly(
            registry.namesakes.get(&tag).copied().unwrap_or(0),
        ));
    }
    let mut owners: Vec<SubjectId> = Vec::new();
    let mut fresh = Vec::new();
    for identifier in held {
        let tag = registry
            .tagger
            .identifier(identifier.kind, &identifier.value);
        match registry.holder(&tag) {
            Some(held) if owners.contains(&held) => {}
            Some(held) => owners.push(held),
            None => fresh.push(identifier),
        }
    }
    match owners.as_slice() {
        [] => Ok(Resolved::New(fresh)),
        [owner] => {
            let same_kind = registry
                .subject(owner)
                .is_some_and(|s| s.kind == claim.kind);
            if !same_kind {
                use probity_types::CodeList;
                return Err(Refusal::KindDiffers {
                    declared: claim.kind.key(),
                });
            }
            Ok(Resolved::Known(*owner, fresh))
        }
        _ => Err(Refusal::IdentifiersDiffer(owners)),
    }
}

/// Events that bring a new subject in.
pub(crate) fn register(
    claim: &SubjectClaim,
    identifiers: Vec<HeldIdentifier>,
    ids: &mut IdSource,
) -> Result<(SubjectId, NewEvent), Refusal> {
    let id = SubjectId(ids.draw());
    let identity = Identity {
        name: text("subject_name", &claim.name)?,
        identifiers: identifiers.try_into().map_err(|_| too_many())?,
        birth_date: claim.birth_date,
    };
    let mut body = SubjectRegistered {
        subject_kind: claim.kind,
        region: text("region_code", claim.region.as_deref().unwrap_or(""))?,
        industry: text("industry", claim.industry.as_deref().unwrap_or(""))?,
        identity: None,
    };
    let event = if claim.kind.is_person() {
        NewEvent::open(StreamKind::Subject, id.0, body)
            .with_part(RootId(id.0), Private::Identity(identity))
    } else {
        body.identity = Some(identity);
        NewEvent::open(StreamKind::Subject, id.0, body)
    };
    Ok((id, event))
}

fn too_many() -> Refusal {
    Refusal::Value {
        field: "identifiers",
        why: "at most 16 identifiers".to_owned(),
    }
}

/// Events that add identifiers to a known subject.
pub(crate) fn add_identifiers(
    id: SubjectId,
    kind: SubjectKind,
    fresh: Vec<HeldIdentifier>,
) -> Vec<NewEvent> {
    let event = |held: HeldIdentifier| {
        let body = IdentifierAdded {
            subject_kind: kind,
            identifier: None,
        };
        if kind.is_person() {
            NewEvent::open(StreamKind::Subject, id.0, body)
                .with_part(RootId(id.0), Private::Identifier(held))
        } else {
            NewEvent::open(
                StreamKind::Subject,
                id.0,
                IdentifierAdded {
                    identifier: Some(held),
                    ..body
                },
            )
        }
    };
    fresh.into_iter().map(event).collect()
}

/// The subject with the events that bring it in or complete it; or why the report waits, and how many bear the name.
pub(crate) type Found = Result<(SubjectId, Vec<NewEvent>), (ParkReason, u32)>;

/// The subject of a report, with the events that bring it in or complete it; none for a name only.
pub(crate) fn find_or_register(
    registry: &Registry,
    claim: &SubjectClaim,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Found, Refusal> {
    Ok(match resolve(registry, claim, today)? {
        Resolved::NameOnly(namesakes) => Err((ParkReason::NameOnly, namesakes)),
        // One digit wrong is another person's number: a person's name has to fit, or somebody looks at it. Organisations
        // are named in many ways, and their codes are public.
        Resolved::Known(id, _) if bears_other_name(registry, &id, claim) => {
            Err((ParkReason::ConflictingContent, 0))
        }
        // A further number on an organisation's report completes its file; a person's numbers are linked by a decision only.
        Resolved::Known(id, fresh) if !claim.kind.is_person() => {
            Ok((id, add_identifiers(id, claim.kind, fresh)))
        }
        Resolved::Known(id, _) => Ok((id, Vec::new())),
        Resolved::New(identifiers) => {
            let (id, event) = register(claim, identifiers, ids)?;
            Ok((id, vec![event]))
        }
    })
}

/// Whether the number belongs to a person of another name.
pub(crate) fn bears_other_name(registry: &Registry, id: &SubjectId, claim: &SubjectClaim) -> bool {
    let claimed = name_tag(registry, claim.kind, &claim.name);
    let names = registry.subjects.names(id);
    let mut held = names.iter().filter_map(|name| name.tag).peekable();
    // Names that were erased are known no more, and contradict nobody.
    claim.kind.is_person() && held.peek().is_some() && !held.any(|held| held == claimed)
}

/// Registers a subject, or finds it.
pub(crate) fn decide_register(
    registry: &Registry,
    claim: &SubjectClaim,
    today: CivilDate,
    ids: &mut IdSource,
) -> Result<Decision, Refusal> {
    if claim.name.trim().is_empty() {
        return Err(required("subject_name", "主体名称"));
    }
    match find_or_register(registry, claim, today, ids)? {
        Err((ParkReason::NameOnly, _)) => {
            Err(required("subject_code", "统一社会信用代码或证件号码"))
        }
        Err((ParkReason::ConflictingContent, _)) => Err(Refusal::Faults(vec![name_differs()])),
        Ok((id, events)) if events.is_empty() => {
            let at = registry.subject(&id).map_or(Position::NONE, |s| s.revision);
            Ok(Decision::AlreadyThere(at))
        }
        Ok((_, events)) => Ok(Decision::Append(events)),
    }
}

/// The fault of a number that belongs to a person of another name.
pub(crate) fn name_differs() -> Fault {
    Fault::new(
        "subject_name",
        "subject.name_differs",
        (
            "该证件号码登记的姓名与所填不同",
            "the number is registered under another name",
        ),
        ("请核对号码与姓名", "check number and name"),
    )
}

pub(crate) fn required(field: &str, zh: &str) -> Refusal {
    Refusal::Faults(vec![Fault::new(
        field,
        "field.required",
        (format!("“{zh}”必填"), format!("{field} is required")),
        ("请补充后重报", "add it and send the report again"),
    )])
}

/// A subject bears another name from a day on. The same name again changes nothing.
pub(crate) fn decide_rename(
    registry: &Registry,
    subject: SubjectId,
    name: &str,
    effective_on: CivilDate,
    today: CivilDate,
) -> Result<Decision, Refusal> {
    let state = registry.subject(&subject);
    let state = state.ok_or_else(|| Refusal::NotFound {
        what: "subject",
        id: subject.to_string(),
    })?;
    if name.trim().is_empty() {
        return Err(required("name", "名称"));
    }
    if effective_on > today {
        return Err(Refusal::Faults(vec![Fault::new(
            "effective_on",
            "rename.ahead",
            ("变更日期晚于今天", "the change lies after today"),
            ("请在变更生效后报送", "report it once it is in force"),
        )]));
    }
    let tag = name_tag(registry, state.kind, name);
    let last = registry.subjects.names(&subject).pop();
    if let Some(held) = last.filter(|held| held.tag == Some(tag)) {
        return Ok(Decision::AlreadyThere(held.since));
    }
    let mut body = SubjectRenamed {
        subject_kind: state.kind,
        effective_on,
        name: None,
    };
    let name = text("name", name)?;
    let open = |body| NewEvent::open(StreamKind::Subject, subject.0, body);
    let event = if state.kind.is_person() {
        open(body).with_part(RootId(subject.0), Private::Name(SealedName { name }))
    } else {
        body.name = Some(name);
        open(body)
    };
    Ok(Decision::Append(vec![event]))
}

/// A practice certificate of a person.
pub(crate) fn decide_certificate(
    registry: &Registry,
    subject: SubjectId,
    body: CertificateRecorded,
    number: &str,
) -> Result<Decision, Refusal> {
    let state = registry.subject(&subject);
    let state = state.ok_or_else(|| Refusal::NotFound {
        what: "subject",
        id: subject.to_string(),
    })?;
    if !state.kind.is_person() {
        return Err(Refusal::IdentifierKindUnfit {
            kind: IdentifierKind::PracticeCertificate,
        });
    }
    let number = identifiers::normalise(number);
    if number.is_empty() {
        return Err(required("number", "证书编号"));
    }
    if let Some(at) = registry
        .certificates
        .get(&certificate_tag(registry, &subject, &number))
    {
        return Ok(Decision::AlreadyThere(at.wide()));
    }
    let sealed = SealedCertificate {
        number: text("number", &number)?,
    };
    let event = NewEvent::open(StreamKind::Subject, subject.0, body);
    Ok(Decision::Append(vec![event.with_part(
        RootId(subject.0),
        Private::Certificate(sealed),
    )]))
}

fn certificate_tag(registry: &Registry, subject: &SubjectId, number: &str) -> [u8; 16] {
    registry
        .tagger
        .tag("certificate", &[&subject.0, number.as_bytes()])
}

pub(crate) fn evolve(registry: &mut Registry, entry: &Entry) {
    let id = SubjectId(entry.header.stream.0);
    let at = entry.header.position;
    match &entry.event {
        Event::SubjectRegistered(event) => {
            let identity = entry.identity();
            let kind = event.subject_kind;
            let tag = identity.map(|identity| name_tag(registry, kind, &identity.name));
            let row = registry.subjects.register(id, kind, at, tag);
            if let Some(tag) = tag {
                registry.count_name(tag);
            }
            if let Some(identity) = identity {
                registry.hold(row, &identity.identifiers, at);
            }
        }
        Event::IdentifierAdded(_) => {
            if let Some(held) = entry.identifier() {
                let row = registry.subjects.of_stream(id);
                registry.hold(row, std::slice::from_ref(held), at);
            }
            touch(registry, &id, at);
        }
        Event::SubjectRenamed(_) => {
            rename(registry, &id, entry.new_name(), at);
            touch(registry, &id, at);
        }
        Event::CertificateRecorded(_) => {
            if let Some(number) = entry.certificate_number() {
                let tag = certificate_tag(registry, &id, number);
                registry.certificates.insert(tag, at.into());
            }
            touch(registry, &id, at);
        }
        _ => {}
    }
}

/// Notes a name; what is not known to this process or erased is noted as such.
fn rename(registry: &mut Registry, id: &SubjectId, name: Option<&str>, since: Position) {
    let Some(kind) = registry.subject(id).map(|state| state.kind) else {
        return;
    };
    let tag = name.map(|name| name_tag(registry, kind, name));
    if let Some(tag) = tag {
        registry.count_name(tag);
    }
    if let Some(row) = registry.subjects.find(id) {
        let names = registry.subjects.renamed.entry(row).or_default();
        names.push((since.into(), tag));
    }
}

fn touch(registry: &mut Registry, id: &SubjectId, at: Position) {
    let row = registry.subjects.find(id);
    if let Some(row) = row.and_then(|row| registry.subjects.registered_mut(row)) {
        row.revision = at.into();
    }
}
