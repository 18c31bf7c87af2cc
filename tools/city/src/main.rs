//! `city`: shows a made-up city as counts or, with `--json`, one step a line.

use probity_city::{Scale, Step, city, json};
use probity_types::{Category, CivilDate, CodeList as _};
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

/// Day of the city where none is given: fixed, so that the same command gives the same city tomorrow.
const TODAY: &str = "2026-06-30";

const USAGE: &str = "city [--seed N] [--records N | --demo | --full] [--organisations N] [--persons N] [--key-persons N] \
                     [--today YYYY-MM-DD] [--json]";

/// What is asked for, checked.
#[derive(Debug)]
struct Arguments {
    seed: u64,
    scale: Scale,
    today: CivilDate,
    json: bool,
}

fn read(arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    let mut rest = arguments;
    while let Some(name) = rest.next() {
        let value = match name.as_str() {
            "--json" | "--demo" | "--full" | "--help" => String::new(),
            "--seed" | "--records" | "--organisations" | "--persons" | "--key-persons"
            | "--today" => rest.next().ok_or_else(|| format!("{name} takes a value"))?,
            _ => return Err(format!("unknown argument {name}; usage: {USAGE}")),
        };
        given.insert(name, value);
    }
    if given.contains_key("--help") {
        return Err(format!("usage: {USAGE}"));
    }
    let number = |name: &str| -> Result<Option<u64>, String> {
        given
            .get(name)
            .map(|text| text.parse().map_err(|_| format!("{name} takes a number")))
            .transpose()
    };
    let small = |name: &str| -> Result<Option<u32>, String> {
        number(name)?
            .map(|n| u32::try_from(n).map_err(|_| format!("{name} takes at most {}", u32::MAX)))
            .transpose()
    };
    let mut scale = match number("--records")? {
        Some(records) => Scale::for_records(records),
        None if given.contains_key("--full") => Scale::full(),
        None => Scale::demo(),
    };
    scale.organisations = small("--organisations")?.unwrap_or(scale.organisations);
    scale.persons = small("--persons")?.unwrap_or(scale.persons);
    scale.key_persons = small("--key-persons")?.unwrap_or(scale.key_persons);
    let today = given.get("--today").map_or(TODAY, String::as_str);
    let today = today.parse().map_err(|error| format!("--today: {error}"))?;
    Ok(Arguments {
        seed: number("--seed")?.unwrap_or(1),
        scale,
        today,
        json: given.contains_key("--json"),
    })
}

/// Counts of steps and of records by category.
#[derive(Debug, Default)]
struct Counts {
    categories: BTreeMap<&'static str, u64>,
    steps: BTreeMap<&'static str, u64>,
}

impl Counts {
    fn add(&mut self, step: &Step) {
        let kind = match step {
            Step::Subject(_) => "subjects",
            Step::Certificate(_) => "certificates",
            Step::Record(report) => {
                let code = Category::ALL
                    .iter()
                    .find(|c| report.subcategory.starts_with(c.key()));
                *self
                    .categories
                    .entry(code.map_or("?", |c| c.key()))
                    .or_default() += 1;
                "records"
            }
            Step::Listing(..) => "listings",
            Step::Correct { .. } => "corrected",
            Step::Annul { .. } => "annulled",
            Step::Void { .. } => "voided",
            Step::Perform { .. } => "performed",
            Step::EndListing { .. } => "listings ended",
        };
        *self.steps.entry(kind).or_default() += 1;
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for (key, count) in &self.categories {
            let name = Category::ALL
                .iter()
                .find(|c| c.key() == *key)
                .map_or("", |c| c.en());
            writeln!(out, "{key}  {count:>9}  {name}")?;
        }
        writeln!(out)?;
        self.steps
            .iter()
            .try_for_each(|(kind, count)| writeln!(out, "{count:>13}  {kind}"))
    }
}

fn show(arguments: &Arguments) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut counts = Counts::default();
    for step in city(arguments.seed, arguments.scale, arguments.today) {
        if arguments.json {
            writeln!(out, "{}", json::line(&step))?;
        } else {
            counts.add(&step);
        }
    }
    if !arguments.json {
        counts.write(&mut out)?;
    }
    out.flush()
}

fn main() -> ExitCode {
    let arguments = match read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::from(2);
        }
    };
    match show(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the pipe had enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write: {error}");
            ExitCode::FAILURE
        }
    }
}
