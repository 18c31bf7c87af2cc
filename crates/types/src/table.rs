//! Rows by the million, and finding one by a 16-byte key.
//!
//! In scope: memory. A row takes its own bytes and no allocation; an index takes about seven bytes a row; copying either
//! takes as long as counting its pieces, because pieces are shared until one side changes them. Out of scope: what rows
//! mean. Keys are ids and tags that nobody outside can choose (drawn at random, or hashed under a secret), so the index
//! hashes them by folding. Nothing here hands out rows in the order of a hash.

use crate::Position;
use hashbrown::HashTable;
use std::sync::Arc;

/// Rows in one shared piece: small enough to be copied within microseconds.
const PIECE_ROWS: usize = 512;
/// Parts of an index, each grown and copied by itself.
const SHARDS: usize = 256;

/// A position in five bytes, for tables of millions of rows. Holds every position below 2⁴⁰ − 1, and "none".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShortPosition([u8; 5]);

impl ShortPosition {
    /// No position.
    pub const NONE: Self = Self([0xff; 5]);

    /// The position.
    pub fn wide(self) -> Position {
        self.known().unwrap_or(Position::NONE)
    }

    /// The position, where there is one.
    pub fn known(self) -> Option<Position> {
        let mut bytes = [0; 8];
        bytes[..5].copy_from_slice(&self.0);
        (self != Self::NONE).then_some(Position(u64::from_le_bytes(bytes)))
    }

    /// Its five bytes, least first.
    pub fn bytes(self) -> [u8; 5] {
        self.0
    }

    /// From the five bytes.
    pub fn from_bytes(bytes: [u8; 5]) -> Self {
        Self(bytes)
    }
}

impl From<Position> for ShortPosition {
    /// What lies beyond 2⁴⁰ − 1 becomes "none": a log of that length would take petabytes.
    fn from(position: Position) -> Self {
        let [a, b, c, d, e, high @ ..] = position.0.to_le_bytes();
        if high == [0; 3] {
            Self([a, b, c, d, e])
        } else {
            Self::NONE
        }
    }
}

impl From<Option<Position>> for ShortPosition {
    fn from(position: Option<Position>) -> Self {
        position.map_or(Self::NONE, Self::from)
    }
}

impl std::fmt::Debug for ShortPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.known(), f)
    }
}

/// Rows in the order in which they came. A row's number never changes.
#[derive(Debug, Clone)]
pub struct Rows<R> {
    full: Vec<Arc<[R]>>,
    last: Vec<R>,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            last: Vec::new(),
        }
    }
}

impl<R: Clone + PartialEq> PartialEq for Rows<R> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<R: Clone> Rows<R> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.full.len() * PIECE_ROWS + self.last.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One row.
    pub fn get(&self, row: u32) -> Option<&R> {
        let row = row as usize;
        match self.full.get(row / PIECE_ROWS) {
            Some(piece) => piece.get(row % PIECE_ROWS),
            None => self
                .last
                .get(row.checked_sub(self.full.len() * PIECE_ROWS)?),
        }
    }

    /// One row, to be changed.
    pub fn get_mut(&mut self, row: u32) -> Option<&mut R> {
        let row = row as usize;
        let before = self.full.len() * PIECE_ROWS;
        match self.full.get_mut(row / PIECE_ROWS) {
            Some(piece) => Arc::make_mut(piece).get_mut(row % PIECE_ROWS),
            None => self.last.get_mut(row.checked_sub(before)?),
        }
    }

    /// Adds a row and gives its number.
    pub fn push(&mut self, row: R) -> u32 {
        // Four billion rows of any table do not fit into memory.
        let number = self.len() as u32;
        self.last.push(row);
        if self.last.len() == PIECE_ROWS {
            // The room stays for the next piece: growing it again and again would copy every row twice more.
            self.full.push(self.last.drain(..).collect());
        }
        number
    }

    /// Takes the last row away.
    pub fn pop(&mut self) -> Option<R> {
        if self.last.is_empty() {
            self.last = self.full.pop()?.to_vec();
        }
        self.last.pop()
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        let full = self.full.iter().flat_map(|piece| piece.iter());
        full.chain(self.last.iter())
    }

    /// An index over every row that has a key. Of several rows with one key, the last one is found.
    pub fn index(&self, key_of: impl Fn(&R) -> Option<[u8; 16]>) -> Index {
        let key_in = |row| self.get(row).and_then(&key_of);
        let keys = self.numbered();
        let keys = keys.filter_map(|(number, row)| Some((fold_key(&key_of(row)?), number)));
        Index::over(self.len(), keys, |one, other| key_in(one) == key_in(other))
    }

    /// Every row with its number, in order.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &R)> {
        (0u32..).zip(self.iter())
    }
}

