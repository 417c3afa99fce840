//! The same run, delivered to Sentry or anything that speaks its envelope endpoint, and copied to Spotlight.

mod answers;
mod clients;
mod destination;
mod outcome;
mod service_sink;
mod transport;

pub(crate) use clients::Delivery;
pub(crate) use destination::Destination;
pub(crate) use outcome::{Copied, Delivered, Outcome};
pub(crate) use service_sink::ServiceSink;
