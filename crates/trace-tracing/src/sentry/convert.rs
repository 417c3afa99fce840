//! The conversion of an event to a breadcrumb, an error or a log, in the form that `sentry-tracing` gives them.

use std::time::SystemTime;

use sentry_core::protocol::{Context, Event, Exception, Log, LogAttribute, LogLevel, Map, Mechanism, Value};
use sentry_core::{Breadcrumb, Level as SentryLevel};
use tracing_core::{Level, Metadata};

use super::read::ReadEvent;

/// The prefix of fields that become tags of an error.
const TAGS: &str = "tags.";

pub(super) fn breadcrumb(read: &ReadEvent, metadata: &Metadata<'_>) -> Breadcrumb {
    Breadcrumb {
        category: Some(read.target.clone()),
        ty: "log".into(),
        level: level(*metadata.level()),
        message: read.message.clone(),
        data: with_errors(read.fields.clone(), &read.errors),
        ..Breadcrumb::default()
    }
}

pub(super) fn error(read: &ReadEvent, metadata: &Metadata<'_>) -> Event<'static> {
    let mut exceptions: Vec<_> = read.errors.iter().flat_map(|(_, chain)| chain.clone()).collect();
    if let Some(last) = exceptions.last_mut() {
        "tracing".clone_into(&mut last.mechanism.get_or_insert_with(Mechanism::default).ty);
    }
    let mut event = Event {
        logger: Some(read.target.clone()),
        level: level(*metadata.level()),
        message: read.message.clone(),
        exception: exceptions.into(),
        ..Event::default()
    };
    let mut fields = Map::new();
    for (name, value) in &read.fields {
        match name.strip_prefix(TAGS) {
            // Sentry refuses a tag without a name.
            Some("") => {}
            Some(tag) => {
                event.tags.insert(tag.to_owned(), text(value));
            }
            None => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    let place = place(read, ["module_path", "file", "line"]);
    for (name, section) in [("Rust Tracing Fields", fields), ("Rust Tracing Location", place.collect())] {
        if !section.is_empty() {
            event.contexts.insert(name.to_owned(), Context::Other(section));
        }
    }
    event
}

pub(super) fn log(read: ReadEvent, metadata: &Metadata<'_>) -> Log {
    let place = place(&read, ["code.module.name", "code.file.path", "code.line.number"]);
    let origin = ("sentry.origin".to_owned(), "auto.log.tracing".into());
    let fields = with_errors(read.fields, &read.errors).into_iter().chain(place).chain([origin]);
    Log {
        level: match *metadata.level() {
            Level::TRACE => LogLevel::Trace,
            Level::DEBUG => LogLevel::Debug,
            Level::INFO => LogLevel::Info,
            Level::WARN => LogLevel::Warn,
            Level::ERROR => LogLevel::Error,
        },
        body: read.message.unwrap_or_default(),
        // It is set from the current context by `TraceIntegration`.
        trace_id: None,
        timestamp: SystemTime::now(),
        severity_number: None,
        attributes: fields.map(|(name, value)| (name, LogAttribute(value))).collect(),
    }
}

fn level(level: Level) -> SentryLevel {
    match level {
        Level::TRACE | Level::DEBUG => SentryLevel::Debug,
        Level::INFO => SentryLevel::Info,
        Level::WARN => SentryLevel::Warning,
        Level::ERROR => SentryLevel::Error,
    }
}

/// Returns the place of the code under these names.
fn place(read: &ReadEvent, names: [&'static str; 3]) -> impl Iterator<Item = (String, Value)> + use<> {
    names.into_iter().zip(read.place.clone()).filter_map(|(name, value)| Some((name.to_owned(), value?)))
}

/// Adds errors as lists of texts, the outermost first.
fn with_errors(
    mut fields: Map<String, Value>,
    errors: &[(&'static str, Vec<Exception>)],
) -> Map<String, Value> {
    for (name, chain) in errors {
        let texts = chain
            .iter()
            .rev()
            .map(|error| format!("{}: {}", error.ty, error.value.as_deref().unwrap_or_default()));
        fields.insert((*name).to_owned(), texts.collect::<Vec<_>>().into());
    }
    fields
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
