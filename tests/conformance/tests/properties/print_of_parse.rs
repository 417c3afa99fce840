//! What is parsed and printed, or sent on by one service after the other, stays what it is.

use conformance::injected;
use proptest::option;
use proptest::prelude::*;
use trace_core::wire::{SentryTrace, Traceparent};
use trace_core::{Dsn, SpanId, TraceId, Tracer, TransactionName};

use crate::input::{BAGGAGE, any_lines, incoming, tracer};

proptest! {
    // A failure prints its input; it then belongs in a table by name.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn print_of_parse_is_stable_for_sentry_trace(
        trace_id in any::<[u8; 16]>(), span_id in any::<[u8; 8]>(), sampled in option::of(any::<bool>()),
        near in "[ \t]{0,2}[0-9a-fA-F]{31,33}-[0-9a-fA-F]{15,17}(-|-0|-1|-2|)[ \t]{0,2}",
    ) {
        if let (Some(trace_id), Some(span_id)) = (TraceId::from_bytes(trace_id), SpanId::from_bytes(span_id)) {
            let header = SentryTrace { trace_id, span_id, sampled };
            prop_assert_eq!(header.to_string().parse(), Ok(header));
            prop_assert_eq!(SentryTrace::parse(header.to_header_value().as_bytes()), Ok(header));
        }
        if let Ok(header) = near.parse::<SentryTrace>() {
            let printed = header.to_string();
            prop_assert_eq!(printed.clone(), near.trim().trim_end_matches("-").to_ascii_lowercase());
            prop_assert_eq!(printed.parse(), Ok(header));
        }
    }

    #[test]
    fn print_of_parse_is_stable_for_traceparent(
        trace_id in any::<[u8; 16]>(), span_id in any::<[u8; 8]>(), sampled in any::<bool>(), random in any::<bool>(),
        near in "(00|01|ff|0)-[0-9a-f]{31,33}-[0-9a-f]{15,17}-[0-9a-fF]{1,3}(-[a-z]{0,3}|)",
    ) {
        if let (Some(trace_id), Some(span_id)) = (TraceId::from_bytes(trace_id), SpanId::from_bytes(span_id)) {
            let header = Traceparent { trace_id, span_id, sampled, random };
            prop_assert_eq!(header.to_string().parse(), Ok(header));
        }
        if let Ok(header) = near.parse::<Traceparent>() {
            prop_assert_eq!(header.to_string().parse(), Ok(header));
        }
    }

    #[test]
    fn print_of_parse_is_stable_for_ids(bytes in any::<[u8; 16]>(), text in "[0-9a-fA-F+]{14,34}") {
        if let Some(id) = TraceId::from_bytes(bytes) {
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(id.to_bytes(), bytes);
        }
        if let Ok(id) = text.parse::<TraceId>() {
            prop_assert_eq!(id.to_string(), text.to_ascii_lowercase());
        }
        if let Ok(id) = text.parse::<SpanId>() {
            prop_assert_eq!(id.to_string(), text.to_ascii_lowercase());
        }
    }

    #[test]
    fn print_of_parse_is_stable_for_dsn(
        near in "[ ]?(https|http|HTTP|ftp)://[a-z0-9]{0,4}(:[a-z]{0,3}|)@[a-zA-Z0-9.\\[\\]:-]{0,12}(:[0-9]{0,6}|)(/[a-z0-9]{0,3}){0,3}",
        any in any::<String>(),
    ) {
        for text in [near, any] {
            if let Ok(dsn) = text.parse::<Dsn>() {
                prop_assert_eq!(dsn.to_string().parse(), Ok(dsn));
            }
        }
    }

    /// What we forward is forwarded by the next service of ours as the very same bytes.
    #[test]
    fn print_of_parse_is_stable_for_baggage(lines in any_lines(), flag in option::of(any::<bool>())) {
        let tracer = tracer(None);
        let first = injected(&tracer.continue_trace(&incoming(flag, &lines)));
        let first: Vec<_> = first.get_all(BAGGAGE).iter().cloned().collect();
        let second = injected(&tracer.continue_trace(&incoming(flag, &first)));
        prop_assert_eq!(first, second.get_all(BAGGAGE).iter().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn values_of_a_head_arrive_as_they_are(
        release in any::<String>(), environment in any::<String>(), transaction in any::<String>(),
    ) {
        let head = Tracer::builder().release(&release).environment(&environment).traces_sample_rate(1.0);
        let head = head.build().unwrap();
        let name = TransactionName::custom(transaction.clone());
        let span = head.service_span("test", name).start();
        let data = span.context().trace_data();
        prop_assume!(data.baggage().is_some_and(|baggage| baggage.len() < 8000));

        let headers = injected(span.context());
        let next = tracer(None).continue_trace(&headers);
        let received = next.received_sampling_context().unwrap();
        let expected = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let of = |key: &str| received.get(key).map(|text| text.into_owned());
        prop_assert_eq!(of("release"), expected(&release));
        prop_assert_eq!(of("environment"), expected(&environment).or(Some("production".to_owned())));
        prop_assert_eq!(of("transaction"), expected(&transaction));

        // The same headers in the other forms in which they leave.
        let json: std::collections::BTreeMap<String, String> = serde_json::from_str(&data.to_json()).unwrap();
        prop_assert_eq!(json, data.to_map());
        let tags = data.to_meta_tags();
        prop_assert_eq!(tags.matches('"').count(), 4 * tags.lines().count(), "{}", tags);
    }
}
