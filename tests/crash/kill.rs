//! kill −9 of the real server under load: 64 writers over HTTP, each with its idempotency keys.
//!
//! After each kill the next server is asked again, with the same keys, for everything that was under way and for what had been
//! acknowledged last. Each receipt is the first one; each command stands in the log once; each writer's are in order.
//!
//! Long run: `PROBITY_ROUNDS=1000 cargo test -p probity-tests --test crash kill -- --nocapture`.

use crate::support::{Dice, rounds, scratch, seed};
use probity_app::{DataFolder, Ledger, OpenOptions};
use probity_format::frame::ActorKind;
use probity_tests::{Folder, Server};
use probity_types::Position;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const WRITERS: u64 = 64;
const ROUNDS: u64 = 20;
/// A round that is slow is killed all the same.
const PATIENCE: Duration = Duration::from_secs(10);

/// A penalty of a firm or, every third one, of a person: then its entry needs a key of its own.
fn report(writer: u64, number: u64) -> Value {
    let firm = json!({"kind": "enterprise", "name": "克拉玛依演示食品有限公司",
        "identifiers": [{"kind": "uscc", "value": "91650200MA0000015E"}]});
    let person = json!({"kind": "natural_person", "name": "阿依古丽·买买提",
        "identifiers": [{"kind": "citizen_id", "value": "650203198001010014"}]});
    json!({
        "subject": if number.is_multiple_of(3) { person } else { firm }, "role": "party", "subcategory": "CF006",
        "authority": "克拉玛依市市场监督管理局", "source_unit": "克拉玛依市市场监督管理局",
        "fields": {
            "document_no": format!("克市监罚〔2026〕{writer}-{number}号"), "violation_type": "销售不合格食品",
            "facts": "经抽检不合格", "grounds": "食品安全法第一百二十四条", "penalty_kinds": ["P2-02", "P2-06"],
            "content": "罚款并暂扣许可证", "procedure": "ordinary", "decision_date": "2026-09-01",
            "penalty_valid_to": "2027-09-01", "publication_end_reported": "2027-09-01",
            "fine": {"yuan": "60000.00"}, "licence_affected": "食品经营许可证 JY16502000000001",
            "conduct_date": "2026-08-20",
        },
    })
}

/// What the threads of one round share.
#[derive(Default)]
struct Round {
    receipts: AtomicU64,
    is_over: AtomicBool,
}

/// One client with one connection.
struct Writer {
    number: u64,
    next: u64,
    /// Receipts by number of the report: position and hash.
    receipts: BTreeMap<u64, Receipt>,
}

/// An answer of the server, or none where the connection broke.
fn post_with(
    agent: &ureq::Agent,
    base: &str,
    key: &str,
    writer: u64,
    number: u64,
) -> Option<(u16, Value)> {
    let sent = agent
        .post(format!("{base}/v1/records"))
        .header("Authorization", format!("Bearer {key}"))
        .header("Idempotency-Key", format!("{writer}-{number}"))
        .header("Content-Type", "application/json")
        .send(report(writer, number).to_string());
    let mut answer = sent.ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), serde_json::from_str(&text).ok()?))
}

impl Writer {
    fn new(number: u64) -> Self {
        Self {
            number,
            next: 0,
            receipts: BTreeMap::new(),
        }
    }

    /// Asks again for the last receipts, then writes until the server dies.
    fn work(&mut self, base: &str, key: &str, round: &Round) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let mut again = self.next.saturating_sub(2);
        while !round.is_over.load(Ordering::SeqCst) {
            let Some((status, json)) = post_with(&agent, base, key, self.number, again) else {
                // What is under way stays so: the next server is asked for it with the same key.
                return;
            };
            if status == 503 {
                continue;
            }
            assert_eq!(status, 201, "{json}");
            let receipt = (
                json["position"].as_u64().unwrap(),
                json["entry_hash"].to_string(),
            );
            match self.receipts.get(&again) {
                Some(first) => {
                    assert_eq!(*first, receipt, "writer {} number {again}", self.number);
                    assert_eq!(json["replayed"], true);
                }
                None => {
                    self.receipts.insert(again, receipt);
                    round.receipts.fetch_add(1, Ordering::SeqCst);
                }
            }
            again += 1;
            self.next = self.next.max(again);
        }
    }
}

