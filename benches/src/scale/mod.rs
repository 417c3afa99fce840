//! How the cost of a request grows with what it carries and with what goes on beside it.

mod axis;
mod filled;
mod headers;
mod tables;
mod urls;
mod work;

pub(crate) use axis::Axis;
pub(crate) use tables::measure;
pub(crate) use work::{Destination, Work};

use filled::filled;
