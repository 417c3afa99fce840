//! The destinations of recorded transactions, and the rules that drop some of them.

mod filter;
mod in_memory;

pub(crate) use filter::Filter;
pub use in_memory::InMemorySink;
