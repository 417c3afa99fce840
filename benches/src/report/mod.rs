//! What was measured, for people.

pub(crate) mod figures;
pub(crate) mod grid;
pub(crate) mod readme;
mod svg;
pub(crate) mod tables;
mod versions;
