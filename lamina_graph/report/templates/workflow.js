{
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const graph = JSON.parse($("#graph").textContent);
  const stage = $(".stage"), picture = $("svg", stage), panel = $("#panel"), search = $("[name=q]"), spoken = $("#spoken");
  const cards = $$(".lg-node", stage), lines = $$(".lg-line", stage);
  const articles = $$("article[id]"), groups = new Map($$("article.group").map(each => [Number(each.dataset.card), each]));
  const number = new Map(articles.map(each => [each.id.slice("node=".length), Number(each.dataset.number)]));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const map = $("#map");
  let state = graph.states[0], chosen = null, traced = null, found = [], hit = -1;

  const neighbors = end => {
    const lists = articles.map(() => []);
    for (const edge of graph.edges) lists[edge[end]].push(edge[1 - end]);
    return lists;
  };
  const after = neighbors(0), before = neighbors(1);

  function reach(starts, lists) {
    const seen = new Set(starts), waiting = [...starts];
    while (waiting.length) for (const next of lists[waiting.pop()]) if (!seen.has(next)) { seen.add(next); waiting.push(next); }
    return seen;
  }

  // folds

  let card = [];
  const same = (one, other) => one.length === other.length && one.every(each => other.includes(each));
  const stateOf = open => graph.states.find(each => same(each.open, open));
  const every = graph.regions.map((_, region) => region);

  function place() {
    card = [];
    cards.forEach((each, at) => {
      const corner = state.places[at];
      each.classList.toggle("away", !corner);
      if (!corner) return;
      for (const node of graph.cards[at]) card[node] = at;
      each.style.transform = `translate(${corner[0]}px, ${corner[1]}px)`;
    });
    lines.forEach((each, at) => {
      const route = state.routes[at];
      each.classList.toggle("away", !route);
      if (!route) return;
      $("path", each).setAttribute("d", route[0]);
      $("polygon", each).setAttribute("points", route[1]);
    });
    picture.setAttribute("viewBox", `0 0 ${state.size.join(" ")}`);
    const folds = $("#folds");
    if (folds) {
      folds.textContent = state.open.length ? "Fold" : "Unfold";
      folds.title = state.open.length ? "Draw what is alike as one card" : "Draw a card for each node";
    }
    for (const each of $$(".legend .folded")) each.hidden = drawn(state).every(at => graph.cards[at].length < 2);
    drawMap();
  }

  const drawn = of => Object.keys(of.places).map(Number);
  const boxIn = (of, at) => ({ x: of.places[at][0], y: of.places[at][1], width: graph.sizes[at][0], height: graph.sizes[at][1] });
  const boxOf = at => boxIn(state, at);
  const centreOf = at => { const box = boxOf(at); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; };

  function middleIn(of, nodes) {
    const boxes = drawn(of).filter(at => graph.cards[at].some(node => nodes.includes(node))).map(at => boxIn(of, at));
    const mean = (start, length) => boxes.reduce((sum, box) => sum + box[start] + box[length] / 2, 0) / boxes.length;
    return { x: mean("x", "width"), y: mean("y", "height") };
  }

  // draw another state; what it is about stays where it is in the window
  function turn(next, about) {
    if (!next || next === state) return;
    const was = middleIn(state, about), is = middleIn(next, about);
    stage.classList.toggle("turning", !still.matches);
    setTimeout(() => stage.classList.remove("turning"), 350);
    state = next;
    camera.keep(was, is, place);
    paint();
    say(`${state.open.length} of ${every.length} folds open`);
  }

  const nodesOf = region => graph.regions[region].flatMap(at => graph.cards[at]);
  const open = region => turn(stateOf([...state.open, region]) ?? stateOf([region]) ?? stateOf(every), nodesOf(region));
  const close = region => turn(stateOf(state.open.filter(each => each !== region)) ?? stateOf([]), nodesOf(region));

  function toggleFolds() {
    if (!every.length) return;
    turn(state.open.length ? stateOf([]) : stateOf(every), articles.map((_, node) => node));
    camera.fit();
  }

  const regionOf = node => every.find(region => nodesOf(region).includes(node));

  function reveal(node) {
    if (graph.cards[card[node]].length > 1) open(regionOf(node));
  }

  // what is lit

  const lineOf = new Map(graph.lines.map((ends, at) => [ends.join(" "), at]));

  function paint() {
    const [lit, joined] = traced ? along(traced) : chosen ? around(chosen.nodes) : [found, []];
    const on = new Set([...lit].map(node => card[node]));
    const ways = new Set(joined.map(([from, to]) => lineOf.get(`${card[from]} ${card[to]}`)));
    stage.classList.toggle("dim", on.size > 0);
    const own = new Set(chosen && !traced ? chosen.nodes.map(node => card[node]) : []);
    cards.forEach((each, at) => {
      each.classList.toggle("on", on.has(at));
      each.classList.toggle("chosen", own.has(at));
    });
    lines.forEach((each, at) => each.classList.toggle("on", ways.has(at)));
    if (map) $(".lit", map).setAttribute("d", outlines([...on].filter(at => state.places[at])));
  }

  const along = path => [path, path.slice(1).map((to, at) => [path[at], to])];

  function around(nodes) {
    const up = reach(nodes, before), down = reach(nodes, after);
    const within = side => ([from, to]) => side.has(from) && side.has(to);
    return [[...up, ...down], graph.edges.filter(edge => within(up)(edge) || within(down)(edge))];
  }

  // what is chosen

  function choose(pick, { quiet } = {}) {
    chosen = pick;
    traced = null;
    for (const button of $$(".proofs button")) button.ariaPressed = "false";
    const article = pick && (pick.nodes.length > 1 ? groups.get(pick.card) : articles[pick.nodes[0]]);
    for (const each of $$("article.shown")) each.classList.remove("shown");
    article?.classList.add("shown");
    panel.classList.toggle("chosen", Boolean(article));
    const region = pick && pick.nodes.length === 1 ? regionOf(pick.nodes[0]) : undefined;
    $("#refold").hidden = region === undefined || !state.open.includes(region) || !stateOf([]);
    panel.scrollTop = 0;
    paint();
    remember();
    if (!pick || quiet) return;
    const up = reach(pick.nodes, before).size - pick.nodes.length, down = reach(pick.nodes, after).size - pick.nodes.length;
    say(`${$("h2", article).textContent}: ${up} lead to it, it leads to ${down}`);
  }

  const say = text => { spoken.textContent = text; };
  const pickCard = (at, options) => choose({ card: at, nodes: graph.cards[at] }, options);

  function pickNode(node) {
    reveal(node);
    pickCard(card[node]);
    camera.approach([boxOf(card[node])]);
  }

  function remember() {
    const said = new URLSearchParams(), palette = stage.dataset.palette;
    if (chosen?.nodes.length === 1) said.set("node", articles[chosen.nodes[0]].id.slice("node=".length));
    if (palette !== stage.dataset.start) said.set("by", palette);
    const hash = String(said) && `#${String(said).replaceAll("+", "%20")}`;
    if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
  }

  function follow() {
    const said = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")), wanted = said.get("node");
    if (said.has("by")) color(said.get("by"));
    if (wanted === null) return;
    const known = number.has(wanted), missing = $("#missing");
    missing.textContent = known ? "" : `This workflow has no node “${wanted}”.`;
    missing.hidden = known;
    if (known) pickNode(number.get(wanted));
    else choose(null);
  }

  // colours

  const palettes = Object.keys(graph.looks);

  function color(name) {
    if (!palettes.includes(name)) return;
    stage.dataset.palette = name;
    lines.forEach((each, at) => {
      for (const [part, kind] of [["path", "e"], ["polygon", "a"]]) $(part, each).setAttribute("class", `lg-${kind}${graph.looks[name][at]}`);
    });
    for (const each of $$("button[data-palette]")) each.ariaPressed = String(each.dataset.palette === name);
    for (const each of $$(".legend")) each.hidden = each.dataset.palette !== name;
    remember();
  }

  // search

  const words = articles.map(each => $$("h2, dl", each).map(part => part.textContent).join(" ").toLowerCase());
  const items = $$("#nodes li");

  function seek() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = articles.map((_, node) => node).filter(node => asked.every(word => words[node].includes(word)));
    found = asked.length ? hits : [];
    hit = -1;
    items.forEach((each, node) => { each.hidden = asked.length > 0 && !hits.includes(node); });
    $("#nothing")?.toggleAttribute("hidden", !asked.length || hits.length > 0);
    panel.classList.toggle("seeking", asked.length > 0);
    search.form.querySelector("output").textContent = asked.length ? `${hits.length} of ${articles.length}` : "";
    if (chosen || traced) choose(null);
    paint();
  }

  function next(by) {
    if (!found.length) return;
    hit = (hit + by + found.length) % found.length;
    const hits = found, at = hit;
    pickNode(hits[at]);
    found = hits;
    search.form.querySelector("output").textContent = `${at + 1} of ${hits.length}`;
  }

  // walking from card to card

  function walk(across, down) {
    if (!chosen) return pickFirst();
    const from = card[chosen.nodes[0]], here = centreOf(from), linked = new Set();
    for (const [one, other] of graph.lines) { if (one === from) linked.add(other); if (other === from) linked.add(one); }
    let best = null, least = Infinity;
    for (const at of drawn(state)) {
      const there = centreOf(at), ahead = (there.x - here.x) * across + (there.y - here.y) * down;
      const aside = Math.abs((there.x - here.x) * down) + Math.abs((there.y - here.y) * across);
      if (at === from || ahead < 8 || (ahead < aside / 4 && !linked.has(at))) continue;
      const far = (ahead + 2 * aside) * (linked.has(at) ? 0.3 : 1);
      if (far < least) [best, least] = [at, far];
    }
    if (best !== null) pickAndShow(best);
  }

  function pickFirst() {
    const corner = at => state.places[at][0] + state.places[at][1];
    if (cards.length) pickAndShow(drawn(state).reduce((best, at) => (corner(at) < corner(best) ? at : best)));
  }

  function pickAndShow(at) {
    pickCard(at);
    camera.approach([boxOf(at)]);
  }

  // the small map

  const outlines = all => all.map(at => { const box = boxOf(at); return `M${box.x} ${box.y}h${box.width}v${box.height}h${-box.width}z`; }).join("");

  function drawMap() {
    if (!map) return;
    map.setAttribute("viewBox", `0 0 ${state.size.join(" ")}`);
    $(".all", map).setAttribute("d", outlines(drawn(state)));
  }

  function frame() {
    if (!map) return;
    const seen = camera.sight(), rect = $("rect", map);
    for (const name of ["x", "y", "width", "height"]) rect.setAttribute(name, seen[name]);
  }

  function travel(event) {
    if (!event.buttons) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    camera.centre(at);
  }

  // evidence

  for (const item of $$(".proofs [data-path]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.ariaPressed = "false";
    button.append(...item.childNodes);
    item.append(button);
    button.addEventListener("click", () => {
      const path = item.dataset.path.split(" ").map(Number), again = button.ariaPressed === "true";
      choose(null);
      if (!again) {
        traced = path;
        button.ariaPressed = "true";
        paint();
        camera.approach(path.map(node => boxOf(card[node])));
      }
    });
  }

  const camera = cameraOf(stage, () => frame());
  place();

  stage.addEventListener("click", event => {
    if (camera.dragged()) return;
    const at = cards.indexOf(event.target.closest(".lg-node"));
    if (at < 0) return choose(null);
    if (event.target.closest(".lg-plus")) return open(regionOf(graph.cards[at][0]));
    if (chosen && card[chosen.nodes[0]] === at) return choose(null);
    pickCard(at);
  });
  stage.addEventListener("dblclick", event => {
    const at = cards.indexOf(event.target.closest(".lg-node"));
    if (at >= 0 && graph.cards[at].length > 1) open(regionOf(graph.cards[at][0]));
  });
  panel.addEventListener("click", event => {
    const link = event.target.closest("a[data-node]");
    if (!link) return;
    event.preventDefault();
    const node = Number(link.dataset.node);
    pickNode(node);
    articles[node].focus({ preventScroll: true });
  });
  for (const each of groups.values()) $(".open", each).addEventListener("click", () => openChosen());
  $("#back").addEventListener("click", () => { choose(null); stage.focus({ preventScroll: true }); });
  $("#refold").addEventListener("click", () => {
    const node = chosen.nodes[0];
    close(regionOf(node));
    pickCard(card[node]);
  });
  $("#folds")?.addEventListener("click", toggleFolds);
  for (const each of $$("button[data-palette]")) each.addEventListener("click", () => color(each.dataset.palette));
  search.addEventListener("input", seek);
  search.form.addEventListener("submit", event => { event.preventDefault(); next(1); });
  map?.addEventListener("pointerdown", event => { map.setPointerCapture(event.pointerId); travel(event); });
  map?.addEventListener("pointermove", travel);

  function openChosen() {
    if (!chosen || chosen.nodes.length < 2) return;
    const region = Number(groups.get(chosen.card).dataset.region), first = chosen.nodes[0];
    open(region);
    pickCard(card[first]);
    stage.focus({ preventScroll: true });
  }

  function leave() {
    if (traced || chosen) return choose(null);
    search.value = "";
    seek();
  }

  const keys = {
    ...camera.keys,
    ArrowRight: () => walk(1, 0), ArrowLeft: () => walk(-1, 0), ArrowDown: () => walk(0, 1), ArrowUp: () => walk(0, -1),
    f: toggleFolds, Escape: leave,
    "/": () => { search.focus(); search.select(); },
    ...Object.fromEntries(palettes.map((name, at) => [String(at + 1), () => color(name)])),
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) return event.key === "Escape" ? (search.value = "", seek(), search.blur()) : undefined;
    const scrolls = event.target.closest("#panel") && event.key.startsWith("Arrow");
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    if (key === "Enter" && !event.target.closest("a, button") && chosen) { event.preventDefault(); return openChosen(); }
    if (scrolls || !Object.hasOwn(keys, key)) return;
    keys[key]();
    event.preventDefault();
  });
  addEventListener("hashchange", follow);
  if (stage.dataset.start !== "role") color(stage.dataset.start);
  if (stage.dataset.chosen) pickNode(Number(stage.dataset.chosen));
  follow();
  frame();
}
