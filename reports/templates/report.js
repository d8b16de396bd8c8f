"use strict";
// Without this script the report is one long readable page. With it: tabs, links that open what they point to, filters, sorting.
document.documentElement.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const byId = (id) => document.getElementById(id);
  const panels = all(".panel");
  const tabs = all("#tabs a");

  /* Tabs (WAI-ARIA Authoring Practices, "Tabs"). */
  const panelOf = (tab) => byId(tab.hash.slice(1));
  function select(panel) {
    for (const tab of tabs) {
      const selected = panelOf(tab) === panel;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      panelOf(tab).hidden = !selected;
    }
  }
  byId("tabs").setAttribute("role", "tablist");
  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.id = "tab-" + panel.id;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.parentElement.setAttribute("role", "presentation");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    if (!panel.querySelector("a[href], button, input, summary")) panel.tabIndex = 0;
  }
  byId("tabs").addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    go(tab.hash);
  });

  /* Addresses: #summary is a tab, #steps/7 a step, #steps-step10-mail a row. Setting location.hash would drop the focus. */
  const named = (hash) => {
    try {
      return byId(decodeURIComponent(hash.slice(1)));
    } catch (error) {
      return byId(hash.slice(1)); // a stray % sign
    }
  };
  function show(hash) {
    const target = (hash && named(hash)) || panels[0];
    const panel = target.closest(".panel") || panels.find((each) => !each.hidden) || panels[0];
    select(panel);
    for (const old of all(".lit")) old.classList.remove("lit");
    if (target === panel || !panel.contains(target)) return target;
    for (let each = target; each && each !== panel; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (target.hidden) uncover(target);
    target.classList.add("lit");
    target.scrollIntoView({ block: target.matches("tr") ? "center" : "start" });
    return target;
  }
  function go(hash) {
    if (hash !== location.hash) history.pushState(null, "", hash);
    return show(hash);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const known = named(link.hash);
    if (!known) return;
    event.preventDefault();
    const target = go(link.hash);
    if (tabs.includes(link)) return;
    const focus = target.matches("details") ? target.querySelector("summary") : target;
    if (focus === target && !target.hasAttribute("tabindex")) target.tabIndex = -1;
    focus.focus({ preventScroll: true });
  });
  for (const event of ["popstate", "hashchange"]) addEventListener(event, () => show(location.hash));

  /* Steps. */
  const cards = all(".card");
  for (const card of cards) {
    card.querySelector("summary").addEventListener("click", () => {
      if (!card.open) history.replaceState(null, "", "#" + card.id);
    });
  }
  for (const bar of all("[data-all]")) {
    bar.hidden = false;
    bar.querySelector("[data-open]").addEventListener("click", () => cards.forEach((card) => { card.open = true; }));
    bar.querySelector("[data-close]").addEventListener("click", () => cards.forEach((card) => { card.open = false; }));
  }

  /* Filter, "only what changed" (rows without data-calm), sort. */
  const texts = new WeakMap();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  function refresh(listing) {
    const wanted = listing.querySelector("[data-filter]").value.trim().toLowerCase();
    const only = listing.querySelector("[data-only]");
    const rows = all("tbody tr", listing);
    let shown = 0;
    for (const row of rows) {
      const calm = only && only.checked && "calm" in row.dataset;
      row.hidden = calm || (wanted !== "" && !textOf(row).includes(wanted));
      shown += row.hidden ? 0 : 1;
    }
    const line = listing.querySelector("[data-shown]");
    line.textContent = `${shown} of ${rows.length} ${line.dataset.what} shown`;
  }
  function uncover(row) {
    const listing = row.closest(".listing");
    listing.querySelector("[data-filter]").value = "";
    const only = listing.querySelector("[data-only]");
    if (only && "calm" in row.dataset) only.checked = false;
    refresh(listing);
  }
  for (const bar of all(".toolbar")) {
    const listing = bar.parentElement;
    bar.hidden = false;
    bar.addEventListener("input", () => refresh(listing));
    refresh(listing);
  }
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  for (const table of all(".sortable")) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of all("[aria-sort]", table)) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keyed = all("tbody tr", table).map((row) => [row.cells[column].textContent.trim(), row]);
        keyed.sort((one, other) => collator.compare(one[0], other[0]) * (down ? -1 : 1));
        table.tBodies[0].append(...keyed.map((pair) => pair[1]));
      });
    });
  }

  /* Save and print. */
  byId("tools").hidden = false;
  byId("save-json").addEventListener("click", () => {
    const link = document.createElement("a");
    const page = decodeURIComponent(location.pathname.split("/").pop() || "report.htm");
    link.href = URL.createObjectURL(new Blob([byId("report-data").textContent], { type: "application/json" }));
    link.download = page.replace(/\.html?$/i, "") + ".json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  byId("print").addEventListener("click", () => print());
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });

  document.documentElement.classList.add("ready");
  show(location.hash);
});
