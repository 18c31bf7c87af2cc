//! The command line: files in, locally and over a server; keys; rebuild. Exit codes are a contract.

use probity_tests::{Folder, fixture, last_json, run, succeed};
use serde_json::Value;
use std::process::Output;

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn counts(summary: &Value) -> [u64; 5] {
    let count = |name: &str| summary[name].as_u64().expect("a count");
    let all = ["rows", "imported", "refused", "already_there", "parked"].map(count);
    assert_eq!(all[0], all[1..].iter().sum::<u64>(), "{summary}");
    let members: Vec<_> = summary.as_object().expect("an object").keys().collect();
    assert_eq!(members.len(), 6, "six members and no more: {summary}");
    all
}

#[test]
fn a_file_gives_the_same_over_a_server_and_into_a_folder() {
    let file = fixture("penalties-2018.gbk.csv");
    let (here, there) = (Folder::begin(), Folder::begin());
    let data = here.data();
    let key = there.key(&["records:write", "lists:write"]);
    let server = there.serve();
    let base = server.base.clone();
    for (more, expected) in [
        (vec!["--rehearse"], 1),
        (vec!["--rehearse", "--accept-good-rows"], 0),
        (vec![], 1),
        (vec!["--accept-good-rows"], 0),
        (vec!["--accept-good-rows"], 0),
    ] {
        let mut local = vec!["import", &file, "--data", &data, "--json"];
        let mut remote = vec!["import", &file, "--server", &base, "--key", &key, "--json"];
        local.extend(&more);
        remote.extend(&more);
        let (local, remote) = (run(&local), run(&remote));
        assert_eq!(code(&local), expected, "{}", said(&local));
        assert_eq!(code(&remote), expected, "{}", said(&remote));
        let text = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
        let (local, remote) = (text(&local), text(&remote));
        assert_eq!(
            counts(&last_json(&local)),
            counts(&last_json(&remote)),
            "{more:?}"
        );
        // The folder's own lines say more: the header and the value. What both say is the same.
        for (ours, theirs) in local.lines().zip(remote.lines()) {
            let (ours, theirs): (Value, Value) = (
                serde_json::from_str(ours).expect("JSON"),
                serde_json::from_str(theirs).expect("JSON"),
            );
            for (name, value) in theirs.as_object().expect("an object") {
                let is_position = name == "position";
                assert!(
                    is_position || &ours[name] == value,
                    "{name}: {ours} {theirs}"
                );
            }
        }
        assert_eq!(local.lines().count(), remote.lines().count());
    }
    drop(server);
    there.check_log();
    here.check_log();
}

