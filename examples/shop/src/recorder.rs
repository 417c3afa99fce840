//! Gathers what the services saw and sent, a request at a time. All of it is observation: no service needs it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::HeaderMap;
use tokio::sync::oneshot;
use trace_core::{FinishedTransaction, Injection, SpanId, StreamedSpan, TraceContext, TraceLifecycle};

use crate::report::{Sent, Service, Span, TraceHeaders, Transaction};

/// Shared by all services and the driver. Requests are told apart by the number of their order.
#[derive(Clone)]
pub(crate) struct Recorder {
    lifecycle: TraceLifecycle,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    open: HashMap<u64, Recording>,
    /// The request that a service's span belongs to, for the transactions, which know of no orders.
    orders: HashMap<SpanId, u64>,
    /// Decisions of client layers that wait for the request to pass by.
    decisions: HashMap<String, Injection>,
}

/// One request so far.
pub(crate) struct Recording {
    pub(crate) started: SystemTime,
    pub(crate) services: Vec<Service>,
    pub(crate) transactions: Vec<Transaction>,
    /// The streamed spans whose service span has not ended, by its id.
    streamed: HashMap<SpanId, Vec<Span>>,
    mailed: Option<oneshot::Sender<()>>,
}

impl Recorder {
    pub(crate) fn new(lifecycle: TraceLifecycle) -> Self {
        Self { lifecycle, state: Arc::default() }
    }

    /// Whether the services send transactions or spans.
    pub(crate) fn lifecycle(&self) -> TraceLifecycle {
        self.lifecycle
    }

    /// Begins to gather what happens to an order. The receiver is told when its mail is out, which is the last thing
    /// to happen.
    pub(crate) fn open(&self, order: u64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let recording = Recording {
            started: SystemTime::now(),
            services: Vec::new(),
            transactions: Vec::new(),
            streamed: HashMap::new(),
            mailed: Some(sender),
        };
        self.lock().open.insert(order, recording);
        receiver
    }

    /// Ends it and hands out what was gathered.
    pub(crate) fn close(&self, order: u64) -> Option<Recording> {
        let mut state = self.lock();
        state.orders.retain(|_, other| *other != order);
        state.open.remove(&order)
    }

    /// A service was reached. Without a context it takes no part in the trace.
    pub(crate) fn arrived(
        &self,
        order: u64,
        name: &str,
        context: Option<&TraceContext>,
        received: TraceHeaders,
    ) {
        let mut state = self.lock();
        let Some(recording) = state.open.get_mut(&order) else {
            return;
        };
        recording.services.push(Service::new(name, context, received));
        if let Some(context) = context {
            state.orders.insert(context.span_id(), order);
        }
    }

    /// The head of a service's response is there.
    pub(crate) fn answered(&self, order: u64, name: &str) {
        let now = SystemTime::now();
        self.change(order, |recording| {
            let answered_ms = recording.milliseconds(now);
            if let Some(service) = recording.services.iter_mut().find(|service| service.name == name) {
                service.answered_ms = Some(answered_ms);
            }
        });
    }

    /// A client layer decided about the headers of a request.
    pub(crate) fn decided(&self, url: &str, decision: Injection) {
        self.lock().decisions.insert(url.to_owned(), decision);
    }

    /// A request left, with the headers as they are sent.
    pub(crate) fn sent(&self, order: u64, from: &str, to: &str, url: &str, headers: &HeaderMap) {
        let decision = self.lock().decisions.remove(url);
        self.handed_over(order, from, Sent::request(to, url, decision, headers.into()));
    }

    /// A call or a message left.
    pub(crate) fn handed_over(&self, order: u64, from: &str, sent: Sent) {
        self.change(order, |recording| {
            if let Some(service) = recording.services.iter_mut().find(|service| service.name == from) {
                service.sent.push(sent);
            }
        });
    }

    /// A service's transaction ended. One of an order that nobody waits for is dropped.
    pub(crate) fn finished(&self, service: &str, transaction: &FinishedTransaction) {
        let mut state = self.lock();
        let Some(order) = state.orders.get(&transaction.root.span_id).copied() else {
            return;
        };
        if let Some(recording) = state.open.get_mut(&order) {
            let transaction = Transaction::new(service, transaction, |moment| recording.milliseconds(moment));
            recording.transactions.push(transaction);
        }
    }

    /// A streamed span of a service ended. Those below one service span are gathered as its transaction would be.
    pub(crate) fn streamed(&self, service: &str, streamed: &StreamedSpan) {
        let mut state = self.lock();
        let id = streamed.service_span_id();
        let Some(order) = state.orders.get(&id).copied() else { return };
        let Some(recording) = state.open.get_mut(&order) else { return };
        let span = Span::new(&streamed.span, |moment| recording.milliseconds(moment));
        if streamed.is_service_span() {
            let spans = recording.streamed.remove(&id).unwrap_or_default();
            recording.transactions.push(Transaction::streamed(service, streamed, span, spans));
        } else if let Some(late) =
            recording.transactions.iter_mut().find(|it| it.root.span_id == id.to_string())
        {
            late.spans.push(span);
        } else {
            recording.streamed.entry(id).or_default().push(span);
        }
    }

    /// The mail of an order is out.
    pub(crate) fn mailed(&self, order: u64) {
        self.change(order, |recording| {
            // The driver gave up waiting if nobody receives it.
            let _given_up = recording.mailed.take().map(|sender| sender.send(()));
        });
    }

    fn change(&self, order: u64, change: impl FnOnce(&mut Recording)) {
        if let Some(recording) = self.lock().open.get_mut(&order) {
            change(recording);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recording {
    /// Milliseconds since the caller sent the request, to the microsecond.
    fn milliseconds(&self, moment: SystemTime) -> f64 {
        crate::observation::milliseconds(moment.duration_since(self.started).unwrap_or_default())
    }
}
