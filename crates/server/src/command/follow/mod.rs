//! `probity follow`: the feed of a recipient's scope becomes rows of its own database, page by page. `probity admit` lets the
//! recipient in.

mod page;
mod recipient;
mod tables;

use super::Failed;
use super::patient::{Answered, Patient};
use clap::Args;
use page::{Frame, Page};
use probity_types::CodeList;
use recipient::Recipient;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use tables::{Mark, RECEIPT_WITHDRAWALS_MAX, Tables};
use ureq::http::StatusCode;

/// Context string of request names.
const REQUEST_CONTEXT: &str = "probity 2026 follow request v1";
/// Most positions of a page, as the interface has it.
const PAGE_MAX: i64 = 200;

/// Which recipient, from where to where.
#[derive(Debug, Args)]
pub(super) struct Follow {
    #[command(flatten)]
    register: Register,
    /// 接收方自己的数据库 · The recipient's own database
    #[arg(
        long,
        value_name = "URL",
        env = "PROBITY_DATABASE",
        hide_env_values = true
    )]
    database: String,
    /// 接收完后每隔若干秒再查，不退出 · Look again every so many seconds instead of ending
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: Option<u64>,
}

/// A recipient and the register.
#[derive(Debug, Args)]
pub(super) struct Register {
    /// 接收方文件 · The recipient's file
    #[arg(long, value_name = "FILE")]
    recipient: PathBuf,
    /// 运行中的服务器 · The running server
    #[arg(long, value_name = "URL")]
    server: String,
    /// 访问密钥；接收须有 feed:read 与 persons:read，登记接收方须有 policy:write · Access key: feed:read and persons:read to
    /// follow, policy:write to admit
    #[arg(long, value_name = "KEY", env = "PROBITY_KEY", hide_env_values = true)]
    key: String,
    /// 服务器繁忙或不可达时尝试的次数 · Tries while the server is busy or out of reach
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    tries: u32,
}

