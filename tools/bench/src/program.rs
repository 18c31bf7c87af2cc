//! Other processes that a measurement starts: the server as it is delivered, and the bare one beside it.

use crate::lab::Run;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server in a process of its own, stopped when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until it listened.
    pub until_ready: Duration,
}

impl Server {
    fn start(mut command: Command) -> Run<Self> {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let address = loop {
            let Some(line) = lines.next() else {
                let status = child.wait()?;
                return Err(format!("the server did not come up: {status}").into());
            };
            let line = line?;
            let found = line
                .split_whitespace()
                .find_map(|word| word.strip_prefix("http://"));
            if let Some(address) = found {
                break address.parse()?;
            }
        };
        let until_ready = began.elapsed();
        // Whoever stops reading would stop a server that goes on writing.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self {
            child,
            address,
            until_ready,
        })
    }

    /// The server over a data folder.
    ///
    /// # Errors
    /// It does not come up.
    pub fn probity(program: &Path, data: &Path) -> Run<Self> {
        let mut command = Command::new(program);
        command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--publicity",
                "open-organisations",
            ])
            .arg("--data")
            .arg(data)
            .env("RUST_LOG", "warn");
        Self::start(command)
    }

    /// The bare server, which answers every GET with the bytes of that file and every POST with those of the other.
    ///
    /// # Errors
    /// It does not come up.
    pub fn bare(read: &Path, written: &Path) -> Run<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(read).arg(written);
        Self::start(command)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        let _ = self.child.wait();
    }
}
