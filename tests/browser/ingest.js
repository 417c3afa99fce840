// Takes the envelopes of the browser, in the place of Sentry, and keeps their spans.
"use strict";

const { createServer } = require("node:http");

const SPANS = "application/vnd.sentry.items.span.v2+json";

class Ingest {
  // Each is a span with the `trace` header of its envelope.
  spans = [];
  #waiting = [];

  // Gives the DSN to send to.
  async listen() {
    const server = createServer((request, response) => {
      const pieces = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => {
        this.#take(Buffer.concat(pieces).toString());
        response.writeHead(200, { "access-control-allow-origin": "*" }).end("{}");
      });
    });
    await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
    return `http://web@127.0.0.1:${server.address().port}/42`;
  }

  // The first span that fits, as soon as it has come.
  first(fits) {
    const found = this.spans.find(fits);
    return found ?? new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }

  #take(envelope) {
    const [header, ...items] = envelope.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    while (items.length > 0) {
      const [item, payload] = items.splice(0, 2);
      if (item.content_type !== SPANS) continue;
      this.spans.push(...payload.items.map((span) => ({ ...span, context: header.trace })));
    }
    this.#waiting = this.#waiting.filter(({ fits, resolve }) => {
      const found = this.spans.find(fits);
      if (found) resolve(found);
      return !found;
    });
  }
}

// An attribute of a streamed span.
function attribute(span, key) {
  return span.attributes?.[key]?.value;
}

module.exports = { Ingest, attribute };
