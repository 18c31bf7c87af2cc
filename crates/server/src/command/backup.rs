//! Taking the ledger out and putting it back: `probity export`, `backup`, `restore`, `import-log`, `keys backup` and
//! `keys restore`.

use super::remote_log::{Remote, RemoteLog};
use super::{Data, Failed, output};
use crate::wall_clock::WallClock;
use clap::Args;
use indicatif::ProgressBar;
use probity_app::backup::{BackupError, back_up, back_up_keys};
use probity_app::folder::describe;
use probity_app::restore::{
    Checkpoint, Phase, RestoreError, RestoreOrder, Restored, import_log, restore_keys,
};
use probity_app::{SEGMENT_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
use probity_format::Hash;
use probity_format::limits::SEGMENT_ENTRIES_MAX;
use probity_log::export::{
    ExportError, LocalSource, Progress, SEGMENT_ENTRIES, Source, Start, prepare, read_manifest,
};
use probity_types::{LogId, Position};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where an export goes, and from what it goes on.
#[derive(Debug, Args)]
pub(super) struct Out {
    /// 新的或空的目录，或上次的目录：已满的分段保留，其余续写 · New or empty folder, or the one of the last time: full segments
    /// stay, the rest is written on
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 目录中须已有上次的结果 · There has to be an earlier one in the folder
    #[arg(long)]
    incremental: bool,
    /// 每个分段的条数 · Entries of one segment
    #[arg(long, value_name = "ENTRIES", default_value_t = SEGMENT_ENTRIES,
        value_parser = clap::value_parser!(u64).range(1..=SEGMENT_ENTRIES_MAX))]
    segment_entries: u64,
    /// 输出一个 JSON 对象 · One JSON object
    #[arg(long)]
    json: bool,
}

impl Out {
    fn start(&self) -> Start {
        Start {
            must_go_on: self.incremental,
            segment_entries: self.segment_entries,
        }
    }
}

/// What is exported where.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    out: Out,
}

/// What is backed up where.
#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    out: Out,
}

/// Where a ledger is restored to.
#[derive(Debug, Args)]
struct Into {
    #[command(flatten)]
    data: Data,
    /// 已知的位置与哈希，如 /v1/head 或回执所示；不符则拒绝 · A position and its hash, as /v1/head or a receipt gave them; another
    /// log is refused
    #[arg(long, value_name = "POSITION:HASH")]
    checkpoint_head: Option<Checkpoint>,
    /// 提交日志三个分段各自的字节数 · Bytes of each of the three segments of the commit journal
    #[arg(long, value_name = "BYTES", default_value_t = SEGMENT_BYTES,
        value_parser = clap::value_parser!(u64).range(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX))]
    segment_bytes: u64,
    /// 输出一个 JSON 对象 · One JSON object
    #[arg(long)]
    json: bool,
}

/// An export and a copy of the key ring.
#[derive(Debug, Args)]
pub(super) struct ImportLog {
    /// 导出目录 · Folder of the export
    export: PathBuf,
    /// 密钥环备份目录 · Folder of the key backup
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    into: Into,
}

/// A whole backup.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// 备份目录 · Folder of the backup
    backup: PathBuf,
    #[command(flatten)]
    into: Into,
}

/// A copy of the key ring.
#[derive(Debug, Args)]
pub(super) struct KeysBackup {
    #[command(flatten)]
    data: Data,
    /// 与之配套的导出目录 · Folder of the export that it goes with
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    log: Option<PathBuf>,
    /// 运行中的服务器，取其日志末端 · A running server, to ask how far its log reaches
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// 新的或空的目录，或上次的目录 · New or empty folder, or the one of the last time
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 输出一个 JSON 对象 · One JSON object
    #[arg(long)]
    json: bool,
}

/// A copy of the key ring, beside a log that is there.
#[derive(Debug, Args)]
pub(super) struct KeysRestore {
    /// 密钥环备份目录 · Folder of the key backup
    keys: PathBuf,
    #[command(flatten)]
    data: Data,
    /// 输出一个 JSON 对象 · One JSON object
    #[arg(long)]
    json: bool,
}

