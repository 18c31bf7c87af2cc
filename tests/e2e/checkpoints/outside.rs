//! Rewound folders and servers on copied folders, each with an anchor, with witnesses, and with neither.

use probity_tests::tools::{Witness, check, register, said, until};
use probity_tests::{Folder, Server, run};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// A server with what stands outside its folder.
fn serve(data: &str, outside: &[&str]) -> Server {
    Server::start(data, outside)
}

fn check_of(server: &Server, name: &str) -> Value {
    let ready = server.get("/readyz").json;
    let checks = ready["checks"].as_array().expect("checks").iter();
    let mut named = checks.filter(|check| check["name"] == name);
    named.next().expect("a check of that name").clone()
}

fn english(server: &Server, name: &str) -> String {
    let check = check_of(server, name);
    check["detail"]["en"].as_str().expect("a text").to_owned()
}

/// Waits until the last checkpoint covers the head.
fn published(server: &Server) -> String {
    until("a checkpoint of the head", || {
        let note = server.get("/log/checkpoint").text;
        let size = note.lines().nth(1).and_then(|line| line.parse().ok());
        size == Some(server.position() + 1)
    });
    server.get("/log/checkpoint").text
}

fn copy(from: &str, to: &str) {
    let copied = Command::new("cp").args(["-a", from, to]).status();
    assert!(copied.expect("cp starts").success());
}

fn put_back(copied: &str, data: &str) {
    std::fs::remove_dir_all(data).expect("removed");
    copy(copied, data);
}

fn vkey(server: &Server) -> String {
    server.get("/log/vkey").text.trim().to_owned()
}

/// Signing has stopped for good, and what is published, if anything, is no larger than `most`.
fn stopped(server: &Server, why: &[&str]) {
    until("signing stops", || {
        check_of(server, "checkpoints")["passes"] == false
    });
    let said = english(server, "checkpoints");
    for part in why {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(server.get("/readyz").json["light"], "yellow");
    server.get("/log/checkpoint").problem(503, "no-checkpoint");
}

#[test]
fn with_neither_anchor_nor_witness_a_rewound_folder_is_not_detectable_and_that_is_said() {
    let folder = Folder::begin();
    let key = folder.key(&["subjects:write"]);
    let old = folder.beside("old");
    copy(&folder.data(), &old);
    let kept = {
        let server = serve(&folder.data(), &[]);
        register(&server, &key, 1).expect(201);
        let note = published(&server);
        let path = folder.beside("kept");
        std::fs::write(&path, note).expect("written");
        path
    };
    put_back(&old, &folder.data());
    let server = serve(&folder.data(), &[]);
    register(&server, &key, 2).expect(201);
    published(&server);
    assert!(english(&server, "rewinding").contains("cannot be detected"));
    // Whoever kept a checkpoint still notices.
    let checked = check(&server.base, &vkey(&server), &["-old", &kept]);
    assert!(!checked.status.success(), "{}", said(&checked));
}

#[test]
fn an_anchor_notices_a_rewound_folder_and_a_second_server_on_a_copy() {
    let folder = Folder::begin();
    let key = folder.key(&["subjects:write"]);
    let anchor = folder.beside("anchor");
    let outside = ["--anchor", anchor.as_str()];
    let old = folder.beside("old");
    {
        let server = serve(&folder.data(), &outside);
        published(&server);
    }
    copy(&folder.data(), &old);
    {
        let server = serve(&folder.data(), &outside);
        register(&server, &key, 1).expect(201);
        published(&server);
        // A second server on the copy: it may go on only where it goes the same way.
        let second = serve(&old, &outside);
        register(&second, &key, 2).expect(201);
        register(&second, &key, 3).expect(201);
        stopped(&second, &["anchor", "rewound, or another server"]);
        register(&server, &key, 4).expect(201);
        published(&server);
        assert_eq!(check_of(&server, "checkpoints")["passes"], true);
    }
    let rewound = folder.beside("rewound");
    copy(&old, &rewound);
    {
        let server = serve(&rewound, &outside);
        stopped(&server, &["anchor", "restore the newest backup"]);
    }
    // An anchor that is gone is no beginning, unless somebody says so.
    std::fs::remove_file(&anchor).expect("removed");
    {
        let server = serve(&folder.data(), &outside);
        stopped(&server, &["is gone", "--new-anchor"]);
    }
    let server = serve(&folder.data(), &["--anchor", &anchor, "--new-anchor"]);
    published(&server);
    assert!(Path::new(&anchor).is_file());
}

fn policy(folder: &Folder, quorum: u32, witnesses: &[(&str, &Witness)]) -> String {
    let mut text: String = witnesses.iter().map(|(name, one)| one.line(name)).collect();
    let names: Vec<&str> = witnesses.iter().map(|(name, _)| *name).collect();
    text += &format!("group enough {quorum} {}\nquorum enough\n", names.join(" "));
    let path = folder.beside("policy");
    std::fs::write(&path, text).expect("written");
    path
}

#[test]
fn witnesses_cosign_notice_a_rewound_folder_and_a_fork_and_leave_evidence() {
    let folder = Folder::begin();
    let key = folder.key(&["subjects:write"]);
    let log = {
        let server = serve(&folder.data(), &[]);
        vkey(&server)
    };
    let mut first = Witness::start("one.example", "probity.invalid/log", &log);
    let second = Witness::start("two.example", "probity.invalid/log", &log);
    let path = policy(&folder, 2, &[("one", &first), ("two", &second)]);
    let outside = ["--witnesses", path.as_str()];
    let old = folder.beside("old");
    {
        let server = serve(&folder.data(), &outside);
        published(&server);
    }
    copy(&folder.data(), &old);
    {
        let server = serve(&folder.data(), &outside);
        register(&server, &key, 1).expect(201);
        published(&server);
        let keys = ["-witness", &first.vkey, "-witness", &second.vkey];
        let checked = check(
            &server.base,
            &log,
            &[&keys[..], &["-quorum", "2", "-all"]].concat(),
        );
        assert!(checked.status.success(), "{}", said(&checked));
        assert!(english(&server, "rewinding").contains("witnesses remember"));
        // One of them away: published all the same, and said.
        first.stop();
        register(&server, &key, 2).expect(201);
        published(&server);
        until("too few witnesses", || {
            check_of(&server, "witnesses")["passes"] == false
        });
        let ready = server.get("/readyz").json;
        assert_eq!(
            (&ready["light"], &ready["is_ready"]),
            (&json!("yellow"), &json!(true))
        );
        first.listen();
        until("enough again", || {
            register(&server, &key, 3);
            check_of(&server, "witnesses")["passes"] == true
        });
    }
    {
        let server = serve(&old, &outside);
        stopped(&server, &["witness", "the folder was rewound"]);
    }
    // The copy grows past what the witnesses saw, before it meets them: its history is another one.
    let fork = folder.beside("fork");
    copy(&old, &fork);
    {
        let seen = serve(&folder.data(), &[]).position();
        let alone = serve(&fork, &[]);
        while alone.position() <= seen {
            let number = alone.position() + 100;
            register(&alone, &key, number).expect(201);
        }
        published(&alone);
    }
    let server = serve(&fork, &outside);
    stopped(&server, &["does not lead to this tree"]);
}

/// Somebody at a witness's address who answers 422 to everything.
fn liar() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 65_536];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(
                b"HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            );
        }
    });
    format!("http://{address}")
}

