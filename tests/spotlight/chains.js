// Runs the chains of tests/interop with spans of `tracing`, from Python and from Node, and holds the trees that Spotlight's
// page lists against what the services do.
"use strict";

const page = require("./page.js");
const { runChains } = require("./processes.js");
const proof = require("./proof.js");
const { Table } = require("./table.js");
const tampering = require("./tampering.js");

// A query in Python, and in hop a call within a function that has the attribute of `tracing`.
const FROM_PYTHON = `
http.server hop
  db SELECT 1
  http.client GET URL
    http.server GET /hop
      function call
        http.client GET URL
          http.server GET /hop
            handler /hop`;

const FROM_NODE = `
http.server GET /hop
  handler /hop
    http.client GET URL
      http.server GET /hop
        function call
          http.client GET URL
            http.server hop`;

// The chains that are run: each way with hyper's client and with reqwest.
const TREES = [FROM_PYTHON, FROM_PYTHON, FROM_NODE, FROM_NODE];

async function prove(url, options) {
  const table = new Table();
  console.log(await runChains(options, url));
  const opened = await page.open(options.chromium, url);
  try {
    const listings = [];
    for (const traceId of await page.listedTraces(opened.page, TREES.length)) {
      listings.push(await page.listedTrace(opened.page, { traceId, transactionCount: 3 }));
    }
    const listed = listings.map(({ spans }) => tree(spans));
    const same = listed.toSorted().join() === TREES.toSorted().join();
    table.row("the page lists the tree of each chain", same ? [] : listed);
    const [{ spans }] = listings;
    for (const [title, spoil] of tampering.ALL) {
      table.row(`tampered: ${title}`, TREES.includes(tree(spoil(spans))) ? ["went unnoticed"] : []);
    }
    // The chains from Python ran first, so that the page lists them last, and the last one is open.
    if (options.picture) await page.takePicture(opened.page, options.picture);
  } finally {
    await opened.browser.close();
  }
  console.log(`\n${table.passed} passed, ${table.failed} failed`);
  return table.failed;
}

// The spans below a parent, a line for each: operation and name.
function tree(spans, parent = null, margin = "\n") {
  const below = spans.filter(({ parent_span_id }) => parent_span_id === parent);
  const line = ({ op, name }) => `${margin}${op} ${name.replace(/http:.*/, "URL")}`;
  return below.map((span) => line(span) + tree(spans, span.span_id, `${margin}  `)).join("");
}

proof.run(prove, ["chromium", "interop", "hop", "picture"]);
