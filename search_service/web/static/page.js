// Enhances pages that work without it: completion, keys, matches, neighbours, copying.
"use strict";
{
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const box = $("#q");

  // Completion: a combobox with a list, after the ARIA Authoring Practices.
  if (box) {
    const list = document.createElement("ul");
    list.id = "completions";
    list.className = "completions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.labels[0].textContent);
    list.hidden = true;
    box.parentNode.append(list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": list.id, "aria-haspopup": "listbox",
    })) box.setAttribute(name, value);
    let chosen = -1, typed = box.value, waiting = 0, asking;

    const close = () => {
      list.hidden = true;
      chosen = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    };
    const take = (item) => {
      if (item.dataset.kind === "title") location.href = item.dataset.url;
      else { box.value = item.dataset.text; close(); box.form.requestSubmit(); }
    };
    const show = (found) => {
      list.replaceChildren(...found.map((each, place) => {
        const item = document.createElement("li");
        item.id = "completion-" + place;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        Object.assign(item.dataset, { text: each.text, kind: each.kind, url: each.url });
        const text = document.createElement("span");
        text.textContent = each.text;
        text.dir = "auto";
        item.append(text);
        if (each.kind === "title") {
          const arrow = document.createElement("span");
          arrow.textContent = "→";
          arrow.ariaHidden = "true";
          item.append(arrow);
        }
        item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
        return item;
      }));
      chosen = -1;
      list.hidden = !found.length;
      box.setAttribute("aria-expanded", String(!!found.length));
    };
    const ask = async () => {
      asking?.abort();
      typed = box.value;
      if (typed.trim().length < 2) return close();
      asking = new AbortController();
      try {
        const url = new URL(document.body.dataset.suggest, location.href);
        url.searchParams.set("q", typed);
        const answer = await fetch(url, { signal: asking.signal });
        if (answer.ok && document.activeElement === box) show((await answer.json()).completions);
      } catch (problem) {
        if (problem.name !== "AbortError") close();
      }
    };
    box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 120); });
    box.addEventListener("blur", close);
    box.addEventListener("keydown", (event) => {
      const items = [...list.children];
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); box.value = typed; return close(); }
      if (list.hidden || !items.length) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        // Whoever chooses from a list does not want another one in its place.
        clearTimeout(waiting);
        asking?.abort();
        const step = event.key === "ArrowDown" ? 1 : -1;
        items[chosen]?.setAttribute("aria-selected", "false");
        chosen = (chosen + 1 + step + items.length + 1) % (items.length + 1) - 1;
        const item = items[chosen];
        item?.setAttribute("aria-selected", "true");
        item ? box.setAttribute("aria-activedescendant", item.id) : box.removeAttribute("aria-activedescendant");
        box.value = item && item.dataset.kind === "word" ? item.dataset.text : typed;
      } else if (event.key === "Enter" && chosen >= 0) {
        event.preventDefault();
        take(items[chosen]);
      }
    });
  }

  // The passages before and after a hit, in place.
  for (const link of $$("a[data-around]")) {
    const closed = link.textContent;
    const say = (open) => {
      link.textContent = open ? document.body.dataset.hide : closed;
      link.setAttribute("aria-expanded", String(open));
    };
    link.addEventListener("keydown", (event) => {
      if (event.key === " ") { event.preventDefault(); link.click(); }
    });
    link.addEventListener("click", async (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const passage = link.closest(".passage");
      const shown = $$(".beside", passage);
      if (shown.length) {
        shown.forEach((each) => each.remove());
        return say(false);
      }
      const answer = await fetch(link.dataset.around);
      if (!answer.ok) return void (location.href = link.href);
      const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
      const text = $(".text", passage);
      passage.prepend(...$$('[data-part="before"] > *', piece));
      text.after(...$$('[data-part="after"] > *', piece));
      say(true);
    });
    link.setAttribute("role", "button");
    say(false);
  }

  // Matches of a document: next and previous without loading the page again.
  const reading = $(".reading");
  const count = $("#count");
  const strip = $(".strip");
  const marks = $$('mark[id^="m"]');
  const total = marks.length;
  let now = reading ? Number(reading.dataset.current) : 0;
  const seen = (mark) => {
    const box = mark.getBoundingClientRect();
    return box.top > 60 && box.bottom < innerHeight;
  };
  const numberOf = (tick) => Number(tick.dataset.match);
  const pointOut = () => {
    const at = [...strip.children].filter((tick) => numberOf(tick) <= now).pop();
    for (const tick of strip.children) tick.classList.toggle("now", tick === at);
  };
  const go = (to, move = true) => {
    now = (to - 1 + total) % total + 1;
    marks.forEach((each, n) => each.classList.toggle("now", n + 1 === now));
    const mark = marks[now - 1];
    if (move && !seen(mark)) mark.scrollIntoView({ block: "center" });
    count.textContent = count.dataset.of.replace("{n}", now);
    pointOut();
    if (!move) return;
    const url = new URL(location.href);
    url.searchParams.set("m", now);
    history.replaceState(null, "", url);
  };
  // The strip is the page in small: a tick lies where its match does on the page as it is set
  // now, and is its neighbour's too where both would lie on each other.
  const layTicks = () => {
    if (!strip.clientHeight) return;
    const unit = document.documentElement.scrollHeight / strip.viewBox.baseVal.height;
    let last = -9;
    strip.innerHTML = marks.map((mark, n) => {
      const box = mark.getBoundingClientRect();
      const y = ((box.top + box.bottom) / 2 + scrollY) / unit - 1.5;
      if (y - last < 3) return "";
      last = y;
      return `<rect x="1" y="${y.toFixed(1)}" width="8" height="3" data-match="${n + 1}"/>`;
    }).join("");
    pointOut();
  };
  if (count && total && now) {
    count.setAttribute("aria-live", "polite");
    for (const [name, by] of [["previous", -1], ["next", 1]]) {
      $("a." + name)?.addEventListener("click", (event) => { event.preventDefault(); go(now + by); });
    }
    strip.addEventListener("click", (event) => {
      const away = (tick) => Math.abs(tick.getBoundingClientRect().top - event.clientY);
      go(numberOf([...strip.children].reduce((one, other) => away(other) < away(one) ? other : one)));
    });
    go(now, false);
    // Also when the typeface comes, the window gets another width, or a citation unfolds.
    new ResizeObserver(layTicks).observe(document.body);
    // A long passage may begin on the screen and have its match below it.
    const first = marks[now - 1];
    addEventListener("load", () => { if (first.closest(".here") && !seen(first)) first.scrollIntoView({ block: "center" }); });
  }

  // Copying: a passage's permanent link, a citation.
  const say = (element) => {
    element.dataset.says ??= element.textContent;
    // What stands beside it stays where it is.
    element.style.minWidth = element.offsetWidth + "px";
    element.textContent = document.body.dataset.copied;
    setTimeout(() => { element.textContent = element.dataset.says; }, 1500);
  };
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // A page that came without TLS has no clipboard; the old way works there.
    const source = document.createElement("textarea");
    source.value = text;
    document.body.append(source);
    source.select();
    document.execCommand("copy");
    source.remove();
  };
  const enliven = (place) => {
    // Their room is kept before the script is there, so that nothing moves.
    for (const copies of $$(".copies", place)) copies.classList.add("live");
    for (const button of $$("button[data-copy]", place)) {
      button.addEventListener("click", async () => {
        await copy(button.dataset.copy);
        say(button);
        button.focus();
      });
    }
  };
  enliven(document);
  addEventListener("focusin", (event) => { if (event.target.matches("input.link")) event.target.select(); });

  // A passage's sign unfolds its link and citation below it.
  for (const pin of $$(".pin")) {
    pin.addEventListener("click", async (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const anchor = new URL(pin.href).searchParams.get("p");
      const known = $$(".keep").find((each) => each.dataset.of === anchor);
      if (known) {
        known.open = !known.open;
        // Beside the citation in the margin, the one below is there only while it is open.
        return (known.open ? $("summary", known) : pin).focus();
      }
      const url = new URL(reading.dataset.passage, location.href);
      url.searchParams.set("p", anchor);
      const answer = await fetch(url);
      if (!answer.ok) return void (location.href = pin.href);
      const piece = $(".keep", new DOMParser().parseFromString(await answer.text(), "text/html"));
      const item = pin.closest("li");
      if (item) item.append(piece);
      else pin.parentNode.after(piece);
      enliven(piece);
      $("summary", piece).focus();
    });
  }

  // Keys, but never while something is being typed, nor with a modifier. Who speaks to the
  // machine, or hits keys by mistake, can switch them off (WCAG 2.1.4).
  const kept = {
    get on() { try { return localStorage.getItem("keys") !== "off"; } catch { return true; } },
    set on(value) { try { localStorage.setItem("keys", value ? "on" : "off"); } catch { /* not kept */ } },
  };
  let listening = kept.on;
  for (const box of $$(".use-keys")) {
    box.checked = listening;
    box.addEventListener("change", () => {
      kept.on = listening = box.checked;
      for (const each of $$(".use-keys")) each.checked = listening;
    });
  }
  const keys = $("#keys");
  const hits = $$(".hit h2 a");
  const actions = {
    "/": () => { if (box) { box.focus(); box.select(); } else location.href = $(".top .name").href; },
    "?": () => { if (keys.open) keys.close(); else { keys.showModal(); $("button", keys).focus(); } },
    j: () => step(1),
    k: () => step(-1),
    n: () => step(1),
    p: () => step(-1),
    o: () => document.activeElement.closest?.(".hit")?.querySelector("h2 a").click(),
    u: () => $(".bar .back")?.click(),
    c: () => {
      const below = $(".keep.mine");
      let button = $("#cite .copies.live button");
      if (below && !button?.offsetParent) {
        below.open = true;
        button = $("button", below);
      }
      button?.click();
    },
  };
  const step = (by) => {
    if (count && total) return go(now + by);
    if (!hits.length) return;
    const at = hits.indexOf(document.activeElement.closest?.(".hit")?.querySelector("h2 a"));
    const to = hits[Math.max(0, Math.min(hits.length - 1, at + by))];
    to.focus();
    to.closest(".hit").scrollIntoView({ block: "nearest" });
  };
  addEventListener("keydown", (event) => {
    if (!listening || event.ctrlKey || event.metaKey || event.altKey) return;
    if (keys.open ? event.key !== "?" : event.target.closest("input, select, textarea, [contenteditable]")) return;
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });
}
