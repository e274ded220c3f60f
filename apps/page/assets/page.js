"use strict";
// Draws what <script id="drawings"> holds into the figures of the page, and lets tables be sorted. Each figure gets the attribute
// data-drawn when that is done: "yes", "failed", or "no library" without Chart.js.
(function () {
  const drawings = JSON.parse(document.getElementById("drawings").textContent);
  // Okabe and Ito's colours, which the colour-blind tell apart; grey for the rest.
  const palette = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#8c8c8c"];
  const colour = (i) => palette[i % palette.length];
  const charts = [];

  // ---- helpers

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
  function svg(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
  /** Four digits. */
  function digits(value) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "-";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e7)) return Number(value.toPrecision(4)).toExponential();
    return String(size >= 1e4 ? Math.round(value) : Number(value.toPrecision(4)));
  }
  function select(label, names, chosen, changed) {
    const box = element("select", {}, ...names.map((name, i) => element("option", { value: i }, name)));
    box.value = chosen;
    box.addEventListener("change", () => changed(Number(box.value)));
    return element("label", {}, label + " ", box);
  }

  // ---- tables

  /** The number that a cell begins with, or null. */
  function leading(text) {
    const found = /^[<x+\s]*(-?[\d.]+(?:e[+-]?\d+)?)/i.exec(text);
    return found ? Number(found[1]) : null;
  }
  function sort(table, column, head) {
    const up = head.getAttribute("aria-sort") !== "ascending";
    const rows = Array.from(table.rows).slice(1);
    // A line of sums stays last.
    const sums = rows.filter((row) => /^total$/.test(row.cells[0].textContent));
    const others = rows.filter((row) => !sums.includes(row));
    const cell = (row) => (row.cells[column] ? row.cells[column].textContent.trim() : "");
    const empty = (text) => text === "" || text === "-";
    const numeric = others.every((row) => empty(cell(row)) || leading(cell(row)) !== null);
    others.sort((a, b) => {
      const x = cell(a), y = cell(b);
      if (empty(x) || empty(y)) return empty(x) - empty(y);
      const order = numeric ? leading(x) - leading(y) : x.localeCompare(y, "en", { numeric: true });
      return up ? order : -order;
    });
    for (const other of table.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    rows[0].parentNode.append(...others, ...sums);
  }
  for (const table of document.querySelectorAll("table")) {
    Array.from(table.rows[0].cells).forEach((head, column) => {
      head.setAttribute("scope", "col");
      const button = element("button", { type: "button", title: "sort" }, head.textContent || "\u00a0");
      button.addEventListener("click", () => sort(table, column, head));
      head.replaceChildren(button);
    });
  }

  // ---- charts, by Chart.js

  /** Whiskers of series with `low` and `high`, and a line across at `mark`. */
  const whiskers = {
    id: "whiskers",
    afterDatasetsDraw(chart) {
      const context = chart.ctx, lying = chart.options.indexAxis === "y";
      const scale = lying ? chart.scales.x : chart.scales.y;
      context.save();
      context.strokeStyle = "#1b1f24";
      context.lineWidth = 1.2;
      chart.data.datasets.forEach((series, s) => {
        if (!series.low || !chart.isDatasetVisible(s)) return;
        chart.getDatasetMeta(s).data.forEach((bar, i) => {
          if (series.low[i] === null || series.low[i] === undefined) return;
          const from = scale.getPixelForValue(series.low[i]), to = scale.getPixelForValue(series.high[i]);
          const at = lying ? bar.y : bar.x, cap = 3;
          context.beginPath();
          for (const [along, across] of [[from, -cap], [from, cap], null, [from, 0], [to, 0], null, [to, -cap], [to, cap]].map(
            (p) => p || [NaN, 0])) {
            if (Number.isNaN(along)) { context.stroke(); context.beginPath(); continue; }
            context.lineTo(lying ? along : at + across, lying ? at + across : along);
          }
          context.stroke();
        });
      });
      const mark = chart.options.plugins.whiskers && chart.options.plugins.whiskers.mark;
      if (typeof mark === "number") {
        const x = chart.scales.x.getPixelForValue(mark);
        context.setLineDash([4, 3]);
        context.beginPath();
        context.moveTo(x, chart.chartArea.top);
        context.lineTo(x, chart.chartArea.bottom);
        context.stroke();
      }
      context.restore();
    },
  };

  function make(plot, height, config) {
    plot.style.height = height + "px";
    const canvas = element("canvas", {});
    plot.append(canvas);
    config.options = Object.assign({ responsive: true, maintainAspectRatio: false, animation: false }, config.options);
    const chart = new window.Chart(canvas, config);
    charts.push(chart);
    return chart;
  }
  const axis = (title, more) => Object.assign({ title: { display: Boolean(title), text: title }, grid: { color: "#e5e8eb" } }, more);
  /** Of long labels the end and the beginning. */
  const cut = (label, most) => (label.length <= most ? label : label.slice(0, most - 6) + "\u2026" + label.slice(-5));

  function bars(plot, data) {
    const lying = data.lying, narrow = plot.clientWidth < 480;
    const spread = data.stacked ? 1 : data.series.length;
    const height = lying ? Math.max(150, data.labels.length * Math.max(20, 11 * spread + 8) + 95 + 8 * data.series.length) : 320;
    const ends = data.series.flatMap((series) => (series.high || []).concat(series.low || [])).filter((v) => typeof v === "number");
    const values = axis(data.axis, { suggestedMax: ends.length ? Math.max(...ends) : undefined, stacked: Boolean(data.stacked), beginAtZero: data.mark === undefined, max: data.most,
      ticks: { maxRotation: 0, maxTicksLimit: narrow ? 5 : 11, callback: (value) => digits(value) } });
    const names = axis("", { stacked: Boolean(data.stacked), grid: { display: false },
      ticks: { autoSkip: false, callback: function (i) { return cut(String(data.labels[i]), narrow ? 16 : 42); } } });
    make(plot, Math.min(height, 30000), {
      type: "bar",
      data: {
        labels: data.labels,
        datasets: data.series.map((series, i) => ({
          label: series.name, data: series.values, low: series.low, high: series.high, backgroundColor: colour(i),
          maxBarThickness: 26, categoryPercentage: 0.8, barPercentage: 0.92 })),
      },
      options: {
        indexAxis: lying ? "y" : "x",
        scales: lying ? { x: values, y: names } : { x: names, y: values },
        interaction: { mode: "index", axis: lying ? "y" : "x", intersect: false },
        plugins: {
          whiskers: { mark: data.mark },
          legend: { display: data.series.length > 1, labels: { boxWidth: 14 } },
          tooltip: { filter: (item) => item.raw !== null && item.raw !== 0, callbacks: { label: (item) => {
            const series = item.dataset, i = item.dataIndex, raw = item.raw;
            if (Array.isArray(raw)) return digits(raw[0]) + " to " + digits(raw[1]);
            const whole = series.low && series.low[i] !== null && series.low[i] !== undefined;
            return series.label + ": " + digits(raw) + (whole ? " [" + digits(series.low[i]) + ", " + digits(series.high[i]) + "]" : "");
          } } },
        },
      },
      plugins: [whiskers],
    });
  }

  const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
  const marks = ["circle", "triangle", "rect", "rectRot", "cross", "star"];

  function lines(plot, data) {
    make(plot, 300 + 12 * data.series.length, {
      type: "line",
      data: { datasets: data.series.map((series, i) => ({
        label: series.name, data: series.points, borderColor: colour(i), backgroundColor: colour(i), borderWidth: 2,
        borderDash: dashes[Math.floor(i / palette.length) % dashes.length], pointStyle: marks[i % marks.length],
        pointRadius: series.points.length > 60 ? 0 : 4 })) },
      options: {
        scales: { x: axis(data.x, { type: "linear", ticks: { maxTicksLimit: 12, callback: (value) => digits(value) } }),
          y: axis(data.axis, { ticks: { callback: (value) => digits(value) } }) },
        interaction: { mode: "nearest", axis: "x", intersect: false },
        plugins: { legend: { display: data.series.length > 1, labels: { usePointStyle: true, boxWidth: 8, boxHeight: 7 } },
          tooltip: { callbacks: { title: (items) => items.length ? data.x + " " + digits(items[0].parsed.x) : "",
            label: (item) => item.dataset.label + ": " + digits(item.parsed.y) } } },
      },
    });
  }

  /** Points with figures of which two are shown; hovering tells the rest. */
  function points(plot, data) {
    const looks = { candidates: ["#8c8c8c", "circle", 4], points: ["#8c8c8c", "circle", 4], front: ["#0072b2", "circle", 6],
      chosen: ["#d55e00", "rectRot", 9], "breaks a constraint": ["#cc79a7", "crossRot", 5], baseline: ["#009e73", "triangle", 8] };
    let x = data.x, y = data.y;
    const place = element("div", {}), names = data.metrics.map((metric) => metric.name);
    const controls = element("div", { class: "controls" },
      select("across", names, x, (chosen) => { x = chosen; draw(); }), select("up", names, y, (chosen) => { y = chosen; draw(); }));
    plot.append(controls, place);
    let chart = null;
    function scale(metric, values) {
      const known = values.filter((value) => Number.isFinite(value) && value !== null);
      const log = metric.log && known.length > 0 && Math.min(...known) > 0 && Math.max(...known) > 2.5 * Math.min(...known);
      const better = metric.larger === undefined ? "" : metric.larger ? " (larger is better)" : " (smaller is better)";
      return axis(metric.name + better, log
        ? { type: "logarithmic", grace: "10%", ticks: { autoSkip: true, maxRotation: 0, callback: (value) => {
            const first = Number(value.toExponential()[0]);
            return first === 1 || first === 2 || first === 5 ? digits(value) : null;
          } } }
        : { type: "linear", grace: "8%", ticks: { maxRotation: 0, maxTicksLimit: 8, callback: (value) => digits(value) } });
    }
    function draw() {
      const shown = data.points.filter((p) => p.values[x] !== null && p.values[y] !== null);
      const datasets = [];
      if (x === data.x && y === data.y) {
        const front = shown.filter((p) => p.front).map((p) => ({ x: p.values[x], y: p.values[y] })).sort((a, b) => a.x - b.x || a.y - b.y);
        datasets.push({ label: "line", type: "line", data: front, borderColor: "#0072b2", borderWidth: 1, pointRadius: 0, pointHitRadius: 0, order: 9 });
      }
      for (const group of data.groups) {
        const own = shown.filter((p) => p.group === group), [fill, mark, size] = looks[group] || [colour(0), "circle", 5];
        if (own.length)
          datasets.push({ label: group, data: own.map((p) => ({ x: p.values[x], y: p.values[y], words: p.text, figures: p.values })), backgroundColor: fill,
            borderColor: fill, pointStyle: mark, radius: size, hoverRadius: size + 2, borderWidth: mark === "crossRot" ? 2 : 1 });
      }
      const config = {
        type: "scatter", data: { datasets },
        options: {
          scales: { x: scale(data.metrics[x], shown.map((p) => p.values[x])), y: scale(data.metrics[y], shown.map((p) => p.values[y])) },
          plugins: {
            legend: { labels: { usePointStyle: true, boxWidth: 8, boxHeight: 7, filter: (item) => item.text !== "line" } },
            tooltip: { filter: (item) => item.dataset.label !== "line", callbacks: { label: (item) => item.raw.words.concat(
              names.map((name, m) => name + ": " + digits(item.raw.figures[m])).filter((line, m) => item.raw.figures[m] !== null)) } },
          },
        },
      };
      if (chart) { chart.destroy(); charts.splice(charts.indexOf(chart), 1); }
      place.replaceChildren();
      chart = make(place, plot.clientWidth < 480 ? 340 : 440, config);
    }
    draw();
  }

  // ---- floor plan

  /** Viridis at nine places, lines between them. */
  const ramp = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
  function heat(share) {
    const place = Math.max(0, Math.min(1, share)) * (ramp.length - 1), low = Math.min(Math.floor(place), ramp.length - 2);
    const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mixed = [0, 1, 2].map((i) => Math.round(part(ramp[low], i) + (place - low) * (part(ramp[low + 1], i) - part(ramp[low], i))));
    return { fill: "rgb(" + mixed.join(",") + ")", ink: 0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2] > 130 ? "#1b1f24" : "#ffffff" };
  }

  function floor_plan(plot, data) {
    let shown = 0;
    const columns = 1 + Math.max(...data.tiles.map((t) => t.x)), rows = 1 + Math.max(...data.tiles.map((t) => t.y));
    const size = 100, gap = data.links.length ? 22 : 6, pitch = size + gap, legend = 46;
    const picture = svg("svg", { viewBox: `0 0 ${columns * pitch + gap} ${rows * pitch + gap + legend}`, role: "img" });
    picture.style.maxWidth = Math.max(300, Math.min(1060, columns * pitch)) + "px";
    const told = element("div", { class: "told", "aria-live": "polite" });
    plot.append(element("div", { class: "controls" }, select("colour:", data.measures, shown, (chosen) => { shown = chosen; draw(); })), picture, told);
    function tell(tile) {
      told.textContent = tile.name + (tile.type ? " (" + tile.type + ")" : "") + ": " + (tile.layers.join(", ") || "no layer") + "\n" +
        data.measures.map((name, m) => name.replace(/, ([^,]*)$/, (all, unit) => " " + digits(tile.values[m]) + " " + unit)).join("; ");
    }
    const most_busy = Math.max(1e-9, ...data.links.map((link) => link.busy || 0));
    function arrow(link) {
      const way = { east: [1, 0], west: [-1, 0], south: [0, 1], north: [0, -1] }[link.to];
      if (!way) return;
      const middle = (i) => gap + i * pitch + size / 2, side = 7;
      const x = middle(link.x) + way[0] * size / 2 - way[1] * side, y = middle(link.y) + way[1] * size / 2 + way[0] * side;
      const line = svg("line", { x1: x + 2 * way[0], y1: y + 2 * way[1], x2: x + way[0] * (gap - 2), y2: y + way[1] * (gap - 2),
        stroke: heat(1 - (link.busy || 0) / most_busy * 0.9).fill, "stroke-width": 2 + 6 * (link.busy || 0) / most_busy });
      line.append(svg("title", {}, `link ${link.x},${link.y} ${link.to}: ${digits(link.busy)} % busy`));
      picture.append(line);
    }
    function draw() {
      picture.replaceChildren();
      const values = data.tiles.map((t) => t.values[shown]).filter((v) => v !== null);
      const most = Math.max(...values), lowest = Math.min(...values);
      // From 0, unless differences would be lost.
      const least = lowest > 0.3 * most ? lowest : Math.min(0, lowest), span = most - least || 1;
      picture.setAttribute("aria-label", `floor plan, colour: ${data.measures[shown]}, from ${digits(least)} to ${digits(most)}`);
      data.links.forEach(arrow);
      for (const tile of data.tiles) {
        const x = gap + tile.x * pitch, y = gap + tile.y * pitch, look = heat(((tile.values[shown] || 0) - least) / span);
        const used = tile.layers.length > 0;
        const text = (at, words, height) => svg("text", { x: x + size / 2, y: y + at, "text-anchor": "middle", "font-size": height, style: "fill:" + look.ink }, words);
        const group = svg("g", { tabindex: 0, role: "img", "aria-label": `${tile.name}: ${tile.layers.join(", ") || "no layer"}, ${digits(tile.values[shown])}` },
          svg("rect", { x, y, width: size, height: size, rx: 5, fill: look.fill, stroke: used ? "#1b1f24" : "#d55e00",
            "stroke-width": used ? 1 : 2, "stroke-dasharray": used ? "none" : "6 4" }));
        if (columns <= 14) {
          group.append(text(22, tile.name.replace("tile_", ""), 14), text(58, digits(tile.values[shown]), 18));
          const more = tile.layers.length > 1 ? " +" + (tile.layers.length - 1) : "";
          group.append(text(84, cut(tile.layers[0] || "", 15 - more.length) + more, 12));
        }
        group.addEventListener("pointerenter", () => tell(tile));
        group.addEventListener("click", () => tell(tile));
        group.addEventListener("focus", () => tell(tile));
        picture.append(group);
      }
      const y = rows * pitch + gap, width = Math.min(columns * pitch - gap, 420), step = width / 40, font = Math.max(14, Math.min(26, 14 * columns / 8));
      for (let i = 0; i < 40; ++i) picture.append(svg("rect", { x: gap + i * step, y: y + 4, width: step + 0.5, height: 12, fill: heat((i + 0.5) / 40).fill }));
      picture.append(svg("text", { x: gap, y: y + 19 + font * 0.8, "font-size": font }, digits(least)),
        svg("text", { x: gap + width, y: y + 19 + font * 0.8, "font-size": font, "text-anchor": "end" }, digits(most)));
    }
    draw();
    const hottest = data.tiles.reduce((a, b) => (b.values[0] > a.values[0] ? b : a));
    tell(hottest);
  }

  // ---- matrix

  /** Counts in cells, coloured by their share of the row, which has one hue so that small shares stay light. */
  function matrix(plot, data) {
    const classes = data.counts.length, size = 40, left = 64, top = 52, numbers = classes <= 20;
    const picture = svg("svg", { viewBox: `0 0 ${left + classes * size + 4} ${top + classes * size + 4}`, role: "img", "aria-label": `${data.columns} by ${data.rows}` });
    picture.style.maxWidth = Math.max(300, Math.min(760, left + classes * size)) + "px";
    const told = element("div", { class: "told", "aria-live": "polite" });
    plot.append(picture, told);
    const text = (x, y, words, more) => svg("text", Object.assign({ x, y, "text-anchor": "middle", "font-size": 13 }, more), words);
    picture.append(text(left + classes * size / 2, 16, data.columns, {}),
      text(16, top + classes * size / 2, data.rows, { transform: `rotate(-90 16 ${top + classes * size / 2})` }));
    const each = Math.ceil(classes / 40);
    for (let i = 0; i < classes; i += each)
      picture.append(text(left + (i + 0.5) * size, top - 10, i, {}), text(left - 14, top + (i + 0.5) * size + 5, i, {}));
    data.counts.forEach((row, r) => {
      const all = row.reduce((a, b) => a + b, 0) || 1;
      row.forEach((count, c) => {
        const share = count / all, mixed = [255 - 255 * share, 255 - 141 * share, 255 - 77 * share].map(Math.round);
        const cell = svg("g", {}, svg("rect", { x: left + c * size, y: top + r * size, width: size, height: size, fill: `rgb(${mixed.join(",")})`, stroke: "#d0d7de" }));
        if (numbers && count > 0) cell.append(text(left + (c + 0.5) * size, top + (r + 0.5) * size + 5, count, { style: "fill:" + (share > 0.55 ? "#ffffff" : "#1b1f24") }));
        const tell = () => { told.textContent = `${data.rows} ${r}, ${data.columns} ${c}: ${count} of ${all} (${digits(100 * share)} %)`; };
        cell.addEventListener("pointerenter", tell);
        cell.addEventListener("click", tell);
        picture.append(cell);
      });
    });
  }

  // ---- Gantt chart

  function gantt(plot, data) {
    const narrow = plot.clientWidth < 480, width = Math.max(320, plot.clientWidth), row = 24, top = 8, foot = 34;
    const longest = Math.max(...data.layers.map((name) => name.length));
    const left = Math.min(narrow ? 90 : 220, 14 + 7.2 * longest), right = 14, height = top + row * data.layers.length + foot;
    let from = 0, to = data.end;
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "img",
      "aria-label": `when each of ${data.layers.length} layers works, 0 to ${digits(data.end)} ${data.unit}` });
    const told = element("div", { class: "told", "aria-live": "polite" });
    const button = (name, title, act) => {
      const made = element("button", { type: "button", title, "aria-label": title }, name);
      made.addEventListener("click", act);
      return made;
    };
    const inside = width - left - right;
    function move(low, high) {
      const span = Math.min(data.end, Math.max(data.end / 1e5, high - low));
      from = Math.max(0, Math.min(data.end - span, low));
      to = from + span;
      draw();
    }
    function zoom(factor, centre) {
      const at = centre === undefined ? (from + to) / 2 : centre;
      move(at - (at - from) * factor, at + (to - at) * factor);
    }
    const pan = (share) => move(from + share * (to - from), to + share * (to - from));
    plot.append(element("div", { class: "controls" }, button("+", "zoom in", () => zoom(0.5)), button("\u2212", "zoom out", () => zoom(2)),
      button("\u2190", "earlier", () => pan(-0.3)), button("\u2192", "later", () => pan(0.3)), button("all", "show all", () => move(0, data.end))), picture, told);
    /** A round step that makes about so many. */
    function step(span, count) {
      const rough = span / count, power = Math.pow(10, Math.floor(Math.log10(rough)));
      return power * [1, 2, 5, 10].find((n) => n * power >= rough);
    }
    function draw() {
      const x = (time) => left + (time - from) / (to - from) * inside;
      picture.replaceChildren();
      data.layers.forEach((name, i) => {
        picture.append(svg("rect", { x: left, y: top + i * row, width: inside, height: row, fill: i % 2 ? "#ffffff" : "#f6f8fa" }),
          svg("text", { x: left - 6, y: top + i * row + 16, "text-anchor": "end", "font-size": 12 },
            cut(name, Math.max(8, Math.floor((left - 10) / 7)))));
      });
      const tick = step(to - from, narrow ? 4 : 10);
      for (let time = Math.ceil(from / tick) * tick; time <= to * (1 + 1e-9); time += tick)
        picture.append(svg("line", { x1: x(time), x2: x(time), y1: top, y2: height - foot + 4, stroke: "#d0d7de" }),
          svg("text", { x: x(time), y: height - foot + 17, "text-anchor": "middle", "font-size": 12 }, digits(Number(time.toPrecision(9)))));
      picture.append(svg("text", { x: left + inside, y: height - 3, "text-anchor": "end", "font-size": 12 }, data.unit));
      const half = data.images > 1 ? (row - 6) / 2 : row - 6;
      for (const [layer, image, start, end] of data.spans) {
        if (end < from || start > to) continue;
        const low = Math.max(left, x(start)), high = Math.min(left + inside, x(end));
        const bar = svg("rect", { x: low, y: top + layer * row + 3 + (data.images > 1 ? (image % 2) * half : 0), width: Math.max(1.5, high - low),
          height: half, fill: colour(image), rx: 1.5 });
        const words = `${data.layers[layer]}, image ${image}: ${digits(start)} to ${digits(end)} ${data.unit}, ${digits(end - start)} ${data.unit} long`;
        bar.append(svg("title", {}, words));
        bar.addEventListener("pointerenter", () => { told.textContent = words; });
        bar.addEventListener("click", () => { told.textContent = words; });
        picture.append(bar);
      }
    }
    const time_at = (event) => {
      const box = picture.getBoundingClientRect(), share = ((event.clientX - box.left) / box.width * width - left) / inside;
      return from + Math.max(0, Math.min(1, share)) * (to - from);
    };
    picture.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, time_at(event));
    }, { passive: false });
    let held = null;
    picture.addEventListener("pointerdown", (event) => { held = { x: event.clientX, from, to }; });
    window.addEventListener("pointerup", () => { held = null; });
    picture.addEventListener("pointermove", (event) => {
      if (!held || from === 0 && to === data.end) return;
      const shift = (held.x - event.clientX) / picture.getBoundingClientRect().width * width / inside * (held.to - held.from);
      move(held.from + shift, held.to + shift);
    });
    picture.addEventListener("dblclick", (event) => zoom(0.5, time_at(event)));
    picture.addEventListener("keydown", (event) => {
      const act = { "+": () => zoom(0.5), "-": () => zoom(2), "0": () => move(0, data.end), ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2) }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
    draw();
  }

  // ---- all of it

  const kinds = { chart: (plot, data) => (data.type === "bars" ? bars : lines)(plot, data), points, floor_plan, matrix, gantt };
  function draw(figure) {
    if (figure.dataset.drawn || figure.closest("details:not([open])")) return;
    const plot = figure.querySelector(".plot"), drawing = drawings[Number(figure.dataset.drawing)];
    if (!window.Chart && (drawing.kind === "chart" || drawing.kind === "points")) {
      plot.textContent = "No chart: this build of xloop has no library of charts (Debian package libjs-chart.js). The table has the numbers.";
      figure.dataset.drawn = "no library";
      return;
    }
    try {
      kinds[drawing.kind](plot, drawing.data);
      const drawn = plot.querySelector("canvas, svg").getBoundingClientRect();
      figure.dataset.size = Math.round(drawn.width) + "x" + Math.round(drawn.height);
      figure.dataset.drawn = "yes";
    } catch (problem) {
      figure.dataset.drawn = "failed";
      plot.textContent = "This could not be drawn; the table has the numbers.";
      console.error(drawing.title, problem);
    }
  }
  const draw_all = () => document.querySelectorAll("figure[data-drawing]").forEach(draw);
  if (window.Chart) {
    window.Chart.defaults.color = "#1b1f24";
    window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    window.Chart.defaults.font.size = 12;
  }
  draw_all();
  document.querySelectorAll("details").forEach((details) => details.addEventListener("toggle", draw_all));
  window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));
  window.addEventListener("afterprint", () => charts.forEach((chart) => chart.resize()));
  document.documentElement.dataset.ready = Math.round(performance.now()) + " ms";
})();
