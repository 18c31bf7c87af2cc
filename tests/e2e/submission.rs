//! kill −9 of the real server while an approved file goes in: the next start finishes it, every row once.

use probity_tests::{Folder, Reply, Server, last_json, succeed};
use probity_types::identifiers::{CreditCode, OrganisationCode};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

const AGENCY: &str = "虚构市市场监督管理局";
const ROWS: u32 = 1_500;
/// Kills at these shares of the file, in percent.
const KILLS: [u64; 3] = [10, 40, 80];
const PATIENCE: Duration = Duration::from_secs(120);

/// Permits of many firms, in the standard of 2018.
fn permits() -> String {
    let head = "XK_XDR_LB,XK_XDR_MC,XK_XDR_SHXYM,XK_XDR_ZZJG,XK_XDR_GSZC,XK_XKWS,XK_WSH,XK_XKLB,XK_NR,XK_JDRQ,XK_YXQZ,XK_YXQZI,XK_XKJG,XK_XKJGDM,XK_ZT,XK_LYDW,XK_LYDWDM\n";
    let row = |number: u32| {
        let inner =
            OrganisationCode::with_check(&format!("YYYY{:04}", number % 500)).expect("digits");
        let code = CreditCode::from_parts("91650203", inner).expect("a code");
        format!(
            "法人及非法人组织,虚构{}商贸有限公司,{code},,,准予登记通知书,虚登〔2018〕{number}号,登记,设立登记,2018-03-05,2018-03-05,2099-12-31,{AGENCY},11650200YYYY000124,1,{AGENCY},11650200YYYY000124\n",
            number % 500
        )
    };
    (0..ROWS)
        .map(row)
        .fold(head.to_owned(), |all, row| all + &row)
}

fn key(folder: &Folder, label: &str, scope: &str) -> String {
    let data = folder.data();
    let said = succeed(&[
        "keys", "issue", "--data", &data, "--label", label, "--agency", AGENCY, "--scope", scope,
        "--json",
    ]);
    let said = last_json(&said);
    said["secret"].as_str().expect("a key").to_owned()
}

fn send(server: &Server, key: &str, name: &str, path: &str, body: &[u8]) -> Reply {
    let bearer = format!("Bearer {key}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", name),
        ("Content-Type", "application/json"),
    ];
    server.send("POST", path, &headers, body)
}

fn get(server: &Server, key: &str, path: &str) -> Reply {
    let bearer = format!("Bearer {key}");
    server.send("GET", path, &[("Authorization", bearer.as_str())], &[])
}

/// kill −9.
fn kill(server: &Server) {
    let id = server.id().to_string();
    let killed = Command::new("kill").args(["-KILL", &id]).status();
    assert!(killed.expect("kill runs").success());
}

/// Last position of the log, as the probe tells it: it is asked often.
fn head(server: &Server) -> u64 {
    let ready = server.get("/readyz");
    ready.json["position"].as_u64().expect("a position")
}

/// Sends the approval and kills the server once so many entries came.
fn approve_and_kill(server: &Server, key: &str, id: &str, enough: u64) {
    let before = head(server);
    let url = format!("{}/v1/submissions/{id}/review", server.base);
    let (key, name) = (key.to_owned(), format!("approve {id}"));
    std::thread::spawn(move || {
        // The answer never comes.
        let _ = ureq::post(url)
            .header("Authorization", format!("Bearer {key}"))
            .header("Idempotency-Key", name)
            .header("Content-Type", "application/json")
            .send(json!({"decision": "approve"}).to_string());
    });
    let begun = Instant::now();
    while head(server) < before + enough && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
    kill(server);
}

/// Approves with a kill at each share of the file, lets the last start finish it; the rows of the receipt.
fn approve_through_kills(
    folder: &Folder,
    (clerk, reviewer): (&str, &str),
    id: &str,
) -> Vec<Vec<String>> {
    for share in KILLS {
        let server = Server::start_alone(&folder.data(), &[]);
        approve_and_kill(&server, reviewer, id, u64::from(ROWS) * share / 100);
    }
    let server = Server::start_alone(&folder.data(), &[]);
    let begun = Instant::now();
    let done = loop {
        let read = get(&server, clerk, &format!("/v1/submissions/{id}"));
        if read.json["completed_at"].is_u64() {
            break read;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "not finished: {} {}",
            read.status,
            read.text
        );
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(done.json["state"]["key"], "approved");
    let (path, name) = (
        format!("/v1/submissions/{id}/review"),
        format!("approve {id}"),
    );
    let body = json!({"decision": "approve"}).to_string();
    send(&server, reviewer, &name, &path, body.as_bytes()).expect(200);
    let receipt = get(&server, clerk, &format!("/v1/submissions/{id}/receipt.csv"));
    assert_eq!(receipt.status, 200);
    let cells = |row: &str| {
        row.split(',')
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    };
    let rows: Vec<Vec<String>> = receipt.text.lines().skip(1).map(cells).collect();
    assert_eq!(rows.len(), ROWS as usize);
    let positions: BTreeSet<&str> = rows.iter().map(|row| row[4].as_str()).collect();
    assert_eq!(positions.len(), rows.len(), "each row once");
    for row in &rows {
        assert!(row[1].contains("appended"), "{row:?}");
    }
    rows
}

fn hand_in(folder: &Folder, clerk: &str, kind: &str, file: &str) -> String {
    let server = Server::start_alone(&folder.data(), &[]);
    let path = format!("/v1/submissions?kind={kind}");
    let sent = send(&server, clerk, kind, &path, file.as_bytes());
    let id = sent.expect(201)["submission"].as_str().expect("an id");
    assert_eq!(sent.json["summary"]["imported"], ROWS);
    let again = send(&server, clerk, kind, &path, file.as_bytes());
    assert_eq!(again.expect(200)["submission"], id, "one submission");
    let own = format!("/v1/submissions/{id}/review");
    send(&server, clerk, "own", &own, b"{\"decision\":\"approve\"}").problem(403, "forbidden");
    id.to_owned()
}

#[test]
fn approved_files_are_finished_after_kill_9_without_doubles() {
    let folder = Folder::begin();
    let clerk = key(&folder, "甲", "records:submit");
    let reviewer = key(&folder, "乙", "records:review");
    let id = hand_in(&folder, &clerk, "report", &permits());
    let rows = approve_through_kills(&folder, (&clerk, &reviewer), &id);
    let records: BTreeSet<&str> = rows.iter().map(|row| row[3].as_str()).collect();
    assert_eq!(records.len(), rows.len());

    let corrections = records.iter().fold(
        "记录编号,字段,原值,更正为,法律依据\n".to_owned(),
        |all, record| all + &format!("{record},content,设立登记,变更登记,行政许可法\n"),
    );
    let id = hand_in(&folder, &clerk, "correction", &corrections);
    let corrected = approve_through_kills(&folder, (&clerk, &reviewer), &id);
    let corrected: BTreeSet<&str> = corrected.iter().map(|row| row[3].as_str()).collect();
    assert_eq!(corrected, records);

    let server = Server::start_alone(&folder.data(), &[]);
    let late = get(&server, &reviewer, "/v1/lateness");
    assert_eq!(late.expect(200)["items"][0]["rows"], ROWS);
    drop(server);
    folder.check_log();
}
