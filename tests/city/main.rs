//! A whole made-up city goes in as files of all classes, by the reviewed way, and holds.
//!
//! `PROBITY_RECORDS` gives another number of records; `2520000` is the published size of the city, with its subjects.

mod desk;
mod form;
mod order;

use desk::Desk;
use form::{head, row};
use probity_app::submission::receipt::ReceiptRow;
use probity_app::verify::{Level, verify};
use probity_app::{DataFolder, OpenOptions, SEGMENT_BYTES};
use probity_city::{City, Scale, Step, city};
use probity_ingest::Form;
use probity_tests::{Reply, Server, last_json, succeed};
use probity_types::{Category, CivilDate, CodeList as _, Position, RecordId, RowOutcome};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::time::Instant;

const SEED: u64 = 50_133;
const RECORDS: u64 = 3_000;
/// Rows of one file at most.
const FILE_ROWS: u64 = 10_000;
const CLASSES: usize = 133;

fn scale() -> Scale {
    let asked = std::env::var("PROBITY_RECORDS");
    let asked = asked.map_or(RECORDS, |text| text.parse().expect("a number of records"));
    match Scale::full().records == asked {
        true => Scale::full(),
        false => Scale::for_records(asked),
    }
}

/// The city's last day: always the same, unless the clock has not come so far.
fn city_day(today: CivilDate) -> CivilDate {
    CivilDate::new(2026, 6, 30).expect("a day").min(today)
}

/// One file of one class.
struct Batch {
    path: PathBuf,
    rows: u64,
}

/// Files of a class, the last of them still open.
struct Class {
    form: Form,
    files: Vec<Batch>,
    open: Option<BufWriter<File>>,
}

impl Class {
    fn write(&mut self, folder: &Path, line: &str) {
        let is_full = |batch: &Batch| batch.rows >= FILE_ROWS;
        if self.files.last().is_none_or(is_full) {
            let name = format!("{}-{}.csv", self.form.code, self.files.len() + 1);
            let path = folder.join(name);
            let mut file = BufWriter::new(File::create(&path).expect("a file"));
            file.write_all(head(&self.form).as_bytes()).expect("writes");
            self.open = Some(file);
            self.files.push(Batch { path, rows: 0 });
        }
        let file = self.open.as_mut().expect("begun");
        file.write_all(line.as_bytes()).expect("writes");
        self.files.last_mut().expect("begun").rows += 1;
    }

    fn close(&mut self) {
        if let Some(mut file) = self.open.take() {
            file.flush().expect("writes");
        }
    }

    fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

/// Writes the records of a city as files, by class. Later changes and lists are no part of a report.
fn write_files(desk: &Desk, steps: Peekable<City>, folder: &Path) -> BTreeMap<String, Class> {
    let mut classes: BTreeMap<String, Class> = BTreeMap::new();
    for step in steps {
        let Step::Record(report) = step else { continue };
        let code = &report.subcategory;
        let class = classes.entry(code.clone()).or_insert_with(|| Class {
            form: desk.ledger.form(code).expect("every class has its form"),
            files: Vec::new(),
            open: None,
        });
        let line = row(&class.form, &report);
        class.write(folder, &line);
    }
    classes.values_mut().for_each(Class::close);
    classes
}

/// What the receipts say so far: no entry and no record stands in two of them.
#[derive(Default)]
struct Receipts {
    positions: BTreeSet<Position>,
    records: BTreeSet<RecordId>,
    rows: BTreeMap<String, u64>,
}

impl Receipts {
    fn add(&mut self, code: &str, position: Position, record: RecordId) {
        assert!(self.positions.insert(position), "{code}: {position} twice");
        assert!(self.records.insert(record), "{code}: {record} twice");
        *self.rows.entry(code.to_owned()).or_default() += 1;
    }

    fn add_rows(&mut self, code: &str, rows: &[ReceiptRow]) {
        for row in rows {
            assert_eq!(row.outcome, RowOutcome::Appended, "{code}: {row:?}");
            let (position, _) = row.entry.expect("an entry");
            self.add(code, position, row.record.expect("a record"));
        }
    }
}

/// Hands in a file and has it approved; what was rehearsed is what came of it.
fn bring_in(desk: &Desk, code: &str, batch: &Batch, receipts: &mut Receipts) {
    let bytes = std::fs::read(&batch.path).expect("written");
    let told = desk.hand_in(&bytes);
    let summary = &told.summary;
    assert_eq!((summary.rows, summary.imported), (batch.rows, batch.rows));
    assert!(told.effects.duplicates.is_empty(), "{code}");
    let rows = desk.approve(told.batch.expect("received"));
    assert_eq!(rows.len() as u64, batch.rows, "{code}");
    receipts.add_rows(code, &rows);
}

/// The class of each category with the fewest records: these go over the interface.
fn smallest(classes: &BTreeMap<String, Class>) -> BTreeSet<String> {
    let of = |category: &Category| {
        let of = classes.iter();
        let of = of.filter(|(code, _)| code.starts_with(category.key()));
        let least = of.min_by_key(|(_, class)| class.rows());
        least.expect("every category has records").0.clone()
    };
    Category::ALL.iter().map(of).collect()
}

fn ask(server: &Server, key: &str, name: &str, path: &str, body: Option<&[u8]>) -> Reply {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", name),
        ("Content-Type", "application/json"),
    ];
    match body {
        Some(body) => server.send("POST", path, &headers, body),
        None => server.send("GET", path, &headers[..1], &[]),
    }
}

struct Secrets {
    clerk: String,
    reviewer: String,
    platform: String,
}

