// The sidecar and shop as child processes.
"use strict";

const { execFile, spawn } = require("node:child_process");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { promisify } = require("node:util");

const READY_WITHIN_MS = 30_000;
const SHOP_ENDS_WITHIN_MS = 30_000;
const CHAINS_END_WITHIN_MS = 60_000;

// Starts the sidecar on a port that the system chooses; gives its URL and everything that it has printed so far. It ends
// with this process.
async function startSidecar(command) {
  const child = spawn(process.execPath, [command, "server", "--port", "0"], { env: environment(), stdio: "pipe" });
  process.once("exit", () => child.kill("SIGKILL"));

  const log = [];
  const url = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the sidecar ${why}:\n${log.join("\n")}`));
    setTimeout(fail, READY_WITHIN_MS, "did not start in time").unref();
    child.once("error", (error) => fail(error.message));
    child.once("close", (status) => fail(`ended with status ${status}`));
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on("line", (line) => {
        log.push(line);
        const port = /listening on (\d+)$/.exec(line)?.[1];
        if (port) resolve(`http://localhost:${port}`);
      });
    }
  });
  return { url, log };
}

// Runs shop once and gives its report. It fails if shop says that not everything held.
async function runShop(binary, sidecarUrl) {
  const options = { env: environment(), timeout: SHOP_ENDS_WITHIN_MS, maxBuffer: 64 * 1024 * 1024 };
  const { stdout, stderr } = await promisify(execFile)(binary, ["--json", `--spotlight=${sidecarUrl}/stream`], options);
  process.stderr.write(stderr);
  return JSON.parse(stdout);
}

// Runs the chains of tests/interop whose hop has spans of `tracing`, and gives the table that they print.
async function runChains({ interop, hop }, sidecarUrl) {
  const runner = join(__dirname, "../interop/runner.py");
  const flags = ["--hop", hop, "--match", "hop with tracing spans", "--copy-to", `${sidecarUrl}/stream`];
  const env = { ...environment(), NODE_PATH: join(interop, "node_modules"), PYTHONDONTWRITEBYTECODE: "1" };
  const options = { env, timeout: CHAINS_END_WITHIN_MS };
  return (await promisify(execFile)(join(interop, "venv/bin/python"), [runner, ...flags], options)).stdout;
}

// This process's environment without what would steer the SDKs or send loopback traffic through a proxy.
function environment() {
  const steers = (name) => name.startsWith("SENTRY_") || name.endsWith("_PROXY");
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !steers(name.toUpperCase())));
}

module.exports = { environment, runChains, runShop, startSidecar };
