//! `probity keys`: access keys of a data folder, at the machine's own command line. Each step is an event in the log.

use super::backup::{KeysBackup, KeysRestore, keys_backup, keys_restore};
use super::{Data, Failed};
use clap::Subcommand;
use probity_app::Ledger;
use probity_app::checkpoints::{CheckpointError, RotationOrder};
use probity_app::keys::{
    HeldKey, KeyOrder, PresentedKey, issue_at_console, list, revoke_at_console,
};
use probity_app::lent::{LendError, LendOrder};
use probity_log::SubmitError;
use probity_types::{AccessKeyId, CivilDate, QueryPurpose};
use serde_json::json;
use std::path::{Path, PathBuf};

/// One task.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// 签发密钥；只显示一次 · Issue a key; it is shown once
    Issue {
        #[command(flatten)]
        data: Data,
        /// 用途 · What it is for
        #[arg(long)]
        label: String,
        /// 所属机关 · Whose it is
        #[arg(long)]
        agency: String,
        /// 权限，如 records:write；可重复 · Scope such as records:write; repeat for more
        #[arg(long, required = true)]
        scope: Vec<probity_api::Scope>,
        /// 最后有效日 · Last day on which it opens; default: until revoked
        #[arg(long, value_name = "YYYY-MM-DD")]
        expires_on: Option<CivilDate>,
        /// 输出一个 JSON 对象 · One JSON object
        #[arg(long)]
        json: bool,
    },
    /// 撤销密钥；此前的操作仍在日志中 · Revoke a key; what was done with it stays in the log
    Revoke {
        /// 密钥编号，即 pk_ 之后的 32 位 · Public name of the key: the 32 digits after pk_
        key: String,
        #[command(flatten)]
        data: Data,
        /// 原因 · Why
        #[arg(long, default_value = "在命令行撤销 revoked at the command line")]
        reason: String,
    },
    /// 备份密钥环，服务运行时亦可；不含主密钥 · Back up the key ring, also while the ledger is served; never the master key
    Backup(KeysBackup),
    /// 在已有日志旁恢复密钥环，并重新执行日志中的全部删除 · Restore the key ring beside a log that is there; every erasure of the log
    /// is applied again
    Restore(KeysRestore),
    /// 向审计方借出能打开全部密封内容的密钥，到期作废，并记入日志 · Lend an auditor keys that open every sealed part until a day; the
    /// log says so
    Lend {
        #[command(flatten)]
        data: Data,
        /// 新的或空的目录 · New or empty folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// 借用方 · Who gets them
        #[arg(long)]
        recipient: String,
        /// 用途 · What for
        #[arg(long, default_value = "audit")]
        purpose: QueryPurpose,
        /// 法律依据 · Legal basis
        #[arg(long)]
        basis: String,
        /// 最后有效日 · Last day on which they open anything
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: CivilDate,
    },
    /// 更换检查点签名密钥；重叠期内新旧密钥同时签名，下次启动时生效 · Replace the key that signs checkpoints; both sign during the
    /// overlap, from the next start on
    RotateSigning {
        #[command(flatten)]
        data: Data,
        /// 旧密钥继续签名的小时数；密钥泄露时为 0 · Hours for which the old key signs as well; 0 where it leaked
        #[arg(long, value_name = "HOURS", default_value_t = 720, value_parser = clap::value_parser!(u32).range(0..=87_600))]
        overlap_hours: u32,
        /// 原因 · Why
        #[arg(long)]
        reason: String,
        /// 决定人职务或工号 · Who decided
        #[arg(long)]
        officer: String,
    },
    /// 列出密钥；不含密文 · List keys; never their secrets
    List {
        #[command(flatten)]
        data: Data,
        /// 每行一个 JSON 对象 · One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

/// Carries one task out.
pub(super) fn run(task: Task) -> Result<(), Failed> {
    match task {
        Task::Issue {
            data,
            label,
            agency,
            scope,
            expires_on,
            json,
        } => {
            let scopes = scope.iter().map(ToString::to_string).collect();
            let order = KeyOrder {
                label,
                agency,
                scopes,
                expires_on,
            };
            data.with_ledger(|ledger| issue(ledger, order, json))
        }
        Task::Revoke { key, data, reason } => {
            let key = public_name(&key)?;
            data.with_ledger(|ledger| revoke(ledger, key, &reason))
        }
        Task::RotateSigning {
            data,
            overlap_hours,
            reason,
            officer,
        } => {
            let order = RotationOrder {
                overlap_hours,
                reason,
                officer,
            };
            data.with_ledger(|ledger| rotate_signing(ledger, &order))
        }
        Task::Lend {
            data,
            out,
            recipient,
            purpose,
            basis,
            until,
        } => {
            let order = LendOrder {
                recipient,
                purpose,
                basis,
                until,
            };
            data.with_ledger(|ledger| lend(ledger, order, &out))
        }
        Task::Backup(task) => keys_backup(&task),
        Task::Restore(task) => keys_restore(&task),
        Task::List { data, json } => data.with_ledger(|ledger| show(ledger, json)),
    }
}

fn failed(error: &SubmitError) -> Failed {
    match error {
        SubmitError::Refused(refusal) => Failed::refused(format!("{}\n{refusal}", refusal.zh())),
        other => Failed::could_not(other),
    }
}

fn rotate_signing(ledger: &Ledger, order: &RotationOrder) -> Result<(), Failed> {
    let rotated = ledger.rotate_signing_key(order);
    let (old, new) = rotated.map_err(|error| match error {
        CheckpointError::Submit(error) => failed(&error),
        other => Failed::could_not(&other),
    })?;
    println!("旧密钥 · old key: {old}\n新密钥 · new key: {new}");
    eprintln!(
        "请将新密钥告知各审计方和见证方 · tell auditors and witnesses the new key before the overlap ends"
    );
    Ok(())
}

fn lend(ledger: &Ledger, order: LendOrder, out: &Path) -> Result<(), Failed> {
    let grant = ledger.lend_keys(order, out).map_err(|error| match error {
        LendError::Submit(error) => failed(&error),
        other => Failed::could_not(&other),
    })?;
    println!(
        "已向 {recipient} 借出密钥，至 {until}，记入日志第 {at} 条，见 {out} · keys lent to {recipient} until {until}, entry {at} of \
         the log, in {out}",
        recipient = grant.recipient,
        until = grant.until,
        at = grant.disclosed_at,
        out = out.display()
    );
    eprintln!("master.key 请经另一途径交付 · hand master.key over by another way than the rest");
    Ok(())
}

fn issue(ledger: &Ledger, order: KeyOrder, as_json: bool) -> Result<(), Failed> {
    let key = PresentedKey::random().map_err(|e| Failed::not_run(e.to_string()))?;
    issue_at_console(ledger, &key, order, false).map_err(|e| failed(&e))?;
    if as_json {
        println!("{}", json!({ "key": key.id, "secret": key.reveal() }));
    } else {
        println!("{}", key.reveal());
        eprintln!("只显示这一次，请妥善保存 · shown this once: keep it safe");
    }
    Ok(())
}

/// The public name, given alone or at the head of the whole key.
fn public_name(text: &str) -> Result<AccessKeyId, Failed> {
    let name = text.strip_prefix("pk_").unwrap_or(text);
    let name = name.split('_').next().unwrap_or(name);
    name.parse().map_err(|_| {
        // What was given may be a whole key, so it is not repeated.
        Failed::not_run(
            "密钥编号应为 32 位十六进制数字，见 `probity keys list`\n\
             the public name of a key is 32 hexadecimal digits, see `probity keys list`",
        )
    })
}

fn revoke(ledger: &Ledger, key: AccessKeyId, reason: &str) -> Result<(), Failed> {
    let is_new = revoke_at_console(ledger, key, reason).map_err(|e| failed(&e))?;
    if is_new {
        println!("已撤销 {key} · revoked {key}");
    } else {
        println!("此前已撤销 {key} · {key} was revoked before");
    }
    Ok(())
}

fn show(ledger: &Ledger, as_json: bool) -> Result<(), Failed> {
    let keys = list(ledger).map_err(|e| failed(&e))?;
    for HeldKey {
        id,
        state,
        is_active,
    } in &keys
    {
        let scopes: Vec<&str> = state.scopes.iter().map(String::as_str).collect();
        if as_json {
            println!(
                "{}",
                json!({
                    "key": id, "label": state.label, "agency": state.agency, "scopes": scopes,
                    "expires_on": state.expires_on, "is_demo": state.demo, "is_active": is_active,
                    "issued_position": state.issued_at, "revoked_position": state.revoked_at,
                })
            );
            continue;
        }
        let standing = match (state.revoked_at, is_active) {
            (Some(at), _) => format!("已撤销 revoked at {at}"),
            (None, false) => "已过期 expired".to_owned(),
            (None, true) => "有效 active".to_owned(),
        };
        let until = state
            .expires_on
            .map(|day| format!("，至 until {day}"))
            .unwrap_or_default();
        let demo = if state.demo { "，演示 demo" } else { "" };
        println!(
            "{id}  {standing}{until}{demo}  {} · {}  [{}]",
            state.label,
            state.agency,
            scopes.join(" ")
        );
    }
    if keys.is_empty() && !as_json {
        println!("没有密钥 · no keys");
    }
    Ok(())
}
