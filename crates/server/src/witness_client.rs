//! The way to a witness over HTTP (C2SP tlog-witness).

use crate::command::agent;
use probity_log::checkpoint::Transport;
use probity_types::hex;
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::time::Duration;

/// How long a witness may take: longer, and checkpoints would wait for it.
const TIMEOUT: Duration = Duration::from_millis(700);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// See the module.
#[derive(Debug)]
pub struct HttpTransport {
    agent: ureq::Agent,
}

impl HttpTransport {
    /// A client that keeps its connections.
    pub fn new() -> Self {
        Self { agent: agent() }
    }
}

fn read(body: ureq::Body) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    body.into_reader()
        .take(ANSWER_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Transport for HttpTransport {
    fn add_checkpoint(&self, url: &str, body: String) -> io::Result<(u16, Vec<u8>)> {
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let request = self.agent.post(&url).config();
        let answer = request
            .timeout_global(Some(TIMEOUT))
            .build()
            .content_type("text/plain; charset=utf-8")
            .send(body)
            .map_err(io::Error::other)?;
        Ok((answer.status().as_u16(), read(answer.into_body())?))
    }

    fn last_checkpoint(&self, url: &str, origin: &str) -> Option<Vec<u8>> {
        let log = hex(&Sha256::digest(origin.as_bytes()));
        let url = format!("{}/{log}/checkpoint", url.trim_end_matches('/'));
        let request = self.agent.get(&url).config();
        let answer = request.timeout_global(Some(TIMEOUT)).build().call().ok()?;
        answer
            .status()
            .is_success()
            .then(|| read(answer.into_body()).ok())
            .flatten()
    }
}
