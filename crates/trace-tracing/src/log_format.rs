//! The ids of the trace on each line of the formatters of `tracing-subscriber`.

use std::fmt;

use tracing_core::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::json_members::without;
use crate::{TraceIds, TracedSpan};

/// A format of events that puts the ids of the trace on each line that is logged within a context.
///
/// ```
/// use trace_tracing::WithTraceIds;
/// use tracing_subscriber::prelude::*;
///
/// // trace_id=771a43a4192642f0b136d5159a501700 span_id=b72fa28504b07285 sampled=true 2026-11-26T10:00:00Z  INFO shop: sold
/// let text = tracing_subscriber::fmt::layer().map_event_format(WithTraceIds::text);
/// // {"timestamp":…,"trace_id":"771a43a4192642f0b136d5159a501700","span_id":"b72fa28504b07285","sampled":true}
/// let json = tracing_subscriber::fmt::layer().json().map_event_format(WithTraceIds::json);
/// # let _subscriber = tracing_subscriber::registry().with(text).with(json);
/// ```
#[derive(Debug, Clone)]
pub struct WithTraceIds<F> {
    format: F,
    is_json: bool,
}

impl<F> WithTraceIds<F> {
    /// Wraps a format of text: each line begins with the ids.
    #[must_use]
    pub fn text(format: F) -> Self {
        Self { format, is_json: false }
    }

    /// Wraps a format of JSON: the ids are the last members of each object. They replace members of the same names, which
    /// fields become with `flatten_event`.
    #[must_use]
    pub fn json(format: F) -> Self {
        Self { format, is_json: true }
    }
}

impl<S, N, F> FormatEvent<S, N> for WithTraceIds<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(ids) = ids_of(event, context) else {
            return self.format.format_event(context, writer, event);
        };
        if !self.is_json {
            write!(writer, "{ids} ")?;
            return self.format.format_event(context, writer, event);
        }
        let mut object = String::new();
        self.format.format_event(context, Writer::new(&mut object), event)?;
        let Some((members, end)) = object.rsplit_once('}') else { return writer.write_str(&object) };
        let members = without(members, &["trace_id", "span_id", "sampled"]);
        writer.write_str(&members)?;
        write_members(&mut writer, &ids, if members.ends_with('{') { "" } else { "," })?;
        write!(writer, "}}{end}")
    }
}

/// Returns the ids of the explicit parent of an event, or the current ones.
fn ids_of<S, N>(event: &Event<'_>, context: &FmtContext<'_, S, N>) -> Option<TraceIds>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let parent = event.parent().and_then(|parent| context.span(parent));
    let of_parent =
        parent.and_then(|span| span.extensions().get().map(|traced: &TracedSpan| traced.context().into()));
    of_parent.or_else(TraceIds::current)
}

fn write_members(writer: &mut Writer<'_>, ids: &TraceIds, separator: &str) -> fmt::Result {
    write!(writer, "{separator}\"trace_id\":\"{}\",\"span_id\":\"{}\"", ids.trace_id(), ids.span_id())?;
    ids.sampled().map_or(Ok(()), |sampled| write!(writer, ",\"sampled\":{sampled}"))
}
