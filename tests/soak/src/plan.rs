//! What each request does: all combinations of callers, handlers and clients, by its number.

use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::Empty;
use trace_core::{TraceContext, TraceId};

const CALLERS: [Caller; 8] = [
    Caller::Sampled,
    Caller::Unsampled,
    Caller::Deferred,
    Caller::Sampled,
    Caller::Unsampled,
    Caller::Deferred,
    Caller::Malformed,
    Caller::Nobody,
];
const HANDLERS: [Handler; 16] = [
    Handler::Answers,
    Handler::Streams,
    Handler::Calls,
    Handler::Answers,
    Handler::Captures,
    Handler::Streams,
    Handler::Calls,
    Handler::Answers,
    Handler::Streams,
    Handler::Calls,
    Handler::Captures,
    Handler::Streams,
    Handler::Spawns,
    Handler::PanicsAtOnce,
    Handler::Panics,
    Handler::PanicsInBody,
];
const CLIENTS: [Client; 8] = [
    Client::ReadsAll,
    Client::LeavesBeforeAnswer,
    Client::ReadsAll,
    Client::LeavesBeforeBody,
    Client::ReadsAll,
    Client::LeavesInBody,
    Client::ReadsAll,
    Client::ReadsAll,
];
/// Values of `sentry-trace` that nobody can continue.
const GARBAGE: [&[u8]; 4] = [b"", b"zz", b"771a43a4192642f0b136d5159a501700-1", b"\xff\xfe-\x80-1"];

/// One request in so many hangs.
const HANGING: usize = 997;
/// One request in so many leaves a span. Those of many requests would hold much memory, since each waits for five seconds.
const LATE: usize = 127;

/// What one request does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) number: usize,
    pub(crate) caller: Caller,
    pub(crate) handler: Handler,
    pub(crate) client: Client,
}

/// Which headers come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Sampled,
    Unsampled,
    Deferred,
    Malformed,
    Nobody,
}

/// What the handler does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handler {
    Answers,
    Streams,
    /// Calls another service through the client layer.
    Calls,
    /// Captures an error before its answer, and one in the stream of the body.
    Captures,
    Spawns,
    /// Leaves a span that ends after the request.
    EndsLate,
    /// Never answers. The client leaves after others have come and gone.
    Hangs,
    /// Before there is a future.
    PanicsAtOnce,
    Panics,
    PanicsInBody,
}

/// How long the client stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    ReadsAll,
    LeavesBeforeAnswer,
    LeavesBeforeBody,
    LeavesInBody,
    /// Until there are too many of its kind.
    Stays,
}

impl Plan {
    pub(crate) fn of(number: usize) -> Self {
        let (handler, client) = (HANDLERS[number / 8 % 16], CLIENTS[number / 128 % 8]);
        let (handler, client) = match number {
            _ if number.is_multiple_of(HANGING) => (Handler::Hangs, Client::Stays),
            _ if number.is_multiple_of(LATE) => (Handler::EndsLate, client),
            _ => (handler, client),
        };
        Self { number, caller: CALLERS[number % 8], handler, client }
    }

    pub(crate) fn path(self) -> String {
        format!("/{}", self.number)
    }

    /// The opposite of [`path`](Self::path).
    pub(crate) fn number_in(path: &str) -> Option<usize> {
        path.strip_prefix('/')?.parse().ok()
    }

    pub(crate) fn request(self) -> Request<Empty<Bytes>> {
        let mut request = Request::get(self.path());
        let trace_id = self.trace_id();
        let flag = match self.caller {
            Caller::Sampled => "-1",
            Caller::Unsampled => "-0",
            Caller::Deferred | Caller::Malformed | Caller::Nobody => "",
        };
        if self.continues_a_trace() {
            request = request
                .header("sentry-trace", format!("{trace_id}-b72fa28504b07285{flag}"))
                .header("baggage", format!("other=1,sentry-trace_id={trace_id},sentry-public_key=public"));
        } else if self.caller == Caller::Malformed {
            let garbage = HeaderValue::from_bytes(GARBAGE[self.number / 8 % GARBAGE.len()]).unwrap();
            request = request
                .header("sentry-trace", garbage)
                .header("baggage", "sentry-trace_id=,=,;,sentry-sample_rate=NaN");
        }
        request.body(Empty::new()).unwrap()
    }

    /// Whether the request is served in this context.
    pub(crate) fn is_served_in(self, context: &TraceContext) -> bool {
        match self.continues_a_trace() {
            true => context.trace_id() == self.trace_id(),
            false => !context.continuation().is_continued(),
        }
    }

    /// Whether it is recorded, where the caller says so.
    pub(crate) fn is_recorded(self) -> Option<bool> {
        match self.caller {
            Caller::Sampled => Some(true),
            Caller::Unsampled => Some(false),
            Caller::Deferred | Caller::Malformed | Caller::Nobody => None,
        }
    }

    /// Whether somebody will have to catch its panic.
    pub(crate) fn panics(self) -> bool {
        match self.handler {
            Handler::PanicsAtOnce => true,
            Handler::Panics => self.client != Client::LeavesBeforeAnswer,
            Handler::PanicsInBody => self.client == Client::ReadsAll,
            _ => false,
        }
    }

    fn continues_a_trace(self) -> bool {
        !matches!(self.caller, Caller::Malformed | Caller::Nobody)
    }

    /// Multiplied, so that neighbours have nothing in common: the sampling decision depends on it.
    fn trace_id(self) -> TraceId {
        let id = (self.number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        format!("{id:032x}").parse().unwrap()
    }
}