fn judged(error: &dyn std::error::Error, is_broken: bool) -> Failed {
    if is_broken {
        Failed::refused(format!("不成立 · does not hold: {}", describe(error)))
    } else {
        Failed::could_not(error)
    }
}

fn not_exported(error: &ExportError) -> Failed {
    judged(error, error.is_broken())
}

fn not_backed_up(error: &BackupError) -> Failed {
    judged(error, error.is_broken())
}

fn not_restored(error: &RestoreError) -> Failed {
    judged(error, error.is_broken())
}

/// Runs with the log of a server or of a folder that nobody serves.
fn with_log<T>(
    data: &Data,
    remote: &Remote,
    work: impl FnOnce(&mut dyn Source) -> Result<T, Failed>,
) -> Result<T, Failed> {
    if let Some(mut log) = remote.log()? {
        return work(&mut log);
    }
    let ledger = data.open_unserved()?;
    let origin = ledger.origin().map_err(|e| Failed::could_not(&e));
    let done =
        origin.and_then(|origin| work(&mut LocalSource::new(&*ledger.reader, ledger.id, &origin)));
    ledger.close();
    done
}

fn shown(bar: &ProgressBar) -> impl FnMut(Progress) + '_ {
    |progress| output::show(bar, progress.done, progress.of)
}

/// Writes the log as segment files.
pub(super) fn export(export: &Export) -> Result<(), Failed> {
    let out = &export.out;
    with_log(&export.data, &export.remote, |source| {
        let bar = output::bar("导出 · exporting");
        let prepared = prepare(source, &out.out, out.start(), &mut shown(&bar));
        bar.finish_and_clear();
        let prepared = prepared.map_err(|e| not_exported(&e))?;
        let (kept, written, rewritten) = (prepared.kept, prepared.written, prepared.rewritten);
        let manifest = prepared.publish().map_err(|e| not_exported(&e))?;
        let (entries, head) = (manifest.entries, manifest.entry_hash);
        if out.json {
            println!(
                "{}",
                json!({ "entries": entries, "entry_hash": head, "kept_segments": kept, "written_segments": written,
                    "rewritten_segments": rewritten })
            );
        } else {
            println!(
                "已导出 {entries} 条，末端 {head}；保留分段 {kept}，写入 {written} · exported {entries} entries, head {head}; \
                 segments kept {kept}, written {written}"
            );
        }
        Ok(())
    })
}

/// Backs up log and key ring.
pub(super) fn backup(backup: &Backup) -> Result<(), Failed> {
    let (out, folder) = (&backup.out, backup.data.folder());
    let named = backup.data.master_key.as_deref();
    let master = match folder.master_key(named, false) {
        Ok(master) => Some(master),
        Err(problem) if named.is_some() => return Err(Failed::could_not(&problem)),
        Err(_) => None,
    };
    with_log(&backup.data, &backup.remote, |source| {
        let bar = output::bar("备份 · backing up");
        let (keys, to) = (folder.keys(), (out.out.as_path(), out.start()));
        let made = back_up(source, &keys, master, to, &mut shown(&bar));
        bar.finish_and_clear();
        let made = made.map_err(|e| not_backed_up(&e))?;
        if let Some(caution) = made.caution() {
            eprintln!("{caution}");
        }
        if out.json {
            println!("{}", json!(made));
        } else {
            println!(
                "已备份 {0} 条，末端 {1}；保留分段 {2}，写入 {3}；密钥环另存，主密钥不在其中 · backed up {0} entries, head {1}; \
                 segments kept {2}, written {3}; the key ring lies apart, the master key is not in it",
                made.entries, made.entry_hash, made.kept_segments, made.written_segments
            );
        }
        Ok(())
    })
}

