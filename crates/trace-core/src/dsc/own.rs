//! The dynamic sampling context of a trace that starts here: open until it first leaves the process.

use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use smallvec::SmallVec;

use super::DynamicSamplingContext;
use crate::id::{Dsn, OrganizationId, TraceId};
use crate::policy::{Decision, SampleRand};
use crate::wire::baggage::push_encoded;

/// The text of a trace that starts, with what is the same for every trace of a tracer, and gaps for the rest.
#[derive(Debug, Clone)]
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

/// The context of a trace that starts here and about which nothing more can become known. Most of these never leave the
/// process, so it becomes a header when the first does.
#[derive(Debug, Clone)]
pub(crate) struct FixedContext {
    text: Bytes,
    rendered: OnceLock<DynamicSamplingContext>,
}

impl FixedContext {
    /// `sampled` is the decision of a caller that has no sampling context.
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

/// A context that can still change, shared by everything that happens in its trace in this process.
#[derive(Debug)]
pub(crate) struct OpenContext {
    open: Mutex<Unfrozen>,
    frozen: OnceLock<DynamicSamplingContext>,
}

/// What an open context says so far.
#[derive(Debug)]
struct Unfrozen {
    /// What is known at once: the constants are copied, since counting who uses them would make threads meet.
    text: SmallVec<[u8; USUAL]>,
    /// The decision of a caller that has no sampling context, which holds until there is one of our own.
    given: Option<bool>,
    /// What may become known late.
    decision: Option<Decision>,
    transaction: Option<String>,
}

/// How long the text usually is at most: so much stands inline.
const USUAL: usize = 256;

impl OpenContext {
    /// `given` is the decision of a caller that has no sampling context.
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

    /// Sets the decision, and the transaction's name, `None` if it is of low quality; without effect once frozen. The first
    /// transaction that makes a decision speaks for the trace, not one that is started within it.
    pub(crate) fn decide(&self, decision: Decision, transaction: Option<String>) {
        self.change(|open| {
            if open.decision.is_none_or(|first| first.sampled.is_none()) {
                (open.decision, open.transaction) = (Some(decision), transaction);
            }
        });
    }

    /// Sets the transaction's name, `None` if it is of low quality; without effect once frozen.
    pub(crate) fn rename(&self, transaction: Option<String>) {
        self.change(|open| open.transaction = transaction);
    }

    /// Sets the transaction's name if there is none of good quality yet; without effect once frozen.
    pub(crate) fn name(&self, transaction: Option<String>) {
        self.change(|open| {
            if open.transaction.is_none() {
                open.transaction = transaction;
            }
        });
    }

    /// The context, which from now on does not change: call it when it leaves the process.
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
