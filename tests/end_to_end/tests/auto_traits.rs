//! Values that applications keep in their state or move into tasks: all can be shared and cloned. It is the compiler that
//! checks this.

use std::sync::Arc;

use trace_client::{
    CallOptions, FollowRedirects, FollowRedirectsLayer, OriginError, ParentLayer, ParentService,
    PropagationTargets, ReqwestService, SendTraced, Target, TraceClient, TraceClientLayer, TraceMiddleware,
};
use trace_core::headers::TraceHeaderName;
use trace_core::{
    AttributeValue, BuildError, CaughtPanics, Continuation, DropReason, Dsn, DynamicSamplingContext, EnvVars,
    FinishedSpan, FinishedTransaction, InMemorySink, InjectOptions, Injection, Measurement, NamePattern,
    OrganizationId, Outcome, QueueMessage, SampleRand, SampleRate, Span, SpanId, SpanLink, SpanSink,
    SpanStatus, TraceContext, TraceData, TraceId, Tracer, TracerBuilder, TransactionName, Withheld,
};
use trace_server::{SpanLayer, TraceServer, TraceServerLayer};

fn shared<T: Send + Sync + 'static>() {}
fn cloned<T: Clone + Send + Sync + 'static>() {}
fn is_sink<T: SpanSink>() {}

#[test]
fn what_applications_keep_can_be_shared_and_cloned() {
    cloned::<(TraceId, SpanId, TraceContext, TraceData, DynamicSamplingContext)>();
    cloned::<(Tracer, TransactionName, NamePattern, SampleRate, SampleRand)>();
    cloned::<(Dsn, OrganizationId, EnvVars, InjectOptions<'static>, QueueMessage)>();
    cloned::<(AttributeValue, SpanLink, SpanStatus, Outcome, Measurement, DropReason, CaughtPanics)>();
    cloned::<(FinishedTransaction, FinishedSpan, InMemorySink)>();
    cloned::<(Injection, Withheld, Continuation, TraceHeaderName)>();
    cloned::<(TraceServerLayer, TraceServer<()>, SpanLayer)>();
    cloned::<(TraceClientLayer, TraceClient<()>, PropagationTargets, Target)>();
    cloned::<(CallOptions, ParentLayer, ParentService<()>, TraceMiddleware, ReqwestService)>();
    cloned::<(FollowRedirectsLayer, FollowRedirects<reqwest::Client>)>();
    shared::<OriginError>();
    shared::<(Span, TracerBuilder, BuildError)>();
}

#[test]
fn a_pointer_to_a_sink_is_a_sink() {
    is_sink::<Arc<InMemorySink>>();
    is_sink::<Box<dyn SpanSink>>();
    is_sink::<Arc<dyn SpanSink>>();
}

#[test]
fn the_futures_of_reqwest_can_be_spawned() {
    fn spawned<T: Send + 'static>(_: T) {}
    let layer = TraceClientLayer::new(Tracer::noop());
    let client = reqwest::Client::new();
    spawned(client.get("http://a.test/").send_traced(&layer));
    spawned(client.get("http://a.test/").send_traced(&FollowRedirectsLayer::new(layer)));
}
