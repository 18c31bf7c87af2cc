//! Subjects, what finds them, and which entries concern whom.

use super::{Sink, Source, take, take_code, take_position, take_text};
use crate::Views;
use crate::directory::{CertificateRow, Directory, IdentifierRow, NameRow, NameTag, SubjectRow};
use crate::slim::{Few, Rare};
use crate::streams::Streams;
use crate::timeline::Timeline;
use probity_domain::source::Tag;
use probity_types::pack::{demand, read_rows, write_rows};
use probity_types::table::{Rows, ShortPosition};
use probity_types::{Position, StreamId};
use std::io;

fn put_name(sink: &mut Sink<'_>, row: &NameRow) {
    // With its folded forms: working them out again was a tenth of a start.
    for text in [&row.name, &row.folded, &row.core] {
        sink.put_bytes(text.as_bytes());
    }
    sink.put_position(row.position);
    sink.put(row.since);
}

fn put_subject(sink: &mut Sink<'_>, row: &SubjectRow) {
    sink.put(row.id);
    sink.put_code(row.kind);
    sink.put_word(&row.region);
    sink.put_word(&row.industry);
    sink.put_position(row.registered_at);
    sink.put_position(row.revision);
    sink.put(ShortPosition::from(row.erased_at));
    sink.put(row.names.len() as u32);
    row.names.iter().for_each(|name| put_name(sink, name));
    sink.put(row.identifiers.len() as u32);
    for held in row.identifiers.iter() {
        sink.put_code(held.kind);
        sink.put_bytes(held.value.as_bytes());
        sink.put_position(held.position);
    }
    sink.put(row.identifiers_added.len() as u32);
    for position in row.identifiers_added.iter() {
        sink.put_position(*position);
    }
    sink.put(row.name_tags.len() as u32);
    for named in row.name_tags.iter() {
        sink.put_position(named.position);
        sink.put(named.tag);
    }
    sink.put(row.certificates.len() as u32);
    for held in row.certificates.iter() {
        sink.put_position(held.position);
        sink.put(held.number);
    }
}

fn take_list<T>(
    block: &mut &[u8],
    mut each: impl FnMut(&mut &[u8]) -> io::Result<T>,
) -> io::Result<Rare<T>> {
    let mut list = Rare::default();
    for _ in 0..take::<u32>(block)? {
        list.push(each(block)?);
    }
    Ok(list)
}

fn take_subject(
    directory: &mut Directory,
    source: &mut Source<'_>,
    block: &mut &[u8],
) -> io::Result<SubjectRow> {
    Ok(SubjectRow {
        id: take(block)?,
        kind: take_code(block)?,
        region: source.take_word(block, directory.words_mut())?,
        industry: source.take_word(block, directory.words_mut())?,
        registered_at: take_position(block)?,
        revision: take_position(block)?,
        erased_at: take::<ShortPosition>(block)?.known(),
        names: take_list(block, |block| {
            Ok(NameRow {
                name: take_text(block)?.to_owned(),
                folded: take_text(block)?.to_owned(),
                core: take_text(block)?.to_owned(),
                position: take_position(block)?,
                since: take(block)?,
            })
        })?,
        identifiers: take_list(block, |block| {
            Ok(IdentifierRow {
                kind: take_code(block)?,
                value: take_text(block)?.to_owned(),
                position: take_position(block)?,
            })
        })?,
        identifiers_added: take_list(block, take_position)?,
        name_tags: {
            let mut tags = Few::default();
            for _ in 0..take::<u32>(block)? {
                tags.push(NameTag {
                    position: take_position(block)?,
                    tag: take(block)?,
                });
            }
            tags
        },
        certificates: take_list(block, |block| {
            Ok(CertificateRow {
                position: take_position(block)?,
                number: take(block)?,
            })
        })?,
    })
}

pub(super) fn write(directory: &Directory, sink: &mut Sink<'_>) -> io::Result<()> {
    sink.rows(directory.rows().len(), directory.rows().iter(), put_subject)?;
    let held = directory.held_identifiers();
    write_rows(sink.out, held.len(), held)
}

pub(super) fn read(directory: &mut Directory, source: &mut Source<'_>) -> io::Result<()> {
    source.rows(|source, block| {
        let row = take_subject(directory, source, block)?;
        directory.push(row);
        Ok(())
    })?;
    let (mut identifiers, mut namesakes) = (Rows::default(), Rows::default());
    let each = |(tag, index, since): (Tag, u32, ShortPosition)| {
        identifiers.push((tag, (index, since)));
    };
    read_rows(source.from, |_| (), each)?;
    let each = |namesake: (Tag, u32)| {
        namesakes.push(namesake);
    };
    read_rows(source.from, |_| (), each)?;
    directory.find_again(identifiers, namesakes);
    Ok(())
}

pub(super) fn write_timeline(
    timeline: &Timeline,
    streams: &Streams,
    sink: &mut Sink<'_>,
) -> io::Result<()> {
    sink.rows(timeline.len(), timeline.rows(), |sink, positions| {
        sink.put(positions.len() as u32);
        positions
            .iter()
            .for_each(|position| sink.put_position(*position));
    })?;
    let all: Vec<_> = streams.all().collect();
    sink.rows(all.len(), all.iter(), |sink, (kind, stream, positions)| {
        sink.put(*kind);
        sink.put(*stream);
        sink.put(positions.len() as u32);
        positions
            .iter()
            .for_each(|position| sink.put_position(*position));
    })
}

fn take_positions(block: &mut &[u8]) -> io::Result<Vec<Position>> {
    let count = take::<u32>(block)? as usize;
    demand(count <= block.len())?;
    let mut positions = Vec::with_capacity(count);
    for _ in 0..count {
        positions.push(take_position(block)?);
    }
    Ok(positions)
}

pub(super) fn read_timeline(views: &mut Views, source: &mut Source<'_>) -> io::Result<()> {
    source.rows(|_, block| {
        views.timeline.push(take_positions(block)?);
        Ok(())
    })?;
    source.rows(|_, block| {
        let (kind, stream): (u16, StreamId) = (take(block)?, take(block)?);
        views.streams.put(kind, stream, take_positions(block)?);
        Ok(())
    })
}
