//! The test of this package is in `tests`.
