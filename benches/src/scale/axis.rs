//! What grows.

use clap::ValueEnum;

/// What grows; what each is, its [title](Self::title) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Axis {
    Headers,
    Baggage,
    Keys,
    Others,
    Properties,
    Escapes,
    Contexts,
    BaggageToTarget,
    BaggageToStranger,
    TraceToTarget,
    TraceToStranger,
    Traceparent,
    Tracestate,
    Authorization,
    SignatureInput,
    Targets,
    UrlSubstring,
    UrlRegex,
    UrlHost,
    ExplainUrl,
    ExplainTargets,
    Spans,
    InFlight,
}

const LINES: &[usize] = &[4, 16, 64, 256, 1024];
const MEMBERS: &[usize] = &[16, 64, 256, 1024, 4096];
const BYTES: &[usize] = &[256, 1024, 4096, 16_384];

impl Axis {
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// The name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().expect("none is hidden").get_name().to_owned()
    }

    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        self.described().0
    }

    /// What is measured; in steps of four where strangers say how much there is.
    pub(crate) fn values(self) -> &'static [usize] {
        self.described().1
    }

    fn described(self) -> (&'static str, &'static [usize]) {
        match self {
            Self::Headers => ("header lines beside those of the trace: server, continued", LINES),
            Self::Baggage => ("bytes of baggage, in long members: gateway", &[512, 2048, 8192, 32_768]),
            Self::Keys => ("members of Sentry's, each with a name of its own: gateway", MEMBERS),
            Self::Others => ("members of others: gateway", MEMBERS),
            Self::Properties => ("properties of a member: gateway", MEMBERS),
            Self::Escapes => ("percent-escapes: gateway", MEMBERS),
            Self::Contexts => ("lines of baggage, each of another trace: gateway", LINES),
            Self::BaggageToTarget => ("lines of baggage: copied to a target", LINES),
            Self::BaggageToStranger => ("lines of baggage: copied to a stranger", LINES),
            Self::TraceToTarget => ("lines of sentry-trace: copied to a target", LINES),
            Self::TraceToStranger => ("lines of sentry-trace: copied to a stranger", LINES),
            Self::Traceparent => {
                ("lines of traceparent and of sentry-trace each: copied, empty targets", LINES)
            }
            Self::Tracestate => ("members of tracestate: sent on to a target", LINES),
            Self::Authorization => ("bytes of authorization with signed headers: copied to a target", BYTES),
            Self::SignatureInput => ("bytes of signature-input: copied to a target", BYTES),
            Self::Targets => ("targets, none matches: client", &[1, 4, 16, 64, 256, 1024]),
            Self::UrlSubstring => ("bytes of the URL, 5 substrings, none matches: client", BYTES),
            Self::UrlRegex => ("bytes of the URL, a regex that does not match: client", BYTES),
            Self::UrlHost => ("bytes of the URL, a host that does not match: client", BYTES),
            Self::ExplainUrl => ("bytes of the URL: explain", BYTES),
            Self::ExplainTargets => ("targets, none matches: explain", &[4, 16, 64, 256]),
            Self::Spans => ("spans: server, recorded", &[1, 10, 100, 1000]),
            Self::InFlight => ("requests at the same time: one more poll", &[1, 10, 100, 1000, 10_000]),
        }
    }

    pub(crate) fn times(self, value: usize) -> usize {
        match self {
            Self::ExplainTargets => (100 / value).clamp(2, 20),
            Self::Spans => (2000 / value).clamp(10, 200),
            Self::InFlight => value.max(1000),
            _ => (20_000 / value).clamp(10, 200),
        }
    }
}
