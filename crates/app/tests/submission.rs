//! Files that wait for review: who may decide, what a rehearsal says, what is appended, what the receipt tells.

#[allow(dead_code, reason = "each test file needs another part of it")]
mod support;

use probity_app::import::effects::{DuplicateKind, Stand};
use probity_app::keys::{KeyOrder, PresentedKey, Principal, issue_at_console};
use probity_app::submission::receipt::{ReceiptRow, receipt};
use probity_app::submission::{
    ReviewOrder, SubmissionEnding, SubmissionError, SubmissionInfo, SubmissionOrder,
    SubmissionReport, find, lateness, list, rehearse, resume, review, sample, submit, withdraw,
};
use probity_app::verify::check_at_rest;
use probity_app::{Caller, Ledger};
use probity_domain::submission::SubmissionStanding;
use probity_domain::{Command, Refusal};
use probity_format::events::Event;
use probity_log::SubmitError;
use probity_project::Moment;
use probity_types::identifiers::{CreditCode, OrganisationCode, ResidentId};
use probity_types::{
    BatchId, Fen, FieldValue, IdentifierKind, Position, RecordId, RowOutcome, SubmissionKind,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::{Home, submit as submit_command};

const AGENCY: &str = "虚构市市场监督管理局";
const HEAD: &str = "行政相对人类别,行政相对人名称,统一社会信用代码,证件类型,证件号码,行政处罚决定书文号,违法行为类型,违法事实,处罚依据,处罚类别,处罚内容,罚款金额（万元）,处罚决定日期,处罚有效期,公示截止期,处罚机关,处罚机关统一社会信用代码,数据来源单位,数据来源单位统一社会信用代码,内部序号";

fn firm(number: u32) -> String {
    let inner = OrganisationCode::with_check(&format!("YYYY{number:04}")).expect("passes");
    let code = CreditCode::from_parts("91650203", inner);
    code.expect("passes").to_string()
}

fn person(number: u32) -> String {
    let code = ResidentId::with_check(&format!("65020319800101{number:03}"));
    code.expect("passes").as_str().to_owned()
}

/// One penalty of a firm (an even number) or a person.
fn penalty(who: u32, act: u32, fine: &str) -> String {
    let (kind, name, code, form, number) = match who.is_multiple_of(2) {
        true => (
            "法人及非法人组织",
            format!("虚构{who}商贸有限公司"),
            firm(who),
            "",
            String::new(),
        ),
        false => (
            "自然人",
            "艾力·虚构".to_owned(),
            String::new(),
            "身份证",
            person(who),
        ),
    };
    format!(
        "{kind},{name},{code},{form},{number},虚市监罚〔2026〕{act}号,虚假宣传,经责令后改正,《广告法》第九条,罚款,罚款,{fine},2026-05-05,2027-05-05,2027-05-05,{AGENCY},11650200YYYY000124,{AGENCY},11650200YYYY000124,{act}"
    )
}

fn file(rows: &[String]) -> String {
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

/// A key with a holder of its own.
fn key(ledger: &Ledger, label: &str, agency: &str, scopes: &[&str]) -> Caller {
    let key = PresentedKey::random().expect("randomness");
    let scopes: BTreeSet<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
    let order = KeyOrder {
        label: label.to_owned(),
        agency: agency.to_owned(),
        scopes: scopes.clone(),
        expires_on: None,
    };
    issue_at_console(ledger, &key, order, false).expect("issued");
    Caller {
        principal: Principal {
            key: key.id,
            agency: agency.to_owned(),
            scopes,
        },
        idempotency_key: String::new(),
        request: Vec::new(),
    }
}

/// The same caller with a request of its own.
fn again(caller: &Caller, request: &str) -> Caller {
    Caller {
        idempotency_key: request.to_owned(),
        request: request.as_bytes().to_vec(),
        ..caller.clone()
    }
}

struct Desk {
    ledger: Ledger,
    clerk: Caller,
    reviewer: Caller,
    asked: std::cell::Cell<u32>,
}

impl Desk {
    fn new(ledger: Ledger) -> Self {
        let clerk = key(&ledger, "甲", AGENCY, &["records:submit"]);
        let reviewer = key(&ledger, "乙", AGENCY, &["records:review"]);
        Self {
            ledger,
            clerk,
            reviewer,
            asked: std::cell::Cell::new(0),
        }
    }

    fn next(&self, caller: &Caller) -> Caller {
        self.asked.set(self.asked.get() + 1);
        again(caller, &format!("request {}", self.asked.get()))
    }

    fn order(kind: SubmissionKind) -> SubmissionOrder {
        SubmissionOrder {
            kind,
            profile: None,
            rehearse: false,
            accept_good_rows: false,
            may_list: false,
        }
    }

    fn send(&self, kind: SubmissionKind, text: &str) -> SubmissionReport {
        let report = submit(
            &self.ledger,
            &self.next(&self.clerk),
            text.as_bytes(),
            &Self::order(kind),
        );
        report.expect("the file reads")
    }

    fn received(&self, kind: SubmissionKind, text: &str) -> BatchId {
        let report = self.send(kind, text);
        assert_eq!(
            report.ending,
            SubmissionEnding::Received,
            "{:?}",
            report.errors
        );
        report.batch.expect("received")
    }

    fn approve(&self, batch: BatchId) -> SubmissionInfo {
        let order = ReviewOrder {
            batch,
            ..ReviewOrder::default()
        };
        let reviewed = review(&self.ledger, &self.next(&self.reviewer), &order);
        reviewed.expect("approved").info
    }

    fn rows(&self, info: &SubmissionInfo) -> Vec<ReceiptRow> {
        receipt(&self.ledger, info).expect("reads")
    }

    fn outcomes(&self, info: &SubmissionInfo) -> BTreeMap<RowOutcome, u64> {
        let mut counts = BTreeMap::new();
        for row in self.rows(info) {
            *counts.entry(row.outcome).or_default() += 1;
        }
        counts
    }

    fn stand(&self, who: u32) -> Option<Stand> {
        let views = self.ledger.views();
        let (kind, code) = match who.is_multiple_of(2) {
            true => (IdentifierKind::Uscc, firm(who)),
            false => (IdentifierKind::CitizenId, person(who)),
        };
        let row = views
            .directory()
            .by_identifier(&self.ledger.tagger, kind, &code)?;
        let index = views.directory().index(&row.id)?;
        let moment = Moment {
            valid_on: self.ledger.today(),
            known_at: views.position(),
        };
        let grade = views
            .grade(index, moment)
            .map(|grade| grade.grade.key().to_owned());
        Some(Stand {
            grade,
            lists: BTreeSet::new(),
        })
    }

    fn is_erased(&self, info: &SubmissionInfo) -> bool {
        let root = info.state.content;
        let erased = self
            .ledger
            .log
            .inspect_blocking(move |state| state.root_erased_at(root));
        erased.expect("answers").is_some()
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, SubmissionError>) -> Refusal {
    match result {
        Err(SubmissionError::Submit(SubmitError::Refused(refusal))) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn two_penalties() -> String {
    file(&[penalty(2, 1, "0.5"), penalty(3, 2, "0.02")])
}

#[test]
fn a_file_is_received_reviewed_appended_and_destroyed() {
    let home = Home::new();
    let desk = Desk::new(home.in_memory());
    let batch = desk.received(SubmissionKind::Report, &two_penalties());
    let waiting = find(&desk.ledger, batch).expect("there");
    assert_eq!(waiting.state.standing, SubmissionStanding::WaitsForAgency);
    assert_eq!(
        desk.ledger.views().statistics().records.len(),
        0,
        "nothing shows"
    );
    let seen = list(&desk.ledger, &desk.reviewer.principal).expect("lists");
    assert_eq!(seen.len(), 1);
    let rehearsed = rehearse(&desk.ledger, &waiting).expect("rehearses");
    assert_eq!(rehearsed.summary.imported, 2);
    let rows = sample::sample(&desk.ledger, &waiting, ("", 1), &[], 8).expect("reads");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].cells[1].0, "B2");
    assert_eq!(rows[0].cells[1].1, "行政相对人名称");

    let info = desk.approve(batch);
    assert!(info.completed_at.is_some() && desk.is_erased(&info));
    let rows = desk.rows(&info);
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(row.outcome, RowOutcome::Appended);
        let (position, hash) = row.entry.expect("recorded");
        let entry = desk.ledger.entry(position).expect("reads").expect("there");
        assert_eq!(entry.hash, hash);
        assert_eq!(
            entry.event.recorded().map(|core| core.origin.row),
            Some(row.row)
        );
        assert_eq!(entry.event.record(), row.record);
    }
    assert!(matches!(
        rehearse(&desk.ledger, &info),
        Err(SubmissionError::ContentGone)
    ));
    let late = lateness::by_agency(&desk.ledger);
    let late = late.expect("counts")[AGENCY];
    assert_eq!((late.rows, late.late, late.unknown), (2, 2, 0));
    check_at_rest(&desk.ledger, None).expect("holds");
    desk.ledger.close();
}

#[test]
fn nobody_decides_on_what_they_handed_in_and_no_other_agency_does() {
    let home = Home::new();
    let desk = Desk::new(home.in_memory());
    let both = key(
        &desk.ledger,
        "丙",
        AGENCY,
        &["records:submit", "records:review"],
    );
    let twin = key(&desk.ledger, " 丙 ", AGENCY, &["records:review"]);
    let other = key(&desk.ledger, "丁", "虚构市税务局", &["records:review"]);
    let order = Desk::order(SubmissionKind::Report);
    let sent = submit(
        &desk.ledger,
        &again(&both, "s"),
        two_penalties().as_bytes(),
        &order,
    );
    let batch = sent.expect("received").batch.expect("received");
    let order = ReviewOrder {
        batch,
        ..ReviewOrder::default()
    };
    let by = |who: &Caller, name| refusal(review(&desk.ledger, &again(who, name), &order));
    assert_eq!(by(&both, "1"), Refusal::FourEyes);
    assert_eq!(by(&twin, "2"), Refusal::FourEyes);
    assert_eq!(by(&other, "3"), Refusal::OtherAgency);
    assert_eq!(by(&desk.clerk, "4").code(), "forbidden");
    let taken = withdraw(&desk.ledger, &again(&desk.clerk, "5"), batch, "");
    assert_eq!(refusal(taken), Refusal::OtherAgency);
    assert!(
        list(&desk.ledger, &other.principal)
            .expect("lists")
            .is_empty()
    );
    assert_eq!(desk.ledger.views().statistics().records.len(), 0);
    // By somebody else it goes through, and once only.
    let first = review(&desk.ledger, &again(&desk.reviewer, "6"), &order).expect("approved");
    let retried = review(&desk.ledger, &again(&desk.reviewer, "6"), &order).expect("replayed");
    assert!(retried.receipt.replayed);
    assert_eq!(first.receipt.last, retried.receipt.last);
    assert_eq!(by(&desk.reviewer, "7").code(), "submission-state");
    desk.ledger.close();
}

#[test]
fn a_submission_waits_through_a_restart_and_an_approval_is_finished_by_the_next_start() {
    let home = Home::new();
    let desk = Desk::new(home.create());
    let batch = desk.received(SubmissionKind::Report, &two_penalties());
    let Desk {
        ledger,
        clerk,
        reviewer,
        asked,
    } = desk;
    ledger.close();
    drop(ledger);
    let ledger = home.open();
    let desk = Desk {
        ledger,
        clerk,
        reviewer,
        asked,
    };
    let waiting = find(&desk.ledger, batch).expect("there");
    assert_eq!(
        rehearse(&desk.ledger, &waiting)
            .expect("reads")
            .summary
            .imported,
        2
    );
    // Only the decision stands in the log, as after a crash right behind it.
    let command = probity_domain::submission::ReviewSubmission {
        batch,
        reviewer: desk.reviewer.principal.key,
        approved: 2,
        rejected: Vec::new(),
        reason: String::new(),
    };
    let command = probity_domain::submission::SubmissionCommand::Review(command);
    submit_command(&desk.ledger, Command::Submission(Box::new(command))).expect("decided");
    assert_eq!(resume(&desk.ledger).expect("goes on"), 1);
    assert_eq!(resume(&desk.ledger).expect("nothing left"), 0);
    let info = find(&desk.ledger, batch).expect("there");
    assert_eq!(
        desk.outcomes(&info),
        BTreeMap::from([(RowOutcome::Appended, 2)])
    );
    check_at_rest(&desk.ledger, None).expect("holds");
    desk.ledger.close();
}

#[test]
fn rows_are_taken_out_with_reasons_and_rows_that_would_fail_by_now_are_told() {
    let home = Home::new();
    let desk = Desk::new(home.in_memory());
    let rows = [
        penalty(2, 1, "0.5"),
        penalty(4, 2, "0.5"),
        penalty(6, 3, "0.5"),
    ];
    let batch = desk.received(SubmissionKind::Report, &file(&rows));
    // Meanwhile the code of the third firm comes to belong to a government body.
    let taken = probity_domain::report::SubjectClaim {
        kind: probity_types::SubjectKind::GovernmentBody,
        name: "虚构局".to_owned(),
        identifiers: vec![probity_domain::report::IdentifierClaim {
            kind: IdentifierKind::Uscc,
            value: firm(6),
        }],
        birth_date: None,
        region: None,
        industry: None,
    };
    submit_command(&desk.ledger, Command::RegisterSubject(taken)).expect("registered");
    let mut order = ReviewOrder {
        batch,
        rejected: BTreeMap::from([(2, "事实不清".to_owned())]),
        ..ReviewOrder::default()
    };
    let caller = desk.next(&desk.reviewer);
    let Err(SubmissionError::Moved(failing)) = review(&desk.ledger, &caller, &order) else {
        panic!("row 4 would fail, silently");
    };
    assert!(failing.iter().all(|error| error.row == 4) && !failing.is_empty());
    order.rejected.insert(99, "没有".to_owned());
    let unknown = review(&desk.ledger, &desk.next(&desk.reviewer), &order);
    assert!(matches!(
        refusal(unknown),
        Refusal::Value {
            field: "rejected",
            ..
        }
    ));
    order.rejected.remove(&99);
    order.accept_failing = true;
    let reviewed = review(&desk.ledger, &desk.next(&desk.reviewer), &order).expect("approved");
    let rows = desk.rows(&reviewed.info);
    let told: Vec<_> = rows
        .iter()
        .map(|r| (r.row, r.outcome, r.is_rejected))
        .collect();
    let expected = [
        (2, RowOutcome::Refused, true),
        (3, RowOutcome::Appended, false),
        (4, RowOutcome::Refused, true),
    ];
    assert_eq!(told, expected);
    assert_eq!(rows[0].why, "事实不清");
    assert!(
        rows[2].why.starts_with("subject-kind-differs"),
        "{}",
        rows[2].why
    );
    desk.ledger.close();
}

#[test]
fn rejected_and_withdrawn_files_are_destroyed_and_their_events_stay() {
    let home = Home::new();
    let desk = Desk::new(home.in_memory());
    let batch = desk.received(SubmissionKind::Report, &two_penalties());
    let twice = desk.send(SubmissionKind::Report, &two_penalties());
    assert_eq!(twice.batch, Some(batch), "it waits already");
    let order = ReviewOrder {
        batch,
        reject_all: Some(String::new()),
        ..ReviewOrder::default()
    };
    let unfounded = review(&desk.ledger, &desk.next(&desk.reviewer), &order);
    assert_eq!(refusal(unfounded).code(), "invalid-report");
    let number = ReviewOrder {
        reject_all: Some(format!("见 {}", person(3))),
        ..order.clone()
    };
    let personal = review(&desk.ledger, &desk.next(&desk.reviewer), &number);
    assert_eq!(refusal(personal).code(), "invalid-report");
    let order = ReviewOrder {
        reject_all: Some("依据不足".to_owned()),
        ..order
    };
    let rejected = review(&desk.ledger, &desk.next(&desk.reviewer), &order).expect("rejected");
    assert_eq!(rejected.info.state.standing, SubmissionStanding::Rejected);
    assert!(desk.is_erased(&rejected.info));
    let batch = desk.received(SubmissionKind::Report, &two_penalties());
    let taken = withdraw(&desk.ledger, &desk.next(&desk.clerk), batch, "重做").expect("taken");
    assert_eq!(taken.info.state.standing, SubmissionStanding::Withdrawn);
    assert!(desk.is_erased(&taken.info));
    assert_eq!(desk.ledger.views().statistics().records.len(), 0);
    check_at_rest(&desk.ledger, None).expect("holds");
    desk.ledger.close();
}

#[test]
fn the_platform_decides_after_the_agency_where_the_policy_demands_it() {
    use probity_domain::submission::{ReceiveSubmission, SubmissionCommand};
    let home = Home::new();
    let desk = Desk::new(home.in_memory());
    let platform = key(
        &desk.ledger,
        "戊",
        "虚构市信用办",
        &["records:review-platform"],
    );
    let same = key(
        &desk.ledger,
        "乙",
        "虚构市信用办",
        &["records:review-platform"],
    );
    let text = two_penalties();
    let receive = ReceiveSubmission {
        kind: SubmissionKind::Report,
        submitter: desk.clerk.principal.key,
        file: desk.ledger.file_tag(text.as_bytes()),
        profile: "double-publicity-penalties-2018 1".to_owned(),
        rows: 2,
        refused: 0,
        classes: BTreeSet::from(["PJ007".to_owned()]),
        content: text.into_bytes(),
    };
    let command = Command::Submission(Box::new(SubmissionCommand::Receive(receive)));
    let receipt = submit_command(&desk.ledger, command).expect("received");
    let entry = desk
        .ledger
        .entry(receipt.first)
        .expect("reads")
        .expect("there");
    let Event::SubmissionReceived(event) = entry.event else {
        panic!("received")
    };
    let order = ReviewOrder {
        batch: event.batch,
        ..ReviewOrder::default()
    };
    let early = review(&desk.ledger, &again(&platform, "0"), &order);
    assert_eq!(refusal(early).code(), "forbidden");
    let info = desk.approve(event.batch);
    assert_eq!(info.state.standing, SubmissionStanding::WaitsForPlatform);
    assert!(!desk.is_erased(&info) && info.completed_at.is_none());
    assert_eq!(
        list(&desk.ledger, &platform.principal)
            .expect("lists")
            .len(),
        1
    );
    let second = review(&desk.ledger, &again(&same, "1"), &order);
    assert_eq!(refusal(second), Refusal::FourEyes);
    let done = review(&desk.ledger, &again(&platform, "2"), &order).expect("approved");
    assert!(done.info.completed_at.is_some());
    desk.ledger.close();
}

#[test]
fn corrections_and_withdrawals_go_the_same_way() {
    let home = Home::new();
    let desk = Desk::new(home.in_memory());
    let info = desk.approve(desk.received(SubmissionKind::Report, &two_penalties()));
    let rows = desk.rows(&info);
    let (firms, persons) = (rows[0].record.expect("one"), rows[1].record.expect("one"));
    let corrections = format!(
        "记录编号,主体代码,文书号,字段,原值,更正为,法律依据\n\
         ,{},虚市监罚〔2026〕1号,罚款金额,5000.00,6000.00,行政处罚法第五十一条\n\
         ,{},虚市监罚〔2026〕1号,facts,经责令后改正,未改正,行政处罚法第五十一条\n\
         {persons},,,facts,不是这样,未改正,\n",
        firm(2),
        firm(2),
    );
    let report = desk.send(SubmissionKind::Correction, &corrections);
    assert_eq!(report.ending, SubmissionEnding::Refused);
    assert_eq!(report.errors.len(), 1, "{:?}", report.errors);
    let error = &report.errors[0];
    assert_eq!(
        (error.rule.as_str(), error.address()),
        ("correction.old_differs", "E4".to_owned())
    );
    let good: String = corrections
        .lines()
        .take(3)
        .map(|line| format!("{line}\n"))
        .collect();
    let done = desk.approve(desk.received(SubmissionKind::Correction, &good));
    let rows = desk.rows(&done);
    assert_eq!(
        desk.outcomes(&done),
        BTreeMap::from([(RowOutcome::Appended, 2)])
    );
    assert_eq!(
        rows[0].entry, rows[1].entry,
        "two fields of one record are one correction"
    );
    let fine = |record: RecordId| {
        let current = desk
            .ledger
            .current_record(record)
            .expect("reads")
            .expect("there");
        let fields = probity_domain::shape::to_fields(&current.core, current.details.as_ref());
        fields["fine"].clone()
    };
    assert_eq!(fine(firms), FieldValue::Fen(Fen(600_000)));

    let withdrawals = format!("记录编号,原因\nrecord/{persons},录入错误\n");
    let rehearsed = desk.send(SubmissionKind::Withdrawal, &withdrawals);
    let done = desk.approve(rehearsed.batch.expect("received"));
    let (position, _) = desk.rows(&done)[0].entry.expect("voided");
    let entry = desk.ledger.entry(position).expect("reads").expect("there");
    assert!(matches!(entry.event, Event::RecordVoided(_)));
    assert_eq!(Some(entry.header.caused_by), rows_position(&desk, &info, 3));
    // Another agency's records are not amended.
    let stranger = key(&desk.ledger, "己", "虚构市税务局", &["records:submit"]);
    let order = Desk::order(SubmissionKind::Withdrawal);
    let withdrawals = format!("记录编号,原因\n{firms},录入错误\n");
    let report = submit(
        &desk.ledger,
        &again(&stranger, "x"),
        withdrawals.as_bytes(),
        &order,
    );
    let report = report.expect("reads");
    assert_eq!(report.ending, SubmissionEnding::Refused);
    assert_eq!(report.errors[0].rule, "record.not_own");
    check_at_rest(&desk.ledger, None).expect("holds");
    desk.ledger.close();
}

fn rows_position(desk: &Desk, info: &SubmissionInfo, row: u32) -> Option<Position> {
    let rows = desk.rows(info);
    let found = rows.iter().find(|settled| settled.row == row)?;
    Some(found.entry?.0)
}

/// A row of a random file: who, which act, how large a fine, which twist.
fn any_row() -> impl Strategy<Value = (u32, u32, u8)> {
    (2..10u32, 1..12u32, 0..8u8)
}

fn text_of((who, act, twist): (u32, u32, u8)) -> String {
    let row = penalty(who, act, if twist == 0 { "3" } else { "0.5" });
    match twist {
        // A name without an identifier waits; a wrong date is refused.
        1 => row.replace(&firm(who), "").replace(&person(who), ""),
        2 => row.replace("2026-05-05", "2026-13-05"),
        _ => row,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: ProptestConfig::default().cases / 32, ..ProptestConfig::default()
    })]

    /// Counts, duplicates, and whose standing changes: what the rehearsal says is what the approval brings.
    #[test]
    fn the_rehearsal_of_a_submission_equals_what_it_brings(
        first in proptest::collection::vec(any_row(), 1..8),
        second in proptest::collection::vec(any_row(), 1..12),
    ) {
        let home = Home::new();
        let desk = Desk::new(home.in_memory());
        for rows in [first, second] {
            let text = file(&rows.iter().map(|row| text_of(*row)).collect::<Vec<_>>());
            let before: BTreeMap<u32, Option<Stand>> = (2..10).map(|who| (who, desk.stand(who))).collect();
            let (head, digest) = (desk.ledger.head(), desk.ledger.views().digest());
            let mut order = Desk::order(SubmissionKind::Report);
            order.accept_good_rows = true;
            order.rehearse = true;
            let told = submit(&desk.ledger, &desk.next(&desk.clerk), text.as_bytes(), &order).expect("reads");
            prop_assert_eq!((desk.ledger.head(), desk.ledger.views().digest()), (head, digest));
            order.rehearse = false;
            let sent = submit(&desk.ledger, &desk.next(&desk.clerk), text.as_bytes(), &order).expect("reads");
            let Some(batch) = sent.batch else {
                prop_assert_eq!(told.summary.refused, told.summary.rows);
                continue;
            };
            prop_assert_eq!(&sent.effects, &told.effects);
            let info = desk.approve(batch);
            let outcomes = desk.outcomes(&info);
            let count = |outcome| outcomes.get(&outcome).copied().unwrap_or(0);
            prop_assert_eq!(count(RowOutcome::Appended), told.summary.imported);
            prop_assert_eq!(count(RowOutcome::AlreadyThere), told.summary.already_there);
            prop_assert_eq!(count(RowOutcome::Parked), told.summary.parked);
            prop_assert_eq!(count(RowOutcome::Refused), told.summary.refused);
            for row in desk.rows(&info) {
                let held = told.effects.duplicates.iter().find(|held| held.row == row.row);
                let expected = match row.outcome {
                    RowOutcome::AlreadyThere => held.is_some_and(|held| held.kind == DuplicateKind::AlreadyThere),
                    RowOutcome::Parked => held.is_some_and(|held| held.kind != DuplicateKind::AlreadyThere),
                    RowOutcome::Appended | RowOutcome::Refused => held.is_none(),
                };
                prop_assert!(expected, "{row:?} {held:?}");
            }
            for (who, was) in &before {
                let is = desk.stand(*who);
                let rows_of = |change: &&probity_app::import::effects::Change| {
                    change.rows.iter().any(|row| rows.get(*row as usize - 2).is_some_and(|(of, ..)| of == who))
                };
                let told = told.effects.changes.iter().find(rows_of);
                let was = was.clone().unwrap_or_default();
                let is = is.unwrap_or_default();
                match told {
                    Some(change) if who.is_multiple_of(2) => {
                        prop_assert_eq!(change.stands.as_ref(), Some(&(was, is)));
                    }
                    // Of a person only that something changes is told.
                    Some(change) => prop_assert!(change.stands.is_none() && was != is),
                    None => prop_assert!(was == is || is.grade.as_deref() == Some("unrated"), "{who}: {was:?} {is:?}"),
                }
            }
        }
        check_at_rest(&desk.ledger, None).expect("holds");
        desk.ledger.close();
    }

    /// The order in which independent records come in never changes a grade.
    #[test]
    fn the_order_of_uploads_never_changes_a_grade(
        order in Just((0..12u32).collect::<Vec<_>>()).prop_shuffle(),
        heavy in proptest::collection::vec(any::<bool>(), 12),
        in_one_file in 1..5usize,
    ) {
        let row = |act: u32| penalty(2 + act % 5, act, if heavy[act as usize] { "30" } else { "0.5" });
        let grades = |order: &[u32], size: usize| {
            let home = Home::new();
            let desk = Desk::new(home.in_memory());
            for acts in order.chunks(size) {
                let text = file(&acts.iter().map(|act| row(*act)).collect::<Vec<_>>());
                desk.approve(desk.received(SubmissionKind::Report, &text));
            }
            let grades: Vec<_> = (2..7).map(|who| desk.stand(who)).collect();
            desk.ledger.close();
            grades
        };
        let plain: Vec<u32> = (0..12).collect();
        let expected = grades(&plain, 12);
        prop_assert!(expected.iter().all(Option::is_some));
        prop_assert_eq!(grades(&order, in_one_file), expected);
    }
}
