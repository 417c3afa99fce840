//! Whatever comes in, nothing panics.

use http::HeaderName;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use trace_client::{PropagationTargets, Target};
use trace_core::{Tracer, TransactionName, Withheld};

use crate::input::{BAGGAGE, SENTRY_TRACE, TRACEPARENT, any_lines, any_value, headers_of};

proptest! {
    // A failure prints its input; it then belongs in a table by name.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_headers_panic(
        sentry_trace in vec(any_value(), 0..3), baggage in any_lines(), traceparent in vec(any_value(), 0..3),
        own in any_lines(), own_sentry_trace in vec(any_value(), 0..2), rate in option::of(0.0..=1.0),
        strict in any::<bool>(), signature in vec(any_value(), 0..2), query in any::<String>(),
    ) {
        let builder = Tracer::builder().org_id(1).strict_trace_continuation(strict).accept_traceparent(true);
        let builder = match rate {
            Some(rate) => builder.traces_sample_rate(rate),
            None => builder,
        };
        let tracer = builder.propagate_traceparent(true).build().unwrap();
        let mut headers = headers_of(&BAGGAGE, &baggage);
        headers.extend(headers_of(&SENTRY_TRACE, &sentry_trace));
        headers.extend(headers_of(&TRACEPARENT, &traceparent));
        let context = tracer.continue_trace(&headers);
        let span = tracer.service_span("test", TransactionName::custom("test")).in_trace(context).start();

        let mut outgoing = headers_of(&BAGGAGE, &own);
        outgoing.extend(headers_of(&SENTRY_TRACE, &own_sentry_trace));
        span.context().inject(&mut outgoing);
        // A proxy that sends on what came in.
        let mut copied = headers.clone();
        span.context().inject(&mut copied);
        prop_assert!(outgoing.contains_key(SENTRY_TRACE) && copied.contains_key(SENTRY_TRACE));
        for name in ["authorization", "signature", "signature-input"] {
            outgoing.extend(headers_of(&HeaderName::from_static(name), &signature));
        }
        let mut options = tracer.inject_options();
        options.query = Some(&query);
        span.context().inject_with(&options, &mut outgoing);
        span.context().withhold(Withheld::NotATarget, &options, &mut outgoing);
        // Nothing of what came in leaves for a stranger.
        let mut copied = headers.clone();
        span.context().withhold(Withheld::NotATarget, &options, &mut copied);
        let lines = copied.get_all(BAGGAGE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        let mut members = lines.map(<[u8]>::trim_ascii_start);
        prop_assert!(!members.any(|member| member.starts_with(b"sentry-")), "{copied:?}");
        prop_assert!(!copied.contains_key(SENTRY_TRACE) && !copied.contains_key(TRACEPARENT), "{copied:?}");
        prop_assert!(span.context().trace_data().to_meta_tags().starts_with("<meta"));
        prop_assert!(span.context().dynamic_sampling_context().iter().count() <= 300);
    }

    #[test]
    fn no_target_and_no_url_panic(
        text in prop_oneof![any::<String>(), "(https?|ws)?(://)?[a-z.:@\\[\\]]{0,12}(/[a-z?#%]{0,6}){0,2}"],
        url in prop_oneof![any::<String>(), "(https?|ws)?(://)?[a-zA-Z0-9.:@\\[\\]]{0,12}(/[a-z?#%]{0,6}){0,2}"],
    ) {
        let kinds = [
            Target::host, Target::origin, Target::subdomains_of, Target::url_prefix, Target::path, Target::substring,
            Target::regex,
        ];
        for kind in kinds {
            match PropagationTargets::new([kind(text.clone())]) {
                Ok(targets) => {
                    let explanation = targets.explain(&url);
                    prop_assert_eq!(explanation.target().is_some(), explanation.is_match());
                    prop_assert!(!explanation.to_string().is_empty());
                }
                Err(error) => prop_assert!(error.to_string().contains("trace_propagation_targets")),
            }
        }
    }
}
