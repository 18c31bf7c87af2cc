//! Subject directory: who is in the register. Names and numbers of organisations only; of persons, keyed tags.

use crate::slim::{Few, Rare, Word, Words};
use probity_domain::Entry;
use probity_domain::source::{Tag, Tagger};
use probity_format::events::{Event, HeldIdentifier};
use probity_types::pack::write_rows;
use probity_types::table::{Index, Rows, ShortPosition, Table, fold_key};
use probity_types::{CivilDate, IdentifierKind, Position, SubjectId, SubjectKind};
use std::collections::BTreeMap;
use std::io;

/// One name of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRow {
    /// As registered.
    pub name: String,
    /// The same as a search compares it: folded, without dots, hyphens and brackets.
    pub folded: String,
    /// Its core, without region and legal form.
    pub core: String,
    /// Entry that brought it.
    pub position: Position,
    /// From this day; none for the name at registration.
    pub since: Option<CivilDate>,
}

impl NameRow {
    fn new(name: &str, position: Position, since: Option<CivilDate>) -> Self {
        Self {
            folded: probity_names::search_key(name),
            core: probity_names::split(name).core,
            name: name.to_owned(),
            position,
            since,
        }
    }
}

/// One identifier of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierRow {
    /// Kind.
    pub kind: IdentifierKind,
    /// Value.
    pub value: String,
    /// Entry that brought it.
    pub position: Position,
}

/// A name as a tag, by which a whole name finds its bearer and nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameTag {
    /// Entry that brought the name.
    pub position: Position,
    /// Tag of the folded name, none where it was never opened or is erased.
    pub tag: Option<Tag>,
}

/// One practice certificate of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRow {
    /// Entry that recorded it.
    pub position: Position,
    /// Tag of its number, none where it was never opened or is erased.
    pub number: Option<Tag>,
}

/// One subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// Id.
    pub id: SubjectId,
    /// Kind.
    pub kind: SubjectKind,
    /// Region code, empty where unknown.
    pub region: Word,
    /// Industry id, empty where unknown.
    pub industry: Word,
    /// Entry that registered it.
    pub registered_at: Position,
    /// Last entry that changed the header.
    pub revision: Position,
    /// Names of an organisation, oldest first; empty for persons.
    pub names: Rare<NameRow>,
    /// Identifiers of an organisation; empty for persons.
    pub identifiers: Rare<IdentifierRow>,
    /// Entries that added an identifier after the registration.
    pub identifiers_added: Rare<Position>,
    /// Every name as a tag, oldest first; persons and organisations alike.
    pub name_tags: Few<NameTag>,
    /// Certificates of a person.
    pub certificates: Rare<CertificateRow>,
    /// Entry that erased who the person is, where one did.
    pub erased_at: Option<Position>,
}

impl SubjectRow {
    /// Tag of the current name; none where it is erased, whatever older names are still held.
    pub fn name_tag(&self) -> Option<Tag> {
        self.name_tags.last()?.tag
    }

    /// The name that an organisation bore on a day, as known then.
    pub fn name_at(&self, moment: &crate::Moment) -> Option<&str> {
        let known = self.names.iter().filter(|row| moment.knows(row.position));
        let mut in_force = known.filter(|row| row.since.is_none_or(|day| day <= moment.valid_on));
        in_force.next_back().map(|row| row.name.as_str())
    }

    /// Entries that say who it is, in order: its registration, renames, added identifiers.
    pub fn identity_at(&self) -> Vec<Position> {
        let named = self.name_tags.iter().map(|tag| tag.position);
        let mut positions: Vec<Position> = named
            .chain(self.identifiers_added.iter().copied())
            .collect();
        positions.sort_unstable();
        positions
    }

    /// The current name of an organisation.
    pub fn name(&self) -> Option<&str> {
        self.names.last().map(|row| row.name.as_str())
    }
}

/// Every subject, by id, by identifier, by name tag.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    rows: Rows<SubjectRow>,
    by_id: Index,
    words: Words,
    /// Holder, and the entry that brought the identifier.
    by_identifier: Table<(u32, ShortPosition)>,
    by_certificate: BTreeMap<Tag, Vec<u32>>,
    namesakes: Table<u32>,
}

impl Directory {
    /// Every row, in order of registration.
    pub fn rows(&self) -> &Rows<SubjectRow> {
        &self.rows
    }

    /// Index of a subject.
    pub fn index(&self, id: &SubjectId) -> Option<u32> {
        let is_it = |index| self.row(index).is_some_and(|row| row.id == *id);
        self.by_id.find(fold_key(&id.0), is_it)
    }

    /// One row by index.
    pub fn row(&self, index: u32) -> Option<&SubjectRow> {
        self.rows.get(index)
    }

