//! The callers: requests with headers as real SDKs send them, and what has to come of each.
//!
//! The first three were recorded from sentry-sdk 2.75.0 (Python) and @sentry/node 11.12.0; only ids are made anew.

use http::{HeaderMap, HeaderName, HeaderValue};
use trace_core::{SpanId, TraceId};

/// A kind of caller.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// Names and values, with `{trace}` and `{span}` for the caller's ids.
    headers: &'static [(&'static str, &'static str)],
    pub(crate) expected: Expected,
}

/// What has to come of it.
pub(crate) struct Expected {
    /// How the text begins that tells why storefront continued the trace or started one.
    pub(crate) continuation: &'static str,
    /// The decision that all services keep to.
    pub(crate) sampled: bool,
    /// Keys that storefront adds to the caller's dynamic sampling context.
    pub(crate) added: &'static [&'static str],
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "sampled",
        description: "A Python service, whose SDK sampled the trace. Every service continues it, records its \
                      part, and sends on what the caller sent.",
        headers: &[
            ("sentry-trace", "{trace}-{span}-1"),
            (
                "baggage",
                "sentry-trace_id={trace},sentry-sample_rand=0.060025,sentry-environment=production,\
                 sentry-release=basket%402.4.1,sentry-public_key=49d0f7386ad645858ae85020e393bef3,\
                 sentry-org_id=1,sentry-transaction=/basket,sentry-sample_rate=0.1,sentry-sampled=true",
            ),
        ],
        expected: Expected { continuation: "continued", sampled: true, added: &[] },
    },
    Scenario {
        name: "unsampled",
        description: "A Node service, whose SDK decided against recording. Every service continues the trace and \
                      keeps to the decision: nobody sends a transaction.",
        headers: &[
            ("sentry-trace", "{trace}-{span}-0"),
            (
                "baggage",
                "sentry-environment=production,sentry-release=basket%402.4.1,\
                 sentry-public_key=49d0f7386ad645858ae85020e393bef3,sentry-trace_id={trace},sentry-org_id=1,\
                 sentry-transaction=%2Fbasket,sentry-sampled=false,sentry-sample_rand=0.8502868812926683,\
                 sentry-sample_rate=0.1",
            ),
        ],
        expected: Expected { continuation: "continued", sampled: false, added: &[] },
    },
    Scenario {
        name: "deferred",
        description: "A Node service without sampling options leaves the decision to us. storefront decides by \
                      its own rate, tells so in sample_rate, and the others follow.",
        headers: &[
            ("sentry-trace", "{trace}-{span}"),
            (
                "baggage",
                "sentry-environment=production,sentry-release=basket%402.4.1,\
                 sentry-public_key=49d0f7386ad645858ae85020e393bef3,sentry-trace_id={trace},sentry-org_id=1",
            ),
        ],
        expected: Expected {
            continuation: "continued",
            sampled: true,
            added: &["sentry-sample_rand", "sentry-sample_rate"],
        },
    },
    Scenario {
        name: "another organization",
        description: "A caller of organization 2 reaches our services of organization 1, which continue strictly: \
                      a new trace, and nothing of the caller's goes on.",
        headers: &[
            ("sentry-trace", "{trace}-{span}-1"),
            (
                "baggage",
                "sentry-trace_id={trace},sentry-sample_rand=0.412909,sentry-environment=staging,\
                 sentry-release=crawler%400.3.0,sentry-public_key=b0c8d4e1f2a34b5c96d7e8f9a0b1c2d3,\
                 sentry-org_id=2,sentry-transaction=/crawl,sentry-sample_rate=1.0,sentry-sampled=true",
            ),
        ],
        expected: Expected {
            continuation: "new: the caller belongs to another organization",
            sampled: true,
            added: &[],
        },
    },
    Scenario {
        name: "malformed",
        description: "Headers that no SDK would write. The request is served like any other, in a new trace.",
        // Every character is one byte on the wire, so these three are no UTF-8.
        headers: &[
            ("sentry-trace", "{trace}-{span}-yes"),
            ("baggage", "sentry-trace_id={trace},sentry-sample_rate,;;=,ÿþý=%zz,sentry-org_id=one"),
            ("traceparent", "00-{trace}-{span}-sampled"),
        ],
        expected: Expected { continuation: "new: the trace header is malformed", sampled: true, added: &[] },
    },
    Scenario {
        name: "no headers",
        description: "A caller without any SDK. The trace begins in storefront.",
        headers: &[],
        expected: Expected { continuation: "new: no trace header came in", sampled: true, added: &[] },
    },
];

impl Scenario {
    /// The caller's headers, with ids of their own.
    pub(crate) fn headers(&self) -> HeaderMap {
        let (trace, span) = (TraceId::random().to_string(), SpanId::random().to_string());
        let value = |template: &str| {
            let text = template.replace("{trace}", &trace).replace("{span}", &span);
            HeaderValue::from_bytes(&text.chars().map(|character| character as u8).collect::<Vec<_>>()).ok()
        };
        let header =
            |(name, template): &(&'static str, &str)| Some((HeaderName::from_static(name), value(template)?));
        self.headers.iter().filter_map(header).collect()
    }
}
