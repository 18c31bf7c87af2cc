//! `probity checkpoint` and `probity bundle`: what a server publishes, made at the machine's own command line while nobody
//! serves.

use super::outside::Outside;
use super::{Data, Failed, output};
use clap::Args;
use probity_app::checkpoints::SigningKeys;
use probity_app::{Ledger, Sight};
use probity_log::checkpoint::{Published, Signing};
use probity_types::{Position, RecordId};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often is looked whether the checkpoint is there.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Signs a checkpoint.
#[derive(Debug, Args)]
pub(super) struct Checkpoint {
    #[command(flatten)]
    data: Data,
    /// 写入检查点的文件；默认写到标准输出 · File for the checkpoint; default: standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// 另将签名密钥的核验公钥写入此文件 · File for the verifier key as well
    #[arg(long, value_name = "FILE")]
    vkey: Option<PathBuf>,
    #[command(flatten)]
    outside: Outside,
}

/// Makes a bundle.
#[derive(Debug, Args)]
pub(super) struct Bundle {
    #[command(flatten)]
    data: Data,
    /// 记录编号 · The record's id
    #[arg(long, value_name = "ID", required_unless_present = "position")]
    record: Option<RecordId>,
    /// 日志位置；默认为该记录入库的条目 · Position of the entry; default: the one that recorded it
    #[arg(long, value_name = "POSITION")]
    position: Option<u64>,
    /// 写入证明文件；默认写到标准输出 · File for the bundle; default: standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    outside: Outside,
}

/// Publishes, and waits until the checkpoint covers the head.
fn published(ledger: &Ledger, outside: &Outside) -> Result<Arc<Published>, Failed> {
    let (options, _) = outside.options()?;
    if options.anchor.is_none() && options.witnesses.is_none() {
        eprintln!(
            "既无外部锚点，也无见证方：数据目录若被换回旧版本，无法察觉 · with neither an anchor nor witnesses it cannot be detected that \
             the folder was put back or copied"
        );
    }
    let publishing = ledger.publish_checkpoints(options);
    let publishing = publishing.map_err(|error| Failed::could_not(&error))?;
    let sign = output::waiting("正在签名检查点 · signing a checkpoint");
    let head = ledger.reader.head().next.0;
    let done = loop {
        let board = ledger.board();
        if let Some(published) = board.published().filter(|it| it.head.size >= head) {
            break Ok(published);
        }
        match board.standing().signing {
            Signing::Stopped(why) => break Err(Failed::refused(why)),
            Signing::Waiting(why) => break Err(Failed::not_run(why)),
            Signing::Starting | Signing::On => std::thread::sleep(LOOK_EVERY),
        }
    };
    sign.finish_and_clear();
    drop(publishing);
    done
}

fn write(path: Option<&Path>, text: &str) -> Result<(), Failed> {
    let Some(path) = path else {
        print!("{text}");
        return Ok(());
    };
    std::fs::write(path, text).map_err(|error| {
        let path = path.display();
        Failed::not_run(format!("{path}：无法写入 · cannot be written: {error}"))
    })
}

/// Carries `probity checkpoint` out.
pub(super) fn checkpoint(task: &Checkpoint) -> Result<(), Failed> {
    task.data.with_ledger(|ledger| {
        let published = published(ledger, &task.outside)?;
        write(task.out.as_deref(), &published.note)?;
        if let Some(path) = &task.vkey {
            let keys = ledger.signing_keys().map_err(|e| Failed::could_not(&e))?;
            write(Some(path), &format!("{}\n", SigningKeys::newest(keys)))?;
        }
        if let Some(path) = &task.out {
            let (size, path) = (published.head.size, path.display());
            println!(
                "检查点覆盖 {size} 条，已写入 {path} · a checkpoint of {size} entries is in {path}"
            );
        }
        Ok(())
    })
}

/// Carries `probity bundle` out. Sealed parts stay sealed: whoever may see them asks the server, for a purpose on record.
pub(super) fn bundle(task: &Bundle) -> Result<(), Failed> {
    task.data.with_ledger(|ledger| {
        let position = place(ledger, task)?;
        let published = published(ledger, &task.outside)?;
        let bundle = ledger.bundle(position, Sight::Public);
        let bundle = bundle.map_err(|e| Failed::could_not(&e))?;
        let bundle = bundle.ok_or_else(|| missing(&position))?;
        write(task.out.as_deref(), &bundle.to_json())?;
        if let Some(path) = &task.out {
            let (size, path) = (published.head.size, path.display());
            println!("第 {position} 条的证明（检查点 {size} 条）已写入 {path} · the bundle of entry {position} is in {path}");
        }
        Ok(())
    })
}

fn missing(what: &dyn std::fmt::Display) -> Failed {
    Failed::refused(format!("没有 {what} · there is no {what}"))
}

fn place(ledger: &Ledger, task: &Bundle) -> Result<Position, Failed> {
    let Some(id) = task.record else {
        return Ok(Position(task.position.unwrap_or_default()));
    };
    let row = ledger.views().records().get(&id).cloned();
    let row = row.ok_or_else(|| missing(&id))?;
    let first = row.versions.first().map(|version| version.position);
    let position = task.position.map(Position).or(first);
    let position = position.ok_or_else(|| missing(&id))?;
    let is_its_own = ledger.is_entry_of(&row, position);
    match is_its_own.map_err(|e| Failed::could_not(&e))? {
        true => Ok(position),
        false => Err(missing(&position)),
    }
}
