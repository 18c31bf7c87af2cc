//! The table for people: on the terminal, and as `docs/benchmarks.md`.

use crate::lab::{Run, Size};
use crate::row::Row;
use std::path::Path;

/// The part of the document between two marks is written anew, the rest stays.
fn replace_part(document: &str, mark: &str, part: &str) -> String {
    let (begin, end) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
    let place = document.find(&begin).zip(document.find(&end));
    match place {
        Some((from, to)) if from < to => {
            format!("{}{begin}\n{part}\n{}", &document[..from], &document[to..])
        }
        _ => format!("{}\n\n{begin}\n{part}\n{end}\n", document.trim_end()),
    }
}

/// Writes one part of the document; the other parts stay as they are.
///
/// # Errors
/// What the file system says.
pub fn write_part(path: &Path, mark: &str, part: &str) -> Run<()> {
    let old = std::fs::read_to_string(path).unwrap_or_else(|_| HEAD.to_owned());
    std::fs::write(path, replace_part(&old, mark, part))?;
    Ok(())
}

const HEAD: &str = "# Benchmarks

Written by `cargo xtask bench`; each figure stands beside its baseline of the same run, on the same machine, in rounds that
take turns. Figures are medians of the rounds. Load clients and servers share the cores of the machine, and so does the
baseline with its client.
";

/// What machine this is, in one line.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(':')).map_or_else(
            || "unknown".to_owned(),
            |(_, value)| value.trim().to_owned(),
        )
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let memory = memory.trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1_048_576.0;
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "{} × {}, {memory:.0} GiB, Linux {}",
        cores,
        value(&read("/proc/cpuinfo"), "model name"),
        kernel.trim()
    )
}

/// The rows as lines of a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| row | what | value | baseline | ratio | target | holds |\n|---|---|---:|---:|---:|---|---|\n",
    );
    for row in rows {
        out += &format!("| {} |\n", row.cells().join(" | "));
    }
    out
}

/// The part of the document that holds the rows.
pub fn rows_part(rows: &[Row], size: &Size, command: &str, day: &str) -> String {
    let notes = rows.iter().filter(|row| !row.note.is_empty());
    let notes: Vec<String> = notes
        .map(|row| format!("- `{}`: {}", row.name, row.note))
        .collect();
    format!(
        "## Rows\n\nMachine: {}. Date: {day}. Command: `{command}`. {} rounds of {} ms.\n\n{}\n{}",
        machine(),
        size.rounds,
        size.round.as_millis(),
        table(rows),
        notes.join("\n")
    )
}

/// Prints the rows for a person.
pub fn print(rows: &[Row]) {
    for row in rows {
        let [name, what, value, baseline, ratio, target, holds] = row.cells();
        let name = name.trim_matches('`');
        let holds = holds.trim_matches('*');
        println!(
            "{name:<28} {value:>22}  baseline {baseline:<40} ratio {ratio:<6} target {target:<22} {holds}"
        );
        println!("{:<28} {what}", "");
        if !row.note.is_empty() {
            println!("{:<28} {}", "", row.note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_of_the_document_is_written_and_the_others_stay() {
        let first = replace_part(HEAD, "rows", "a");
        let both = replace_part(&first, "soak", "b");
        let again = replace_part(&both, "rows", "c");
        assert!(again.starts_with(HEAD.trim_end()));
        assert!(
            again.contains("<!-- rows -->\nc\n<!-- /rows -->"),
            "{again}"
        );
        assert!(
            again.contains("<!-- soak -->\nb\n<!-- /soak -->"),
            "{again}"
        );
        assert!(!again.contains("\na\n"));
    }
}
