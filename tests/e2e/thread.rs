//! One thread through everything: file → log → API → verify → export → independent reader.

use probity_tests::{Folder, fixture, last_json, root, succeed};
use std::process::Command;

#[test]
fn a_permit_file_goes_in_and_everybody_can_check_it() {
    let folder = Folder::begin();
    let (data, file) = (folder.data(), fixture("karamay-licences.xls"));
    let import = |more: &[&str]| {
        let mut arguments = vec!["import", &file, "--data", &data, "--json"];
        arguments.extend(more);
        last_json(&succeed(&arguments))
    };
    let rehearsed = import(&["--rehearse"]);
    let first = import(&[]);
    assert_eq!(
        (first["rows"].as_u64(), first["imported"].as_u64()),
        (Some(115), Some(115))
    );
    assert_eq!(
        rehearsed["imported"], first["imported"],
        "rehearsal equals commit"
    );
    let second = import(&[]);
    assert_eq!(second["already_there"], 115);
    assert_eq!(
        (&second["imported"], &second["position"]),
        (&0.into(), &first["position"]),
        "a second import appends nothing"
    );

    let server = folder.serve();
    // 克拉玛依 stands in many names; the question comes percent-encoded.
    let found = server.get("/v1/subjects?q=%E5%85%8B%E6%8B%89%E7%8E%9B%E4%BE%9D");
    let id = found.expect(200)["items"][0]["id"].clone();
    let id = id.as_str().expect("a hit");
    let stands = server.get(&format!("/v1/subjects/{id}/status"));
    assert_eq!(stands.expect(200)["grade"]["grade"], "unrated");
    assert_eq!(stands.json["records"][0]["count"], 1);
    drop(server);

    let verified = folder.check_log();
    assert_eq!(verified["level"], "opened");
    let out = folder.beside("export");
    succeed(&["export", "--data", &data, "--out", &out]);
    let read = Command::new("python3")
        .arg(root().join("log-format/reader.py"))
        .args([&out, "--quiet"])
        .output()
        .expect("python3 runs");
    let said =
        String::from_utf8_lossy(&read.stdout).into_owned() + &String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{said}");
    let head = verified["entry_hash"].as_str().expect("a hash");
    assert!(
        said.contains(head),
        "two programs agree on the head: {said}"
    );
}
