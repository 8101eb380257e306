/* Passkeys in the browser: the button and the autofill of the login page, adding one, confirming with one.
 *
 * A form (or section) says in data-passkey what it is for, and where its question comes from and its answer
 * goes. Its controls are hidden until it is known that the browser can use passkeys.
 */
(() => {
    const bytes = (text) =>
        Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    const text = (buffer) =>
        btoa(String.fromCharCode(...new Uint8Array(buffer)))
            .replace(/\+/g, "-")
            .replace(/\//g, "_")
            .replace(/=+$/, "");

    /* What the server sends and takes is JSON; the browser's calls want bytes. Not every browser converts. */
    const withBytes = (options) => {
        const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
        const ready = { ...options, challenge: bytes(options.challenge) };
        if (options.user) {
            ready.user = { ...options.user, id: bytes(options.user.id) };
            ready.excludeCredentials = descriptors(options.excludeCredentials);
        } else {
            ready.allowCredentials = descriptors(options.allowCredentials);
        }
        return ready;
    };
    const plain = (credential) => {
        const { response } = credential;
        const answer = { clientDataJSON: text(response.clientDataJSON) };
        if (response.attestationObject) {
            answer.attestationObject = text(response.attestationObject);
            answer.transports = response.getTransports ? response.getTransports() : [];
        } else {
            answer.authenticatorData = text(response.authenticatorData);
            answer.signature = text(response.signature);
            answer.userHandle = response.userHandle ? text(response.userHandle) : null;
        }
        return {
            id: credential.id,
            rawId: text(credential.rawId),
            type: credential.type,
            authenticatorAttachment: credential.authenticatorAttachment,
            clientExtensionResults: credential.getClientExtensionResults(),
            response: answer,
        };
    };

    class Refused extends Error {
        constructor(answer) {
            super(answer.detail);
            this.answer = answer;
        }
    }

    const post = async (url, body) => {
        const response = await fetch(url, {
            method: "POST",
            credentials: "same-origin",
            headers: {
                Accept: "application/json",
                "Content-Type": "application/json",
                "X-CSRFToken": document.querySelector("input[name=csrfmiddlewaretoken]").value,
            },
            body: JSON.stringify(body),
        });
        const isJson = (response.headers.get("Content-Type") || "").includes("json");
        const answer = isJson ? await response.json() : {};
        if (!response.ok || !isJson) {
            throw new Refused(answer);
        }
        return answer;
    };

    const say = (box, message) => {
        const place = box.querySelector("[data-passkey-message]");
        place.textContent = message;
    };
    const wordsFor = (box, error) => {
        if (error instanceof Refused && error.message) {
            return error.message;
        }
        const known = { NotAllowedError: "textCancelled", InvalidStateError: "textKnown" };
        return box.dataset[known[error.name] || "textFailed"];
    };

    const ask = async (box, request = {}) => {
        const { options } = await post(box.dataset.options, {});
        const publicKey = withBytes(options);
        const call = options.user ? "create" : "get";
        return plain(await navigator.credentials[call]({ ...request, publicKey }));
    };
    const field = (name) => document.querySelector(`input[name=${name}]`);
    const answer = async (box, credential) => {
        const { next } = await post(box.dataset.verify, {
            credential,
            name: box.querySelector("input[name=name]")?.value,
            next: field("next")?.value,
            remember: Boolean(field("remember")?.checked),
        });
        window.location.assign(next);
    };

    const run = async (box) => {
        const button = box.querySelector("[data-passkey-controls] button");
        say(box, "");
        button.disabled = true;
        try {
            await answer(box, await ask(box));
        } catch (error) {
            if (error.answer?.confirm) {
                const back = encodeURIComponent(box.dataset.next);
                window.location.assign(`${error.answer.confirm}?next=${back}`);
                return;
            }
            button.disabled = false;
            button.focus();
            say(box, wordsFor(box, error));
        }
    };

    /* Passkeys among what the browser offers in the address field, until the button is pressed. */
    const RENEW = 4 * 60 * 1000; // A question is good for five minutes.
    const offer = (box) => {
        let pending = null;
        let stopped = false;
        const wait = async () => {
            while (!stopped) {
                pending = new AbortController();
                const timer = setTimeout(() => pending.abort(), RENEW);
                try {
                    const credential = await ask(box, { mediation: "conditional", signal: pending.signal });
                    await answer(box, credential);
                    return;
                } catch (error) {
                    if (error.name !== "AbortError") {
                        say(box, error instanceof Refused ? wordsFor(box, error) : "");
                        return;
                    }
                } finally {
                    clearTimeout(timer);
                }
            }
        };
        wait();
        return () => {
            stopped = true;
            pending?.abort();
        };
    };

    const prepare = async () => {
        const canUse = Boolean(window.PublicKeyCredential && navigator.credentials);
        for (const box of document.querySelectorAll("[data-passkey]")) {
            box.querySelector("[data-passkey-without]")?.remove();
            if (!canUse) {
                if (box.dataset.passkey === "register") {
                    say(box, box.dataset.textUnsupported);
                }
                continue;
            }
            box.querySelector("[data-passkey-controls]").hidden = false;
            let stop = () => {};
            const begin = (event) => {
                event.preventDefault();
                stop();
                run(box);
            };
            if (box.dataset.passkey === "sign-in") {
                box.querySelector("button").addEventListener("click", begin);
                if (await window.PublicKeyCredential.isConditionalMediationAvailable?.()) {
                    document.querySelector("input[name=username]").autocomplete = "username webauthn";
                    stop = offer(box);
                }
            } else {
                box.addEventListener("submit", begin);
            }
        }
        const known = document.getElementById("passkeys-known");
        if (known && window.PublicKeyCredential?.signalAllAcceptedCredentials) {
            // So that the device stops offering what was removed here. It answers nothing worth waiting for.
            window.PublicKeyCredential.signalAllAcceptedCredentials(JSON.parse(known.textContent)).catch(() => {});
        }
    };

    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", prepare);
    } else {
        prepare();
    }
})();
