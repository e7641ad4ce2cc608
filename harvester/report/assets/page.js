// What the page does by itself: draw its charts, switch, zoom and sort. It fetches nothing.
"use strict";
(() => {
  const all = (css, root = document) => [...root.querySelectorAll(css)];
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const views = new Map();
  const month = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", timeZone: "UTC" });

  async function draw(panel) {
    for (const box of all(".chart", panel)) {
      const key = box.dataset.chart;
      if (views.has(key)) continue;
      views.set(key, null);
      const view = new vega.View(vega.parse(vega.compile(specs[key]).spec, {}, { ast: true }), {
        // Expressions are interpreted: the policy forbids eval.
        expr: vega.expressionInterpreter,
        renderer: "svg",
        logLevel: vega.Warn,
      });
      view.tooltip(new vega.Handler({ disableDefaultStyle: true }).call);
      await view.initialize(box).runAsync();
      views.set(key, view);
      box.dataset.drawn = "yes";
    }
  }

  function zoomed(panel) {
    const bar = panel.querySelector("[data-zoom]");
    const charts = all(".chart", panel);
    if (!bar || !charts.length) return;
    const times = [
      ...new Set(charts.flatMap((box) => specs[box.dataset.chart].data.values.map((row) => row.t))),
    ].sort((a, b) => a - b);
    const from = bar.querySelector("[data-from]");
    const until = bar.querySelector("[data-until]");
    const last = times.length - 1;
    from.max = until.max = last;
    until.value = last;
    const show = async () => {
      let [a, b] = [Number(from.value), Number(until.value)];
      if (a > b) [a, b] = [b, a];
      for (const [input, place] of [[from, a], [until, b]]) {
        input.setAttribute("aria-valuetext", month.format(times[place]));
      }
      from.nextElementSibling.textContent = month.format(times[a]);
      until.nextElementSibling.textContent = month.format(times[b]);
      for (const button of all("button", bar)) {
        const months = Number(button.dataset.months);
        const isSet = b === last && (months ? a === Math.max(0, last - months + 1) : a === 0);
        button.setAttribute("aria-pressed", String(isSet));
      }
      await draw(panel);
      for (const box of charts) {
        const view = views.get(box.dataset.chart);
        if (view) await view.signal("from", times[a]).signal("until", times[b]).runAsync();
      }
    };
    from.addEventListener("input", show);
    until.addEventListener("input", show);
    for (const button of all("button", bar)) {
      button.addEventListener("click", () => {
        const months = Number(button.dataset.months);
        from.value = months ? Math.max(0, last - months + 1) : 0;
        until.value = last;
        show();
      });
    }
    show();
  }

  function switched(group) {
    const wanted = all(`[data-switch="${group}"]`).map((box) => [box.dataset.name, box.value]);
    let found = false;
    for (const panel of all(`[data-panel="${group}"]`)) {
      const isWanted = wanted.every(([name, value]) => panel.dataset[name] === value);
      panel.hidden = !isWanted;
      found ||= isWanted;
      if (isWanted) draw(panel);
    }
    for (const note of all(`[data-empty="${group}"]`)) note.hidden = found;
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    const valueOf = (row, place) => {
      const cell = row.cells[place];
      const text = cell.dataset.value ?? cell.textContent.trim();
      return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
    };
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const isNumber = head.classList.contains("n");
        const was = head.getAttribute("aria-sort");
        const down = was ? was === "ascending" : isNumber;
        const sign = down ? -1 : 1;
        const rows = [...body.rows].map((row) => [valueOf(row, place), row]);
        rows.sort(([a], [b]) => {
          const both = typeof a === "number" && typeof b === "number";
          return sign * (both ? a - b : String(a).localeCompare(String(b), "en"));
        });
        body.append(...rows.map(([, row]) => row));
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
      });
    });
  }

  function long(table) {
    const number = table.tBodies[0].rows.length;
    if (number <= 25) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "more";
    const tell = () => {
      const isShort = table.classList.toggle("short");
      button.textContent = isShort ? `Show all ${number}` : "Show the first 20";
      button.setAttribute("aria-expanded", String(!isShort));
    };
    button.addEventListener("click", tell);
    table.parentElement.after(button);
    tell();
  }

  for (const table of all("table.sortable")) sortable(table);
  for (const table of all("table.long")) long(table);
  for (const box of all("[data-switch]")) {
    box.addEventListener("change", () => switched(box.dataset.switch));
    if (box.options.length < 2) box.closest("label").classList.add("single");
  }
  for (const panel of all('[data-panel="over-time"]')) {
    if (panel.hidden) {
      // Its charts are drawn when it is first shown: a hidden box has no width.
      new MutationObserver((_, watch) => {
        watch.disconnect();
        zoomed(panel);
      }).observe(panel, { attributes: true, attributeFilter: ["hidden"] });
    } else {
      zoomed(panel);
    }
  }
  document.documentElement.dataset.ready = "yes";
})();
