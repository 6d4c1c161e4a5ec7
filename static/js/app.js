// Keyboard and bulk selection. Everything here is also a link, a button or a checkbox.
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const current = () => document.querySelector("[data-row].cur");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  all[at]?.classList.remove("cur");
  next.classList.add("cur");
  next.scrollIntoView({ block: "nearest" });
  (next.querySelector("a[href]") ?? next).focus({ preventScroll: true });
}

const moves = {
  j: () => move(1),
  k: () => move(-1),
  x: () => current()?.querySelector("input[type=checkbox]")?.click(),
  "/": () => document.querySelector("main input[type=search]")?.focus(),
  "?": help,
};

function help() {
  const dialog = document.querySelector("#help");
  const here = document.querySelectorAll("main .keys > *");
  dialog.querySelector("[data-keys-here]").replaceChildren(...[...here].map((one) => one.cloneNode(true)));
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") document.activeElement?.blur();
  if (event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) return;
  const key = CSS.escape(event.key);
  const button =
    current()?.querySelector(`[data-key="${key}"]:not([disabled])`) ??
    [...document.querySelectorAll(`[data-key="${key}"]:not([disabled])`)].find((one) => !one.closest("[data-row]"));
  if (button) {
    button.focus();
    button.click();
  } else if (moves[event.key]) moves[event.key]();
  else return;
  event.preventDefault();
});

function recount(form) {
  const picked = form.querySelectorAll("[name=pick]:checked").length;
  for (const out of form.querySelectorAll("[data-picked]")) out.textContent = picked;
  for (const bar of form.querySelectorAll(".bulk")) bar.classList.toggle("bulk-none", picked === 0);
  for (const box of form.querySelectorAll("[name=pick]")) {
    box.closest("[data-row]")?.classList.toggle("sel", box.checked);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (event.target.matches("[data-check-all]")) {
    for (const box of form.querySelectorAll("[name=pick]")) box.checked = event.target.checked;
  }
  if (form && event.target.matches("[data-check-all], [name=pick]")) recount(form);
  if (event.target.matches("[data-submit-on-change]")) form.requestSubmit();
});

document.addEventListener("click", async (event) => {
  if (event.target.closest("[href='#help']")) {
    event.preventDefault();
    help();
  }
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  event.preventDefault();
  await navigator.clipboard.writeText(copy.dataset.copy);
  copy.classList.add("copied");
});

for (const form of document.querySelectorAll("form")) {
  if (form.querySelector("[name=pick]")) recount(form);
}

// A part that renews itself keeps what its reader has open, ticked and focused, and says aloud only what is new.
let kept = null;
const named = (one) => one.id || one.getAttribute("href") || one.name + one.value || one.textContent;
const alike = (root, tag) => [...root.querySelectorAll(tag)];

document.addEventListener("htmx:beforeSwap", ({ target }) => {
  kept = {
    focus: target.contains(document.activeElement) && [document.activeElement.tagName, named(document.activeElement)],
    open: alike(target, "details[open] > summary").map(named),
    ticked: alike(target, "[name=pick]:checked").map(named),
    row: current() && named(current()),
  };
});

document.addEventListener("htmx:afterSwap", (event) => {
  const root = document.getElementById(event.target.id) ?? event.target;
  for (const one of alike(root, "details > summary")) if (kept?.open.includes(named(one))) one.parentElement.open = true;
  for (const one of alike(root, "[name=pick]")) if (kept?.ticked.includes(named(one))) one.checked = true;
  rows().find((one) => named(one) === kept?.row)?.classList.add("cur");
  if (kept?.focus) alike(root, kept.focus[0]).find((one) => named(one) === kept.focus[1])?.focus({ preventScroll: true });
  for (const form of alike(root, "form")) if (form.querySelector("[name=pick]")) recount(form);
  const said = document.querySelector("#said");
  if (said && root.dataset.say && said.textContent !== root.dataset.say) said.textContent = root.dataset.say;
});
