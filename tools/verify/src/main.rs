//! `probity-verify`: is what the log gave out true?
//!
//! Exit status, which scripts may rely on: 0 it holds; 1 it does not (file, position, field, what would be right, what
//! stands there); 2 it could not be examined.

use clap::{Args, Parser, Subcommand};
use probity_verify::fault::Failure;
use probity_verify::log::{Bodies, LogTask};
use probity_verify::state::{self, State};
use probity_verify::{bundle, checkpoints, fork, input, log};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Checks exported logs, bundles, checkpoints and evidence of forks. Reads files, writes its state alone, opens no
/// connection. Exit status: 0 holds, 1 does not hold, 2 could not be examined.
#[derive(Debug, Parser)]
#[command(name = "probity-verify", version)]
struct Command {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Args)]
struct Trust {
    /// The log's verifier key: name+key id+base64.
    #[arg(long, value_name = "KEY")]
    vkey: String,
    /// Policy (C2SP tlog-policy): which witnesses must have seen the checkpoint. Without one, none has to.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Where the newest checkpoint seen of each log is kept. Otherwise below $XDG_STATE_HOME/probity-verify.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// An exported log against a checkpoint: segments, chain, stream chains, commitments, tree.
    Log {
        /// Folder of the export.
        folder: PathBuf,
        /// The signed checkpoint.
        #[arg(long, value_name = "FILE")]
        checkpoint: PathBuf,
        /// First position whose open body is decoded; everything else is checked for every entry.
        #[arg(long, value_name = "P", requires = "to")]
        from: Option<u64>,
        /// Last position whose open body is decoded.
        #[arg(long, value_name = "P", requires = "from")]
        to: Option<u64>,
        /// Decode no open body.
        #[arg(long, conflicts_with = "from")]
        no_bodies: bool,
        #[command(flatten)]
        trust: Trust,
    },
    /// One record with everything that proves it.
    Bundle {
        /// The bundle.
        file: PathBuf,
        #[command(flatten)]
        trust: Trust,
    },
    /// Whether one checkpoint continues another.
    Checkpoints {
        /// The older one.
        old: PathBuf,
        /// The newer one.
        new: PathBuf,
        /// Consistency proof, one base64 hash a line.
        #[arg(long, value_name = "FILE")]
        proof: Option<PathBuf>,
        #[command(flatten)]
        trust: Trust,
    },
    /// Evidence that a log signed two histories: that it holds means that the log did so.
    Fork {
        /// The evidence.
        file: PathBuf,
        /// The log's verifier key.
        #[arg(long, value_name = "KEY")]
        vkey: String,
        /// One JSON object instead of lines.
        #[arg(long)]
        json: bool,
    },
}

/// What to print, in both forms.
struct Answer {
    text: String,
    json: Value,
}

impl Trust {
    fn state(&self) -> Result<State, Failure> {
        match &self.state {
            Some(path) => State::load(path),
            None => State::load(&state::default_path()?),
        }
    }
}

fn run(task: &Task) -> Result<Answer, Failure> {
    match task {
        Task::Log {
            folder,
            checkpoint,
            from,
            to,
            no_bodies,
            trust,
        } => {
            let bodies = match (from, to) {
                (Some(from), Some(to)) => Bodies::Range(*from..=*to),
                _ if *no_bodies => Bodies::None,
                _ => Bodies::All,
            };
            let task = LogTask {
                folder,
                checkpoint,
                key: &input::log_key(&trust.vkey)?,
                policy: &input::policy(trust.policy.as_deref())?,
                bodies,
            };
            let report = log::run(&task, &mut trust.state()?)?;
            Ok(Answer {
                text: report.to_text(),
                json: report.to_json(),
            })
        }
        Task::Bundle { file, trust } => {
            let (key, policy) = (
                input::log_key(&trust.vkey)?,
                input::policy(trust.policy.as_deref())?,
            );
            let report = bundle::run(file, &key, &policy, &trust.state()?)?;
            Ok(Answer {
                text: report.to_text(),
                json: report.to_json(),
            })
        }
        Task::Checkpoints {
            old,
            new,
            proof,
            trust,
        } => {
            let (key, policy) = (
                input::log_key(&trust.vkey)?,
                input::policy(trust.policy.as_deref())?,
            );
            let compared = checkpoints::run(
                (old, new),
                proof.as_deref(),
                &key,
                &policy,
                &mut trust.state()?,
            )?;
            Ok(Answer {
                text: compared.to_text(),
                json: compared.to_json(),
            })
        }
        Task::Fork { file, vkey, .. } => {
            let found = fork::run(file, &input::log_key(vkey)?)?;
            Ok(Answer {
                text: fork::to_text(&found),
                json: fork::to_json(&found),
            })
        }
    }
}

fn main() -> ExitCode {
    let command = Command::parse();
    let is_json = match &command.task {
        Task::Log { trust, .. } | Task::Bundle { trust, .. } | Task::Checkpoints { trust, .. } => {
            trust.json
        }
        Task::Fork { json, .. } => *json,
    };
    let (status, out) = match run(&command.task) {
        Ok(answer) if is_json => (0, format!("{}\n", answer.json)),
        Ok(answer) => (0, answer.text),
        Err(Failure::DoesNotHold(fault)) => {
            eprintln!("does not hold: {fault}");
            let out = json!({ "holds": false, "fault": fault });
            (
                1,
                if is_json {
                    format!("{out}\n")
                } else {
                    String::new()
                },
            )
        }
        Err(Failure::CouldNotRun(why)) => {
            eprintln!("could not run: {why}");
            (2, String::new())
        }
    };
    // Who does not take the answer has not been told that it holds.
    if let Err(error) = io::stdout().write_all(out.as_bytes()) {
        eprintln!("could not run: standard output: {error}");
        return ExitCode::from(if status == 1 { 1 } else { 2 });
    }
    ExitCode::from(status)
}
