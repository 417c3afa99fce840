//! The state of a response so far, and the outcome that follows from it.

use http::{HeaderMap, Method, StatusCode};
use trace_core::{Outcome, SpanStatus};

use crate::grpc::{self, GrpcAnswer, GrpcStatus};
use crate::length::Length;

/// The side from which an exchange is observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

/// The kind of a request, as far as it affects the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    Head,
    Connect,
    /// A gRPC request. On a server, the request only claims to be gRPC.
    Grpc,
    Other,
}

impl RequestKind {
    /// Returns the kind that follows from the method alone.
    pub(crate) fn of(method: &Method) -> Self {
        match *method {
            Method::HEAD => Self::Head,
            Method::CONNECT => Self::Connect,
            _ => Self::Other,
        }
    }

    /// Returns whether a response of this status has a body.
    pub(crate) fn has_body(self, status: StatusCode) -> bool {
        let bodiless = status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED;
        match self {
            Self::Head => false,
            Self::Connect => !bodiless && !status.is_success(),
            Self::Grpc | Self::Other => !bodiless,
        }
    }
}

/// The state of a response whose head has arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResponseState {
    side: Side,
    code: StatusCode,
    /// The number of bytes of the body so far.
    body_size: u64,
    /// The status that follows from that of HTTP; `None` if only gRPC decides it.
    status: Option<SpanStatus>,
    /// The gRPC answer, if the response is one.
    grpc: Option<GrpcAnswer>,
    /// The number of bytes of the body that are still to come, if it is known.
    remaining: Option<u64>,
    /// `true` if bytes beyond the announced length break the response, as in HTTP/2. In HTTP/1 they are cut off.
    is_broken_by_excess: bool,
    /// `true` if the data is complete, so that hyper does not poll again.
    is_over: bool,
}

impl ResponseState {
    /// Returns the state after a head of which only the status is known.
    pub(crate) fn new(side: Side, code: StatusCode) -> Self {
        Self {
            side,
            code,
            body_size: 0,
            status: Some(SpanStatus::from_http(code)),
            grpc: None,
            remaining: None,
            is_broken_by_excess: false,
            is_over: false,
        }
    }

    /// Returns the state after the head of a gRPC answer.
    pub(crate) fn grpc(side: Side, code: StatusCode, headers: &HeaderMap) -> Self {
        let status = grpc::status_without_code(code);
        Self { status, grpc: Some(GrpcAnswer::new(headers)), ..Self::new(side, code) }
    }

    /// Returns the status code of HTTP.
    pub(crate) fn code(&self) -> StatusCode {
        self.code
    }

    /// Returns the number of bytes of the body so far.
    pub(crate) fn body_size(&self) -> u64 {
        self.body_size
    }

    /// Returns the gRPC answer, if the response is one.
    pub(crate) fn as_grpc(&self) -> Option<GrpcAnswer> {
        self.grpc
    }

    /// Sets whether bytes beyond the announced length break the response.
    pub(crate) fn broken_by_excess(self, is_broken: bool) -> Self {
        Self { is_broken_by_excess: is_broken, ..self }
    }

    /// Records what the head says about the body. Returns the outcome if nothing more will come.
    pub(crate) fn on_head(
        &mut self,
        headers: &HeaderMap,
        hint: Option<u64>,
        is_end: bool,
        has_body: bool,
    ) -> Option<Outcome> {
        if !has_body {
            return Some(Outcome::Complete);
        }
        let length = Length::of(headers);
        if length == Length::Invalid && self.side == Side::Server {
            return Some(Outcome::Failed);
        }
        self.remaining = length.or(hint);
        self.is_over = self.remaining == Some(0) && !self.awaits_grpc_status();
        // Over HTTP/2, hyper polls a body that only its length calls empty. It may break its word.
        (is_end || (self.is_over && !self.is_broken_by_excess)).then(|| self.end())
    }

    /// Records a frame of data. Returns the outcome if it was the last one.
    pub(crate) fn on_data(&mut self, length: u64, is_end: bool) -> Option<Outcome> {
        if let Some(grpc) = &mut self.grpc {
            grpc.on_data();
        }
        // What exceeds the announced length is not sent.
        let sent = self.remaining.map_or(length, |remaining| remaining.min(length));
        self.body_size = self.body_size.saturating_add(sent);
        if self.is_broken_by_excess && self.remaining.is_some_and(|remaining| remaining < length) {
            return Some(Outcome::Failed);
        }
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(length));
        self.is_over = is_end || self.remaining == Some(0);
        // The status of gRPC is yet to come, in trailers that may follow the end of the data.
        (self.is_over && self.grpc.is_none()).then(|| self.end())
    }

    /// Returns the outcome of a body that ends now. hyper aborts a response whose body is shorter than announced.
    pub(crate) fn end(&self) -> Outcome {
        let is_short = self.side == Side::Server && self.remaining.is_some_and(|remaining| remaining > 0);
        if is_short { Outcome::Failed } else { Outcome::Complete }
    }

    /// Returns the outcome of a response that is dropped now. If its data is complete, only trailers that were not
    /// polled can be missing, and the response has ended.
    pub(crate) fn dropped(&self) -> Outcome {
        if self.is_over { self.end() } else { Outcome::Cancelled }
    }

    /// Records trailers. Returns the outcome, because nothing follows trailers.
    pub(crate) fn on_trailers(&mut self, trailers: &HeaderMap) -> Outcome {
        if let Some(grpc) = &mut self.grpc {
            grpc.on_trailers(trailers);
        }
        self.end()
    }

    /// Returns the status so far; `None` while that of gRPC is yet to come.
    fn status(&self) -> Option<SpanStatus> {
        match self.grpc.and_then(|grpc| grpc.status) {
            Some(GrpcStatus::Code(code)) => Some(SpanStatus::from_grpc(code)),
            Some(GrpcStatus::Unreadable) => Some(SpanStatus::UnknownError),
            None => self.status,
        }
    }

    /// Returns whether this is an answer of gRPC whose status is yet to come.
    pub(crate) fn awaits_grpc_status(&self) -> bool {
        self.status().is_none()
    }

    /// Returns the status of the span after an outcome.
    pub(crate) fn status_after(&self, outcome: Outcome) -> Option<SpanStatus> {
        match (outcome, self.status()) {
            // Without a status of gRPC it is unknown whether the call succeeded.
            (Outcome::Complete, status) => status.or(Some(SpanStatus::UnknownError)),
            (Outcome::Failed, Some(status)) if status != SpanStatus::Ok => Some(status),
            // A client may stop reading a body at any time.
            (Outcome::Cancelled, Some(status)) if self.side == Side::Client => Some(status),
            (outcome, _) => outcome.status(),
        }
    }
}
