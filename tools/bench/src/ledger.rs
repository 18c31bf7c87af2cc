//! What a whole ledger takes, with domain and views: commands in process, import, start, rebuild, memory, key ring.

use crate::contenders::{Contender as _, Plain};
use crate::lab::{Lab, Run, disk_bytes, median, memory, rate};
use crate::load::{City, Load};
use crate::program::Server;
use crate::reports::Reports;
use crate::row::{Row, Target};
use probity_domain::Command;
use probity_format::frame::ActorKind;
use probity_log::{LogHandle, Submission};
use std::time::{Duration, Instant};

/// Reports in process that are made ahead, a second of a round.
const REPORTS_PER_S: f64 = 80_000.0;
/// Starts that are timed; the middle one is told.
const STARTS: usize = 3;

/// Rows `submit_N`: whole commands through the writer, decided and shown, from N tasks that wait for their receipts.
///
/// # Errors
/// The ledger refuses.
pub fn submit_rows(lab: &Lab, city: &City, frame_bytes: usize) -> Run<Vec<Row>> {
    let clock = std::sync::Arc::new(crate::lab::WallClock::start());
    let folder = probity_app::DataFolder::at(&city.data);
    let ledger = probity_app::Ledger::open(&folder, &Default::default(), clock)?;
    let mut plain = Plain::create(&lab.folder.join("plain"))?;
    let mut reports = Reports::about(lab.size.city, 78);
    let mut rows = Vec::new();
    for writers in crate::appends::WRITERS {
        lab.say(&format!("commands in process, {writers} writers"));
        let count = (lab.size.round.as_secs_f64() * REPORTS_PER_S) as usize;
        let group = vec![vec![0x5a; frame_bytes]; writers];
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..lab.size.rounds {
            let made = (0..count).map(|_| reports.command());
            let made = made.collect::<Run<Vec<_>>>()?;
            ours.push(submit_round(&ledger.log, made, writers, lab.size.round)?);
            lab.rest();
            let began = Instant::now();
            let mut written = 0;
            while began.elapsed() < lab.size.round / 2 {
                plain.commit(0, &group)?;
                written += writers as u64;
            }
            theirs.push(rate(written, began.elapsed()));
            lab.rest();
        }
        let what =
            format!("report decided, sealed, durable, projected, in process; {writers} writers");
        rows.push(
            Row::new(
                &format!("submit_{writers}"),
                &what,
                median(&ours),
                "reports/s",
            )
            .beside(median(&theirs), "plain file")
            .note("the domain and all views included, which the plain file has not"),
        );
    }
    ledger.close();
    drop(ledger);
    std::fs::remove_file(lab.folder.join("plain"))?;
    Ok(rows)
}

fn submit_round(
    log: &LogHandle,
    commands: Vec<Command>,
    writers: usize,
    length: Duration,
) -> Run<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let source = std::rc::Rc::new(std::cell::RefCell::new(commands.into_iter()));
        let local = tokio::task::LocalSet::new();
        let began = Instant::now();
        let running: Vec<_> = (0..writers)
            .map(|_| {
                let (log, source) = (log.clone(), source.clone());
                local.spawn_local(async move {
                    let mut done = 0;
                    while began.elapsed() < length {
                        let Some(command) = source.borrow_mut().next() else {
                            break;
                        };
                        let submission = Submission::internal(command, ActorKind::Operator);
                        // A report that the deciders refuse costs as much; it is not counted.
                        done += u64::from(log.submit(submission).await.is_ok());
                    }
                    done
                })
            })
            .collect();
        local
            .run_until(async {
                let mut done = 0;
                for writer in running {
                    done += writer.await?;
                }
                Ok(rate(done, began.elapsed()))
            })
            .await
    })
}

/// Row `import`: a city of its own, from commands to views.
///
/// # Errors
/// A step is refused.
pub fn import_row(lab: &Lab) -> Run<Row> {
    lab.say("import");
    let folder = lab.fresh("import")?;
    let scale = probity_city::Scale::for_records(lab.size.import_records);
    let load = crate::load::load(&folder.join("data"), scale)?;
    std::fs::remove_dir_all(folder)?;
    Ok(import_row_of(&load, ""))
}

