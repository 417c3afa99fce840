//! Child processes: the span of each, and the trace in its environment.

use std::process::Command;

use crate::context::Span;
use crate::propagation::{Extract, Inject};
use crate::tracer::Tracer;
use crate::wire::names::TraceHeaderName;

impl Tracer {
    /// Starts the span of a child process, `subprocess.wait`, below the current context or another
    /// [parent](Self::map_parent). It writes the trace to `SENTRY_TRACE` and `SENTRY_BAGGAGE` of the `command`, also
    /// if nothing is recorded. Values of an earlier run are replaced, and those of this process are not inherited.
    /// Other vendors' members in the command's own `SENTRY_BAGGAGE` stay.
    ///
    /// Call it once for each run, and end the span when the child has ended. The span contains the program but no
    /// argument, since arguments may be secret. For a command of tokio, pass `command.as_std_mut()`.
    ///
    /// ```
    /// use std::process::Command;
    /// use trace_core::{SpanStatus, Tracer};
    ///
    /// let tracer = Tracer::builder().build()?;
    /// let mut command = Command::new("cargo");
    /// command.arg("--version");
    /// let span = tracer.start_subprocess_span(&mut command);
    /// let succeeded = command.status().is_ok_and(|status| status.success());
    /// span.set_status(if succeeded { SpanStatus::Ok } else { SpanStatus::InternalError });
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn start_subprocess_span(&self, command: &mut Command) -> Span {
        let program = command.get_program().to_string_lossy().into_owned();
        let span = self.start_span_into(command, "subprocess.wait", program.into());
        // Without a baggage of its own, the child would inherit that of this process, which may be of another trace.
        if !command.headers().contains_key(TraceHeaderName::Baggage.header_name()) {
            command.remove(TraceHeaderName::Baggage);
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TransactionName;
    use crate::sinks::InMemorySink;

    /// Returns the variable: set (`Some(Some)`), kept from being inherited (`Some(None)`) or not changed (`None`).
    fn variable(command: &Command, name: &str) -> Option<Option<String>> {
        let (_, value) = command.get_envs().find(|(key, _)| *key == name)?;
        Some(value.map(|value| value.to_string_lossy().into_owned()))
    }

    #[test]
    fn the_span_tells_the_program_and_no_argument() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", TransactionName::task("job")).start();
        let mut command = Command::new("/usr/bin/convert");
        command.arg("--password=secret");
        let span = job.scope(|| tracer.start_subprocess_span(&mut command));
        let sentry_trace = span.context().sentry_trace().to_string();
        span.end();
        job.end();

        let transactions = sink.take();
        let [span] = &*transactions[0].spans else { panic!("one span") };
        assert_eq!((&*span.operation, &*span.description), ("subprocess.wait", "/usr/bin/convert"));
        assert_eq!(span.parent_span_id, Some(transactions[0].root.span_id));
        assert_eq!(sentry_trace, format!("{}-{}-1", transactions[0].trace_id, span.span_id));
        assert_eq!(variable(&command, "SENTRY_TRACE"), Some(Some(sentry_trace)));
    }

    #[test]
    fn what_is_stale_gives_way_and_what_is_of_others_stays() {
        let stale = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";
        let table = [
            ("nothing", vec![], ""),
            (
                "of an earlier run",
                vec![("SENTRY_TRACE", stale), ("SENTRY_BAGGAGE", "sentry-release=old")],
                "",
            ),
            ("unreadable", vec![("SENTRY_TRACE", "?")], ""),
            ("of others", vec![("SENTRY_BAGGAGE", "tenant=acme,sentry-release=old")], "tenant=acme,"),
        ];
        let tracer = Tracer::builder().release("shop@1").build().unwrap();
        for (case, before, kept) in table {
            let mut command = Command::new("true");
            command.envs(before);
            let span = tracer.start_subprocess_span(&mut command);
            let expected = Some(Some(span.context().sentry_trace().to_string()));
            assert_eq!(variable(&command, "SENTRY_TRACE"), expected, "{case}");
            let baggage = variable(&command, "SENTRY_BAGGAGE").flatten().unwrap_or_default();
            assert!(baggage.starts_with(&format!("{kept}sentry-")), "{case}: {baggage}");
            assert!(
                baggage.contains("sentry-release=shop%401") && !baggage.contains("old"),
                "{case}: {baggage}"
            );
        }
    }

    #[test]
    fn a_baggage_that_is_not_ours_is_not_inherited() {
        // A sampling context of one member that fits no header, so there is nothing to send on.
        let oversize = format!("sentry-sample_rand=0.{}", "5".repeat(9000));
        let incoming =
            [("sentry-trace", "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1"), ("baggage", &oversize)];
        let tracer = Tracer::builder().build().unwrap();
        let mut command = Command::new("true");
        let context = tracer.continue_trace(incoming.as_slice());
        let _span = context.scope(|| tracer.start_subprocess_span(&mut command));
        assert_eq!(variable(&command, "SENTRY_BAGGAGE"), Some(None));
    }
}
