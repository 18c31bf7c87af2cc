//! How a subject stands.

use super::{known_at, sentence};
use probity_api::{
    GradeView, ReasonEffect, ReasonView, RecordCategoryView, StatusView, TableView, Term,
};
use probity_app::Screen;
use probity_project::{Moment, SubjectRow};
use probity_rules::{Effect, Grade, Reason};

fn reason(reason: &Reason) -> ReasonView {
    ReasonView {
        rule: reason.rule.clone(),
        version: reason.version.clone(),
        effect: match &reason.effect {
            Effect::Points(points) => ReasonEffect::PointsTenths(*points),
            Effect::Direct(grade) => ReasonEffect::Direct(grade.key().to_owned()),
            Effect::Barred(grade) => ReasonEffect::Barred(grade.key().to_owned()),
        },
        class: reason.class.map(|class| class.key().to_owned()),
        count: reason.count,
        counted: reason.counted,
        positions: reason.positions.clone(),
        zh: reason.text.zh.clone(),
        en: reason.text.en.clone(),
    }
}

/// A grade with its reasons.
pub fn grade(grade: &Grade) -> GradeView {
    GradeView {
        grade: grade.grade.key().to_owned(),
        zh: grade.grade.zh().to_owned(),
        en: grade.grade.key().to_owned(),
        points_tenths: grade.points,
        reasons: grade.reasons.iter().map(reason).collect(),
        table: TableView {
            id: grade.table.0.clone(),
            version: grade.table.1.clone(),
        },
        explanation: sentence(&grade.explanation),
    }
}

/// How a subject stands at a moment, as far as the screen shows it. `name` is given by the caller: names of persons stand
/// in no view.
pub fn status(
    screen: &Screen<'_>,
    index: u32,
    row: &SubjectRow,
    name: Option<String>,
    moment: &Moment,
) -> StatusView {
    let views = screen.views();
    let (records, disputed) = screen.counts(index, moment);
    let category = |(category, count)| RecordCategoryView {
        category: Term::from(category),
        count,
    };
    let shown = screen.shows_grade(row);
    StatusView {
        subject: row.id,
        kind: row.kind,
        database: row.kind.database(),
        grade: shown
            .then(|| views.grade(index, *moment))
            .flatten()
            .as_ref()
            .map(grade),
        lists: screen
            .listings(index, moment)
            .filter_map(|row| super::listing::listing(views, row, moment))
            .collect(),
        records: records.into_iter().map(category).collect(),
        disputed,
        namesakes: super::subject::namesakes(views, row, name.as_deref()),
        name,
        valid_on: moment.valid_on,
        known_at: known_at(moment),
        position: views.position().unwrap_or_default(),
    }
}
