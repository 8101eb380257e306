/* A button that shows the password one is typing. Without scripts, the field stays as it is. */
(() => {
    const { show, hide } = document.currentScript.dataset;

    const prepare = () => {
        document.querySelectorAll("input[data-password]").forEach((field) => {
            const button = document.createElement("button");
            button.type = "button";
            button.className = "password-toggle";
            button.setAttribute("aria-controls", field.id);
            const label = () => {
                button.textContent = field.type === "password" ? show : hide;
            };
            button.addEventListener("click", () => {
                field.type = field.type === "password" ? "text" : "password";
                label();
            });
            // A password left visible would be offered by the browser's form history.
            field.form.addEventListener("submit", () => {
                field.type = "password";
                label();
            });
            label();
            field.insertAdjacentElement("afterend", button);
        });
    };

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", prepare);
    } else {
        prepare();
    }
})();
