//! The errors of services, as they can be captured.

use std::error::Error;
use std::sync::Arc;

/// The error that led to a response, in the extensions of the response.
#[derive(Debug, Clone)]
pub struct SourceError(Arc<dyn Error + Send + Sync>);

impl SourceError {
    /// Keeps an error, of any type or boxed.
    #[must_use]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// Returns the error.
    #[must_use]
    pub fn get(&self) -> &(dyn Error + 'static) {
        &*self.0
    }
}

/// The kind of a service's errors: types that are errors, such as `Infallible`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

/// The kind of a service's errors: tower's `BoxError`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Boxed;

/// A kind of errors that can be captured.
pub trait Kind<E> {
    /// Returns the error.
    fn error(error: &E) -> &(dyn Error + 'static);
}

impl<E: Error + 'static> Kind<E> for Plain {
    fn error(error: &E) -> &(dyn Error + 'static) {
        error
    }
}

impl Kind<Box<dyn Error + Send + Sync>> for Boxed {
    fn error(error: &Box<dyn Error + Send + Sync>) -> &(dyn Error + 'static) {
        &**error
    }
}
