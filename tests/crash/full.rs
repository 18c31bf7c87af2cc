//! A disk that fills up, on a small file system in memory.
//!
//! Below a floor of free bytes writes are refused before anything is decided: 507, and `/readyz` says so. What was acknowledged
//! stays readable, the log verifies, and writing goes on once there is room. A disk that is filled to its last byte under a
//! running server, and under one that is killed and started there, costs nothing that was acknowledged.
//!
//! Mounting needs root, which a build machine gives; a refusal fails the test, since skipping it would show nothing.

use crate::kill::{Receipt, kill, post, try_post};
use crate::support::scratch;
use probity_tests::{Folder, Server, run, succeed};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Journal of 3 MiB, floor of 19 MiB, and room above it.
const MIB: u64 = 64;

/// A file system of its own, unmounted with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount() -> Self {
        let place = scratch();
        let size = format!("size={MIB}m");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "probity-full"])
            .arg(place.path());
        let mounted = mount.output().expect("mount runs");
        let said = String::from_utf8_lossy(&mounted.stderr).into_owned();
        assert!(
            mounted.status.success(),
            "this test mounts a small file system and needs root: {said}"
        );
        Self(place)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills it until so many bytes are left.
    fn fill(&self, left: u64) {
        let stat = Command::new("df")
            .args(["-B1", "--output=avail"])
            .arg(self.path())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&stat.stdout).into_owned();
        let free: u64 = text.lines().nth(1).unwrap().trim().parse().unwrap();
        let ballast = std::fs::File::create(self.path().join("ballast")).unwrap();
        let mut zeros = std::io::Read::take(std::io::repeat(0), free.saturating_sub(left));
        // The last bytes may be taken by somebody else meanwhile.
        let _ = std::io::copy(&mut zeros, &mut std::io::BufWriter::new(ballast));
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

struct Stage {
    disk: Disk,
    folder: Folder,
    key: String,
}

impl Stage {
    fn new() -> Self {
        let disk = Disk::mount();
        let folder = Folder::begin_in(tempfile::tempdir_in(disk.path()).unwrap());
        let key = folder.key(&["records:write", "subjects:write"]);
        Self { disk, folder, key }
    }

    fn serve(&self) -> Server {
        Server::start_alone(&self.folder.data(), &[])
    }

    /// Acknowledged writes; each is asked for again later.
    fn write(&self, server: &Server, numbers: std::ops::Range<u64>) -> Vec<Receipt> {
        numbers
            .map(|number| post(server, &self.key, 0, number))
            .collect()
    }
}

#[test]
fn a_nearly_full_disk_refuses_writes_and_loses_none() {
    let stage = Stage::new();
    let server = stage.serve();
    let before = stage.write(&server, 0..30);
    stage.disk.fill(4 << 20);
    let (status, json) = try_post(&server, &stage.key, 0, 30);
    assert_eq!(
        (status, json["code"].as_str()),
        (507, Some("storage-full")),
        "{json}"
    );
    let ready = server.get("/readyz");
    assert_eq!(ready.status, 503, "{}", ready.text);
    assert!(ready.text.contains("nearly full"), "{}", ready.text);
    assert_eq!(server.get("/healthz").status, 200);
    // What was acknowledged is there, and answered as before.
    assert_eq!(stage.write(&server, 0..30), before);
    assert_eq!(
        server.get("/v1/head").expect(200)["position"].as_u64(),
        Some(before.last().unwrap().0)
    );
    stage.disk.make_room();
    let after = stage.write(&server, 30..60);
    assert!(after.first().unwrap().0 > before.last().unwrap().0);
    assert_eq!(server.get("/readyz").status, 200);
    drop(server);
    stage.folder.check_log();
}

#[test]
fn a_disk_filled_to_the_last_byte_costs_nothing_that_was_acknowledged() {
    let stage = Stage::new();
    let server = stage.serve();
    let before = stage.write(&server, 0..200);
    // Sled has not taken all of it yet; now it cannot write another byte.
    stage.disk.fill(0);
    let (status, _) = try_post(&server, &stage.key, 0, 200);
    assert!(status == 507 || status == 0, "{status}");
    std::thread::sleep(Duration::from_millis(400));
    kill(&server);
    drop(server);
    // A start there ends soon, with a reason, or it does what it came for.
    let begun = Instant::now();
    let verified = run(&["verify", "--data", &stage.folder.data()]);
    println!(
        "verify on a full disk: {:?}, {:?}",
        verified.status,
        begun.elapsed()
    );
    assert!(
        verified.status.code().is_some_and(|code| code <= 2),
        "{verified:?}"
    );
    let listed = run(&["keys", "list", "--data", &stage.folder.data()]);
    println!(
        "opened on a full disk: {:?}, {:?}",
        listed.status,
        begun.elapsed()
    );
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(
        listed.status.code().is_some_and(|code| code <= 2),
        "{:?}: {said}",
        listed.status
    );
    assert!(!said.contains("panicked"), "{said}");
    stage.disk.make_room();
    let server = stage.serve();
    assert_eq!(stage.write(&server, 0..200), before);
    stage.write(&server, 200..230);
    drop(server);
    stage.folder.check_log();
}

#[test]
fn a_second_process_on_the_folder_is_refused_by_name() {
    let folder = Folder::begin_in(scratch());
    let server = Server::start_alone(&folder.data(), &[]);
    let position = server.position();
    for arguments in [
        vec!["serve", "--listen", "127.0.0.1:0"],
        vec!["keys", "list"],
        vec!["verify"],
    ] {
        let data = folder.data();
        let mut arguments = arguments;
        arguments.extend(["--data", &data]);
        let refused = run(&arguments);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("in use by another process"),
            "{arguments:?}: {said}"
        );
    }
    assert_eq!(server.position(), position);
    drop(server);
    succeed(&["keys", "list", "--data", &folder.data()]);
    folder.check_log();
}
