//! Whether a subject with many records costs more than one with few: append and correction as the writer acknowledges
//! them, status as the interface answers it. Release builds, a real folder, a real socket.
//! `cargo xtask measure [--records N]`.
//!
//! Two firms in one ledger, one with ten records, the other with many; records are those of the made-up city, under the
//! firms' own codes. Rounds take turns, so that both meet the same machine; medians are compared.

use probity_app::{DataFolder, Ledger, OpenOptions};
use probity_city::{Scale, Step, city};
use probity_domain::Command;
use probity_domain::command::{Compensation, Intake};
use probity_domain::report::{IdentifierClaim, RecordReport, SubjectClaim};
use probity_format::ActorKind;
use probity_format::events::Ground;
use probity_format::wire::Set;
use probity_log::{Outcome, Submission};
use probity_tests::{Server, WallClock, root};
use probity_types::{
    CompensationReason, FieldValue, IdentifierKind, RecordId, SubjectId, SubjectKind, Text,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Outcomes<T> = Result<T, Box<dyn Error>>;

/// Records of the small subject.
const FEW: usize = 10;
/// Rounds that are measured, of one append and one correction each.
const ROUNDS: usize = 200;
/// Answers of the views measured in one go: one alone is too short for the clock.
const ANSWERS: u32 = 100;
/// Answers of the interface that are measured, each way.
const READS: usize = 300;
/// Between two rounds of reads: the server counts what a stranger asks in a second.
const PAUSE: Duration = Duration::from_millis(25);
/// Records on their way at a time while a firm is filled.
const RUN: usize = 1_000;
/// What a large subject may cost more than a small one, in per mille.
const RATIO_MAX: u128 = 1_500;

/// One firm of the measurement.
struct Firm {
    claim: SubjectClaim,
    id: SubjectId,
    /// Index in the directory.
    index: u32,
    /// Records that can be corrected, each once.
    records: Vec<RecordId>,
}

impl Firm {
    fn new(ledger: &Ledger, name: &str, code: &str) -> Outcomes<Self> {
        let claim = SubjectClaim {
            kind: SubjectKind::Enterprise,
            name: name.to_owned(),
            identifiers: vec![IdentifierClaim {
                kind: IdentifierKind::Uscc,
                value: code.to_owned(),
            }],
            birth_date: None,
            region: Some("650203".to_owned()),
            industry: None,
        };
        let command = Command::RegisterSubject(claim.clone());
        let receipt = ledger
            .log
            .submit_blocking(Submission::internal(command, ActorKind::Operator))?;
        let id = ledger.written(receipt)?.subject.ok_or("no subject")?;
        let index = ledger
            .views()
            .directory()
            .index(&id)
            .ok_or("not in the directory")?;
        Ok(Self {
            claim,
            id,
            index,
            records: Vec::new(),
        })
    }

    fn report(&self, mut report: Box<RecordReport>) -> Submission {
        report.subject = self.claim.clone();
        let command = Command::ReportRecord(report, Intake::default());
        Submission::internal(command, ActorKind::Operator)
    }
}

/// Reports about enterprises, without end.
struct Reports {
    city: probity_city::City,
}

impl Reports {
    fn new(ledger: &Ledger) -> Self {
        let scale = Scale {
            organisations: 3_000,
            persons: 100,
            records: u64::from(u32::MAX),
            key_persons: 0,
        };
        Self {
            city: city(11, scale, ledger.today()),
        }
    }

    fn next(&mut self) -> Outcomes<Box<RecordReport>> {
        let found = self.city.find_map(|step| match step {
            Step::Record(report) if report.subject.kind == SubjectKind::Enterprise => Some(report),
            _ => None,
        });
        found.ok_or_else(|| "the city has an end".into())
    }
}

/// Appends records until the firm has that many, many on their way at a time.
fn fill(ledger: &Ledger, firm: &mut Firm, reports: &mut Reports, wanted: usize) -> Outcomes<()> {
    while firm.records.len() < wanted {
        let missing = (wanted - firm.records.len()).min(RUN);
        let mut waiting = Vec::with_capacity(missing);
        for _ in 0..missing {
            let submission = firm.report(reports.next()?);
            waiting.push(ledger.log.submit_waiting(submission)?);
        }
        for answer in waiting {
            let receipt = answer.blocking_recv()??;
            // Two acts of the city can become one when both are about one firm; the second waits then.
            if receipt.outcome == Outcome::Appended
                && let Some(record) = ledger.written(receipt)?.record
            {
                firm.records.push(record);
            }
        }
    }
    Ok(())
}

fn text<const N: u32>(text: &str) -> Outcomes<Text<N>> {
    Ok(Text::try_from(text).map_err(|e| e.to_string())?)
}

fn correction(ledger: &Ledger, record: RecordId, round: usize) -> Outcomes<Command> {
    let current = ledger.current_record(record)??;
    let note = format!("更正第{round}次（演示数据）");
    let note = FieldValue::Text(text(&note)?);
    Ok(Command::Compensate {
        records: vec![current],
        action: Compensation::Correct(BTreeMap::from([("note".to_owned(), Some(note))])),
        ground: Ground {
            reason: CompensationReason::SourceCorrection,
            authority: text("克拉玛依市演示机关")?,
            instrument_no: text("克演更〔2026〕1号")?,
            legal_basis: text("演示数据")?,
            evidence: Set::default(),
        },
    })
}

fn timed<T>(work: impl FnOnce() -> Outcomes<T>) -> Outcomes<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Times of both firms for one thing, few records first.
#[derive(Default)]
struct Pair([Vec<Duration>; 2]);

impl Pair {
    /// Prints the medians; whether the ratio holds, where it is wanted.
    fn say(&mut self, what: &str, is_wanted: bool) -> bool {
        let [few, many] = self.0.each_mut().map(|times| median(times).as_nanos());
        let ratio = many * 1_000 / few.max(1);
        let holds = ratio <= RATIO_MAX || !is_wanted;
        println!(
            "{what:<42} {:>10} µs {:>10} µs   {}.{:03} {}",
            micros(few),
            micros(many),
            ratio / 1_000,
            ratio % 1_000,
            match (holds, is_wanted) {
                (true, true) => "",
                (true, false) => "(not limited)",
                (false, _) => "TOO MUCH",
            }
        );
        holds
    }
}

fn micros(nanos: u128) -> String {
    format!("{}.{:02}", nanos / 1_000, nanos % 1_000 / 10)
}

/// The views alone, without the answer that is made of them.
fn look_up(ledger: &Ledger, firm: &Firm) -> Outcomes<()> {
    let moment = ledger.now();
    for _ in 0..ANSWERS {
        let views = ledger.views();
        let status = views.status(firm.index, moment);
        std::hint::black_box(status.grade.ok_or("no grade")?);
        std::hint::black_box(status.records.len());
    }
    Ok(())
}

/// Writes, as the writer acknowledges them one by one.
fn measure_writes(ledger: &Ledger, firms: &[Firm; 2], reports: &mut Reports) -> Outcomes<bool> {
    let (mut appends, mut corrections, mut views) =
        (Pair::default(), Pair::default(), Pair::default());
    for round in 0..ROUNDS {
        for (firm, times) in firms.iter().zip(&mut views.0) {
            times.push(timed(|| look_up(ledger, firm))? / ANSWERS);
        }
        for (firm, times) in firms.iter().zip(&mut corrections.0) {
            // The small firm's few records are corrected again and again; so are as many of the large one's.
            let record = firm.records[round % FEW];
            times.push(timed(|| {
                let command = correction(ledger, record, round)?;
                let submission = Submission::internal(command, ActorKind::Operator);
                Ok(ledger.log.submit_blocking(submission)?)
            })?);
        }
    }
    // Last, because it lets the small firm grow: to 210 records, which is still few.
    for _ in 0..ROUNDS {
        for (firm, times) in firms.iter().zip(&mut appends.0) {
            let submission = firm.report(reports.next()?);
            times.push(timed(|| Ok(ledger.log.submit_blocking(submission)?))?);
        }
    }
    let mut holds = appends.say("append, acknowledged", true);
    holds &= corrections.say("correction, read, decided, acknowledged", true);
    // What the answer holds more of, entries behind each reason, costs more; it is bounded.
    views.say("status in memory", false);
    Ok(holds)
}

/// Reads, as the interface answers them.
fn measure_reads(program: &Path, data: &str, ids: [SubjectId; 2]) -> Outcomes<bool> {
    let options = ["--publicity", "open-organisations"];
    let server = Server::start_program(program, data, &options, "warn", Stdio::inherit());
    let mut holds = true;
    for (path, what, is_wanted) in [
        ("/status", "status over the interface", true),
        ("/timeline?limit=50", "a page of the timeline", false),
        ("/records?limit=50", "a page of the records", false),
    ] {
        let mut times = Pair::default();
        for round in 0..READS {
            // By turns first and second: whoever comes after a pause waits for the machine to wake.
            for place in [round % 2, 1 - round % 2] {
                let path = format!("/v1/subjects/{}{path}", ids[place]);
                let began = Instant::now();
                let reply = server.get(&path);
                times.0[place].push(began.elapsed());
                if reply.status != 200 {
                    return Err(format!("{path}: {}", reply.text).into());
                }
            }
            std::thread::sleep(PAUSE);
        }
        holds &= times.say(what, is_wanted);
    }
    Ok(holds)
}

/// The program as it is delivered, built if it is not there.
fn program() -> Outcomes<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = std::process::Command::new(cargo)
        .args(["build", "--quiet", "--release", "--package", "probity"])
        .current_dir(root())
        .status()?;
    if !built.success() {
        return Err("the program does not build".into());
    }
    // This example lies in `release/examples`.
    let here = std::env::current_exe()?;
    let release = here.parent().and_then(Path::parent);
    Ok(release.ok_or("no folder of builds")?.join("probity"))
}

