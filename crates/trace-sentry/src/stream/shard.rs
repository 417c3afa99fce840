//! A part of the buckets, in the order in which they began.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use trace_core::TraceId;

use super::bucket::{Bucket, Total};
use super::ended::EndedSpan;

/// The buckets of some of the traces. Each has a number, which rises with the time at which it began.
#[derive(Default)]
pub(super) struct Shard {
    buckets: BTreeMap<u64, (TraceId, Bucket)>,
    numbers: HashMap<TraceId, u64>,
    next: u64,
}

impl Shard {
    /// Adds a span of this size. Returns its bucket if it is to be sent.
    pub(super) fn add(&mut self, span: EndedSpan, bytes: usize, total: &Arc<Total>) -> Option<Bucket> {
        let trace_id = span.streamed.trace_id();
        let next = &mut self.next;
        let number = *self.numbers.entry(trace_id).or_insert_with(|| {
            *next += 1;
            *next
        });
        let begin = || (trace_id, Bucket::new(Instant::now(), total.clone()));
        let (_, bucket) = self.buckets.entry(number).or_insert_with(begin);
        if !bucket.add(span, bytes) {
            return None;
        }
        self.numbers.remove(&trace_id);
        self.buckets.remove(&number).map(|(_, bucket)| bucket)
    }

    /// Returns the time at which the oldest bucket began.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.buckets.first_key_value().map(|(_, (_, bucket))| bucket.began)
    }

    /// Takes out the oldest bucket, unless it began after a time.
    pub(super) fn take_oldest(&mut self, time: Instant) -> Option<Bucket> {
        self.oldest().filter(|began| *began <= time)?;
        let (_, (trace_id, bucket)) = self.buckets.pop_first()?;
        self.numbers.remove(&trace_id);
        Some(bucket)
    }
}
