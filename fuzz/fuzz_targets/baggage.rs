//! Any two header values as `baggage`, one that came in and one of the application: what is sent on keeps to the rules,
//! and a second service of ours sends it on as the very same bytes.
#![no_main]

use std::sync::LazyLock;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use trace_core::Tracer;

const BAGGAGE: HeaderName = HeaderName::from_static("baggage");
const SENTRY_TRACE: HeaderName = HeaderName::from_static("sentry-trace");
const SENTRY_TRACE_VALUE: HeaderValue =
    HeaderValue::from_static("771a43a4192642f0b136d5159a501700-b72fa28504b07285-1");

static TRACER: LazyLock<Tracer> =
    LazyLock::new(|| Tracer::builder().build().expect("the default options are valid"));

fuzz_target!(|values: (&[u8], &[u8])| {
    let (Ok(came_in), Ok(own)) = (HeaderValue::from_bytes(values.0), HeaderValue::from_bytes(values.1))
    else {
        return;
    };
    let forwarded = forward(&came_in, None);
    assert_rules(&forwarded);
    assert_eq!(forward(&forwarded, None), forwarded);

    let merged = forward(&came_in, Some(&own));
    let foreign = members(&own).filter(|member| !member.starts_with(b"sentry-"));
    assert!(members(&merged).zip(foreign.clone()).all(|(merged, foreign)| merged == foreign));
    assert!(members(&merged).count() >= foreign.clone().count());
    if foreign.count() <= 64 && own.len() <= 8192 {
        assert_rules(&merged);
    }
});

/// What is sent on of a `baggage`, beside one of the application.
fn forward(came_in: &HeaderValue, own: Option<&HeaderValue>) -> HeaderValue {
    let incoming = HeaderMap::from_iter([(SENTRY_TRACE, SENTRY_TRACE_VALUE), (BAGGAGE, came_in.clone())]);
    let mut outgoing = HeaderMap::from_iter(own.map(|own| (BAGGAGE, own.clone())));
    TRACER.continue_trace(&incoming).inject(&mut outgoing);
    assert!(outgoing.get_all(BAGGAGE).iter().count() <= 1);
    outgoing.remove(BAGGAGE).unwrap_or(HeaderValue::from_static(""))
}

fn members(baggage: &HeaderValue) -> impl Iterator<Item = &[u8]> + Clone {
    baggage.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
}

fn assert_rules(baggage: &HeaderValue) {
    assert!(baggage.len() <= 8192 && members(baggage).count() <= 64);
    let sentry_key = |member: &[u8]| {
        let key = member.split(|byte| *byte == b'=').next().unwrap_or_default();
        key.starts_with(b"sentry-").then(|| key.trim_ascii().to_vec())
    };
    let mut keys: Vec<_> = members(baggage).filter_map(sentry_key).collect();
    let number = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), number, "a key twice");
}
