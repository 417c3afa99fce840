//! The spans of a transaction for which an item has room.

use std::collections::HashMap;
use std::slice;

use trace_core::{FinishedSpan, SpanId, TraceId};

use crate::json;
use crate::span_payload::Spans;

/// Returns the spans that fit into this number of bytes. The earliest are kept, and of each span its parent, or that one's
/// nearest parent that is kept.
pub(crate) fn spans_that_fit(
    mut spans: Vec<FinishedSpan>,
    trace_id: TraceId,
    mut room: usize,
) -> Vec<FinishedSpan> {
    // Nothing is left that could be smaller than this.
    const SMALLEST: usize = 100;
    spans.sort_by_key(|span| span.start);
    let mut written = Vec::new();
    let mut dropped = HashMap::<SpanId, Option<SpanId>>::new();
    spans.retain_mut(|span| {
        if let Some(parent) = span.parent_span_id.and_then(|parent| dropped.get(&parent)) {
            span.parent_span_id = *parent;
        }
        written.clear();
        // The brackets of a list with one span take more than the comma between spans.
        let is_written = room > SMALLEST
            && json::append(&mut written, &Spans { trace_id, spans: slice::from_ref(span) }).is_ok();
        let fits = is_written && written.len() <= room;
        if fits {
            room -= written.len();
        } else {
            dropped.insert(span.span_id, span.parent_span_id);
        }
        fits
    });
    spans
}
