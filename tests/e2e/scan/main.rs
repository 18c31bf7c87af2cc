//! No identity number and no name of a person lies in clear in data folder, export or log output; without sealing the
//! same scanner finds every one of them.

mod scanner;
mod world;

use probity_log::Opener;
use probity_store::{Head, JournalOptions, JournalStore, LogStore, SEGMENT_BYTES_MIN};
use probity_tests::{Folder, Server, fixture, probity};
use probity_types::{LogId, Position};
use scanner::{NAME_CHARACTERS_MIN, Scanner};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use world::{Person, person};

/// Runs the program with its whole log, everything it says kept in a file; its exit code.
fn run_logging(log: &Path, arguments: &[&str]) -> i32 {
    let file = File::create(log).expect("a file");
    let status = Command::new(probity())
        .args(arguments)
        .env("RUST_LOG", "trace")
        .stdout(file.try_clone().expect("one file"))
        .stderr(file)
        .status();
    let code = status.expect("the program starts").code();
    code.expect("it ends by itself")
}

fn claim(person: &Person) -> Value {
    json!({
        "kind": "natural_person", "name": person.name,
        "identifiers": [{"kind": "citizen_id", "value": person.number}],
    })
}

fn penalty(subject: Value, number: &str, facts: &str) -> Value {
    json!({
        "subject": subject, "role": "party", "subcategory": "CF006",
        "authority": "克拉玛依市市场监督管理局", "source_unit": "克拉玛依市市场监督管理局",
        "fields": {
            "document_no": number, "violation_type": "销售不合格食品", "facts": facts,
            "grounds": "食品安全法第一百二十四条", "penalty_kinds": ["P2-02", "P2-06"], "content": "罚款并暂扣许可证",
            "procedure": "ordinary", "decision_date": "2026-09-01", "penalty_valid_to": "2027-09-01",
            "publication_end_reported": "2027-09-01", "fine": {"yuan": "60000.00"},
            "licence_affected": "食品经营许可证 JY16502000000001", "conduct_date": "2026-08-20",
        },
    })
}

/// Everything that clients do with persons, and everything they do wrong.
fn use_interface(server: &Server, key: &str, city: &BTreeSet<String>) {
    let somebody = person(1);
    server
        .post(key, "s1", "/v1/subjects", &claim(&somebody))
        .expect(201);
    let facts = format!("当事人{}在店内销售不合格食品", somebody.name);
    let reported = server.post(
        key,
        "r1",
        "/v1/records",
        &penalty(claim(&somebody), "克市监罚〔2026〕1号", &facts),
    );
    let member = |name: &str| {
        reported.expect(201)[name]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let (record, subject) = (member("record"), member("subject"));
    let read = server.get_for(key, &format!("/v1/records/{record}"));
    read.expect(200);
    let correction = json!({
        "action": "correct", "scope": "record", "reason": "source_correction",
        "changes": {"facts": format!("{facts}，经责令改正")}, "authority": "克拉玛依市市场监督管理局",
        "instrument_no": "克市监更〔2026〕1号", "legal_basis": "政府信息公开条例第四十一条",
    });
    let path = format!("/v1/records/{record}/compensations");
    server
        .change(key, "c1", Some(read.header("etag")), &path, &correction)
        .expect(201);
    for path in ["", "/status", "/timeline", "/records"] {
        let path = format!("/v1/subjects/{subject}{path}");
        assert_eq!(server.get_for(key, &path).status, 200, "{path}");
    }
    let by_number = json!({"identifier": {"kind": "citizen_id", "value": somebody.number}});
    server.post(key, "", "/v1/subjects/search", &by_number);
    for certificate in city.iter().filter(|text| text.starts_with("演示")) {
        let asked = json!({"name": somebody.name, "certificate_no": certificate});
        server.post(key, "", "/v1/practitioners/lookup", &asked);
    }

    let mut wrong = penalty(claim(&person(2)), "克市监罚〔2026〕2号", &facts);
    wrong["subject"]["identifiers"][0]["value"] = json!([person(2).number]);
    assert_eq!(server.post(key, "w1", "/v1/records", &wrong).status, 400);
    let mut wrong = penalty(claim(&person(3)), "克市监罚〔2026〕3号", &facts);
    wrong["subject"]["identifiers"][0]["value"] =
        json!(person(3).number.replacen("6502", "6503", 1));
    assert_eq!(server.post(key, "w2", "/v1/records", &wrong).status, 422);
    let (number, name) = (&person(4).number, &person(4).name);
    for path in [
        format!("/v1/subjects?q={number}"),
        format!("/v1/subjects/{number}"),
        format!("/{number}"),
        format!("/v1/subjects?q={}", in_address(name)),
    ] {
        server.get(&path);
    }
    server.send(
        "POST",
        "/v1/subjects/search",
        &[("Authorization", number), ("Probity-Basis", number)],
        number.as_bytes(),
    );
}

fn in_address(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02X}");
        out
    })
}

