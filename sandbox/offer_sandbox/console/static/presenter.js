// Plays the step of a presentation, keeps its result for a reload, and moves with the arrow keys.

import { call, show, showError, workspace } from "./api.js";
import { isTaken } from "./keys.js";
import { keep as keepSnapshot, remember } from "./undo.js";

const play = document.getElementById("play");
const played = document.getElementById("played");
const here = `${workspace} ${location.pathname}`;
const NEXT = "play-next";

async function playStep() {
  if (play.disabled) return;
  play.disabled = true;
  show("");
  try {
    if (!("scratch" in play.dataset)) await remember(await keepSnapshot("Play"));
    const answer = await call("POST", `${play.dataset.play}?workspace=${encodeURIComponent(workspace)}`);
    keep(await answer.text());
    played.innerHTML = sessionStorage.getItem(here);
  } catch (error) {
    showError(error);
  } finally {
    play.disabled = false;
  }
}

// The server's own HTML, with every value escaped. Old results give way when the browser's space is used up.
function keep(result) {
  try {
    sessionStorage.setItem(here, result);
  } catch {
    sessionStorage.clear();
    sessionStorage.setItem(here, result);
  }
}

function move(direction, playing) {
  const link = document.querySelector(`a[rel=${direction}]`);
  if (!link) return;
  if (playing) sessionStorage.setItem(NEXT, new URL(link.href).pathname);
  location.assign(link.href);
}

export function start() {
  if (!play) return;
  const stored = sessionStorage.getItem(here);
  if (stored) played.innerHTML = stored;
  const awaited = sessionStorage.getItem(NEXT);
  sessionStorage.removeItem(NEXT);
  if (awaited === location.pathname) playStep();
  play.addEventListener("click", playStep);
  document.querySelector("a[rel=next]")?.addEventListener("click", event => {
    event.preventDefault();
    move("next", true);
  });
  document.addEventListener("keydown", event => {
    if (isTaken(event) || event.repeat || play.disabled) return;
    if (["ArrowRight", "PageDown"].includes(event.key)) played.querySelector(".line") ? move("next", true) : playStep();
    else if (["ArrowLeft", "PageUp"].includes(event.key)) move("prev", false);
    else return;
    event.preventDefault();
  });
}
