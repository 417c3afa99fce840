//! The estimated size of a span.

use trace_core::{AttributeValue, FinishedSpan, SpanLink};

use super::ended::{EndedSpan, SpanScope};

/// The size of a span without attributes and links, in memory and when it is written. The texts that all spans of a
/// service span share are part of what is written.
const SPAN: usize = 640;
/// The size of an attribute or link without its texts.
const VALUE: usize = 64;

/// The size of a scope that a span has for itself.
const SCOPE: usize = 256;

/// Returns the estimated size of a span, in memory and when it is written.
pub(super) fn of(EndedSpan { streamed, scope, .. }: &EndedSpan) -> usize {
    let scope = if matches!(scope, SpanScope::Read(_)) { SCOPE } else { 0 };
    let FinishedSpan { operation, description, origin, tags, attributes, links, .. } = &streamed.span;
    let tags = tags.iter().map(|(key, value)| VALUE + key.len() + value.len());
    let links = links.iter().map(|SpanLink { attributes, .. }| 2 * VALUE + of_attributes(attributes));
    let texts = operation.len() + description.len() + origin.len();
    SPAN + scope + texts + of_attributes(attributes) + tags.chain(links).sum::<usize>()
}

fn of_attributes<K: AsRef<str>>(attributes: &[(K, AttributeValue)]) -> usize {
    attributes
        .iter()
        .map(|(key, value)| VALUE + key.as_ref().len() + value.as_str().map_or(0, str::len))
        .sum()
}
