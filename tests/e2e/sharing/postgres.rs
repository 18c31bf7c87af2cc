//! A PostgreSQL of its own for a test: in a folder of its own, on a port of its own, gone with the test.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where Debian puts the programs of version 15.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const USER: &str = "postgres";
/// Of a database that is made up and gone in a minute.
const PASSWORD: &str = "only-for-this-test";

/// See the module.
pub struct Postgres {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

/// A program of PostgreSQL as the database's own user: it refuses to run as root.
fn program(name: &str, folder: &Path) -> Command {
    let path = Path::new(PROGRAMS).join(name);
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout == b"0\n");
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir(folder);
    command
}

/// A port that nobody uses at this moment.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Postgres {
    /// Starts it.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("probity-pg")
            .tempdir_in("/tmp")
            .expect("a folder");
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).expect("a password");
        let given = Command::new("chown")
            .args(["-R", USER])
            .arg(folder.path())
            .status();
        assert!(
            given.expect("chown runs").success(),
            "the folder is the database's"
        );
        let made = program("initdb", folder.path())
            .args([
                "--no-sync",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--encoding=UTF8",
            ])
            .args(["--username", USER, "--pgdata", "data", "--pwfile"])
            .arg(&password)
            .stdout(Stdio::null())
            .status();
        assert!(
            made.expect("initdb runs: the Debian package postgresql-15")
                .success(),
            "initdb makes a cluster"
        );
        let port = free_port();
        let child = program("postgres", folder.path())
            .args(["-D", "data", "-c", "listen_addresses=127.0.0.1"])
            // The kills of the test hit the clients, never this machine's power.
            .args(["-c", "fsync=off", "-c", "shared_buffers=32MB"])
            .args(["-p", &port.to_string(), "-k"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let postgres = Self {
            child: child.expect("postgres starts"),
            folder,
            port,
        };
        let began = Instant::now();
        while !postgres.psql("postgres", "SELECT 1").status.success() {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "PostgreSQL comes up"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        postgres
    }

    fn psql(&self, database: &str, text: &str) -> std::process::Output {
        program("psql", self.folder.path())
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                USER,
                "-d",
                database,
            ])
            .args(["-p", &self.port.to_string(), "-h"])
            .arg(self.folder.path())
            .args(["-c", text])
            .output()
            .expect("psql runs")
    }

    /// Runs statements; what they print, a line a row, columns split by `|`.
    pub fn ask(&self, database: &str, text: &str) -> String {
        let output = self.psql(database, text);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// One number.
    pub fn count(&self, database: &str, text: &str) -> u64 {
        let said = self.ask(database, text);
        said.parse().unwrap_or_else(|_| panic!("{text}: {said}"))
    }

    /// Address of a database, with this password.
    pub fn address_with(&self, database: &str, password: &str) -> String {
        format!(
            "postgres://{USER}:{password}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// Address of a database.
    pub fn address(&self, database: &str) -> String {
        self.address_with(database, PASSWORD)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT: stop at once and in order. By its own file, because runuser stands between.
        let pid = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid"));
        if let Some(pid) = pid.as_deref().ok().and_then(|text| text.lines().next()) {
            let _ = Command::new("kill").args(["-INT", pid]).status();
        }
        let _ = self.child.wait();
    }
}
