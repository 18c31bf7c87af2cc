//! The command line. Exit codes are a contract: 0 done and holds, 1 refused or does not hold, 2 could not run.

use crate::{demo, serve, wall_clock::WallClock};
use clap::{Args, Parser, Subcommand};
use probity_app::folder::describe;
use probity_app::import::{Ending, ImportOrder, Importer, import};
use probity_app::keys::{KeyOrder, PresentedKey, issue_at_console};
use probity_app::verify::verify;
use probity_app::{DataFolder, Ledger, OpenError, OpenOptions};
use probity_format::ActorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Probity, a tamper-evident public-credit ledger
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Task>,
}

/// Where the ledger lies.
#[derive(Debug, Args)]
struct Data {
    /// Data folder
    #[arg(long, default_value = "./probity-data")]
    data: PathBuf,
    /// File with the master key; default: PROBITY_MASTER_KEY or master.key in the data folder
    #[arg(long)]
    master_key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Serve API (default: the demo city in ./probity-data on 127.0.0.1:8080)
    Serve {
        #[command(flatten)]
        data: Data,
        /// Address to listen on
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// Load the made-up city where the folder is new
        #[arg(long)]
        demo: bool,
        /// Publicity profile of the adopted policy: karamay-2012, default or open-organisations [default: default; for
        /// the demo city open-organisations]
        #[arg(long)]
        publicity: Option<String>,
    },
    /// Begin an empty ledger
    Init {
        #[command(flatten)]
        data: Data,
        /// Name of the log, like a schema-less URL
        #[arg(long, default_value = "probity.invalid/log")]
        origin: String,
    },
    /// Take a file in: CSV, XLSX or old XLS
    Import {
        /// The file
        file: PathBuf,
        #[command(flatten)]
        data: Data,
        /// Import profile; default: the one whose headers fit
        #[arg(long)]
        profile: Option<String>,
        /// Change nothing, only say what would happen
        #[arg(long)]
        rehearse: bool,
        /// Append the good rows of a file with bad ones
        #[arg(long)]
        accept_good_rows: bool,
        /// One JSON object a line, the summary last
        #[arg(long)]
        json: bool,
    },
    /// Check everything that can be recomputed; writes nothing under the data folder
    Verify {
        #[command(flatten)]
        data: Data,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write the log as segment files that reader.py reads
    Export {
        #[command(flatten)]
        data: Data,
        /// New or empty folder
        #[arg(long)]
        out: PathBuf,
    },
    /// Issue or revoke access keys
    Keys {
        #[command(subcommand)]
        task: KeyTask,
    },
}

#[derive(Debug, Subcommand)]
enum KeyTask {
    /// Issue a key; it is shown once
    Issue {
        #[command(flatten)]
        data: Data,
        /// What it is for
        #[arg(long)]
        label: String,
        /// Whose it is
        #[arg(long)]
        agency: String,
        /// Scope such as records:write; repeat for more
        #[arg(long, required = true)]
        scope: Vec<probity_api::Scope>,
    },
}

/// Not done: exit code and the reason.
struct Failed(u8, String);

impl Failed {
    fn could_not(error: &dyn std::error::Error) -> Self {
        Self(2, describe(error))
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
    let done = match cli.command {
        None => {
            let data = Data {
                data: "./probity-data".into(),
                master_key: None,
            };
            serve_city(&data, "127.0.0.1:8080", true, None)
        }
        Some(Task::Serve {
            data,
            listen,
            demo,
            publicity,
        }) => serve_city(&data, &listen, demo, publicity.as_deref()),
        Some(Task::Init { data, origin }) => init(&data, origin),
        Some(Task::Import {
            file,
            data,
            profile,
            rehearse,
            accept_good_rows,
            json,
        }) => import_file(
            &file,
            &data,
            &ImportOrder {
                profile,
                rehearse,
                accept_good_rows,
                may_list: true,
            },
            json,
        ),
        Some(Task::Verify { data, json }) => verify_folder(&data, json),
        Some(Task::Export { data, out }) => export(&data, &out),
        Some(Task::Keys {
            task:
                KeyTask::Issue {
                    data,
                    label,
                    agency,
                    scope,
                },
        }) => {
            let scopes = scope.iter().map(ToString::to_string).collect();
            issue_key(
                &data,
                KeyOrder {
                    label,
                    agency,
                    scopes,
                    expires_on: None,
                },
            )
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(code, why)) => {
            eprintln!("probity: {why}");
            ExitCode::from(code)
        }
    }
}

fn options(data: &Data) -> OpenOptions {
    OpenOptions {
        master_key: data.master_key.clone(),
        ..OpenOptions::default()
    }
}

fn open(data: &Data) -> Result<Ledger, OpenError> {
    Ledger::open(
        &DataFolder::at(&data.data),
        &options(data),
        Arc::new(WallClock::start()),
    )
}

/// Opens the ledger, does something with it, closes it.
fn with_ledger<T>(
    data: &Data,
    work: impl FnOnce(&Ledger) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let ledger = open(data).map_err(|e| Failed::could_not(&e))?;
    let done = work(&ledger);
    ledger.close();
    done
}

fn init(data: &Data, origin: String) -> Result<(), Failed> {
    let options = OpenOptions {
        origin,
        ..options(data)
    };
    let ledger = Ledger::create(
        &DataFolder::at(&data.data),
        &options,
        Arc::new(WallClock::start()),
    );
    let ledger = ledger.map_err(|e| Failed::could_not(&e))?;
    println!("began log {} in {}", ledger.id, data.data.display());
    ledger.close();
    Ok(())
}

fn serve_city(
    data: &Data,
    listen: &str,
    with_demo: bool,
    publicity: Option<&str>,
) -> Result<(), Failed> {
    let folder = DataFolder::at(&data.data);
    let ledger = if folder.is_ledger() {
        open(data).map_err(|e| Failed::could_not(&e))?
    } else if with_demo {
        let options = OpenOptions {
            origin: "probity.invalid/demo-city".to_owned(),
            ..options(data)
        };
        let ledger = Ledger::create(&folder, &options, Arc::new(WallClock::start()))
            .map_err(|e| Failed::could_not(&e))?;
        demo::load(&ledger).map_err(|e| Failed::could_not(&e))?;
        ledger
    } else {
        let why = format!(
            "{0} holds no ledger; begin one with `probity init --data {0}`",
            data.data.display()
        );
        return Err(Failed(2, why));
    };
    serve::serve(ledger, listen, publicity).map_err(|e| Failed::could_not(&e))
}

fn import_file(file: &Path, data: &Data, order: &ImportOrder, json: bool) -> Result<(), Failed> {
    let bytes = std::fs::read(file).map_err(|e| Failed(2, format!("{}: {e}", file.display())))?;
    with_ledger(data, |ledger| {
        let bar = indicatif::ProgressBar::new(0);
        let importer = Importer {
            kind: ActorKind::Operator,
            id: [0; 16],
        };
        let report = import(ledger, importer, &bytes, order, |progress| {
            bar.set_length(progress.of);
            bar.set_position(progress.done);
        });
        bar.finish_and_clear();
        let report = report.map_err(|e| Failed(1, format!("{}\n{e}", e.zh())))?;
        for error in &report.errors {
            if json {
                println!("{}", crate::answers::row_error(error));
            } else {
                println!(
                    "{} {} {}：{} / {}",
                    error.sheet,
                    error.address(),
                    error.rule,
                    error.zh,
                    error.en
                );
            }
        }
        if json {
            let summary = serde_json::to_string(&report.summary).unwrap_or_default();
            println!("{summary}");
        } else {
            println!("{} · {}", report.form, report.profile);
            println!("{}", crate::answers::summary_line(&report));
        }
        if report.ending == Ending::Refused {
            Err(Failed(1, "refused; nothing was appended".to_owned()))
        } else {
            Ok(())
        }
    })
}

fn verify_folder(data: &Data, json: bool) -> Result<(), Failed> {
    match verify(&DataFolder::at(&data.data), &options(data)) {
        Ok(verified) => {
            let text = serde_json::to_value(&verified).unwrap_or_default();
            if json {
                println!("{text}");
            } else {
                println!(
                    "holds ({}): {text}",
                    text["level"].as_str().unwrap_or_default()
                );
            }
            Ok(())
        }
        Err(error) => {
            let code = if error.is_broken() { 1 } else { 2 };
            let position = error.position().map(|p| p.0);
            if json {
                let why = describe(&error);
                println!(
                    "{}",
                    serde_json::json!({ "holds": false, "file": error.file(), "position": position, "why": why })
                );
            }
            Err(Failed(
                code,
                format!("{}: {}", error.file(), describe(&error)),
            ))
        }
    }
}

fn export(data: &Data, out: &Path) -> Result<(), Failed> {
    with_ledger(data, |ledger| {
        let first = ledger.entry(probity_types::Position(0)).ok().flatten();
        let origin = match first.map(|entry| entry.event) {
            Some(probity_format::events::Event::LogStarted(event)) => {
                event.origin.as_str().to_owned()
            }
            _ => String::new(),
        };
        let manifest =
            probity_log::export::export(&*ledger.reader, ledger.id, &origin, out, |_| {});
        let manifest = manifest.map_err(|e| Failed::could_not(&e))?;
        println!(
            "exported {} entries, head {}",
            manifest.entries, manifest.entry_hash
        );
        Ok(())
    })
}

fn issue_key(data: &Data, order: KeyOrder) -> Result<(), Failed> {
    with_ledger(data, |ledger| {
        let key = PresentedKey::random().map_err(|e| Failed(2, e.to_string()))?;
        issue_at_console(ledger, &key, order, false).map_err(|e| Failed(1, e.to_string()))?;
        println!("{}", key.reveal());
        Ok(())
    })
}
