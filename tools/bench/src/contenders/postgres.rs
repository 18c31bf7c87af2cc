//! PostgreSQL with a hash-chained audit table, on a data folder and socket of its own.
//!
//! Two ways to write: one transaction a group, as a writer of ours would, and one transaction an event from many
//! connections, as an application would. Both move the one head row and insert with the chain; the commit is synchronous.

use super::Contender;
use crate::lab::{Run, rate};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Statement};

/// Where Debian puts the programs of version 15.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
const USER: &str = "postgres";
const SCHEMA: &str = "
    CREATE TABLE log_head (id smallint PRIMARY KEY CHECK (id = 1), seq bigint NOT NULL, chain bytea NOT NULL);
    INSERT INTO log_head VALUES (1, 0, sha256(''));
    CREATE TABLE audit (seq bigint PRIMARY KEY, body bytea NOT NULL, chain bytea NOT NULL);
    CREATE FUNCTION append_group(bodies bytea[]) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE at bigint; link bytea; body bytea;
    BEGIN
        SELECT seq, chain INTO at, link FROM log_head WHERE id = 1 FOR UPDATE;
        FOREACH body IN ARRAY bodies LOOP
            link := sha256(link || body);
            INSERT INTO audit VALUES (at, body, link);
            at := at + 1;
        END LOOP;
        UPDATE log_head SET seq = at, chain = link WHERE id = 1;
        RETURN at;
    END $$;";
/// The chain is computed by the client, as a writer of ours would: the database only keeps it.
const APPEND: &str = "
    WITH moved AS (
        UPDATE log_head SET seq = $1 + cardinality($2::bytea[]), chain = ($3::bytea[])[cardinality($3::bytea[])]
        WHERE id = 1 AND seq = $1 RETURNING seq)
    INSERT INTO audit SELECT $1 + place - 1, body, link
    FROM moved, unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS rows (body, link, place)";
const APPEND_ONE: &str = "SELECT append_group(ARRAY[$1::bytea])";
/// Bytes of an entry hash: the last of a frame (format §3.2).
const HASH_BYTES: usize = 32;

/// Whether it is installed here.
pub fn is_installed() -> bool {
    Path::new(PROGRAMS).join("postgres").is_file()
}

/// A running database, gone with its folder when dropped.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    folder: PathBuf,
    runtime: Runtime,
    client: Option<(Client, Statement)>,
    /// Next place in the log.
    next: i64,
}

/// A command as the database's own user: it refuses to run as root.
fn as_postgres(program: &str, folder: &Path) -> Command {
    let path = Path::new(PROGRAMS).join(program);
    let is_root = rustix::process::geteuid().is_root();
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args([OsStr::new("-u"), OsStr::new(USER), OsStr::new("--")]);
        command.arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir(folder);
    command
}

impl Postgres {
    /// Makes a database in `folder`, starts it and lays out the table.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start(folder: &Path) -> Run<Self> {
        std::fs::create_dir_all(folder)?;
        if rustix::process::geteuid().is_root() {
            let owner = format!("{USER}:{USER}");
            let given = Command::new("chown").arg(owner).arg(folder).status()?;
            if !given.success() {
                return Err("the folder cannot be given to the database's user".into());
            }
        }
        let data = folder.join("data");
        let made = as_postgres("initdb", folder)
            .args(["--no-sync", "--auth=trust", "--username", USER, "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()?;
        if !made.success() {
            return Err("initdb failed".into());
        }
        let child = as_postgres("postgres", folder)
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c", "synchronous_commit=on"])
            .args(["-c", "fsync=on", "-c", "wal_sync_method=fdatasync"])
            .args(["-c", "shared_buffers=512MB", "-c", "max_connections=100"])
            .args(["-c", "max_wal_size=4GB", "-c", "wal_compression=off"])
            .arg("-k")
            .arg(folder)
            .stderr(Stdio::null())
            .spawn()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut postgres = Self {
            child,
            folder: folder.to_owned(),
            runtime,
            client: None,
            next: 0,
        };
        let client = postgres.connect_when_up()?;
        postgres.runtime.block_on(client.batch_execute(SCHEMA))?;
        let append = postgres.runtime.block_on(client.prepare(APPEND))?;
        postgres.client = Some((client, append));
        Ok(postgres)
    }

    fn connect_when_up(&self) -> Run<Client> {
        let began = Instant::now();
        loop {
            match self.runtime.block_on(connect(&self.folder)) {
                Ok(client) => return Ok(client),
                Err(error) if began.elapsed() > Duration::from_secs(20) => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Events a second, each in a transaction of its own, from that many connections.
    ///
    /// # Errors
    /// What the database says.
    pub fn clients(
        &mut self,
        count: usize,
        frames: &Arc<Vec<Vec<u8>>>,
        length: Duration,
    ) -> Run<f64> {
        let folder = self.folder.clone();
        let done = self.runtime.block_on(async {
            let mut connected = Vec::new();
            for _ in 0..count {
                let client = connect(&folder).await?;
                let append = client.prepare(APPEND_ONE).await?;
                connected.push((client, append));
            }
            let began = Instant::now();
            let mut work = tokio::task::JoinSet::new();
            for (place, (client, append)) in connected.into_iter().enumerate() {
                let frames = frames.clone();
                work.spawn(async move {
                    let mut done = 0;
                    let mut mine = frames.iter().cycle().skip(place);
                    while began.elapsed() < length {
                        let Some(frame) = mine.next() else { break };
                        client.query_one(&append, &[frame]).await?;
                        done += 1;
                    }
                    Ok::<u64, tokio_postgres::Error>(done)
                });
            }
            let mut done = 0;
            while let Some(count) = work.join_next().await {
                done += count??;
            }
            Run::Ok(rate(done, began.elapsed()))
        })?;
        // The group writer has to know where the log stands.
        let (client, _) = self.client.as_ref().ok_or("not connected")?;
        let row = client.query_one("SELECT seq FROM log_head WHERE id = 1", &[]);
        self.next = self.runtime.block_on(row)?.get(0);
        Ok(done)
    }
}

async fn connect(folder: &Path) -> Run<Client> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(folder).user(USER).dbname("postgres");
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        // Its end is the client's end, who says why.
        let _ = connection.await;
    });
    Ok(client)
}

impl Contender for Postgres {
    fn name(&self) -> &'static str {
        "PostgreSQL 15"
    }

    fn commit(&mut self, _first: u64, frames: &[Vec<u8>]) -> Run<()> {
        let (client, append) = self.client.as_ref().ok_or("not connected")?;
        let chain: Vec<&[u8]> = frames
            .iter()
            .map(|frame| &frame[frame.len().saturating_sub(HASH_BYTES)..])
            .collect();
        let written = self
            .runtime
            .block_on(client.execute(append, &[&self.next, &frames, &chain]))?;
        self.next += i64::try_from(frames.len())?;
        if written == frames.len() as u64 {
            Ok(())
        } else {
            Err("the head had moved".into())
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.client = None;
        // SIGINT: stop at once and in order. Through the same user, because the process is that user's.
        let pid = std::fs::read_to_string(self.folder.join("data/postmaster.pid"));
        if let Some(pid) = pid.as_deref().ok().and_then(|text| text.lines().next()) {
            let _ = Command::new("kill").args(["-INT", pid]).status();
        }
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
