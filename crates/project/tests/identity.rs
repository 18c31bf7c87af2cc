//! Decisions about who somebody is: what was lived through equals a replay and a snapshot, also after the report they were about
//! was erased.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_domain::command::{
    Command, DecideQuarantine, EarlierRows, Erasable, Intake, LinkPending,
};
use probity_domain::pending::report_of;
use probity_domain::report::{IdentifierClaim, Provenance, RecordReport, SubjectClaim};
use probity_domain::{Refusal, Registry};
use probity_format::events::Event;
use probity_types::{
    CivilDate, Fen, FieldValue, IdentifierKind, PendingId, Position, Role, RootId, SubjectId,
    SubjectKind, Text,
};
use std::collections::BTreeMap;
use support::TestLog;

fn day(text: &str) -> CivilDate {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn person(name: &str, number: Option<&str>) -> SubjectClaim {
    let claim = |value: &str| IdentifierClaim {
        kind: IdentifierKind::CitizenId,
        value: value.to_owned(),
    };
    SubjectClaim {
        kind: SubjectKind::NaturalPerson,
        name: name.to_owned(),
        identifiers: number.into_iter().map(claim).collect(),
        birth_date: None,
        region: Some("650203".to_owned()),
        industry: None,
    }
}

fn penalty(subject: SubjectClaim, number: &str, facts: &str) -> RecordReport {
    let text = |value: &str| FieldValue::Text(Text::try_from(value).expect("short"));
    let code = |value: &str| Text::try_from(value).expect("short");
    let fields = [
        ("document_no", text(number)),
        ("violation_type", text("销售不合格食品")),
        ("facts", text(facts)),
        ("grounds", text("食品安全法")),
        (
            "penalty_kinds",
            FieldValue::Codes(vec![code("P2-03"), code("P2-06")]),
        ),
        ("content", text("罚款并暂扣许可证")),
        ("procedure", FieldValue::Code(code("ordinary"))),
        ("decision_date", FieldValue::Date(day("2026-05-01"))),
        ("penalty_valid_to", FieldValue::Date(day("2027-05-01"))),
        (
            "publication_end_reported",
            FieldValue::Date(day("2027-05-01")),
        ),
        ("fine", FieldValue::Fen(Fen(6_000_000))),
        ("licence_affected", text("许可证一")),
        ("conduct_date", FieldValue::Date(day("2026-04-20"))),
    ];
    let named = fields.map(|(name, value)| (name.to_owned(), value));
    RecordReport {
        subject,
        role: Role::Party,
        subcategory: "CF006".to_owned(),
        authority: "克拉玛依市市场监督管理局".to_owned(),
        authority_code: String::new(),
        source_unit: "克拉玛依市市场监督管理局".to_owned(),
        source_unit_code: String::new(),
        fields: BTreeMap::from(named),
        provenance: Provenance::default(),
    }
}

struct Case {
    log: TestLog,
}

impl Case {
    fn report(&mut self, report: &RecordReport) -> Vec<Position> {
        let command = Command::ReportRecord(Box::new(report.clone()), Intake::default());
        self.log.submit(&command).expect("is taken")
    }

    /// The waiting report that the last entry holds.
    fn waiting(&self) -> PendingId {
        match &self.log.entries.last().expect("an entry").event {
            Event::RecordParked(event) => event.pending,
            Event::ReportQuarantined(event) => event.pending,
            other => panic!("{other:?}"),
        }
    }

    fn register(&mut self, name: &str, number: &str) -> SubjectId {
        let command = Command::RegisterSubject(person(name, Some(number)));
        self.log.submit(&command).expect("registers");
        SubjectId(self.log.entries.last().expect("an entry").header.stream.0)
    }

    fn link(&mut self, pending: PendingId, subject: SubjectId) -> Result<Vec<Position>, Refusal> {
        let parked = self
            .log
            .entries
            .iter()
            .find_map(|entry| match &entry.event {
                Event::RecordParked(event) if event.pending == pending => report_of(entry),
                _ => None,
            });
        let (report, intake) = parked.expect("its content is open here");
        self.log.submit(&Command::LinkPending(Box::new(LinkPending {
            pending,
            report,
            intake,
            subject,
            attributes: ["birth_date", "address"].map(str::to_owned).into(),
            decider: "审核岗07".to_owned(),
            reasons: "出生日期和住址相符".to_owned(),
        })))
    }

    fn reject(&mut self, pending: PendingId, candidate: SubjectId) -> Vec<Position> {
        let command = Command::RejectCandidate {
            pending,
            candidate,
            decider: "审核岗09".to_owned(),
            reasons: "不是同一人".to_owned(),
        };
        self.log.submit(&command).expect("is recorded")
    }

    /// Lived through, replayed and read from a snapshot are one.
    fn check(&self, what: &str) {
        let (registry, views) = self.log.replayed();
        assert_eq!(
            self.log.registry.digest(),
            registry.digest(),
            "{what}: decision state"
        );
        assert_eq!(self.log.views.digest(), views.digest(), "{what}: views");
        let mut bytes = Vec::new();
        self.log.registry.write(&mut bytes).expect("memory");
        let read = Registry::read(support::tagger(), &mut bytes.as_slice()).expect("reads");
        assert_eq!(
            read.digest(),
            self.log.registry.digest(),
            "{what}: snapshot"
        );
    }
}

const NUMBER: &str = "650203198001010014";
const CHILD: &str = "650203201106010015";

#[test]
fn a_link_that_was_wrong_is_undone_and_remembered_until_the_report_is_erased() {
    let mut case = Case {
        log: TestLog::new(3),
    };
    let subject = case.register("闫军", NUMBER);
    let report = penalty(person("颜军", None), "克市监罚〔2026〕7号", "经抽检不合格");
    case.report(&report);
    let pending = case.waiting();
    case.check("parked");
    let linked = case.link(pending, subject).expect("is linked");
    assert_eq!(linked.len(), 2, "decision and record in one unit");
    case.check("linked");
    assert_eq!(
        case.link(pending, subject),
        Ok(Vec::new()),
        "the same decision again changes nothing"
    );
    let rejected = case.reject(pending, subject);
    assert_eq!(
        rejected.len(),
        2,
        "the wrong record is voided in the same unit"
    );
    case.check("ruled out");
    assert_eq!(case.reject(pending, subject), Vec::new());
    assert!(matches!(
        case.link(pending, subject),
        Err(Refusal::CandidateRejected(_))
    ));
    let ruled_out = case.log.registry.ruled_out(&report);
    assert_eq!(ruled_out, [(subject, rejected[0])]);
    let other = penalty(
        person("颜军", None),
        "克市监罚〔2026〕7号",
        "经复检仍不合格",
    );
    assert_eq!(
        case.log.registry.ruled_out(&other).len(),
        1,
        "another content of the act"
    );
    let another = penalty(person("颜军", None), "克市监罚〔2026〕8号", "经抽检不合格");
    assert!(
        case.log.registry.ruled_out(&another).is_empty(),
        "another act"
    );

    let erase = Command::Erase {
        what: Erasable::Root(RootId(pending.0)),
        authority: "克拉玛依市信用办".to_owned(),
        legal_basis: "个人信息保护法第四十七条".to_owned(),
        rows: EarlierRows::default(),
    };
    case.log.submit(&erase).expect("is erased");
    case.check("erased");
    assert!(
        case.log.registry.ruled_out(&report).is_empty(),
        "what was erased is known no more"
    );
}

#[test]
fn a_quarantined_report_is_sealed_whole_and_its_key_goes_with_the_refusal() {
    let mut case = Case {
        log: TestLog::new(4),
    };
    let report = penalty(
        person("虚构小明", Some(CHILD)),
        "克市监罚〔2026〕9号",
        "经抽检不合格",
    );
    case.report(&report);
    let entry = case.log.entries.last().expect("an entry").clone();
    let open = entry.event.to_json().to_string();
    for word in ["虚构小明", CHILD, "CF006", "9号", "抽检"] {
        assert!(!open.contains(word), "{word}: {open}");
    }
    let (back, _) = report_of(&entry).expect("opens with its key");
    assert_eq!(back, report, "nothing of it is lost");
    assert_eq!(case.log.views.statistics().quarantined, 1);
    case.check("quarantined");
    assert_eq!(
        case.report(&report),
        Vec::new(),
        "sent again it is there already"
    );

    let pending = case.waiting();
    let decide = |admitted| {
        Command::DecideQuarantine(Box::new(DecideQuarantine {
            pending,
            admitted,
            decider: "审核岗03".to_owned(),
            legal_basis: "未成年人保护法".to_owned(),
        }))
    };
    let admitted = case
        .log
        .submit(&decide(Some((report.clone(), Intake::default()))));
    assert_eq!(admitted, Err(Refusal::Minor), "nobody below working age");
    case.log.submit(&decide(None)).expect("is refused for good");
    assert!(
        case.log
            .registry
            .root_erased_at(RootId(pending.0))
            .is_some()
    );
    case.check("refused");
    assert!(matches!(
        case.log.submit(&decide(None)),
        Err(Refusal::PendingState { .. })
    ));
}

#[test]
fn a_confirmed_code_is_taken_and_stays_confirmed() {
    let mut case = Case {
        log: TestLog::new(5),
    };
    let code = "91350203M0001QKT19";
    let firm = SubjectClaim {
        kind: SubjectKind::Enterprise,
        identifiers: vec![IdentifierClaim {
            kind: IdentifierKind::Uscc,
            value: code.to_owned(),
        }],
        ..person("虚构厦门商贸有限公司", None)
    };
    let register = Command::RegisterSubject(firm);
    assert!(matches!(
        case.log.submit(&register),
        Err(Refusal::Faults(_))
    ));
    let confirm = Command::ConfirmCode {
        value: code.to_owned(),
        register: "国家企业信用信息公示系统".to_owned(),
        checked_on: day("2026-06-01"),
        reviewer: "审核岗07".to_owned(),
    };
    assert_eq!(case.log.submit(&confirm).map(|at| at.len()), Ok(1));
    assert_eq!(case.log.submit(&confirm), Ok(Vec::new()));
    case.check("confirmed");
    case.log.submit(&register).expect("is taken now");
    case.check("registered");
}

/// A decision before the first day of the law is a fault of its date, although no policy covers that day.
#[test]
fn a_decision_before_1949_is_refused_by_its_date() {
    let mut case = Case {
        log: TestLog::new(6),
    };
    let mut report = penalty(person("虚构甲", Some(NUMBER)), "1号", "经抽检不合格");
    let early = FieldValue::Date(day("1949-09-30"));
    report.fields.insert("decision_date".to_owned(), early);
    let command = Command::ReportRecord(Box::new(report), Intake::default());
    match case.log.submit(&command) {
        Err(Refusal::Faults(faults)) => assert_eq!(faults[0].rule, "field.decision_date"),
        other => panic!("{other:?}"),
    }
}
