//! The spans of `tracing` through everybody's layer. The floor is a registry with a layer that does nothing; the registry
//! alone is no measure, because it never frees a span.
//!
//! Each has one subscriber for the process, as a service does.

use std::hint::black_box;
use std::sync::Once;

use ::fastrace::collector::{Config, SpanContext};
use sentry_tracing::SpanLayer;
use trace_core::Span;
use tracing::{Subscriber, info_span};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;

use super::Contender;
use super::{fastrace, opentelemetry, ours, sentry};
use crate::case::{Around, Case};
use crate::row::Row;

/// A layer that does nothing.
struct Empty;

impl<S: Subscriber> Layer<S> for Empty {}

/// The work of a row, for everyone with a layer.
pub(super) fn case(contender: Contender, row: Row) -> Option<Case> {
    let around = set_up(contender, row.is_recorded())?;
    Some(match row {
        Row::TracingSpan => Case::new(|| plain(0)).within(around),
        Row::TracingRecorded1 => recorded(contender, around, 1, plain),
        Row::TracingRecorded20 => recorded(contender, around, 20, plain),
        Row::TracingFields20 => recorded(contender, around, 20, with_fields),
        Row::TracingEnter | Row::TracingEnterRecorded => {
            let mut span = None;
            Case::new(move || span.get_or_insert_with(|| info_span!("work")).in_scope(|| black_box(())))
                .within(around)
        }
        _ => return None,
    })
}

fn plain(_number: u64) {
    info_span!("work").in_scope(|| black_box(()));
}

fn with_fields(number: u64) {
    info_span!("work", number, is_first = number == 0, customer = "ada", name = %"blue")
        .in_scope(|| black_box(()));
}

/// A job with so many spans, each repetition one.
fn recorded(contender: Contender, job: Box<Around>, spans: u64, span: fn(u64)) -> Case {
    Case::new(move || job(&mut || (0..spans).for_each(span))).within(move |work| {
        if contender == Contender::Fastrace {
            ::fastrace::flush();
        }
        work();
    })
}

/// Subscribes for the process, unless another contender has: the process that only asks what there is asks all of them.
pub(super) fn subscribe(subscriber: impl Subscriber + Send + Sync) {
    let _is_first = tracing::subscriber::set_global_default(subscriber);
}

/// Sets the subscriber up, and returns what makes a job current.
fn set_up(contender: Contender, is_recorded: bool) -> Option<Box<Around>> {
    static ONCE: Once = Once::new();
    let once = |set: fn()| ONCE.call_once(set);
    Some(match contender {
        Contender::Floor => {
            once(|| subscribe(registry().with(Empty)));
            Box::new(|work| work())
        }
        Contender::Ours => {
            once(|| subscribe(registry().with(trace_tracing::layer())));
            let tracer = ours::tracer(Some(if is_recorded { 1.0 } else { 0.0 }));
            Box::new(move |work| {
                let job: Span = tracer.service_span("task", "job").start();
                job.scope(work);
            })
        }
        Contender::Sentry => {
            once(|| subscribe(registry().with(SpanLayer::new())));
            sentry::set_up(if is_recorded { 1.0 } else { 0.0 });
            Box::new(|work| {
                let job = sentry_core::start_transaction(sentry_core::TransactionContext::new("job", "task"));
                sentry_core::configure_scope(|scope| scope.set_span(Some(job.clone().into())));
                work();
                job.finish();
                sentry_core::configure_scope(|scope| scope.set_span(None));
            })
        }
        Contender::Opentelemetry => {
            opentelemetry::set_up(is_recorded);
            Box::new(|work| info_span!(parent: None, "job").in_scope(work))
        }
        Contender::Fastrace => {
            once(|| {
                let layer = fastrace_tracing::FastraceCompatLayer::new();
                subscribe(registry().with(layer));
                ::fastrace::set_reporter(fastrace::Dropping, Config::default());
            });
            Box::new(move |work| {
                let job = ::fastrace::Span::root("job", SpanContext::random().sampled(is_recorded));
                let _current = job.set_local_parent();
                work();
            })
        }
        // Without a subscriber.
        Contender::Bare => Box::new(|work| work()),
        Contender::Streamed | Contender::TraceLayer => return None,
    })
}
