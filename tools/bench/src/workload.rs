//! Events to append: real ones, as the deciders make them of the made-up city, half of them sealed.

use crate::lab::{Run, city_day};
use probity_city::{Scale, Step, city};
use probity_domain::command::{Adopt, Command, Intake, PolicyKind};
use probity_domain::report::RecordReport;
use probity_domain::{Decision, Entry, Facts, IdSource, NewEvent, Registry, Tagger, decide};
use probity_format::Chain;
use probity_format::frame::ActorKind;
use probity_log::Submission;
use probity_log::unit::{Tip, place};
use probity_rules::builtin::PACKS;
use probity_types::{FieldValue, LogId, RootId, Timestamp};

/// Mean bytes of a body that the design names.
const BODY_BYTES: usize = 350;
/// What a frame has beyond its body, a sealed one and an open one by turns.
const FRAME_BYTES_BEYOND: usize = 240;
/// Events of each sort; they are appended again and again, each time as a new revision of its stream.
const POOL: usize = 2_048;
/// Steps of the city that are looked at for them.
const STEPS: usize = 40_000;
/// Characters that are left of a text.
const TEXT_CHARS: usize = 4;
/// The log that they are made for.
pub const LOG: LogId = LogId([7; 16]);

/// Name of that log.
pub const ORIGIN: &str = "probity.invalid/bench";

/// See the module.
#[derive(Debug)]
pub struct Workload {
    /// What a log begins with.
    pub start: Vec<NewEvent>,
    /// Records of organisations: one open part.
    pub open: Vec<NewEvent>,
    /// Records of persons: one sealed part beside it.
    pub sealed: Vec<NewEvent>,
}

/// Bytes of an event's open body and of its parts before they are sealed.
fn body_bytes(event: &NewEvent) -> Run<usize> {
    let mut bytes = event.event.encode()?.len();
    for part in &event.parts {
        bytes += part.content.encode()?.len();
    }
    Ok(bytes)
}

/// Mean of the bodies of some events.
///
/// # Errors
/// An event that does not encode.
pub fn mean_bytes(events: &[NewEvent]) -> Run<f64> {
    let mut total = 0;
    for event in events {
        total += body_bytes(event)?;
    }
    Ok(total as f64 / events.len().max(1) as f64)
}

/// Cuts what people wrote at length: the city's records are longer than the design's.
fn shorten(report: &mut RecordReport) {
    report.authority_code.clear();
    report.source_unit_code.clear();
    for value in report.fields.values_mut() {
        if let FieldValue::Text(text) = value {
            let short: String = text.chars().take(TEXT_CHARS).collect();
            if let Ok(short) = short.as_str().try_into() {
                *text = short;
            }
        }
    }
}

/// Those whose bodies are nearest to the wanted size, in the order in which they were made.
fn nearest(mut found: Vec<(usize, NewEvent)>) -> Run<Vec<NewEvent>> {
    let mut distances: Vec<usize> = found.iter().map(|(distance, _)| *distance).collect();
    distances.sort_unstable();
    let most = *distances.get(POOL).ok_or("too few events in the city")?;
    found.retain(|(distance, _)| *distance < most);
    Ok(found.into_iter().map(|(_, event)| event).collect())
}

/// Decides commands in memory and forgets what it decided but for the state.
struct Decider {
    registry: Registry,
    ids: IdSource,
    chain: Chain,
    tip: Tip,
}

impl Decider {
    fn decide(&mut self, command: Command) -> Run<Vec<NewEvent>> {
        let mut facts = Facts {
            today: city_day(),
            log: LOG,
            ids: &mut self.ids,
        };
        let events = match decide(&self.registry, &command, &mut facts)? {
            Decision::Append(events) => events,
            Decision::Park(_) | Decision::AlreadyThere(_) => Vec::new(),
        };
        let envelope = Submission::internal(command, ActorKind::Operator).envelope;
        let at = Timestamp(0);
        let placed: Vec<Entry> = place(events.clone(), &envelope, at, &mut self.tip, &self.chain);
        placed.iter().for_each(|entry| self.registry.evolve(entry));
        Ok(events)
    }
}

impl Workload {
    /// Makes both pools.
    ///
    /// # Errors
    /// The city does not decide.
    pub fn make() -> Run<Self> {
        let chain = Chain::default();
        let mut decider = Decider {
            registry: Registry::empty(Tagger::new([7; 32])),
            ids: IdSource::new([8; 32]),
            tip: Tip::at(&chain),
            chain,
        };
        let start = decider.decide(Command::StartLog {
            origin: ORIGIN.to_owned(),
        })?;
        for pack in PACKS {
            decider.decide(Command::Adopt(Box::new(Adopt {
                kind: PolicyKind::Pack(pack.kind),
                id: pack.id.to_owned(),
                version: pack.version.to_owned(),
                officer: "演示岗位".to_owned(),
                text: pack.text.to_owned(),
            })))?;
        }
        let scale = Scale {
            organisations: 500,
            persons: 1_000,
            records: u64::from(u32::MAX),
            key_persons: 0,
        };
        let (mut open, mut sealed) = (Vec::new(), Vec::new());
        for step in city(3, scale, city_day()).take(STEPS) {
            let events = match step {
                Step::Subject(claim) => {
                    decider.decide(Command::RegisterSubject(*claim))?;
                    continue;
                }
                Step::Record(mut report) => {
                    shorten(&mut report);
                    decider.decide(Command::ReportRecord(report, Intake::default()))?
                }
                _ => continue,
            };
            let Ok([event]) = <[NewEvent; 1]>::try_from(events) else {
                continue;
            };
            let distance = body_bytes(&event)?.abs_diff(BODY_BYTES);
            match event.parts.len() {
                0 => open.push((distance, event)),
                1 => sealed.push((distance, event)),
                _ => {}
            }
        }
        Ok(Self {
            start,
            open: nearest(open)?,
            sealed: nearest(sealed)?,
        })
    }

    /// Roots of the keys that the sealed ones need.
    pub fn roots(&self) -> Vec<RootId> {
        let parts = self.sealed.iter().flat_map(|event| &event.parts);
        let mut roots: Vec<RootId> = parts.map(|part| part.root).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// Bytes of a frame of ours on average, for whoever writes as much without our frames.
    pub fn frame_bytes(&self) -> usize {
        BODY_BYTES + FRAME_BYTES_BEYOND
    }

    /// Open and sealed ones by turns, without end.
    pub fn mixed(&self) -> impl Iterator<Item = &NewEvent> {
        let open = self.open.iter().cycle();
        open.zip(self.sealed.iter().cycle())
            .flat_map(|(open, sealed)| [open, sealed])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_events_are_sealed_and_all_are_of_the_promised_size() {
        let workload = Workload::make().expect("the city decides");
        for pool in [&workload.open, &workload.sealed] {
            assert!(pool.len() > POOL / 2, "{}", pool.len());
            let mean = mean_bytes(pool).expect("encodes");
            assert!((mean - BODY_BYTES as f64).abs() < 60.0, "{mean}");
        }
    }
}
