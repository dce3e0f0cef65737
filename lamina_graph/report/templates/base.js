"use strict";
{
  const root = document.documentElement, button = document.getElementById("theme"), said = button.querySelector("span");
  const themes = ["auto", "light", "dark"];
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(said.textContent) + 1) % themes.length];
    said.textContent = next;
    if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
  });
  root.classList.add("js");
  for (const each of document.querySelectorAll(".scripted")) each.hidden = false;
}
