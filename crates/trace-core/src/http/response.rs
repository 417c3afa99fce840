//! What a response has shown so far, and what that says about its end.

use http::{HeaderMap, StatusCode};

use super::grpc::{GrpcAnswer, GrpcStatus};
use super::length::Length;
use crate::record::{Outcome, SpanStatus};

/// Who looks at an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

/// What a request means for its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestKind {
    Head,
    Connect,
    /// A server's claims to be gRPC, a client's is.
    Grpc,
    Other,
}

impl RequestKind {
    /// Whether a response of this status has a body.
    pub(super) fn has_body(self, status: StatusCode) -> bool {
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

/// What is known of a response once its head is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResponseState {
    side: Side,
    /// What the status of HTTP says. `None` if that is left to gRPC.
    status: Option<SpanStatus>,
    /// Set if the answer is one of gRPC.
    grpc: Option<GrpcAnswer>,
    /// How many bytes of the body are still to come, if that is known.
    remaining: Option<u64>,
    /// Whether bytes beyond the announced ones break the response, as in HTTP/2. In HTTP/1 they are cut off.
    is_broken_by_excess: bool,
    /// Whether the data is complete, so that hyper does not poll again.
    is_over: bool,
}

impl ResponseState {
    /// The state after a head of which nothing but the status is known.
    pub(super) fn new(side: Side, status: StatusCode) -> Self {
        let status = Some(SpanStatus::from_http(status));
        Self { side, status, grpc: None, remaining: None, is_broken_by_excess: false, is_over: false }
    }

    /// The state after a head of gRPC.
    pub(super) fn grpc(side: Side, status: StatusCode, headers: &HeaderMap) -> Self {
        let status = SpanStatus::from_grpc_without_status(status);
        Self { status, grpc: Some(GrpcAnswer::new(headers)), ..Self::new(side, StatusCode::OK) }
    }

    /// What the answer has shown of its status, if it is one of gRPC.
    pub(super) fn as_grpc(&self) -> Option<GrpcAnswer> {
        self.grpc
    }

    /// The same in a version of HTTP that lets nobody send more than was announced.
    pub(super) fn broken_by_excess(self, is_broken: bool) -> Self {
        Self { is_broken_by_excess: is_broken, ..self }
    }

    /// Notes what the head says about the body. Gives the outcome if nothing more will come.
    pub(super) fn on_head(
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
        let is_empty = self.remaining == Some(0) && !self.waits_for_trailers();
        (is_end || is_empty).then(|| self.end())
    }

    /// Notes a frame of data. Gives the outcome if it was the last one.
    pub(super) fn on_data(&mut self, length: u64, is_end: bool) -> Option<Outcome> {
        if let Some(grpc) = &mut self.grpc {
            grpc.on_data();
        }
        if self.is_broken_by_excess && self.remaining.is_some_and(|remaining| remaining < length) {
            return Some(Outcome::Failed);
        }
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(length));
        self.is_over = is_end || self.remaining == Some(0);
        // The status of gRPC is yet to come, in trailers that a body at its end may still have.
        (self.is_over && self.grpc.is_none()).then(|| self.end())
    }

    /// The outcome of a body that ends now: hyper breaks one off that is shorter than it was said to be.
    pub(super) fn end(&self) -> Outcome {
        let is_short = self.side == Side::Server && self.remaining.is_some_and(|remaining| remaining > 0);
        if is_short { Outcome::Failed } else { Outcome::Complete }
    }

    /// The outcome if the response is dropped now: only trailers may be missing that nobody asked for.
    pub(super) fn dropped(&self) -> Outcome {
        if self.is_over { self.end() } else { Outcome::Cancelled }
    }

    /// Notes trailers. Gives the outcome: nothing comes after them.
    pub(super) fn on_trailers(&mut self, trailers: &HeaderMap) -> Outcome {
        if let Some(grpc) = &mut self.grpc {
            grpc.on_trailers(trailers);
        }
        self.end()
    }

    /// The status so far. `None` while that of gRPC is yet to come.
    fn status(&self) -> Option<SpanStatus> {
        match self.grpc.and_then(|grpc| grpc.status) {
            Some(GrpcStatus::Code(code)) => Some(SpanStatus::from_grpc(code)),
            Some(GrpcStatus::Unreadable) => Some(SpanStatus::UnknownError),
            None => self.status,
        }
    }

    fn waits_for_trailers(&self) -> bool {
        self.status().is_none()
    }

    /// The status of the span after an outcome.
    pub(super) fn status_after(&self, outcome: Outcome) -> Option<SpanStatus> {
        match (outcome, self.status()) {
            // Without a status of gRPC nobody knows whether the call succeeded.
            (Outcome::Complete, status) => status.or(Some(SpanStatus::UnknownError)),
            (Outcome::Failed, Some(status)) if status != SpanStatus::Ok => Some(status),
            // A client may take as much of a body as it likes.
            (Outcome::Cancelled, Some(status)) if self.side == Side::Client => Some(status),
            (outcome, _) => outcome.status(),
        }
    }
}
