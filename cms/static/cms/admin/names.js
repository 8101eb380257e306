/* Names for the two fields that Wagtail's scripts and templates leave without one: the one tags are typed into,
   made by a script beside the field that has the label, and the one files are chosen with, under a button. */
(() => {
    const nameTags = () => {
        document.querySelectorAll(".tagit input.ui-autocomplete-input:not([aria-labelledby])").forEach((input) => {
            const field = input.closest(".tagit").previousElementSibling;
            const label = field?.id && document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
            if (!label) return;
            label.id ||= `${field.id}-label`;
            input.setAttribute("aria-labelledby", label.id);
        });
    };
    const nameFiles = () => {
        const input = document.getElementById("fileupload");
        const text = input?.previousElementSibling?.textContent.trim();
        if (text) input.setAttribute("aria-label", text);
    };
    const ready = () => {
        nameTags();
        nameFiles();
        // Dialogs and the rows of a multiple upload arrive later.
        new MutationObserver(nameTags).observe(document.body, { childList: true, subtree: true });
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
    else ready();
})();
