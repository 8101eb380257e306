// Asks how far a job is and shows it; when it has ended, the page is loaded again and says what came of it.
(() => {
    const area = document.querySelector("[data-run-state]");
    if (!area) return;
    const bar = area.querySelector("[data-run-bar]");
    const done = area.querySelector("[data-run-done]");
    const text = area.querySelector("[data-run-text]");

    const ask = async () => {
        try {
            const answer = await fetch(area.dataset.runState, { headers: { Accept: "application/json" } });
            if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
            const state = await answer.json();
            bar.setAttribute("aria-valuenow", state.progress);
            done.style.width = `${state.progress}%`;
            if (text.textContent !== state.text) text.textContent = state.text;
            if (state.ended) {
                window.location.reload();
                return;
            }
            setTimeout(ask, 1000);
        } catch {
            // Signed out or the server restarts: less often, until it answers again.
            setTimeout(ask, 5000);
        }
    };
    setTimeout(ask, 500);
})();
