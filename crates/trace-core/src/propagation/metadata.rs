//! Trace headers in the metadata of a message.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue};

use super::carrier::text;
use super::{CarrierFull, Extract, Inject, TraceData};
use crate::wire::names::TraceHeaderName;

/// The trace headers in the metadata of a message, such as one of a WebSocket: `{"sentryTrace": …, "baggage": …}`.
///
/// It is the form in which Sentry's documents for JavaScript put the headers into a message. With the feature `serde`
/// it is a field of a message that is written as JSON. What is read need not be valid: junk in place of the metadata or
/// of a member counts as absent and does not make the message unreadable, unless the format itself cannot read it, as
/// `serde_json` does not read the number `1e999` or half of a surrogate pair. The names of the headers themselves are
/// read, too.
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use serde::{Deserialize, Serialize};
/// use trace_core::{TraceMetadata, Tracer};
///
/// #[derive(Serialize, Deserialize)]
/// struct Message {
///     text: String,
///     #[serde(default)]
///     metadata: TraceMetadata,
/// }
///
/// let tracer = Tracer::builder().build()?;
/// let context = tracer.start_new_trace();
/// let message = Message { text: "hello".into(), metadata: context.trace_data().into() };
/// let sent = serde_json::to_string(&message)?;
///
/// let message: Message = serde_json::from_str(&sent)?;
/// assert_eq!(tracer.continue_trace(&message.metadata).trace_id(), context.trace_id());
///
/// let junk: Message = serde_json::from_str(r#"{"text": "hello", "metadata": {"sentryTrace": 7}}"#)?;
/// assert_eq!(junk.metadata, TraceMetadata::default());
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", from = "lenient::Metadata"))]
pub struct TraceMetadata {
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    sentry_trace: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    baggage: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    traceparent: Option<String>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    tracestate: Option<String>,
}

impl TraceMetadata {
    fn value(&mut self, name: TraceHeaderName) -> &mut Option<String> {
        match name {
            TraceHeaderName::SentryTrace => &mut self.sentry_trace,
            TraceHeaderName::Baggage => &mut self.baggage,
            TraceHeaderName::Traceparent => &mut self.traceparent,
            TraceHeaderName::Tracestate => &mut self.tracestate,
        }
    }
}

/// The values of a context, as [`TraceContext::trace_data`](crate::TraceContext::trace_data) returns them.
impl From<TraceData> for TraceMetadata {
    fn from(data: TraceData) -> Self {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        Self {
            sentry_trace: owned(Some(data.sentry_trace()).filter(|value| !value.is_empty())),
            baggage: owned(data.baggage()),
            traceparent: owned(data.traceparent()),
            tracestate: owned(data.tracestate()),
        }
    }
}

impl Extract for TraceMetadata {
    fn headers(&self) -> Cow<'_, HeaderMap> {
        let Self { sentry_trace, baggage, traceparent, tracestate } = self;
        let pairs = [
            (TraceHeaderName::SentryTrace, sentry_trace),
            (TraceHeaderName::Baggage, baggage),
            (TraceHeaderName::Traceparent, traceparent),
            (TraceHeaderName::Tracestate, tracestate),
        ];
        let header = |(name, value): (TraceHeaderName, &Option<String>)| {
            Some((name.header_name().clone(), HeaderValue::from_str(value.as_ref()?).ok()?))
        };
        Cow::Owned(pairs.into_iter().filter_map(header).collect())
    }
}

impl Inject for TraceMetadata {
    fn set(&mut self, name: TraceHeaderName, value: HeaderValue) -> Result<(), CarrierFull> {
        *self.value(name) = Some(text(&value));
        Ok(())
    }

    fn remove(&mut self, name: TraceHeaderName) {
        *self.value(name) = None;
    }
}

/// The forms in which metadata is read: any.
#[cfg(feature = "serde")]
mod lenient {
    use serde::Deserialize;
    use serde::de::IgnoredAny;

