// Completes names of tables and columns in the box for a statement. Arrow keys go into the list, Enter or Tab takes the
// name that is marked, Escape closes; without a marked name every key does what it does in any box.
(function begin(tries) {
  const NAMES = __NAMES__, LABEL = __LABEL__, MOST = 8, WORD = /[A-Za-z_][A-Za-z0-9_]*$/;
  const box = document.querySelector(".st-key-sql_text textarea");
  if (!box) return void (tries && setTimeout(begin, 100, tries - 1));
  if (box.dataset.completes) return;
  box.dataset.completes = "true";
  box.spellcheck = false;
  document.getElementById("sql-names")?.remove();
  const list = document.createElement("ul");
  Object.assign(list, { id: "sql-names", role: "listbox", hidden: true });
  list.setAttribute("aria-label", LABEL);
  // Beside the box, which the page draws anew by itself: a list of ours within would be taken for its own.
  document.body.append(list);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  let marked = -1;

  const typed = () => (WORD.exec(box.value.slice(0, box.selectionStart)) || [""])[0];
  const close = () => {
    list.hidden = true;
    marked = -1;
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    marked = (place + list.children.length) % list.children.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === marked)));
    box.setAttribute("aria-activedescendant", list.children[marked].id);
    list.children[marked].scrollIntoView({ block: "nearest" });
  };
  const take = (name) => {
    const end = box.selectionStart, start = end - typed().length;
    box.setRangeText(name, start, end, "end");
    // React keeps its own value of the box and reads ours from this event alone.
    box._valueTracker?.setValue("");
    box.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const offer = (all) => {
    const word = typed().toLowerCase();
    const fits = NAMES.filter((name) => name !== word && name.startsWith(word));
    const holds = NAMES.filter((name) => !name.startsWith(word) && name.includes(word));
    const found = word.length > 1 || all ? [...fits, ...(word.length > 2 ? holds : [])].slice(0, MOST) : [];
    if (!found.length) return close();
    list.replaceChildren(...found.map((name, at) => {
      const item = document.createElement("li");
      Object.assign(item, { id: `sql-name-${at}`, role: "option", textContent: name });
      item.setAttribute("aria-selected", "false");
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(name); });
      return item;
    }));
    const place = box.getBoundingClientRect(), page = getComputedStyle(document.querySelector(".stApp"));
    list.style.background = page.backgroundColor;
    list.style.color = page.color;
    list.style.left = `${place.left + scrollX}px`;
    list.style.top = `${place.bottom + scrollY}px`;
    list.style.maxWidth = `${place.width}px`;
    list.hidden = false;
    marked = -1;
    box.removeAttribute("aria-activedescendant");
  };
  box.addEventListener("input", (event) => { if (event.isTrusted) offer(false); });
  box.addEventListener("blur", close);
  addEventListener("scroll", close, { capture: true, passive: true });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.code === "Space") { event.preventDefault(); return offer(true); }
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(marked < 0 && step < 0 ? list.children.length - 1 : marked + step);
    else if (marked >= 0 && (event.key === "Enter" || event.key === "Tab") && !event.ctrlKey) take(list.children[marked].textContent);
    else {
      if (event.key === "Escape") close();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }, true);
})(50);
