//! The dynamic sampling context of a trace that starts here: open until it first leaves the process.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::DynamicSamplingContext;
use crate::id::{Dsn, OrganizationId, TraceId};
use crate::policy::{Decision, SampleRand, SampleRate};
use crate::wire::baggage::push_encoded;

/// The members that are the same for every trace of a tracer, each after a comma. The text is kept for the rest of the
/// process, since threads would contend for a reference count.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnConstants(&'static [u8]);

const TRACE_ID: &[u8] = b"sentry-trace_id=";
const SAMPLE_RAND: &[u8] = b",sentry-sample_rand=";

impl OwnConstants {
    pub(crate) fn new(
        dsn: Option<&Dsn>,
        organization_id: Option<OrganizationId>,
        release: Option<&str>,
        environment: &str,
    ) -> Self {
        let mut text = TRACE_ID.to_vec();
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
        Self(kept(text.split_off(TRACE_ID.len())))
    }
}

/// Keeps a text for the rest of the process. Equal texts are kept once, so that a program may build any number of
/// tracers.
fn kept(text: Vec<u8>) -> &'static [u8] {
    static KEPT: Mutex<BTreeSet<&[u8]>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.get(text.as_slice()).copied().unwrap_or_else(|| {
        let text = text.leak();
        kept.insert(text);
        text
    })
}

/// The members that are known when a trace starts here. Most contexts never leave the process, so the text is made only
/// when it is needed.
#[derive(Debug, Clone, Copy)]
struct InitialMembers {
    trace_id: TraceId,
    sample_rand: SampleRand,
    constants: OwnConstants,
    /// The decision of a caller that has no sampling context, which applies until this service makes its own.
    sampled: Option<bool>,
}

/// The usual maximum length of a text without the constants.
const ROOM: usize = 192;

impl InitialMembers {
    fn render(&self, decision: Option<Decision>, transaction: Option<&str>) -> DynamicSamplingContext {
        let (mut trace_id, mut rand) = ([0; TraceId::HEX_LENGTH], [0; SampleRand::LENGTH]);
        self.trace_id.write(&mut trace_id);
        self.sample_rand.write(&mut rand);
        let mut text = Vec::with_capacity(self.constants.0.len() + ROOM);
        for part in [TRACE_ID, &trace_id, self.constants.0, SAMPLE_RAND, &rand] {
            text.extend_from_slice(part);
        }
        if let Some(rate) = decision.and_then(|decision| decision.rate) {
            push_encoded(&mut text, "sample_rate", &rate.to_string());
        }
        if let Some(sampled) = decision.and_then(|decision| decision.sampled).or(self.sampled) {
            push_encoded(&mut text, "sampled", if sampled { "true" } else { "false" });
        }
        if let Some(transaction) = transaction {
            push_encoded(&mut text, "transaction", transaction);
        }
        DynamicSamplingContext::from_text(text)
    }
}

/// The context of a trace that starts here and cannot change any more.
#[derive(Debug, Clone)]
pub(crate) struct FixedContext {
    initial: InitialMembers,
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
        let initial = InitialMembers { trace_id, sample_rand, constants: *constants, sampled };
        Self { initial, rendered: OnceLock::new() }
    }

    pub(crate) fn context(&self) -> &DynamicSamplingContext {
        self.rendered.get_or_init(|| self.initial.render(None, None))
    }
}

/// A context that can still change, shared by all work of its trace in this process.
#[derive(Debug)]
pub(crate) struct OpenContext {
    initial: InitialMembers,
    open: Mutex<Unfrozen>,
    frozen: OnceLock<DynamicSamplingContext>,
}

/// The values of an open context so far.
#[derive(Debug, Default)]
struct Unfrozen {
    /// The decision of this service, once it is made.
    decision: Option<Decision>,
    transaction: Option<String>,
}

impl OpenContext {
    /// Creates the context. `given` is the decision of a caller that has no sampling context.
    pub(crate) fn new(
        trace_id: TraceId,
        sample_rand: SampleRand,
        constants: &OwnConstants,
        given: Option<bool>,
    ) -> Self {
        let initial = InitialMembers { trace_id, sample_rand, constants: *constants, sampled: given };
        Self { initial, open: Mutex::default(), frozen: OnceLock::new() }
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

    /// Returns the rate of this service, if it made the decision.
    pub(crate) fn own_rate(&self) -> Option<SampleRate> {
        self.open().decision?.rate
    }

    /// Freezes the context and returns it. Call it when the context leaves the process.
    pub(crate) fn freeze(&self) -> &DynamicSamplingContext {
        self.frozen.get_or_init(|| {
            let Unfrozen { decision, transaction } = &*self.open();
            self.initial.render(*decision, transaction.as_deref())
        })
    }

    fn change(&self, change: impl FnOnce(&mut Unfrozen)) {
        change(&mut self.open());
    }

    fn open(&self) -> MutexGuard<'_, Unfrozen> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn equal_texts_are_kept_once() {
        let [first, second, other] = ["a", "a", "b"].map(|text| kept(text.into()));
        assert_eq!((first, other), (&b"a"[..], &b"b"[..]));
        assert!(std::ptr::eq(first, second));
    }
}