/// Persons who come in by file: right ones, a name alone, and one whose number does not hold.
fn honours() -> String {
    let mut text = "获奖者类别,获奖者名称,公民身份号码,荣誉名称,荣誉级别,表彰文件号,认定机关,认定日期,本人同意记录\n".to_owned();
    for n in 10..30 {
        let Person { name, number } = person(n);
        let number = match n {
            28 => String::new(),
            29 => number.replacen("6502", "6503", 1),
            _ => number,
        };
        let _ = writeln!(
            text,
            "自然人,{name},{number},诚信市民,市级,虚政发〔2018〕{n}号,虚构市人民政府,2018-03-05,是"
        );
    }
    text
}

/// A store of the product's kind that holds every entry without any sealing.
fn store_unsealed(folder: &Path, entries: &[Vec<u8>]) {
    let options = JournalOptions::with_segments_of(SEGMENT_BYTES_MIN);
    let mut store = JournalStore::create(folder, LogId([1; 16]), options).expect("a store");
    for frames in entries.chunks(256) {
        let before = store.head();
        let after = Head {
            next: Position(before.next.0 + frames.len() as u64),
            entry_hash: [1; 32],
        };
        store.append(before, frames, after).expect("is appended");
    }
    Box::new(store).close().expect("closes");
}

