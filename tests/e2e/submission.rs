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
        let inner = OrganisationCode::with_check(&format!("YYYY{:04}", number % 500)).unwrap();
        let code = CreditCode::from_parts("91650203", inner).unwrap();
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
    assert!(killed.unwrap().success());
}

/// Sends the approval and kills the server once so many entries came.
fn approve_and_kill(server: &Server, key: &str, path: &str, enough: u64) {
    let before = server.position();
    let base = server.base.clone();
    let (key, path) = (key.to_owned(), path.to_owned());
    std::thread::spawn(move || {
        // The answer never comes.
        let _ = ureq::post(format!("{base}{path}"))
            .header("Authorization", format!("Bearer {key}"))
            .header("Idempotency-Key", "approve")
            .header("Content-Type", "application/json")
            .send(json!({"decision": "approve"}).to_string());
    });
    let begun = Instant::now();
    while server.position() < before + enough && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
    kill(server);
}

#[test]
fn an_approved_file_is_finished_after_kill_9_without_doubles() {
    let folder = Folder::begin();
    let (clerk, reviewer) = (
        key(&folder, "甲", "records:submit"),
        key(&folder, "乙", "records:review"),
    );
    let server = Server::start_alone(&folder.data(), &[]);
    let sent = send(
        &server,
        &clerk,
        "file",
        "/v1/submissions",
        permits().as_bytes(),
    );
    let id = sent.expect(201)["submission"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(sent.json["summary"]["imported"], ROWS);
    let again = send(
        &server,
        &clerk,
        "file",
        "/v1/submissions",
        permits().as_bytes(),
    );
    assert_eq!(again.expect(200)["submission"], id.as_str());
    let own = format!("/v1/submissions/{id}/review");
    send(&server, &clerk, "own", &own, b"{\"decision\":\"approve\"}").problem(403, "forbidden");
    drop(server);

    let path = format!("/v1/submissions/{id}/review");
    for share in KILLS {
        let server = Server::start_alone(&folder.data(), &[]);
        approve_and_kill(&server, &reviewer, &path, u64::from(ROWS) * share / 100);
    }
    let server = Server::start_alone(&folder.data(), &[]);
    let begun = Instant::now();
    let done = loop {
        let read = get(&server, &clerk, &format!("/v1/submissions/{id}"));
        if read.json["completed_at"].is_u64() {
            break read;
        }
        assert!(begun.elapsed() < PATIENCE, "not finished: {}", read.text);
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(done.json["state"]["key"], "approved");
    let retried = send(
        &server,
        &reviewer,
        "approve",
        &path,
        b"{\"decision\":\"approve\"}",
    );
    retried.expect(200);
    let receipt = get(
        &server,
        &clerk,
        &format!("/v1/submissions/{id}/receipt.csv"),
    );
    assert_eq!(receipt.status, 200);
    let rows: Vec<&str> = receipt.text.lines().skip(1).collect();
    assert_eq!(rows.len(), ROWS as usize);
    let (mut records, mut positions) = (BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let cells: Vec<&str> = row.split(',').collect();
        assert!(cells[1].contains("appended"), "{row}");
        records.insert(cells[3]);
        positions.insert(cells[4]);
    }
    assert_eq!(
        (records.len(), positions.len()),
        (rows.len(), rows.len()),
        "each row once"
    );
    let views = get(&server, &reviewer, "/v1/lateness");
    assert_eq!(views.expect(200)["items"][0]["rows"], ROWS);
    drop(server);
    folder.check_log();
}
