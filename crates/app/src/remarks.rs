//! What is said beside a report that is taken: things a person should look at, none of which refuses it.

use crate::ledger::Ledger;
use probity_domain::report::RecordReport;
use probity_names::fold;
use probity_project::{Moment, NameRow, SubjectRow, Views};
use probity_rules::publication::ListState;
use probity_rules::severity::RemedyOpen;
use probity_rules::{AnchorDates, Packs, PublicationFacts, RecordClass, RecordFacts};
use probity_types::identifiers::{self, FindingSeverity};
use probity_types::{
    CivilDate, FieldValue, IdentifierKind, PenaltyKind, Position, SubjectId, shanghai_day,
};

/// A warning about a report, with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Field of the catalogue.
    pub field: String,
    /// Stable code, for example `name.former`.
    pub rule: String,
    /// What is to be looked at, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// What to do, in Chinese.
    pub remedy_zh: String,
    /// The same in English.
    pub remedy_en: String,
}

impl Remark {
    fn new(
        (field, rule): (&str, &str),
        (zh, en): (String, String),
        (remedy_zh, remedy_en): (&str, &str),
    ) -> Self {
        Self {
            field: field.to_owned(),
            rule: rule.to_owned(),
            zh,
            en,
            remedy_zh: remedy_zh.to_owned(),
            remedy_en: remedy_en.to_owned(),
        }
    }
}

impl Remark {
    /// A person found before that the report is not about this subject.
    pub fn ruled_out(subject: SubjectId, at: Position) -> Self {
        let said = (
            format!("位置 {at} 已认定该报送与主体 {subject} 无关，未予关联"),
            format!("position {at} says that this is not subject {subject}; it was not linked"),
        );
        let remedy = (
            "请勿凭姓名或读音再次关联",
            "do not link it again by name or sound",
        );
        Self::new(("subject_name", "candidate.ruled_out"), said, remedy)
    }

    /// The report is kept apart.
    pub fn quarantined() -> Self {
        let said = (
            "行为发生时未满十八周岁：内容已加密隔离，不公示、不计入".to_owned(),
            "under 18 at the time of the conduct: sealed and kept apart, shown and counted nowhere"
                .to_owned(),
        );
        let remedy = (
            "由有权人员决定；不要重复报送",
            "somebody entitled decides; do not send it again",
        );
        Self::new(("subject_birth_date", "minor.quarantined"), said, remedy)
    }
}

impl Ledger {
    /// Every warning about a record's report, as the register stands now.
    pub fn remarks(&self, report: &RecordReport) -> Vec<Remark> {
        let mut remarks = identifier_remarks(report, self.today());
        remarks.extend(self.register_remarks(report));
        remarks
    }

    /// The same without what the subject's identifiers say by themselves: whoever read a file has said that.
    pub fn register_remarks(&self, report: &RecordReport) -> Vec<Remark> {
        let today = self.today();
        let mut remarks = unit_remarks(report, today);
        let renamed = {
            let views = self.views();
            remarks.extend(rule_remarks(&views, report, today));
            other_name(&views, report, today)
        };
        remarks.extend(renamed.map(|renamed| self.name_remark(report, &renamed)));
        remarks
    }

    /// Since when a name is held: the day that the rename names, else the day of its entry.
    fn since(&self, name: &NameRow) -> Option<CivilDate> {
        let entered = || {
            let frame = self.frame(name.position).ok().flatten()?;
            Some(shanghai_day(frame.header.recorded_at))
        };
        name.since.or_else(entered)
    }

    fn name_remark(&self, report: &RecordReport, renamed: &Renamed) -> Remark {
        let (reported, held) = (&report.subject.name, &renamed.held.name);
        let since = self.since(&renamed.held).map(|day| day.to_string());
        let since = since.as_deref().unwrap_or("?");
        let remedy = (
            "请核对名称；名称确有变更的，请报送变更登记",
            "check the name; where it has changed, report the change of name",
        );
        if renamed.was_borne {
            let zh = format!("“{reported}”是曾用名，自 {since} 起登记名称为“{held}”");
            let en =
                format!("{reported:?} is a former name; since {since} the register has {held:?}");
            return Remark::new(("subject_name", "name.former"), (zh, en), remedy);
        }
        let zh = format!("报送名称“{reported}”与登记名称“{held}”（自 {since} 起）不一致");
        let en = format!("reported as {reported:?}; the register has {held:?} since {since}");
        Remark::new(("subject_name", "name.differs"), (zh, en), remedy)
    }
}

/// An organisation that is known under another name than the reported one.
struct Renamed {
    held: NameRow,
    /// Whether it bore the reported name before.
    was_borne: bool,
}

fn holder<'v>(views: &'v Views, report: &RecordReport) -> Option<&'v SubjectRow> {
    let mut claims = report.subject.identifiers.iter();
    claims.find_map(|claim| {
        let value = identifiers::normalise(&claim.value);
        views
            .directory()
            .by_identifier(views.tagger(), claim.kind, &value)
    })
}

/// Persons are told apart by the deciders: a number under another name waits for somebody to look.
fn other_name(views: &Views, report: &RecordReport, today: CivilDate) -> Option<Renamed> {
    let row = holder(views, report).filter(|row| !row.kind.is_person())?;
    let moment = Moment {
        valid_on: today,
        known_at: views.position(),
    };
    let current = row.name_at(&moment)?;
    let reported = fold(&report.subject.name);
    if fold(current) == reported {
        return None;
    }
    let mut names = row.names.iter();
    let held = names.rfind(|name| name.name == current)?.clone();
    let was_borne = row.names.iter().any(|name| fold(&name.name) == reported);
    Some(Renamed { held, was_borne })
}