/// The same figure of a load that took place before.
pub fn import_row_of(load: &Load, suffix: &str) -> Row {
    let note = format!(
        "{} records with their listings and later changes; {} subjects before at {} a second",
        crate::row::figure(load.records as f64),
        crate::row::figure(load.subjects as f64),
        crate::row::figure(load.subjects_per_s)
    );
    let what = "city through submit, validate, decide, append, project";
    Row::new(
        &format!("import{suffix}"),
        what,
        load.records_per_s,
        "records/s",
    )
    .target(Target::AtLeast(100_000.0))
    .note(note)
}

/// Row `restart`: from the start of the process until it listens; the server runs on.
///
/// # Errors
/// It does not come up.
pub fn restart(lab: &Lab, city: &City) -> Run<(Row, Server)> {
    lab.say("restart");
    let mut times = Vec::new();
    for _ in 1..STARTS {
        let server = Server::probity(&lab.program, &city.data)?;
        times.push(server.until_ready.as_secs_f64());
    }
    let server = Server::probity(&lab.program, &city.data)?;
    times.push(server.until_ready.as_secs_f64());
    let entries = city.load.entries as f64;
    let note = format!("{} entries", crate::row::figure(entries));
    let row = Row::new(
        "restart",
        "start of the process to ready",
        median(&times),
        "s",
    )
    .target(Target::AtMost(3.0))
    .note(note);
    Ok((row, server))
}

/// Row `rebuild`: the program's own command, from its start to its end.
///
/// # Errors
/// It fails.
pub fn rebuild_row(lab: &Lab, city: &City) -> Run<Row> {
    lab.say("rebuild");
    let began = Instant::now();
    let output = std::process::Command::new(&lab.program)
        .args(["rebuild", "--json", "--data"])
        .arg(&city.data)
        .output()?;
    let took = began.elapsed();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let told: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let entries = told["entries"].as_u64().unwrap_or(city.load.entries);
    let note = format!(
        "{} entries in {:.1} s, start and end of the process included",
        crate::row::figure(entries as f64),
        took.as_secs_f64()
    );
    let what = "all views from the log, every hash checked";
    Ok(Row::new("rebuild", what, rate(entries, took), "events/s")
        .target(Target::AtLeast(500_000.0))
        .note(note))
}

/// Row `memory`: resident memory of the server after start and reads, before the writes of this run.
///
/// # Errors
/// The process is gone.
pub fn memory_row(server: &Server, city: &City) -> Run<Row> {
    let (now, most) = memory(server.id())?;
    let mebibytes = |bytes: u64| bytes as f64 / 1_048_576.0;
    let note = format!(
        "{} entries, {} subjects; {:.0} MiB at its highest, {:.0} bytes an entry",
        crate::row::figure(city.load.entries as f64),
        crate::row::figure(city.load.subjects as f64),
        mebibytes(most),
        now as f64 / city.load.entries.max(1) as f64
    );
    let what = "resident memory of the server after load";
    Ok(Row::new("memory", what, mebibytes(now), "MiB")
        .target(Target::AtMost(1_536.0))
        .note(note))
}

/// Row `disk_key_ring`, and what the whole log takes.
///
/// # Errors
/// A folder does not read.
pub fn folder_rows(city: &City) -> Run<Vec<Row>> {
    let keys = disk_bytes(&city.data.join("keys"), "")? as f64;
    let log = disk_bytes(&city.data.join("log"), "journal")? as f64;
    let (persons, entries) = (city.load.persons as f64, city.load.entries as f64);
    Ok(vec![
        Row::new(
            "disk_key_ring",
            "key ring, a person",
            keys / persons.max(1.0),
            "bytes",
        )
        .target(Target::AtMost(100.0)),
        Row::new(
            "disk_log",
            "the city's log, an entry",
            log / entries.max(1.0),
            "bytes",
        )
        .note("open and sealed as the city has them; journal and snapshots apart"),
    ])
}
