//! Both sides of a call, each with a tracer of its own.

use end_to_end::{Transactions, recording};
use grpc::{Server, scripted};
use tonic::transport::{Channel, Endpoint};
use trace_client::{TraceClient, TraceClientLayer};
use trace_core::{FinishedSpan, FinishedTransaction, Span, SpanStatus, Tracer};
use trace_server::TraceServerLayer;

/// A caller and a server.
pub(crate) struct Sides {
    pub(crate) channel: TraceClient<Channel>,
    tracer: Tracer,
    pub(crate) near: Transactions,
    far: Transactions,
    server: Server,
}

impl Sides {
    pub(crate) async fn start() -> Self {
        Self::with(|layer| layer).await
    }

    /// Starts both, with a server layer that is changed.
    pub(crate) async fn with(change: impl FnOnce(TraceServerLayer) -> TraceServerLayer) -> Self {
        let ((tracer, near), (far_tracer, far)) = (recording(), recording());
        let server = Server::start(change(TraceServerLayer::new(far_tracer)), scripted()).await;
        let channel = channel(&tracer, &server.url());
        Self { channel, tracer, near, far, server }
    }

    /// The span of a caller.
    pub(crate) fn caller(&self) -> Span {
        self.tracer.service_span("test", "caller").start()
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Another channel, traced by the caller's tracer.
    pub(crate) fn traced(&self, channel: Channel) -> TraceClient<Channel> {
        TraceClient::new(channel, self.tracer.clone())
    }

    /// The spans of both sides of the one call that was made.
    pub(crate) async fn ended(&mut self, caller: Span) -> (FinishedSpan, FinishedTransaction) {
        let far = self.far.next().await;
        (only_call(caller, &mut self.near), far)
    }
}

/// A channel that connects when it is used, traced.
pub(crate) fn channel(tracer: &Tracer, url: &str) -> TraceClient<Channel> {
    let channel = Endpoint::from_shared(url.to_owned()).expect("a URL").connect_lazy();
    tower::Layer::layer(&TraceClientLayer::new(tracer.clone()), channel)
}

/// Ends the caller, and gives the span of its only call.
pub(crate) fn only_call(caller: Span, near: &mut Transactions) -> FinishedSpan {
    caller.end();
    let mut spans = near.only().spans;
    assert_eq!(spans.len(), 1, "one call: {spans:#?}");
    spans.remove(0)
}

pub(crate) fn status(span: &FinishedSpan) -> &'static str {
    span.status.map_or("", SpanStatus::as_str)
}
