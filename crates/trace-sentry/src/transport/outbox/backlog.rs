//! The envelopes that wait, by priority. It is bounded by number and by bytes.

use std::collections::{BTreeMap, VecDeque};

use crate::transport::limits::Priority;

/// The bounds of a backlog.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) entries: usize,
    /// The bytes of what waits and of what is being sent.
    pub(crate) bytes: usize,
}

/// The waiting entries. The oldest of the highest priority leaves first, to be sent. The oldest of the lowest priority
/// is dropped first, if there is no room.
pub(super) struct Backlog<T> {
    bounds: Bounds,
    lanes: BTreeMap<Priority, Lane<T>>,
    /// The bytes of what has left and is not settled.
    sending: usize,
}

struct Lane<T> {
    entries: VecDeque<Entry<T>>,
    bytes: usize,
}

/// An entry with its size in bytes.
pub(super) struct Entry<T> {
    pub(super) value: T,
    pub(super) size: usize,
}

impl<T> Backlog<T> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, lanes: BTreeMap::new(), sending: 0 }
    }

    /// Adds an entry. Returns the entries that are dropped for it, none of which has a higher priority, or the entry
    /// itself if that does not help.
    pub(super) fn push(&mut self, priority: Priority, entry: Entry<T>) -> Vec<Entry<T>> {
        let is_droppable = |other| other <= priority;
        if !self.fits(entry.size, is_droppable) {
            return vec![entry];
        }
        self.add(priority, entry, is_droppable)
    }

    /// Adds an entry, if only entries of a lower priority are dropped for it. Returns these, or the entry itself as an
    /// error.
    pub(super) fn offer(&mut self, priority: Priority, entry: Entry<T>) -> Result<Vec<Entry<T>>, Entry<T>> {
        let is_droppable = |other| other < priority;
        if !self.fits(entry.size, is_droppable) {
            return Err(entry);
        }
        Ok(self.add(priority, entry, is_droppable))
    }

    /// Returns whether [`offer`](Self::offer) takes an entry of this size. If none of this size is ever taken, returns
    /// whether it takes the largest that is.
    pub(super) fn has_room(&self, priority: Priority, size: usize) -> bool {
        self.fits(size.min(self.bounds.bytes), |other| other < priority)
    }

    /// Takes out the next entry to send. Its bytes count until they are released.
    pub(super) fn pop(&mut self) -> Option<Entry<T>> {
        let entry = self.lanes.values_mut().rev().find_map(Lane::pop)?;
        self.sending += entry.size;
        Some(entry)
    }

    /// Releases the bytes of an entry that was taken out.
    pub(super) fn release(&mut self, size: usize) {
        self.sending = self.sending.saturating_sub(size);
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.values().all(|lane| lane.entries.is_empty())
    }

    /// Drops everything that waits.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Entry<T>> + use<T> {
        std::mem::take(&mut self.lanes).into_values().flat_map(|lane| lane.entries)
    }

    /// Returns whether an entry of this size fits once all entries of droppable priorities are gone.
    fn fits(&self, size: usize, is_droppable: impl Fn(Priority) -> bool) -> bool {
        let kept = self.lanes.iter().filter(|(priority, _)| !is_droppable(**priority));
        let (entries, bytes) = kept.fold((0, self.sending), |(entries, bytes), (_, lane)| {
            (entries + lane.entries.len(), bytes + lane.bytes)
        });
        entries < self.bounds.entries && size <= self.bounds.bytes.saturating_sub(bytes)
    }

    fn add(
        &mut self,
        priority: Priority,
        entry: Entry<T>,
        is_droppable: impl Fn(Priority) -> bool,
    ) -> Vec<Entry<T>> {
        let mut dropped = Vec::new();
        while !self.fits(entry.size, |_| false) {
            let mut droppable = self.lanes.iter_mut().filter(|(priority, _)| is_droppable(**priority));
            match droppable.find_map(|(_, lane)| lane.pop()) {
                Some(entry) => dropped.push(entry),
                None => break,
            }
        }
        let lane = self.lanes.entry(priority).or_default();
        lane.bytes += entry.size;
        lane.entries.push_back(entry);
        dropped
    }
}

