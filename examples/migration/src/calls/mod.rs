//! The calls of a service by a plain reqwest client, before and after the move.

pub mod after;
pub mod before;
