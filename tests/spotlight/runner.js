// Sends one run of shop to the real sidecar, holds what its page lists against shop's report, and prints a table.
"use strict";

const checks = require("./checks.js");
const page = require("./page.js");
const { runShop } = require("./processes.js");
const proof = require("./proof.js");
const { Table } = require("./table.js");
const tampering = require("./tampering.js");

async function prove(url, options) {
  const table = new Table();
  const traces = checks.reported(await runShop(options.shop, url));
  const opened = await page.open(options.chromium, url);
  try {
    const ids = traces.map((trace) => trace.traceId);
    const listed = await page.listedTraces(opened.page, ids.length);
    const same = ids.length > 0 && ids.toSorted().join() === listed.toSorted().join();
    table.row("the traces of shop's report are listed", same ? [] : [`listed are ${listed}, not ${ids}`]);

    let good;
    for (const trace of traces.filter(({ traceId }) => listed.includes(traceId))) {
      const listing = await page.listedTrace(opened.page, trace);
      if (table.row(trace.title, checks.problems(trace, listing)) && !trace.mayHaveMore) good = { trace, listing };
    }
    for (const [title, spoil] of good ? tampering.ALL : []) {
      const spoiled = { ...good.listing, spans: spoil(good.listing.spans) };
      table.row(`tampered: ${title}`, checks.problems(good.trace, spoiled).length > 0 ? [] : ["went unnoticed"]);
    }
    if (options.picture) await page.takePicture(opened.page, options.picture);
  } finally {
    await opened.browser.close();
  }
  console.log(`\n${table.passed} passed, ${table.failed} failed`);
  return table.failed;
}

proof.run(prove, ["chromium", "shop", "picture"]);
