//! The `sentry-trace` header.

use http::HeaderValue;

use super::hex;

/// What a trace header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceHeader {
    pub(super) trace_id: [u64; 2],
    pub(super) span_id: u64,
    pub(super) sampled: bool,
}

impl TraceHeader {
    /// Reads a header of 51 bytes: one that says whether the trace is sampled.
    // A call, as it is one for whoever uses a library.
    #[inline(never)]
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        let text: &[u8; 51] = value.try_into().ok()?;
        let (first, rest) = text.split_first_chunk::<16>()?;
        let (second, rest) = rest.split_first_chunk::<16>()?;
        let (span, rest) = rest.get(1..)?.split_first_chunk::<16>()?;
        let [first, second, span_id] = hex::decode([first, second, span])?;
        let is_well_formed = text[32] == b'-' && rest[0] == b'-' && rest[1] | 1 == b'1';
        let trace_id = [first, second];
        let is_set = first | second != 0 && span_id != 0;
        let is_valid = is_well_formed && is_set;
        is_valid.then_some(Self { trace_id, span_id, sampled: rest[1] == b'1' })
    }

    /// The value to send. One allocation.
    #[inline(never)]
    pub(super) fn value(&self) -> HeaderValue {
        let mut text = [b'-'; 51];
        let [first, second] = self.trace_id;
        text[..16].copy_from_slice(&hex::encode(first));
        text[16..32].copy_from_slice(&hex::encode(second));
        text[33..49].copy_from_slice(&hex::encode(self.span_id));
        text[50] = b'0' + u8::from(self.sampled);
        HeaderValue::from_bytes(&text).unwrap()
    }
}

#[test]
fn what_is_written_is_read() {
    let text = crate::inputs::SENTRY_TRACE;
    let header = TraceHeader::parse(text.as_bytes()).unwrap();
    assert_eq!(header.value(), text);
    assert_eq!(TraceHeader::parse(crate::inputs::MALFORMED_SENTRY_TRACE.as_bytes()), None);
}
