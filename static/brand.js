// Shows what customers would see while it is being written; without this, the button does.
"use strict";

const form = document.getElementById("brand");
const button = form.querySelector("[data-preview]");
let waiting = 0;

function show() {
  form.requestSubmit(button);
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, 600);
});

// What was refused is not what is stored, which the preview begins with.
if ("refused" in form.dataset) {
  show();
}
