//! The decision whether an incoming trace is continued, and its reason.
//!
//! Source: Sentry's Trace Propagation document, `strictTraceContinuation`. It is a pure function of the organizations
//! on both sides. Nothing of the caller is adopted before this decision.

use std::fmt;

use crate::id::OrganizationId;

/// The origin of a trace: a caller's or new, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuation {
    /// The caller's trace is continued here.
    Continued {
        /// The header that named the trace.
        from: ContinuedFrom,
        /// The result for the caller's dynamic sampling context.
        sampling_context: AdoptedContext,
    },
    /// This service is the head of a trace.
    New(NewTrace),
}

/// The header that named a continued trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContinuedFrom {
    /// `sentry-trace`.
    SentryTrace,
    /// `traceparent`, read only if the tracer accepts it.
    Traceparent,
}

/// The result for the dynamic sampling context of a caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AdoptedContext {
    /// Its members were adopted and are sent on.
    Adopted,
    /// The caller sent none.
    #[default]
    Absent,
    /// The context names another trace, so all of it was dropped.
    OfAnotherTrace,
}

/// The reason why a trace starts here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewTrace {
    /// The application asked for one.
    Started,
    /// No trace header came in.
    NoHeader,
    /// A trace header came in, but it is malformed.
    MalformedHeader,
    /// The caller belongs to another organization.
    OtherOrganization,
    /// Strict continuation: the caller did not say to which organization it belongs.
    UnknownOrganization,
    /// Strict continuation: the caller named its organization, but this service does not know its own.
    OwnOrganizationUnknown,
}

impl Continuation {
    /// Returns whether the caller's trace is continued here.
    #[must_use]
    pub fn is_continued(self) -> bool {
        matches!(self, Self::Continued { .. })
    }
}

/// The text begins with `continued` or `new`; the reason follows.
impl fmt::Display for Continuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Continued { from, sampling_context } => {
                let header = match from {
                    ContinuedFrom::SentryTrace => "sentry-trace",
                    ContinuedFrom::Traceparent => "traceparent",
                };
                let context = match sampling_context {
                    AdoptedContext::Adopted => "with the caller's dynamic sampling context",
                    AdoptedContext::Absent => "the caller sent no dynamic sampling context",
                    AdoptedContext::OfAnotherTrace => {
                        "the dynamic sampling context was dropped, it names another trace"
                    }
                };
                write!(f, "continued: {header}, {context}")
            }
            Self::New(reason) => f.write_str(match reason {
                NewTrace::Started => "new: started by the application",
                NewTrace::NoHeader => "new: no trace header came in",
                NewTrace::MalformedHeader => "new: the trace header is malformed",
                NewTrace::OtherOrganization => "new: the caller belongs to another organization",
                NewTrace::UnknownOrganization => {
                    "new: strict continuation, and the caller named no organization"
                }
                NewTrace::OwnOrganizationUnknown => {
                    "new: strict continuation, and the own organization is not known"
                }
            }),
        }
    }
}

/// Returns an error if a service of organization `ours` does not continue a caller of organization `theirs`, by
/// Sentry's table of ten rows.
pub(crate) fn admit(
    theirs: Option<OrganizationId>,
    ours: Option<OrganizationId>,
    strict: bool,
) -> Result<(), NewTrace> {
    match (theirs, ours) {
        (Some(theirs), Some(ours)) if theirs != ours => Err(NewTrace::OtherOrganization),
        (None, Some(_)) if strict => Err(NewTrace::UnknownOrganization),
        (Some(_), None) if strict => Err(NewTrace::OwnOrganizationUnknown),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_rows() {
        let table = [
            (Some(1), Some(1), false, Ok(())),
            (None, Some(1), false, Ok(())),
            (Some(1), None, false, Ok(())),
            (None, None, false, Ok(())),
            (Some(1), Some(2), false, Err(NewTrace::OtherOrganization)),
            (Some(1), Some(1), true, Ok(())),
            (None, Some(1), true, Err(NewTrace::UnknownOrganization)),
            (Some(1), None, true, Err(NewTrace::OwnOrganizationUnknown)),
            (None, None, true, Ok(())),
            (Some(1), Some(2), true, Err(NewTrace::OtherOrganization)),
        ];
        for (theirs, ours, strict, expected) in table {
            let organization = |id: Option<u64>| id.and_then(OrganizationId::new);
            assert_eq!(
                admit(organization(theirs), organization(ours), strict),
                expected,
                "{theirs:?} {ours:?} {strict}"
            );
        }
    }

    #[test]
    fn texts_begin_with_the_outcome() {
        let continued = Continuation::Continued {
            from: ContinuedFrom::SentryTrace,
            sampling_context: AdoptedContext::Adopted,
        };
        assert!(continued.is_continued());
        assert!(continued.to_string().starts_with("continued: sentry-trace"));
        assert!(Continuation::New(NewTrace::MalformedHeader).to_string().starts_with("new: "));
    }
}
