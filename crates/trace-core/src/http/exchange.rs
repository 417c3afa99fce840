//! One exchange of request and response, seen from either side, and its one ending.
//!
//! hyper does not poll a body to its end in general: not after a frame that leaves it at its end, nor after as many
//! bytes as `content-length` said, nor a body that the response may not have. So the end is the first of: trailers, no
//! more frame, an error, a frame after which the body says that it is at its end, the expected number of bytes, drop.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body::{Body, Frame};

use crate::context::TraceContext;
use crate::current::with_current;
use crate::finished::Outcome;
use crate::in_span::Running;
use crate::name::TransactionName;
use crate::slot::Slot;
use crate::status::SpanStatus;
use crate::tracer::Tracer;

/// A request that is being answered: its context, which is current while it is [entered](Self::enter), and its span, which
/// ends once.
#[derive(Debug)]
pub struct Exchange {
    /// The context; while it is current, the one before it.
    slot: Slot,
    /// Whether there is a span. There never is one later.
    is_recording: bool,
    side: Side,
    request: RequestKind,
    response: Option<ResponseHead>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Server,
    Client,
}

/// What a request means for the body of its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RequestKind {
    Head,
    Connect,
    Other,
}

/// What is known once the response head is there.
#[derive(Debug, Clone, Copy)]
struct ResponseHead {
    status: SpanStatus,
    is_grpc: bool,
    /// How many bytes of the body are still to come, if that is known.
    remaining: Option<u64>,
    /// Whether the data is complete, so that hyper does not poll again.
    is_over: bool,
}

impl Exchange {
    /// The exchange of a server: continues the trace of the request or starts one, and starts its transaction.
    ///
    /// `describe` gives the operation of the transaction, and how it is called if somebody needs the name. It is asked only
    /// if there could be a transaction; without an answer there is none, only a context. `None` if an outer layer already
    /// serves this very request.
    #[inline]
    pub fn server<B, N: FnOnce() -> TransactionName>(
        tracer: &Tracer,
        request: &Request<B>,
        describe: impl FnOnce() -> Option<(&'static str, N)>,
    ) -> Option<Self> {
        let is_served = |current: &TraceContext| {
            current.serves_request && current.caller == tracer.caller_of(request.headers())
        };
        if with_current(|current| current.is_some_and(is_served)) {
            return None;
        }
        let mut slot = Slot::new(tracer.continue_trace(request.headers()));
        if let Some(context) = slot.context_mut() {
            context.serves_request = true;
            if tracer.makes_transactions()
                && let Some((operation, name)) = describe()
            {
                tracer.begin_transaction(context, operation, name);
            }
        }
        Some(Self::new(slot, Side::Server, request.method()))
    }

    /// The exchange of a client, with a span below `parent`. `None` if `parent` is not recorded.
    pub fn client(
        parent: &TraceContext,
        method: &Method,
        operation: &'static str,
        description: impl FnOnce() -> String,
    ) -> Option<Self> {
        if !parent.is_recording() {
            return None;
        }
        let mut slot = Slot::new(parent.begin_span(operation, description()));
        if let Some(context) = slot.context_mut() {
            context.serves_request = false;
        }
        Some(Self::new(slot, Side::Client, method))
    }

    fn new(slot: Slot, side: Side, method: &Method) -> Self {
        let request = match *method {
            Method::HEAD => RequestKind::Head,
            Method::CONNECT => RequestKind::Connect,
            _ => RequestKind::Other,
        };
        let is_recording = slot.context().is_some_and(TraceContext::is_recording);
        Self { slot, is_recording, side, request, response: None }
    }

    /// The context of the exchange.
    #[must_use]
    pub fn context(&self) -> Option<&TraceContext> {
        self.slot.context()
    }

    /// Makes the context current for as long as what this returns lives. If that ends by a panic, so does the span.
    #[inline]
    pub fn enter(&mut self) -> Running<'_> {
        Running::new(&mut self.slot, self.is_recording)
    }

    /// Ends the exchange of a server whose transaction has lasted for as long as it may.
    #[inline]
    pub(super) fn end_if_overdue(&mut self) {
        if let (Side::Server, Some(context)) = (self.side, self.slot.context()) {
            context.end_if_overdue();
        }
    }

