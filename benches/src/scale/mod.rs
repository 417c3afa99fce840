//! How the cost of a request grows with what it carries and with what goes on beside it.

mod axis;
mod tables;

pub(crate) use axis::{Axis, baggage, headers};
pub(crate) use tables::measure;
