//! A register, the databases of five sources and five recipients, and the program between them.

use crate::postgres::Postgres;
use probity_tests::{Folder, Server, probity, root, succeed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

pub const PUSHES: [&str; 5] = [
    "business-registry",
    "police",
    "food-drug",
    "local-tax",
    "mining-services",
];
pub const RECIPIENTS: [&str; 5] = [
    "central-bank",
    "district",
    "social-insurance",
    "tax",
    "food-drug",
];
/// Rows of each source table; every fiftieth is broken, of heating every fiftieth too (all of those are organisations).
pub const ROWS: u64 = 300;
pub const BROKEN: u64 = ROWS / 50;
pub const GOOD: u64 = ROWS - BROKEN;

/// Numbers from a printed seed.
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Self {
        let given = std::env::var("PROBITY_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seed = given.unwrap_or_else(|| now.expect("after 1970").as_nanos() as u64 | 1);
        eprintln!("PROBITY_SEED={seed}");
        Self(seed)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        // xorshift: enough for moments to kill at.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

pub fn shared(kind: &str, name: &str) -> String {
    let path = root().join(format!("crates/server/sharing/{kind}/{name}.toml"));
    path.display().to_string()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

pub fn key(folder: &Folder, agency: &str, scopes: &[&str]) -> String {
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
pub fn agency(recipient: &str) -> String {
    let text = std::fs::read_to_string(shared("recipients", recipient)).expect("the file");
    let line = text
        .lines()
        .find(|line| line.starts_with("agency = "))
        .expect("an agency");
    line.split('"').nth(1).expect("in quotes").to_owned()
}

/// A register, the five sources in one database, a database for each recipient.
pub struct City {
    pub postgres: Postgres,
    pub folder: Folder,
    pub server: Option<Server>,
    pub keys: BTreeMap<String, String>,
    /// Everything that push and follow ever printed.
    pub printed: Vec<u8>,
}

impl City {
    pub fn begin() -> Self {
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

    pub fn server(&self) -> &Server {
        self.server.as_ref().expect("it is served")
    }

    pub fn admit_all(&self) {
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

    pub fn push(&self, profile: &str) -> Command {
        let mut command = Command::new(probity());
        command
            .args(["push", "--profile", &shared("push", profile)])
            .args(["--database", &self.postgres.address("source")])
            .args(["--server", &self.server().base])
            .args(["--state", &self.folder.beside(profile), "--json"])
            .env("PROBITY_KEY", &self.keys["push"]);
        command
    }

    pub fn follow(&self, recipient: &str) -> Command {
        let mut command = Command::new(probity());
        command
            .args(["follow", "--recipient", &shared("recipients", recipient)])
            .args(["--database", &self.postgres.address(recipient)])
            .args(["--server", &self.server().base])
            .env("PROBITY_KEY", &self.keys[recipient]);
        command
    }

    /// Runs a command to its end, after it was killed at random moments; how it ended.
    pub fn run(&mut self, dice: &mut Dice, kills: u32, make: impl Fn(&Self) -> Command) -> Output {
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

    pub fn push_all(&mut self, dice: &mut Dice, kills: u32) {
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

    pub fn follow_all(&mut self, dice: &mut Dice, kills: u32) {
        for recipient in RECIPIENTS {
            let output = self.run(dice, kills, |city| city.follow(recipient));
            assert_eq!(code(&output), 0, "{recipient}: {}", said(&output));
        }
    }

    pub fn rejects(&self, profile: &str) -> Vec<Value> {
        let path = self.folder.beside(&format!("{profile}/rejects.jsonl"));
        let text = std::fs::read_to_string(path).expect("the rejects");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    /// How many entries of each event the log has, by its feed.
    pub fn events(&self) -> BTreeMap<String, u64> {
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

    pub fn recipient(&self, name: &str) -> Value {
        let agency = agency(name);
        let all = self.server().get("/v1/recipients");
        let items = all.expect(200)["items"].as_array().expect("items").clone();
        let found = items.into_iter().find(|item| item["agency"] == agency);
        found.unwrap_or_else(|| panic!("{name} is admitted"))
    }

    pub fn records(&self, recipient: &str, wanted: &str) -> u64 {
        let text = format!("SELECT count(*) FROM credit_records WHERE {wanted}");
        self.postgres.count(recipient, &text)
    }

    pub fn record_of(&self, recipient: &str, wanted: &str) -> (String, String) {
        let text = format!("SELECT record_id, revision FROM credit_records WHERE {wanted}");
        let row = self.postgres.ask(recipient, &text);
        let (id, revision) = row
            .split_once('|')
            .unwrap_or_else(|| panic!("{wanted}: {row}"));
        (id.to_owned(), format!("\"{revision}\""))
    }

    pub fn void(&self, (record, revision): &(String, String)) {
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

pub fn piped(mut command: Command) -> Child {
    let child = command
        .env("RUST_LOG", "info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    child.expect("it starts")
}
