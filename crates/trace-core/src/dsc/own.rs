//! The dynamic sampling context of a trace that starts here: open until it first leaves the process.

use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use smallvec::SmallVec;

use super::DynamicSamplingContext;
use crate::id::{Dsn, OrganizationId, TraceId};
use crate::policy::{Decision, SampleRand};
use crate::wire::baggage::push_encoded;

/// The text of a trace that starts here: the values that are the same for every trace of a tracer, and gaps for the
/// rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnConstants(Box<[u8]>);

const BEGINNING: &str = "sentry-trace_id=";

impl OwnConstants {
    pub(crate) fn new(
        dsn: Option<&Dsn>,
        organization_id: Option<OrganizationId>,
        release: Option<&str>,
        environment: &str,
    ) -> Self {
        let mut text = [BEGINNING.as_bytes(), &[b'0'; TraceId::HEX_LENGTH]].concat();
        if let Some(dsn) = dsn {
            push_encoded(&mut text, "public_key", dsn.public_key());
        }
        if let Some(id) = organization_id {
            push_encoded(&mut text, "org_id", &id.to_string());
        }
        if let Some(release) = release {
            push_encoded(&mut text, "release", release);
        }
        push_encoded(&mut text, "environment", environment);
        push_encoded(&mut text, "sample_rand", &"0".repeat(SampleRand::LENGTH));
        Self(text.into())
    }

    /// Fills the gaps of a copy.
    fn fill(text: &mut [u8], trace_id: TraceId, sample_rand: SampleRand) {
        if let Some((_, rest)) = text.split_at_mut_checked(BEGINNING.len())
            && let Some((id, rest)) = rest.split_first_chunk_mut()
            && let Some((_, rand)) = rest.split_last_chunk_mut()
        {
            trace_id.write(id);
            sample_rand.write(rand);
        }
    }
}

/// The context of a trace that starts here and cannot change any more. Most of these contexts never leave the process,
/// so the header value is made when it is first needed.
#[derive(Debug, Clone)]
pub(crate) struct FixedContext {
    text: Bytes,
    rendered: OnceLock<DynamicSamplingContext>,
}

impl FixedContext {
    /// Creates the context. `sampled` is the decision of a caller that has no sampling context.
    pub(crate) fn new(
        trace_id: TraceId,
        sample_rand: SampleRand,
        constants: &OwnConstants,
        sampled: Option<bool>,
    ) -> Self {
        let mut text = constants.0.clone();
        OwnConstants::fill(&mut text, trace_id, sample_rand);
        let text = match sampled {
            None => text.into(),
            Some(sampled) => {
                let mut text = text.into_vec();
                push_sampled(&mut text, sampled);
                text.into()
            }
        };
        Self { text, rendered: OnceLock::new() }
    }

    pub(crate) fn context(&self) -> &DynamicSamplingContext {
        self.rendered.get_or_init(|| DynamicSamplingContext::from_text(self.text.clone()))
    }
}

/// A context that can still change, shared by all work of its trace in this process.
#[derive(Debug)]
pub(crate) struct OpenContext {
    open: Mutex<Unfrozen>,
    frozen: OnceLock<DynamicSamplingContext>,
}

/// The values of an open context so far.
#[derive(Debug)]
struct Unfrozen {
    /// The members that are known at the start. The constants are copied, since threads would contend for a reference
    /// count.
    text: SmallVec<[u8; USUAL]>,
    /// The decision of a caller that has no sampling context, which applies until this service makes its own.
    given: Option<bool>,
    /// The decision of this service, once it is made.
    decision: Option<Decision>,
    transaction: Option<String>,
}

/// The usual maximum length of the text. A text up to this length is stored inline.
const USUAL: usize = 256;

impl OpenContext {
    /// Creates the context. `given` is the decision of a caller that has no sampling context.
    pub(crate) fn new(
        trace_id: TraceId,
        sample_rand: SampleRand,
        constants: &OwnConstants,
        given: Option<bool>,
    ) -> Self {
        let mut text = SmallVec::from_slice(&constants.0);
        OwnConstants::fill(&mut text, trace_id, sample_rand);
        let open = Unfrozen { text, given, decision: None, transaction: None };
        Self { open: Mutex::new(open), frozen: OnceLock::new() }
    }

    /// Sets the decision, and the transaction's name, which is `None` if it is of low quality. It has no effect once
    /// the context is frozen. The first transaction that makes a decision determines the values, not one that is
    /// started within it.
    pub(crate) fn decide(&self, decision: Decision, transaction: Option<String>) {
        self.change(|open| {
            if open.decision.is_none_or(|first| first.sampled.is_none()) {
                (open.decision, open.transaction) = (Some(decision), transaction);
            }
        });
    }

    /// Sets the transaction's name, `None` if it is of low quality. It has no effect once the context is frozen.
    pub(crate) fn rename(&self, transaction: Option<String>) {
        self.change(|open| open.transaction = transaction);
    }

    /// Sets the transaction's name if there is none of good quality yet. It has no effect once the context is frozen.
    pub(crate) fn name(&self, transaction: Option<String>) {
        self.change(|open| {
            if open.transaction.is_none() {
                open.transaction = transaction;
            }
        });
    }

    /// Freezes the context and returns it. Call it when the context leaves the process.
    pub(crate) fn freeze(&self) -> &DynamicSamplingContext {
        self.frozen.get_or_init(|| self.open.lock().unwrap_or_else(PoisonError::into_inner).render())
    }

    fn change(&self, change: impl FnOnce(&mut Unfrozen)) {
        change(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Unfrozen {
    fn render(&mut self) -> DynamicSamplingContext {
        let Self { text, given, decision, transaction } = self;
        let text = &mut std::mem::take(text).into_vec();
        if let Some(rate) = decision.and_then(|decision| decision.rate) {
            push_encoded(text, "sample_rate", &rate.to_string());
        }
        if let Some(sampled) = decision.and_then(|decision| decision.sampled).or(*given) {
            push_sampled(text, sampled);
        }
        if let Some(transaction) = transaction {
            push_encoded(text, "transaction", transaction);
        }
        DynamicSamplingContext::from_text(std::mem::take(text))
    }
}

fn push_sampled(text: &mut Vec<u8>, sampled: bool) {
    push_encoded(text, "sampled", if sampled { "true" } else { "false" });
}
