//! Records and memberships.

use super::{Sink, Source, malformed, take, take_code, take_position, take_text};
use crate::facts::Shapes;
use crate::listings::{ListingRow, Listings};
use crate::periods::Counted;
use crate::published::Published;
use crate::records::{Ending, RecordRow, Records, Version};
use crate::slim::{Few, Rare, Words};
use probity_rules::HitClass;
use probity_types::pack::demand;
use probity_types::{CodeList, Position};
use std::io;

fn put_some_code<T: CodeList>(sink: &mut Sink<'_>, code: Option<T>) {
    sink.put(code.map_or(u16::MAX, CodeList::number));
}

fn take_some_code<T: CodeList>(block: &mut &[u8]) -> io::Result<Option<T>> {
    let mut ahead = *block;
    if take::<u16>(&mut ahead)? == u16::MAX {
        *block = ahead;
        return Ok(None);
    }
    take_code(block).map(Some)
}

fn put_version(sink: &mut Sink<'_>, version: &Version) {
    sink.put_position(version.position);
    sink.put_position(version.shown_from);
    sink.put_word(&version.authority);
    sink.put_code(version.role);
    sink.put(version.decided_on);
    sink.put(version.effective_from);
    sink.put(version.effective_to);
    sink.put_code(version.severity);
    sink.put_code(version.polarity);
    sink.put_code(version.publicity);
    sink.put(version.summary_procedure);
    put_some_code(sink, version.remedy_state);
    sink.put_facts(version.facts.as_ref());
}

fn take_version(
    words: &mut Words,
    shapes: &mut Shapes,
    source: &mut Source<'_>,
    block: &mut &[u8],
) -> io::Result<Version> {
    Ok(Version {
        position: take_position(block)?,
        shown_from: take_position(block)?,
        authority: source.take_word(block, words)?,
        role: take_code(block)?,
        decided_on: take(block)?,
        effective_from: take(block)?,
        effective_to: take(block)?,
        severity: take_code(block)?,
        polarity: take_code(block)?,
        publicity: take_code(block)?,
        summary_procedure: take(block)?,
        remedy_state: take_some_code(block)?,
        facts: source.take_facts(block, shapes)?,
    })
}

pub(super) fn class_number(class: HitClass) -> u8 {
    let place = HitClass::ALL.iter().position(|known| *known == class);
    // Fifteen classes.
    place.unwrap_or_default() as u8
}

pub(super) fn take_class(block: &mut &[u8]) -> io::Result<HitClass> {
    let class = HitClass::ALL.get(usize::from(take::<u8>(block)?));
    class.copied().ok_or_else(malformed)
}

fn put_record(sink: &mut Sink<'_>, row: &RecordRow) {
    sink.put(row.id);
    sink.put(row.subject);
    sink.put_code(row.subject_kind);
    sink.put_code(row.category);
    sink.put_word(&row.subcategory);
    sink.put_position(row.revision);
    sink.put(row.act());
    sink.put(row.next_of_act());
    sink.put(row.versions.len() as u32);
    row.versions
        .iter()
        .for_each(|version| put_version(sink, version));
    sink.put(row.performed.len() as u32);
    for (position, day, state) in row.performed.iter() {
        sink.put_position(*position);
        sink.put(*day);
        sink.put_code(*state);
    }
    sink.put(row.ending.is_some());
    if let Some((position, ending)) = row.ending.as_deref() {
        sink.put_position(*position);
        match ending {
            Ending::Voided => sink.put(false),
            Ending::Annulled(from) => {
                sink.put(true);
                sink.put(*from);
            }
        }
    }
    sink.put(row.counted.len() as u32);
    for counted in row.counted.iter() {
        sink.put(class_number(counted.class));
        sink.put(counted.from);
        sink.put(counted.to);
    }
    sink.put(row.published.map(|p| (p.from, p.to, p.is_disputed)));
}