const REMEDY: (&str, &str) = (
    "请对照证照原件核对",
    "compare it with the original document",
);

/// Findings that do not refuse an identifier.
fn identifier_remarks(report: &RecordReport, today: CivilDate) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for claim in &report.subject.identifiers {
        let found = identifiers::examine(claim.kind, &claim.value, today);
        let warnings = found.findings.iter();
        // The report was taken, so a code whose outer check fails is one that a reviewer confirmed.
        let confirmed = found.only_outer_check();
        for finding in warnings.filter(|f| confirmed || f.severity() == FindingSeverity::Warn) {
            let rule = format!("identifier.{}", finding.key());
            let said = (finding.zh(), finding.en());
            remarks.push(Remark::new(("subject_code", &rule), said, REMEDY));
        }
    }
    remarks
}

/// Codes of authority and source that fail their own checks: the record is about somebody else, so it is taken.
fn unit_remarks(report: &RecordReport, today: CivilDate) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let codes = [
        ("authority_code", &report.authority_code),
        ("source_unit_code", &report.source_unit_code),
    ];
    for (field, code) in codes.into_iter().filter(|(_, code)| !code.is_empty()) {
        let found = identifiers::examine(IdentifierKind::Uscc, code, today);
        if !found.is_accepted() {
            let said = (
                format!("统一社会信用代码有误：{}", found.zh().join("；")),
                format!("the credit code is wrong: {}", found.en().join("; ")),
            );
            remarks.push(Remark::new((field, "unit_code.faulty"), said, REMEDY));
        }
    }
    remarks
}

/// What the catalogue and the periods of publication say.
fn rule_remarks(views: &Views, report: &RecordReport, today: CivilDate) -> Vec<Remark> {
    let date = |field: &str| match report.fields.get(field) {
        Some(FieldValue::Date(date)) => Some(*date),
        _ => None,
    };
    let decided_on = date("decision_date").or_else(|| date("recognised_on"));
    let (Some(decided_on), Some(known_at)) = (decided_on, views.position()) else {
        return Vec::new();
    };
    let dates = AnchorDates::new(decided_on, today);
    let Ok(packs) = views.policies().packs(known_at, &dates) else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    remarks.extend(entitlement(&packs, report));
    if let Some(reported) = date("publication_end_reported") {
        remarks.extend(reported_end(&packs, report, (decided_on, today), reported));
    }
    remarks
}

fn entitlement(packs: &Packs<'_>, report: &RecordReport) -> Option<Remark> {
    let entry = packs.catalogue.entry(&report.subcategory)?;
    let entitled = packs.catalogue.is_entitled(entry, &report.authority)?;
    if entitled || report.authority.is_empty() {
        return None;
    }
    let bureaus = entry
        .sources
        .iter()
        .filter_map(|code| packs.catalogue.bureau(code));
    let named: Vec<_> = bureaus.map(|bureau| &bureau.name).collect();
    let zh = named
        .iter()
        .map(|name| name.zh.as_str())
        .collect::<Vec<_>>();
    let en = named
        .iter()
        .map(|name| name.en.as_str())
        .collect::<Vec<_>>();
    let said = (
        format!("目录中 {} 的报送单位为：{}", entry.code, zh.join("、")),
        format!(
            "the catalogue expects {} from: {}",
            entry.code,
            en.join(", ")
        ),
    );
    let remedy = (
        "请核对决定机关和子类；机关有权作出的，请告知目录管理人员",
        "check authority and class; where the authority is competent, tell who keeps the catalogue",
    );
    Some(Remark::new(
        ("authority", "authority.not_expected"),
        said,
        remedy,
    ))
}

/// The reported end of publication against minimum and end of the regime.
fn reported_end(
    packs: &Packs<'_>,
    report: &RecordReport,
    (decided_on, today): (CivilDate, CivilDate),
    reported: CivilDate,
) -> Option<Remark> {
    let entry = packs.catalogue.entry(&report.subcategory)?;
    let kind = report.subject.kind;
    let date = |field: &str| match report.fields.get(field) {
        Some(FieldValue::Date(date)) => Some(*date),
        _ => None,
    };
    let verdict = packs.judge(&RecordFacts {
        entry,
        subject_kind: kind,
        fields: &report.fields,
        decided_on,
        as_of: today,
        performed_on: date("performed_on"),
        remedy: RemedyOpen::No,
        basis_severity: None,
        delisted_on: None,
    });
    let kinds: Vec<PenaltyKind> = match report.fields.get("penalty_kinds") {
        Some(FieldValue::Codes(keys)) => keys.iter().filter_map(|key| key.parse().ok()).collect(),
        _ => Vec::new(),
    };
    let publication = packs.publication(&PublicationFacts {
        class: RecordClass::Record {
            category: entry.category,
            entry: &entry.code,
        },
        subject_kind: kind,
        polarity: verdict.polarity,
        severity: verdict.severity,
        ground: verdict.ground,
        penalty_kinds: &kinds,
        default_conduct: None,
        decided_on,
        conduct_ended_on: date("conduct_ended_on").or_else(|| date("conduct_date")),
        released_on: None,
        repaired_on: None,
        performed_on: date("performed_on"),
        own_end: date("penalty_valid_to").map(|day| day.plus_days(1)),
        listed: ListState::NotListed,
        as_of: today,
    });
    let said = publication.check_reported_end(reported)?;
    let remedy = (
        "请核对公示截止期；系统按规定计算的期限公示",
        "check the reported end; publication follows the computed one",
    );
    let place = ("publication_end_reported", "publication.reported_end");
    Some(Remark::new(place, (said.zh, said.en), remedy))
}
