//! The tracer: its options, and how it continues, starts and sends traces.

mod builder;
mod event;
mod handle;
mod messaging;
mod off;
mod outgoing;
mod subprocess;
mod traces;
mod transactions;

pub use builder::{BuildError, TracerBuilder};
pub(crate) use event::Observer;
pub use event::PropagationEvent;
pub(crate) use handle::Options;
pub use handle::Tracer;
pub use messaging::QueueMessage;
pub use off::IS_OFF;
