//! Search over names of organisations: every hit says which name matched, how, and since when. Persons are never found
//! by name here.

use crate::directory::{Directory, NameRow, SubjectRow};
use probity_domain::Tagger;
use probity_types::{CodeList, IdentifierKind};
use std::collections::BTreeMap;

/// What matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchField {
    /// The current name.
    Name,
    /// A name the subject bore before.
    FormerName,
    /// An identifier.
    Identifier,
}

/// How it matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchHow {
    /// The same after folding width, brackets, dots.
    Same,
    /// The same without region and legal form.
    SameCore,
    /// Begins with what was asked.
    Begins,
    /// Contains what was asked.
    Contains,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Index of the subject in the directory.
    pub subject: u32,
    /// Which field matched.
    pub field: MatchField,
    /// How.
    pub how: MatchHow,
    /// The value that matched.
    pub value: String,
    /// Since which entry it is held.
    pub since: probity_types::Position,
}

/// Postings by pairs of neighbouring characters of the folded names.
#[derive(Debug, Clone, Default)]
pub struct NameIndex {
    pairs: BTreeMap<(char, char), Vec<u32>>,
    single: BTreeMap<char, Vec<u32>>,
}

/// More hits than this are not ranked: the question is too wide.
const CANDIDATES_MAX: usize = 20_000;

/// In the order of subjects, whenever a name came: the same after a replay and after a snapshot.
fn post(posting: &mut Vec<u32>, index: u32) {
    if let Err(place) = posting.binary_search(&index) {
        posting.insert(place, index);
    }
}

impl NameIndex {
    /// The index of every name that organisations bear or bore.
    pub(crate) fn of(directory: &Directory) -> Self {
        let mut index = Self::default();
        for (subject, row) in directory.rows().numbered() {
            row.names
                .iter()
                .for_each(|held| index.add(subject, &held.folded));
        }
        index
    }

    /// Adds a subject's newest name, folded.
    pub(crate) fn add(&mut self, index: u32, folded: &str) {
        let mut before = None;
        for c in folded.chars() {
            post(self.single.entry(c).or_default(), index);
            if let Some(before) = before.replace(c) {
                post(self.pairs.entry((before, c)).or_default(), index);
            }
        }
    }

    /// Subjects whose names may contain the folded text.
    fn candidates(&self, folded: &[char]) -> Vec<u32> {
        if let [only] = folded {
            let posting = self.single.get(only).into_iter().flatten();
            return posting.copied().take(CANDIDATES_MAX).collect();
        }
        let mut postings = Vec::new();
        for pair in folded.windows(2) {
            match self.pairs.get(&(pair[0], pair[1])) {
                Some(posting) => postings.push(posting),
                None => return Vec::new(),
            }
        }
        // The rarest pair bounds the work; the text itself is compared afterwards.
        let rarest = postings.into_iter().min_by_key(|posting| posting.len());
        let found: Vec<u32> = rarest
            .into_iter()
            .flatten()
            .copied()
            .take(CANDIDATES_MAX)
            .collect();
        found
    }
}

/// A question as names are compared with it.
struct Asked {
    folded: String,
    core: String,
}

fn how(asked: &Asked, name: &NameRow) -> Option<MatchHow> {
    if name.folded == asked.folded {
        return Some(MatchHow::Same);
    }
    if !asked.core.is_empty() && asked.core == name.core {
        return Some(MatchHow::SameCore);
    }
    if name.folded.starts_with(&asked.folded) {
        return Some(MatchHow::Begins);
    }
    name.folded
        .contains(&asked.folded)
        .then_some(MatchHow::Contains)
}

fn best(row: &SubjectRow, index: u32, asked: &Asked) -> Option<Hit> {
    let last = row.names.len().checked_sub(1)?;
    let judge = |(place, named): (usize, &NameRow)| {
        let how = how(asked, named)?;
        let field = if place == last {
            MatchField::Name
        } else {
            MatchField::FormerName
        };
        Some(Hit {
            subject: index,
            field,
            how,
            value: named.name.clone(),
            since: named.position,
        })
    };
    row.names
        .iter()
        .enumerate()
        .filter_map(judge)
        .min_by_key(|hit| (hit.how, hit.field != MatchField::Name))
}

/// Organisations whose identifier is this text, whole; numbers of persons are not asked for.
fn by_identifier(directory: &Directory, tagger: &Tagger, question: &str) -> Vec<Hit> {
    let code = probity_types::identifiers::normalise(question);
    let kinds = IdentifierKind::ALL
        .iter()
        .filter(|kind| !kind.is_personal());
    let found = kinds.filter_map(|kind| {
        let row = directory.by_identifier(tagger, *kind, &code)?;
        let held = row.identifiers.iter();
        let held = held.filter(|held| held.kind == *kind && held.value == code);
        Some(Hit {
            subject: directory.index(&row.id)?,
            field: MatchField::Identifier,
            how: MatchHow::Same,
            value: code.clone(),
            since: held.map(|held| held.position).next()?,
        })
    });
    found.collect()
}

/// Organisations by name or by identifier, best first, then in order of registration.
pub fn search(
    directory: &Directory,
    names: &NameIndex,
    tagger: &Tagger,
    question: &str,
) -> Vec<Hit> {
    let asked = Asked {
        folded: probity_names::search_key(question),
        core: probity_names::split(question).core,
    };
    if asked.folded.is_empty() {
        return Vec::new();
    }
    let mut hits = by_identifier(directory, tagger, question);
    let folded: Vec<char> = asked.folded.chars().collect();
    let mut candidates = names.candidates(&folded);
    // A question with region and legal form also finds the bare core, and the other way round.
    if asked.core != asked.folded {
        candidates.extend(names.candidates(&asked.core.chars().collect::<Vec<_>>()));
        candidates.sort_unstable();
        candidates.dedup();
    }
    hits.extend(
        candidates
            .into_iter()
            .filter_map(|index| best(directory.row(index)?, index, &asked)),
    );
    hits.sort_by_key(|hit| (hit.how, hit.subject));
    hits.dedup_by_key(|hit| hit.subject);
    hits
}
