//! What is done at the points of the scales.

use trace_client::Target;

use super::{Axis, headers, urls};
use crate::inputs::{OTHER_URL, Request, TARGET_URL};

/// What is done at a point of a scale.
pub(crate) enum Work {
    /// A request is served.
    Serve(Request),
    /// The same, and one is sent.
    Forward(Request),
    /// The same, and what is sent is a copy.
    Copy(Request, Destination),
    /// A request is sent whose URL holds none of these texts.
    Find(Vec<String>),
    /// A request is sent to a URL that is no target.
    Send { targets: Vec<Target>, url: String },
    /// It is told whether a URL matches, and why.
    Explain { targets: Vec<Target>, url: String },
    /// A request is recorded with so many spans.
    Record(usize),
    /// One of so many requests is polled.
    Poll(usize),
}

/// Where a copy of a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    Target,
    /// A target, from a service that reads and writes W3C's headers.
    W3cTarget,
    Stranger,
    /// A stranger, since the list of targets is empty.
    Nobody,
}

impl Destination {
    pub(crate) fn url(self) -> &'static str {
        match self {
            Self::Target | Self::W3cTarget => TARGET_URL,
            Self::Stranger | Self::Nobody => OTHER_URL,
        }
    }
}

impl Axis {
    /// What is done where there is so much of it.
    pub(crate) fn work(self, much: usize) -> Work {
        let send = |targets, length| Work::Send { targets, url: urls::of_length(length) };
        match self {
            Self::Headers => Work::Serve(headers::beside_trace(much)),
            Self::Baggage => Work::Forward(headers::bytes_of_baggage(much)),
            Self::Keys => Work::Forward(headers::keys(much)),
            Self::Others => Work::Forward(headers::others(much)),
            Self::Properties => Work::Forward(headers::properties(much)),
            Self::Escapes => Work::Forward(headers::escapes(much)),
            Self::Contexts => Work::Forward(headers::contexts(much)),
            Self::BaggageToTarget => Work::Copy(headers::lines_of_baggage(much), Destination::Target),
            Self::BaggageToStranger => Work::Copy(headers::lines_of_baggage(much), Destination::Stranger),
            Self::TraceToTarget => Work::Copy(headers::lines_of_trace(much), Destination::Target),
            Self::TraceToStranger => Work::Copy(headers::lines_of_trace(much), Destination::Stranger),
            Self::Traceparent => Work::Copy(headers::lines_of_traceparent(much), Destination::Nobody),
            Self::Tracestate => Work::Copy(headers::tracestate(much), Destination::W3cTarget),
            Self::Authorization => Work::Copy(headers::authorization(much), Destination::Target),
            Self::SignatureInput => Work::Copy(headers::signature_input(much), Destination::Target),
            Self::Targets => Work::Find(urls::texts(much)),
            Self::UrlSubstring => send(urls::substrings(), much),
            Self::UrlRegex => send(vec![urls::regex()], much),
            Self::UrlHost => send(vec![urls::host()], much),
            Self::ExplainUrl => Work::Explain { targets: vec![urls::lenient()], url: urls::of_length(much) },
            Self::ExplainTargets => {
                Work::Explain { targets: urls::of_every_kind(much), url: OTHER_URL.to_owned() }
            }
            Self::Spans => Work::Record(much),
            Self::InFlight => Work::Poll(much),
        }
    }
}
