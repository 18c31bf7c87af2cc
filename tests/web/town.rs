//! A small made-up town, written through the program's own use cases, for the pages to show: an organisation with records
//! in every state, lists, a practitioner, persons that must never show, and enough neighbours to turn pages.

use probity_app::import::{ImportOrder, Importer, import};
use probity_app::keys::{KeyOrder, PresentedKey, issue_at_console};
use probity_app::{DataFolder, Ledger, OpenOptions, SEGMENT_BYTES_MIN};
use probity_domain::Command;
use probity_domain::command::{Compensation, Intake, ListingSteps};
use probity_domain::report::{
    IdentifierClaim, ListingReport, Provenance, RecordReport, SubjectClaim,
};
use probity_format::ActorKind;
use probity_format::events::Ground;
use probity_format::wire::Set;
use probity_log::{Receipt, Submission};
use probity_tests::WallClock;
use probity_types::identifiers::{CreditCode, OrganisationCode, ResidentId};
use probity_types::{
    CivilDate, CompensationReason, EndReason, Fen, FieldValue, IdentifierKind, InstrumentKind,
    ListingId, ListingProcedure, PerformanceState, RecordId, Role, SubjectId, SubjectKind, Text,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The permits of the fixtures.
const PERMITS: &[u8] = include_bytes!("../fixtures/karamay-licences.xls");

/// The organisation that has everything.
pub const FIRM: &str = "测试甲能源技术有限公司";
/// Begin of the names of its neighbours; there are more of them than one page of results holds.
pub const NEIGHBOURS: &str = "测试商贸";
/// A sole trader under the owner's own name.
pub const OWN_NAME: &str = "麦测试";
/// The practitioner.
pub const PRACTITIONER: (&str, &str) = ("阿依努尔·测试", "测试证2020000001");
/// A fine of the firm as first reported, and as corrected.
pub const FINES: (&str, &str) = ("¥12,000.00", "¥1,200.00");
/// Documents that no page may show: a penalty whose publication has ended, one of the summary procedure, and a
/// precautionary measure.
pub const HIDDEN: [&str; 3] = [
    "测市监罚〔2021〕7号",
    "测市监当罚〔2026〕3号",
    "测市监强〔2026〕2号",
];

/// What the tests have to know of the town.
pub struct Town {
    /// The firm.
    pub firm: SubjectId,
    /// The practitioner.
    pub person: SubjectId,
    /// The sole trader under the owner's name.
    pub own_name: SubjectId,
    /// Entries: the corrected penalty, its correction, the hidden penalty, the person's registration.
    pub penalty: u64,
    /// See `penalty`.
    pub correction: u64,
    /// See `penalty`.
    pub hidden: u64,
    /// See `penalty`.
    pub about_person: u64,
    /// A day on which a neighbour was listed that has been removed since.
    pub while_listed: CivilDate,
    /// Position before the correction was recorded.
    pub before_correction: u64,
    /// Texts that must be on no page: numbers and names of persons.
    pub secrets: Vec<String>,
}

/// Builds the town in a new folder. `demo` marks it as one for show: its grades and red lists are open then. The firm
/// gets so many permits more.
pub fn build(folder: &Path, demo: bool, further_permits: u32) -> Town {
    let clock = Arc::new(WallClock::start());
    let options = OpenOptions {
        origin: "probity.invalid/test-town".to_owned(),
        ..OpenOptions::default().with_segments_of(SEGMENT_BYTES_MIN)
    };
    let ledger = Ledger::create(&DataFolder::at(folder), &options, clock).expect("a new ledger");
    if demo {
        let order = KeyOrder {
            label: "demo".to_owned(),
            agency: "演示 demo".to_owned(),
            scopes: BTreeSet::from(["records:write".to_owned()]),
            expires_on: None,
        };
        issue_at_console(&ledger, &PresentedKey::demo("clerk"), order, true).expect("a key");
    }
    let importer = Importer {
        kind: ActorKind::Operator,
        id: [0; 16],
    };
    import(&ledger, importer, PERMITS, &ImportOrder::default(), |_| {}).expect("the permits");
    let builder = Builder {
        today: ledger.today(),
        ledger: &ledger,
    };
    let town = builder.town();
    for number in 0..further_permits {
        let document = format!("测食许〔2024〕{number}号");
        builder.record(firm(), "XK003", permit(&document, builder.ago(400), 1800));
    }
    ledger.close();
    town
}

struct Builder<'a> {
    ledger: &'a Ledger,
    today: CivilDate,
}

