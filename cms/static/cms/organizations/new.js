// Suggests a schema name and a host from the short name, until they are written by hand. The server makes the
// same suggestions for fields left empty (cms/admin/organizations/creation.py).
(() => {
    const short = document.getElementById("id_short_name");
    const schema = document.getElementById("id_schema_name");
    const host = document.getElementById("id_host");
    const platform = JSON.parse(document.getElementById("platform-host").textContent);
    const letters = { æ: "ae", ø: "o", å: "a", đ: "d", ŋ: "n", ŧ: "t" };

    const schemaFrom = (name) =>
        name
            .toLowerCase()
            .replace(/[æøåđŋŧ]/g, (letter) => letters[letter])
            .normalize("NFKD")
            .replace(/[^\x00-\x7f]/g, "")
            .replace(/[^a-z0-9]+/g, "_")
            .replace(/^[_0-9]+|[_0-9]+$/g, "")
            .slice(0, 40)
            .replace(/_+$/, "");
    const hostFrom = (name) => (name ? `${name.replace(/_/g, "-")}.${platform}` : "");

    const suggest = () => {
        const name = schema.dataset.own ? schema.value : schemaFrom(short.value);
        if (!schema.dataset.own) schema.value = name;
        if (!host.dataset.own) host.value = hostFrom(name);
    };
    for (const field of [schema, host]) {
        if (field.value) field.dataset.own = "yes";
        field.addEventListener("input", () => {
            if (field.value) field.dataset.own = "yes";
            else delete field.dataset.own;
            if (field === schema) suggest();
        });
    }
    short.addEventListener("input", suggest);
})();
