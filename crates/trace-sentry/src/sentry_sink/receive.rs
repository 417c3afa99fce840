//! What a sink receives, on the thread that ends it.

use std::sync::Arc;

use trace_core::{FinishedTransaction, Record, Requirements, SinkData, SpanSink, StreamedSpan};

use super::SentrySink;
use crate::coexistence;
use crate::counts::Reason;
use crate::delivery::{Waiting, WaitingTransaction};
use crate::own_work;
use crate::request_scope::EndedScope;
use crate::stream::EndedSpan;

impl SpanSink for SentrySink {
    fn receive(&self, record: Record) {
        match record {
            // What the transport records would be sent by it, and recorded again.
            Record::Transaction(transaction) if own_work::is_running() => self.ignore(&transaction),
            Record::Span(span) if own_work::is_running() => {
                self.shared.counts.lost_spans(Reason::Ignored, usize::from(span.sampled()));
            }
            Record::Transaction(transaction) => self.take(transaction),
            Record::Span(span) => self.take_span(span),
            Record::Lost(loss) => self.shared.counts.lost_before(loss),
            // A kind of record that this version does not know.
            _ => {}
        }
    }

    fn requirements(&self) -> Requirements {
        let mut requirements =
            Requirements::default().lifecycle(self.shared.lifecycle).deadlines(self.shared.deadlines.clone());
        if let Some(backpressure) = &self.shared.backpressure {
            requirements = requirements.downsampling(backpressure.factor().clone());
        }
        #[cfg(feature = "spotlight")]
        {
            requirements = requirements.record_unsampled(self.shared.spotlight.is_some());
        }
        requirements
    }

    fn runs_hooks(&self) -> bool {
        false
    }
}

impl SentrySink {
    fn ignore(&self, transaction: &FinishedTransaction) {
        if transaction.sampled {
            let spans = transaction.spans.len().saturating_add(transaction.dropped_spans);
            self.shared.counts.lost(Reason::Ignored, spans);
        }
    }

    fn take(&self, mut transaction: Box<FinishedTransaction>) {
        // The scope is read now, on the thread of the request, and written later.
        let data = transaction.sink_data.take();
        let scope = self.shared.counts.panics.catch(|| EndedScope::of(data)).flatten();
        coexistence::look_at_ended(&transaction.root);
        scope.iter().for_each(|ended| coexistence::look_at_scope(&ended.scope));
        transaction.sink_data = scope.map(|scope| Arc::new(scope) as SinkData);
        #[cfg(feature = "spotlight")]
        if let Some(spotlight) = &self.shared.spotlight {
            spotlight.put(FinishedTransaction::clone(&transaction));
        }
        if transaction.sampled {
            // They are lost whatever becomes of the rest.
            self.shared.counts.lost_spans(Reason::BufferOverflow, transaction.dropped_spans);
            let waiting = WaitingTransaction::new(transaction, self.shared.counts.clone());
            drop(self.shared.queue.put(Waiting::Transaction(waiting)));
        }
    }

    fn take_span(&self, streamed: StreamedSpan) {
        if streamed.is_service_span() {
            coexistence::look_at_ended(&streamed.span);
        }
        let is_sampled = streamed.sampled();
        // A panic of the official crate costs the span, which then counts as lost.
        let Some(span) = self.shared.counts.panics.catch(|| EndedSpan::here(streamed)) else {
            self.shared.counts.lost_spans(Reason::InternalSdkError, usize::from(is_sampled));
            return;
        };
        #[cfg(feature = "spotlight")]
        if let Some(spotlight) = &self.shared.spotlight {
            spotlight.put_span(span.clone());
        }
        if is_sampled {
            self.shared.spans.put(span);
        }
    }
}
