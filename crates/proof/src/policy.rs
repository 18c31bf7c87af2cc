//! Trust policies: which witnesses must have seen a checkpoint. The text form is C2SP tlog-policy.
//!
//! A witness is its public key. A name is a word of the policy file; however many names, key names or signature lines one
//! key has, it counts once.

use crate::checkpoint::{Checkpoint, Opened};
use crate::error::ProofError;
use crate::key::{KeyKind, VerifierKey};
use crate::note::{Note, Verified};
use crate::text::shown;
use std::collections::BTreeSet;
use std::fmt;

/// Lines of one kind: logs, witnesses, groups.
pub const POLICY_ROWS_MAX: usize = 256;
const NONE: &str = "none";

/// A log that the policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key.
    pub key: VerifierKey,
    /// Where to reach it.
    pub url: Option<String>,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name in this policy.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where to submit to it.
    pub url: Option<String>,
}

/// A group: it has seen a checkpoint where `threshold` of its members have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyGroup {
    /// Its name in this policy.
    pub name: String,
    /// How many members it takes, from 1.
    pub threshold: u64,
    /// Names of witnesses and of groups before it.
    pub members: Vec<String>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<PolicyGroup>,
    quorum: Option<String>,
}

/// Parsing state: what was named, and what is a member already.
#[derive(Default)]
struct Names {
    defined: BTreeSet<String>,
    used: BTreeSet<String>,
}

impl Names {
    fn define(&mut self, name: &str) -> Result<(), ProofError> {
        if name == NONE || !self.defined.insert(name.to_owned()) {
            return Err(ProofError::new("name", "a name of its own", shown(name)));
        }
        Ok(())
    }

    /// A name may be a member in one place only, so that a witness counts in one way only.
    fn take(&mut self, name: &str) -> Result<(), ProofError> {
        if !self.defined.contains(name) {
            return Err(ProofError::new(
                "member",
                "a name of a line before",
                shown(name),
            ));
        }
        if !self.used.insert(name.to_owned()) {
            return Err(ProofError::new(
                "member",
                "a name that is a member of nothing else",
                shown(name),
            ));
        }
        Ok(())
    }
}

fn key_of(text: &str, kind: KeyKind) -> Result<VerifierKey, ProofError> {
    let key: VerifierKey = text.parse()?;
    crate::error::same("key type", kind as u8, key.kind() as u8)?;
    Ok(key)
}

fn check_new<'a>(
    key: &VerifierKey,
    mut others: impl Iterator<Item = &'a VerifierKey>,
) -> Result<(), ProofError> {
    if others.any(|other| other.public() == key.public()) {
        return Err(ProofError::new("public key", "each key once", key));
    }
    Ok(())
}

fn check_room(rows: usize) -> Result<(), ProofError> {
    if rows >= POLICY_ROWS_MAX {
        return Err(ProofError::new(
            "policy",
            format!("at most {POLICY_ROWS_MAX} lines of a kind"),
            "more",
        ));
    }
    Ok(())
}

impl Policy {
    /// No witness is asked for.
    pub fn none() -> Self {
        Self::default()
    }

