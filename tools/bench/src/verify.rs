//! The offline check of an export, as `probity-verify log` makes it, on one core; beside it the files read and hashed once.

use crate::appends::Appender;
use crate::lab::{Lab, Run, median, rate};
use crate::row::{Row, Target, figure};
use crate::workload::{LOG, ORIGIN, Workload};
use probity_format::leaf::Leaf;
use probity_format::segment::Manifest;
use probity_proof::key::KeyKind;
use probity_proof::tree::leaf_hash;
use probity_proof::{Checkpoint, Frontier, Policy, SigningKey, VerifierKey};
use probity_verify::fault::Failure;
use probity_verify::log::{Bodies, LogTask, run as check};
use probity_verify::state::State;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What chain, stream chains and tree are to reach, and what all of it with every open body decoded.
const SEALED_PER_S: f64 = 1_000_000.0;
const FULL_PER_S: f64 = 400_000.0;
/// Events that are appended together while the log is made.
const GROUP: usize = 1_024;

/// An exported log with its checkpoint.
struct Export {
    folder: PathBuf,
    manifest: Manifest,
    key: VerifierKey,
}

impl Export {
    /// Appends that many events of the workload and exports them.
    fn write(folder: &Path, workload: &Workload, events: u64) -> Run<Self> {
        let mut appender = Appender::create(folder, workload)?;
        let mut tree = Frontier::default();
        let mut source = workload.start.iter().chain(workload.mixed()).cloned();
        while appender.next() < events {
            for frame in appender.append(source.by_ref().take(GROUP).collect())? {
                let leaf = Leaf::of_stored(&frame).ok_or("a frame without a leaf")?;
                tree.push(leaf_hash(&leaf.encode()));
            }
        }
        let out = folder.join("export");
        let reader = appender.reader();
        let manifest = probity_log::export::export(&*reader, LOG, ORIGIN, &out, |_| ())?;
        appender.close()?;
        let key = SigningKey::from_seed(ORIGIN, &[1; 32])?;
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: tree.size(),
            root: tree.root(),
            extensions: Vec::new(),
        };
        std::fs::write(
            folder.join("checkpoint"),
            checkpoint.sign(&key)?.to_string(),
        )?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            key: key.verifier(KeyKind::Note),
        })
    }

    /// Events a second of one check by somebody who has seen no checkpoint before.
    fn check(&self, bodies: Bodies) -> Run<f64> {
        let state = self.folder.join("state.json");
        let _ = std::fs::remove_file(&state);
        let task = LogTask {
            folder: &self.folder.join("export"),
            checkpoint: &self.folder.join("checkpoint"),
            key: &self.key,
            policy: &Policy::none(),
            bodies,
        };
        let began = Instant::now();
        State::load(&state)
            .and_then(|mut state| check(&task, &mut state))
            .map_err(in_words)?;
        Ok(rate(self.manifest.entries, began.elapsed()))
    }

    /// Events a second of reading the files and hashing each whole.
    fn hash(&self) -> Run<f64> {
        let began = Instant::now();
        for segment in &self.manifest.segments {
            let bytes = std::fs::read(self.folder.join("export").join(&segment.file))?;
            std::hint::black_box(blake3::hash(&bytes));
        }
        Ok(rate(self.manifest.entries, began.elapsed()))
    }
}

fn in_words(failure: Failure) -> String {
    match failure {
        Failure::DoesNotHold(fault) => format!("the export does not hold: {fault}"),
        Failure::CouldNotRun(why) => format!("the export could not be checked: {why}"),
    }
}

/// Runs on the first core that this process may use, and so does every thread that the work starts.
fn on_one_core(work: impl FnOnce() -> Run<f64> + Send) -> Run<f64> {
    let pinned = || -> Run<f64> {
        let may = sched_getaffinity(None)?;
        let first = (0..CpuSet::MAX_CPU).find(|core| may.is_set(*core));
        let mut one = CpuSet::new();
        one.set(first.ok_or("a process without a core")?);
        sched_setaffinity(None, &one)?;
        work()
    };
    std::thread::scope(|scope| {
        let working = scope.spawn(|| pinned().map_err(|error| error.to_string()));
        Ok(working.join().map_err(|_| "the check panicked")??)
    })
}

/// Rows `verify_sealed` and `verify_full`.
///
/// # Errors
/// The log is not written, or does not hold.
pub fn rows(lab: &Lab, workload: &Workload) -> Run<Vec<Row>> {
    lab.say("offline check of an export");
    let folder = lab.fresh("verify")?;
    let export = Export::write(&folder, workload, lab.size.verify_events)?;
    let (mut sealed, mut full, mut hashed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..lab.size.rounds {
        hashed.push(on_one_core(|| export.hash())?);
        sealed.push(on_one_core(|| export.check(Bodies::None))?);
        full.push(on_one_core(|| export.check(Bodies::All))?);
        lab.rest();
    }
    std::fs::remove_dir_all(folder)?;
    let note = format!(
        "{} events in {} segments, half of them sealed; signature, segment hashes, chain, stream chains, commitments of \
         open parts, hashes of ciphertexts, tree",
        figure(export.manifest.entries as f64),
        export.manifest.segments.len()
    );
    let row = |name: &str, what: &str, rates: &[f64], target: f64| {
        Row::new(name, what, median(rates), "events/s")
            .beside(median(&hashed), "the files read and hashed by BLAKE3")
            .target(Target::AtLeast(target))
    };
    Ok(vec![
        row(
            "verify_sealed",
            "offline check of an export on one core, bodies not decoded",
            &sealed,
            SEALED_PER_S,
        )
        .note(note),
        row(
            "verify_full",
            "the same, every open body decoded and checked",
            &full,
            FULL_PER_S,
        ),
    ])
}
