//! Databases share with the register and take from it: a real PostgreSQL, the real program, killed in the middle again and
//! again. Nothing comes twice, nothing is missing, and what is taken back is taken back.

mod postgres;

use postgres::Postgres;
use probity_tests::{Folder, Server, probity, root, succeed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

const PUSHES: [&str; 5] = [
    "business-registry",
    "police",
    "food-drug",
    "local-tax",
    "mining-services",
];
const RECIPIENTS: [&str; 5] = [
    "central-bank",
    "district",
    "social-insurance",
    "tax",
    "food-drug",
];
/// Rows of each source table; every fiftieth is broken, of heating every fiftieth too (all of those are organisations).
const ROWS: u64 = 300;
const BROKEN: u64 = ROWS / 50;
const GOOD: u64 = ROWS - BROKEN;
/// How often each run is killed before it may end.
const KILLS: u32 = 4;

/// Numbers from a printed seed.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let given = std::env::var("PROBITY_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seed = given.unwrap_or_else(|| now.expect("after 1970").as_nanos() as u64 | 1);
        eprintln!("PROBITY_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, most: u64) -> u64 {
        // xorshift: enough for moments to kill at.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn shared(kind: &str, name: &str) -> String {
    let path = root().join(format!("crates/server/sharing/{kind}/{name}.toml"));
    path.display().to_string()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn key(folder: &Folder, agency: &str, scopes: &[&str]) -> String {
    let data = folder.data();
    let mut arguments = vec![
        "keys", "issue", "--data", &data, "--label", "test", "--agency", agency,
    ];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    let printed = succeed(&arguments);
    let key = printed.lines().find(|line| line.starts_with("pk_"));
    key.expect("a key").to_owned()
}

/// The agency of a recipient's file.
fn agency(recipient: &str) -> String {
    let text = std::fs::read_to_string(shared("recipients", recipient)).expect("the file");
    let line = text
        .lines()
        .find(|line| line.starts_with("agency = "))
        .expect("an agency");
    line.split('"').nth(1).expect("in quotes").to_owned()
}

/// A register, the five sources in one database, a database for each recipient.
struct City {
    postgres: Postgres,
    folder: Folder,
    server: Option<Server>,
    keys: BTreeMap<String, String>,
    /// Everything that push and follow ever printed.
    printed: Vec<u8>,
}

impl City {
    fn begin() -> Self {
        let postgres = Postgres::start();
        postgres.ask("postgres", "CREATE DATABASE source");
        let schema = root().join("crates/server/sharing/source.sql");
        postgres.ask(
            "source",
            &std::fs::read_to_string(schema).expect("the schema"),
        );
        postgres.ask("source", &format!("SELECT generate({ROWS})"));
        let folder = Folder::begin();
        let mut keys = BTreeMap::new();
        let issue = |agency: &str, scopes: &[&str]| key(&folder, agency, scopes);
        keys.insert(
            "push".to_owned(),
            issue(
                "来源单位",
                &["records:write", "subjects:write", "persons:read"],
            ),
        );
        keys.insert("officer".to_owned(), issue("信用办", &["policy:write"]));
        for recipient in RECIPIENTS {
            postgres.ask("postgres", &format!("CREATE DATABASE \"{recipient}\""));
            let scopes = ["feed:read", "persons:read"];
            keys.insert(recipient.to_owned(), issue(&agency(recipient), &scopes));
        }
        let server = Some(folder.serve());
        Self {
            postgres,
            folder,
            server,
            keys,
            printed: Vec::new(),
        }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("it is served")
    }

    fn admit_all(&self) {
        for recipient in RECIPIENTS {
            let output = Command::new(probity())
                .args(["admit", "--recipient", &shared("recipients", recipient)])
                .args(["--server", &self.server().base])
                .env("PROBITY_KEY", &self.keys["officer"])
                .output()
                .expect("it starts");
            assert_eq!(code(&output), 0, "{}", said(&output));
        }
    }

    fn push(&self, profile: &str) -> Command {
        let mut command = Command::new(probity());
        command
            .args(["push", "--profile", &shared("push", profile)])
            .args(["--database", &self.postgres.address("source")])
            .args(["--server", &self.server().base])
            .args(["--state", &self.folder.beside(profile), "--json"])
            .env("PROBITY_KEY", &self.keys["push"]);
        command
    }

    fn follow(&self, recipient: &str) -> Command {
        let mut command = Command::new(probity());
        command
            .args(["follow", "--recipient", &shared("recipients", recipient)])
            .args(["--database", &self.postgres.address(recipient)])
            .args(["--server", &self.server().base])
            .env("PROBITY_KEY", &self.keys[recipient]);
        command
    }

    /// Runs a command to its end, after it was killed at random moments; how it ended.
    fn run(&mut self, dice: &mut Dice, kills: u32, make: impl Fn(&Self) -> Command) -> Output {
        for _ in 0..kills {
            let mut child = piped(make(self));
            std::thread::sleep(Duration::from_millis(30 + dice.below(600)));
            // SIGKILL: nothing in it has a say.
            let _ = child.kill();
            let output = child.wait_with_output().expect("it ended");
            self.printed.extend(said(&output).bytes());
        }
        let output = piped(make(self)).wait_with_output().expect("it ended");
        self.printed.extend(said(&output).bytes());
        output
    }

    fn push_all(&mut self, dice: &mut Dice, kills: u32) {
        for profile in PUSHES {
            let output = self.run(dice, kills, |city| city.push(profile));
            // The broken rows are refused, and only they.
            assert!(
                [0, 1].contains(&code(&output)),
                "{profile}: {}",
                said(&output)
            );
        }
    }

    fn follow_all(&mut self, dice: &mut Dice, kills: u32) {
        for recipient in RECIPIENTS {
            let output = self.run(dice, kills, |city| city.follow(recipient));
            assert_eq!(code(&output), 0, "{recipient}: {}", said(&output));
        }
    }

    fn rejects(&self, profile: &str) -> Vec<Value> {
        let path = self.folder.beside(&format!("{profile}/rejects.jsonl"));
        let text = std::fs::read_to_string(path).expect("the rejects");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    /// How many entries of each event the log has, by its feed.
    fn events(&self) -> BTreeMap<String, u64> {
        let (base, entries) = (&self.server().base, self.server().position() + 1);
        let bearer = format!("Authorization: Bearer {}", self.keys["central-bank"]);
        let read = format!("curl -sN -H '{bearer}' '{base}/v1/feed?from=0' | head -n {entries}");
        let output = Command::new("bash")
            .args(["-c", &read])
            .output()
            .expect("curl");
        let mut events = BTreeMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let frame: Value = serde_json::from_str(line).expect("a frame");
            let event = frame["event"]
                .as_str()
                .expect("an entry: nothing is left out");
            *events.entry(event.to_owned()).or_insert(0) += 1;
        }
        assert_eq!(events.values().sum::<u64>(), entries);
        events
    }

    fn recipient(&self, name: &str) -> Value {
        let agency = agency(name);
        let all = self.server().get("/v1/recipients");
        let items = all.expect(200)["items"].as_array().expect("items").clone();
        let found = items.into_iter().find(|item| item["agency"] == agency);
        found.unwrap_or_else(|| panic!("{name} is admitted"))
    }

    fn records(&self, recipient: &str, wanted: &str) -> u64 {
        let text = format!("SELECT count(*) FROM credit_records WHERE {wanted}");
        self.postgres.count(recipient, &text)
    }

    fn record_of(&self, recipient: &str, wanted: &str) -> (String, String) {
        let text = format!("SELECT record_id, revision FROM credit_records WHERE {wanted}");
        let row = self.postgres.ask(recipient, &text);
        let (id, revision) = row
            .split_once('|')
            .unwrap_or_else(|| panic!("{wanted}: {row}"));
        (id.to_owned(), format!("\"{revision}\""))
    }

    fn void(&self, (record, revision): &(String, String)) {
        let body = json!({"action": "void", "scope": "record", "reason": "no_such_fact", "authority": "克拉玛依市税务局",
            "instrument_no": "克税更〔2026〕1号", "legal_basis": "政府信息公开条例"});
        let path = format!("/v1/records/{record}/compensations");
        let key = &self.keys["push"];
        let answer = self
            .server()
            .change(key, record, Some(revision), &path, &body);
        answer.expect(201);
    }
}

fn piped(mut command: Command) -> Child {
    let child = command
        .env("RUST_LOG", "info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    child.expect("it starts")
}

/// What a recipient holds of the taxpayers, beside what the tax office has: account and current amount, sorted.
fn arrears(city: &City) -> (String, String) {
    let held = city.postgres.ask(
        "central-bank",
        "SELECT fields->>'account_no', fields->'amount_current'->>'fen' FROM credit_records
         WHERE subcategory = 'QF001' AND state IN ('in_force', 'corrected') ORDER BY 1",
    );
    let source = city.postgres.ask(
        "source",
        "SELECT account_no, (owed_yuan * 100)::bigint FROM local_tax.arrears WHERE id % 50 <> 0 ORDER BY 1",
    );
    (held, source)
}

#[test]
fn both_ways_end_without_a_double_or_a_gap_however_often_they_are_killed() {
    let mut dice = Dice::new();
    let mut city = City::begin();
    city.admit_all();
    city.push_all(&mut dice, KILLS);
    let events = city.events();
    let count = |event: &str| events.get(event).copied().unwrap_or(0);
    assert_eq!(count("PenaltyRecorded"), GOOD, "{events:?}");
    assert_eq!(count("PermitRecorded"), GOOD, "{events:?}");
    assert_eq!(count("ArrearRecorded"), 2 * GOOD, "{events:?}");
    for profile in PUSHES {
        let rejects = city.rejects(profile);
        let keys: BTreeSet<_> = rejects.iter().map(|row| row["key"].as_u64()).collect();
        let expected: BTreeSet<_> = (1..=BROKEN).map(|n| Some(n * 50)).collect();
        assert_eq!(
            (keys, rejects.len() as u64),
            (expected, BROKEN),
            "{profile}"
        );
        let fault = &rejects[0]["faults"][0];
        assert!(
            fault["rule"].as_str().is_some_and(|rule| !rule.is_empty()),
            "{fault}"
        );
        assert!(
            fault["remedy"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{fault}"
        );
    }

    city.follow_all(&mut dice, KILLS);
    for (recipient, class, rows) in [
        ("central-bank", "QF001", GOOD),
        ("central-bank", "QF007", GOOD),
        ("district", "CF025", GOOD),
        ("district", "XK003", GOOD),
        ("social-insurance", "QF007", GOOD),
        ("tax", "QF001", GOOD),
        ("tax", "XK003", GOOD),
        ("food-drug", "XK003", GOOD),
    ] {
        let wanted = format!("subcategory = '{class}' AND state = 'in_force'");
        assert_eq!(
            city.records(recipient, &wanted),
            rows,
            "{recipient} {class}"
        );
    }
    // What a recipient is not admitted to does not reach it.
    assert_eq!(
        city.records("central-bank", "subcategory NOT IN ('QF001', 'QF007')"),
        0
    );
    assert_eq!(city.records("food-drug", "subcategory <> 'XK003'"), 0);
    let (held, source) = arrears(&city);
    assert_eq!(held, source);
    let first = city.recipient("central-bank");
    assert!(first["acknowledged"].is_u64(), "{first}");
    assert_eq!(first["open_withdrawals"], 0);

    take_back(&mut city, &mut dice);
    city.server = None;
    city.folder.check_log();
    no_number_is_printed(&city);
}

/// Corrections, a withdrawal and an erasure, and how they reach who holds what they concern.
fn take_back(city: &mut City, dice: &mut Dice) {
    city.postgres.ask(
        "source",
        "UPDATE local_tax.arrears SET owed_yuan = owed_yuan + 5 WHERE id IN (3, 7, 11)",
    );
    let output = city.run(dice, KILLS, |city| city.push("local-tax"));
    assert_eq!(code(&output), 0, "{}", said(&output));
    let events = city.events();
    assert_eq!(events.get("RecordCorrected"), Some(&3), "{events:?}");
    city.void(&city.record_of("central-bank", "fields->>'account_no' = 'T00000021'"));
    let erased = city.postgres.ask("district", "SELECT subject_id FROM credit_records WHERE subcategory = 'CF025' AND fields->>'document_no' = '克公（治）行罚决字〔2025〕13号'");
    // Erasures are decided where the keys are.
    city.server = None;
    let data = city.folder.data();
    succeed(&[
        "erase",
        "--data",
        &data,
        "--person",
        &erased,
        "--authority",
        "信用办",
        "--legal-basis",
        "个人信息保护法第四十七条",
    ]);
    city.server = Some(city.folder.serve());

    for (recipient, open) in [
        ("central-bank", 5),
        ("tax", 4),
        ("district", 1),
        ("food-drug", 0),
    ] {
        assert_eq!(
            city.recipient(recipient)["open_withdrawals"],
            open,
            "{recipient}"
        );
    }
    let bank = city.keys["central-bank"].clone();
    let position = city.server().position();
    let short = json!({"position": position, "withdrawals": []});
    let refused = city
        .server()
        .post(&bank, "short", "/v1/feed/acknowledgements", &short);
    assert_eq!(
        refused.problem(422, "invalid-report")["errors"][0]["rule"],
        "withdrawal.left_out"
    );

    city.follow_all(dice, KILLS);
    for recipient in RECIPIENTS {
        let now = city.recipient(recipient);
        assert_eq!(
            (&now["open_withdrawals"], &now["is_overdue"]),
            (&json!(0), &json!(false)),
            "{now}"
        );
    }
    for recipient in ["central-bank", "tax"] {
        assert_eq!(
            city.records(recipient, "state = 'corrected'"),
            3,
            "{recipient}"
        );
        assert_eq!(
            city.records(
                recipient,
                "state = 'voided' AND fields = '{}' AND subject_name IS NULL"
            ),
            1
        );
    }
    let gone = format!(
        "subject_id = '{erased}' AND state = 'erased' AND fields = '{{}}' AND subject_name IS NULL AND subject_code IS NULL"
    );
    assert_eq!(city.records("district", &gone), 1);
    let (held, source) = arrears(city);
    let source: Vec<_> = source
        .lines()
        .filter(|row| !row.starts_with("T00000021|"))
        .collect();
    assert_eq!(held.lines().collect::<Vec<_>>(), source);
}

/// No number of a person stands in what the program printed, or in what it keeps beside the source.
fn no_number_is_printed(city: &City) {
    let numbers = city.postgres.ask("source", "SELECT citizen_no FROM police.penalties UNION SELECT citizen_no FROM mining_services.heating WHERE citizen_no IS NOT NULL");
    let numbers: Vec<&str> = numbers.lines().collect();
    assert!(numbers.len() as u64 >= ROWS);
    let search = aho_corasick::AhoCorasick::new(&numbers).expect("patterns");
    assert!(
        search.is_match(numbers[0]),
        "the search finds what is there"
    );
    assert!(!search.is_match(&city.printed), "a number was printed");
    for profile in PUSHES {
        for file in ["cursor.json", "rows.jsonl", "rejects.jsonl"] {
            let path = city.folder.beside(&format!("{profile}/{file}"));
            let text = std::fs::read(&path).unwrap_or_default();
            assert!(!search.is_match(&text), "{path}");
        }
    }
}

#[test]
fn what_cannot_work_says_what_is_wrong() {
    let city = City::begin();
    let base = city.server().base.clone();
    let wrong = city.postgres.address_with("source", "another");
    let state = city.folder.beside("state");
    let push = |profile: &str, database: &str| {
        let output = Command::new(probity())
            .args([
                "push",
                "--profile",
                profile,
                "--database",
                database,
                "--server",
                &base,
                "--state",
                &state,
            ])
            .env("PROBITY_KEY", &city.keys["push"])
            .output();
        output.expect("it starts")
    };
    let output = push(&shared("push", "local-tax"), &wrong);
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("28P01") && !said(&output).contains("another"),
        "{}",
        said(&output)
    );

    let text = std::fs::read_to_string(shared("push", "local-tax")).expect("the profile");
    let edited = city.folder.beside("edited.toml");
    std::fs::write(&edited, text.replace("\"owed_yuan\"", "\"owed\"")).expect("a file");
    let output = push(&edited, &city.postgres.address("source"));
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("owed (record.fields.amount_current)"),
        "{}",
        said(&output)
    );

    let output = city.follow("tax").output().expect("it starts");
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("/v1/recipients"),
        "not admitted: {}",
        said(&output)
    );

    city.admit_all();
    let bearer = format!("Bearer {}", city.keys["tax"]);
    let other = [
        ("Authorization", bearer.as_str()),
        ("Probity-Purpose", "award"),
        ("Probity-Basis", "test"),
    ];
    let answer = city
        .server()
        .send("GET", "/v1/feed/pages?from=0", &other, &[]);
    answer.problem(403, "forbidden");
    let answer = city
        .server()
        .send("GET", "/v1/feed/pages?from=0", &other[..1], &[]);
    answer.problem(400, "purpose-required");
}
