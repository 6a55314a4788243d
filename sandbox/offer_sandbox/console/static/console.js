// Starts the scripts of a page of the console.

import { start as startActions } from "./actions.js";
import { start as startKeys } from "./keys.js";
import { start as startLive } from "./live.js";
import { start as startPresenter } from "./presenter.js";
import { offer } from "./undo.js";

document.documentElement.classList.add("ready");
startActions();
startKeys();
startLive();
startPresenter();
offer();

// On a narrow screen the sections scroll sideways.
document.querySelector("nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
