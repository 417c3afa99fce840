//! What holds for any input.

mod baggage_rules;
mod input;
mod no_panic;
mod print_of_parse;
mod targets;
