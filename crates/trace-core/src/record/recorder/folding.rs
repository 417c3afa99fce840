//! Short spans that are folded into their parents.

use std::time::Duration;

use super::Recorder;
use super::state::{Position, RunningSpan, State};
use crate::record::timeline::elapsed_since;
use crate::record::{AttributeValue, FinishedSpan, SpanStatus};

/// The attribute that counts the spans that were folded into a span.
const FOLDED_SPANS: &str = "folded_spans";

impl Recorder {
    /// Folds a span into its parent, if it began less than `shortest` ago and nobody needs it. Returns whether it did.
    pub(crate) fn fold_span(&self, position: Position, shortest: Duration) -> bool {
        let mut state = self.lock();
        let folds = state.running_span(position).is_some_and(|running| {
            elapsed_since(running.began) < shortest && !running.has_kept_children && is_plain(&running.span)
        });
        if !folds || position == Position::ServiceSpan || state.has_running_child(position) {
            return false;
        }
        let Some(RunningSpan { span, parent, .. }) = state.take(position) else { return false };
        self.note_activity(&mut state);
        let folded = match span.attribute(FOLDED_SPANS) {
            Some(AttributeValue::Integer(folded)) => folded.saturating_add(1),
            _ => 1,
        };
        let heir = if state.span(parent).is_some() { parent } else { Position::ServiceSpan };
        if let Some(heir) = state.span(heir) {
            heir.add_to_attribute(FOLDED_SPANS, folded);
        }
        true
    }

    /// Returns the number of spans that have started below the service span.
    pub(crate) fn started_spans(&self) -> usize {
        self.lock().started
    }
}

/// Returns whether a span says nothing that its parent's count does not.
fn is_plain(span: &FinishedSpan) -> bool {
    span.links.is_empty() && matches!(span.status, None | Some(SpanStatus::Ok))
}

impl State {
    fn has_running_child(&self, position: Position) -> bool {
        self.running.iter().any(|(_, running)| running.parent == position)
    }
}
