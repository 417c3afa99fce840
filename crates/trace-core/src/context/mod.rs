//! The context of a trace, the current context, and spans.

mod current;
mod in_span;
mod keep_open;
mod root;
mod serving;
mod slot;
mod span;
mod trace_context;
mod trace_ext;
mod transaction_name;

pub use current::{in_current_trace, trace_data, with_current};
pub use in_span::InSpan;
pub use in_span::Running;
pub use keep_open::KeepOpen;
pub(crate) use serving::{Served, Serving};
pub(crate) use slot::{BoxedContext, ContextSlot};
pub use span::Span;
pub(crate) use trace_context::Recording;
pub use trace_context::{InjectOptions, TraceContext};
pub use trace_ext::{InTrace, TraceExt};
