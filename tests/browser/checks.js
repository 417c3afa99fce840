// What must hold between the browser's spans and the service's, as differences in sentences; none if all is well.
"use strict";

const RELEASE = "shop@1.4.0";

// The page load is the child of the service's span for the page, with the service's sampling context.
function joined(pageload, page) {
  const { context } = pageload;
  return differences("the page load", [
    ["trace", pageload.trace_id, page.trace_id],
    ["parent", pageload.parent_span_id, page.span_id],
    ["trace of the sampling context", context?.trace_id, page.trace_id],
    ["release of the sampling context", context?.release, RELEASE],
    ["key of the sampling context", context?.public_key, "shop"],
    ["decision of the sampling context", context?.sampled, "true"],
  ]);
}

// The page load has nothing to do with the service's span.
function apart(pageload, page) {
  return pageload.trace_id === page.trace_id ? ["the page load continues a trace that others may be in"] : [];
}

// The service's span for a call is the child of the browser's, and both headers came in.
function called(call, order, answer) {
  const baggage = answer["baggage"] ?? "";
  return [
    ...differences("the span of the API", [
      ["trace", order.trace_id, call.trace_id],
      ["parent", order.parent_span_id, call.span_id],
      ["name", order.name, "POST /orders/{id}"],
      ["sentry-trace", answer["sentry-trace"], `${call.trace_id}-${call.span_id}-1`],
    ]),
    ...(baggage.includes(`sentry-release=${encodeURIComponent(RELEASE)}`) ? [] : [`baggage is '${baggage}'`]),
  ];
}

function differences(what, facts) {
  const differing = facts.filter(([, is, expected]) => is !== expected);
  return differing.map(([key, is, expected]) => `${what} has the ${key} '${is}', not '${expected}'`);
}

module.exports = { apart, called, joined };