/// Folds a key that nobody outside can choose into a hash.
pub fn fold_key(key: &[u8; 16]) -> u64 {
    let value = u128::from_le_bytes(*key);
    // Both halves count: ids of tests differ in one of them alone.
    let folded = (value as u64) ^ ((value >> 64) as u64).rotate_left(29);
    let mixed = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// Finds a row's number (or another small value that leads to the row) by the hash of its key. The key itself stays in the
/// row.
#[derive(Debug, Clone)]
pub struct Index<T = u32> {
    shards: Vec<Arc<HashTable<T>>>,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        // One empty part, shared until something is added.
        Self {
            shards: vec![Arc::default(); SHARDS],
        }
    }
}

fn shard(hash: u64) -> usize {
    // The table itself takes the lowest bits and the seven highest ones.
    (hash >> 40) as usize % SHARDS
}

impl<T: Copy> Index<T> {
    /// The row with this hash for which `is_it` says so.
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(T) -> bool) -> Option<T> {
        let shard = self.shards.get(shard(hash))?;
        shard.find(hash, |row| is_it(*row)).copied()
    }

    /// Adds a row that is not in the index. `hash_of` tells the hash of any row in it.
    pub fn insert(&mut self, hash: u64, row: T, hash_of: impl Fn(T) -> u64) {
        if let Some(shard) = self.shards.get_mut(shard(hash)) {
            Arc::make_mut(shard).insert_unique(hash, row, |row| hash_of(*row));
        }
    }

    /// Takes a row out.
    pub fn remove(&mut self, hash: u64, mut is_it: impl FnMut(T) -> bool) -> Option<T> {
        let shard = self.shards.get_mut(shard(hash))?;
        shard.find(hash, |row| is_it(*row))?;
        let found = Arc::make_mut(shard).find_entry(hash, |row| is_it(*row));
        found.ok().map(|entry| entry.remove().0)
    }

    /// Makes room for this many more rows at once.
    pub fn reserve(&mut self, rows: usize, hash_of: impl Fn(T) -> u64) {
        // A sixteenth more, because hashes do not fall evenly.
        let each = rows / SHARDS + rows / SHARDS / 16;
        for shard in &mut self.shards {
            Arc::make_mut(shard).reserve(each, |row| hash_of(*row));
        }
    }

    /// An index over many rows with their hashes, made part by part: faster than adding them in the order of the rows,
    /// which jumps from part to part. Of several rows that are the same by `is_same`, the last one is found. `count` says
    /// how many rows come, about.
    pub fn over(
        count: usize,
        rows: impl Iterator<Item = (u64, T)>,
        is_same: impl Fn(T, T) -> bool,
    ) -> Self {
        // A sixteenth more, because hashes do not fall evenly.
        let each = count / SHARDS + count / SHARDS / 16;
        let mut parts: Vec<Vec<(u64, T)>> = (0..SHARDS).map(|_| Vec::with_capacity(each)).collect();
        for (hash, row) in rows {
            if let Some(part) = parts.get_mut(shard(hash)) {
                part.push((hash, row));
            }
        }
        let whole = |part: Vec<(u64, T)>| {
            let mut table = HashTable::with_capacity(part.len());
            for (hash, row) in part {
                match table.find_mut(hash, |held| is_same(*held, row)) {
                    Some(held) => *held = row,
                    // There is room for all of them, so nothing is hashed again.
                    None => drop(table.insert_unique(hash, row, |_| 0)),
                }
            }
            Arc::new(table)
        };
        let shards = parts.into_iter().map(whole).collect();
        Self { shards }
    }
}

impl<T: Copy + Ord> Index<T> {
    /// Everything in it, ascending.
    pub fn sorted(&self) -> Vec<T> {
        let shards = self.shards.iter();
        let mut all: Vec<T> = shards.flat_map(|shard| shard.iter().copied()).collect();
        all.sort_unstable();
        all
    }
}

/// A value by a 16-byte key.
#[derive(Debug, Clone)]
pub struct Table<V> {
    rows: Rows<([u8; 16], V)>,
    index: Index,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            index: Index::default(),
        }
    }
}

fn hash_in<V: Clone>(rows: &Rows<([u8; 16], V)>) -> impl Fn(u32) -> u64 {
    |row| rows.get(row).map_or(0, |(key, _)| fold_key(key))
}

