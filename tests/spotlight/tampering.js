// A check that never fails proves nothing: each of these spoils what a good page listed, and has to be noticed.
"use strict";

const ALL = [
  ["one span fewer", (spans) => spans.slice(0, -1)],
  ["one span twice", (spans) => [...spans, spans.at(-1)]],
  ["one span more", (spans) => [...spans, { ...spans.at(-1), span_id: "00f067aa0ba902b7" }]],
  ["a span under another parent", (spans) => lastWith(spans, { parent_span_id: spans.at(-1).span_id })],
  ["a span under another name", (spans) => lastWith(spans, { name: "somebody else's" })],
];

function lastWith(spans, change) {
  return spans.with(-1, { ...spans.at(-1), ...change });
}

module.exports = { ALL };
