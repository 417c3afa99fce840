//! The spans of tower-http's `TraceLayer` name the trace, on either side of the trace layer.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server, recording, sentry_trace, text, trace_id};
use http::Request;
use tower_http::trace::TraceLayer;
use trace_core::{TraceContext, Tracer};
use trace_server::{MakeTraceSpan, TraceServerLayer};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

type Fields = HashMap<String, String>;
/// The message of an event, and the fields of the span around it.
type Line = (String, Fields);

/// What a log would show.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Line>>>);

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let before =
            self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
        assert_eq!(before, None, "{field} is recorded once");
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Collect(&mut fields));
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(&mut Collect(span.extensions_mut().get_mut().unwrap()));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut message = Fields::new();
        event.record(&mut Collect(&mut message));
        let span = context.event_span(event);
        let fields = span.map(|span| span.extensions().get::<Fields>().unwrap().clone());
        let message = message.remove("message").unwrap_or_default();
        self.0.lock().unwrap().push((message, fields.unwrap_or_default()));
    }
}

async fn order() -> String {
    tracing::info!("in the handler");
    let context = TraceContext::current();
    context.map_or_else(|| "none".to_owned(), |context| context.span_id().to_string())
}

async fn ask(app: Router, lines: &Lines) -> (String, Vec<Line>) {
    let server = Server::start(Protocol::Http1, app).await;
    let client = Client::connect(Protocol::Http1, &server).await;
    let request = Request::get("/orders?token=s3cret").header("sentry-trace", sentry_trace(7));
    let answer = text(client.send(request.body(()).unwrap()).await.unwrap()).await.unwrap();
    drop(client);
    server.close().await;
    (answer, std::mem::take(&mut lines.0.lock().unwrap()))
}

/// One test: the subscriber is the one of the process.
#[tokio::test]
async fn a_log_names_the_trace_in_either_order() {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines.clone())).unwrap();
    let (sampled, _transactions) = recording();
    let unsampled = Tracer::builder().traces_sampler(|_| Some(0.0)).build().unwrap();
    let routes = || Router::new().route("/orders", get(order));
    let log = || TraceLayer::new_for_http().make_span_with(MakeTraceSpan::new());
    for (tracer, is_sampled) in [(sampled, "true"), (unsampled, "false")] {
        let trace = TraceServerLayer::new(tracer);
        let orders = [
            ("inside", routes().layer(log()).layer(trace.clone()), "all"),
            ("outside", routes().layer(trace.clone()).layer(log()), "without the first"),
            // Two trace layers serve one request, which is told once.
            ("outside of two", routes().layer(trace.clone()).layer(trace).layer(log()), "without the first"),
        ];
        for (place, app, which) in orders {
            let (span_id, found) = ask(app, &lines).await;
            let messages: Vec<_> = found.iter().map(|(message, _)| message.as_str()).collect();
            assert_eq!(messages[..2], ["started processing request", "in the handler"], "{place}");
            for (number, (message, fields)) in found.iter().enumerate() {
                assert_eq!((&*fields["method"], &*fields["uri"]), ("GET", "/orders?token=[Filtered]"));
                let [trace, span, flag] =
                    ["trace_id", "span_id", "sampled"].map(|name| fields.get(name).map(String::as_str));
                let has_ids = which == "all" || number > 0;
                let expected = [trace_id(7), span_id.clone(), is_sampled.to_owned()];
                let expected = expected.each_ref().map(|value| has_ids.then_some(value.as_str()));
                assert_eq!([trace, span, flag], expected, "{place}, {is_sampled}: {message}");
            }
            assert!(found.len() >= 3, "{place}: the response is an event, too: {messages:?}");
        }
    }
    let (_, alone) = ask(routes().layer(log()), &lines).await;
    assert!(alone.iter().all(|(_, fields)| !fields.contains_key("trace_id")), "{alone:?}");
}