fn main() -> Outcomes<()> {
    let many = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |text| text.parse())?;
    let program = program()?;
    let scratch = tempfile::tempdir()?;
    let data = scratch.path().join("data");
    let clock = Arc::new(WallClock::start());
    let ledger = Ledger::create(&DataFolder::at(&data), &OpenOptions::default(), clock)?;
    let mut reports = Reports::new(&ledger);
    let mut firms = [
        Firm::new(&ledger, "克拉玛依演示·少量有限公司", "91650203YYYY0008X2")?,
        Firm::new(&ledger, "克拉玛依演示·大量有限公司", "91650205YYYY00098Y")?,
    ];
    let began = Instant::now();
    for (firm, wanted) in firms.iter_mut().zip([FEW, many]) {
        fill(&ledger, firm, &mut reports, wanted)?;
    }
    println!("filled in {} s", began.elapsed().as_secs());
    println!(
        "{:<42} {:>13} {:>13}   ratio",
        "median",
        format!("{FEW} records"),
        format!("{many} records")
    );
    let mut holds = measure_writes(&ledger, &firms, &mut reports)?;
    ledger.close();
    // The key ring is locked as long as somebody holds it.
    drop(ledger);
    let ids = [firms[0].id, firms[1].id];
    holds &= measure_reads(&program, &data.display().to_string(), ids)?;
    if holds {
        Ok(())
    } else {
        Err("a subject with many records costs more than 1.5 times one with few".into())
    }
}
