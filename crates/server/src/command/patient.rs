//! Requests of long-running commands: a server that is busy, restarting or out of reach is asked again for a while, with the
//! same request each time.

use super::Failed;
use super::remote::{agent, base_of, retry_after};
use serde_json::Value;
use std::time::Duration;
use ureq::http::StatusCode;

/// How long one answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// Largest answer that is read: a page of 200 frames with long fields stays below.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Longest wait between two tries where the server names none.
const WAIT_SECONDS_MAX: u64 = 16;

/// A server and the key for it.
#[derive(Clone)]
pub(super) struct Patient {
    agent: ureq::Agent,
    base: String,
    bearer: String,
    patience: u32,
}

/// One answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Answered {
    /// Title and detail of a problem, Chinese first.
    pub(super) fn why(&self) -> String {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        let status = self.status.as_u16();
        let (zh, en) = (text("detail_zh"), text("detail"));
        format!(
            "{}（{status}）：{zh}\n{} ({status}): {en}",
            text("title_zh"),
            text("title")
        )
    }

    /// The problem as the end of the run.
    pub(super) fn failed(&self) -> Failed {
        Failed::not_run(self.why())
    }
}

impl Patient {
    /// # Errors
    /// The address does not read.
    pub(super) fn new(server: &str, key: &str, patience: u32) -> Result<Self, Failed> {
        let base = base_of(server).map_err(|unread| Failed {
            code: unread.code,
            why: format!("{}\n{}", unread.zh, unread.en),
        })?;
        Ok(Self {
            agent: agent(),
            base,
            bearer: format!("Bearer {key}"),
            patience,
        })
    }

    /// Reads, with more headers.
    ///
    /// # Errors
    /// No answer came in time.
    pub(super) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answered, Failed> {
        self.ask("GET", path, headers, &[])
    }

    /// Writes under a name of its own, so that asking again is the same write.
    ///
    /// # Errors
    /// No answer came in time.
    pub(super) fn post(
        &self,
        path: &str,
        name: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Answered, Failed> {
        let mut all = vec![
            ("Idempotency-Key", name),
            ("Content-Type", "application/json"),
        ];
        all.extend(headers);
        self.ask("POST", path, &all, body.to_string().as_bytes())
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answered, Failed> {
        let mut tries = 0;
        loop {
            let (wait, why) = match self.once(method, path, headers, body) {
                Ok((answered, None)) => return Ok(answered),
                Ok((answered, Some(seconds))) => (seconds, answered.why()),
                Err(why) => (WAIT_SECONDS_MAX.min(1 << tries.min(4)), why),
            };
            tries += 1;
            if tries >= self.patience {
                let base = &self.base;
                return Err(Failed::not_run(format!(
                    "{base} 试了 {tries} 次仍未受理；可用同一命令继续 · {base} did not take it in {tries} tries; the same command goes on\n{why}"
                )));
            }
            eprintln!("{wait} 秒后重试 · trying again in {wait} s: {why}");
            std::thread::sleep(Duration::from_secs(wait));
        }
    }

    /// One try: the answer, with the seconds to wait where it is no final one.
    fn once(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(Answered, Option<u64>), String> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Authorization", &self.bearer);
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let request = request.body(body).map_err(|error| error.to_string())?;
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(ANSWER_TIMEOUT))
            .build();
        let mut answer = self.agent.run(request).map_err(|error| error.to_string())?;
        let status = answer.status();
        let wait = retry_after(&answer).or(status.is_server_error().then_some(1));
        let text = answer
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_string()
            .map_err(|error| error.to_string())?;
        let body = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok((Answered { status, body }, wait))
    }
}
