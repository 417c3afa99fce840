//! The report as text: colours on a terminal, plain in a pipe, at most as wide as the terminal.

mod delivered;
mod hops;
mod report;
mod style;
#[cfg(test)]
mod tests;
mod waterfall;

pub(crate) use delivered::draw_outcome;
pub(crate) use report::{draw, width};