    /// Notes the head of the response.
    pub fn respond(&mut self, status: StatusCode) {
        let head = ResponseHead {
            status: SpanStatus::from_http(status),
            is_grpc: false,
            remaining: None,
            is_over: false,
        };
        self.response = Some(head);
        if let Some(context) = self.slot.context() {
            context.set_attribute("http.response.status_code", status.as_u16());
        }
    }

    /// The ending: of the span, its first one counts.
    pub fn finish(&mut self, outcome: Outcome) {
        let head = self.response.map(|response| response.status);
        let status = match (outcome, head) {
            (Outcome::Complete, head) => head,
            (Outcome::Failed, Some(head)) if head != SpanStatus::Ok => Some(head),
            // A client may take as much of a body as it likes.
            (Outcome::Cancelled, Some(head)) if self.side == Side::Client => Some(head),
            (outcome, _) => outcome.status(),
        };
        if let Some(context) = self.slot.context() {
            context.end_span(outcome, status);
        }
    }

    /// Notes a response, and ends the exchange if nothing more of it will come.
    #[inline]
    pub(super) fn on_response(&mut self, status: StatusCode, headers: &HeaderMap, body: &impl Body) {
        self.respond(status);
        let is_grpc =
            headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
        let length = || headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok();
        let remaining = body.size_hint().exact().or_else(length);
        if let Some(response) = &mut self.response {
            response.is_grpc = is_grpc;
            response.remaining = remaining;
        }
        self.note_grpc_status(headers);
        if self.has_no_body(status) || body.is_end_stream() || (remaining == Some(0) && !is_grpc) {
            self.finish(Outcome::Complete);
        }
    }

    fn has_no_body(&self, status: StatusCode) -> bool {
        let bodiless = status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED;
        match self.request {
            RequestKind::Head => true,
            RequestKind::Connect => bodiless || status.is_success(),
            RequestKind::Other => bodiless,
        }
    }

    /// Notes what a poll of the body gave, and ends the exchange if that was the last of it.
    pub(super) fn on_frame<B: Body>(&mut self, frame: Option<&Result<Frame<B::Data>, B::Error>>, body: &B) {
        match frame {
            None => self.finish(Outcome::Complete),
            Some(Err(_)) => self.finish(Outcome::Failed),
            Some(Ok(frame)) => match (frame.data_ref(), frame.trailers_ref()) {
                (Some(data), _) => self.on_data(bytes::Buf::remaining(data) as u64, body.is_end_stream()),
                (None, Some(trailers)) => {
                    self.note_grpc_status(trailers);
                    self.finish(Outcome::Complete);
                }
                (None, None) => {}
            },
        }
    }

    fn on_data(&mut self, length: u64, is_end: bool) {
        let Some(response) = &mut self.response else {
            return;
        };
        response.remaining = response.remaining.map(|remaining| remaining.saturating_sub(length));
        response.is_over = is_end || response.remaining == Some(0);
        // The status of gRPC is yet to come, in trailers that a body at its end may still have.
        if response.is_over && !response.is_grpc {
            self.finish(Outcome::Complete);
        }
    }

    fn note_grpc_status(&mut self, headers: &HeaderMap) {
        let Some(response) = self.response.as_mut().filter(|response| response.is_grpc) else {
            return;
        };
        let code = headers.get("grpc-status").and_then(|code| code.to_str().ok()?.parse().ok());
        if let Some(code) = code {
            response.status = SpanStatus::from_grpc(code);
            if let Some(context) = self.slot.context() {
                context.set_attribute("rpc.grpc.status_code", code);
            }
        }
    }

    /// Whether there is a span, so that it matters what becomes of the exchange.
    #[inline]
    pub(super) fn is_recording(&self) -> bool {
        self.is_recording
    }
}

/// Dropped before its end, it was given up, unless only trailers were missing that nobody asked for.
impl Drop for Exchange {
    #[inline]
    fn drop(&mut self) {
        if !self.is_recording {
            return;
        }
        let is_over = self.response.is_some_and(|response| response.is_over);
        self.finish(if std::thread::panicking() {
            Outcome::Panicked
        } else if is_over {
            Outcome::Complete
        } else {
            Outcome::Cancelled
        });
    }
}