/// A made-up credit code of an enterprise of the city.
pub fn credit_code(number: u32) -> String {
    code_of("91650203", number)
}

/// A made-up credit code that begins like this.
pub fn code_of(head: &str, number: u32) -> String {
    let organisation = OrganisationCode::with_check(&format!("TE{number:06}")).expect("a body");
    CreditCode::from_parts(head, organisation)
        .expect("a code")
        .as_str()
        .to_owned()
}

fn claim(kind: SubjectKind, name: &str, identifier: (IdentifierKind, &str)) -> SubjectClaim {
    SubjectClaim {
        kind,
        name: name.to_owned(),
        identifiers: vec![IdentifierClaim {
            kind: identifier.0,
            value: identifier.1.to_owned(),
        }],
        birth_date: None,
        region: Some("650203001".to_owned()),
        industry: Some("I01".to_owned()),
    }
}

fn firm() -> SubjectClaim {
    claim(
        SubjectKind::Enterprise,
        FIRM,
        (IdentifierKind::Uscc, &credit_code(1)),
    )
}

fn citizen(number: u32) -> String {
    ResidentId::with_check(&format!("65020319850615{number:03}"))
        .expect("a number")
        .as_str()
        .to_owned()
}

fn person() -> SubjectClaim {
    let born = "1985-06-15".parse().ok();
    let number = citizen(241);
    let claim = claim(
        SubjectKind::NaturalPerson,
        PRACTITIONER.0,
        (IdentifierKind::CitizenId, &number),
    );
    SubjectClaim {
        birth_date: born,
        ..claim
    }
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(Text::try_from(value).expect("a short text"))
}

fn code(key: &str) -> FieldValue {
    FieldValue::Code(Text::try_from(key).expect("a short key"))
}

fn codes(key: &str) -> FieldValue {
    FieldValue::Codes(vec![Text::try_from(key).expect("a short key")])
}

