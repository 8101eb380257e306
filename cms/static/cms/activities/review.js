/* The review queue by keyboard: j and k move, a approves, r opens the reason. The page works without it.

   After a decision the page is loaded anew: what was decided is read out, and focus is on what comes next. */
(function () {
    const OFF = "meander-review-keys-off";
    const queue = document.querySelector("[data-review]");
    const items = queue ? Array.from(queue.children) : [];
    let isBusy = false;

    function say() {
        const told = Array.from(document.querySelectorAll(".messages li"));
        if (!told.length) return;
        const refused = told.some((each) => each.matches(".error, .warning"));
        const words = told.map((each) => each.textContent.trim().replace(/\s+/g, " "));
        if (!refused) words.push(document.querySelector("[data-review-total]").textContent.trim());
        const region = document.querySelector(refused ? "[data-review-refused]" : "[data-review-said]");
        // Screen readers tell what changes in a region that was there before.
        setTimeout(() => (region.textContent = words.join(". ")), 150);
    }

    function move() {
        if (!location.search.includes("next=") && !document.querySelector(".messages li")) return;
        const next = document.querySelector("[data-next], [data-review-empty]") || items[0];
        if (next) next.focus();
    }

    say();
    move();
    if (!queue) return;

    const keys = document.querySelector("[data-review-keys]");
    keys.closest("label").hidden = false;
    keys.checked = localStorage.getItem(OFF) === null;
    keys.addEventListener("change", () => {
        if (keys.checked) localStorage.removeItem(OFF);
        else localStorage.setItem(OFF, "1");
    });

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

    queue.addEventListener("submit", (event) => {
        // A key pressed twice decides once.
        if (isBusy) event.preventDefault();
        isBusy = true;
    });

    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const at = current();
        if (event.key === "Escape" && at >= 0 && isTyping(event.target)) {
            event.target.closest("details").open = false;
            items[at].focus();
            return;
        }
        if (isTyping(event.target) || !keys.checked) return;
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
})();