/// The same over the interface of the real program.
fn bring_in_over_http(
    server: &Server,
    keys: &Secrets,
    (code, batch): (&str, &Batch),
    receipts: &mut Receipts,
) {
    let bytes = std::fs::read(&batch.path).expect("written");
    let name = batch.path.display().to_string();
    let path = "/v1/submissions?kind=report";
    let sent = ask(server, &keys.clerk, &name, path, Some(&bytes));
    let sent = sent.expect(201);
    assert_eq!(sent["summary"]["imported"], batch.rows, "{code}: {sent}");
    let id = sent["submission"].as_str().expect("an id");
    let path = format!("/v1/submissions/{id}/review");
    let body = json!({"decision": "approve"}).to_string();
    ask(server, &keys.clerk, "own", &path, Some(body.as_bytes())).problem(403, "forbidden");
    for key in [&keys.reviewer, &keys.platform] {
        let decided = ask(server, key, &name, &path, Some(body.as_bytes()));
        if decided.expect(200)["state"]["key"] == "approved" {
            break;
        }
    }
    let path = format!("/v1/submissions/{id}/receipt.csv");
    let receipt = ask(server, &keys.clerk, "", &path, None);
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    let mut rows = 0;
    for line in receipt.text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim_matches('"')).collect();
        assert!(cells[1].contains("appended"), "{code}: {line}");
        let record = cells[3]
            .trim_start_matches("record/")
            .parse()
            .expect("a record");
        receipts.add(
            code,
            Position(cells[4].parse().expect("a position")),
            record,
        );
        rows += 1;
    }
    assert_eq!(rows, batch.rows, "{code}");
}

/// Highest memory of this process so far in MiB, as Linux counts it.
fn memory_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024)
}

/// Bytes of a folder with everything in it.
fn bytes_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("readable");
    let size = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.expect("readable");
        let about = entry.metadata().expect("readable");
        match about.is_dir() {
            true => bytes_of(&entry.path()),
            false => about.len(),
        }
    };
    entries.map(size).sum()
}

/// Says how long a stage took, and what it cost.
fn told(stage: &str, began: Instant, count: u64, data: &Path) {
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let rate = count * 1_000 / took.max(1);
    let memory = memory_mib().map_or_else(String::new, |mib| format!(", memory {mib} MiB"));
    let disk = bytes_of(data) / (1 << 20);
    let seconds = took / 1_000;
    println!("{stage}: {count} in {seconds} s, {rate}/s{memory}, disk {disk} MiB");
}

#[test]
fn a_city_of_all_classes_goes_through_intake_and_review() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (data, files) = (scratch.path().join("data"), scratch.path().join("files"));
    std::fs::create_dir(&files).expect("a folder");
    let desk = Desk::begin(&data, SEGMENT_BYTES);
    let scale = scale();

    let began = Instant::now();
    let mut steps = city(SEED, scale, city_day(desk.ledger.today())).peekable();
    let registers = |step: &Step| matches!(step, Step::Subject(_) | Step::Certificate(_));
    let subjects = desk.register(std::iter::from_fn(|| steps.next_if(registers)));
    told(
        "subjects and certificates registered",
        began,
        subjects,
        &data,
    );

    let began = Instant::now();
    let classes = write_files(&desk, steps, &files);
    assert_eq!(classes.len(), CLASSES, "every class has records");
    let written: u64 = classes.values().map(Class::rows).sum();
    assert_eq!(written, scale.records);
    told("records written as files", began, written, &data);

    let began = Instant::now();
    let over_http = smallest(&classes);
    let mut receipts = Receipts::default();
    for (code, class) in classes
        .iter()
        .filter(|(code, _)| !over_http.contains(*code))
    {
        class
            .files
            .iter()
            .for_each(|batch| bring_in(&desk, code, batch, &mut receipts));
    }
    let in_process = receipts.positions.len() as u64;
    told(
        "records handed in, reviewed, appended",
        began,
        in_process,
        &data,
    );

    let keys = Secrets {
        clerk: desk.clerk.secret.clone(),
        reviewer: desk.reviewer.secret.clone(),
        platform: desk.platform.secret.clone(),
    };
    desk.ledger.close();
    drop(desk);
    let began = Instant::now();
    let server = Server::start_alone(&data.display().to_string(), &[]);
    for code in &over_http {
        for batch in &classes[code].files {
            bring_in_over_http(&server, &keys, (code, batch), &mut receipts);
        }
    }
    drop(server);
    let sent = receipts.positions.len() as u64 - in_process;
    told("records over the interface", began, sent, &data);

    let expected = classes.iter();
    let expected: BTreeMap<String, u64> = expected
        .map(|(code, class)| (code.clone(), class.rows()))
        .collect();
    assert_eq!(receipts.rows, expected, "each class as often as written");
    assert_eq!(receipts.records.len() as u64, scale.records);
    check(&data, scale.records);
}

/// The log holds with its keys, in this process and by the program, and every record is in the views.
fn check(data: &Path, records: u64) {
    let began = Instant::now();
    let options = OpenOptions::default();
    let verified = verify(&DataFolder::at(data), &options).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(verified.level, Level::Opened);
    assert!(verified.opened_parts > 0, "some of them are about persons");
    told("entries verified", began, verified.entries, data);
    let said = succeed(&["verify", "--data", &data.display().to_string(), "--json"]);
    assert!(
        last_json(&said)["views"]
            .as_str()
            .is_some_and(|word| word.contains("equal"))
    );
    let clock = std::sync::Arc::new(probity_tests::WallClock::start());
    let ledger = probity_app::Ledger::open(&DataFolder::at(data), &options, clock).expect("opens");
    let counted = ledger.views().statistics().records.clone();
    assert_eq!(counted.len(), Category::ALL.len());
    assert_eq!(counted.values().sum::<u64>(), records);
    assert_eq!(ledger.views().statistics().parked, 0);
    ledger.close();
}
