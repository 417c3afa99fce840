//! An event, read once for all that it becomes.

use std::error::Error;
use std::fmt::Debug;

use sentry_core::event_from_error;
use sentry_core::protocol::{Exception, Map, Value};
use trace_core::{AttributeValue, CaughtPanics};
use tracing_core::Event;
use tracing_core::field::{Field, Visit};

use crate::values::{Fields, LONGEST_TEXT, start};

/// The fields of an event.
pub(super) struct ReadEvent {
    /// The field `message`. `#[instrument(err)]` gives none; then it is the field `error`.
    pub(super) message: Option<String>,
    /// The target of the record, if the event is one of the crate `log`.
    pub(super) log_target: Option<String>,
    /// The other fields, and those of spans as `span:field`, but no `dyn Error`.
    pub(super) fields: Map<String, Value>,
    /// The fields that are a `dyn Error`: each error with its sources, the outermost last.
    pub(super) errors: Vec<(&'static str, Vec<Exception>)>,
}

impl ReadEvent {
    pub(super) fn new(
        event: &Event<'_>,
        of_spans: Vec<(String, AttributeValue)>,
        panics: &CaughtPanics,
    ) -> Self {
        let mut reader = Reader { fields: Fields::new(8, panics), errors: Vec::new(), panics };
        event.record(&mut reader);
        let Reader { fields, errors, .. } = reader;
        let mut fields = fields.list;
        let mut take = |name: &str| {
            let place = fields.iter().position(|(found, _)| *found == name)?;
            Some(fields.remove(place).1.to_string())
        };
        let message = take("message").or_else(|| take("error"));
        let log_target = take("log.target");
        let own = fields.into_iter().filter(|(name, _)| !name.starts_with("log."));
        let own = own.map(|(name, value)| (name.to_owned(), json(value)));
        let fields = of_spans.into_iter().map(|(name, value)| (name, json(value))).chain(own).collect();
        Self { message, log_target, fields, errors }
    }
}

fn json(value: AttributeValue) -> Value {
    match value {
        AttributeValue::Bool(value) => value.into(),
        AttributeValue::Integer(value) => value.into(),
        AttributeValue::Float(value) => value.into(),
        value => value.to_string().into(),
    }
}

struct Reader<'a> {
    fields: Fields<'a>,
    errors: Vec<(&'static str, Vec<Exception>)>,
    panics: &'a CaughtPanics,
}

impl Visit for Reader<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fields.record_f64(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.record_i64(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.record_u64(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.record_bool(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.record_str(field, value);
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        let Some(event) = self.panics.catch(|| event_from_error(error)) else { return };
        let mut exceptions = event.exception.values;
        for exception in &mut exceptions {
            if let Some(text) = &mut exception.value {
                text.truncate(start(text, LONGEST_TEXT).len());
            }
        }
        self.errors.push((field.name(), exceptions));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.record_debug(field, value);
    }
}
