//! `probity import`: a file into a data folder, or to a running server.

use super::{Data, Failed, output, remote};
use crate::handlers::imports::{change, duplicate, fault, remark};
use clap::Args;
use probity_app::import::{Ending, ImportError, ImportOrder, ImportReport, Importer, Summary};
use probity_format::ActorKind;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is imported, where to and how.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// 文件 · The file
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// 发送到运行中的服务器，不直接写数据目录 · Send it to a running server instead of writing to a data folder
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "master_key"], requires = "key")]
    server: Option<String>,
    /// 服务器的访问密钥；宜用环境变量，命令行对同机用户可见 · Access key for the server; better in the environment, because
    /// other users of the machine see command lines
    #[arg(long, value_name = "KEY", env = "PROBITY_KEY", hide_env_values = true)]
    key: Option<String>,
    /// 导入方案；默认取与表头相符的方案 · Import profile; default: the one whose headers fit
    #[arg(long)]
    profile: Option<String>,
    /// 只预演，不变更 · Change nothing, only say what would happen
    #[arg(long)]
    rehearse: bool,
    /// 文件中有错误行时仍导入正确的行 · Append the good rows of a file with bad ones
    #[arg(long)]
    accept_good_rows: bool,
    /// 每行一个 JSON 对象，最后一行为汇总 · One JSON object a line, the summary last
    #[arg(long)]
    json: bool,
}

/// What became of a file, wherever it was taken in.
pub(super) struct Told {
    pub(super) ending: Ending,
    pub(super) form: String,
    pub(super) profile: String,
    /// Faults and remarks as [`line`] makes them.
    pub(super) lines: Vec<Value>,
    pub(super) summary: Summary,
}

/// Why no row of a file was looked at.
pub(super) struct Unread {
    /// Exit code: 1 where the file is refused, 2 where it could not be tried.
    pub(super) code: u8,
    pub(super) rule: String,
    pub(super) zh: String,
    pub(super) en: String,
    /// Head of the log, as far as it is known.
    pub(super) position: u64,
}

impl Unread {
    pub(super) fn not_run(rule: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (rule, zh, en) = (rule.to_owned(), zh.into(), en.into());
        Self {
            code: 2,
            rule,
            zh,
            en,
            position: 0,
        }
    }
}

impl From<ImportError> for Unread {
    fn from(error: ImportError) -> Self {
        let code = match error {
            ImportError::Submit(_) | ImportError::Profile { .. } => 2,
            _ => 1,
        };
        let (rule, zh, en) = (error.key().to_owned(), error.zh(), error.to_string());
        let position = 0;
        Self {
            code,
            rule,
            zh,
            en,
            position,
        }
    }
}

/// Takes a file in and says what became of it.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failed> {
    let file = &arguments.file;
    let bytes = std::fs::read(file).map_err(|e| {
        let name = file.display();
        Failed::not_run(format!("无法读取 {name} · cannot read {name}: {e}"))
    })?;
    let order = ImportOrder {
        profile: arguments.profile.clone(),
        rehearse: arguments.rehearse,
        accept_good_rows: arguments.accept_good_rows,
        may_list: true,
        may_register: true,
    };
    let told = match (&arguments.server, &arguments.key) {
        (Some(server), Some(key)) => remote::import(server, key, &bytes, &order),
        _ => arguments
            .data
            .with_ledger(|ledger| Ok(here(ledger, &bytes, &order)))?,
    };
    match told {
        Ok(told) => tell(&told, arguments.json),
        Err(unread) => Err(tell_unread(unread, arguments.json)),
    }
}

fn here(ledger: &probity_app::Ledger, bytes: &[u8], order: &ImportOrder) -> Result<Told, Unread> {
    let bar = output::bar("导入 · importing");
    let importer = Importer {
        kind: ActorKind::Operator,
        id: [0; 16],
    };
    let report = probity_app::import::import(ledger, importer, bytes, order, |progress| {
        output::show(&bar, progress.done, progress.of);
    });
    bar.finish_and_clear();
    let report = report.map_err(|error| Unread {
        position: ledger.head().map_or(0, |(position, _)| position.0),
        ..error.into()
    })?;
    Ok(told(&report))
}

fn told(report: &ImportReport) -> Told {
    let errors = report.errors.iter().map(|error| {
        let mut line = line("error", serde_json::to_value(fault(error)));
        line["header"] = json!(error.header);
        line["value"] = json!(error.value);
        line
    });
    let remarks = report
        .warnings
        .iter()
        .map(|warning| line("warning", serde_json::to_value(remark(warning))));
    let duplicates = report.effects.duplicates.iter();
    let duplicates = duplicates.map(|it| line("duplicate", serde_json::to_value(duplicate(it))));
    let changes = report.effects.changes.iter();
    let changes = changes.map(|it| line("change", serde_json::to_value(change(it))));
    let effects = duplicates.chain(changes);
    Told {
        ending: report.ending,
        form: report.form.clone(),
        profile: report.profile.clone(),
        lines: errors.chain(remarks).chain(effects).collect(),
        summary: report.summary,
    }
}

