//! The decision tables of the specification, seen from outside, one file a table.

mod client;
mod freezing;
mod propagation_matrix;
mod sample_rand;
mod sampling_precedence;
mod strict_continuation;
mod traceparent;
