//! `probity verify` and `probity rebuild`.

use super::state::Examined;
use super::{Data, Failed, output};
use probity_app::folder::describe;
use probity_app::rebuild::Compared;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Checks everything that the keys at hand allow.
pub(super) fn verify(
    examined: &Examined,
    rows: Option<&Path>,
    as_json: bool,
) -> Result<(), Failed> {
    let rows = rows.map(super::state::read).transpose()?;
    let sign = output::waiting("核验 · verifying");
    let found =
        examined.with(|place, options| probity_app::verify::verify_at(place, options, rows));
    sign.finish_and_clear();
    match found? {
        Ok(verified) => {
            let text = serde_json::to_value(&verified).unwrap_or_default();
            if as_json {
                println!("{text}");
            } else {
                let level = text["level"].as_str().unwrap_or_default();
                println!("成立 · holds ({level}): {text}");
            }
            Ok(())
        }
        Err(error) => {
            let position = error.position().map(|p| p.0);
            let why = describe(&error);
            if as_json {
                println!(
                    "{}",
                    json!({ "holds": false, "file": error.file(), "position": position,
                        "subject": error.subject(), "why": why })
                );
            }
            let said = format!("{}: {why}", error.file());
            Err(if error.is_broken() {
                Failed::refused(format!("不成立 · does not hold: {said}"))
            } else {
                Failed::not_run(said)
            })
        }
    }
}

/// Removes derived files and rebuilds the views.
pub(super) fn rebuild(data: &Data, as_json: bool) -> Result<(), Failed> {
    let began = Instant::now();
    let ledger = data.replay()?;
    let rebuilt = probity_app::rebuild::rebuild(&ledger);
    ledger.close();
    let rebuilt = rebuilt.map_err(|e| Failed::could_not(&e))?;
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let text = json!({
        "entries": rebuilt.entries, "position": rebuilt.position, "views_digest": rebuilt.digest,
        "removed_files": rebuilt.removed, "compared": rebuilt.compared, "milliseconds": milliseconds,
    });
    if as_json {
        println!("{text}");
    } else {
        let compared = match rebuilt.compared {
            Compared::Equal => "与此前一致 equal to those before",
            Compared::Different => "与此前不一致 DIFFERENT from those before",
            Compared::Nothing => "此前无可比较 nothing to compare with",
        };
        println!(
            "已由 {0} 条日志重建视图，用时 {1} 毫秒；摘要 {2}；{compared} · rebuilt from {0} entries in {1} ms, digest {2}",
            rebuilt.entries, milliseconds, rebuilt.digest
        );
    }
    match rebuilt.compared {
        Compared::Different => Err(Failed::refused(
            "此前的视图与日志不符，已由重建的视图代替\n\
             the views before did not follow from the log; the rebuilt ones have taken their place",
        )),
        Compared::Equal | Compared::Nothing => Ok(()),
    }
}