    /// One subject.
    pub fn get(&self, id: &SubjectId) -> Option<&SubjectRow> {
        self.row(self.index(id)?)
    }

    /// The subject that holds an identifier.
    pub fn by_identifier(
        &self,
        tagger: &Tagger,
        kind: IdentifierKind,
        value: &str,
    ) -> Option<&SubjectRow> {
        let (index, _) = self.by_identifier.get(&tagger.identifier(kind, value))?;
        self.row(*index)
    }

    /// Identifiers with their holder and the entry that brought them, in the order of their tags.
    pub(crate) fn held_identifiers(&self) -> Vec<(Tag, u32, ShortPosition)> {
        let held = self.by_identifier.sorted().into_iter();
        held.map(|(tag, (index, since))| (tag, index, since))
            .collect()
    }

    /// Feeds into a digest how many bear each name, and who each certificate, in the order of their tags.
    pub(crate) fn feed(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let namesakes = self.counted_names();
        write_rows(out, namesakes.len(), namesakes)?;
        write!(out, "{:?}", self.by_certificate)
    }

    /// How many bear each name, in the order of the tags.
    pub(crate) fn counted_names(&self) -> Vec<(Tag, u32)> {
        self.namesakes.sorted()
    }

    /// Adds a row and finds it from now on; names and identifiers aside.
    fn add(&mut self, row: SubjectRow) {
        let id = row.id;
        let index = self.rows.push(row);
        let rows = &self.rows;
        let hash = |index| rows.get(index).map_or(0, |row| fold_key(&row.id.0));
        self.by_id.insert(fold_key(&id.0), index, hash);
    }

    /// Adds a row that nothing finds before [`Directory::find_again`].
    pub(crate) fn push(&mut self, row: SubjectRow) {
        self.rows.push(row);
    }

    /// Finds the rows that were pushed, by everything that there is of them.
    pub(crate) fn find_again(
        &mut self,
        identifiers: Rows<(Tag, (u32, ShortPosition))>,
        namesakes: Rows<(Tag, u32)>,
    ) {
        self.by_id = self.rows.index(|row| Some(row.id.0));
        self.by_identifier = Table::over(identifiers);
        self.namesakes = Table::over(namesakes);
        for (index, row) in self.rows.numbered() {
            for tag in row.certificates.iter().filter_map(|held| held.number) {
                self.by_certificate.entry(tag).or_default().push(index);
            }
        }
    }

    pub(crate) fn words_mut(&mut self) -> &mut Words {
        &mut self.words
    }

    fn count_name(&mut self, tag: Tag) {
        match self.namesakes.get_mut(&tag) {
            Some(count) => *count += 1,
            None => {
                self.namesakes.insert(tag, 1);
            }
        }
    }

    /// Persons that hold a certificate of this number.
    pub fn by_certificate(
        &self,
        tagger: &Tagger,
        number: &str,
    ) -> impl Iterator<Item = &SubjectRow> {
        let found = self.by_certificate.get(&certificate_tag(tagger, number));
        found
            .into_iter()
            .flatten()
            .filter_map(|index| self.row(*index))
    }

    /// How many subjects of the same sort bear this name.
    pub fn namesakes(&self, tagger: &Tagger, person: bool, name: &str) -> u32 {
        self.namesakes
            .get(&name_tag(tagger, person, name))
            .copied()
            .unwrap_or(0)
    }

    fn row_mut(&mut self, id: &SubjectId) -> Option<&mut SubjectRow> {
        let index = self.index(id)?;
        self.rows.get_mut(index)
    }

    /// Moves on by one entry of a subject's stream. Returns the index of a subject whose names changed.
    pub(crate) fn apply(&mut self, tagger: &Tagger, entry: &Entry) -> Option<u32> {
        let id = SubjectId(entry.header.stream.0);
        let at = entry.header.position;
        match &entry.event {
            Event::SubjectRegistered(event) => {
                let row = SubjectRow {
                    id,
                    kind: event.subject_kind,
                    region: self.words.share(event.region.as_str()),
                    industry: self.words.share(event.industry.as_str()),
                    registered_at: at,
                    revision: at,
                    names: Rare::default(),
                    identifiers: Rare::default(),
                    identifiers_added: Rare::default(),
                    name_tags: Few::default(),
                    certificates: Rare::default(),
                    erased_at: None,
                };
                self.add(row);
                let index = self.index(&id)?;
                let identity = entry.identity();
                let named = identity.map(|identity| identity.name.as_str());
                self.name(tagger, index, named, at, None);
                if let Some(identity) = identity {
                    self.hold(tagger, index, &identity.identifiers, at);
                }
                Some(index)
            }
            Event::SubjectRenamed(event) => {
                let index = self.index(&id)?;
                self.name(
                    tagger,
                    index,
                    entry.new_name(),
                    at,
                    Some(event.effective_on),
                );
                self.row_mut(&id)?.revision = at;
                Some(index)
            }
            Event::IdentifierAdded(_) => {
                let index = self.index(&id)?;
                if let Some(held) = entry.identifier() {
                    self.hold(tagger, index, std::slice::from_ref(held), at);
                }
                let row = self.row_mut(&id)?;
                row.identifiers_added.push(at);
                row.revision = at;
                None
            }
            Event::CertificateRecorded(_) => {
                let index = self.index(&id)?;
                let number = entry
                    .certificate_number()
                    .map(|n| certificate_tag(tagger, n));
                let row = self.row_mut(&id)?;
                row.certificates.push(CertificateRow {
                    position: at,
                    number,
                });
                row.revision = at;
                if let Some(tag) = number {
                    self.by_certificate.entry(tag).or_default().push(index);
                }
                None
            }
            _ => None,
        }
    }

