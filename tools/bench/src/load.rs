//! The made-up city in a folder: loaded once, kept, copied for each run.

use crate::lab::{Lab, Run, WallClock, city_day, rate};
use probity_app::keys::{KeyOrder, PresentedKey, issue_at_console};
use probity_app::{DataFolder, Ledger, OpenOptions};
use probity_city::{Loaded, Scale, Step, city, command};
use probity_domain::command::{CurrentRecord, Intake};
use probity_domain::report::SubjectClaim;
use probity_format::frame::ActorKind;
use probity_log::{Receipt, Submission, SubmitError};
use probity_types::{ListingId, RecordId, SubjectId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Every run has the same city.
pub const SEED: u64 = 650_200;
/// Steps that are on their way at once; later changes are sent between two of these.
const RUN: usize = 2_048;
/// Label of the key that the measurements use.
const KEY: &str = "bench";
/// File beside a prepared folder that says what is in it.
const SIGN: &str = "bench.json";

/// What loading a city took.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Load {
    /// Subjects.
    pub subjects: u64,
    /// Persons among them.
    pub persons: u64,
    /// Records.
    pub records: u64,
    /// Entries of the log.
    pub entries: u64,
    /// Records a second, later changes and listings included in the time.
    pub records_per_s: f64,
    /// Subjects a second.
    pub subjects_per_s: f64,
    /// Organisations that anybody may see.
    pub organisations: Vec<SubjectId>,
}

/// A folder with a city in it.
#[derive(Debug)]
pub struct City {
    /// The data folder.
    pub data: PathBuf,
    /// What is in it.
    pub load: Load,
}

/// The key that measurements ask with.
pub fn key() -> String {
    PresentedKey::demo(KEY).reveal()
}

struct Loader<'a> {
    ledger: &'a Ledger,
    records: Vec<Receipt>,
    listings: Vec<Receipt>,
}

type Answer = oneshot::Receiver<Result<Receipt, SubmitError>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Record,
    Listing,
    Other,
}

impl Loader<'_> {
    fn send(&self, step: Step) -> Run<Answer> {
        let command = command(step, Intake::default(), self).ok_or("a later step is lost")?;
        let submission = Submission::internal(command, ActorKind::Operator);
        Ok(self.ledger.log.submit_waiting(submission)?)
    }

    fn drain(&mut self, waiting: Vec<(Kind, Answer)>) -> Run<()> {
        for (kind, answer) in waiting {
            let receipt = answer.blocking_recv()??;
            match kind {
                Kind::Record => self.records.push(receipt),
                Kind::Listing => self.listings.push(receipt),
                Kind::Other => {}
            }
        }
        Ok(())
    }

    /// Sends steps without waiting for each; what changes something earlier goes after the receipts.
    fn send_run(&mut self, steps: Vec<Step>) -> Run<()> {
        let (mut waiting, mut later) = (Vec::with_capacity(steps.len()), Vec::new());
        for step in steps {
            let kind = match &step {
                Step::Record(_) => Kind::Record,
                Step::Listing(..) => Kind::Listing,
                Step::Subject(_) => Kind::Other,
                _ => {
                    later.push(step);
                    continue;
                }
            };
            waiting.push((kind, self.send(step)?));
        }
        self.drain(waiting)?;
        let sent = later
            .into_iter()
            .map(|step| Ok((Kind::Other, self.send(step)?)));
        let sent = sent.collect::<Run<Vec<_>>>()?;
        self.drain(sent)
    }

    /// Sends all steps, made a run ahead outside the time that is counted.
    fn send_all(&mut self, steps: &mut dyn Iterator<Item = Step>) -> Run<Duration> {
        let mut took = Duration::ZERO;
        loop {
            let some: Vec<Step> = steps.take(RUN).collect();
            if some.is_empty() {
                return Ok(took);
            }
            let began = Instant::now();
            self.send_run(some)?;
            took += began.elapsed();
        }
    }
}