#[test]
fn nothing_personal_lies_in_clear_and_without_sealing_all_of_it_would() {
    let folder = Folder::begin();
    let data = folder.data();
    let logs = folder.beside("logs");
    let inputs = folder.beside("inputs");
    for path in [&logs, &inputs] {
        std::fs::create_dir(path).expect("a folder");
    }
    let log = |name: &str| Path::new(&logs).join(name);
    let key = folder.key(&[
        "subjects:write",
        "records:write",
        "lists:write",
        "persons:read",
        "audit:read",
        "feed:read",
    ]);

    let mut given = {
        let ledger = world::open(&data);
        let given = world::fill(&ledger);
        ledger.close();
        given
    };
    given.retain(|text| text.chars().count() >= NAME_CHARACTERS_MIN);
    let file = Path::new(&inputs).join("honours.csv");
    std::fs::write(&file, honours()).expect("written");
    let file = file.display().to_string();
    {
        let log_file = File::create(log("server")).expect("a file");
        let server = Server::start_logging(&data, &[], "trace", Stdio::from(log_file));
        use_interface(&server, &key, &given);
        let metrics = server.get("/metrics").text;
        std::fs::write(log("metrics"), metrics).expect("written");
        let import = ["import", &file, "--server", &server.base, "--key", &key];
        assert_eq!(run_logging(&log("remote-refused"), &import), 1);
        let import = [&import[..], &["--accept-good-rows"]].concat();
        assert_eq!(run_logging(&log("remote"), &import), 0);
    }
    for name in [
        "penalties-2018.gbk.csv",
        "honours.xlsx",
        "arrears-heating.xls",
    ] {
        let file = fixture(name);
        let import = ["import", &file, "--data", &data, "--accept-good-rows"];
        assert_eq!(run_logging(&log(name), &import), 0, "{name}");
        run_logging(
            &log(&format!("{name}-json")),
            &[&import[..], &["--json"]].concat(),
        );
    }
    let export = folder.beside("export");
    for (name, arguments) in [
        ("verify", vec!["verify", "--data", &data]),
        ("rebuild", vec!["rebuild", "--data", &data]),
        ("export", vec!["export", "--data", &data, "--out", &export]),
        ("keys", vec!["keys", "list", "--data", &data]),
    ] {
        assert_eq!(run_logging(&log(name), &arguments), 0, "{name}");
    }

    given.extend(
        (1..=4)
            .chain(10..30)
            .flat_map(|n| [person(n).name, person(n).number]),
    );
    let (personal, stored, bare) = read_back(&data);
    let mut all = personal.clone();
    all.extend(given.iter().cloned());
    assert!(all.len() > 150, "{}", all.len());
    let scanner = Scanner::new(&all);
    let none = BTreeSet::new();
    for (what, found) in [
        ("data folder", scanner.look_under(Path::new(&data))),
        ("export", scanner.look_under(Path::new(&export))),
        ("log output", scanner.look_under(Path::new(&logs))),
        ("stored entries", scanner.look(&stored.concat())),
    ] {
        assert_eq!(found, none, "{what}");
    }
    let secret = BTreeSet::from([key.rsplit('_').next().expect("a secret").to_owned()]);
    let secret = Scanner::new(&secret);
    for path in [&data, &export, &logs] {
        assert_eq!(
            secret.look_under(Path::new(path)),
            none,
            "{path}: a key's secret"
        );
    }

    // What is open is found in the same places: the scanner sees what lies there.
    let open_texts = BTreeSet::from(["克拉玛依市演示".to_owned()]);
    let open_scanner = Scanner::new(&open_texts);
    for path in [&data, &export] {
        let found = open_scanner.look_under(Path::new(path));
        assert_eq!(found.len(), 1, "{path}: names of organisations are open");
    }
    for name in ["server", "remote", "verify"] {
        let said = std::fs::read_to_string(log(name)).expect("a text");
        assert!(said.contains("TRACE"), "{name}: the log tells everything");
    }

    // The same scanner with sealing switched off: everything that is stored, and everything that came in by file.
    let open = folder.beside("unsealed");
    store_unsealed(Path::new(&open), &bare);
    let found = scanner.look_under(Path::new(&open));
    let missing: Vec<_> = personal
        .iter()
        .filter(|text| !found.contains(text.as_str()))
        .collect();
    assert_eq!(
        missing,
        Vec::<&String>::new(),
        "all that is stored is found"
    );
    assert!(
        personal.len() > 120 && personal.is_subset(&all),
        "{}",
        personal.len()
    );
    let stored_persons = given.iter().filter(|text| personal.contains(*text)).count();
    assert!(
        stored_persons > 120,
        "those given were stored: {stored_persons}"
    );
    let found = scanner.look_under(Path::new(&inputs));
    assert!(
        found.contains(person(28).name.as_str()) && found.len() >= 38,
        "{found:?}"
    );
    assert!(scanner.texts().len() >= found.len());
}

/// Every personal text of the log as its keys open it, the entries as stored, and the entries without any sealing.
fn read_back(data: &str) -> (BTreeSet<String>, Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let ledger = world::open(data);
    let (mut personal, mut stored, mut bare) = (BTreeSet::new(), Vec::new(), Vec::new());
    let walked = probity_log::walk(&*ledger.reader, &ledger.opener, |entries| {
        for entry in entries {
            personal.extend(world::personal(entry));
            bare.push(world::unsealed(entry));
        }
    });
    walked.expect("the log holds");
    for position in 0..ledger.reader.head().next.0 {
        let bytes = ledger.reader.entry(Position(position)).expect("reads");
        stored.push(bytes.expect("is there").to_vec());
    }
    assert!(Opener::has_keys(&ledger.opener));
    ledger.close();
    (personal, stored, bare)
}
