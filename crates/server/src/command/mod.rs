//! The command line. Exit codes are a contract: 0 done and holds, 1 refused or does not hold, 2 could not run.
//!
//! What is asked for goes to standard output; progress, logs and reasons go to standard error. Chinese first.

mod backup;
mod catalogue;
mod check;
mod checkpoint;
mod database;
mod erase;
mod follow;
mod import;
mod keys;
mod output;
mod outside;
mod patient;
mod push;
mod remote;
mod remote_log;
mod start;
mod state;

use clap::{Args, Parser, Subcommand};
use probity_app::folder::describe;
use probity_app::{
    DataFolder, Ledger, OpenError, OpenOptions, SEGMENT_BYTES, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN,
};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::wall_clock::WallClock;
pub(crate) use remote::agent;

const EXIT_CODES: &str = "\
退出码：0 已完成且成立；1 被拒绝或不成立；2 无法执行
Exit codes: 0 done and holds; 1 refused or does not hold; 2 could not run";

/// 公共信用信息台账，防篡改 · Probity, a tamper-evident public-credit ledger
///
/// 不带参数时在 127.0.0.1:8080 提供 ./probity-data 中的演示城市。
/// With no arguments it serves the demo city in ./probity-data on 127.0.0.1:8080.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, verbatim_doc_comment)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Task>,
}

/// Where the ledger lies.
#[derive(Debug, Args)]
struct Data {
    /// 数据目录 · Data folder
    #[arg(long, value_name = "DIR", default_value = "./probity-data")]
    data: PathBuf,
    /// 主密钥文件；默认取环境变量 PROBITY_MASTER_KEY 或数据目录中的 master.key · File with the master key; default: the
    /// environment variable PROBITY_MASTER_KEY or master.key in the data folder
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[command(after_help = EXIT_CODES)]
enum Task {
    /// 提供接口与网页 · Serve interface and pages
    Serve {
        #[command(flatten)]
        data: Data,
        /// 监听地址 · Address to listen on
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: String,
        /// 目录为空时载入虚构的演示城市 · Load the made-up city where the folder is new
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        serving: start::Serving,
    },
    /// 新建空台账 · Begin an empty ledger
    Init {
        #[command(flatten)]
        data: Data,
        /// 日志名称，形如不带协议的网址 · Name of the log, like a schema-less URL
        #[arg(long, default_value = "probity.invalid/log")]
        origin: String,
        /// 提交日志三个分段各自的字节数 · Bytes of each of the three segments of the commit journal
        #[arg(long, value_name = "BYTES", default_value_t = SEGMENT_BYTES,
            value_parser = clap::value_parser!(u64).range(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX))]
        segment_bytes: u64,
    },
    /// 导入文件：CSV、XLSX 或旧版 XLS · Take a file in: CSV, XLSX or old XLS
    Import(import::Arguments),
    /// 重算并核对一切可重算的内容，不写数据目录 · Check everything that can be recomputed; writes nothing under the data
    /// folder
    Verify {
        #[command(flatten)]
        examined: state::Examined,
        /// 并与此状态行文件比较 · Compare with this file of rows as well
        #[arg(long, value_name = "FILE")]
        rows: Option<PathBuf>,
        /// 输出一个 JSON 对象 · One JSON object
        #[arg(long)]
        json: bool,
    },
    /// 写出某一位置的状态行，或比较两个状态行文件 · Write the rows of one state, or compare two files of rows
    State(state::State),
    /// 删除派生文件，由日志重建视图 · Remove derived files and rebuild the views from the log
    Rebuild {
        #[command(flatten)]
        data: Data,
        /// 输出一个 JSON 对象 · One JSON object
        #[arg(long)]
        json: bool,
    },
    /// 按决定删除个人信息：销毁密钥，日志与哈希不变 · Erase by decision: keys are destroyed, log and hashes stay
    Erase(erase::Erase),
    /// 导出日志为分段文件，reader.py 可读 · Write the log as segment files that reader.py reads
    Export(backup::Export),
    /// 核对导出与密钥环备份，恢复到新目录；中断后以同一命令继续 · Check an export and a key backup and restore them into a new
    /// folder; the same command goes on where it broke off
    ImportLog(backup::ImportLog),
    /// 备份日志与密钥环，服务运行时亦可；不含主密钥 · Back up log and key ring, also while the ledger is served; never the master key
    Backup(backup::Backup),
    /// 由备份恢复到新目录 · Restore a backup into a new folder
    Restore(backup::Restore),
    /// 签名一个检查点：日志的条数与树根 · Sign a checkpoint: number of entries and root of the tree
    Checkpoint(checkpoint::Checkpoint),
    /// 取得一条记录的证明文件，可离线核验 · One entry with everything that proves it, to be checked offline
    Bundle(checkpoint::Bundle),
    /// 将业务数据库的行推送为报送；中断后以同一命令继续 · Push rows of an agency's database as reports; the same command goes on where
    /// it broke off
    Push(push::Arguments),
    /// 按范围将变更接收到自己的数据库，并回执 · Take changes over into a recipient's own database, and acknowledge them
    Follow(follow::Follow),
    /// 登记接收方及其用途与范围 · Admit a recipient with its purpose and scope
    Admit(follow::Register),
    /// 签发、撤销、列出访问密钥；备份、恢复密钥环 · Issue, revoke and list access keys; back up and restore the key ring
    Keys {
        #[command(subcommand)]
        task: keys::Task,
    },
    /// 发布目录，写出填报表与数据字典 · Adopt a catalogue, write forms and the data dictionary
    Catalogue {
        #[command(subcommand)]
        task: catalogue::Task,
    },
}

