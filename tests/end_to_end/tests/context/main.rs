//! Where the context of a request is current, and where it is not.

mod follows;
mod scoped;
mod served;
mod several;
mod streams;
mod twice;
