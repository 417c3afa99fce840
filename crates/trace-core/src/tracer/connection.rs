//! Connections that outlive the request that opened them, such as WebSockets.

use std::borrow::Cow;

use super::Tracer;
use crate::context::{Activity, InTrace, TraceContext, map_current};
use crate::record::{SpanLink, TransactionName};

/// A connection that outlives the request that opened it, such as a WebSocket or another upgraded connection.
///
/// It takes what it needs from the request when it is made, which is in the handler, since the task that serves the
/// connection has no current context. It gets a trace of its own, so that the trace of the request does not grow for as
/// long as the connection lasts. The service span of the connection is linked to that of the request, and is sampled if
/// that was.
///
/// ```
/// use trace_core::Tracer;
/// # struct Socket;
/// # fn on_upgrade<F: Future>(callback: impl FnOnce(Socket) -> F) { callback(Socket); }
///
/// # async fn serve(_socket: Socket) {}
/// # fn handler(tracer: &Tracer) {
/// let connection = tracer.connection("websocket.server");
/// on_upgrade(connection.serve(|socket| serve(socket)));
/// # }
/// # handler(&Tracer::noop());
/// ```
#[derive(Debug)]
#[must_use = "a description does nothing until the connection is served"]
pub struct Connection {
    tracer: Tracer,
    operation: Cow<'static, str>,
    name: TransactionName,
    context: TraceContext,
    /// The service span of the request, and its decision.
    request: Option<(SpanLink, Option<bool>)>,
}

impl Tracer {
    /// Describes a connection that the current request opens. `operation` is its kind, such as `websocket.server`. The
    /// name is that of the request's transaction.
    pub fn connection(&self, operation: impl Into<Cow<'static, str>>) -> Connection {
        let operation = operation.into();
        let (name, request) = map_current(|current| match current {
            Some(current) => {
                let request = current.service_span();
                let link = request.as_ref().unwrap_or(current).link();
                let link = link.with_attribute("sentry.link.type", "previous_trace");
                (current.transaction_name(), Some((link, current.sampled())))
            }
            None => (None, None),
        });
        let name = name.unwrap_or_else(|| TransactionName::custom(operation.clone()));
        Connection { tracer: self.clone(), operation, name, context: self.start_new_trace(), request }
    }
}

impl Connection {
    /// Sets the name of the connection, which many connections should share.
    pub fn name(mut self, name: impl Into<TransactionName>) -> Self {
        self.name = name.into();
        self
    }

    /// Returns a callback that serves the connection in its trace, for an `on_upgrade`. The service span starts when the
    /// callback is called, and ends with the future that it returns. If the upgrade fails, there is none.
    pub fn serve<T, F: Future>(self, work: impl FnOnce(T) -> F) -> impl FnOnce(T) -> InTrace<F> {
        move |socket| {
            let mut activity = self.start_activity();
            let inner = {
                let _entered = activity.enter();
                work(socket)
            };
            InTrace::new(inner, Some(activity))
        }
    }

    /// Starts the service span of the connection for an owner that enters it and ends it with an outcome.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's. It is asked only if
    /// the request has no decision.
    #[must_use]
    pub fn start_activity(self) -> Activity {
        let Self { tracer, operation, name, context, request } = self;
        let mut span = tracer.service_span(operation, name).in_trace(context);
        if let Some((link, sampled)) = request {
            span = span.link(link);
            if let Some(sampled) = sampled {
                span = span.sampled(sampled);
            }
        }
        span.start_activity()
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use crate::{InMemorySink, Outcome, TraceContext, Tracer, TransactionName};

    fn run<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it is not ready"),
        }
    }

    #[test]
    fn a_connection_has_a_trace_that_is_linked_to_the_request() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(0.0).sink(sink.clone()).build().unwrap();
        let name = TransactionName::route("GET /chat");
        let request = tracer.service_span("http.server", name.clone()).sampled(true).start();
        let inner = request.start_span("function", "handler");
        let serve = inner.scope(|| {
            tracer.connection("websocket.server").serve(|text: &str| {
                assert!(TraceContext::current().is_some(), "in the callback, too: {text}");
                async { TraceContext::current().unwrap() }
            })
        });
        let link = request.context().link().with_attribute("sentry.link.type", "previous_trace");
        let trace_id = request.trace_id();
        inner.end();
        request.end();
        assert!(TraceContext::current().is_none(), "as in a task");
        let served = run(serve("hello"));

        let sent = sink.take();
        assert_eq!(sent.len(), 2, "the request's rate would not have sampled the connection");
        let connection = &sent[1];
        assert_eq!((&connection.name, &*connection.root.operation), (&name, "websocket.server"));
        assert_eq!(connection.root.links, [link]);
        assert_eq!(connection.outcome, Outcome::Complete);
        assert_eq!((connection.trace_id, connection.root.span_id), (served.trace_id(), served.span_id()));
        assert_ne!(connection.trace_id, trace_id);
    }

    #[test]
    fn the_decision_of_the_request_is_that_of_the_connection() {
        for (decision, expected) in [(Some(true), 1), (Some(false), 0), (None, 1)] {
            let sink = InMemorySink::default();
            let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            let header = ["-0", "-1"].get(usize::from(decision == Some(true))).filter(|_| decision.is_some());
            let header = format!(
                "771a43a4192642f0b136d5159a501700-b72fa28504b07285{}",
                header.copied().unwrap_or_default()
            );
            let request = tracer.continue_trace([("sentry-trace", header)].as_slice());
            let connection = request.scope(|| tracer.connection("websocket.server").name("chat"));
            run(connection.serve(ready)(()));
            assert_eq!(sink.take().len(), expected, "{decision:?}");
        }
    }

    #[test]
    fn without_a_request_it_is_a_trace_like_any_other() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        run(tracer.connection("websocket.server").serve(ready)(()));
        let sent = sink.take();
        assert_eq!((sent[0].name.as_str(), sent[0].root.links.len()), ("websocket.server", 0));
    }

    #[test]
    fn a_connection_that_is_not_served_records_nothing() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        drop(tracer.connection("websocket.server").serve(ready::<()>));
        assert!(sink.take().is_empty());
    }
}
