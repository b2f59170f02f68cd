// Draws the preview anew while somebody types. Without scripts it shows what was saved last.
(() => {
  const form = document.getElementById("survey");
  const frames = document.querySelectorAll("iframe[data-live]");
  let waiting = 0;
  let latest = 0;

  async function draw(frame, number) {
    const answer = await fetch(frame.dataset.live, { method: "POST", body: new FormData(form) });
    if (!answer.ok || number !== latest) return;
    const html = await answer.text();
    // The frame's own parser: its page has rules of its own about what styles may stand in it.
    const fresh = new frame.contentWindow.DOMParser().parseFromString(html, "text/html");
    const shown = frame.contentDocument;
    shown.documentElement.lang = fresh.documentElement.lang;
    shown.title = fresh.title;
    const styles = (page) => [...page.querySelectorAll("link[rel=stylesheet]")].map((one) => one.href).join();
    if (styles(shown) !== styles(fresh)) shown.head.replaceWith(shown.importNode(fresh.head, true));
    shown.body.replaceWith(shown.importNode(fresh.body, true));
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      latest += 1;
      // Without a connection the preview stays as it is, which is no reason to disturb who writes.
      for (const frame of frames) draw(frame, latest).catch(() => {});
    }, 350);
  });
})();