fn take_record(
    words: &mut Words,
    shapes: &mut Shapes,
    source: &mut Source<'_>,
    block: &mut &[u8],
) -> io::Result<RecordRow> {
    let (id, subject) = (take(block)?, take(block)?);
    let (subject_kind, category) = (take_code(block)?, take_code(block)?);
    let subcategory = source.take_word(block, words)?;
    let (revision, act, next) = (take_position(block)?, take(block)?, take(block)?);
    let mut versions = Few::default();
    for _ in 0..take::<u32>(block)? {
        versions.push(take_version(words, shapes, source, block)?);
    }
    let mut row = RecordRow::begin(id, subject, subject_kind, category, subcategory, revision);
    row.versions = versions;
    row.set_act(act, next);
    row.performed = take_performed(block)?;
    if take::<bool>(block)? {
        let position = take_position(block)?;
        let ending = match take::<bool>(block)? {
            false => Ending::Voided,
            true => Ending::Annulled(take(block)?),
        };
        row.ending = Some(Box::new((position, ending)));
    }
    for _ in 0..take::<u32>(block)? {
        row.counted.push(Counted {
            class: take_class(block)?,
            from: take(block)?,
            to: take(block)?,
        });
    }
    let published: Option<(_, _, bool)> = take(block)?;
    row.published = published.map(|(from, to, is_disputed)| Published {
        from,
        to,
        is_disputed,
    });
    Ok(row)
}

fn take_performed(
    block: &mut &[u8],
) -> io::Result<
    Rare<(
        Position,
        probity_types::CivilDate,
        probity_types::PerformanceState,
    )>,
> {
    let mut performed = Rare::default();
    for _ in 0..take::<u32>(block)? {
        performed.push((take_position(block)?, take(block)?, take_code(block)?));
    }
    Ok(performed)
}

pub(super) fn write_records(records: &Records, sink: &mut Sink<'_>) -> io::Result<()> {
    sink.rows(records.rows().len(), records.rows().iter(), put_record)
}

pub(super) fn read_records(
    records: &mut Records,
    shapes: &mut Shapes,
    subjects: u32,
    source: &mut Source<'_>,
) -> io::Result<()> {
    source.rows(|source, block| {
        let row = take_record(records.words_mut(), shapes, source, block)?;
        demand(!row.versions.is_empty() && row.subject < subjects)?;
        records.push(row);
        Ok(())
    })?;
    records.find_again();
    Ok(())
}

fn put_listing(sink: &mut Sink<'_>, row: &ListingRow) {
    sink.put(row.id);
    sink.put(row.subject);
    sink.put_code(row.subject_kind);
    put_some_code(sink, row.colour);
    sink.put_code(row.procedure);
    for text in [&row.list, &row.authority, &row.basis] {
        sink.put_bytes(text.as_bytes());
    }
    sink.put(row.listed_on);
    sink.put(row.until);
    sink.put(row.notice_served_on);
    sink.put(row.has_instrument);
    sink.put_position(row.position);
    sink.put_position(row.shown_from);
    sink.put(row.ended.is_some());
    if let Some((position, day, reason)) = row.ended {
        sink.put_position(position);
        sink.put(day);
        sink.put_code(reason);
    }
}

fn take_listing(block: &mut &[u8]) -> io::Result<ListingRow> {
    let text = |block: &mut &[u8]| -> io::Result<Box<str>> { take_text(block).map(Into::into) };
    let mut row = ListingRow {
        id: take(block)?,
        subject: take(block)?,
        subject_kind: take_code(block)?,
        colour: take_some_code(block)?,
        procedure: take_code(block)?,
        list: text(block)?,
        authority: text(block)?,
        basis: text(block)?,
        listed_on: take(block)?,
        until: take(block)?,
        notice_served_on: take(block)?,
        has_instrument: take(block)?,
        position: take_position(block)?,
        shown_from: take_position(block)?,
        ended: None,
    };
    if take::<bool>(block)? {
        row.ended = Some((take_position(block)?, take(block)?, take_code(block)?));
    }
    Ok(row)
}

pub(super) fn write_listings(listings: &Listings, sink: &mut Sink<'_>) -> io::Result<()> {
    sink.rows(listings.rows().len(), listings.rows().iter(), put_listing)
}

pub(super) fn read_listings(listings: &mut Listings, source: &mut Source<'_>) -> io::Result<()> {
    source.rows(|_, block| {
        listings.add(take_listing(block)?);
        Ok(())
    })
}
