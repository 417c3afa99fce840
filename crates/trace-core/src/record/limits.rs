//! The limits on the values of a span. Setting a value searches the earlier ones, so that without a limit the work would
//! grow with the square of their number.

use std::borrow::Cow;

use crate::record::AttributeValue;

/// The most tags, attributes and links of a span, as in OpenTelemetry.
const MOST: usize = 128;

/// The maximum number of attributes for which room is allocated at once.
const USUAL: usize = 16;

/// Attributes that are set at once.
pub(crate) struct GatheredAttributes {
    pub(super) list: Vec<(Cow<'static, str>, AttributeValue)>,
    pub(super) dropped: usize,
}

impl GatheredAttributes {
    pub(crate) fn new<K, V>(attributes: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'static, str>>,
        V: Into<AttributeValue>,
    {
        let attributes = attributes.into_iter();
        let (least, most) = attributes.size_hint();
        let mut gathered = Self { list: Vec::with_capacity(most.unwrap_or(least).min(USUAL)), dropped: 0 };
        for (key, value) in attributes {
            gathered.dropped += set(&mut gathered.list, key.into(), value.into());
        }
        gathered
    }
}

/// Sets the value of a key in a short list. Returns the number of values that were dropped.
pub(crate) fn set<V>(list: &mut Vec<(Cow<'static, str>, V)>, key: Cow<'static, str>, value: V) -> usize {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => {
            *known = value;
            0
        }
        None => push(list, (key, value)),
    }
}

/// Shortens a list to the most values that are kept. Returns the number of values that were dropped.
#[inline]
pub(crate) fn shorten<V>(list: &mut Vec<V>) -> usize {
    let dropped = list.len().saturating_sub(MOST);
    list.truncate(MOST);
    dropped
}

/// Adds a value to a list. Returns the number of values that were dropped.
pub(crate) fn push<V>(list: &mut Vec<V>, value: V) -> usize {
    if list.len() == MOST {
        return 1;
    }
    list.push(value);
    0
}

#[cfg(test)]
mod tests {
    use super::MOST;
    use crate::{InMemorySink, SpanLink, Tracer};

    #[test]
    fn a_span_keeps_the_first_values_and_counts_the_others() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").attribute("first", 0).start();
        let link = SpanLink::new(job.trace_id(), job.span_id(), None);
        for number in 0..1000 {
            job.set_attribute(format!("attribute {number}"), number);
            job.context().set_tag(format!("tag {number}"), "value");
            job.context().add_link(link.clone());
            job.context().set_measurement(format!("measurement {number}"), 1.0, "none");
        }
        job.set_attribute("attribute 0", "replaced");
        job.context().set_attributes((0..1000).map(|number| (format!("more {number}"), number)));
        job.end();
        let sent = sink.take().remove(0);
        let root = &sent.root;
        assert_eq!(
            [root.attributes.len(), root.tags.len(), root.links.len(), sent.measurements.len()],
            [MOST; 4]
        );
        assert_eq!(root.attribute("attribute 0"), Some(&"replaced".into()));
        assert_eq!(root.dropped_values, (1000 - MOST + 1) + (1000 - MOST) * 2 + 1000);
    }

    #[test]
    fn also_if_they_are_set_at_once() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        job.context().set_attributes((0..1000).map(|number| (number.to_string(), number)));
        job.end();
        let sent = sink.take().remove(0);
        assert_eq!((sent.root.attributes.len(), sent.root.dropped_values), (MOST, 1000 - MOST));
    }
}
