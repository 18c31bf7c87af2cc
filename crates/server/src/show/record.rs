//! Records.

use super::{known_at, term};
use probity_api::fields::plain_value;
use probity_api::{
    FieldView, PublicationView, RecordPositions, RecordStanding, RecordSummaryView, RecordView,
    Term,
};
use probity_app::Screen;
use probity_app::read::RecordContent;
use probity_project::{Moment, RecordRow, RecordState, Views};
use probity_rules::{AnchorDates, Packs};
use probity_types::{FieldType, FieldValue, Position, SubjectId, Timestamp};

/// The word for a state.
pub fn standing(state: RecordState) -> RecordStanding {
    match state {
        RecordState::InForce => RecordStanding::InForce,
        RecordState::NotYet => RecordStanding::NotYet,
        RecordState::Ended => RecordStanding::Ended,
        RecordState::Performed => RecordStanding::Performed,
        RecordState::Voided => RecordStanding::Voided,
        RecordState::Annulled => RecordStanding::Annulled,
    }
}

/// The packs that speak of a record decided on a day.
fn packs<'v>(views: &'v Views, row: &RecordRow, moment: &Moment) -> Option<Packs<'v>> {
    let version = row.version_at(moment)?;
    let dates = AnchorDates::new(version.decided_on, moment.valid_on);
    views.policies().packs(moment.known_at?, &dates).ok()
}

fn subcategory(packs: Option<&Packs<'_>>, code: &str) -> Term {
    let found = packs.and_then(|packs| Some(term(code, &packs.catalogue.entry(code)?.name)));
    found.unwrap_or_else(|| Term {
        key: code.to_owned(),
        zh: code.to_owned(),
        en: code.to_owned(),
    })
}

/// A record in a list; none where it was not known at the moment.
pub fn summary(views: &Views, row: &RecordRow, moment: &Moment) -> Option<RecordSummaryView> {
    let version = row.version_at(moment)?;
    let state = standing(row.state_at(moment)?);
    Some(RecordSummaryView {
        id: row.id,
        category: row.category,
        subcategory: subcategory(packs(views, row, moment).as_ref(), &row.subcategory),
        state,
        standing: state.term(),
        authority: version.authority.to_string(),
        decided_on: version.decided_on,
        severity: version.severity,
        polarity: version.polarity,
        is_disputed: row.is_disputed(moment),
        revision: row.revision,
    })
}

fn code_name(packs: &Packs<'_>, list: &str, key: &str) -> String {
    super::list_name(packs, list, key).map_or_else(|| key.to_owned(), |names| names.zh)
}

/// A value as a person reads it.
pub fn text(packs: &Packs<'_>, declared: Option<&FieldType>, value: &FieldValue) -> String {
    match (value, declared) {
        (FieldValue::Code(key), Some(FieldType::Code(list))) => code_name(packs, list, key),
        (FieldValue::Codes(keys), Some(FieldType::Codes(list))) => {
            let names: Vec<String> = keys.iter().map(|key| code_name(packs, list, key)).collect();
            names.join("、")
        }
        (FieldValue::Boolean(answer), _) => if *answer { "是" } else { "否" }.to_owned(),
        (FieldValue::Fen(fen), _) => format!("{fen} 元"),
        (other, _) => other.to_string(),
    }
}

fn fields(
    packs: &Packs<'_>,
    row: &RecordRow,
    content: &RecordContent,
) -> std::collections::BTreeMap<String, FieldView> {
    let Some(details) = &content.details else {
        return Default::default();
    };
    let entry = packs.catalogue.entry(&row.subcategory);
    let view = |(name, value): (&String, &FieldValue)| {
        let field = entry.and_then(|entry| packs.catalogue.field_of(entry, name));
        let declared = field.map(|field| &field.field_type);
        let view = FieldView {
            zh: field.map_or_else(|| name.clone(), |field| field.name_zh.clone()),
            field_type: declared.map_or_else(String::new, ToString::to_string),
            value: plain_value(value),
            text: text(packs, declared, value),
        };
        (name.clone(), view)
    };
    details.to_fields().iter().map(view).collect()
}

/// One record as it holds at a moment. `content` is what the caller may see of it.
pub fn record(
    screen: &Screen<'_>,
    (subject, row): (SubjectId, &RecordRow),
    content: &RecordContent,
    recorded_at: Timestamp,
    moment: &Moment,
) -> Option<RecordView> {
    let views = screen.views();
    let version = row.version_at(moment)?;
    let state = standing(row.state_at(moment)?);
    let packs = packs(views, row, moment);
    let known = |position: &Position| moment.knows(*position);
    let core = &content.core;
    let publication = screen.publication(row).map(|found| PublicationView {
        start: found.start,
        end: found.end,
        shown: found.visible_on(moment.valid_on),
        repair_from: Some(found.repair_from),
        rules: found.rules,
    });
    Some(RecordView {
        id: row.id,
        subject,
        subject_kind: row.subject_kind,
        category: row.category,
        subcategory: subcategory(packs.as_ref(), &row.subcategory),
        state,
        standing: state.term(),
        is_corrected: row.is_corrected(moment),
        is_disputed: row.is_disputed(moment),
        is_erased: content.is_erased,
        role: version.role,
        authority: core.authority.to_string(),
        authority_code: core.authority_code.to_string(),
        source_unit: core.source_unit.to_string(),
        source_unit_code: core.source_unit_code.to_string(),
        region: core.region.to_string(),
        decided_on: version.decided_on,
        effective_from: version.effective_from,
        effective_to: version.effective_to,
        duty_deadline: core.duty_deadline,
        performed_on: row.performed_on(moment),
        severity: version.severity,
        polarity: version.polarity,
        publicity: version.publicity,
        summary_procedure: version.summary_procedure,
        remedy_state: version.remedy_state,
        fields: packs
            .as_ref()
            .map(|packs| fields(packs, row, content))
            .unwrap_or_default(),
        publication,
        revision: row.revision,
        positions: positions(row, known),
        recorded_at,
        valid_on: moment.valid_on,
        known_at: known_at(moment),
        position: views.position().unwrap_or_default(),
    })
}

fn positions(row: &RecordRow, known: impl Fn(&Position) -> bool) -> RecordPositions {
    let versions: Vec<Position> = row
        .versions
        .iter()
        .map(|version| version.position)
        .collect();
    let (recorded, corrected) = versions
        .split_first()
        .map_or((row.revision, &[][..]), |(first, rest)| (*first, rest));
    // A day of performance that came with the record itself stands at the record's own position.
    let performed = row.performed.iter().map(|(position, ..)| *position);
    RecordPositions {
        recorded,
        corrected: corrected.iter().copied().filter(|p| known(p)).collect(),
        performed: performed
            .filter(|p| known(p) && !versions.contains(p))
            .collect(),
        compensated: row.ended_at().filter(|p| known(p)),
    }
}
