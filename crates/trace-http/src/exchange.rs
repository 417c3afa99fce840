//! One exchange of request and response, on either side. It ends once.
//!
//! hyper does not always poll a body to its end. It stops after a frame that leaves the body at its end, and after the
//! number of bytes in `content-length`. It does not poll a body that the response may not have. So the exchange ends at
//! the first of: trailers, no more frame, an error, a frame after which the body says that it is at its end, the
//! expected number of bytes, drop.

use http::{Extensions, HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame};
use trace_core::{
    Activity, Entered, Outcome, RequestHead, ServedRequest, SpanStatus, TraceContext, Tracer, TransactionName,
};

use crate::body::TracedBody;
use crate::grpc::{self, GrpcCall};
use crate::response::{RequestKind, ResponseState, Side};
use crate::server_attributes;

/// A request that is being answered. Its context is current while the exchange is [entered](Self::enter). Its span ends
/// once.
#[derive(Debug)]
pub struct Exchange {
    activity: Activity,
    side: Side,
    request: RequestKind,
    /// The call, if the request is recorded and claims to be gRPC.
    call: Option<Box<GrpcCall>>,
    version: Version,
    response: Option<ResponseState>,
}

impl Exchange {
    /// Starts the exchange of a server: continues the trace of the request or starts one, and starts its service span.
    ///
    /// `describe` is called only if there could be a service span. If it returns `None`, there is only a context. Returns
    /// `None` if an outer layer already serves the same request, which that layer has [marked](Self::mark).
    #[inline]
    pub fn server<B, N: FnOnce() -> TransactionName>(
        tracer: &Tracer,
        request: &Request<B>,
        describe: impl FnOnce() -> Option<ServedRequest<N>>,
    ) -> Option<Self> {
        let activity = tracer.serve(RequestHead::from(request), describe)?;
        let kind = match RequestKind::of(request.method()) {
            _ if activity.owns_span() && grpc::claims_grpc(request.method(), request.headers()) => {
                RequestKind::Grpc
            }
            kind => kind,
        };
        Some(Self::new(activity, Side::Server, kind, request.version()))
    }

    /// Marks the request of a server as the one that this exchange serves, as [`Activity::mark_served`] does.
    #[inline]
    pub fn mark(&mut self, extensions: &mut Extensions) {
        self.activity.mark_served(extensions);
    }

    /// Stores the call that a request to a server claims to be, if it claims to be gRPC and is recorded. The path
    /// becomes the route if the answer shows that the method exists and no better name is known.
    pub fn set_grpc_call(&mut self, headers: &HeaderMap, path: impl FnOnce() -> String) {
        if self.request == RequestKind::Grpc {
            self.call = Some(Box::new(GrpcCall::new(headers, path().into())));
            self.context().inspect(|span| grpc::record_claim(span));
        }
    }

    /// Starts the exchange of a client, with a span below `parent`. Returns `None` if `parent` is not recorded.
    pub fn client(
        parent: &TraceContext,
        method: &Method,
        operation: &'static str,
        description: impl FnOnce() -> String,
    ) -> Option<Self> {
        if !parent.is_recording() {
            return None;
        }
        let activity = parent.span(operation, description()).start_activity();
        Some(Self::new(activity, Side::Client, RequestKind::of(method), Version::default()))
    }

    /// Starts the exchange of a client that makes a gRPC call, with a span below `parent`. Returns `None` if `parent` is
    /// not recorded.
    pub fn grpc_client(parent: &TraceContext, call: GrpcCall) -> Option<Self> {
        if !parent.is_recording() {
            return None;
        }
        let activity = parent.span(grpc::CLIENT_OPERATION, call.description()).start_activity();
        if let Some(span) = activity.context() {
            grpc::record_client(&call, span);
        }
        let mut exchange = Self::new(activity, Side::Client, RequestKind::Grpc, Version::default());
        exchange.call = Some(Box::new(call));
        Some(exchange)
    }

    fn new(activity: Activity, side: Side, request: RequestKind, version: Version) -> Self {
        Self { activity, side, request, call: None, version, response: None }
    }

    /// Returns the context of the exchange. There is none while the exchange is entered, because it is the current one
    /// then.
    #[must_use]
    pub fn context(&self) -> Option<&TraceContext> {
        self.activity.context()
    }

