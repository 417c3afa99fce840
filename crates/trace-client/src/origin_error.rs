//! The error of an origin that names no host.

use std::error::Error;
use std::fmt;

/// The error of [`TraceClientLayer::origin`](crate::TraceClientLayer::origin).
#[derive(Debug)]
pub struct OriginError {
    source: Option<http::Error>,
}

impl OriginError {
    pub(crate) fn new(source: Option<http::Error>) -> Self {
        Self { source }
    }
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the origin must be a URI with a host, such as `http://inventory.internal`")
    }
}

impl Error for OriginError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