#[test]
fn one_witness_against_a_quorum_of_others_stops_nobody_without_evidence() {
    let folder = Folder::begin();
    let key = folder.key(&["subjects:write"]);
    let log = {
        let server = serve(&folder.data(), &[]);
        vkey(&server)
    };
    let names = ["one", "two", "three"];
    let all = names.map(|name| Witness::start(name, "probity.invalid/log", &log));
    let named: Vec<(&str, &Witness)> = names.into_iter().zip(&all).collect();
    let path = policy(&folder, 2, &named);
    let text = std::fs::read_to_string(&path).expect("written");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let address = lines[2].rsplit(' ').next().expect("an address").to_owned();
    lines[2] = lines[2].replace(&address, &liar());
    std::fs::write(&path, lines.join("\n") + "\n").expect("written");
    let server = serve(&folder.data(), &["--witnesses", path.as_str()]);
    published(&server);
    register(&server, &key, 1).expect(201);
    let note = published(&server);
    let cosigned = names[..2]
        .iter()
        .all(|name| note.contains(&format!("\u{2014} {name} ")));
    assert!(cosigned, "{note}");
    assert_eq!(check_of(&server, "checkpoints")["passes"], true);
}

#[test]
fn an_anchor_inside_the_data_folder_is_refused() {
    let folder = Folder::begin();
    let inside = format!("{}/anchor", folder.data());
    let link = folder.beside("link");
    std::os::unix::fs::symlink(folder.data(), &link).expect("made");
    for anchor in [inside, format!("{link}/anchor")] {
        let refused = run(&["checkpoint", "--data", &folder.data(), "--anchor", &anchor]);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        assert!(
            said(&refused).contains("lies in the data folder"),
            "{}",
            said(&refused)
        );
    }
    let alone = run(&["checkpoint", "--data", &folder.data()]);
    assert_eq!(alone.status.code(), Some(0), "{}", said(&alone));
    assert!(
        said(&alone).contains("cannot be detected"),
        "{}",
        said(&alone)
    );
}

#[test]
fn without_a_quorum_writes_stop_where_the_operator_wants_it_so() {
    let folder = Folder::begin();
    let log = {
        let server = serve(&folder.data(), &[]);
        vkey(&server)
    };
    let key = folder.key(&["subjects:write"]);
    let mut witness = Witness::start("one.example", "probity.invalid/log", &log);
    let path = policy(&folder, 1, &[("one", &witness)]);
    let stop = [
        "--witnesses",
        &path,
        "--without-quorum",
        "stop",
        "--quorum-minutes",
        "1",
    ];
    let server = serve(&folder.data(), &stop);
    published(&server);
    witness.stop();
    register(&server, &key, 1).expect(201);
    std::thread::sleep(std::time::Duration::from_secs(45));
    register(&server, &key, 2).expect(201);
    let mut number = 3;
    until("writes are refused", || {
        number += 1;
        register(&server, &key, number).status == 503
    });
    register(&server, &key, 99).problem(503, "unwitnessed");
    assert_eq!(server.get("/readyz").json["light"], "red");
}