impl<T> Lane<T> {
    fn pop(&mut self) -> Option<Entry<T>> {
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.size;
        Some(entry)
    }
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), bytes: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Backlog, Bounds, Entry};
    use crate::transport::limits::Priority::{self, High, Low, Normal};

    type Named = (Priority, &'static str, usize);

    fn filled(entries: &[Named]) -> Backlog<&'static str> {
        let mut backlog = Backlog::new(Bounds { entries: 3, bytes: 100 });
        for &(priority, value, size) in entries {
            assert!(backlog.push(priority, Entry { value, size }).is_empty());
        }
        backlog
    }

    fn names(entries: impl IntoIterator<Item = Entry<&'static str>>) -> Vec<&'static str> {
        entries.into_iter().map(|entry| entry.value).collect()
    }

    #[test]
    fn the_oldest_of_the_lowest_priority_makes_room() {
        let full = [(Normal, "t1", 10), (Normal, "t2", 10), (Low, "log", 10)];
        let large = [(Normal, "t1", 60), (Low, "log", 20)];
        // What waits, what comes, and what is dropped if it is pushed, and if it is offered, which may be refused.
        type Row<'a> = (&'a str, &'a [Named], Named, &'a [&'static str], Option<&'a [&'static str]>);
        let table: &[Row<'_>] = &[
            ("room", &full[..2], (Low, "new", 10), &[], Some(&[])),
            ("an error", &full, (High, "new", 10), &["log"], Some(&["log"])),
            ("a transaction", &full, (Normal, "new", 10), &["log"], Some(&["log"])),
            ("a log", &full, (Low, "new", 10), &["log"], None),
            (
                "among its equals",
                &[(High, "e1", 1), (High, "e2", 1), (High, "e3", 1)],
                (High, "new", 1),
                &["e1"],
                None,
            ),
            (
                "among its betters",
                &[(High, "e", 1), (Normal, "t", 1), (Normal, "u", 1)],
                (Low, "new", 1),
                &["new"],
                None,
            ),
            ("many bytes", &large, (Normal, "new", 40), &["log"], Some(&["log"])),
            ("more bytes", &large, (Normal, "new", 50), &["log", "t1"], None),
            ("more bytes than allowed", &large, (High, "new", 101), &["new"], None),
            ("as many bytes as allowed", &large, (High, "new", 100), &["log", "t1"], Some(&["log", "t1"])),
            ("a number without end", &large, (High, "new", usize::MAX), &["new"], None),
        ];
        for (name, waiting, (priority, value, size), pushed, offered) in table {
            let entry = || Entry { value: *value, size: *size };
            assert_eq!(names(filled(waiting).push(*priority, entry())), *pushed, "{name}");
            let dropped = filled(waiting).offer(*priority, entry()).map(names).ok();
            assert_eq!(dropped.as_deref(), *offered, "{name}");
        }
    }

    #[test]
    fn the_oldest_of_the_highest_priority_leaves_first_and_counts_until_released() {
        let mut backlog = filled(&[(Low, "log", 10), (High, "e", 40), (Normal, "t", 10)]);
        assert_eq!(names(std::iter::from_fn(|| backlog.pop())), ["e", "t", "log"]);
        assert!(backlog.is_empty() && backlog.has_room(Low, 40) && !backlog.has_room(Low, 41));
        assert_eq!(names(backlog.push(High, Entry { value: "new", size: 41 })), ["new"]);
        backlog.release(40);
        assert!(backlog.push(High, Entry { value: "new", size: 41 }).is_empty());
        assert_eq!(names(backlog.drain()), ["new"]);
        assert!(backlog.is_empty());
    }

    #[test]
    fn there_is_room_if_an_offer_would_be_taken() {
        let full = [(Normal, "t1", 10), (Normal, "t2", 10), (Low, "log", 10)];
        let table = [
            (&full[..], Low, 1, false),
            (&full, Normal, 80, true),
            (&full, Normal, 81, false),
            (&full, High, 100, true),
            (&full, High, 101, true),
            (&full[..1], Low, 101, false),
            (&[], Low, 101, true),
        ];
        for (waiting, priority, size, expected) in table {
            assert_eq!(filled(waiting).has_room(priority, size), expected, "{priority:?} {size}");
        }
    }
}
