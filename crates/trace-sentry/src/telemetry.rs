//! The link of structured logs and metrics to the trace.
//!
//! The client calls `before_send_log` and `before_send_metric` on the thread that captures, while the context is current.
//! Nothing else of the client sees logs and metrics: they have no processors.

use std::sync::Arc;

use sentry_core::ClientOptions;
use sentry_core::protocol::{Log, LogAttribute, Metric};
use trace_core::{TraceContext, map_current};

/// The attribute of a log for the span in which it was written.
const LOG_SPAN: &str = "sentry.trace.parent_span_id";

/// Puts logs on the current trace before the application's own callback sees them.
pub(crate) fn link_logs(options: &mut ClientOptions) {
    let own = options.before_send_log.take();
    options.before_send_log = Some(Arc::new(move |mut log| {
        with_current(|context| link_log(&mut log, context));
        match &own {
            Some(own) => own(log),
            None => Some(log),
        }
    }));
}

/// Puts metrics on the current trace before the application's own callback sees them.
pub(crate) fn link_metrics(options: &mut ClientOptions) {
    let own = options.before_send_metric.take();
    options.before_send_metric = Some(Arc::new(move |mut metric| {
        with_current(|context| link_metric(&mut metric, context));
        match &own {
            Some(own) => own(metric),
            None => Some(metric),
        }
    }));
}

fn with_current(link: impl FnOnce(&TraceContext)) {
    map_current(|current| {
        if let Some(current) = current {
            link(current);
        }
    });
}

fn link_log(log: &mut Log, context: &TraceContext) {
    log.trace_id = Some(context.trace_id().to_bytes().into());
    let span_id = || LogAttribute(context.span_id().to_string().into());
    log.attributes.entry(LOG_SPAN.to_owned()).or_insert_with(span_id);
}

fn link_metric(metric: &mut Metric, context: &TraceContext) {
    metric.trace_id = context.trace_id().to_bytes().into();
    metric.span_id = Some(context.span_id().to_bytes().into());
}
