//! What is kept ready of every subject: spans that count in grades, spans of publication, numbers of records.

use super::rows::{class_number, take_class};
use super::{Sink, Source, take, take_code};
use crate::Views;
use crate::day_counts::DayCounts;
use crate::grade::Spans;
use crate::published::Kept;
use probity_types::pack::{Packed, demand};
use std::io;

type Day = probity_types::CivilDate;

pub(super) fn write(views: &Views, sink: &mut Sink<'_>) -> io::Result<()> {
    sink.rows(views.grades.len(), views.grades.rows(), put_grades)?;
    let published = &views.published;
    sink.rows(published.len(), published.rows(), put_published)?;
    let counts = &views.counts.0;
    sink.rows(counts.len(), counts.iter(), |sink, count| sink.put(*count))
}

pub(super) fn read(views: &mut Views, source: &mut Source<'_>) -> io::Result<()> {
    source.rows(|_, block| {
        views.grades.push(take_grades(block)?);
        Ok(())
    })?;
    source.rows(|_, block| {
        views.published.push(take_published(block)?);
        Ok(())
    })?;
    source.rows(|_, block| {
        views.counts.0.push(take(block)?);
        Ok(())
    })
}

fn put_list<T: Packed + Copy>(sink: &mut Sink<'_>, list: &[T]) {
    // Spans are counted as records are: in u32.
    sink.put(list.len() as u32);
    list.iter().for_each(|item| sink.put(*item));
}

fn take_list<T: Packed>(block: &mut &[u8]) -> io::Result<Vec<T>> {
    let count = take::<u32>(block)? as usize;
    demand(count <= block.len())?;
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        list.push(take(block)?);
    }
    Ok(list)
}

/// How many follow: fifteen classes, or seven categories twice.
fn take_few<T>(
    block: &mut &[u8],
    each: impl Fn(&mut &[u8]) -> io::Result<T>,
) -> io::Result<Vec<T>> {
    let count = usize::from(take::<u8>(block)?);
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        list.push(each(block)?);
    }
    Ok(list)
}

fn put_grades(sink: &mut Sink<'_>, classes: &Vec<Spans>) {
    sink.put(classes.len() as u8);
    for spans in classes {
        sink.put(class_number(spans.class));
        put_list(sink, &spans.by_position);
    }
}

fn take_grades(block: &mut &[u8]) -> io::Result<Vec<Spans>> {
    take_few(block, |block| {
        Ok(Spans::from_parts(take_class(block)?, take_list(block)?))
    })
}

fn put_published(sink: &mut Sink<'_>, categories: &Vec<Kept>) {
    sink.put(categories.len() as u8);
    for ((category, is_disputed), days) in categories {
        sink.put_code(*category);
        sink.put(*is_disputed);
        match days {
            DayCounts::Few(spans) => {
                sink.put(false);
                put_list(sink, spans);
            }
            DayCounts::Many(days) => {
                sink.put(true);
                put_list(sink, &days.0);
                put_list(sink, &days.1);
            }
        }
    }
}

fn take_published(block: &mut &[u8]) -> io::Result<Vec<Kept>> {
    take_few(block, |block| {
        let key = (take_code(block)?, take(block)?);
        let days = match take::<bool>(block)? {
            false => DayCounts::Few(take_list(block)?),
            true => {
                let days: (Vec<Day>, Vec<Day>) = (take_list(block)?, take_list(block)?);
                demand(days.0.len() == days.1.len())?;
                DayCounts::Many(Box::new(days))
            }
        };
        Ok((key, days))
    })
}