/// Not done: exit code and the reason.
#[derive(Debug)]
struct Failed {
    code: u8,
    why: String,
}

impl Failed {
    /// The request is refused, or what was checked does not hold.
    fn refused(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { code: 1, why }
    }

    /// It could not be tried.
    fn not_run(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { code: 2, why }
    }

    /// The same for an error with all that is behind it.
    fn could_not(error: &dyn std::error::Error) -> Self {
        Self::not_run(describe(error))
    }
}

/// Runs one command.
pub fn run(cli: Cli) -> ExitCode {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match carry_out(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed { code, why }) => {
            eprintln!("probity: {why}");
            ExitCode::from(code)
        }
    }
}

fn carry_out(task: Option<Task>) -> Result<(), Failed> {
    match task {
        None => {
            let data = Data {
                data: "./probity-data".into(),
                master_key: None,
            };
            let serving = start::Serving::default();
            start::serve(&data, "127.0.0.1:8080", true, &serving)
        }
        Some(Task::Serve {
            data,
            listen,
            demo,
            serving,
        }) => start::serve(&data, &listen, demo, &serving),
        Some(Task::Init {
            data,
            origin,
            segment_bytes,
        }) => start::init(&data, origin, segment_bytes),
        Some(Task::Import(arguments)) => import::run(&arguments),
        Some(Task::Verify {
            examined,
            rows,
            json,
        }) => check::verify(&examined, rows.as_deref(), json),
        Some(Task::State(task)) => state::run(&task),
        Some(Task::Rebuild { data, json }) => check::rebuild(&data, json),
        Some(Task::Erase(arguments)) => erase::run(arguments),
        Some(Task::Export(task)) => backup::export(&task),
        Some(Task::ImportLog(task)) => backup::run_import_log(&task),
        Some(Task::Backup(task)) => backup::backup(&task),
        Some(Task::Restore(task)) => backup::restore(&task),
        Some(Task::Checkpoint(task)) => checkpoint::checkpoint(&task),
        Some(Task::Bundle(task)) => checkpoint::bundle(&task),
        Some(Task::Push(arguments)) => push::run(&arguments),
        Some(Task::Follow(arguments)) => follow::run(&arguments),
        Some(Task::Admit(arguments)) => follow::admit(&arguments),
        Some(Task::Keys { task }) => keys::run(task),
        Some(Task::Catalogue { task }) => catalogue::run(&task),
    }
}

impl Data {
    fn folder(&self) -> DataFolder {
        DataFolder::at(&self.data)
    }

    fn options(&self) -> OpenOptions {
        OpenOptions {
            master_key: self.master_key.clone(),
            ..OpenOptions::default()
        }
    }

    fn try_open(&self) -> Result<Ledger, OpenError> {
        self.try_open_with(&self.options())
    }

    fn try_open_with(&self, options: &OpenOptions) -> Result<Ledger, OpenError> {
        let opening = output::waiting("正在读取日志 · reading the log");
        let clock = Arc::new(WallClock::start());
        let opened = Ledger::open(&self.folder(), options, clock);
        opening.finish_and_clear();
        opened
    }

    fn not_opened(&self, error: &OpenError) -> Failed {
        let (folder, why) = (self.data.display(), describe(error));
        Failed::not_run(format!(
            "无法打开台账 {folder} · cannot open the ledger {folder}: {why}"
        ))
    }

    fn open(&self) -> Result<Ledger, Failed> {
        self.try_open().map_err(|error| self.not_opened(&error))
    }

    /// The same by a replay of everything, whatever snapshot lies there.
    fn replay(&self) -> Result<Ledger, Failed> {
        let options = OpenOptions {
            ignores_snapshot: true,
            ..self.options()
        };
        let opened = self.try_open_with(&options);
        opened.map_err(|error| self.not_opened(&error))
    }

    /// The same for what can be had from a server too: says so where one runs.
    fn open_unserved(&self) -> Result<Ledger, Failed> {
        self.try_open().map_err(|error| {
            let mut failed = self.not_opened(&error);
            if error.is_in_use() {
                failed.why.push_str(
                    "\n台账正在使用中：请以 --server 从服务器取日志 · a ledger that is served is reached with --server",
                );
            }
            failed
        })
    }

    /// Opens the ledger, does something with it, closes it.
    fn with_ledger<T>(&self, work: impl FnOnce(&Ledger) -> Result<T, Failed>) -> Result<T, Failed> {
        let ledger = self.open()?;
        let done = work(&ledger);
        ledger.close();
        done
    }
}
