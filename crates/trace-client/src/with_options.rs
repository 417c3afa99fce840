//! A request of a kind that has no extensions, with the options of its call.

use crate::call_options::CallOptions;

/// A `reqwest::Request` with the [options](CallOptions) of its call, for Tower services. reqwest's own requests have no
/// extensions that a layer could read.
///
/// A `TraceClient` round a `reqwest::Client` takes it in place of the request.
#[derive(Debug)]
pub struct WithOptions<R> {
    pub(crate) request: R,
    pub(crate) options: CallOptions,
}

impl<R> WithOptions<R> {
    /// Adds options to a request.
    #[must_use]
    pub fn new(request: R, options: CallOptions) -> Self {
        Self { request, options }
    }

    /// Returns a reference to the request.
    #[must_use]
    pub fn request(&self) -> &R {
        &self.request
    }

    /// Returns a mutable reference to the request.
    #[must_use]
    pub fn request_mut(&mut self) -> &mut R {
        &mut self.request
    }

    /// Returns the options.
    #[must_use]
    pub fn options(&self) -> &CallOptions {
        &self.options
    }
}

impl<R> From<R> for WithOptions<R> {
    fn from(request: R) -> Self {
        Self::new(request, CallOptions::new())
    }
}
