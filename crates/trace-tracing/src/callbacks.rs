//! What the layer does at each event in the life of a span.

use trace_core::{AttachKey, SharedSpan, detach, is_recording};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::convention::Update;
use crate::last;
use crate::layer::TracingLayer;
use crate::lookup::{find, look};
use crate::presence;
#[cfg(feature = "sentry")]
use crate::sentry::KeptFields;
use crate::sqlite_driver;
use crate::unobserved::without_subscriber;
use crate::values::Fields;

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.options.level)
    }

    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.notice_another(dispatch);
    }

    #[inline]
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.is_contextual() && is_recording() {
            self.start_below_current(attributes, id, context.clone());
        } else if !attributes.is_contextual() || self.options.roots.is_some() {
            self.start_elsewhere(attributes, id, context.clone());
        }
        #[cfg(feature = "sentry")]
        if self.keeps_fields()
            && self.options.choice.accepts(attributes.metadata(), self.options.level, &self.options.panics)
        {
            KeptFields::keep(attributes, id, &context, &self.options.panics);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        #[cfg(feature = "sentry")]
        if self.keeps_fields() {
            KeptFields::update(id, values, &context, &self.options.panics);
        }
        let Some(span) = self.span(id, &context) else { return };
        // No lock is held while the values are formatted.
        let mut fields = Fields::new(values.len(), &self.options.panics);
        values.record(&mut fields);
        let name = || context.metadata(id).map(Metadata::name);
        Update::new(fields.list).apply(span.context(), name);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        if let Some(span) = self.span(id, &context)
            && let Some(follows) = find(follows, &context)
        {
            span.context().add_link(follows.context().link());
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        self.receive(event, &context);
    }

    #[inline]
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if presence::may_have_data(id) {
            self.enter(id, context);
        }
    }

    #[inline]
    fn on_exit(&self, id: &Id, _context: Context<'_, S>) {
        detach(self.key(id));
    }

    #[inline]
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if presence::may_have_data(&id) {
            self.close(id, context);
        }
    }
}

impl TracingLayer {
    #[inline]
    pub(crate) fn key(&self, id: &Id) -> AttachKey {
        AttachKey::new(self.options.number.get(), id.into_u64())
    }

    /// Returns the data of a span, if it is this layer that enters and changes it.
    fn span<S>(&self, id: &Id, context: &Context<'_, S>) -> Option<SharedSpan>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        look(id, context, |traced| {
            traced.is_entered_by(self.options.number.get()).then(|| traced.span().clone())
        })
        .flatten()
    }

    #[cold]
    #[inline(never)]
    fn enter<S>(&self, id: &Id, context: Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        last::attach(self.key(id), || self.span(id, &context).inspect(sqlite_driver::note_entered));
    }

    #[cold]
    #[inline(never)]
    fn close<S>(&self, id: Id, context: Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        // The registry drops the data itself, once all layers have closed the span.
        let remembered = last::forget(self.key(&id)).filter(|span| !span.has_ended());
        // If there are two layers of ours, the first one has ended it.
        let span = remembered.or_else(|| find(&id, &context).filter(|span| !span.has_ended()));
        let Some(span) = span else { return };
        presence::remove(&id);
        let end = || match self.options.shortest.is_zero() {
            true => span.end(),
            false => span.end_or_fold(self.options.shortest),
        };
        if span.end_runs_hooks() {
            without_subscriber(end);
        } else {
            end();
        }
    }
}
