//! What a scripted method does: its first message says so.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use tonic::{Code, Status};
use trace_core::TraceContext;

use crate::routes::Messages;

/// Plays a script:
///
/// - `trace`: a message with the id of the current trace, and one with that of a later poll
/// - `fail CODE`: a status before any message
/// - `break CODE`: a message, then a status
/// - `stall`: a message, then nothing
/// - `hang`: nothing
/// - `panic`
pub(crate) async fn play(script: &str) -> Result<Messages, Status> {
    let status = |code: &str| Status::new(Code::from(code.parse::<i32>().expect("a code")), "by its script");
    let message = || stream::once(async { Ok(Bytes::from("a message")) });
    Ok(match script.split_once(' ').unwrap_or((script, "")) {
        ("trace", _) => {
            let head = current_trace();
            stream::iter([Ok(head)]).chain(stream::once(async { Ok(current_trace()) })).boxed()
        }
        ("fail", code) => return Err(status(code)),
        ("break", code) => {
            let status = status(code);
            message().chain(stream::iter([Err(status)])).boxed()
        }
        ("stall", _) => message().chain(stream::pending()).boxed(),
        ("hang", _) => std::future::pending().await,
        ("panic", _) => panic!("the method panics by its script"),
        other => panic!("no script: {other:?}"),
    })
}

fn current_trace() -> Bytes {
    TraceContext::current().map(|context| context.trace_id().to_string()).unwrap_or_default().into()
}