    use super::TraceMetadata;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lenient<T> {
        Valid(T),
        #[allow(dead_code)]
        Junk(IgnoredAny),
    }

    impl<T> Lenient<T> {
        fn valid(self) -> Option<T> {
            match self {
                Self::Valid(value) => Some(value),
                Self::Junk(_) => None,
            }
        }
    }

    #[derive(Deserialize)]
    pub(super) struct Metadata(Lenient<Members>);

    #[derive(Deserialize)]
    struct Members {
        #[serde(rename = "sentryTrace", alias = "sentry-trace")]
        sentry_trace: Option<Lenient<String>>,
        baggage: Option<Lenient<String>>,
        traceparent: Option<Lenient<String>>,
        tracestate: Option<Lenient<String>>,
    }

    impl From<Metadata> for TraceMetadata {
        fn from(metadata: Metadata) -> Self {
            let Some(members) = metadata.0.valid() else { return Self::default() };
            let text = |member: Option<Lenient<String>>| member.and_then(Lenient::valid);
            Self {
                sentry_trace: text(members.sentry_trace),
                baggage: text(members.baggage),
                traceparent: text(members.traceparent),
                tracestate: text(members.tracestate),
            }
        }
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use crate::{NewTrace, Tracer};

    const TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";

    #[test]
    fn it_is_written_as_the_documents_show_it() {
        let tracer = Tracer::builder().release("shop@1").build().unwrap();
        let baggage = "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-sample_rand=0.5";
        let context = tracer.continue_trace([("sentry-trace", TRACE), ("baggage", baggage)].as_slice());
        let (mut injected, mut removed) = (TraceMetadata::default(), TraceMetadata::default());
        context.inject(&mut injected);
        context.inject(&mut removed);
        for metadata in [injected, context.trace_data().into()] {
            let json = serde_json::to_string(&metadata).unwrap();
            let sent = context.sentry_trace();
            assert_eq!(json, format!(r#"{{"sentryTrace":"{sent}","baggage":"{baggage}"}}"#));
        }
        Inject::remove(&mut removed, TraceHeaderName::SentryTrace);
        Inject::remove(&mut removed, TraceHeaderName::Baggage);
        assert_eq!(serde_json::to_string(&removed).unwrap(), "{}");
    }

    #[test]
    fn junk_is_no_trace_and_no_error() {
        let table = [
            (format!(r#"{{"sentryTrace":"{TRACE}"}}"#), true),
            (format!(r#"{{"sentry-trace":"{TRACE}","baggage":null}}"#), true),
            (format!(r#"{{"sentryTrace":"{TRACE}","baggage":[7],"more":{{}}}}"#), true),
            (format!(r#"{{"sentryTrace":"{TRACE}","sentryTrace":"{TRACE}"}}"#), false),
            (format!(r#"{{"sentryTrace":["{TRACE}"]}}"#), false),
            (format!(r#"["{TRACE}"]"#), false),
            (format!(r#""{TRACE}""#), false),
            (r#"{"sentryTrace":"a\nb\u0000"}"#.to_owned(), false),
            (r#"{"sentryTrace":7,"baggage":true}"#.to_owned(), false),
            ("{}".to_owned(), false),
            ("[]".to_owned(), false),
            ("null".to_owned(), false),
            ("-1.5".to_owned(), false),
            ("true".to_owned(), false),
        ];
        let tracer = Tracer::builder().build().unwrap();
        for (json, continues) in table {
            let metadata: TraceMetadata = serde_json::from_str(&json).unwrap();
            let context = tracer.continue_trace(&metadata);
            assert_eq!(context.trace_id().to_string() == TRACE[..32], continues, "{json}");
        }
        let none = tracer.continue_trace(&TraceMetadata::default());
        assert_eq!(none.continuation(), crate::Continuation::New(NewTrace::NoHeader));
    }
}
