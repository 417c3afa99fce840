//! The recorded data of a service's part of a trace, while it runs and after it has ended.

mod active_span;
mod attribute;
mod caught_panics;
mod finished;
mod limits;
mod link;
mod name;
mod name_pattern;
mod recorder;
mod requirements;
mod span_edit;
mod span_pattern;
mod span_sink;
mod span_start;
mod status;
mod streamed;
mod timeline;

pub(crate) use active_span::ActiveSpan;
pub use attribute::AttributeValue;
pub use caught_panics::CaughtPanics;
pub use finished::{FinishedSpan, FinishedTransaction, Measurement, Outcome};
pub(crate) use limits::GatheredAttributes;
pub use link::SpanLink;
pub(crate) use name::LazyName;
pub use name::{NameSource, TransactionName};
pub use name_pattern::NamePattern;
pub(crate) use recorder::{Limits, Position, Recorder, Start};
pub use requirements::{Downsampling, Requirements, TraceLifecycle};
pub use span_edit::SpanEdit;
pub(crate) use span_pattern::IgnoredSpans;
pub use span_pattern::SpanPattern;
pub(crate) use span_sink::Caught;
pub use span_sink::{DropReason, Loss, Record, SpanSink};
pub(crate) use span_start::SpanStart;
pub use status::SpanStatus;
pub use streamed::StreamedSpan;
