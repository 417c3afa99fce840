//! The switch for builds without tracing code.

/// `true` if the feature `off` is on. The layers then pass every request on unchanged.
pub const IS_OFF: bool = cfg!(feature = "off");
