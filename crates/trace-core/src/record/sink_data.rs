//! The value that goes along with a service span to its sink.

use std::any::Any;
use std::sync::Arc;

use crate::record::Recorder;

/// A value that belongs to a service span and that only its sink understands, such as the place where the user of the
/// request can be read when the span ends.
pub type SinkData = Arc<dyn Any + Send + Sync>;

impl Recorder {
    pub(crate) fn set_sink_data(&self, data: SinkData) {
        // The old value is dropped after the lock, because its `Drop` may run code of the application.
        let _old = self.lock().sink_data.replace(data);
    }

    pub(crate) fn sink_data(&self) -> Option<SinkData> {
        self.lock().sink_data.clone()
    }
}
