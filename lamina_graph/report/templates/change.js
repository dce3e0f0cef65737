{
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const stage = $(".stage"), picture = stage && $("svg", stage), graph = $(".lg-graph");
  const nodes = $$(".lg-node"), lines = $$(".lg-line"), search = $("input[name=q]"), position = $("#position");
  const chips = $$("button.chip"), views = $$("[data-show]");
  const named = (row, name, parts) => row.dataset[name].split(" ").filter(Boolean).map(number => parts[number]);
  const changes = $$("li.change").map(row => ({
    row,
    details: $("details", row),
    heading: $("h2", row.closest("section")).id,
    on: [...named(row, "nodes", nodes), ...named(row, "lines", lines)],
    near: named(row, "near", nodes),
  }));
  const groups = $$("section[data-total]");
  let shown = changes, found = [], current = null, view = "both";

  // what is said of a change and of its nodes, for the search
  const words = each => (each.words ??= each.textContent.toLowerCase());
  const about = change => (change.about ??= [change.row, ...change.on, ...change.near].map(words).join(" "));
  const all = (text, asked) => asked.every(word => text.includes(word));

  function filter() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = chips.filter(chip => chip.ariaPressed === "true").map(chip => chip.dataset.heading);
    shown = changes.filter(each => (!pressed.length || pressed.includes(each.heading)) && all(about(each), asked));
    for (const each of changes) each.row.hidden = !shown.includes(each);
    for (const section of groups) recount(section);
    const hits = asked.length ? nodes.filter(node => all(words($("title", node)), asked)) : [];
    found = shown.length < changes.length || asked.length ? [...hits, ...shown.flatMap(each => each.on)] : [];
    $("#nothing").hidden = shown.length > 0;
    if (current && !shown.includes(current)) select(null);
    paint();
  }

  function recount(section) {
    const total = section.dataset.total, left = shown.filter(each => section.contains(each.row)).length;
    section.hidden = !left;
    $("small", section).textContent = left < $$(".change", section).length ? `${left} of ${total}` : total;
  }

  function paint() {
    const lit = new Set(current ? current.on : found);
    stage?.classList.toggle("dim", lit.size > 0);
    for (const part of [...nodes, ...lines]) {
      part.classList.toggle("on", lit.has(part));
      part.classList.toggle("near", !lit.has(part) && Boolean(current?.near.includes(part)));
    }
    const place = shown.indexOf(current);
    position.textContent = current ? `${place + 1} of ${shown.length}` : `${shown.length} change${shown.length === 1 ? "" : "s"}`;
    $("#back").disabled = !shown.length || place === 0;
    $("#on").disabled = !shown.length || place === shown.length - 1;
  }

  function select(change) {
    if (current) close(current);
    current = change;
    if (change) open(change);
    paint();
    remember();
  }

  function open(change) {
    const inside = $("#list").contains(document.activeElement);
    change.row.classList.add("current");
    change.details.open = true;
    change.row.scrollIntoView({ block: "nearest" });
    if (inside && document.activeElement !== search) $("summary", change.row).focus({ preventScroll: true });
    if (!change.on.length) return;
    if (!change.on.some(visible)) show("both");
    approach([...change.on, ...change.near].filter(visible).map(part => part.getBBox()));
  }

  function close(change) {
    change.row.classList.remove("current");
    change.details.open = false;
  }

  function step(by) {
    if (!shown.length) return;
    const place = shown.indexOf(current), next = current ? place + by : by > 0 ? 0 : shown.length - 1;
    select(shown[Math.min(Math.max(next, 0), shown.length - 1)]);
  }

  // old, both, new
  const visible = part => { const box = part.getBBox(); return box.width + box.height > 0; };

  function show(wanted) {
    if (!views.length) return;
    view = wanted;
    stage.dataset.view = view;
    for (const each of views) each.ariaPressed = String(each.dataset.show === view);
    remember();
  }

  function remember() {
    const said = new URLSearchParams();
    if (current) said.set("change", current.row.id.slice("change=".length));
    if (view !== "both") said.set("view", view);
    history.replaceState(null, "", `#${said}`);
  }

  function follow() {
    const said = new URLSearchParams(location.hash.slice(1)), wanted = `change=${said.get("change")}`;
    if (["old", "new"].includes(said.get("view"))) show(said.get("view"));
    const change = changes.find(each => each.row.id === wanted) ?? null;
    if (change && !shown.includes(change)) reset();
    if (change !== current) select(change);
  }

  function reset() {
    search.value = "";
    for (const chip of chips) chip.ariaPressed = "false";
    filter();
  }

  // the camera: where the graph stands in the picture, and how large; the whole of it fits at 0, 0, 1
  let camera = { x: 0, y: 0, k: 1 };
  const size = picture ? picture.viewBox.baseVal : null;
  const between = (value, low, high) => Math.min(Math.max(value, low), high);
  const scale = () => Math.min(stage.clientWidth / size.width, stage.clientHeight / size.height);

  function room() {
    const width = stage.clientWidth / scale(), height = stage.clientHeight / scale();
    return { x: (size.width - width) / 2, y: (size.height - height) / 2, width, height };
  }

  function put({ x, y, k }, smooth) {
    const seen = room(), kept = between(k, 0.5, Math.max(3 / scale(), 1));
    const inside = (value, start, length, whole) =>
      between(value, start + 0.25 * length - kept * whole, start + 0.75 * length);
    camera = { k: kept, x: inside(x, seen.x, seen.width, size.width), y: inside(y, seen.y, seen.height, size.height) };
    graph.style.transition = smooth ? "" : "none";
    graph.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.k})`;
  }

  const move = (x, y, smooth) => put({ ...camera, x: camera.x + x, y: camera.y + y }, smooth);

  function zoom(by, at, smooth) {
    const k = between(camera.k * by, 0.5, Math.max(3 / scale(), 1)), factor = k / camera.k;
    put({ k, x: at.x - (at.x - camera.x) * factor, y: at.y - (at.y - camera.y) * factor }, smooth);
  }

  function middle() {
    const seen = room();
    return { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
  }

  // bring boxes into sight, large enough to read; leave the picture where it is when they are
  function approach(boxes) {
    const left = Math.min(...boxes.map(box => box.x)), right = Math.max(...boxes.map(box => box.x + box.width));
    const top = Math.min(...boxes.map(box => box.y)), bottom = Math.max(...boxes.map(box => box.y + box.height));
    const seen = room(), fits = 0.86 * Math.min(seen.width / (right - left), seen.height / (bottom - top));
    const best = Math.min(fits, 1 / scale()), readable = Math.min(best, 0.6 / scale());
    const at = { left: left * camera.k + camera.x, right: right * camera.k + camera.x, top: top * camera.k + camera.y, bottom: bottom * camera.k + camera.y };
    const inside = at.left >= seen.x && at.right <= seen.x + seen.width && at.top >= seen.y && at.bottom <= seen.y + seen.height;
    if (inside && camera.k >= readable * 0.99) return;
    const k = between(camera.k, readable, best), centre = middle();
    const along = (start, length, whole, wanted) =>
      k * whole <= length ? start + (length - k * whole) / 2 : between(wanted, start + length - k * whole, start);
    put({
      k,
      x: along(seen.x, seen.width, size.width, centre.x - (k * (left + right)) / 2),
      y: along(seen.y, seen.height, size.height, centre.y - (k * (top + bottom)) / 2),
    }, true);
  }

  // hands
  const point = event => new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  const fingers = new Map();
  let dragged = false;

  function drag(event) {
    const was = fingers.get(event.pointerId), is = point(event);
    if (!was || (!dragged && Math.hypot(is.x - was.x, is.y - was.y) * scale() < 4)) return;
    if (!dragged) stage.setPointerCapture(event.pointerId);
    dragged = true;
    stage.classList.add("held");
    fingers.set(event.pointerId, is);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (!other) return move(is.x - was.x, is.y - was.y);
    zoom(Math.hypot(is.x - other.x, is.y - other.y) / Math.hypot(was.x - other.x, was.y - other.y), other);
  }

  function release(event) {
    fingers.delete(event.pointerId);
    stage.classList.toggle("held", fingers.size > 0);
  }

  const touching = node => shown.filter(each => each.on.includes(node));
  const reached = node => { const own = touching(node); return own.length ? own : shown.filter(each => each.near.includes(node)); };

  function pick(event) {
    if (dragged) return;
    const node = event.target.closest(".lg-node"), found = node ? reached(node) : [];
    select(found.length ? found[(found.indexOf(current) + 1) % found.length] : null);
  }

  function glow(found) {
    for (const each of $$(".glow")) each.classList.remove("glow");
    for (const part of found) part.classList.add("glow");
  }

  const beside = matchMedia("(min-width: 960px) and (min-height: 540px)");

  if (stage) {
    stage.addEventListener("pointerdown", event => {
      if (event.button) return;
      if (!fingers.size) dragged = false;
      fingers.set(event.pointerId, point(event));
    });
    stage.addEventListener("pointermove", drag);
    stage.addEventListener("pointerup", release);
    stage.addEventListener("pointercancel", release);
    stage.addEventListener("wheel", event => {
      if (!beside.matches && !event.ctrlKey) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : event.ctrlKey ? 0.01 : 0.002)), point(event));
    }, { passive: false });
    $("#in").addEventListener("click", () => zoom(1.4, middle(), true));
    $("#out").addEventListener("click", () => zoom(1 / 1.4, middle(), true));
    $("#fit").addEventListener("click", () => put({ x: 0, y: 0, k: 1 }, true));
    new ResizeObserver(() => put(camera)).observe(stage);
    for (const each of views) each.addEventListener("click", () => show(each.dataset.show));
  }
  if (stage && changes.length) {
    for (const node of new Set(changes.flatMap(each => each.on))) node.classList.add("touched");
    stage.addEventListener("click", pick);
    stage.addEventListener("pointerover", event => {
      const node = event.target.closest(".lg-node");
      glow(node ? touching(node).map(each => each.row) : []);
    });
  }
  if (changes.length) {
    const list = $(".scroll"), of = target => changes.find(each => each.row.contains(target));
    list.addEventListener("click", event => {
      const change = of(event.target);
      if (!change || !event.target.closest("summary")) return;
      event.preventDefault();
      select(change === current ? null : change);
    });
    list.addEventListener("pointerover", event => glow(of(event.target)?.on ?? []));
    list.addEventListener("pointerleave", () => glow([]));
    search.addEventListener("input", filter);
    search.form.addEventListener("submit", event => { event.preventDefault(); step(1); });
    for (const chip of chips) {
      chip.disabled = false;
      chip.addEventListener("click", () => { chip.ariaPressed = String(chip.ariaPressed !== "true"); filter(); });
    }
    $("#back").addEventListener("click", () => step(-1));
    $("#on").addEventListener("click", () => step(1));
    addEventListener("hashchange", follow);
  }

  function clear() {
    if (current) select(null);
    else reset();
  }

  const pan = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const moves = stage ? {
    "+": () => zoom(1.4, middle(), true), "=": () => zoom(1.4, middle(), true), "-": () => zoom(1 / 1.4, middle(), true),
    0: () => put({ x: 0, y: 0, k: 1 }, true),
    o: () => show("old"), b: () => show("both"), n: () => show("new"),
    1: () => show("old"), 2: () => show("both"), 3: () => show("new"),
  } : {};
  const steps = changes.length ? {
    ArrowRight: () => step(1), j: () => step(1), ArrowLeft: () => step(-1), k: () => step(-1),
    "/": () => { search.focus(); search.select(); },
    Escape: clear,
  } : {};
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) return event.key === "Escape" ? (reset(), search.blur()) : undefined;
    if (stage && event.shiftKey && pan[event.key]) move(...pan[event.key].map(by => (by * 80) / scale()), true);
    else if ({ ...moves, ...steps }[event.key]) ({ ...moves, ...steps })[event.key]();
    else return;
    event.preventDefault();
  });
  if (changes.length) {
    filter();
    follow();
  }
}
