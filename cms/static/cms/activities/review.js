/* The review queue by keyboard: j and k move, a approves, r opens the reason. The page works without it. */
(function () {
    const queue = document.querySelector("[data-review]");
    if (!queue) return;
    const items = Array.from(queue.children);

    function current() {
        return items.findIndex((item) => item.contains(document.activeElement));
    }

    function go(to) {
        const item = items[Math.max(0, Math.min(items.length - 1, to))];
        item.focus();
        item.scrollIntoView({ block: "nearest" });
    }

    function isTyping(element) {
        return element.matches("input, textarea, select, [contenteditable]");
    }

    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const at = current();
        if (event.key === "Escape" && at >= 0 && isTyping(event.target)) {
            event.target.closest("details").open = false;
            items[at].focus();
            return;
        }
        if (isTyping(event.target)) return;
        // Wagtail has shortcuts of its own elsewhere on the page: ours hold inside the queue, j from anywhere.
        if (event.key === "j") go(at + 1);
        else if (event.key === "k") go(at - 1);
        else if (at < 0) return;
        else if (event.key === "a") items[at].querySelector("[data-approve] button").click();
        else if (event.key === "o") items[at].querySelector("[data-open]").click();
        else if (event.key === "r") {
            const reject = items[at].querySelector("[data-reject]");
            reject.open = true;
            reject.querySelector("textarea").focus();
        } else return;
        event.preventDefault();
    });

    const next = queue.querySelector("[data-next]");
    if (next) next.focus();
})();
