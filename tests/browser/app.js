// The script of every page: Sentry's SDK with its defaults, and one call to an API of another origin.
import * as Sentry from "@sentry/browser";

const { dsn, api } = document.body.dataset;
Sentry.init({
  dsn,
  release: "web@7.0.0",
  integrations: [Sentry.browserTracingIntegration()],
  tracesSampleRate: 1,
  tracePropagationTargets: [api],
});

async function order(path) {
  const body = JSON.stringify({ amount: 2 });
  const response = await fetch(api + path, { method: "POST", headers: { "content-type": "application/json" }, body });
  return response.text();
}

// The fragment says what to call, else an order.
const path = location.hash.slice(1) || "/orders/17";
order(path).then(
  (text) => (document.querySelector("#answer").textContent = text),
  (error) => (document.querySelector("#answer").textContent = `failed: ${error.message}`),
);
