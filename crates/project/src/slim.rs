//! Small containers for rows that come by the million.

use hashbrown::HashTable;
use probity_types::table::Rows;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A list that is empty in nearly every row: eight bytes then.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::box_collection)] // the box is the point: a list takes 24 bytes in every row, though nearly all are empty
pub struct Rare<T>(Option<Box<Vec<T>>>);

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Rare<T> {
    pub(crate) fn push(&mut self, item: T) {
        self.0.get_or_insert_default().push(item);
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flat_map(|list| list.iter_mut())
    }
}

impl<T> Deref for Rare<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<T: fmt::Debug> fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A list of one, in nearly every row: held in place then.
#[derive(Clone)]
pub enum Few<T> {
    /// One.
    One(T),
    /// Another number.
    Many(Vec<T>),
}

impl<T> Few<T> {
    pub(crate) fn push(&mut self, item: T) {
        match std::mem::replace(self, Self::Many(Vec::new())) {
            Self::One(first) => *self = Self::Many(vec![first, item]),
            Self::Many(list) if list.is_empty() => *self = Self::One(item),
            Self::Many(mut list) => {
                list.push(item);
                *self = Self::Many(list);
            }
        }
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        match self {
            Self::One(one) => std::slice::from_mut(one).iter_mut(),
            Self::Many(list) => list.iter_mut(),
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(list) => list,
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        items.into_iter().for_each(|item| list.push(item));
        list
    }
}

// How a list is held plays no part.
impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A text that many rows have: an authority, a class, a region. Held once.
#[derive(Clone, PartialEq, Eq)]
pub struct Word(Arc<Box<str>>);

impl Word {
    /// What tells it from others in one table of words.
    pub(crate) fn identity(&self) -> *const Box<str> {
        Arc::as_ptr(&self.0)
    }
}

impl Deref for Word {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// All words held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(HashTable<Word>);

/// Looked up only; nothing depends on the order of the table. Authorities come from outside: a hash that nobody can make
/// collide keeps the table fast.
fn hash(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    let first = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(first)
}

impl Words {
    pub(crate) fn share(&mut self, text: &str) -> Word {
        let wanted = hash(text);
        if let Some(held) = self.0.find(wanted, |held| **held == *text) {
            return held.clone();
        }
        let word = Word(Arc::new(text.into()));
        self.0
            .insert_unique(wanted, word.clone(), |held| hash(held));
        word
    }
}

/// Sets rows that are missing up to a place, then gives the one there.
pub(crate) fn row_at<R: Clone + Default>(rows: &mut Rows<R>, place: u32) -> Option<&mut R> {
    while rows.len() <= place as usize {
        rows.push(R::default());
    }
    rows.get_mut(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_the_same_however_they_are_held() {
        let (mut few, mut rare) = (Few::default(), Rare::default());
        for n in 0..4 {
            assert_eq!((few.len(), rare.len()), (n, n));
            few.push(n);
            rare.push(n);
            assert_eq!(few[..], rare[..]);
            assert_eq!(
                format!("{few:?}"),
                format!("{:?}", (0..=n).collect::<Vec<_>>())
            );
        }
        assert_eq!(Few::One(7), Few::Many(vec![7]));
        few.iter_mut().for_each(|n| *n += 1);
        rare.iter_mut().for_each(|n| *n += 1);
        assert_eq!(few[..], [1, 2, 3, 4]);
        assert_eq!(few[..], rare[..]);
    }

    #[test]
    fn equal_words_are_held_once() {
        let mut words = Words::default();
        let first = words.share("克拉玛依市市场监督管理局");
        let (again, other) = (
            words.share("克拉玛依市市场监督管理局"),
            words.share("另一机关"),
        );
        assert!(Arc::ptr_eq(&first.0, &again.0));
        assert_ne!(first, other);
        assert_eq!(&*other, "另一机关");
    }
}
