//! The rows of the table: one piece of work each.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// One piece of work, done by every contender that can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Row {
    /// Read a trace header that says "sampled".
    Parse,
    /// Refuse a trace header that is malformed in its last digit.
    ParseMalformed,
    /// Make a context of a header map with a trace header and nine members of baggage.
    Extract,
    /// Make the header value of a trace header.
    Emit,
    /// Draw a trace id and a span id.
    Ids,
    /// Find that a URL holds the last of five texts.
    TargetsHit,
    /// Find that a URL holds none of five texts.
    TargetsMiss,
    /// Find that every URL gets the headers.
    TargetsDefault,
    /// Find that no URL gets the headers.
    TargetsEmpty,
    /// Serve a request of a trace that is not recorded, up to the end of the body.
    ServerContinued,
    /// The same with a service whose DSN names no organization that would have to be compared with that of the baggage.
    ServerContinuedNoOrganization,
    /// Serve a request without a trace, which is not recorded.
    ServerNew,
    /// Serve a request without a trace, of which sampling decides not to record it.
    ServerUnsampled,
    /// The same with a hub for the request, which has none of its data.
    HubAlone,
    /// The same with a hub that has the data of the request.
    HubRequest,
    /// The same with spans of the official client on the trace.
    HubSpans,
    /// Poll a running request once more.
    Poll,
    /// Poll a running body for one more frame.
    Frame,
    /// Send a request whose URL holds the last of five targets.
    ClientMatch,
    /// Send a request whose URL holds none of five targets.
    ClientNoMatch,
    /// Send a request with the default targets, which are all.
    ClientDefault,
    /// Send a request with an empty list of targets, which is none.
    ClientEmpty,
    /// Send a request of reqwest with the default targets.
    ClientReqwest,
    /// Serve a request that sends one.
    Gateway,
    /// The same without a trace, of which sampling decides not to record it.
    GatewayNew,
    // Last: what is set up for recording stays for the rest of a process.
    /// Serve a request that is recorded with one span below it.
    ServerRecorded1,
    /// Serve a request that is recorded with twenty spans below it.
    ServerRecorded20,
    /// Serve a request without a trace, which is recorded with one span below it.
    ServerNewRecorded,
    /// Serve a request that is recorded with one span below it, and write its envelope.
    ToBytes1,
    /// The same with twenty spans.
    ToBytes20,
    /// The same with two hundred spans.
    ToBytes200,
    /// The same with a thousand spans.
    ToBytes1000,
    /// Make, enter, leave and close a span of `tracing` within a trace that is not recorded.
    TracingSpan,
    /// Enter and leave a span of `tracing` once more within a trace that is not recorded: an await.
    TracingEnter,
    /// Do a job that is recorded with one span of `tracing` below it.
    TracingRecorded1,
    /// Do a job that is recorded with twenty spans of `tracing` below it.
    TracingRecorded20,
    /// The same with four fields each.
    TracingFields20,
    /// Enter and leave a span of `tracing` once more that is recorded.
    TracingEnterRecorded,
}

impl Row {
    /// Every row in the order of the table.
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Parse => "parse trace header, sampled",
            Self::ParseMalformed => "parse trace header, malformed",
            Self::Extract => "extract, 9 members of baggage",
            Self::Emit => "emit trace header",
            Self::Ids => "trace id and span id",
            Self::TargetsHit => "5 targets, the last matches",
            Self::TargetsMiss => "5 targets, none matches",
            Self::TargetsDefault => "default targets (all)",
            Self::TargetsEmpty => "empty targets (none)",
            Self::ServerContinued => "server, continued",
            Self::ServerContinuedNoOrganization => "server, continued, no organization",
            Self::ServerNew => "server, new trace",
            Self::ServerUnsampled => "server, sampled out",
            Self::HubAlone => "server and hub, sampled out",
            Self::HubRequest => "the same with request data",
            Self::HubSpans => "the same with official spans",
            Self::ServerRecorded1 => "recorded and dropped, 1 span",
            Self::ServerRecorded20 => "recorded and dropped, 20 spans",
            Self::ServerNewRecorded => "new trace, recorded and dropped, 1 span",
            Self::ToBytes1 => "request to bytes, 1 span",
            Self::ToBytes20 => "request to bytes, 20 spans",
            Self::ToBytes200 => "request to bytes, 200 spans",
            Self::ToBytes1000 => "request to bytes, 1000 spans",
            Self::Poll => "one more poll",
            Self::Frame => "one more frame",
            Self::ClientMatch => "client, 5 targets, match",
            Self::ClientNoMatch => "client, 5 targets, no match",
            Self::ClientDefault => "client, default targets",
            Self::ClientEmpty => "client, empty targets",
            Self::ClientReqwest => "client of reqwest, default targets",
            Self::Gateway => "gateway (server and client)",
            Self::GatewayNew => "gateway, new trace",
            Self::TracingSpan => "tracing span, sampled out",
            Self::TracingEnter => "one more enter, sampled out",
            Self::TracingRecorded1 => "job, recorded, 1 tracing span",
            Self::TracingRecorded20 => "job, recorded, 20 tracing spans",
            Self::TracingFields20 => "the same with 4 fields each",
            Self::TracingEnterRecorded => "one more enter, recorded",
        }
    }

    /// How many spans the envelope has that the work ends with.
    pub(crate) fn spans_of_envelope(self) -> Option<usize> {
        match self {
            Self::ToBytes1 => Some(2),
            Self::ToBytes20 => Some(21),
            Self::ToBytes200 => Some(201),
            Self::ToBytes1000 => Some(1001),
            _ => None,
        }
    }

    /// Whether it is about the spans of `tracing`.
    pub(crate) fn is_of_tracing(self) -> bool {
        matches!(self, Self::TracingSpan | Self::TracingEnter) || self.is_recorded()
    }

    /// Whether spans of `tracing` are recorded.
    pub(crate) fn is_recorded(self) -> bool {
        matches!(self, Self::TracingRecorded1 | Self::TracingRecorded20)
            || matches!(self, Self::TracingFields20 | Self::TracingEnterRecorded)
    }

    /// How often the work is done in a measurement: the more it is, the less often.
    pub(crate) fn times(self) -> usize {
        match self {
            Self::Parse
            | Self::ParseMalformed
            | Self::Extract
            | Self::Emit
            | Self::TargetsHit
            | Self::TargetsMiss
            | Self::TargetsDefault
            | Self::TargetsEmpty
            | Self::Poll
            | Self::Frame => 2000,
            Self::Ids => 8000,
            Self::ServerRecorded20 | Self::TracingRecorded20 | Self::TracingFields20 => 500,
            // In batches of 50.
            Self::ToBytes1 | Self::ToBytes20 => 300,
            Self::ToBytes200 => 100,
            Self::ToBytes1000 => 50,
            _ => 1000,
        }
    }
}
