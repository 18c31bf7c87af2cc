//! `probity erase`: destroys the keys of what concerns a person, by decision, at the machine's own command line.

use super::{Data, Failed};
use clap::{ArgGroup, Args};
use probity_app::{ErasureOrder, ErasureTarget};
use probity_app::{Ledger, WriteError};
use probity_log::SubmitError;
use probity_types::{PendingId, RecordId, SubjectId};
use serde_json::json;

/// What to erase, and who decided.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("target").required(true).args(["person", "record", "pending"])))]
pub(super) struct Erase {
    #[command(flatten)]
    data: Data,
    /// 自然人及其全部密封内容 · A natural person with everything sealed about them
    #[arg(long, value_name = "SUBJECT")]
    person: Option<SubjectId>,
    /// 一条记录的密封内容 · The sealed content of one record
    #[arg(long, value_name = "RECORD")]
    record: Option<RecordId>,
    /// 一份待认领的报送 · A waiting report
    #[arg(long, value_name = "PENDING")]
    pending: Option<PendingId>,
    /// 决定机关 · Who decided
    #[arg(long)]
    authority: String,
    /// 法律依据 · Legal basis
    #[arg(long)]
    legal_basis: String,
    /// 输出一个 JSON 对象 · One JSON object
    #[arg(long)]
    json: bool,
}

/// Carries it out.
pub(super) fn run(erase: Erase) -> Result<(), Failed> {
    let person = erase.person.map(ErasureTarget::Person);
    let record = erase.record.map(ErasureTarget::Record);
    let pending = erase.pending.map(ErasureTarget::Pending);
    let Some(target) = person.or(record).or(pending) else {
        return Err(Failed::not_run("没有指定对象 · nothing named to erase"));
    };
    let order = ErasureOrder {
        target,
        authority: erase.authority,
        legal_basis: erase.legal_basis,
    };
    erase
        .data
        .with_ledger(|ledger| carry_out(ledger, order, erase.json))
}

fn carry_out(ledger: &Ledger, order: ErasureOrder, as_json: bool) -> Result<(), Failed> {
    let erased = ledger
        .erase_at_console(order)
        .map_err(|error| match error {
            WriteError::Submit(SubmitError::Refused(refusal)) => {
                Failed::refused(format!("{}\n{refusal}", refusal.zh()))
            }
            other => Failed::could_not(&other),
        })?;
    let (position, entries) = (erased.receipt.last, erased.entries);
    if as_json {
        println!("{}", json!({ "position": position, "entries": entries }));
    } else {
        println!(
            "已删除 {entries} 条中的个人信息，决定在第 {position} 条 · erased in {entries} entries, the decision stands at position {position}"
        );
    }
    Ok(())
}
