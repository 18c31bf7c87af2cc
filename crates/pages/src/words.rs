//! Names of events, fields, places and actors, in both languages.
//!
//! In scope: what the codes of the log are called on a page. What a field holds is formatted in `format`.

use crate::format::capitalised;
use crate::message::{Lang, fill, t};
use crate::view::entry::Withheld;
use probity_types::{CodeList, NamedCode};

/// Name of the place whose register this is.
pub fn place(lang: Lang) -> &'static str {
    t(lang, "site.place")
}

/// Who recorded an entry, where no unit is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The program itself.
    System,
    /// The clock.
    Clock,
    /// The operator at the machine.
    Operator,
    /// The holder of an access key.
    Key,
}

impl Actor {
    /// The actor in words.
    pub fn text(self, lang: Lang) -> &'static str {
        let key = match self {
            Self::System => "actor.system",
            Self::Clock => "actor.clock",
            Self::Operator => "actor.operator",
            Self::Key => "actor.key",
        };
        t(lang, key)
    }
}

/// Sheet and row of a submitted file.
pub fn place_in_file(lang: Lang, sheet: &str, row: u32) -> String {
    fill(lang, "actor.place", &[("sheet", &sheet), ("row", &row)])
}

/// One field of a correction.
pub fn change(lang: Lang, field: &str, old: &str, new: &str) -> String {
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("field", &field), ("old", &old), ("new", &new)];
    fill(lang, "timeline.change", &values)
}

/// What stands for a correction that this reader may not see.
pub fn change_sealed(lang: Lang) -> &'static str {
    t(lang, "timeline.change_sealed")
}

/// Title of the lane of the subject's own events.
pub fn identity_lane(lang: Lang) -> &'static str {
    t(lang, "timeline.identity")
}

/// What stands for the name of an event that would say what is withheld.
pub fn withheld_event(lang: Lang, why: Withheld) -> &'static str {
    let key = match why {
        Withheld::Person => "entry.about_person",
        Withheld::NotPublic => "entry.not_public",
        Withheld::Internal => "entry.internal",
    };
    t(lang, key)
}

/// What stands for a field that was not filled in.
pub fn absent(lang: Lang) -> &'static str {
    t(lang, "entry.absent")
}

/// Name of a code.
pub fn code_name<C: CodeList>(lang: Lang, code: C) -> String {
    match lang {
        Lang::Zh => code.zh().to_owned(),
        Lang::En => plain_name(code.en()),
    }
}

/// The same for a code out of the table of all lists.
pub(crate) fn code_name_of(lang: Lang, code: NamedCode) -> String {
    match lang {
        Lang::Zh => code.zh.to_owned(),
        Lang::En => plain_name(code.en),
    }
}

/// An English name without the remark for developers that some of the code lists append in brackets.
pub fn plain_name(name: &str) -> String {
    capitalised(name.split_once(" (").map_or(name, |(plain, _)| plain))
}

/// A yes or a no.
pub fn yes_or_no(lang: Lang, answer: bool) -> &'static str {
    t(lang, if answer { "value.yes" } else { "value.no" })
}

/// An end that lies so far off that it means none.
pub fn long_term(lang: Lang) -> &'static str {
    t(lang, "value.long_term")
}

/// Which value of an address is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadValue {
    /// `valid_on` is no day.
    Day,
    /// `known_at` is neither a time nor a position.
    KnownAt,
    /// `known_at` lies past the head of the log.
    Ahead,
    /// The question is longer than a search takes.
    QuestionLength,
    /// Name and certificate number are not both there, or too long.
    Practitioner,
}

impl BadValue {
    /// What would be right.
    pub fn text(self, lang: Lang) -> &'static str {
        let key = match self {
            Self::Day => "asof.bad_day",
            Self::KnownAt => "asof.bad_known_at",
            Self::Ahead => "asof.ahead",
            Self::QuestionLength => "search.too_long",
            Self::Practitioner => "practitioner.both",
        };
        t(lang, key)
    }
}

