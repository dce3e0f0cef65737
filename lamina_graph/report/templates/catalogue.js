{
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const root = document.documentElement, form = $("form"), table = $("#apps > table");
  const apps = $$("tbody.app").map((body, place) => ({ body, place, row: body.rows[0], link: $("a", body), id: body.id }));
  const filters = $$("select", form).map(each => each.name).filter(name => name !== "sort");
  const bar = $(".bar"), chosen = $("#chosen p"), title = $("#apps-title");
  const asked = address => new URLSearchParams(address.slice(1).replaceAll("+", "%2B"));
  const links = $$(".cards a, .opening a").map(link => ({ link, asks: [...asked(link.getAttribute("href"))] }))
    .filter(({ asks }) => asks.every(([name]) => filters.includes(name)));
  let shown = apps, order = "", down = false;

  const text = app => app.text ??= `${app.row.textContent} ${app.body.dataset.words}`.toLowerCase();
  const has = (app, name, value) => !value || ` ${app.body.dataset[name] ?? ""} `.includes(` ${value} `);
  const matches = (app, words) =>
    filters.every(name => has(app, name, form.elements[name].value || (name === "versions" && "newest"))) && words.every(word => text(app).includes(word));

  function filter() {
    const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const app of apps) app.body.hidden = !matches(app, words);
    shown = sorted(apps.filter(app => !app.body.hidden));
    const whole = filters.includes("versions") && !form.versions.value ? apps.filter(app => has(app, "versions", "newest")).length : apps.length;
    $("#count").textContent = shown.length === whole ? whole : `${shown.length} of ${whole}`;
    say();
  }

  function say() {
    const used = [form.q, ...filters.map(name => form.elements[name])].filter(field => field.value);
    chosen.replaceChildren(...used.map(chip));
    chosen.parentNode.classList.toggle("idle", !used.length);
    $("#nothing").hidden = shown.length > 0;
    $("#nothing span").textContent = used.map(field => ` ${named(field)}`).join();
    for (const { link, asks } of links)
      if (asks.every(([name, value]) => form.elements[name].value === value)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
  }

  const named = field => {
    const value = field.selectedOptions ? field.selectedOptions[0].textContent : `“${field.value}”`;
    return `${$("span", field.closest("label")).textContent.toLowerCase()} ${value}`;
  };

  function chip(field) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = named(field);
    button.setAttribute("aria-label", `Remove ${named(field)}`);
    button.addEventListener("click", () => {
      field.value = "";
      filter();
      remember();
      title.focus();
    });
    return button;
  }

  const value = (app, name) => {
    const cell = $(`td.${name}, th.${name}`, app.row), text = cell?.dataset.sort ?? cell?.textContent.trim();
    if (!text || text === "–") return null;
    return cell.dataset.sort || cell.matches(".number") ? parseFloat(text.replaceAll(",", "")) : text.toLowerCase();
  };
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  function sorted(list) {
    if (!order) return [...list].sort((a, b) => a.place - b.place);
    const values = new Map(list.map(app => [app, value(app, order)]));
    const by = (a, b) => {
      const one = values.get(a), other = values.get(b), empty = (one === null) - (other === null);
      return empty || (down ? -1 : 1) * compare(one, other) || a.place - b.place;
    };
    return [...list].sort(by);
  }

  function sort(name, descending) {
    const moves = name !== order || descending !== down;
    order = name;
    down = descending;
    for (const head of $$("thead th", table)) {
      head.removeAttribute("aria-sort");
      if (head.dataset.sort === name) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    }
    form.elements.sort.value = name;
    if (moves) table.append(...sorted(apps).map(app => app.body));
    filter();
  }

  async function toggle(app, open = !app.body.classList.contains("open")) {
    if (!app.body.rows[1]) return;
    app.body.classList.toggle("open", open);
    app.link.setAttribute("aria-expanded", open);
    if (open) await (app.filled ??= fill(app).catch(() => miss(app)));
  }

  // The details and the diagrams of a few apps are packed together.
  const together = apps.findIndex(app => app.body.nextElementSibling?.matches("script")) + 1, packed = $$(".packed", table), unpacked = [];
  const unpack = at => unpacked[at] ??= textOf(packed[at]).then(text => Promise.all(text.split(" ").map(texts)));
  const textOf = async ({ dataset, textContent }) => dataset.file ? load(dataset.file) : textContent;

  // A file beside the page is a script that hands over its text: nothing else may be read where a page is opened from a disk.
  const beside = $("#beside");
  window.laminaGraphPacked = text => { document.currentScript.packed = text; };

  function load(name) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.addEventListener("load", () => script.packed ? resolve(script.packed) : reject());
      script.addEventListener("error", reject);
      script.src = `${beside.dataset.address}/${name}`;
      root.append(script);
    });
  }

  // What is not there may come back: it is looked for again when the app is opened again.
  function miss(app) {
    const words = document.createElement("p");
    words.className = "none";
    words.setAttribute("role", "alert");
    words.textContent = beside
      ? `The details and the diagram were not found: keep the folder ${beside.textContent} beside this page.`
      : "The details and the diagram cannot be unpacked by this browser.";
    app.body.rows[1].cells[0].replaceChildren(words);
    delete app.filled;
    delete unpacked[Math.floor(app.place / together)];
  }

  async function texts(base64) {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).json();
  }

  async function fill(app) {
    const [details, diagrams] = await unpack(Math.floor(app.place / together)), within = app.place % together;
    const shown = $(".details", new DOMParser().parseFromString(details[within], "text/html"));
    app.body.rows[1].cells[0].replaceChildren(shown);
    if (diagrams[within]) draw(app.body, diagrams[within], $(".diagram", shown));
  }

  function draw(body, diagram, target) {
    target.tabIndex = 0;
    target.setAttribute("role", "region");
    target.setAttribute("aria-label", "Diagram");
    const picture = new DOMParser().parseFromString(diagram, "image/svg+xml").documentElement;
    picture.style.minWidth = `${0.55 * picture.getAttribute("width")}px`;
    target.append(document.adoptNode(picture));
    traced($$("[data-path], [data-cards]", body), tracer(picture));
    if (target.scrollWidth > target.clientWidth || picture.clientWidth < picture.getAttribute("width")) zoom(target);
  }

  // What in a picture some words are about: its cards by number, and the lines between them where they are a path.
  function tracer(picture) {
    const cards = $$("g[transform] > title", picture).map(each => each.parentNode);
    const lines = new Map($$("[data-ends]", picture).map(each => [each.dataset.ends, each]));
    return ({ path, cards: some } = {}) => {
      const numbers = (path ?? some ?? "").split(" ").filter(Boolean);
      const ways = path ? numbers.slice(1).map((to, at) => lines.get(`${numbers[at]} ${to}`)).filter(Boolean) : [];
      const on = new Set([...numbers.map(each => cards[each]), ...ways, ...ways.map(each => each.nextElementSibling)]);
      picture.classList.toggle("tracing", on.size > 0);
      for (const each of [...cards, ...$$(".lg-e, .lg-a", picture)]) each.classList.toggle("on", on.has(each));
    };
  }

  // Words that show what they are about when pointed at, and keep showing it when pressed.
  function traced(all, show) {
    let kept = null;
    const buttons = all.map(words => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `${words.className} trace`;
      button.setAttribute("aria-pressed", "false");
      button.append(...words.childNodes);
      words.replaceWith(button);
      for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => show(words.dataset));
      for (const event of ["pointerleave", "blur"]) button.addEventListener(event, () => show(kept?.dataset));
      button.addEventListener("click", () => {
        kept = kept === words ? null : words;
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button && kept !== null));
        show(kept?.dataset);
      });
      return button;
    });
  }

  function zoom(target) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "scale";
    button.textContent = "Actual size";
    button.addEventListener("click", () => {
      button.textContent = target.classList.toggle("actual") ? "Fit the width" : "Actual size";
    });
    target.before(button);
  }

  function state(app) {
    const said = new URLSearchParams();
    for (const field of form.elements) if (field.name && field.name !== "sort" && field.value) said.set(field.name, field.value);
    if (order) said.set("sort", (down ? "-" : "") + order);
    if (app) said.set("app", app.id.slice(4));
    return "#" + String(said).replaceAll("+", "%20");
  }
  const remember = app => history.replaceState(null, "", state(app));

  function set(field, value) {
    field.value = value ?? "";
    if (field.selectedIndex < 0) field.value = "";
  }

  function follow() {
    if (!location.hash.includes("=")) return;
    const said = asked(location.hash), wanted = said.get("app");
    const app = wanted && (apps.find(each => each.id === "app=" + wanted) ?? apps.find(each => each.body.dataset.app === wanted));
    if (!app || said.size > 1) for (const field of form.elements) if (field.name) set(field, said.get(field.name));
    const name = (said.get("sort") ?? order).replace(/^-/, "");
    sort(name, said.has("sort") ? said.get("sort").startsWith("-") : down);
    if (!app) {
      if (wanted) chosen.append(`This report has no app “${wanted}”.`);
      if (wanted) chosen.parentNode.classList.remove("idle");
      title.focus({ preventScroll: true });
      return scrollTo(0, $("#apps").offsetTop);
    }
    if (app.body.hidden) { form.reset(); filter(); }
    if (app.body.hidden) { form.versions.value = "all"; filter(); }
    toggle(app, true).then(() => app.body.scrollIntoView());
    app.link.focus({ preventScroll: true });
    app.body.scrollIntoView();
  }

  // What stays at the top of the window covers nothing that is scrolled to.
  function measure() {
    const high = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    table.tHead.style.setProperty("--bar", `${high}px`);
    root.style.scrollPaddingTop = `${high && high + table.tHead.offsetHeight}px`;
  }

  function step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    const at = shown.findIndex(app => app.body.contains(document.activeElement));
    if (event.key === "/" ) { form.q.focus(); form.q.select(); }
    else if (event.key === "Escape" && at >= 0) { toggle(shown[at], false); shown[at].link.focus(); remember(); }
    else if (by && shown.length) shown[Math.max(0, Math.min(shown.length - 1, at + by))].link.focus();
    else return;
    event.preventDefault();
  }

  for (const head of $$("th[data-sort]", table)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const again = order === head.dataset.sort;
      sort(again && down ? "" : head.dataset.sort, again && !down);
      remember();
    });
    head.replaceChildren(button);
  }
  form.addEventListener("input", event => {
    if (event.target.name === "sort") sort(event.target.value, false);
    else filter();
    remember();
  });
  form.addEventListener("reset", () => setTimeout(() => { sort("", false); remember(); }));
  form.addEventListener("submit", event => event.preventDefault());
  table.addEventListener("click", event => {
    const app = apps.find(each => each.row.contains(event.target));
    if (!app || (event.target.closest("a") && event.target.closest("a") !== app.link) || String(getSelection())) return;
    event.preventDefault();
    toggle(app);
    remember(app.body.classList.contains("open") ? app : null);
  });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input, select");
    if (field && event.key === "Escape") return field.blur();
    if (field && !(field === form.q && event.key === "ArrowDown")) return;
    step(event);
  });
  addEventListener("hashchange", follow);
  new ResizeObserver(measure).observe(bar);

  for (const app of apps) if (app.body.rows[1]) app.link.setAttribute("aria-expanded", "false");
  if (filters.includes("versions")) filter();
  measure();
  follow();
}
