//! `probity push`: rows of an agency's database become reports over the interface. Killed at any moment and started again,
//! it goes on without a double and without a gap.

pub(super) mod profile;
mod rows;
mod send;
mod state;

use super::Failed;
use super::database::Database;
use super::patient::Patient;
use clap::Args;
use profile::Profile;
use rows::Row;
use send::Outcome;
use serde::Serialize;
use state::State;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Reports that are under way at once: the writer commits them in groups.
const SENDERS: usize = 8;

/// Where rows come from and where they go.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// 推送方案 · Push profile
    #[arg(long, value_name = "FILE")]
    profile: PathBuf,
    /// 来源数据库；只读账户即可 · Source database; an account that may only read is enough
    #[arg(
        long,
        value_name = "URL",
        env = "PROBITY_DATABASE",
        hide_env_values = true
    )]
    database: String,
    /// 运行中的服务器 · The running server
    #[arg(long, value_name = "URL")]
    server: String,
    /// 访问密钥，须有 records:write 或 subjects:write；宜用环境变量 · Access key with records:write or subjects:write; better in
    /// the environment
    #[arg(long, value_name = "KEY", env = "PROBITY_KEY", hide_env_values = true)]
    key: String,
    /// 进度与被拒行的目录，每个方案一个 · Folder for progress and refused rows, one a profile
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// 推送完后每隔若干秒再查，不退出 · Look again every so many seconds instead of ending
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: Option<u64>,
    /// 服务器繁忙或不可达时尝试的次数 · Tries while the server is busy or out of reach
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    tries: u32,
    /// 汇总为一个 JSON 对象 · The summary as one JSON object
    #[arg(long)]
    json: bool,
}

/// Rows of this run.
#[derive(Debug, Default, Serialize)]
struct Summary {
    rows: u64,
    recorded: u64,
    already_there: u64,
    corrected: u64,
    refused: u64,
}

/// Pushes until no row is left.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failed> {
    let profile = Profile::read(&arguments.profile)?;
    let server = Patient::new(&arguments.server, &arguments.key, arguments.tries)?;
    let mut database = Database::connect(&arguments.database)?;
    rows::check(&mut database, &profile)?;
    let head = server.get("/v1/head", &[])?;
    let log = head.body["log"].as_str().ok_or_else(|| head.failed())?;
    let mut state = State::open(&arguments.state, &profile.id, log)?;
    eprintln!("{} · {}", profile.title_zh, profile.title_en);
    let mut summary = Summary::default();
    loop {
        while push_batch(&mut database, &server, &profile, (&mut state, &mut summary))? {}
        let Some(seconds) = arguments.every else {
            return tell(&summary, arguments);
        };
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

/// Pushes the next rows; whether there were any.
fn push_batch(
    database: &mut Database,
    server: &Patient,
    profile: &Profile,
    (state, summary): (&mut State, &mut Summary),
) -> Result<bool, Failed> {
    let mut rows = rows::after(database, profile, state.cursor())?;
    check_order(state.cursor(), &rows)?;
    // Two states of one row go one after the other.
    let mut seen = BTreeSet::new();
    let once = rows.iter().position(|row| !seen.insert(row.key));
    rows.truncate(once.unwrap_or(rows.len()));
    let Some(last) = rows.last().map(|row| row.cursor) else {
        return Ok(false);
    };
    let (mut pushed, mut rejects) = (Vec::new(), Vec::new());
    for outcome in send_all(server, profile, state, &rows)? {
        summary.rows += 1;
        match outcome {
            Outcome::Recorded(row) => {
                summary.recorded += 1;
                pushed.push(row);
            }
            Outcome::AlreadyThere(row) => {
                summary.already_there += 1;
                pushed.push(row);
            }
            Outcome::Corrected(row) => {
                summary.corrected += 1;
                pushed.push(row);
            }
            Outcome::Rejected(reject) => {
                summary.refused += 1;
                rejects.push(reject);
            }
        }
    }
    state.advance(pushed, rejects, last)?;
    Ok(true)
}

/// A cursor that repeats or falls would leave rows out without a word.
fn check_order(mut before: i64, rows: &[Row]) -> Result<(), Failed> {
    for row in rows {
        if row.cursor <= before {
            return Err(Failed::not_run(
                "游标列须逐行递增，且查询须以 $1 为下限 · the cursor has to rise from row to row, and the query to begin behind $1",
            ));
        }
        before = row.cursor;
    }
    Ok(())
}

/// Sends rows from several threads, each a part of them.
fn send_all(
    server: &Patient,
    profile: &Profile,
    state: &State,
    rows: &[Row],
) -> Result<Vec<Outcome>, Failed> {
    let share = rows.len().div_ceil(SENDERS).max(1);
    let send =
        &|row: &Row| send::send(server, profile, &state.secret, (row, state.pushed(row.key)));
    std::thread::scope(|scope| {
        let threads: Vec<_> = rows
            .chunks(share)
            .map(|rows| scope.spawn(move || rows.iter().map(send).collect::<Result<Vec<_>, _>>()))
            .collect();
        let mut outcomes = Vec::new();
        for thread in threads {
            let done = thread.join();
            outcomes.extend(done.map_err(|_| Failed::not_run("a sender broke off"))??);
        }
        Ok(outcomes)
    })
}

fn tell(summary: &Summary, arguments: &Arguments) -> Result<(), Failed> {
    let Summary {
        rows,
        recorded,
        already_there,
        corrected,
        refused,
    } = summary;
    let line = format!(
        "行 rows {rows} = 入库 recorded {recorded} + 已有 already there {already_there} + 更正 corrected {corrected} + 拒绝 \
         refused {refused}"
    );
    if arguments.json {
        println!("{}", serde_json::json!(summary));
    } else {
        println!("{line}");
    }
    if *refused == 0 {
        return Ok(());
    }
    let file = arguments.state.join("rejects.jsonl");
    let file = file.display();
    Err(Failed::refused(format!(
        "{refused} 行未被接受，原因与更正方法见 {file} · {refused} rows were not taken; {file} says why and what to do"
    )))
}
