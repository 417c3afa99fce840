//! An event, read once for all that it becomes.

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::iter::successors;

use sentry_core::event_from_error;
use sentry_core::protocol::{Exception, Map, Value};
use trace_core::{AttributeValue, CaughtPanics};
use tracing_core::Event;
use tracing_core::field::{Field, Visit};

use crate::values::{Fields, bounded};

/// The most errors of a chain that are kept, the outermost ones.
const LONGEST_CHAIN: usize = 32;

/// The fields of an event.
pub(super) struct ReadEvent {
    /// The field `message`. `#[instrument(err)]` gives none; then it is the field `error`.
    pub(super) message: Option<String>,
    /// The target: that of the record, if the event is one of the crate `log`.
    pub(super) target: String,
    /// The module, the file and the line of the event or of the record.
    pub(super) place: [Option<Value>; 3],
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
        let mut reader =
            Reader { fields: Fields::new(8, panics), large: Vec::new(), errors: Vec::new(), panics };
        event.record(&mut reader);
        let Reader { fields, large, errors, .. } = reader;
        let mut fields = fields.list;
        let mut take = |name: &str| {
            let place = fields.iter().position(|(found, _)| *found == name)?;
            Some(fields.remove(place).1)
        };
        let message = take("message").or_else(|| take("error")).map(|message| message.to_string());
        let metadata = event.metadata();
        let mut text = |name, of_event: Option<&str>| match take(name) {
            Some(of_record) => Some(of_record.to_string()),
            None => of_event.map(str::to_owned),
        };
        let target = text("log.target", Some(metadata.target())).unwrap_or_default();
        let (module, file) =
            (text("log.module_path", metadata.module_path()), text("log.file", metadata.file()));
        let line = take("log.line").map(json).or_else(|| metadata.line().map(Value::from));
        let place = [module.map(Value::from), file.map(Value::from), line];
        let own = fields.into_iter().filter(|(name, _)| !name.starts_with("log."));
        let own = own.map(|(name, value)| (name.to_owned(), json(value)));
        let large = large.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        let of_spans = of_spans.into_iter().map(|(name, value)| (name, json(value)));
        Self { message, target, place, fields: of_spans.chain(own).chain(large).collect(), errors }
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

/// Returns an error with its sources, the outermost last, as [`event_from_error`] does, which follows a chain without an end
/// for ever.
fn exceptions(error: &(dyn Error + 'static)) -> Vec<Exception> {
    let chain = successors(Some(error), |error| (*error).source()).take(LONGEST_CHAIN);
    let texts = chain.map(|error| Formatted {
        debug: bounded(format_args!("{error:?}")),
        display: bounded(format_args!("{error}")),
    });
    let mut exceptions: Vec<_> = texts.flat_map(|error| event_from_error(&error).exception.values).collect();
    exceptions.reverse();
    exceptions
}

/// One error of a chain, formatted up to a length.
struct Formatted {
    debug: String,
    display: String,
}

impl Debug for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.debug)
    }
}

impl Display for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl Error for Formatted {}

struct Reader<'a> {
    fields: Fields<'a>,
    /// The numbers that are too large for an attribute of a span.
    large: Vec<(&'static str, u64)>,
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
        match i64::try_from(value) {
            Ok(value) => self.fields.record_i64(field, value),
            Err(_) => self.large.push((field.name(), value)),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.record_bool(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.record_str(field, value);
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        if let Some(exceptions) = self.panics.catch(|| exceptions(error)) {
            self.errors.push((field.name(), exceptions));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.record_debug(field, value);
    }
}