/// Name of a type of event, by the name of its type.
pub fn event_name(lang: Lang, event: &str) -> &'static str {
    let key = match event {
        "LogStarted" => "event.log_started",
        "DayStarted" => "event.day_started",
        "ClockAccepted" => "event.clock_accepted",
        "StateCommitted" => "event.state_committed",
        "SigningKeyRotated" => "event.signing_key_rotated",
        "SubjectRegistered" => "event.subject_registered",
        "SubjectRenamed" => "event.subject_renamed",
        "IdentifierAdded" => "event.identifier_added",
        "CertificateRecorded" => "event.certificate_recorded",
        "PermitRecorded" => "event.permit_recorded",
        "PenaltyRecorded" => "event.penalty_recorded",
        "CoercionRecorded" => "event.coercion_recorded",
        "AdjudicationRecorded" => "event.adjudication_recorded",
        "JudgmentRecorded" => "event.judgment_recorded",
        "ArrearRecorded" => "event.arrear_recorded",
        "HonourRecorded" => "event.honour_recorded",
        "PerformanceRecorded" => "event.performance_recorded",
        "RecordCorrected" => "event.record_corrected",
        "RecordVoided" => "event.record_voided",
        "RecordAnnulled" => "event.record_annulled",
        "RecordParked" => "event.record_parked",
        "CandidateRejected" => "event.candidate_rejected",
        "RecordLinked" => "event.record_linked",
        "CodeConfirmed" => "event.code_confirmed",
        "ReportQuarantined" => "event.report_quarantined",
        "QuarantineDecided" => "event.quarantine_decided",
        "ListingDecided" => "event.listing_decided",
        "ListingEnded" => "event.listing_ended",
        "BatchSubmitted" => "event.batch_submitted",
        "BatchCompleted" => "event.batch_completed",
        "CatalogueAdopted" => "event.catalogue_adopted",
        "PolicyPackAdopted" => "event.policy_adopted",
        "ImportProfileAdopted" => "event.profile_adopted",
        "AccessKeyIssued" => "event.key_issued",
        "AccessKeyRevoked" => "event.key_revoked",
        "DisclosureMade" => "event.disclosure_made",
        "ErasureRecorded" => "event.erasure_recorded",
        "RecipientAdmitted" => "event.recipient_admitted",
        "RecipientAcknowledged" => "event.recipient_acknowledged",
        _ => "event.other",
    };
    t(lang, key)
}

/// Name of a district by its code of GB/T 2260, six digits or nine with the street; none for places elsewhere.
pub fn region_name(lang: Lang, code: &str) -> Option<&'static str> {
    let key = match code.get(..6)? {
        "650200" => "region.city",
        "650202" => "region.dushanzi",
        "650203" => "region.karamay",
        "650204" => "region.baijiantan",
        "650205" => "region.wuerhe",
        _ => return None,
    };
    Some(t(lang, key))
}

/// Name of a body that decides on a list and is no bureau of the catalogue; none for others.
pub fn authority_name(lang: Lang, code: &str) -> Option<&'static str> {
    let key = match code {
        "court" => "authority.court",
        "customs" => "authority.customs",
        "science authority" => "authority.science",
        "recruitment office" => "authority.recruitment",
        _ => return None,
    };
    Some(t(lang, key))
}

/// What a sealed part holds, by the number of its kind.
pub fn part_name(lang: Lang, kind: u16) -> &'static str {
    let key = match kind {
        1 => "sealed.identity",
        2 => "sealed.name",
        3 => "sealed.identifier",
        4 => "sealed.certificate",
        5..=11 => "sealed.details",
        12 => "sealed.changes",
        13 => "sealed.parked",
        14 => "sealed.reason",
        15 => "sealed.amount",
        16 => "sealed.party",
        _ => "sealed.other",
    };
    t(lang, key)
}

