//! The attributes that come from the scope of a request.
//!
//! Source: Sentry's Spans specification 1.0.0. The user is on every span. Contexts and the request are on the service span
//! alone, as on a transaction. Names are those of Sentry's conventions; a context without such names is not sent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use sentry_core::protocol::{Context, IpAddress, User, Value};
use trace_core::{AttributeValue, FinishedSpan, SpanId};

use super::ended::{EndedSpan, SpanScope};
use crate::request_data::RequestData;
use crate::request_scope::{EndedScope, RequestScope};
use crate::scope_payload::ScopePayload;

/// The scopes of a batch. That of a request is read once.
#[derive(Default)]
pub(super) struct Scopes {
    of_service_spans: HashMap<SpanId, Arc<EndedScope>>,
    last_request: Option<(Arc<RequestScope>, Arc<EndedScope>)>,
    empty: Arc<EndedScope>,
}

impl Scopes {
    /// Collects the scopes that service spans among these have read.
    pub(super) fn among<'a>(spans: impl IntoIterator<Item = &'a EndedSpan>) -> Self {
        let read = |span: &EndedSpan| match &span.scope {
            SpanScope::Read(scope) => Some((span.streamed.service_span_id(), scope.clone())),
            SpanScope::OfRequest(_) | SpanScope::OfServiceSpan => None,
        };
        Self { of_service_spans: spans.into_iter().filter_map(read).collect(), ..Self::default() }
    }

    /// Returns the scope of a span for whose own there is no room.
    pub(super) fn none(&self) -> Arc<EndedScope> {
        self.empty.clone()
    }

    pub(super) fn of(&mut self, span: &EndedSpan) -> Arc<EndedScope> {
        let request = match &span.scope {
            SpanScope::OfRequest(request) => request,
            SpanScope::Read(scope) => return scope.clone(),
            SpanScope::OfServiceSpan => {
                let scope = self.of_service_spans.get(&span.streamed.service_span_id());
                return scope.unwrap_or(&self.empty).clone();
            }
        };
        match &self.last_request {
            Some((known, scope)) if Arc::ptr_eq(known, request) => scope.clone(),
            _ => {
                let scope = Arc::new(request.read());
                self.last_request = Some((request.clone(), scope.clone()));
                scope
            }
        }
    }
}

/// Returns the attributes of a user.
pub(super) fn of_user(user: Option<&User>) -> [(&'static str, Option<Cow<'_, str>>); 4] {
    let text =
        |field: fn(&User) -> &Option<String>| user.and_then(|user| field(user).as_deref()).map(Cow::from);
    // An address that Sentry is to find out has no value.
    let address = match user.and_then(|user| user.ip_address.as_ref()) {
        Some(IpAddress::Exact(address)) => Some(address.to_string().into()),
        _ => None,
    };
    [
        ("user.id", text(|user| &user.id)),
        ("user.email", text(|user| &user.email)),
        ("user.name", text(|user| &user.username)),
        ("user.ip_address", address),
    ]
}

/// A value that only the scope has.
pub(super) enum ScopeValue {
    One(AttributeValue),
    Texts(Vec<String>),
}

pub(super) type ScopeAttributes = Vec<(Cow<'static, str>, ScopeValue)>;

/// Returns the attributes of a service span that come from its scope.
pub(super) fn of_service_span(scope: &EndedScope, span: &FinishedSpan) -> ScopeAttributes {
    let mut attributes = Vec::new();
    if let Some(request) = scope.request_of(span) {
        add_request(&mut attributes, request);
    }
    for (name, context) in ScopePayload::of_scope(scope, span).into_contexts() {
        add_context(&mut attributes, &name, context);
    }
    attributes
}

fn add_request(attributes: &mut ScopeAttributes, request: &RequestData) {
    let one = |text: String| ScopeValue::One(text.into());
    attributes.push(("http.request.method".into(), one(request.method().to_owned())));
    attributes.extend(request.url().map(|url| ("url.full".into(), one(url))));
    for (name, values) in request.headers() {
        attributes.push((format!("http.request.header.{name}").into(), ScopeValue::Texts(values)));
    }
}

fn add_context(attributes: &mut ScopeAttributes, name: &str, context: Context) {
    let mut add = |key: &'static str, value: Option<String>| {
        attributes.extend(value.map(|value| (key.into(), ScopeValue::One(value.into()))));
    };
    match context {
        Context::Os(os) => {
            add("os.name", os.name);
            add("os.version", os.version);
            add("os.build_id", os.build);
            add("os.kernel_version", os.kernel_version);
        }
        Context::Runtime(runtime) => {
            add("process.runtime.name", runtime.name);
            add("process.runtime.version", runtime.version);
        }
        Context::App(app) => {
            add("app.name", app.app_name);
            add("app.version", app.app_version);
            add("app.build", app.app_build);
            add("app.identifier", app.app_identifier);
        }
        Context::Browser(browser) => {
            add("browser.name", browser.name);
            add("browser.version", browser.version);
        }
        Context::Device(device) => {
            add("device.name", device.name);
            add("device.family", device.family);
            add("device.model", device.model);
            add("device.model_id", device.model_id);
        }
        // The keys of this context are those of attributes.
        Context::Other(values) if name == "cloud_resource" => {
            let values = values.into_iter().filter_map(|(key, value)| Some((key.into(), of_json(value)?)));
            attributes.extend(values);
        }
        _ => {}
    }
}

fn of_json(value: Value) -> Option<ScopeValue> {
    Some(ScopeValue::One(match value {
        Value::Bool(value) => value.into(),
        Value::String(text) => text.into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64()?.into(),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    }))
}