/// Fields of a penalty with a fine.
fn penalty(
    document: &str,
    decided_on: CivilDate,
    fine_fen: i64,
    procedure: &str,
) -> BTreeMap<String, FieldValue> {
    let day = |days: i32| FieldValue::Date(decided_on.plus_days(days));
    let fields = [
        ("document_no", text(document)),
        ("violation_type", text("销售不符合食品安全标准的食品")),
        (
            "facts",
            text("日常检查发现，库房内有超过保质期的食品（测试数据）"),
        ),
        ("grounds", text("《食品安全法》第一百二十四条（测试数据）")),
        ("penalty_kinds", codes("P2-03")),
        ("content", text("处以罚款（测试数据）")),
        ("fine", FieldValue::Fen(Fen(fine_fen))),
        ("procedure", code(procedure)),
        ("decision_date", day(0)),
        ("penalty_valid_to", day(365)),
        ("publication_end_reported", day(365)),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn permit(document: &str, decided_on: CivilDate, days: i32) -> BTreeMap<String, FieldValue> {
    let fields = [
        ("document_name", text("食品经营许可证")),
        ("document_no", text(document)),
        ("permit_kind", code("general")),
        ("content", text("预包装食品销售（测试数据）")),
        ("decision_date", FieldValue::Date(decided_on)),
        ("valid_from", FieldValue::Date(decided_on)),
        ("valid_to", FieldValue::Date(decided_on.plus_days(days))),
        ("status", code("valid")),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn honour(name: &str, decided_on: CivilDate) -> BTreeMap<String, FieldValue> {
    let fields = [
        ("award_name", text(name)),
        ("award_level", code("city")),
        ("document_no", text("测表彰〔2026〕2号")),
        ("awarding_body", text("测试市委宣传部")),
        ("decision_date", FieldValue::Date(decided_on)),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn coercion(document: &str, decided_on: CivilDate) -> BTreeMap<String, FieldValue> {
    let fields = [
        ("document_no", text(document)),
        ("measure", code("seal")),
        ("nature", code("precautionary")),
        ("grounds", text("《食品安全法》（测试数据）")),
        ("object", text("涉案食品 3 箱（测试数据）")),
        ("decision_date", FieldValue::Date(decided_on)),
        ("from", FieldValue::Date(decided_on)),
        ("to", FieldValue::Date(decided_on.plus_days(20))),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

impl Builder<'_> {
    fn submit(&self, command: Command) -> Receipt {
        let submission = Submission::internal(command, ActorKind::Operator);
        let receipt = self.ledger.log.submit_blocking(submission);
        receipt.unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn register(&self, claim: SubjectClaim) -> (SubjectId, u64) {
        let receipt = self.submit(Command::RegisterSubject(claim));
        let subject = self.ledger.written(receipt).expect("reads back").subject;
        (subject.expect("a subject"), receipt.first.0)
    }

    fn record(
        &self,
        subject: SubjectClaim,
        class: &str,
        fields: BTreeMap<String, FieldValue>,
    ) -> (RecordId, u64) {
        let report = RecordReport {
            subject,
            role: Role::Party,
            subcategory: class.to_owned(),
            authority: "测试市市场监督管理局".to_owned(),
            authority_code: "11650200TEST00001X".to_owned(),
            source_unit: "测试市市场监督管理局".to_owned(),
            source_unit_code: "11650200TEST00001X".to_owned(),
            fields,
            provenance: Provenance::default(),
        };
        let absent = BTreeSet::from(["authority_code".to_owned(), "source_unit_code".to_owned()]);
        let report = RecordReport {
            authority_code: String::new(),
            source_unit_code: String::new(),
            ..report
        };
        let intake = Intake {
            absent,
            ..Intake::default()
        };
        let receipt = self.submit(Command::ReportRecord(Box::new(report), intake));
        let written = self.ledger.written(receipt).expect("reads back");
        (written.record.expect("a record"), receipt.last.0)
    }

    fn compensate(
        &self,
        record: RecordId,
        action: Compensation,
        reason: CompensationReason,
    ) -> u64 {
        let current = self
            .ledger
            .current_record(record)
            .expect("reads")
            .expect("a record");
        let ground = Ground {
            reason,
            authority: Text::try_from("测试市市场监督管理局").expect("short"),
            instrument_no: Text::try_from("测市监更〔2026〕5号").expect("short"),
            legal_basis: Text::try_from("《行政处罚法》（测试数据）").expect("short"),
            evidence: Set::default(),
        };
        let receipt = self.submit(Command::Compensate {
            records: vec![current],
            action,
            ground,
        });
        receipt.last.0
    }

    fn list(
        &self,
        subject: SubjectClaim,
        list: &str,
        procedure: ListingProcedure,
        days_ago: i32,
    ) -> ListingId {
        let listed_on = self.today.plus_days(-days_ago);
        let report = ListingReport {
            subject,
            list: list.to_owned(),
            procedure,
            authority: "测试市应急管理局".to_owned(),
            instrument_no: format!("测应急罚〔2026〕{days_ago}号"),
            basis: "应急管理部令11号".to_owned(),
            reason: "发生较大生产安全事故，负有责任（测试数据）".to_owned(),
            listed_on: Some(listed_on),
            until: Some(listed_on.plus_years(3)),
            source_unit: "测试市应急管理局".to_owned(),
            provenance: Provenance::default(),
        };
        let steps = ListingSteps {
            instrument_kind: Some(InstrumentKind::Penalty),
            notice_served_on: Some(listed_on.plus_days(-30)),
            decider: "测试岗位01".to_owned(),
        };
        let receipt = self.submit(Command::ReportListing(
            Box::new(report),
            steps,
            Intake::default(),
        ));
        self.ledger
            .written(receipt)
            .expect("reads back")
            .listing
            .expect("a listing")
    }

    fn ago(&self, days: i32) -> CivilDate {
        self.today.plus_days(-days)
    }

    fn town(&self) -> Town {
        let (firm_id, _) = self.register(firm());
        let hidden = self.firm_records();
        let (penalty, before_correction, correction) = self.corrected();
        self.lists();
        for number in 0..27 {
            let name = format!("{NEIGHBOURS}{number:02}号有限公司");
            let code = credit_code(100 + number);
            self.register(claim(
                SubjectKind::Enterprise,
                &name,
                (IdentifierKind::Uscc, &code),
            ));
        }
        let trader = credit_code(90);
        let (own_name, _) = self.register(claim(
            SubjectKind::SoleTrader,
            OWN_NAME,
            (IdentifierKind::Uscc, &trader),
        ));
        let (person_id, about_person) = self.register(person());
        self.submit(Command::RecordCertificate {
            subject: person_id,
            group: "KP01".to_owned(),
            title: "注册会计师证书（测试）".to_owned(),
            number: PRACTITIONER.1.to_owned(),
            issuer: "测试市财政局".to_owned(),
            issued_on: self.ago(900),
            valid_to: Some(self.ago(-900)),
        });
        self.record(person(), "CF006", penalty_of_a_person(self.ago(40)));
        Town {
            firm: firm_id,
            person: person_id,
            own_name,
            penalty,
            correction,
            hidden,
            about_person,
            while_listed: self.ago(20),
            before_correction,
            secrets: vec![citizen(241), PRACTITIONER.0.to_owned(), OWN_NAME.to_owned()],
        }
    }

    /// Records in every state; the position of the one whose publication has ended.
    fn firm_records(&self) -> u64 {
        self.record(
            firm(),
            "XK003",
            permit("测食许〔2025〕11号", self.ago(300), 1800),
        );
        self.record(
            firm(),
            "XK003",
            permit("测食许〔2018〕40号", self.ago(2600), 1800),
        );
        self.record(
            firm(),
            "RY003",
            honour("2025年度诚信示范单位（测试）", self.ago(120)),
        );
        let ended = "2021-10-04".parse().expect("a day");
        let (_, hidden) = self.record(
            firm(),
            "CF006",
            penalty(HIDDEN[0], ended, 500_000, "ordinary"),
        );
        self.record(
            firm(),
            "CF006",
            penalty(HIDDEN[1], self.ago(30), 20_000, "summary"),
        );
        self.record(firm(), "QZ001", coercion(HIDDEN[2], self.ago(50)));
        let mut disputed = penalty("测市监罚〔2026〕118号", self.ago(70), 900_000, "ordinary");
        disputed.insert("remedy_state".to_owned(), code("review_open"));
        self.record(firm(), "CF006", disputed);
        let (annulled, _) = self.record(
            firm(),
            "CF006",
            penalty("测市监罚〔2026〕9号", self.ago(75), 600_000, "ordinary"),
        );
        self.compensate(
            annulled,
            Compensation::Annul(None),
            CompensationReason::CourtDecision,
        );
        let (voided, _) = self.record(
            firm(),
            "CF006",
            penalty("测市监罚〔2026〕5号", self.ago(72), 700_000, "ordinary"),
        );
        self.compensate(voided, Compensation::Void, CompensationReason::WrongSubject);
        hidden
    }

    /// A penalty whose fine was entered ten times too high, then corrected and paid.
    fn corrected(&self) -> (u64, u64, u64) {
        let fields = penalty("测市监罚〔2026〕31号", self.ago(60), 1_200_000, "ordinary");
        let (record, position) = self.record(firm(), "CF006", fields);
        let before = self.ledger.head().expect("a head").0.0;
        let change = BTreeMap::from([("fine".to_owned(), Some(FieldValue::Fen(Fen(120_000))))]);
        let correction = self.compensate(
            record,
            Compensation::Correct(change),
            CompensationReason::SourceCorrection,
        );
        self.submit(Command::RecordPerformance {
            record,
            performance: PerformanceState::Full,
            on: self.ago(20),
            amount: Some(Fen(120_000)),
        });
        (position, before, correction)
    }

    fn lists(&self) {
        let neighbour = |number: u32| {
            let name = format!("{NEIGHBOURS}{number:02}号有限公司");
            claim(
                SubjectKind::Enterprise,
                &name,
                (IdentifierKind::Uscc, &credit_code(100 + number)),
            )
        };
        self.list(firm(), "work-safety", ListingProcedure::Own, 40);
        self.list(neighbour(3), "work-safety", ListingProcedure::Reported, 100);
        let gone = self.list(neighbour(4), "work-safety", ListingProcedure::Own, 200);
        self.submit(Command::EndListing {
            listing: gone,
            reason: EndReason::Repair,
            authority: "测试市应急管理局".to_owned(),
            legal_basis: "应急管理部令11号".to_owned(),
            ended_on: self.ago(10),
        });
        self.list(
            person(),
            "judgment-defaulters",
            ListingProcedure::Reported,
            30,
        );
        self.list(
            neighbour(5),
            "judgment-defaulters",
            ListingProcedure::Reported,
            30,
        );
        self.list(firm(), "tax-a", ListingProcedure::Reported, 150);
    }
}

fn penalty_of_a_person(decided_on: CivilDate) -> BTreeMap<String, FieldValue> {
    let mut fields = penalty("测市监罚〔2026〕60号", decided_on, 100_000, "ordinary");
    fields.insert(
        "conduct_date".to_owned(),
        FieldValue::Date(decided_on.plus_days(-10)),
    );
    fields
}