#[test]
fn bad_rows_are_named_by_cell_value_rule_and_remedy() {
    let folder = Folder::begin();
    let output = run(&[
        "import",
        &fixture("penalties-2018.gbk.csv"),
        "--data",
        &folder.data(),
    ]);
    let said = said(&output);
    let line = said.lines().find(|line| line.starts_with("M5 "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    for part in [
        "2018-13-45",
        "date.no_such_day",
        "日历中没有这一天",
        "write it as",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn exit_codes_tell_a_refused_file_from_a_command_that_could_not_run() {
    let folder = Folder::begin();
    let data = folder.data();
    let cells = fixture("cells.xls");
    let refused = run(&["import", &cells, "--data", &data, "--json"]);
    assert_eq!(code(&refused), 1, "no profile fits");
    let text = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(
        counts(&last_json(&text)),
        [0; 5],
        "the summary comes last here too"
    );
    for arguments in [
        vec!["import", "/nowhere/file.csv", "--data", &data],
        vec!["import", &cells, "--data", "/nowhere"],
        vec![
            "import",
            &cells,
            "--server",
            "http://127.0.0.1:1",
            "--key",
            "x",
        ],
        vec!["import", &cells, "--server", "http://127.0.0.1:1"],
        vec!["import", &cells, "--server", "ftp://x", "--key", "x"],
        vec!["rebuild", "--data", "/nowhere"],
        vec!["verify", "--data", "/nowhere"],
        vec!["keys", "revoke", "no-name", "--data", &data],
    ] {
        let output = run(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", said(&output));
        assert!(!output.stderr.is_empty(), "{arguments:?} says why");
    }
    let unknown = "0".repeat(32);
    assert_eq!(
        code(&run(&["keys", "revoke", &unknown, "--data", &data])),
        1
    );
}

#[test]
fn a_server_that_does_not_know_the_key_takes_no_file() {
    let folder = Folder::begin();
    let reader = folder.key(&["persons:read"]);
    let server = folder.serve();
    let before = server.position();
    for key in ["pk_1", &reader] {
        let output = run(&[
            "import",
            &fixture("karamay-licences.xls"),
            "--server",
            &server.base,
            "--key",
            key,
        ]);
        assert_eq!(code(&output), 2, "{}", said(&output));
        assert!(
            !said(&output).contains(key) || key == "pk_1",
            "no key in messages"
        );
    }
    assert_eq!(server.position(), before, "nothing was written");
}

#[test]
fn keys_are_listed_without_secrets_and_open_nothing_once_revoked() {
    let folder = Folder::begin();
    let data = folder.data();
    let key = folder.key(&["records:write"]);
    let (name, secret) = key
        .strip_prefix("pk_")
        .and_then(|rest| rest.split_once('_'))
        .expect("a name and a secret");
    let listed = succeed(&["keys", "list", "--data", &data, "--json"]);
    assert!(
        listed.contains(name) && !listed.contains(secret),
        "{listed}"
    );
    assert_eq!(last_json(&listed)["is_active"], true);

    let file = fixture("karamay-licences.xls");
    {
        let server = folder.serve();
        let arguments = [
            "import",
            &file,
            "--server",
            &server.base,
            "--key",
            &key,
            "--rehearse",
        ];
        assert_eq!(code(&run(&arguments)), 0);
    }
    succeed(&["keys", "revoke", name, "--data", &data]);
    let again = succeed(&["keys", "revoke", name, "--data", &data]);
    assert!(again.contains("was revoked before"), "{again}");
    let listed = last_json(&succeed(&["keys", "list", "--data", &data, "--json"]));
    assert_eq!(listed["is_active"], false);
    assert!(listed["revoked_position"].is_u64(), "{listed}");
    {
        let server = folder.serve();
        let arguments = ["import", &file, "--server", &server.base, "--key", &key];
        let output = run(&arguments);
        assert_eq!(code(&output), 2, "{}", said(&output));
    }
    folder.check_log();
}

#[test]
fn rebuild_takes_derived_files_away_and_says_whether_they_were_right() {
    let folder = Folder::begin();
    let data = folder.data();
    let file = fixture("karamay-licences.xls");
    succeed(&["import", &file, "--data", &data]);
    let verified = folder.check_log();
    let rebuilt = last_json(&succeed(&["rebuild", "--data", &data, "--json"]));
    assert_eq!(rebuilt["compared"], "equal");
    assert_eq!(rebuilt["views_digest"], verified["views_digest"]);

    std::fs::remove_dir_all(format!("{data}/views")).expect("derived files may go");
    let rebuilt = last_json(&succeed(&["rebuild", "--data", &data, "--json"]));
    assert_eq!(rebuilt["compared"], "nothing");

    let digest = format!("{data}/views/digest.json");
    let held = std::fs::read_to_string(&digest).expect("written anew");
    let mut wrong: Value = serde_json::from_str(&held).expect("JSON");
    wrong["digest"] = "0".repeat(64).into();
    std::fs::write(&digest, wrong.to_string()).expect("written");
    assert_eq!(
        code(&run(&["verify", "--data", &data])),
        1,
        "a changed digest is named"
    );
    let output = run(&["rebuild", "--data", &data, "--json"]);
    assert_eq!(code(&output), 1, "{}", said(&output));
    folder.check_log();
}
