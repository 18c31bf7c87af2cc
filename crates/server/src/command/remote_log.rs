//! The log of a running server, segment by segment. What comes is checked as any export is; the server is not believed.

use super::remote::{TRIES_MAX, agent, base_of, retry_after};
use super::{Failed, output};
use clap::Args;
use probity_api::{PROBITY_BASIS, PROBITY_PURPOSE};
use probity_format::Hash;
use probity_format::segment;
use probity_log::export::{ExportError, Head, SEGMENT_ENTRIES, Source};
use probity_types::{LogId, Position, QueryPurpose};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use ureq::http::{HeaderValue, Response, StatusCode};

/// Largest segment that is taken.
const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// A server that runs, and the key to its log.
#[derive(Debug, Args)]
pub(super) struct Remote {
    /// 从运行中的服务器取日志，不打开数据目录中的日志 · Take the log from a running server instead of opening it in the data
    /// folder
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// 存有访问密钥的文件，密钥须有 audit:read 权限；默认取环境变量 PROBITY_KEY · File with an access key that has the scope
    /// audit:read; default: the environment variable PROBITY_KEY
    #[arg(long, value_name = "FILE", requires = "server")]
    key_file: Option<PathBuf>,
    /// 查询用途，记入日志 · Purpose of the read, which is recorded
    #[arg(
        long,
        value_name = "PURPOSE",
        default_value = "audit",
        requires = "server"
    )]
    purpose: QueryPurpose,
    /// 查询依据，记入日志 · Basis of the read, which is recorded
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "日志导出与备份 export and backup of the log",
        requires = "server"
    )]
    basis: String,
}

impl Remote {
    /// The log of the server, none where no server is named.
    pub(super) fn log(&self) -> Result<Option<RemoteLog>, Failed> {
        let Some(server) = &self.server else {
            return Ok(None);
        };
        let base = base_of(server).map_err(|unread| Failed {
            code: unread.code,
            why: format!("{}\n{}", unread.zh, unread.en),
        })?;
        let sign = output::waiting("连接服务器 · asking the server");
        let log = RemoteLog::open(base, self.key()?, self.purpose, &self.basis);
        sign.finish_and_clear();
        log.map(Some).map_err(|e| Failed::could_not(&e))
    }

    fn key(&self) -> Result<String, Failed> {
        let key = match &self.key_file {
            Some(file) => std::fs::read_to_string(file).map_err(|error| {
                let name = file.display();
                Failed::not_run(format!("无法读取 {name} · cannot read {name}: {error}"))
            })?,
            None => std::env::var("PROBITY_KEY").map_err(|_| {
                Failed::not_run(
                    "请以 --key-file 或环境变量 PROBITY_KEY 提供访问密钥\n\
                     name an access key with --key-file or in the environment variable PROBITY_KEY",
                )
            })?,
        };
        Ok(key.trim().to_owned())
    }
}

/// See the module.
pub(super) struct RemoteLog {
    agent: ureq::Agent,
    base: String,
    headers: Vec<(&'static str, HeaderValue)>,
    log: LogId,
    origin: String,
    /// The segment that came last: its first position and its frames.
    held: (Position, Vec<Vec<u8>>),
}

fn remote(why: impl Into<String>) -> ExportError {
    ExportError::Remote(why.into())
}

impl RemoteLog {
    fn open(
        base: String,
        key: String,
        purpose: QueryPurpose,
        basis: &str,
    ) -> Result<Self, ExportError> {
        use probity_types::CodeList;
        let value = |text: &str| {
            HeaderValue::from_bytes(text.as_bytes())
                .map_err(|_| remote("the key or the basis does not fit into a header"))
        };
        let headers = vec![
            ("Authorization", value(&format!("Bearer {key}"))?),
            (PROBITY_PURPOSE, value(purpose.key())?),
            (PROBITY_BASIS, value(basis)?),
        ];
        let mut log = Self {
            agent: agent(),
            base,
            headers,
            log: LogId::NONE,
            origin: String::new(),
            held: (Position(0), Vec::new()),
        };
        let list = log.list()?;
        let text = |name: &str| list[name].as_str().unwrap_or_default().to_owned();
        let id = text("log").parse();
        log.log = id.map_err(|_| remote("the server's answer names no log"))?;
        log.origin = text("origin");
        Ok(log)
    }

    fn get(&self, path: &str) -> Result<Response<ureq::Body>, ExportError> {
        let mut tries = 1;
        loop {
            let mut request = self.agent.get(format!("{}{path}", self.base));
            for (name, value) in &self.headers {
                request = request.header(*name, value.clone());
            }
            let answer = request.call().map_err(|error| {
                remote(format!(
                    "无法从 {0} 得到答复 · no answer from {0}: {error}",
                    self.base
                ))
            })?;
            if answer.status() == StatusCode::OK {
                return Ok(answer);
            }
            let wait = retry_after(&answer).filter(|_| tries < TRIES_MAX);
            let Some(seconds) = wait else {
                return Err(refused(answer, path));
            };
            std::thread::sleep(Duration::from_secs(seconds));
            tries += 1;
        }
    }

