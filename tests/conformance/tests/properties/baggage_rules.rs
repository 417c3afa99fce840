//! The `baggage` of an outgoing request: the application's members stay, ours come once, and the limits hold.

use conformance::injected;
use proptest::option;
use proptest::prelude::*;
use trace_core::TransactionName;

use crate::input::{BAGGAGE, any_lines, headers_of, incoming, members, sentry_key, tracer};

const MAX_BYTES: usize = 8192;
const MAX_MEMBERS: usize = 64;

proptest! {
    // A failure prints its input; it then belongs in a table by name.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merged_baggage_keeps_to_the_rules(
        came_in in any_lines(), own in any_lines(), flag in option::of(any::<bool>()), rate in option::of(0.0..=1.0),
    ) {
        let tracer = tracer(rate);
        let context = tracer.continue_trace(&incoming(flag, &came_in));
        let span = tracer.service_span("test", TransactionName::route("GET /")).in_trace(context).start();
        let mut outgoing = headers_of(&BAGGAGE, &own);
        span.context().inject(&mut outgoing);

        let written: Vec<_> = outgoing.get_all(BAGGAGE).iter().cloned().collect();
        prop_assert!(written.len() <= 1, "{:?}", written);
        prop_assert!(written.iter().all(|line| !line.is_empty()));
        let merged = members(&written);

        // Members of the application: all of them, first, in order, byte for byte.
        let foreign: Vec<_> = members(&own).into_iter().filter(|member| sentry_key(member).is_none()).collect();
        prop_assert_eq!(merged.get(..foreign.len()), Some(foreign.as_slice()));

        // Ours: each key once, and nothing but ours.
        let ours = &merged[foreign.len()..];
        let keys: Vec<_> = ours.iter().map(|member| sentry_key(member)).collect();
        prop_assert!(keys.iter().all(Option::is_some), "{:?}", keys);
        let mut once = keys.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), keys.len());

        // The limits, unless the application broke them before.
        let alone: usize = own.iter().map(|line| line.len() + 1).sum();
        if alone <= MAX_BYTES {
            prop_assert!(written.iter().all(|line| line.len() <= MAX_BYTES));
        }
        if foreign.len() <= MAX_MEMBERS {
            prop_assert!(merged.len() <= MAX_MEMBERS, "{}", merged.len());
        }
    }

    /// The caller's members: what is sent on is what came in, but for the last of equal keys and the limits.
    #[test]
    fn forwarded_members_came_in(came_in in any_lines(), flag in option::of(any::<bool>())) {
        let context = tracer(None).continue_trace(&incoming(flag, &came_in));
        let sent: Vec<_> = injected(&context).get_all(BAGGAGE).iter().cloned().collect();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let arrived: String = came_in.iter().map(|line| text(line.as_bytes())).collect::<Vec<_>>().join(",");
        for member in members(&sent) {
            let member = text(&member);
            let key = member.split('=').next().unwrap();
            prop_assert!(arrived.contains(key) || key == "sentry-sample_rand", "{}", member);
        }
    }
}
