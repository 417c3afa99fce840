// The page works without this: it marks the request in view, follows the pointer with the details
// of a span, and turns the pages with the arrow keys.
const links = [...document.querySelectorAll("nav a")];
const current = () => Math.max(0, links.findIndex((link) => link.hash === location.hash));

function mark() {
  links.forEach((link, index) => link.toggleAttribute("aria-current", index === current()));
  scrollTo(0, 0);
}

addEventListener("hashchange", mark);
addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const next = step && links[current() + step];
  if (next) location.hash = next.hash;
});
document.querySelectorAll(".row").forEach((row) =>
  row.addEventListener("pointermove", (event) =>
    row.style.setProperty("--x", `${event.clientX - row.getBoundingClientRect().left}px`)));
mark();
