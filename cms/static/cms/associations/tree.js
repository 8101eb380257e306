/* Makes the nested lists of links a tree (WAI-ARIA Authoring Practices, navigation treeview): one stop for the
   Tab key, arrows within it, letters find a name. Without this script they are lists of links, all open. */
(() => {
    const tree = document.querySelector("[data-tree]");
    if (!tree) return;
    const OPEN = `tree-open:${location.pathname}`;
    const items = [...tree.querySelectorAll("a.tree-item")];
    const groupOf = (item) => item.nextElementSibling;
    const parentOf = (item) => item.closest("ul").parentElement.querySelector(":scope > a.tree-item");
    const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
    const text = (item) => item.textContent.trim().toLocaleLowerCase();
    let current = null;

    const remember = () => {
        try {
            sessionStorage.setItem(OPEN, JSON.stringify(items.filter(isOpen).map((item) => item.id)));
        } catch {
            /* Storage is full or forbidden: what was open is forgotten. */
        }
    };
    const remembered = () => {
        try {
            return new Set(JSON.parse(sessionStorage.getItem(OPEN) || "[]"));
        } catch {
            return new Set();
        }
    };
    const setOpen = (item, open) => {
        if (!groupOf(item)) return;
        item.setAttribute("aria-expanded", String(open));
    };
    const toggle = (item, open) => {
        setOpen(item, open);
        // What is closed must not keep the focus, nor the one place of the Tab key.
        if (!open && current && current !== item && groupOf(item)?.contains(current)) focusOn(item);
        remember();
    };
    const isShown = (item) => {
        if (item.parentElement.hidden) return false;
        for (let above = parentOf(item); above; above = parentOf(above)) {
            if (!isOpen(above) || above.parentElement.hidden) return false;
        }
        return true;
    };
    const setCurrent = (item) => {
        if (current) current.tabIndex = -1;
        current = item;
        if (current) current.tabIndex = 0;
    };
    const focusOn = (item) => {
        if (!item) return;
        setCurrent(item);
        item.focus();
    };
    const shown = () => items.filter(isShown);

    const prepare = (list, level) => {
        const entries = [...list.children];
        entries.forEach((entry, index) => {
            const item = entry.firstElementChild;
            entry.setAttribute("role", "none");
            item.setAttribute("role", "treeitem");
            item.setAttribute("aria-level", level);
            item.setAttribute("aria-setsize", entries.length);
            item.setAttribute("aria-posinset", index + 1);
            item.tabIndex = -1;
            const group = groupOf(item);
            if (!group) return;
            group.setAttribute("role", "group");
            item.setAttribute("aria-owns", group.id);
            const arrow = document.createElement("span");
            arrow.className = "tree-arrow";
            arrow.setAttribute("aria-hidden", "true");
            item.prepend(arrow);
            prepare(group, level + 1);
        });
    };
    tree.setAttribute("role", "tree");
    tree.setAttribute("aria-labelledby", "tree-title");
    tree.setAttribute("aria-describedby", "tree-help");
    const help = document.getElementById("tree-help");
    if (help) help.hidden = false;
    prepare(tree, 1);

    // What is open at first: all of a search; else what was open before, and the way to the one in the address.
    const before = remembered();
    const roots = [...tree.children].map((entry) => entry.firstElementChild);
    items.forEach((item) => {
        setOpen(item, tree.hasAttribute("data-open") || before.has(item.id) || (roots.length === 1 && item === roots[0]));
    });
    const named = location.hash && document.getElementById(location.hash.slice(1));
    tree.classList.add("is-ready");
    setCurrent(items[0]);
    if (named && items.includes(named)) {
        for (let above = parentOf(named); above; above = parentOf(above)) setOpen(above, true);
        focusOn(named);
        named.scrollIntoView({ block: "center" });
    }

    tree.addEventListener("click", (event) => {
        const arrow = event.target.closest(".tree-arrow");
        const item = event.target.closest("a.tree-item");
        if (!item) return;
        setCurrent(item);
        if (!arrow) return;
        event.preventDefault();
        toggle(item, !isOpen(item));
        item.focus();
    });
    tree.addEventListener("focusin", (event) => {
        if (items.includes(event.target)) setCurrent(event.target);
    });

    let typed = "";
    let typedAt = 0;
    const isTyping = () => typed && Date.now() - typedAt < 1000;
    const findTyped = (key) => {
        typed = isTyping() ? typed + key : key;
        typedAt = Date.now();
        const list = shown();
        const start = list.indexOf(current) + (typed.length === 1 ? 1 : 0);
        const round = [...list.slice(start), ...list.slice(0, start)];
        // Names often begin alike ("NHF …"): then any of their words will do.
        focusOn(
            round.find((item) => text(item).startsWith(typed)) ??
                round.find((item) => ` ${text(item)}`.includes(` ${typed}`)),
        );
    };
    const move = (step) => {
        const list = shown();
        focusOn(list[list.indexOf(current) + step]);
    };
    const KEYS = {
        ArrowDown: () => move(1),
        ArrowUp: () => move(-1),
        Home: () => focusOn(shown()[0]),
        End: () => focusOn(shown().at(-1)),
        ArrowRight: () => {
            if (!groupOf(current)) return;
            if (!isOpen(current)) toggle(current, true);
            else move(1);
        },
        ArrowLeft: () => {
            if (isOpen(current)) toggle(current, false);
            else focusOn(parentOf(current));
        },
        "*": () => {
            [...current.closest("ul").children].forEach((entry) => setOpen(entry.firstElementChild, true));
            remember();
        },
        " ": () => (groupOf(current) ? toggle(current, !isOpen(current)) : current.click()),
    };
    tree.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !current) return;
        // A space within what is being typed is part of the name.
        if (KEYS[event.key] && !(event.key === " " && isTyping())) KEYS[event.key]();
        else if (event.key.length === 1) findTyped(event.key.toLocaleLowerCase());
        else return;
        event.preventDefault();
    });

    // Finding while one types; the server does the same for whoever sends the form.
    const box = document.getElementById("tree-q");
    const status = document.getElementById("tree-found");
    if (!box || box.value) return;
    const say = (wanted, count) => {
        const { one, many, none, all } = status.dataset;
        if (!wanted) status.textContent = all;
        else if (!count) status.textContent = none;
        else status.textContent = count === 1 ? one : many.replace("{count}", count);
    };
    let open = null;
    const search = () => {
        const wanted = box.value.trim().replace(/\s+/g, " ").toLocaleLowerCase();
        if (wanted && !open) open = new Set(items.filter(isOpen));
        let count = 0;
        const visit = (list) => {
            let any = false;
            for (const entry of list.children) {
                const item = entry.firstElementChild;
                const name = item.querySelector(".tree-name").textContent.toLocaleLowerCase();
                const number = item.querySelector(".tree-number").textContent.toLocaleLowerCase();
                const found = !wanted || name.includes(wanted) || number === wanted;
                const group = groupOf(item);
                const below = group ? visit(group) : false;
                entry.hidden = !(found || below);
                item.classList.toggle("tree-above", Boolean(wanted) && !found);
                if (wanted) setOpen(item, below);
                else if (open) setOpen(item, open.has(item));
                count += found ? 1 : 0;
                any ||= found || below;
            }
            return any;
        };
        visit(tree);
        if (!wanted) open = null;
        say(wanted, count);
        if (!current || !isShown(current)) setCurrent(shown()[0]);
    };
    let waiting;
    box.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(search, 120);
    });
    box.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        focusOn(shown()[0]);
    });
})();
