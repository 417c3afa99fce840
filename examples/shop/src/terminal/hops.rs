//! The hops of a request: for each service what came in and what went out, and why.

use std::io::{self, Write};

use super::style::{self, BOLD, DIM, GOOD, HELD_BACK, PLAIN};
use crate::baggage::Seen;
use crate::report::{Decision, Request, Sent, Service, TraceHeaders};

pub(super) fn draw(out: &mut dyn Write, request: &Request, width: usize) -> io::Result<()> {
    let mut hops = Hops { out, width, seen: Seen::default() };
    writeln!(hops.out, "{BOLD}caller{BOLD:#}")?;
    hops.headers("the caller", &request.headers)?;
    request.services.iter().try_for_each(|service| hops.service(service))
}

struct Hops<'a> {
    out: &'a mut dyn Write,
    width: usize,
    seen: Seen,
}

impl Hops<'_> {
    fn service(&mut self, service: &Service) -> io::Result<()> {
        let style = style::service(&service.name);
        write!(self.out, "\n{}{:10}{style:#}", style.bold(), service.name)?;
        if let (Some(trace_id), Some(span_id)) = (&service.trace_id, &service.span_id) {
            let short = trace_id.get(..8).unwrap_or(trace_id);
            let sampled = service.sampled_text();
            write!(self.out, "  {DIM}trace {short}…  span {span_id}  {sampled}{DIM:#}")?;
        }
        writeln!(self.out)?;
        style::hanging(self.out, ("  ◀ ", style), (&service.continuation, BOLD), self.width)?;
        self.headers(&service.name, &service.received)?;
        service.sent.iter().try_for_each(|sent| self.sent(&service.name, sent))
    }

    fn sent(&mut self, from: &str, sent: &Sent) -> io::Result<()> {
        let style = match sent.decision {
            Decision::Injected => GOOD,
            Decision::Withheld => HELD_BACK,
        };
        let arrow = format!("  ▶ {:9} ", sent.to);
        let text = format!("{}: {}", sent.decision.as_str(), sent.reason);
        style::hanging(self.out, (&arrow, style::service(&sent.to)), (&text, style), self.width)?;
        self.headers(from, &sent.headers)
    }

    fn headers(&mut self, from: &str, headers: &TraceHeaders) -> io::Result<()> {
        if headers.present().next().is_none() {
            return writeln!(self.out, "    {DIM}no trace headers{DIM:#}");
        }
        for (name, value) in headers.present() {
            let label = format!("    {name:14}");
            match name {
                "baggage" => self.baggage(&label, from, value)?,
                _ => style::hanging(self.out, (&label, PLAIN), (value, DIM), self.width)?,
            }
        }
        Ok(())
    }

    fn baggage(&mut self, label: &str, from: &str, value: &str) -> io::Result<()> {
        if let Some(sender) = self.seen.sender(from, value) {
            let text = match value.split(',').count() {
                1 => format!("as {sender} sent it, 1 member"),
                members => format!("as {sender} sent it, {members} members"),
            };
            return style::hanging(self.out, (label, PLAIN), (&text, GOOD), self.width);
        }
        let blank = " ".repeat(label.len());
        let labels = std::iter::once(label).chain(std::iter::repeat(blank.as_str()));
        labels.zip(value.split(',')).try_for_each(|(label, member)| {
            style::hanging(self.out, (label, PLAIN), (member.trim(), DIM), self.width)
        })
    }
}