/// Fields of records and events with their messages, in the order in which a page shows them.
const FIELDS: &[(&str, &str)] = &[
    ("document_no", "field.document_no"),
    ("document_name", "field.document_name"),
    ("permit_kind", "field.permit_kind"),
    ("certificate_name", "field.certificate_name"),
    ("certificate_no", "field.certificate_no"),
    ("content", "field.content"),
    ("valid_from", "field.valid_from"),
    ("valid_to", "field.valid_to"),
    ("status", "field.status"),
    ("change_kind", "field.change_kind"),
    ("grade", "field.grade"),
    ("violation_type", "field.violation_type"),
    ("facts", "field.facts"),
    ("grounds", "field.grounds"),
    ("penalty_kinds", "field.penalty_kinds"),
    ("fine", "field.fine"),
    ("confiscated", "field.confiscated"),
    ("licence_affected", "field.licence_affected"),
    ("procedure", "field.procedure"),
    ("penalty_valid_to", "field.penalty_valid_to"),
    ("publication_end_reported", "field.publication_end_reported"),
    ("performed_on", "field.performed_on"),
    ("corrected_on", "field.corrected_on"),
    ("measure", "field.measure"),
    ("nature", "field.nature"),
    ("object", "field.object"),
    ("amount", "field.amount"),
    ("from", "field.from"),
    ("to", "field.to"),
    ("extended_to", "field.extended_to"),
    ("lifted_on", "field.lifted_on"),
    ("basis_document_no", "field.basis_document_no"),
    ("court_case_no", "field.court_case_no"),
    ("applicant", "field.applicant"),
    ("respondent", "field.respondent"),
    ("role", "field.role"),
    ("matter", "field.matter"),
    ("result", "field.result"),
    ("duty", "field.duty"),
    ("duty_deadline", "field.duty_deadline"),
    ("case_no", "field.case_no"),
    ("court", "field.court"),
    ("court_code", "field.court_code"),
    ("cause", "field.cause"),
    ("document_kind", "field.document_kind"),
    ("role_from", "field.role_from"),
    ("role_to", "field.role_to"),
    ("effective_on", "field.effective_on"),
    ("performance", "field.performance"),
    ("enforcement_basis_no", "field.enforcement_basis_no"),
    ("enforcement_basis_unit", "field.enforcement_basis_unit"),
    ("filed_on", "field.filed_on"),
    ("conduct", "field.conduct"),
    ("listed_on", "field.listed_on"),
    ("listing_until", "field.listing_until"),
    ("closed_on", "field.closed_on"),
    ("closing_kind", "field.closing_kind"),
    ("arrears_kind", "field.arrears_kind"),
    ("account_no", "field.account_no"),
    ("premises", "field.premises"),
    ("period_from", "field.period_from"),
    ("period_to", "field.period_to"),
    ("due_date", "field.due_date"),
    ("amount_current", "field.amount_current"),
    ("amount_total", "field.amount_total"),
    ("late_fee", "field.late_fee"),
    ("quantity", "field.quantity"),
    ("quantity_unit", "field.quantity_unit"),
    ("demanded_on", "field.demanded_on"),
    ("recognised_by", "field.recognised_by"),
    ("instrument_kind", "field.instrument_kind"),
    ("instrument_no", "field.instrument_no"),
    ("paid_on", "field.paid_on"),
    ("paid_amount", "field.paid_amount"),
    ("award_name", "field.award_name"),
    ("award_level", "field.award_level"),
    ("awarding_body", "field.awarding_body"),
    ("rank", "field.rank"),
    ("score", "field.score"),
    ("consent", "field.consent"),
    ("revoked_on", "field.revoked_on"),
    ("revocation_reason", "field.revocation_reason"),
    ("conduct_date", "field.conduct_date"),
    ("conduct_ended_on", "field.conduct_ended_on"),
    ("remedy_state", "field.remedy_state"),
    ("note", "field.note"),
    ("subcategory", "field.subcategory"),
    ("authority", "field.authority"),
    ("authority_code", "field.authority_code"),
    ("source_unit", "field.source_unit"),
    ("source_unit_code", "field.source_unit_code"),
    ("region", "field.region"),
    ("decided_on", "field.decided_on"),
    ("effective_from", "field.effective_from"),
    ("effective_to", "field.effective_to"),
    ("severity", "field.severity"),
    ("polarity", "field.polarity"),
    ("subject_kind", "field.subject_kind"),
    ("industry", "field.industry"),
    ("subject_name", "field.subject_name"),
    ("reason", "field.reason"),
    ("legal_basis", "field.legal_basis"),
    ("list", "field.list"),
    ("until", "field.until"),
    ("ended_on", "field.ended_on"),
    ("rows", "field.rows"),
    ("refused", "field.refused"),
    ("imported", "field.imported"),
    ("already_there", "field.already_there"),
    ("parked", "field.parked"),
    ("profile", "field.profile"),
    ("log", "field.log"),
    ("log_name", "field.log_name"),
    ("day", "field.day"),
    ("id", "field.id"),
    ("version", "field.version"),
    ("text_hash", "field.text_hash"),
    ("as_of", "field.as_of"),
    ("date", "field.date"),
    ("subjects", "field.subjects"),
    ("open_root", "field.open_root"),
    ("full_root", "field.full_root"),
    ("key_number", "field.key_number"),
    ("public_key", "field.public_key"),
    ("overlap_until", "field.overlap_until"),
    ("notice_served_on", "field.notice_served_on"),
    ("annulled_from", "field.annulled_from"),
    ("on", "field.on"),
];

/// Name of a field of a record or an event; none for fields that a catalogue entry adds.
pub fn field_name(lang: Lang, field: &str) -> Option<&'static str> {
    let (_, key) = FIELDS.iter().find(|(name, _)| *name == field)?;
    Some(t(lang, key))
}

/// Place of a field among those of its record; fields that a catalogue entry adds come last.
pub fn field_place(field: &str) -> usize {
    FIELDS
        .iter()
        .position(|(name, _)| *name == field)
        .unwrap_or(FIELDS.len())
}
