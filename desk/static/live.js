// Today's live calls: htmx asks for them every five seconds; this says how fresh they are, and asks less where it is
// of no use: in a tab that nobody sees, while somebody reads (Pause), and for a while after a failure.
const STALE = 20_000, AGAIN = 30_000;
let paused = false, heard = Date.now(), failed = 0;

function tell() {
  const list = document.getElementById("live"), pulse = list.querySelector(".pulse"), said = pulse.dataset;
  const lost = !paused && !document.hidden && Date.now() - heard > STALE;
  const time = new Date(heard).toLocaleTimeString("en-ZA", { timeZone: list.dataset.zone, hour12: false });
  pulse.classList.toggle("lost", lost);
  if (!pulse.firstChild) pulse.append(document.createElement("span"), " ", button());
  pulse.firstChild.textContent = (lost ? said.lost : said.fresh).replace("{time}", time);
  pulse.lastChild.textContent = paused ? said.resume : said.pause;
}

function button() {
  const made = document.createElement("button");
  made.type = "button";
  made.addEventListener("click", () => { paused = !paused; tell(); });
  return made;
}

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (paused || document.hidden || Date.now() - failed < AGAIN) event.preventDefault();
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) { heard = Date.now(); failed = 0; } else { failed = Date.now(); }
  tell();
});
setInterval(tell, 5_000);
tell();
