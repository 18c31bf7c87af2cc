//! `probity catalogue`: adopt a new version, write the forms of its classes and its dictionary.

use super::{Data, Failed};
use clap::{Args, Subcommand, ValueEnum};
use probity_app::Ledger;
use probity_app::catalogue::AdoptPackError;
use probity_ingest::form::{dictionary_csv, dictionary_markdown};
use probity_log::SubmitError;
use probity_rules::Packs;
use probity_rules::pack::PACK_BYTES_MAX;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What to do with the catalogue.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// 发布目录或其他规则包的新版本；先全部核对，有误则不发布 · Adopt a new version of the catalogue or of another pack; every
    /// fault is named, and nothing is adopted where there is one
    Adopt(Adopt),
    /// 写出一个子类的填报表 · Write the form of a subcategory
    Template(Template),
    /// 写出数据字典 · Write the data dictionary
    Dictionary(Dictionary),
}

#[derive(Debug, Args)]
pub(super) struct Adopt {
    /// 规则包文件（TOML） · The pack, as TOML
    file: PathBuf,
    /// 作出决定的人员 · Who decided
    #[arg(long)]
    officer: String,
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, Args)]
pub(super) struct Template {
    /// 子类代码，如 CF006 · Code of the subcategory, such as CF006
    code: String,
    /// 写入此文件 · File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    data: Data,
}

/// Forms of the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// One line for each field of each subcategory, UTF-8 with a byte order mark.
    Csv,
    /// A section for each subcategory.
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct Dictionary {
    /// 格式 · Layout
    #[arg(long, value_enum, default_value = "csv")]
    format: Layout,
    /// 写入此文件；默认写到标准输出 · File to write; default: standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
}

/// Carries it out.
pub(super) fn run(task: &Task) -> Result<(), Failed> {
    match task {
        Task::Adopt(task) => task.data.with_ledger(|ledger| adopt(ledger, task)),
        Task::Template(task) => task.data.with_ledger(|ledger| template(ledger, task)),
        Task::Dictionary(task) => task.data.with_ledger(|ledger| dictionary(ledger, task)),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failed {
    let path = path.display();
    Failed::not_run(format!("无法读取 {path} · cannot read {path}: {error}"))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failed {
    let path = path.display();
    Failed::not_run(format!("无法写入 {path} · cannot write {path}: {error}"))
}

fn adopt(ledger: &Ledger, task: &Adopt) -> Result<(), Failed> {
    let length = std::fs::metadata(&task.file).map_err(|e| unreadable(&task.file, &e))?;
    if length.len() > PACK_BYTES_MAX as u64 {
        return Err(Failed::refused(format!(
            "文件超过 {PACK_BYTES_MAX} 字节 · the file has more than {PACK_BYTES_MAX} bytes"
        )));
    }
    let text = std::fs::read_to_string(&task.file).map_err(|e| unreadable(&task.file, &e))?;
    let (name, receipt) = ledger
        .adopt_pack(&text, &task.officer)
        .map_err(|error| match error {
            AdoptPackError::Submit(SubmitError::Refused(refusal)) => {
                Failed::refused(format!("{}\n{refusal}", refusal.zh()))
            }
            AdoptPackError::Name(error) => Failed::refused(error.to_string()),
            other => Failed::could_not(&other),
        })?;
    println!(
        "已发布 · adopted: {} {} {}，位置 position {}",
        name.kind, name.id, name.version, receipt.last
    );
    Ok(())
}

/// Does something with the packs in force today.
fn with_packs<T>(ledger: &Ledger, work: impl FnOnce(&Packs<'_>) -> T) -> Result<T, Failed> {
    let done = ledger.with_packs(&ledger.now(), work);
    done.map_err(|none| Failed::refused(format!("没有已发布的目录 · {none}")))
}

fn template(ledger: &Ledger, task: &Template) -> Result<(), Failed> {
    let code = task.code.to_ascii_uppercase();
    let form = ledger.form(&code).ok_or_else(|| {
        Failed::refused(format!(
            "现行目录没有子类 {code} · the catalogue in force has no subcategory {code}"
        ))
    })?;
    let book = form.workbook().map_err(|e| Failed::could_not(&e))?;
    std::fs::write(&task.out, book).map_err(|e| unwritable(&task.out, &e))?;
    println!("{}", task.out.display());
    Ok(())
}

fn dictionary(ledger: &Ledger, task: &Dictionary) -> Result<(), Failed> {
    let text = with_packs(ledger, |packs| match task.format {
        Layout::Csv => dictionary_csv(packs),
        Layout::Markdown => Ok(dictionary_markdown(packs).into_bytes()),
    })?;
    let text = text.map_err(|e| Failed::could_not(&e))?;
    match &task.out {
        None => std::io::stdout()
            .write_all(&text)
            .map_err(|e| Failed::could_not(&e)),
        Some(path) => std::fs::write(path, text).map_err(|e| unwritable(path, &e)),
    }
}
