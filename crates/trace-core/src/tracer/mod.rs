//! The tracer: its options, and how it continues, starts and sends traces.

mod build_error;
mod builder;
mod connection;
mod event;
mod handle;
mod messaging;
mod off;
mod outgoing;
mod sampling;
mod sampling_context;
mod serve;
mod service_span;
mod subprocess;
mod traces;

pub use build_error::BuildError;
pub use builder::TracerBuilder;
pub use connection::Connection;
pub(crate) use event::Observer;
pub use event::PropagationEvent;
pub(crate) use handle::Options;
pub use handle::Tracer;
pub use messaging::QueueMessage;
pub use off::IS_OFF;
pub(crate) use sampling_context::Sampler;
pub use sampling_context::SamplingContext;
pub use serve::{ServedRequest, current_serves, is_marked_served, unmark_served};
pub use service_span::ServiceSpanBuilder;
