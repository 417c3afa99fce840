//! Builds that must contain no tracing code.

/// Whether the feature `off` is on: the layers then pass every request through untouched.
pub const IS_OFF: bool = cfg!(feature = "off");
