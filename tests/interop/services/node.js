// An Express service under the real Node SDK; arguments, output and routes are those of services/python.py,
// with `via=fetch|http`.
"use strict";

const Sentry = require("@sentry/node");
const { once } = require("node:events");

const [dsn, rateText, traceLifecycle] = process.argv.slice(2);
const rate = rateText === "none" ? undefined : Number(rateText);

Sentry.init({
  dsn,
  orgId: "1",
  release: "node@1.0.0+ü",
  environment: "interop, node",
  tracesSampleRate: rate,
  traceLifecycle,
  enableLogs: true,
});

// Required after init, which instruments them.
const express = require("express");
const http = require("node:http");
const app = express();

app.get("/hop", async (request, response) => {
  const answer = { service: "node", records: rate !== undefined, ...trace(), received: received(request) };
  const { to, via, baggage, capture } = request.query;
  if (capture) {
    Sentry.captureException(new Error(capture));
    Sentry.logger.info(capture);
    Sentry.metrics.count(capture, 1);
  }
  if (to) {
    const get = { fetch: getWithFetch, http: getWithHttp }[via];
    answer.downstream = await get(to, baggage ? { baggage } : {});
  }
  response.json(answer);
});

const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});

function trace() {
  const context = Sentry.getCurrentScope().getPropagationContext();
  const root = rate === undefined ? undefined : Sentry.getRootSpan(Sentry.getActiveSpan());
  return {
    trace_id: context.traceId,
    span_id: root ? root.spanContext().spanId : context.propagationSpanId,
    parent_span_id: context.parentSpanId ?? null,
    sampled: (root ? root.isRecording() : context.sampled) ?? null,
    dsc: members(Sentry.getTraceData().baggage),
  };
}

function members(baggage) {
  const pairs = (baggage ?? "").split(",").filter((member) => member.startsWith("sentry-"));
  return Object.fromEntries(
    pairs.map((member) => {
      const [key, value] = member.slice("sentry-".length).split("=");
      return [key, decodeURIComponent(value)];
    }),
  );
}

function received(request) {
  const header = (name) => request.headers[name] ?? null;
  return { "sentry-trace": header("sentry-trace"), baggage: header("baggage") };
}

async function getWithFetch(to, headers) {
  const response = await fetch(to, { headers });
  return { status: response.status, body: await response.json() };
}

async function getWithHttp(to, headers) {
  const [response] = await once(http.get(to, { headers }), "response");
  const chunks = await response.setEncoding("utf8").toArray();
  return { status: response.statusCode, body: JSON.parse(chunks.join("")) };
}
