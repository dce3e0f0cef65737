{
  const $ = id => document.getElementById(id);
  const frames = JSON.parse($("frames").textContent);
  const parts = [...document.querySelectorAll(".lg-part")];
  const panels = [...document.querySelectorAll("[data-version]")];
  const slider = $("at"), marks = $("marks"), back = $("back"), on = $("on");
  const first = Number(slider.min), last = Number(slider.max);

  function show(version) {
    const place = version - first;
    const shown = new Set((marks.checked ? frames.marked : frames.plain)[place]);
    parts.forEach((part, number) => part.classList.toggle("off", !shown.has(number)));
    panels.forEach((panel, number) => { panel.hidden = number !== place; });
    for (const link of document.querySelectorAll('a[href^="#v"]'))
      (link.closest("tr") ?? link).classList.toggle("now", link.hash === `#v${version}`);
    slider.value = version;
    slider.setAttribute("aria-valuetext", panels[place].querySelector("h2").textContent.replace(/\s+/g, " ").trim());
    back.disabled = version === first;
    on.disabled = version === last;
  }

  function go(version) {
    const wanted = Math.min(Math.max(version, first), last);
    history.replaceState(null, "", `#v${wanted}`);
    show(wanted);
  }

  const asked = () => Number(/^#v(\d+)$/.exec(location.hash)?.[1] ?? last);
  const known = version => (version >= first && version <= last ? version : last);
  slider.addEventListener("input", () => go(Number(slider.value)));
  marks.addEventListener("change", () => show(Number(slider.value)));
  back.addEventListener("click", () => go(Number(slider.value) - 1));
  on.addEventListener("click", () => go(Number(slider.value) + 1));
  addEventListener("hashchange", () => show(known(asked())));
  addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, .picture")) return;
    if (event.key === "ArrowLeft") go(Number(slider.value) - 1);
    if (event.key === "ArrowRight") go(Number(slider.value) + 1);
  });
  show(known(asked()));
}
