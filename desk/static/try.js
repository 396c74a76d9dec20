// Try a call: the server makes every page, here it is put in place without a reload, so that keys can be typed quickly
// and a story can play by itself. Without this script each key is a link, and the same page comes.
import { Voice } from "./voice.js";

const AT_LEAST = 1_200, A_WORD = 90; // milliseconds for a step, and for each word that is to be read
const stage = document.getElementById("try"), heard = document.getElementById("heard");
const voice = new Voice(document.getElementById("aloud"));
const wanted = []; // keys that were pressed while an answer was on its way
let busy = false, playing = 0, timer;

const spoken = () => [...stage.querySelectorAll(".spoken > li")];

async function show(address, push = true) {
  if (busy) return;
  busy = true;
  const holder = place(document.activeElement), before = spoken().map((one) => one.textContent);
  try {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("try");
    if (!page) return location.assign(address);
    if (push) history.pushState({}, "", answer.url + new URL(address, location.href).hash);
    stage.replaceChildren(...page.childNodes);
    refresh();
    resume(holder);
    tell(before);
  } catch {
    location.assign(address); // the browser says better than we what is wrong with the connection
  } finally {
    busy = false;
  }
  if (wanted.length) press(...wanted.shift());
  else if (playing) next();
}

// What is new since the last page is read out by screen readers, and by the voice where it is wanted.
function tell(before) {
  const lines = spoken();
  const same = before.length <= lines.length && before.every((text, place) => lines[place].textContent === text);
  const fresh = same ? lines.slice(before.length) : lines;
  heard.replaceChildren(...fresh.map((line) => Object.assign(document.createElement("p"), { textContent: line.querySelector("p").innerText })));
  voice.read(fresh.flatMap((line) => [...line.querySelectorAll(".words[lang]")]));
}

// Where somebody was: by the telephone and the key, for the page that comes has other elements.
function place(element) {
  const phone = element?.closest?.(".phone");
  return { phone: phone?.getAttribute("aria-labelledby"), told: Boolean(element?.closest?.(".told")), words: element?.textContent.trim() };
}

function resume({ phone, told, words }) {
  const area = told ? stage.querySelector(".told") : phone && stage.querySelector(`[aria-labelledby=${phone}]`);
  if (!area) return focusOn(stage.querySelector("[autofocus]") ?? stage.querySelector("#story ~ form button, .phone.now button:enabled"));
  const able = [...area.querySelectorAll("button:enabled, a")].filter((one) => one.checkVisibility());
  focusOn(able.find((one) => one.textContent.trim() === words)
    ?? stage.querySelector(".phone.now :is(button:enabled, input)") ?? able[0] ?? stage.querySelector("#out"));
}

function focusOn(element) {
  if (!element) return;
  if (element.tabIndex < 0) element.tabIndex = -1; // a heading
  element.focus({ preventScroll: element.checkVisibility() && inSight(element) });
}

function inSight(element) {
  const box = element.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}

// Digits of a reference are gathered in the field and sent together, from whichever keys they come.
function refresh() {
  if (stage.querySelector("[name=keys]")) for (const key of stage.querySelectorAll("[aria-labelledby=caller] [data-key]")) key.disabled = false;
  const play = stage.querySelector("[data-play]");
  if (play) play.hidden = false;
  if (!play) playing = 0;
  else if (playing) swap(play);
}

function swap(button) {
  const words = button.textContent;
  button.textContent = button.dataset.stop;
  button.dataset.stop = words;
}

function press(side, sign) {
  if (busy) return wanted.push([side, sign]);
  const phone = stage.querySelector(`[aria-labelledby=${side}]`);
  const field = side === "caller" && stage.querySelector("[name=keys]");
  if (field && sign === "#") return field.form.requestSubmit();
  if (field) return void (field.value += sign);
  const key = [...(phone?.querySelectorAll("[data-key]") ?? [])].find((one) => one.dataset.key === sign && !one.disabled);
  if (key) send(key.form, key);
}

function send(form, button) {
  stop();
  const query = new URLSearchParams(new FormData(form, button));
  show(`${form.getAttribute("action").split("#")[0]}?${query}${new URL(form.action).hash}`);
}

function next() {
  const mine = playing, words = voice.on ? 0 : heard.textContent.split(/\s+/).length;
  Promise.all([voice.done(), new Promise((after) => { timer = setTimeout(after, AT_LEAST + words * A_WORD); })]).then(() => {
    const button = mine === playing && stage.querySelector("[data-next]");
    if (button) show(addressOf(button));
  });
}

function addressOf(button) {
  const form = button.form;
  return `${form.getAttribute("action").split("#")[0]}?${new URLSearchParams(new FormData(form, button))}#story`;
}

function start() {
  playing = Date.now();
  swap(stage.querySelector("[data-play]"));
  next();
}

function stop() {
  if (!playing) return;
  playing = 0;
  clearTimeout(timer);
  voice.cancel();
  const play = stage.querySelector("[data-play]");
  if (play) swap(play);
}

stage.addEventListener("submit", (event) => {
  if (!event.target.matches(".phones, .told form, #keyin")) return;
  event.preventDefault();
  const key = event.submitter?.dataset.key;
  if (key && stage.querySelector("[name=keys]")) return press("caller", key);
  send(event.target, event.submitter);
});

stage.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href^='/try?']");
  if (event.target.closest("[data-play]")) return playing ? stop() : start();
  if (!link || link.hasAttribute("download") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  stop();
  await show(link.getAttribute("href"));
  if (link.hasAttribute("data-story")) start();
});

// Keys of the keyboard are keys of the telephone that has the focus, and of no other place of the page.
document.addEventListener("keydown", (event) => {
  const phone = event.target.closest?.(".phone");
  if (!phone || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const side = phone.getAttribute("aria-labelledby");
  if (/^[0-9*#]$/.test(event.key)) { event.preventDefault(); stop(); press(side, event.key); }
  const off = event.key === "Escape" && phone.querySelector("[value$='h'].stop:enabled, [value$='b'].stop:enabled");
  if (off) send(off.form, off);
});

addEventListener("popstate", () => { stop(); show(location.href, false); });
refresh();
