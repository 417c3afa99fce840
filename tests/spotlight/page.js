// Spotlight's page, opened in headless Chromium and read from its document.
"use strict";

const chromium = require("./chromium.js");

const WITHIN_MS = 15_000;
// How the row of a trace ends. The opened trace has no such row.
const COUNTS = /(\d+) spans, (\d+) txns$/;

// Opens the page, in a browser with an empty profile.
async function open(executablePath, url) {
  const browser = await chromium.launch(executablePath, WITHIN_MS);
  const page = await browser.newPage({ viewport: { width: 1280, height: 880 } });
  page.setDefaultTimeout(WITHIN_MS);
  await page.goto(url);
  return { browser, page };
}

// The ids of the traces that the list shows, once there are as many as expected or time is up.
async function listedTraces(page, count) {
  const list = rows(page, "");
  await list.nth(count - 1).waitFor().catch(unlessTimeout);
  return list.evaluateAll((links) => links.map((link) => link.pathname.split("/").at(-2)));
}

// What the page says of a trace: the counts in the list, once they tell of all transactions or time is up, and the spans
// that it shows when the trace is opened and unfolded.
async function listedTrace(page, { traceId, transactionCount }) {
  const row = rows(page, traceId);
  await row.filter({ hasText: new RegExp(`, ${transactionCount} txns$`) }).waitFor().catch(unlessTimeout);
  const counts = (await row.textContent()).match(COUNTS).slice(1).map(Number);
  await row.click();
  await spans(page, traceId).first().waitFor();
  await unfold(page, traceId);
  const listed = await spans(page, traceId).evaluateAll((links) =>
    links.map((link) => {
      const id = (of) => of?.pathname.split("/").at(-1) ?? null;
      const above = link.closest("li").parentElement.closest("li");
      return {
        span_id: id(link),
        parent_span_id: id(above?.querySelector(":scope > a")),
        op: link.querySelector(".node > span.font-bold").textContent,
        name: link.querySelector(".node > [title]")?.title ?? "",
      };
    }),
  );
  return { spanCount: counts[0], transactionCount: counts[1], spans: listed };
}

// Clicks the folded nodes until there is none; each one unfolded may bring others.
async function unfold(page, traceId) {
  const folded = spans(page, traceId).locator(".node > div:has(> svg.rotate-0)");
  while ((await folded.count()) > 0) {
    await folded.first().click();
  }
}

// Takes a picture of the trace that was opened last, with room for what its spans are called.
async function takePicture(page, path) {
  await drag(page, page.locator(".resizer.shrink-0"), 220);
  await drag(page, page.locator(".span-resizer").first(), 40);
  await page.mouse.move(0, 0);
  await page.setViewportSize({ width: 1280, height: 690 });
  await page.locator(".tree").first().evaluate((tree) => tree.scrollIntoView({ block: "end" }));
  await page.screenshot({ path });
}

// The page takes no two movements of a frame, and none over anything but a `div`, as there are at its lower end.
async function drag(page, handle, right) {
  const { x, y } = await handle.boundingBox();
  const low = page.viewportSize().height - 10;
  await page.mouse.move(x + 1, y + 1);
  await page.mouse.down();
  for (const part of [0.5, 1]) {
    await page.mouse.move(x + 1 + right * part, low);
    await page.evaluate(twoFrames);
  }
  await page.mouse.up();
}

function twoFrames() {
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}

function rows(page, traceId) {
  return page.locator(`a[href^="/telemetry/traces/${traceId}"]`).filter({ hasText: COUNTS });
}

function spans(page, traceId) {
  return page.locator(`li > a[href^="/telemetry/traces/${traceId}/spans/"]`);
}

// Waiting in vain is no error: what is compared then tells what is missing.
function unlessTimeout(error) {
  if (error.name !== "TimeoutError") throw error;
}

module.exports = { listedTrace, listedTraces, open, takePicture };
