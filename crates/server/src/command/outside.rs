//! Who outside the data folder remembers what was signed: an anchor, witnesses.

use super::Failed;
use crate::witness_client::HttpTransport;
use clap::{Args, ValueEnum};
use probity_app::checkpoints::CheckpointOptions;
use probity_proof::Policy;
use std::path::PathBuf;
use std::time::Duration;

/// Largest policy that is read.
const POLICY_BYTES_MAX: u64 = 1 << 20;

/// See the module.
#[derive(Debug, Default, Args)]
pub(super) struct Outside {
    /// 数据目录之外的锚文件，记住最后签名的检查点；不得与数据目录一同回退 · File outside the data folder that remembers the last
    /// signed checkpoint; it must never be rewound together with the folder
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// 锚文件缺失时重新开始；仅在确认本目录为最新之后使用 · Begin the anchor anew where it is missing; only once you know that this
    /// folder is the newest
    #[arg(long, requires = "anchor")]
    new_anchor: bool,
    /// 见证方策略文件（C2SP tlog-policy）：witness、group、quorum 各行，witness 行须带网址 · Witness policy (C2SP tlog-policy): lines
    /// witness, group, quorum; each witness with its address
    #[arg(long, value_name = "FILE")]
    witnesses: Option<PathBuf>,
    /// 见证方不足时：publish 照常发布并以黄色标示；stop 在若干分钟后暂停写入 · Without enough witnesses: publish goes on and shows
    /// yellow; stop refuses writes after some minutes
    #[arg(long, value_enum, default_value_t, requires = "witnesses")]
    without_quorum: WithoutQuorum,
    /// 暂停写入之前的分钟数 · Minutes before writes are refused
    #[arg(long, value_name = "MINUTES", default_value_t = 10, requires = "witnesses",
        value_parser = clap::value_parser!(u64).range(1..=10_080))]
    quorum_minutes: u64,
}

/// What happens without a quorum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum WithoutQuorum {
    /// Checkpoints go on without it.
    #[default]
    Publish,
    /// Writes are refused after a while.
    Stop,
}

impl Outside {
    /// What checkpoints are shown to, and after how long without a quorum writes are refused.
    pub(super) fn options(&self) -> Result<(CheckpointOptions, Option<Duration>), Failed> {
        let policy = self.witnesses.as_ref().map(read_policy).transpose()?;
        let patience = (self.without_quorum == WithoutQuorum::Stop && policy.is_some())
            .then(|| Duration::from_secs(60 * self.quorum_minutes));
        let options = CheckpointOptions {
            anchor: self.anchor.clone(),
            is_new_anchor: self.new_anchor,
            witnesses: policy.map(|policy| (policy, Box::new(HttpTransport::new()) as Box<_>)),
        };
        Ok((options, patience))
    }
}

fn read_policy(path: &PathBuf) -> Result<Policy, Failed> {
    let refused = |zh: &str, en: &str, why: &dyn std::fmt::Display| {
        let path = path.display();
        Failed::not_run(format!("{path}：{zh}：{why}\n{path}: {en}: {why}"))
    };
    let unread = |why: &dyn std::fmt::Display| refused("无法读取", "cannot be read", why);
    let size = std::fs::metadata(path).map_err(|e| unread(&e))?.len();
    if size > POLICY_BYTES_MAX {
        return Err(unread(&format!("{size} > {POLICY_BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unread(&e))?;
    let wrong =
        |why: &dyn std::fmt::Display| refused("不是见证方策略", "is no witness policy", why);
    let policy = Policy::parse(&text).map_err(|e| wrong(&e))?;
    if let Some(witness) = policy.witnesses().iter().find(|one| one.url.is_none()) {
        return Err(wrong(&format!("witness {}: no address", witness.name)));
    }
    Ok(policy)
}
