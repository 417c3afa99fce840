//! An envelope as the bytes that are sent, and the items in it.

mod losses;
mod scan;

use std::iter;
use std::ops::Range;

use sentry_core::Envelope;

use super::limits::{Category, Priority};

pub(super) use losses::{Losses, Outcome};

/// An envelope that is written, with its headers as the sender set them.
#[derive(Debug)]
pub(crate) struct Parcel {
    bytes: Vec<u8>,
    /// The length of the envelope's headers.
    headers: usize,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    category: Category,
    place: Range<usize>,
    losses: Losses,
}

/// A parcel as it is sent now.
pub(super) struct Opened {
    /// The body of the request. It is empty if nothing is left to send.
    pub(super) body: Vec<u8>,
    /// The losses if the body does not arrive.
    pub(super) losses: Vec<Losses>,
    /// The losses because of rate limits.
    pub(super) stopped: Vec<Losses>,
}

impl Parcel {
    /// Writes an envelope, with a `trace` header if it has none. Returns its losses if it cannot be written. Bytes that are
    /// no envelope are one item.
    pub(super) fn write(envelope: &Envelope, trace: Option<&str>) -> Result<Self, Losses> {
        let mut bytes = Vec::new();
        envelope.to_writer(&mut bytes).map_err(|_| Losses::of_typed(envelope))?;
        if let Some(trace) = trace {
            add_trace(&mut bytes, trace);
        }
        let Some((headers, places)) = scan::scan(&bytes) else {
            return Ok(Self::whole(bytes, Category::Other, Losses::of_typed(envelope)));
        };
        let mut typed = envelope.items();
        let items = places.into_iter().map(|scan::Place { kind, item: place, payload }| {
            let losses = match typed.next() {
                Some(item) => Losses::of_typed(item),
                None => Losses::of_raw(&kind, slice(&bytes, &place), slice(&bytes, &payload)),
            };
            Item { category: Category::of_item(&kind), place, losses }
        });
        Ok(Self { headers, items: items.collect(), bytes })
    }

    /// Takes the envelope of one transaction with this number of spans below its root.
    pub(crate) fn transaction(bytes: Vec<u8>, spans: usize) -> Self {
        Self::whole(bytes, Category::Transaction, Losses::of_transaction(spans))
    }

    /// Takes the envelope of this number of streamed spans.
    pub(crate) fn spans(bytes: Vec<u8>, spans: usize) -> Self {
        Self::whole(bytes, Category::Span, Losses::of_spans(spans))
    }

    /// Takes the envelope of one client report. `put_back` is called if it does not arrive.
    pub(crate) fn report(bytes: Vec<u8>, put_back: impl FnOnce() + Send + 'static) -> Self {
        Self::whole(bytes, Category::Internal, Losses::PutBack(Box::new(put_back)))
    }

    fn whole(bytes: Vec<u8>, category: Category, losses: Losses) -> Self {
        let place = 0..bytes.len();
        Self { bytes, headers: 0, items: vec![Item { category, place, losses }] }
    }

    /// Returns the memory that it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        self.bytes.capacity() + self.items.capacity() * size_of::<Item>()
    }

    /// Returns the highest priority of its items.
    pub(super) fn priority(&self) -> Priority {
        self.items.iter().map(|item| item.category.priority()).max().unwrap_or(Priority::Low)
    }

    /// Returns what is lost with it.
    pub(super) fn into_losses(self) -> impl Iterator<Item = Losses> {
        self.items.into_iter().map(|item| item.losses)
    }

    /// Removes the items that are stopped, and the attachments of an event or transaction that is.
    pub(super) fn open(mut self, is_stopped: impl Fn(Category) -> bool) -> Opened {
        let has_main = |items: &[Item]| items.iter().any(|item| is_main(item.category));
        let had_main = has_main(&self.items);
        let mut stopped: Vec<_> = self.items.extract_if(.., |item| is_stopped(item.category)).collect();
        if had_main && !has_main(&self.items) {
            stopped.extend(self.items.extract_if(.., |item| item.category == Category::Attachment));
        }
        let body = match (&*self.items, &*stopped) {
            ([], _) => Vec::new(),
            (_, []) => self.bytes,
            (kept, _) => {
                let kept = kept.iter().map(|item| slice(&self.bytes, &item.place));
                iter::once(slice(&self.bytes, &(0..self.headers))).chain(kept).collect::<Vec<_>>().concat()
            }
        };
        let losses = |items: Vec<Item>| items.into_iter().map(|item| item.losses).collect();
        Opened { body, losses: losses(self.items), stopped: losses(stopped) }
    }
}

/// Adds a `trace` header to the headers of an envelope, which are an object on the first line.
fn add_trace(bytes: &mut Vec<u8>, trace: &str) {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    if let Some([.., before, b'}']) = bytes.get(..end) {
        let comma = if *before == b'{' { "" } else { "," };
        bytes.splice(end - 1..end - 1, [comma, "\"trace\":", trace].concat().into_bytes());
    }
}

/// Returns whether attachments of an envelope belong to an item of this category.
fn is_main(category: Category) -> bool {
    matches!(category, Category::Error | Category::Feedback | Category::Transaction)
}

fn slice<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
