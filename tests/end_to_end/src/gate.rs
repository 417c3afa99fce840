//! Events that a test waits for, instead of sleeping.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// Holds work up until the test opens it. It may be opened before anybody waits.
#[derive(Clone, Default)]
pub struct Gate(Arc<Notify>);

impl Gate {
    /// Lets one waiter through.
    pub fn open(&self) {
        self.0.notify_one();
    }

    /// Waits until the gate is opened.
    pub async fn opened(&self) {
        self.0.notified().await;
    }
}

/// Awaits what must happen soon.
///
/// # Panics
///
/// If it does not happen.
pub async fn in_time<T>(what: &str, event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), event)
        .await
        .unwrap_or_else(|_| panic!("{what}: it did not happen"))
}
