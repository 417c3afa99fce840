// Sends one run of shop to the real sidecar, holds what its page lists against shop's report, and prints a table.
"use strict";

const { parseArgs } = require("node:util");

const checks = require("./checks.js");
const page = require("./page.js");
const { runShop, startSidecar } = require("./processes.js");
const { Table } = require("./table.js");
const tampering = require("./tampering.js");

const ENDS_WITHIN_MS = 100_000;

async function main() {
  const { values: options } = parseArgs({
    options: {
      chromium: { type: "string" },
      sidecar: { type: "string" },
      shop: { type: "string" },
      picture: { type: "string" },
    },
  });
  const sidecar = await startSidecar(options.sidecar);
  const failed = await Promise.race([prove(sidecar.url, options), deadline()]).catch((error) => {
    console.log(error.stack);
    return 1;
  });
  if (failed) console.log(["\nThe sidecar printed:", ...sidecar.log].join("\n"));
  return failed ? 1 : 0;
}

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

function deadline() {
  const error = new Error(`the proof took longer than ${ENDS_WITHIN_MS / 1000} seconds`);
  return new Promise((_, reject) => setTimeout(reject, ENDS_WITHIN_MS, error).unref());
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
main().then((status) => process.exit(status));