    /// Notes a name; one that is not known to this process or erased is noted as such.
    fn name(
        &mut self,
        tagger: &Tagger,
        index: u32,
        name: Option<&str>,
        position: Position,
        since: Option<CivilDate>,
    ) {
        let Some(row) = self.rows.get_mut(index) else {
            return;
        };
        let tag = name.map(|name| name_tag(tagger, row.kind.is_person(), name));
        row.name_tags.push(NameTag { position, tag });
        if let Some(name) = name.filter(|_| !row.kind.is_person()) {
            row.names.push(NameRow::new(name, position, since));
        }
        if let Some(tag) = tag {
            self.count_name(tag);
        }
    }

    fn hold(&mut self, tagger: &Tagger, index: u32, identifiers: &[HeldIdentifier], at: Position) {
        for held in identifiers {
            let tag = tagger.identifier(held.kind, &held.value);
            if self.by_identifier.get(&tag).is_none() {
                self.by_identifier.insert(tag, (index, at.into()));
            }
            let Some(row) = self.rows.get_mut(index) else {
                continue;
            };
            if !row.kind.is_person() {
                let value = held.value.as_str().to_owned();
                row.identifiers.push(IdentifierRow {
                    kind: held.kind,
                    value,
                    position: at,
                });
            }
        }
    }

    /// After an erasure nothing finds a person by what these entries (ascending) sealed. Whether that erased who the
    /// person is. What happens depends on positions alone, never on whether the content was ever opened here.
    pub(crate) fn forget(&mut self, index: u32, entries: &[Position], at: Position) -> bool {
        let erased = |position: &Position| entries.binary_search(position).is_ok();
        let Some(row) = self.rows.get_mut(index) else {
            return false;
        };
        let mut touched = row.identifiers_added.iter().any(erased);
        for named in row
            .name_tags
            .iter_mut()
            .filter(|named| erased(&named.position))
        {
            touched = true;
            if let Some(tag) = named.tag.take() {
                take_one(&mut self.namesakes, tag);
            }
        }
        for held in row
            .certificates
            .iter_mut()
            .filter(|held| erased(&held.position))
        {
            touched = true;
            if let Some(tag) = held.number.take() {
                remove_owner(&mut self.by_certificate, tag, index);
            }
        }
        if !touched {
            return false;
        }
        row.revision = row.revision.max(at);
        self.by_identifier
            .retain(|(owner, since)| *owner != index || !erased(&since.wide()));
        let is_new = erased(&row.registered_at) && row.erased_at.is_none();
        if is_new {
            row.erased_at = Some(at);
        }
        is_new
    }
}

/// Counts one bearer less; a name that nobody bears leaves no trace.
fn take_one(namesakes: &mut Table<u32>, tag: Tag) {
    if let Some(count) = namesakes.get_mut(&tag) {
        *count -= 1;
        if *count == 0 {
            namesakes.remove(&tag);
        }
    }
}

fn remove_owner(owners_by: &mut BTreeMap<Tag, Vec<u32>>, tag: Tag, owner: u32) {
    if let Some(owners) = owners_by.get_mut(&tag) {
        owners.retain(|other| *other != owner);
        if owners.is_empty() {
            owners_by.remove(&tag);
        }
    }
}

fn name_tag(tagger: &Tagger, person: bool, name: &str) -> Tag {
    tagger.name(person, &probity_names::fold(name))
}

/// Tag of a certificate's number.
pub fn certificate_tag(tagger: &Tagger, number: &str) -> Tag {
    tagger.tag("certificate number", &[number.as_bytes()])
}

/// Whether a name is the current one of a subject.
pub fn bears_name(tagger: &Tagger, row: &SubjectRow, name: &str) -> bool {
    row.name_tag() == Some(name_tag(tagger, row.kind.is_person(), name))
}
