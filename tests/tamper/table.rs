//! Rows, and what is made of them.

use crate::base::Base;
use crate::judges::Said;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes altered copies in a folder of its own and asks about them.
pub type Ask = fn(&Base, &Path) -> Vec<Finding>;

/// One attack.
pub struct Row {
    /// What is done; with the log's own signing key where that is said.
    pub attack: &'static str,
    /// Who is asked.
    pub ask: Ask,
}

/// What one of them said, beside what had to be said.
pub struct Finding {
    who: &'static str,
    code: i32,
    words: Vec<String>,
    means: &'static str,
    said: Said,
}

impl Said {
    fn must(self, code: i32, words: &[&str], means: &'static str) -> Finding {
        Finding {
            who: self.who,
            code,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            means,
            said: self,
        }
    }

    /// It does not hold, and these words say where.
    pub fn notices(self, words: &[&str]) -> Finding {
        self.must(1, words, "noticed")
    }

    /// It could not be examined, and these words say why: no verdict, and no confirmation either.
    pub fn refuses(self, words: &[&str]) -> Finding {
        self.must(2, words, "no verdict")
    }

    /// Either of these: damage is named, whether or not the rest could be examined.
    pub fn notices_or_refuses(self, words: &[&str]) -> Finding {
        match self.code {
            2 => self.refuses(words),
            _ => self.notices(words),
        }
    }

    /// It holds, because nothing that this verifier has contradicts it.
    pub fn cannot_notice(self, words: &[&str]) -> Finding {
        self.must(0, words, "NOT DETECTABLE")
    }

    /// The evidence holds: it convicts the log.
    pub fn proves(self, words: &[&str]) -> Finding {
        self.must(0, words, "evidence")
    }

    /// It holds, because nothing that is relied on was changed, or it was made anew.
    pub fn stays_true(self, words: &[&str]) -> Finding {
        self.must(0, words, "harmless")
    }
}

impl Finding {
    fn fault(&self) -> Option<String> {
        let Said { code, text, .. } = &self.said;
        let missing: Vec<_> = self.words.iter().filter(|w| !text.contains(*w)).collect();
        let is_right = *code == self.code && missing.is_empty() && !text.contains("panicked");
        (!is_right).then(|| {
            format!(
                "{}: expected exit {} ({}), found {code}; words missing: {missing:?}; said: {text}",
                self.who, self.code, self.means
            )
        })
    }
}

fn examine(base: &Base, row: &Row) -> Vec<Result<Finding, String>> {
    let scratch = base.scratch();
    let asked = std::panic::catch_unwind(|| (row.ask)(base, scratch.path()));
    match asked {
        Ok(findings) => findings.into_iter().map(Ok).collect(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            vec![Err(text.unwrap_or_default())]
        }
    }
}

/// Examines every row, two at a time, prints the table, and fails where a finding is not what it must be.
pub fn run(base: &Base, rows: &[Row]) {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(row) = rows.get(number) else { return };
                    let findings = examine(base, row);
                    done.lock()
                        .expect("no panic inside")
                        .push((number, findings));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic inside");
    done.sort_by_key(|(number, _)| *number);
    let mut faults = Vec::new();
    for (number, findings) in done {
        println!("{}", rows[number].attack);
        assert!(
            !findings.is_empty(),
            "{}: nobody was asked",
            rows[number].attack
        );
        for finding in findings {
            let fault = match finding {
                Ok(finding) => {
                    println!(
                        "    {:<34} {:<14} {}",
                        finding.who,
                        finding.means,
                        finding.words.join(" … ")
                    );
                    finding.fault()
                }
                Err(panic) => Some(panic),
            };
            if let Some(fault) = fault {
                println!("    WRONG {fault}");
                faults.push(format!("{}\n  {fault}", rows[number].attack));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{}:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
