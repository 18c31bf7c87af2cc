//! `probity state`: the rows of one state as a file, and the first subject in which two files differ.

use super::{Failed, output};
use crate::wall_clock::WallClock;
use clap::{ArgGroup, Args};
use probity_app::folder::describe;
use probity_app::lent::check_term;
use probity_app::state::{Place, RowsError, RowsFile, compare, read_rows, rows_at, write_rows};
use probity_app::{DataFolder, OpenOptions};
use probity_log::Clock as _;
use probity_project::StateRoots;
use probity_types::Position;
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

/// Where the log lies that is examined.
#[derive(Debug, Args)]
pub(super) struct Examined {
    /// 数据目录 · Data folder
    #[arg(long, value_name = "DIR", default_value = "./probity-data")]
    data: PathBuf,
    /// 改为检查导出目录，不用数据目录 · An exported folder instead of the data folder
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// 与 --export 同用：以此数据目录或所借密钥目录的密钥环打开密封内容 · With --export: data folder, or folder of lent keys, whose
    /// key ring opens sealed parts
    #[arg(long, value_name = "DIR", requires = "export")]
    keys: Option<PathBuf>,
    /// 主密钥文件；默认取环境变量 PROBITY_MASTER_KEY 或数据目录中的 master.key · File with the master key; default: the
    /// environment variable PROBITY_MASTER_KEY or master.key in the data folder
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
}

impl Examined {
    /// Does something with the place and the options of its keys; lent keys are told, and refused once their term is over.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(Place<'_>, &OpenOptions) -> T,
    ) -> Result<T, Failed> {
        let options = OpenOptions {
            master_key: self.master_key.clone(),
            ..OpenOptions::default()
        };
        let (folder, keys) = (
            DataFolder::at(&self.data),
            self.keys.as_deref().map(DataFolder::at),
        );
        let place = match &self.export {
            Some(export) => Place::Export(export, keys.as_ref()),
            None => Place::Folder(&folder),
        };
        if let Some(keys) = &keys {
            let grant = check_term(keys, WallClock::start().now());
            if let Some(grant) = grant.map_err(|e| Failed::could_not(&e))? {
                eprintln!(
                    "所借密钥：{recipient}，至 {until}，见日志第 {at} 条 · keys lent to {recipient} until {until}, entry {at} of the log",
                    recipient = grant.recipient,
                    until = grant.until,
                    at = grant.disclosed_at
                );
            }
        }
        Ok(work(place, &options))
    }
}

/// Which rows, and where they go; or which files.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("task").required(true).args(["at", "compare"])))]
pub(super) struct State {
    #[command(flatten)]
    examined: Examined,
    /// 截至此位置的状态 · The state after the entry at this position
    #[arg(long, value_name = "POSITION", requires = "rows")]
    at: Option<u64>,
    /// 写入状态行的文件 · File for the rows
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// 比较两个状态行文件，指出首个不同的主体 · Compare two files of rows; names the first subject that differs
    #[arg(long, value_names = ["A", "B"], num_args = 2, conflicts_with = "rows")]
    compare: Option<Vec<PathBuf>>,
    /// 输出一个 JSON 对象 · One JSON object
    #[arg(long)]
    json: bool,
}

/// Carries it out.
pub(super) fn run(state: &State) -> Result<(), Failed> {
    match (&state.compare.as_deref(), state.at, &state.rows) {
        (Some([first, second]), ..) => compare_files(first, second, state.json),
        (_, Some(at), Some(rows)) => write(state, Position(at), rows),
        _ => Err(Failed::not_run("没有指定任务 · nothing to do")),
    }
}

/// Reads a file of rows.
pub(super) fn read(path: &Path) -> Result<RowsFile, Failed> {
    let failed = |error: &dyn std::error::Error| {
        Failed::not_run(format!("{}: {}", path.display(), describe(error)))
    };
    let file = File::open(path).map_err(|e| failed(&e))?;
    read_rows(&mut BufReader::new(file)).map_err(|e| failed(&e))
}

fn write(state: &State, at: Position, path: &Path) -> Result<(), Failed> {
    let sign = output::waiting("重算状态 · recomputing the state");
    let found = state
        .examined
        .with(|place, options| rows_at(place, options, at))?;
    sign.finish_and_clear();
    let (head, rows) = found.map_err(|error| match error.is_broken() {
        true => Failed::refused(describe(&error)),
        false => Failed::could_not(&error),
    })?;
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        write_rows(&mut out, &head, &rows)
    });
    let roots: StateRoots =
        written.map_err(|e| Failed::not_run(format!("{}: {e}", path.display())))?;
    let (subjects, date) = (roots.subjects, head.date);
    if state.json {
        println!(
            "{}",
            json!({ "as_of": at, "date": date, "subjects": subjects, "open_root": roots.open_root,
                "full_root": roots.full_root, "rows": path })
        );
    } else {
        let full = roots
            .full_root
            .map_or_else(|| "—".to_owned(), |root| root.to_string());
        println!(
            "位置 {at}（{date}）的状态：{subjects} 个主体，公开根 {open}，完整根 {full} · state at {at} ({date}): {subjects} subjects, open root {open}, full root {full}",
            open = roots.open_root
        );
    }
    Ok(())
}

fn compare_files(first: &Path, second: &Path, as_json: bool) -> Result<(), Failed> {
    let (first, second) = (read(first)?, read(second)?);
    let found = compare(&first, &second).map_err(|error| match error {
        RowsError::NotComparable { .. } => {
            Failed::not_run(format!("不可比较 · {}", describe(&error)))
        }
        other => Failed::could_not(&other),
    })?;
    if as_json {
        println!("{}", json!({ "equal": found.is_none(), "first": found }));
    }
    match found {
        None if as_json => Ok(()),
        None => {
            let subjects = first.rows.len();
            println!("{subjects} 个主体全部一致 · all {subjects} subjects are equal");
            Ok(())
        }
        Some(found) => Err(Failed::refused(format!(
            "主体 {0} 的 {1} 不同：{2}，{3} · subject {0} differs in {1}: {2} and {3}",
            found.subject, found.field, found.first, found.second
        ))),
    }
}
