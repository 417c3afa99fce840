// Headless Chromium, that reaches nothing but this machine.
"use strict";

const { chromium } = require("playwright-core");

// The page and the browser would report home; only this machine is to be reached.
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

// Starts a browser with an empty profile.
function launch(executablePath, withinMs) {
  return chromium.launch({ executablePath, args: ARGUMENTS, timeout: withinMs });
}

module.exports = { launch };