impl<V: Clone> Table<V> {
    /// Number of keys.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn row(&self, key: &[u8; 16]) -> Option<u32> {
        let is_it = |row| self.rows.get(row).is_some_and(|(held, _)| held == key);
        self.index.find(fold_key(key), is_it)
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8; 16]) -> Option<&V> {
        self.rows.get(self.row(key)?).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &[u8; 16]) -> Option<&mut V> {
        let row = self.row(key)?;
        self.rows.get_mut(row).map(|(_, value)| value)
    }

    /// Sets a key's value; the one it had before.
    pub fn insert(&mut self, key: [u8; 16], value: V) -> Option<V> {
        if let Some(held) = self.get_mut(&key) {
            return Some(std::mem::replace(held, value));
        }
        let row = self.rows.push((key, value));
        self.index.insert(fold_key(&key), row, hash_in(&self.rows));
        None
    }

    /// Takes a key out. The last row takes its place: rows have no order here.
    pub fn remove(&mut self, key: &[u8; 16]) -> Option<V> {
        let row = self.row(key)?;
        self.index.remove(fold_key(key), |held| held == row);
        let last = self.rows.pop()?;
        let moved = self.rows.len() as u32;
        if row == moved {
            return Some(last.1);
        }
        self.index.remove(fold_key(&last.0), |held| held == moved);
        self.index
            .insert(fold_key(&last.0), row, hash_in(&self.rows));
        let place = self.rows.get_mut(row)?;
        Some(std::mem::replace(place, last).1)
    }

    /// Takes out every key whose value is not to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        let gone = self.rows.iter().filter(|(_, value)| !keep(value));
        for key in gone.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.remove(&key);
        }
    }

    /// Every key with its value, ascending by key.
    pub fn sorted(&self) -> Vec<([u8; 16], V)> {
        let mut rows: Vec<_> = self.rows.iter().cloned().collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows
    }

    /// Makes room for this many more keys at once.
    pub fn reserve(&mut self, keys: usize) {
        self.index.reserve(keys, hash_in(&self.rows));
    }

    /// A table of these rows. Of several with one key, the last one counts.
    pub fn over(rows: Rows<([u8; 16], V)>) -> Self {
        let index = rows.index(|(key, _)| Some(*key));
        Self { rows, index }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn key(number: u16) -> [u8; 16] {
        u128::from(number).to_be_bytes()
    }

    #[test]
    fn a_short_position_holds_what_fits_and_nothing_else() {
        for position in [0, 1, 255, 256, (1 << 40) - 2] {
            assert_eq!(ShortPosition::from(Position(position)).wide().0, position);
        }
        for beyond in [(1 << 40) - 1, 1 << 40, u64::MAX] {
            assert_eq!(
                ShortPosition::from(Position(beyond)),
                ShortPosition::NONE,
                "{beyond}"
            );
        }
        assert_eq!(ShortPosition::NONE.wide(), Position::NONE);
        assert_eq!(ShortPosition::from(None), ShortPosition::NONE);
    }

    #[test]
    fn rows_keep_their_number_across_pieces_and_copies_do_not_see_later_changes() {
        let mut rows = Rows::default();
        for value in 0..2_000u32 {
            assert_eq!(rows.push(value), value);
        }
        let copy = rows.clone();
        for value in 0..2_000 {
            *rows.get_mut(value).expect("there") += 1;
        }
        rows.push(7);
        assert_eq!((copy.len(), rows.len()), (2_000, 2_001));
        assert!(copy.iter().copied().eq(0..2_000));
        assert!(rows.iter().copied().take(2_000).eq(1..2_001));
        assert_eq!((copy.get(2_000), rows.get(2_001)), (None, None));
        for value in (0..2_000).rev() {
            rows.pop();
            assert_eq!(rows.len(), value as usize + 1);
        }
        assert_eq!(rows.pop(), Some(1));
        assert_eq!(rows.pop(), None);
    }

    #[test]
    fn an_index_made_at_once_finds_what_one_made_row_by_row_finds() {
        let mut rows = Rows::default();
        let mut table = Table::default();
        for number in 0..5_000u16 {
            // Every seventh key comes a second time.
            let key = key(if number % 7 == 3 { number / 2 } else { number });
            rows.push((key, number));
            table.insert(key, number);
        }
        let at_once = Table::over(rows);
        for number in 0..6_000 {
            let key = key(number);
            assert_eq!(at_once.get(&key), table.get(&key), "{number}");
        }
    }

    proptest! {
        /// Whatever is put in and taken out: the same as a sorted map, and a copy stays as it was.
        #[test]
        fn a_table_says_what_a_map_says(steps in proptest::collection::vec((0..1_500u16, any::<bool>()), 0..4_000)) {
            let (mut table, mut map) = (Table::default(), BTreeMap::new());
            let mut kept = None;
            for (step, (number, put)) in steps.iter().enumerate() {
                let key = key(*number);
                if *put {
                    prop_assert_eq!(table.insert(key, step), map.insert(key, step));
                } else {
                    prop_assert_eq!(table.remove(&key), map.remove(&key));
                }
                if step == steps.len() / 2 {
                    kept = Some((table.clone(), map.clone()));
                }
            }
            table.retain(|step| step % 3 != 0);
            map.retain(|_, step| *step % 3 != 0);
            for (table, map) in kept.iter().chain([&(table, map)]) {
                prop_assert_eq!(table.len(), map.len());
                prop_assert!((0..1_500).all(|n| table.get(&key(n)) == map.get(&key(n))));
                prop_assert!(table.sorted().into_iter().eq(map.clone()));
            }
        }
    }
}