    /// `threshold` of the witnesses, by name, key and address.
    ///
    /// # Errors
    /// [`ProofError`] where a key or name stands twice, or the threshold is not 1 to their number.
    pub fn of(threshold: u64, witnesses: Vec<PolicyWitness>) -> Result<Self, ProofError> {
        let (mut policy, mut names) = (Self::default(), Names::default());
        let mut members = Vec::new();
        for witness in witnesses {
            crate::error::same(
                "key type",
                KeyKind::Cosignature as u8,
                witness.key.kind() as u8,
            )?;
            members.push(witness.name.clone());
            policy.add_witness(witness, &mut names)?;
        }
        let group = PolicyGroup {
            name: "quorum-of-witnesses".to_owned(),
            threshold,
            members,
        };
        policy.quorum = Some(group.name.clone());
        policy.add_group(group, &mut names)?;
        Ok(policy)
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`ProofError`] in `line n` and what is wrong there, or in `quorum` where there is not exactly one.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let (mut policy, mut names) = (Self::default(), Names::default());
        let mut has_quorum = false;
        for (number, line) in (1..).zip(text.split('\n')) {
            let at = |e: ProofError| e.inside(&format!("line {number}"));
            if line.contains(|c: char| (c < ' ' && c != '\t') || c == '\x7f') {
                return Err(at(ProofError::new(
                    "text",
                    "no control characters",
                    shown(line),
                )));
            }
            let words: Vec<&str> = line
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            match words.first() {
                None => continue,
                Some(word) if word.starts_with('#') => continue,
                Some(&"quorum") if has_quorum => {
                    return Err(at(ProofError::new("quorum", "one line", "another one")));
                }
                Some(&"quorum") => has_quorum = true,
                Some(_) => {}
            }
            policy.read_line(&words, &mut names).map_err(at)?;
        }
        if !has_quorum {
            return Err(ProofError::new("quorum", "one line", "none"));
        }
        Ok(policy)
    }

    fn read_line(&mut self, words: &[&str], names: &mut Names) -> Result<(), ProofError> {
        match words {
            ["log", key, url @ ..] if url.len() <= 1 => {
                check_room(self.logs.len())?;
                let key = key_of(key, KeyKind::Note)?;
                check_new(&key, self.logs.iter().map(|log| &log.key))?;
                let url = url.first().map(|url| (*url).to_owned());
                self.logs.push(PolicyLog { key, url });
                Ok(())
            }
            ["witness", name, key, url @ ..] if url.len() <= 1 => {
                let witness = PolicyWitness {
                    name: (*name).to_owned(),
                    key: key_of(key, KeyKind::Cosignature)?,
                    url: url.first().map(|url| (*url).to_owned()),
                };
                self.add_witness(witness, names)
            }
            ["group", name, threshold, members @ ..] => {
                let count = members.len() as u64;
                let threshold = match *threshold {
                    "any" => 1,
                    "all" => count,
                    number => crate::text::from_decimal("threshold", number)?,
                };
                let group = PolicyGroup {
                    name: (*name).to_owned(),
                    threshold,
                    members: members.iter().map(|name| (*name).to_owned()).collect(),
                };
                self.add_group(group, names)
            }
            ["quorum", name] => {
                if *name != NONE {
                    names.take(name)?;
                    self.quorum = Some((*name).to_owned());
                }
                Ok(())
            }
            _ => Err(ProofError::new(
                "policy",
                "a line of log, witness, group or quorum",
                shown(&words.join(" ")),
            )),
        }
    }

    fn add_witness(&mut self, witness: PolicyWitness, names: &mut Names) -> Result<(), ProofError> {
        check_room(self.witnesses.len())?;
        names.define(&witness.name)?;
        check_new(&witness.key, self.witnesses.iter().map(|one| &one.key))?;
        self.witnesses.push(witness);
        Ok(())
    }

    fn add_group(&mut self, group: PolicyGroup, names: &mut Names) -> Result<(), ProofError> {
        check_room(self.groups.len())?;
        let count = group.members.len() as u64;
        if group.threshold == 0 || group.threshold > count {
            return Err(ProofError::new(
                "threshold",
                format!("a number from 1 to {count}"),
                group.threshold,
            ));
        }
        group.members.iter().try_for_each(|name| names.take(name))?;
        names.define(&group.name)?;
        self.groups.push(group);
        Ok(())
    }

    /// Logs that it accepts; none means that the caller knows the log.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// Witnesses that it knows.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Groups in order.
    pub fn groups(&self) -> &[PolicyGroup] {
        &self.groups
    }

    /// Name of the witness or group that decides, none where no cosignature is asked for.
    pub fn quorum(&self) -> Option<&str> {
        self.quorum.as_deref()
    }

    /// Keys of the witnesses.
    pub fn witness_keys(&self) -> Vec<VerifierKey> {
        self.witnesses.iter().map(|one| one.key.clone()).collect()
    }

    /// Whether these cosignatures are enough.
    pub fn is_met_by(&self, cosignatures: &[Verified]) -> bool {
        let Some(quorum) = &self.quorum else {
            return true;
        };
        let keys: BTreeSet<[u8; 32]> = cosignatures.iter().map(|one| one.key.public()).collect();
        let has_signed = |one: &&PolicyWitness| keys.contains(&one.key.public());
        let mut seen: BTreeSet<&str> = self
            .witnesses
            .iter()
            .filter(has_signed)
            .map(|one| one.name.as_str())
            .collect();
        // Groups name only what stands before them, so one walk in order settles them all.
        for group in &self.groups {
            let count = group
                .members
                .iter()
                .filter(|name| seen.contains(name.as_str()))
                .count() as u64;
            if count >= group.threshold {
                seen.insert(&group.name);
            }
        }
        seen.contains(quorum.as_str())
    }

    /// Opens a checkpoint of `log` and checks that enough witnesses have seen it.
    ///
    /// # Errors
    /// [`ProofError`] in `log` where the policy lists logs and not this one, in `cosignatures` where they are too few, or
    /// as [`Checkpoint::open`].
    pub fn open(&self, note: &Note, log: &VerifierKey) -> Result<Opened, ProofError> {
        let is_it =
            |row: &PolicyLog| row.key.public() == log.public() && row.key.name() == log.name();
        if !self.logs.is_empty() && !self.logs.iter().any(is_it) {
            return Err(ProofError::new("log", "a log of the policy", log));
        }
        let opened = Checkpoint::open(note, log, &self.witness_keys())?;
        if self.is_met_by(&opened.cosignatures) {
            return Ok(opened);
        }
        let names: Vec<&str> = opened
            .cosignatures
            .iter()
            .map(|one| one.key.name())
            .collect();
        let expected = format!(
            "enough for the quorum {}",
            self.quorum.as_deref().unwrap_or(NONE)
        );
        Err(ProofError::new(
            "cosignatures",
            expected,
            format!("[{}]", names.join(", ")),
        ))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Option<String>| {
            url.as_ref()
                .map(|url| format!(" {url}"))
                .unwrap_or_default()
        };
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, url(&log.url))?;
        }
        for one in &self.witnesses {
            writeln!(f, "witness {} {}{}", one.name, one.key, url(&one.url))?;
        }
        for group in &self.groups {
            writeln!(
                f,
                "group {} {} {}",
                group.name,
                group.threshold,
                group.members.join(" ")
            )?;
        }
        writeln!(f, "quorum {}", self.quorum.as_deref().unwrap_or(NONE))
    }
}
