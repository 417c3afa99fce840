// Opens pages of a Rust service in Chromium, whose script is Sentry's SDK, and compares what both sides recorded.
"use strict";

const { parseArgs } = require("node:util");

const chromium = require("../spotlight/chromium.js");
const { Table } = require("../spotlight/table.js");
const checks = require("./checks.js");
const { Ingest, attribute } = require("./ingest.js");
const { startService } = require("./service.js");

const WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 120_000;

// The pages that name their trace, the status at each visit, and how they do.
const JOINED = [
  ["tags", ["200"], "by <meta> tags"],
  ["strict", ["200"], "by <meta> tags under a content security policy"],
  ["timing", ["200"], "by Server-Timing alone"],
  ["both", ["200"], "by both"],
  ["revalidated", ["200", "304"], "by Server-Timing, also of a 304"],
];
// The pages that the browser or others may keep, and the number of visits.
const APART = [
  ["kept", 2, "that the browser keeps"],
  ["silent", 1, "that says nothing of caches"],
];

async function main() {
  const { values: options } = parseArgs({
    options: {
      chromium: { type: "string" },
      bundle: { type: "string" },
      service: { type: "string" },
      picture: { type: "string" },
    },
  });
  const ingest = new Ingest();
  const service = await startService(options.service, options.bundle, await ingest.listen());
  const browser = await chromium.launch(options.chromium, WITHIN_MS);
  const proof = new Proof(browser, service, ingest);
  const run = async () => {
    await Promise.all([...JOINED.map((row) => proof.joins(...row)), ...APART.map((row) => proof.stays(...row))]);
    await proof.needsBothHeaders();
    await proof.noticesTampering();
    if (options.picture) await proof.takePicture(options.picture);
  };
  try {
    await Promise.race([run(), deadline()]);
  } catch (error) {
    proof.table.row("the proof runs to its end", [error.stack]);
  } finally {
    await browser.close();
  }
  const { passed, failed } = proof.table;
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}

class Proof {
  table = new Table();
  #browser;
  #service;
  #ingest;
  #good;

  constructor(browser, service, ingest) {
    this.#browser = browser;
    this.#service = service;
    this.#ingest = ingest;
  }

  async joins(name, statuses, how) {
    const visits = await this.#visit(name, statuses.length);
    const seen = visits.map(({ page }) => page.status);
    this.table.row(`status ${statuses}: joined ${how}`, seen.join() === statuses.join() ? [] : [`it was ${seen}`]);
    for (const { pageload, page, call, order, answer } of visits) {
      const isGood = this.table.row(`joined ${how}`, checks.joined(pageload, page));
      const calls = this.table.row(`joined ${how}: its call of an API`, checks.called(call, order, answer));
      if (isGood && calls) this.#good = { pageload, page, call, order, answer };
    }
  }

  async stays(name, times, how) {
    const visits = await this.#visit(name, times);
    for (const { pageload, page } of visits) {
      this.table.row(`a new trace for a page ${how}`, checks.apart(pageload, page));
    }
    const traces = new Set(visits.map(({ pageload }) => pageload.trace_id));
    this.table.row(`one trace a visit of a page ${how}`, traces.size === times ? [] : [`there are ${traces.size}`]);
  }

  // An API that allows only its own header is not reached, which our list of names repairs.
  async needsBothHeaders() {
    const tab = await this.#open("tags", "#/narrow/17");
    const text = await answerOf(tab);
    this.table.row("an API that does not allow the headers is not reached", text.startsWith("failed: ") ? [] : [text]);
    const preflights = this.#service.reports.flatMap(({ preflight }) => preflight ?? []);
    const asked = preflights.filter((preflight) => preflight === "baggage,content-type,sentry-trace");
    const problems = asked.length > 0 && asked.length === preflights.length ? [] : [`asked: ${preflights.join(" ")}`];
    this.table.row("each preflight asks for both headers", problems);
    await tab.close();
  }

  async noticesTampering() {
    const { pageload, page, call, order, answer } = this.#good;
    const id = "00f067aa0ba902b7";
    const rows = [
      ["another parent of the page load", checks.joined({ ...pageload, parent_span_id: id }, page)],
      ["a sampling context of the browser's own", checks.joined({ ...pageload, context: call }, page)],
      ["another parent of the API's span", checks.called(call, { ...order, parent_span_id: id }, answer)],
      ["no baggage", checks.called(call, order, { ...answer, baggage: null })],
      ["a trace that is shared", checks.apart(pageload, page).length > 0 ? ["noticed"] : []],
    ];
    for (const [title, problems] of rows) {
      this.table.row(`tampered: ${title}`, problems.length > 0 ? [] : ["went unnoticed"]);
    }
  }

  async takePicture(path) {
    const tab = await this.#open("both", "");
    await answerOf(tab);
    await tab.screenshot({ path });
  }

  // Opens a page several times in one profile, and gives what both sides recorded of each visit.
  async #visit(name, times) {
    const tab = await this.#open("about:blank");
    const visits = [];
    for (let visit = 0; visit < times; visit++) {
      await tab.goto("about:blank");
      await tab.goto(`${this.#service.pages}/${name}`);
      const answer = JSON.parse(await answerOf(tab));
      const [traceId, spanId] = answer["sentry-trace"].split("-");
      const pageload = await this.#span((span) => span.trace_id === traceId && span.is_segment);
      const call = await this.#span((span) => span.span_id === spanId);
      const order = this.#reported(({ trace_id, path }) => trace_id === traceId && path === "/orders/17");
      // A page that comes from the browser's cache is not reported anew.
      const page = this.#reported(({ path }) => path === `/${name}`);
      visits.push({ pageload, page, call, order, answer });
    }
    await tab.close();
    return visits;
  }

  async #open(name, fragment) {
    const context = await this.#browser.newContext({ viewport: { width: 800, height: 500 } });
    const tab = await context.newPage();
    tab.setDefaultTimeout(WITHIN_MS);
    if (fragment !== undefined) await tab.goto(`${this.#service.pages}/${name}${fragment}`);
    return tab;
  }

  async #span(fits) {
    const late = new Promise((_, reject) => setTimeout(reject, WITHIN_MS, new Error("a span did not come")).unref());
    return Promise.race([this.#ingest.first(fits), late]);
  }

  #reported(fits) {
    return this.#service.reports.findLast(fits) ?? {};
  }
}

async function answerOf(tab) {
  const answer = tab.locator("#answer:not(:empty)");
  await answer.waitFor();
  return answer.textContent();
}

function deadline() {
  const error = new Error(`the proof took longer than ${ENDS_WITHIN_MS / 1000} seconds`);
  return new Promise((_, reject) => setTimeout(reject, ENDS_WITHIN_MS, error).unref());
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
main().then((status) => process.exit(status));
