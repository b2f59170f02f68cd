// Shows what customers would see while it is being written; without this, the button does.
"use strict";

const form = document.getElementById("brand");
const button = form.querySelector("[data-preview]");
let waiting = 0;
let drawn = 0;

// In a frame of its own each time: further pages in the same one would be steps of the Back button.
function show() {
  document.querySelector("iframe.preview[hidden]")?.remove();
  const seen = document.querySelector("iframe.preview");
  const coming = seen.cloneNode();
  coming.removeAttribute("src");
  coming.hidden = true;
  // A frame keeps the name it was made with, whatever it is called later.
  drawn += 1;
  button.formTarget = coming.name = `preview-${drawn}`;
  seen.after(coming);
  coming.addEventListener("load", () => {
    if (coming.contentDocument?.body.classList.contains("shots")) {
      const place = seen.contentWindow.scrollY;
      coming.hidden = false;
      seen.remove();
      coming.contentWindow.scrollTo(0, place);
    }
  });
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