    fn json(&self, path: &str) -> Result<Value, ExportError> {
        let text = self.get(path)?.body_mut().read_to_string();
        let value = text.map(|text| serde_json::from_str(&text));
        match value {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(remote(format!("{path}: {error}"))),
            Err(error) => Err(remote(format!("{path}: {error}"))),
        }
    }

    fn list(&self) -> Result<Value, ExportError> {
        self.json("/v1/segments")
    }

    /// Fetches the segment in which a position lies.
    fn fetch(&mut self, position: Position) -> Result<(), ExportError> {
        let first = Position(position.0 - position.0 % SEGMENT_ENTRIES);
        let path = format!("/v1/segments/entries-{:012}.seg", first.0);
        let mut answer = self.get(&path)?;
        let body = answer.body_mut().with_config().limit(SEGMENT_BYTES_MAX);
        let bytes = body.read_to_vec();
        let bytes = bytes.map_err(|error| remote(format!("{path}: {error}")))?;
        let read = segment::read(&bytes).map_err(|error| remote(format!("{path}: {error}")))?;
        if (read.log, read.first) != (self.log, first) {
            return Err(remote(format!(
                "{path}: field log or first: expected {} and {first}, found {} and {}",
                self.log, read.log, read.first
            )));
        }
        let frames: Result<Vec<_>, _> = read.frames.iter().map(|s| s.frame.encode()).collect();
        self.held = (first, frames?);
        Ok(())
    }

    /// Frames that were fetched, from a position on.
    fn held_from(&self, position: Position) -> Option<&[Vec<u8>]> {
        let place = position.0.checked_sub(self.held.0.0)?;
        let frames = self.held.1.get(usize::try_from(place).ok()?..)?;
        (!frames.is_empty()).then_some(frames)
    }

    /// How far the log reaches, without a key.
    pub(super) fn head_of(server: &str) -> Result<(LogId, Position, Hash), Failed> {
        let base = base_of(server).map_err(|unread| Failed::not_run(unread.en))?;
        let log = Self {
            agent: agent(),
            base,
            headers: Vec::new(),
            log: LogId::NONE,
            origin: String::new(),
            held: (Position(0), Vec::new()),
        };
        let head = log.json("/v1/head").map_err(|e| Failed::could_not(&e))?;
        let id = head["log"].as_str().and_then(|text| text.parse().ok());
        let parts = (id, head["entries"].as_u64(), hash_of(&head));
        let (Some(id), Some(entries), Some(hash)) = parts else {
            return Err(Failed::not_run("/v1/head: a member is missing"));
        };
        Ok((id, Position(entries), hash))
    }
}

fn hash_of(value: &Value) -> Option<Hash> {
    let digits = value["entry_hash"].as_str()?;
    probity_types::unhex(digits).ok().map(Hash)
}

/// What the server said instead.
fn refused(mut answer: Response<ureq::Body>, path: &str) -> ExportError {
    let status = answer.status();
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let said = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    remote(format!(
        "{path} ({}): {} · {}: {}",
        status.as_u16(),
        said("title_zh"),
        said("title"),
        said("detail")
    ))
}

impl Source for RemoteLog {
    fn log(&self) -> LogId {
        self.log
    }

    fn origin(&self) -> &str {
        &self.origin
    }

    fn head(&mut self) -> Result<Head, ExportError> {
        let list = self.list()?;
        let found = (list["entries"].as_u64(), hash_of(&list));
        let (Some(entries), Some(hash)) = found else {
            return Err(remote("/v1/segments: a member is missing"));
        };
        if list["log"] != self.log.to_string() {
            return Err(remote("/v1/segments: another log is served now"));
        }
        Ok(Head {
            next: Position(entries),
            entry_hash: hash.0,
        })
    }

    fn frames(&mut self, first: Position, end: Position) -> Result<Vec<Vec<u8>>, ExportError> {
        if self.held_from(first).is_none() {
            self.fetch(first)?;
        }
        let most = usize::try_from(end.0.saturating_sub(first.0)).unwrap_or(usize::MAX);
        let held = self.held_from(first).unwrap_or_default();
        Ok(held.iter().take(most).cloned().collect())
    }

    fn entry_hash(&mut self, position: Position) -> Result<Hash, ExportError> {
        let entry = self.json(&format!("/v1/entries/{position}"))?;
        hash_of(&entry).ok_or_else(|| remote("the entry's hash is missing"))
    }
}