/// A fault or remark as the interface writes it, with its kind.
pub(super) fn line(kind: &str, problem: serde_json::Result<Value>) -> Value {
    let mut line = problem.unwrap_or_default();
    line["kind"] = json!(kind);
    line
}

fn tell(told: &Told, as_json: bool) -> Result<(), Failed> {
    for line in &told.lines {
        if as_json {
            println!("{line}");
        } else if line["kind"] == "error" {
            println!("{}", sentence(line));
        } else if line["kind"] == "warning" {
            eprintln!("{}", sentence(line));
        } else {
            println!("{}", effect(line));
        }
    }
    if as_json {
        println!("{}", json!(told.summary));
    } else {
        println!("{} · {}", told.form, told.profile);
        println!("{}", summary_line(told));
    }
    let would_be_refused = told.ending == Ending::Rehearsed
        && told.summary.rows > 0
        && told.summary.refused == told.summary.rows;
    if would_be_refused {
        return Err(Failed::refused(
            "照此发送将被整份拒绝；更正后再试，或加 --accept-good-rows 只导入正确的行\n\
             sent like this the file would be refused whole; correct the rows, or add --accept-good-rows",
        ));
    }
    if told.ending == Ending::Refused {
        return Err(Failed::refused(
            "已拒绝，未入库；更正后重新发送，或加 --accept-good-rows 只导入正确的行\n\
             refused, nothing was appended; correct the rows and send the file again, or add --accept-good-rows",
        ));
    }
    Ok(())
}

/// A JSON reader gets its summary here too: no row was looked at, so all counts are nought.
fn tell_unread(unread: Unread, as_json: bool) -> Failed {
    if as_json {
        let Unread { rule, zh, en, .. } = &unread;
        println!(
            "{}",
            json!({ "kind": "refusal", "rule": rule, "detail": en, "detail_zh": zh })
        );
        let summary = Summary {
            position: unread.position,
            ..Summary::default()
        };
        println!("{}", json!(summary));
    }
    let why = format!("{}\n{}", unread.zh, unread.en);
    Failed {
        code: unread.code,
        why,
    }
}

/// Place, value, rule and what to do, in both languages.
fn sentence(line: &Value) -> String {
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    // Row 0 stands for the whole column or file.
    let row = line["row"].as_u64().filter(|row| *row > 0);
    let cell = row.map_or_else(
        || text("column").to_owned(),
        |row| format!("{}{row}", text("column")),
    );
    let mut place = format!("{} {cell}", text("sheet")).trim().to_owned();
    let called = match text("header") {
        "" => text("field"),
        header => header,
    };
    if !called.is_empty() {
        place.push_str(&format!(" [{called}]"));
    }
    if !text("value").is_empty() {
        place.push_str(&format!(" “{}”", text("value")));
    }
    let meant = match text("expected") {
        "" => String::new(),
        expected => format!(" → {expected}?"),
    };
    let (rule, zh, en) = (text("rule"), text("detail_zh"), text("detail"));
    format!("{place} {rule}：{zh} / {en}{meant}")
}

/// A duplicate or a changed standing, in both languages.
fn effect(line: &Value) -> String {
    if line["kind"] == "duplicate" {
        let (zh, en) = match line["reason"].as_str().unwrap_or_default() {
            "already_there" => ("已存在", "there already"),
            "name_only" => ("仅有名称，待认领", "a name only, waits"),
            _ => (
                "内容不同：更正还是错误？",
                "other content: correction or error?",
            ),
        };
        return format!("行 row {}: {zh} · {en}", line["row"]);
    }
    let stand = |stand: &Value| match stand["grade"].as_str() {
        Some(grade) => format!("{grade} {}", stand["lists"]),
        None => "—".to_owned(),
    };
    let name = line["name"].as_str().unwrap_or_default();
    format!(
        "等级或名单将变化 · grade or lists would change: {name} {} → {} (行 rows {})",
        stand(&line["before"]),
        stand(&line["after"]),
        line["rows"]
    )
}

fn summary_line(told: &Told) -> String {
    let s = &told.summary;
    let ending = match told.ending {
        Ending::Imported if s.imported + s.parked == 0 => "无新增 · nothing new",
        Ending::Imported => "已入库 · imported",
        Ending::Rehearsed => "预演，未变更 · rehearsed, nothing changed",
        Ending::Refused => "已拒绝，未入库 · refused, nothing appended",
    };
    let rows: std::collections::BTreeSet<_> = told
        .lines
        .iter()
        .filter(|line| line["kind"] == "error")
        .map(|line| (line["sheet"].to_string(), line["row"].to_string()))
        .collect();
    format!(
        "{ending}: 行 rows {} = 入库 imported {} + 拒绝 refused {} + 已有 already there {} + 待处理 parked {}; \
         错误行 bad rows {}; 位置 position {}",
        s.rows,
        s.imported,
        s.refused,
        s.already_there,
        s.parked,
        rows.len(),
        s.position
    )
}
