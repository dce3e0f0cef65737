{
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const stage = $(".stage"), camera = stage && cameraOf(stage);
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

  const total = groups.reduce((sum, section) => sum + Number(section.dataset.total), 0);
  const counted = number => (number === changes.length ? total : number) + (number === 1 ? " change" : " changes");

  // what is said of a change and of its nodes, for the search
  const words = each => (each.words ??= each.textContent.toLowerCase());
  const about = change => (change.about ??= [change.row, ...change.on, ...change.near].map(words).join(" "));
  const all = (text, asked) => asked.every(word => text.includes(word));

  function filter() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const pressed = chips.filter(chip => chip.ariaPressed === "true").map(chip => chip.dataset.heading);
    shown = changes.filter(each => (!pressed.length || pressed.includes(each.heading)) && all(about(each), asked));
    for (const each of changes) each.row.hidden = !shown.includes(each);
    for (const alike of $$("li.alike")) {
      alike.hidden = !shown.some(each => alike.contains(each.row));
      if (asked.length) $("details", alike).open = !alike.hidden;
    }
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
    position.textContent = current ? `${place + 1} of ${shown.length}` : counted(shown.length);
    $("#spoken").textContent = position.textContent + (current ? `: ${$(".text > bdi", current.row).textContent}` : "");
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
    const alike = change.row.closest("li.alike");
    if (alike) $("details", alike).open = true;
    change.row.scrollIntoView({ block: "nearest" });
    if (inside && document.activeElement !== search) $("summary", change.row).focus({ preventScroll: true });
    if (!change.on.length) return;
    if (!change.on.some(visible)) show("both");
    camera.approach([...change.on, ...change.near].filter(visible).map(part => part.getBBox()));
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

  // the versions
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
    if (`#${said}` !== (location.hash || "#")) history.replaceState(null, "", `#${said}`);
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

  // the picture
  const touching = node => shown.filter(each => each.on.includes(node));

  function pick(event) {
    if (camera.dragged()) return;
    const node = event.target.closest(".lg-node"), own = node ? touching(node) : [];
    select(own.length ? own[(own.indexOf(current) + 1) % own.length] : null);
  }

  function glow(found) {
    for (const each of $$(".glow")) each.classList.remove("glow");
    for (const part of found) part.classList.add("glow");
  }

  for (const each of views) each.addEventListener("click", () => show(each.dataset.show));
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

  const keys = {
    ...camera?.keys,
    ...(stage && { o: () => show("old"), b: () => show("both"), n: () => show("new") }),
    ...(stage && { 1: () => show("old"), 2: () => show("both"), 3: () => show("new") }),
    ...(changes.length && { ArrowRight: () => step(1), j: () => step(1), ArrowLeft: () => step(-1), k: () => step(-1) }),
    ...(changes.length && { "/": () => { search.focus(); search.select(); }, Escape: clear }),
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) return event.key === "Escape" ? (reset(), search.blur()) : undefined;
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    if (!Object.hasOwn(keys, key)) return;
    keys[key]();
    event.preventDefault();
  });
  // of a large graph, begin at what changed, where that is a small part of it
  function begin() {
    const touched = [...new Set(changes.flatMap(each => each.on))].filter(visible);
    if (current || nodes.length <= 40 || !touched.length || touched.length > 12) return;
    camera.approach(touched.map(part => part.getBBox()));
    const caption = $(".tools .said");
    caption.textContent ||= "Opened at what changed; Fit shows the whole.";
  }

  if (changes.length) {
    filter();
    follow();
    if (stage) begin();
  }
}
