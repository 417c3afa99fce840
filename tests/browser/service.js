// The Rust service as a child process, and what it reports.
"use strict";

const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");

const { environment } = require("../spotlight/processes.js");

// Starts the service; gives where it listens and everything that it has reported so far. It ends with this process.
async function startService(binary, bundle, dsn) {
  const child = spawn(binary, [bundle, dsn], { env: environment(), stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  const reports = [];
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: addresses } = await lines.next();
  if (!addresses) throw new Error("the service ended");
  (async () => {
    for await (const line of lines) reports.push(JSON.parse(line));
  })();
  return { ...JSON.parse(addresses), reports };
}

module.exports = { startService };
