//! The `trace` header of an envelope.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use trace_core::{DynamicSamplingContext, SampleRate, TraceId};

/// The sampling context of an envelope, decoded and complete: Relay requires a trace and a key, which some callers do not
/// send. The context that is sent to other services is not changed.
pub(crate) struct TraceHeader<'a> {
    pub(crate) context: &'a DynamicSamplingContext,
    pub(crate) trace_id: TraceId,
    /// The key of this service, if the caller sent none.
    pub(crate) public_key: Option<&'a str>,
    /// The rate of this service, if that rate made the decision.
    pub(crate) own_rate: Option<SampleRate>,
}

impl Serialize for TraceHeader<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut has_trace_id, mut has_public_key) = (false, false);
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.context.iter() {
            // A value with invalid escapes is omitted, as in the Node SDK, because its meaning is ambiguous.
            let Some(value) = value else { continue };
            match name {
                "trace_id" => has_trace_id = true,
                "public_key" => has_public_key = true,
                "sample_rate" if self.own_rate.is_some() => continue,
                _ => {}
            }
            map.serialize_entry(name, &*value)?;
        }
        if !has_trace_id {
            map.serialize_entry("trace_id", &format_args!("{}", self.trace_id))?;
        }
        if let (false, Some(key)) = (has_public_key, self.public_key) {
            map.serialize_entry("public_key", key)?;
        }
        if let Some(rate) = self.own_rate {
            map.serialize_entry("sample_rate", &format_args!("{rate}"))?;
        }
        map.end()
    }
}
