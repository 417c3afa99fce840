//! The same run, delivered to Sentry or anything that speaks its envelope endpoint.

mod clients;
mod destination;
mod transport;

pub(crate) use clients::{Delivered, Delivery, ServiceSink};
pub(crate) use destination::Destination;
