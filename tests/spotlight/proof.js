// What every proof here does: it starts the sidecar, takes no longer than it may, and ends with a status.
"use strict";

const { parseArgs } = require("node:util");

const { startSidecar } = require("./processes.js");

const ENDS_WITHIN_MS = 100_000;

// Runs `prove` with the sidecar's URL and the options with these names, and ends the process. It gives how many rows of its
// table failed.
function run(prove, names) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  main(prove, names).then((status) => process.exit(status));
}

async function main(prove, names) {
  const { values: options } = parseArgs({
    options: Object.fromEntries(["sidecar", ...names].map((name) => [name, { type: "string" }])),
  });
  const sidecar = await startSidecar(options.sidecar);
  const failed = await Promise.race([prove(sidecar.url, options), deadline()]).catch((error) => {
    console.log(error.stack);
    return 1;
  });
  if (failed) console.log(["\nThe sidecar printed:", ...sidecar.log].join("\n"));
  return failed ? 1 : 0;
}

function deadline() {
  const error = new Error(`the proof took longer than ${ENDS_WITHIN_MS / 1000} seconds`);
  return new Promise((_, reject) => setTimeout(reject, ENDS_WITHIN_MS, error).unref());
}

module.exports = { run };
