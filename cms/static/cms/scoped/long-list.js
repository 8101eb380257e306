/* A field over a long list of names to choose from, that leaves those with what is typed. Without it the list
   stands whole. What is chosen always stays. */
(() => {
    const { field, label, shown } = document.currentScript.dataset;
    const FEW = 12;
    const list = document.getElementById(field);
    const rows = list ? Array.from(list.children) : [];
    if (rows.length <= FEW) return;

    const plain = (text) => text.normalize("NFC").toLowerCase();
    const names = rows.map((row) => plain(row.textContent));

    const box = document.createElement("div");
    const title = document.createElement("label");
    const input = document.createElement("input");
    const said = document.createElement("p");
    box.className = "long-list-filter";
    title.textContent = label;
    title.htmlFor = input.id = `${field}-filter`;
    input.type = "search";
    input.autocomplete = "off";
    input.setAttribute("aria-controls", field);
    said.setAttribute("aria-live", "polite");
    box.append(title, input, said);
    list.before(box);
    list.classList.add("long-list");

    let later;
    const filter = () => {
        const parts = plain(input.value).split(/\s+/).filter(Boolean);
        let number = 0;
        rows.forEach((row, at) => {
            const stays = parts.every((part) => names[at].includes(part)) || row.querySelector("input:checked");
            row.hidden = !stays;
            if (stays) number += 1;
        });
        // Told once, when nobody types any more.
        clearTimeout(later);
        later = setTimeout(() => {
            said.textContent = shown.replace("{shown}", number).replace("{all}", rows.length);
        }, 300);
    };
    input.addEventListener("input", filter);
    input.addEventListener("keydown", (event) => {
        // The form is sent with its button; here Enter would send what is not finished.
        if (event.key === "Enter") event.preventDefault();
    });
    const chosen = list.querySelector("input:checked")?.closest(".long-list > *");
    if (chosen) list.scrollTop = chosen.offsetTop - list.offsetTop;
})();
