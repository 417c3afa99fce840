//! The context of a trace, the current context, and spans.

mod activity;
mod attached;
mod current;
mod keep_open;
mod service_span;
mod serving;
mod shared_span;
mod slot;
mod span;
mod span_builder;
mod span_values;
mod suppressed;
mod trace_context;
mod trace_ext;
mod transaction_name;

pub use activity::{Activity, Entered};
pub use attached::{AttachKey, Attached, detach};
pub use current::{in_current_trace, is_recording, map_current, suppress_tracing, trace_data};
pub use keep_open::KeepOpen;
pub(crate) use serving::Serving;
pub use shared_span::SharedSpan;
pub(crate) use slot::{BoxedContext, ContextSlot};
pub use span::Span;
pub use span_builder::SpanBuilder;
pub(crate) use trace_context::Recording;
pub use trace_context::{InjectOptions, TraceContext};
pub use trace_ext::{InTrace, TraceExt};