/// Restores an export and a copy of the key ring.
pub(super) fn run_import_log(task: &ImportLog) -> Result<(), Failed> {
    let order = RestoreOrder {
        export: task.export.clone(),
        keys: task.keys.clone(),
        checkpoints: Vec::new(),
    };
    carry_out(order, &task.into)
}

/// Restores a whole backup.
pub(super) fn restore(task: &Restore) -> Result<(), Failed> {
    let order = RestoreOrder::of_backup(&task.backup).map_err(|e| not_backed_up(&e))?;
    carry_out(order, &task.into)
}

fn carry_out(mut order: RestoreOrder, into: &Into) -> Result<(), Failed> {
    order.checkpoints.extend(into.checkpoint_head);
    let options = into.data.options().with_segments_of(into.segment_bytes);
    let (checking, writing) = (
        output::bar("核对 · checking"),
        output::bar("恢复 · restoring"),
    );
    let restored = import_log(
        &into.data.folder(),
        &options,
        &order,
        Arc::new(WallClock::start()),
        &mut |phase, progress| match phase {
            Phase::Checking => output::show(&checking, progress.done, progress.of),
            Phase::Writing => {
                checking.finish_and_clear();
                output::show(&writing, progress.done, progress.of);
            }
        },
    );
    checking.finish_and_clear();
    writing.finish_and_clear();
    tell(&restored.map_err(|e| not_restored(&e))?, into);
    Ok(())
}

fn tell(restored: &Restored, into: &Into) {
    if into.json {
        println!("{}", json!(restored));
        return;
    }
    println!(
        "已恢复 {0} 条到 {1}，末端 {2}；视图摘要 {3}；重新执行删除 {4} 项 · restored {0} entries into {1}, head {2}; views digest {3}; \
         erasures applied again {4}",
        restored.entries,
        into.data.data.display(),
        restored.entry_hash,
        restored.views_digest,
        restored.erasures_applied_again
    );
}

/// Copies the key ring.
pub(super) fn keys_backup(task: &KeysBackup) -> Result<(), Failed> {
    let (id, next, hash) = match (&task.log, &task.server) {
        (Some(export), _) => {
            let manifest = read_manifest(export).map_err(|e| judged(&e, e.is_broken()))?;
            let entries = Position(manifest.entries);
            (manifest.log, entries, manifest.entry_hash)
        }
        (None, Some(server)) => RemoteLog::head_of(server)?,
        (None, None) => local_head(&task.data)?,
    };
    let keys = task.data.folder().keys();
    let made = back_up_keys(&keys, id, (next, hash), &task.out);
    let made = made.map_err(|e| not_backed_up(&e))?;
    if task.json {
        println!("{}", json!(made));
    } else {
        println!(
            "已备份密钥环，配套日志 {0} 条，末端 {1}；主密钥不在其中 · backed up the key ring at {0} entries, head {1}; the master key \
             is not in it",
            made.entries, made.entry_hash
        );
    }
    Ok(())
}

fn local_head(data: &Data) -> Result<(LogId, Position, Hash), Failed> {
    let ledger = data.open_unserved()?;
    let head = ledger.reader.head();
    let found = (ledger.id, head.next, Hash(head.entry_hash));
    ledger.close();
    Ok(found)
}

/// Restores a copy of the key ring beside a log that is there.
pub(super) fn keys_restore(task: &KeysRestore) -> Result<(), Failed> {
    let sign = output::waiting("正在核对日志 · checking the log");
    let from: &Path = &task.keys;
    let restored = restore_keys(&task.data.folder(), &task.data.options(), from);
    sign.finish_and_clear();
    let restored = restored.map_err(|e| not_restored(&e))?;
    if task.json {
        println!("{}", json!(restored));
    } else {
        println!(
            "已恢复密钥环，可读密封内容 {0} 份；重新执行删除 {1} 项 · restored the key ring: {0} sealed parts open; erasures applied \
             again {1}",
            restored.opened_parts, restored.erasures_applied_again
        );
    }
    Ok(())
}