/// Position and hash.
pub type Receipt = (u64, String);

/// One report over a connection of its own: status and answer, status 0 where there was none.
pub fn try_post(server: &Server, key: &str, writer: u64, number: u64) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    post_with(&agent, &server.base, key, writer, number).unwrap_or((0, Value::Null))
}

/// The same, acknowledged.
pub fn post(server: &Server, key: &str, writer: u64, number: u64) -> Receipt {
    let (status, json) = try_post(server, key, writer, number);
    assert_eq!(status, 201, "{json}");
    (
        json["position"].as_u64().unwrap(),
        json["entry_hash"].to_string(),
    )
}

#[test]
fn what_the_server_acknowledged_survives_kill_9_once_and_in_order() {
    let (seed, rounds) = (seed(), rounds(ROUNDS));
    let folder = Folder::begin_in(scratch());
    let key = folder.key(&["records:write", "subjects:write"]);
    let mut writers: Vec<_> = (0..WRITERS).map(Writer::new).collect();
    for round in 0..rounds {
        let mut dice = Dice::new(seed, 5_000 + round);
        let server = Server::start_alone(&folder.data(), &[]);
        let (state, begun) = (Round::default(), Instant::now());
        std::thread::scope(|scope| {
            let threads: Vec<_> = writers
                .iter_mut()
                .map(|writer| scope.spawn(|| writer.work(&server.base, &key, &state)))
                .collect();
            let enough = 20 + dice.below(180);
            while state.receipts.load(Ordering::SeqCst) < enough && begun.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(Duration::from_micros(dice.below(20_000)));
            kill(&server);
            state.is_over.store(true, Ordering::SeqCst);
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
        });
        let count: usize = writers.iter().map(|writer| writer.receipts.len()).sum();
        println!("round {round}: {count} receipts so far");
    }
    // Once more, for what was under way at the last kill.
    let server = Server::start_alone(&folder.data(), &[]);
    let state = Round::default();
    std::thread::scope(|scope| {
        for writer in &mut writers {
            scope.spawn(|| writer.work(&server.base, &key, &state));
        }
        std::thread::sleep(Duration::from_secs(2));
        state.is_over.store(true, Ordering::SeqCst);
    });
    drop(server);
    folder.check_log();
    check_once_and_in_order(&folder, &writers);
}

/// kill −9.
pub fn kill(server: &Server) {
    let id = server.id().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-KILL", &id])
        .status();
    assert!(killed.unwrap().success());
}

/// Each command has one unit in the log, and each receipt names the end of another one.
fn check_once_and_in_order(folder: &Folder, writers: &[Writer]) {
    let mut positions = BTreeSet::new();
    for writer in writers {
        let in_order: Vec<_> = writer
            .receipts
            .values()
            .map(|(position, _)| *position)
            .collect();
        assert!(
            in_order.is_sorted_by(|a, b| a < b),
            "writer {}: {in_order:?}",
            writer.number
        );
        positions.extend(in_order);
    }
    let receipts: usize = writers.iter().map(|writer| writer.receipts.len()).sum();
    assert_eq!(positions.len(), receipts, "two receipts for one entry");
    let data = DataFolder::at(folder.data().as_ref());
    let clock = crate::ledger::Home::new().clock;
    let ledger = Ledger::open(&data, &OpenOptions::default(), clock).unwrap();
    let mut units: BTreeMap<[u8; 16], u64> = BTreeMap::new();
    for position in 0..ledger.reader.head().next.0 {
        let frame = ledger.frame(Position(position)).unwrap().unwrap();
        if frame.header.actor_kind == ActorKind::AccessKey as u16 && frame.header.unit_index == 0 {
            *units.entry(frame.header.command.0).or_default() += 1;
        }
    }
    let twice = units.values().filter(|count| **count > 1).count();
    assert_eq!(twice, 0, "commands recorded twice");
    // A command whose answer was lost and that nobody asked for again may be there as well; none may be missing.
    assert!(
        units.len() >= receipts,
        "{} commands for {receipts} receipts",
        units.len()
    );
    println!("{receipts} receipts, {} commands, each once", units.len());
}