    /// Makes the context current for as long as the returned guard lives. A panic that drops the guard ends the span.
    #[inline]
    pub fn enter(&mut self) -> Entered<'_> {
        self.activity.enter()
    }

    /// Ends the exchange of a server whose transaction has reached its longest duration.
    #[inline]
    pub(crate) fn end_if_overdue(&mut self) {
        if self.side == Side::Server && self.activity.is_overdue() {
            self.end(Outcome::TimedOut, None);
        }
    }

    /// Records a response, and returns it with a body that ends the exchange.
    pub fn trace_response<B: Body>(mut self, response: Response<B>) -> Response<TracedBody<B>> {
        self.on_response(response.status(), response.headers(), response.body());
        response.map(|body| TracedBody::new(body, Some(self)))
    }

    /// Records the status of a response of which nothing else is known.
    pub fn respond(&mut self, status: StatusCode) {
        self.note_response(status, ResponseState::new(self.side, status));
    }

    fn note_response(&mut self, status: StatusCode, response: ResponseState) {
        self.response = Some(response);
        if let Some(context) = self.context() {
            context.set_attribute("http.response.status_code", status.as_u16());
            if self.side == Side::Server {
                server_attributes::record_head(context);
            }
        }
    }

    /// Ends the exchange and its span. Only the first call ends the span.
    pub fn finish(&mut self, outcome: Outcome) {
        let status = self.status_after(outcome);
        self.end(outcome, status);
    }

    fn end(&mut self, outcome: Outcome, status: Option<SpanStatus>) {
        self.record_grpc(outcome);
        if let (Side::Server, Some(context)) = (self.side, self.activity.context()) {
            server_attributes::record_end(context, self.response.as_ref(), outcome);
        }
        self.activity.end(outcome, status);
    }

    fn status_after(&self, outcome: Outcome) -> Option<SpanStatus> {
        // An answer of another kind refutes what the request claims.
        let call = self.call.as_deref().filter(|_| self.response.is_none_or(|it| it.as_grpc().is_some()));
        let status = match self.response {
            Some(response) => response.status_after(outcome),
            // The server of the call was not reached.
            None if call.is_some() && self.side == Side::Client && outcome == Outcome::Failed => {
                Some(SpanStatus::Unavailable)
            }
            None => outcome.status(),
        };
        let is_answered = self.response.is_some_and(|response| !response.awaits_grpc_status());
        let broke_off = status == Some(SpanStatus::Cancelled) || (outcome == Outcome::Failed && !is_answered);
        match call {
            Some(call) if broke_off && call.is_overdue() => Some(SpanStatus::DeadlineExceeded),
            _ => status,
        }
    }

    /// Records a response, and ends the exchange if no more of it will come.
    #[inline]
    pub(crate) fn on_response(&mut self, status: StatusCode, headers: &HeaderMap, body: &impl Body) {
        let is_grpc =
            self.request == RequestKind::Grpc && (self.side == Side::Client || grpc::is_grpc(headers));
        let response = match is_grpc {
            true => ResponseState::grpc(self.side, status, headers),
            false => ResponseState::new(self.side, status),
        };
        self.note_response(status, response.broken_by_excess(self.version >= Version::HTTP_2));
        let (hint, is_end, has_body) =
            (body.size_hint().exact(), body.is_end_stream(), self.request.has_body(status));
        if let Some(response) = &mut self.response
            && let Some(outcome) = response.on_head(headers, hint, is_end, has_body)
        {
            self.finish(outcome);
        }
    }

    /// Records the result of polling the body, and ends the exchange if it was the last one.
    pub(crate) fn on_frame<B: Body>(&mut self, frame: Option<&Result<Frame<B::Data>, B::Error>>, body: &B) {
        let outcome = match frame {
            None => Some(self.response.map_or(Outcome::Complete, |response| response.end())),
            Some(Err(_)) => Some(Outcome::Failed),
            Some(Ok(frame)) => match (frame.data_ref(), frame.trailers_ref()) {
                (Some(data), _) => {
                    let length = bytes::Buf::remaining(data) as u64;
                    self.response.as_mut().and_then(|it| it.on_data(length, body.is_end_stream()))
                }
                (None, Some(trailers)) => {
                    self.response.as_mut().map(|response| response.on_trailers(trailers))
                }
                (None, None) => None,
            },
        };
        if let Some(outcome) = outcome {
            self.finish(outcome);
        }
    }

    /// Records what the end shows of a gRPC call.
    fn record_grpc(&mut self, outcome: Outcome) {
        let answer = self.response.and_then(|response| response.as_grpc());
        let Some(span) = self.activity.context() else { return };
        if let Some(answer) = answer {
            grpc::record_status(answer, span);
        }
        if self.side == Side::Server
            && let Some(call) = self.call.take()
        {
            match self.response {
                Some(response) if response.as_grpc().is_none() => grpc::refute_claim(span),
                _ => grpc::record_server(*call, answer, outcome, span),
            }
        }
    }

    /// Returns whether there is a span that has not ended, so that the end of the exchange has to be observed.
    #[inline]
    pub(crate) fn is_recording(&self) -> bool {
        self.activity.owns_span()
    }
}

/// Ends the exchange, if it has not ended yet. Incomplete work counts as panicked or cancelled.
impl Drop for Exchange {
    #[inline]
    fn drop(&mut self) {
        if !self.is_recording() {
            return;
        }
        self.finish(if std::thread::panicking() {
            Outcome::Panicked
        } else {
            self.response.map_or(Outcome::Cancelled, |response| response.dropped())
        });
    }
}
