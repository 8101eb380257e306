/* The quick form: a chosen type brings its usual duration, and focus goes to what has to be mended. */
(function () {
    const quick = document.querySelector("[data-quick]");
    if (!quick) return;
    const minutes = quick.querySelector("[name=duration_minutes]");
    let guessed = minutes.value;

    quick.addEventListener("change", (event) => {
        const usual = event.target.dataset.minutes;
        // What somebody typed themselves stays.
        if (!usual || minutes.value !== guessed) return;
        minutes.value = guessed = usual;
    });

    const fault = quick.querySelector(".errorlist");
    if (fault) {
        const field = fault.closest(".quick-field, details").querySelector("input, textarea");
        if (field) field.focus();
    }
})();
