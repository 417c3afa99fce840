// What must hold for a trace: the page lists the spans of shop's report, each under its parent, and nothing else.
"use strict";

// The traces of shop's report, in the order of the requests. `placeholders` is what the page puts where a parent was not
// delivered: here that is only the caller's, whose headers shop made up.
function reported(report) {
  return report.requests.map(({ number, scenario, services, transactions }) => {
    const [head] = services;
    const unsampled = transactions.length === 0;
    const spans = unsampled ? spansOfServices(services) : spansOfTransactions(transactions);
    return {
      title: `${number} ${scenario}: ${unsampled ? "at least " : ""}${spans.length} spans`,
      traceId: head.trace_id,
      transactionCount: unsampled ? spans.length : transactions.length,
      spans,
      placeholders: head.parent_span_id === null ? [] : [placeholder(head.parent_span_id)],
      mayHaveMore: unsampled,
    };
  });
}

function spansOfTransactions(transactions) {
  const spans = transactions.flatMap(({ spans: children, ...root }) => [root, ...children]);
  return spans.map(({ span_id, parent_span_id, op, name }) => ({ span_id, parent_span_id, op, name }));
}

// Spotlight gets all, also what is not sampled. Of that the report has no transactions, only who served the request.
function spansOfServices(services) {
  const recording = services.filter(({ span_id }) => span_id !== null);
  return recording.map(({ span_id, parent_span_id }) => ({ span_id, parent_span_id }));
}

function placeholder(span_id) {
  return { span_id, parent_span_id: null, op: "orphan", name: "missing or unknown parent span" };
}

// The differences between a trace and what the page says of it, as sentences; none if all is well.
function problems({ transactionCount, spans, placeholders, mayHaveMore }, listed) {
  const expected = [...placeholders, ...spans];
  const unknown = listed.spans.filter((other) => !expected.some(({ span_id }) => span_id === other.span_id));
  const counts = `${mayHaveMore ? listed.spans.length : expected.length} spans, ${transactionCount} transactions`;
  const listedCounts = `${listed.spanCount} spans, ${listed.transactionCount} transactions`;
  return [
    ...(listedCounts === counts ? [] : [`the list says ${listedCounts}, not ${counts}`]),
    ...expected.flatMap((span) => problemsOfSpan(span, listed.spans)),
    ...(mayHaveMore ? [] : unknown.map((span) => `${text(span)} is listed, and not in shop's report`)),
  ];
}

function problemsOfSpan(span, listed) {
  const same = listed.filter((other) => other.span_id === span.span_id);
  if (same.length !== 1) return [`${text(span)} is listed ${same.length} times`];
  const differing = Object.keys(span).filter((key) => same[0][key] !== span[key]);
  return differing.map((key) => `${text(span)} is listed with the ${key} '${same[0][key]}', not '${span[key]}'`);
}

function text({ span_id, op, name }) {
  return op ? `${span_id} (${op} – ${name})` : span_id;
}

module.exports = { problems, reported };