fn name_of(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(REQUEST_CONTEXT);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Lets a recipient in, with the purpose and classes of its file.
pub(super) fn admit(arguments: &Register) -> Result<(), Failed> {
    let recipient = Recipient::read(&arguments.recipient)?;
    let server = Patient::new(&arguments.server, &arguments.key, arguments.tries)?;
    let body = json!(recipient.admission);
    let name = name_of(&["admit", &body.to_string()]);
    let answered = server.post("/v1/recipients", &name, &[], &body)?;
    match answered.status {
        StatusCode::CREATED | StatusCode::OK => {
            let position = answered.body["position"].as_u64().unwrap_or_default();
            println!(
                "已登记 · admitted: {} @ {position}",
                recipient.admission.agency
            );
            Ok(())
        }
        StatusCode::UNPROCESSABLE_ENTITY => Err(Failed::refused(format!(
            "{}\n{}",
            answered.why(),
            answered.body["errors"]
        ))),
        _ => Err(answered.failed()),
    }
}

struct Follower {
    server: Patient,
    recipient: Recipient,
    tables: Tables,
}

/// Follows until nothing is left.
pub(super) fn run(arguments: &Follow) -> Result<(), Failed> {
    let register = &arguments.register;
    let recipient = Recipient::read(&register.recipient)?;
    let server = Patient::new(&register.server, &register.key, register.tries)?;
    let head = server.get("/v1/head", &[])?;
    let log = head.body["log"].as_str().ok_or_else(|| head.failed())?;
    let tables = Tables::open(&arguments.database, &recipient, log)?;
    eprintln!("{} · {}", recipient.title_zh, recipient.title_en);
    let mut follower = Follower {
        server,
        recipient,
        tables,
    };
    loop {
        follower.round(log)?;
        let mark = follower.tables.mark()?;
        let Some(seconds) = arguments.every else {
            let (next, acknowledged) = (mark.next, mark.acknowledged);
            println!(
                "已接收至 · followed up to {}; 已回执至 · acknowledged up to {acknowledged}",
                next - 1
            );
            return Ok(());
        };
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

impl Follower {
    /// Everything up to the head, what was left out before, and the receipt.
    fn round(&mut self, log: &str) -> Result<(), Failed> {
        loop {
            let mark = self.tables.mark()?;
            if mark.log != log {
                return Err(Failed::not_run(format!(
                    "接收库属于日志 {}，服务器为 {log} · the database follows log {}, the server has {log}",
                    mark.log, mark.log
                )));
            }
            let page = self.page(mark.next, i64::from(self.recipient.page))?;
            continues(&page, &mark)?;
            self.tables.apply(&page, &mark)?;
            if page
                .frames
                .iter()
                .any(|frame| matches!(frame, Frame::Batch {}))
            {
                self.fill_gaps()?;
            }
            if page.next > page.position {
                break;
            }
        }
        self.fill_gaps()?;
        self.acknowledge()
    }

    fn page(&self, from: i64, limit: i64) -> Result<Page, Failed> {
        let admission = &self.recipient.admission;
        let headers = [
            ("Probity-Purpose", admission.purpose.key()),
            ("Probity-Basis", admission.basis.as_str()),
        ];
        let limit = limit.clamp(1, PAGE_MAX);
        let path = format!("/v1/feed/pages?from={from}&limit={limit}");
        let answered = self.server.get(&path, &headers)?;
        match answered.status {
            StatusCode::OK => serde_json::from_value(answered.body).map_err(|error| {
                Failed::not_run(format!(
                    "服务器的答复无法读取 · the server's page does not read: {error}"
                ))
            }),
            StatusCode::PRECONDITION_FAILED => Err(Failed::refused(format!(
                "服务器的日志短于已接收的内容，已停止 · the server's log is shorter than what was applied; stopped\n{}",
                answered.why()
            ))),
            _ => Err(answered.failed()),
        }
    }

    /// Reads again what was left out because its batch was not complete.
    fn fill_gaps(&mut self) -> Result<(), Failed> {
        for (first, next) in self.tables.gaps()? {
            let page = self.page(first, next - first)?;
            // Still left out as a whole: nothing would change.
            let is_same = matches!(
                page.frames.as_slice(),
                [Frame::Gap { from, .. }] if from.0 == first.unsigned_abs()
            ) && page.next.0 >= next.unsigned_abs();
            if !is_same {
                self.tables.fill(&page, (first, next))?;
            }
        }
        Ok(())
    }

    /// Tells the register what was applied, withdrawals by name.
    fn acknowledge(&mut self) -> Result<(), Failed> {
        loop {
            let mark = self.tables.mark()?;
            let withdrawals = self.tables.unacknowledged()?;
            if mark.applied <= mark.acknowledged && withdrawals.is_empty() {
                return Ok(());
            }
            let is_full = withdrawals.len() as i64 == RECEIPT_WITHDRAWALS_MAX;
            let last = withdrawals.last().copied().filter(|_| is_full);
            let position = last.unwrap_or(mark.next - 1);
            let body = json!({ "position": position, "withdrawals": withdrawals });
            let name = name_of(&["acknowledge", &self.recipient.id, &body.to_string()]);
            let answered = self
                .server
                .post("/v1/feed/acknowledgements", &name, &[], &body)?;
            check_receipt(&answered)?;
            self.tables.acknowledged(position)?;
        }
    }
}

fn check_receipt(answered: &Answered) -> Result<(), Failed> {
    match answered.status {
        StatusCode::OK | StatusCode::CREATED => Ok(()),
        StatusCode::UNPROCESSABLE_ENTITY => Err(Failed::refused(format!(
            "回执未被接受 · the receipt is refused\n{}\n{}",
            answered.why(),
            answered.body["errors"]
        ))),
        _ => Err(answered.failed()),
    }
}

/// A page has to go on from what was applied: the same log, the same entry before it.
fn continues(page: &Page, mark: &Mark) -> Result<(), Failed> {
    if page.log == mark.log && page.before == mark.entry_hash {
        return Ok(());
    }
    let next = mark.next;
    Err(Failed::refused(format!(
        "位置 {next} 之前的条目与已接收的不同：日志分叉，已停止 · the entry before position {next} is another one than was applied: \
         the log has forked; stopped"
    )))
}