impl Loaded for Loader<'_> {
    fn record(&self, ordinal: u64) -> Option<RecordId> {
        let receipt = self.records.get(usize::try_from(ordinal).ok()?)?;
        self.ledger.written(*receipt).ok()?.record
    }

    fn current(&self, record: RecordId) -> Option<CurrentRecord> {
        self.ledger.current_record(record).ok()?.ok()
    }

    fn listing(&self, ordinal: u64) -> Option<ListingId> {
        let receipt = self.listings.get(usize::try_from(ordinal).ok()?)?;
        self.ledger.written(*receipt).ok()?.listing
    }

    fn person(&self, claim: &SubjectClaim) -> Option<SubjectId> {
        let views = self.ledger.views();
        let held = claim.identifiers.first()?;
        views
            .directory()
            .by_identifier(views.tagger(), held.kind, &held.value)
            .map(|row| row.id)
    }
}

/// A new ledger with a key for the measurements.
///
/// # Errors
/// It does not begin.
pub fn new_ledger(data: &Path) -> Run<Ledger> {
    let clock = Arc::new(WallClock::start());
    let ledger = Ledger::create(&DataFolder::at(data), &OpenOptions::default(), clock)?;
    let scopes = [
        "subjects:write",
        "records:write",
        "lists:write",
        "persons:read",
    ];
    let order = KeyOrder {
        label: "bench".to_owned(),
        agency: "演示 demo".to_owned(),
        scopes: scopes.map(str::to_owned).into(),
        expires_on: None,
    };
    issue_at_console(&ledger, &PresentedKey::demo(KEY), order, true)?;
    Ok(ledger)
}

/// Loads a city into a new folder.
///
/// # Errors
/// A step is refused.
pub fn load(data: &Path, scale: Scale) -> Run<Load> {
    let ledger = new_ledger(data)?;
    let mut steps = city(SEED, scale, city_day()).peekable();
    let mut loader = Loader {
        ledger: &ledger,
        records: Vec::new(),
        listings: Vec::new(),
    };
    let mut subjects = std::iter::from_fn(|| {
        steps.next_if(|step| matches!(step, Step::Subject(_) | Step::Certificate(_)))
    });
    let registering = loader.send_all(&mut subjects)?;
    let recording = loader.send_all(&mut steps)?;
    let views = ledger.views();
    let rows = views.directory().rows();
    let persons = rows.iter().filter(|row| row.kind.is_person()).count() as u64;
    let public = rows.iter().filter(|row| !row.kind.is_person());
    let load = Load {
        subjects: rows.len() as u64,
        persons,
        records: scale.records,
        entries: ledger.reader.head().next.0,
        records_per_s: rate(scale.records, recording),
        subjects_per_s: rate(rows.len() as u64, registering),
        organisations: public.map(|row| row.id).collect(),
    };
    drop(views);
    ledger.close();
    Ok(load)
}

/// The prepared city of this size: loaded on the first run, found on later ones.
///
/// # Errors
/// As [`load`].
pub fn prepared(lab: &Lab) -> Run<City> {
    let scale = lab.size.city;
    let subjects = scale.organisations_made() + scale.persons_made();
    let folder = lab
        .folder
        .join(format!("city-{subjects}-{}", scale.records));
    let data = folder.join("data");
    if let Ok(sign) = std::fs::read(folder.join(SIGN)) {
        lab.say(&format!("the city in {} is used again", folder.display()));
        let load = serde_json::from_slice(&sign)?;
        return Ok(City { data, load });
    }
    lab.say(&format!(
        "loading a city of {subjects} subjects and {} records",
        scale.records
    ));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let load = load(&data, scale)?;
    std::fs::write(folder.join(SIGN), serde_json::to_vec(&load)?)?;
    Ok(City { data, load })
}

/// A copy of a city that a measurement may write to.
///
/// # Errors
/// `cp` fails.
pub fn copy(lab: &Lab, city: &City) -> Run<City> {
    let folder = lab.fresh("work")?;
    let data = folder.join("data");
    let copied = std::process::Command::new("cp")
        .args(["-a", "--reflink=auto"])
        .args([&city.data, &data])
        .status()?;
    if !copied.success() {
        return Err("the prepared city could not be copied".into());
    }
    Ok(City {
        data,
        load: city.load.clone(),
    })
}
