//! Where recorded transactions go, and what is kept from going there.

mod filter;
mod in_memory;

pub(crate) use filter::Filter;
pub use in_memory::InMemorySink;
