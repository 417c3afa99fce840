//! The options of the layer.

use http::Uri;
use trace_core::Tracer;

use crate::targets::PropagationTargets;

/// The options of the layer.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) tracer: Tracer,
    pub(crate) targets: PropagationTargets,
    pub(crate) record_query: bool,
    /// The scheme and host of requests whose URI has no host.
    pub(crate) origin: Option<Uri>,
}

impl Options {
    pub(crate) fn new(tracer: Tracer) -> Self {
        Self { tracer, targets: PropagationTargets::default(), record_query: false, origin: None }
    }
}
