//! How the cost of a request grows with what it carries and with what goes on beside it.

mod axis;
pub(crate) mod headers;
mod tables;

pub(crate) use axis::{Axis, RUNNING};
pub(crate) use tables::measure;
