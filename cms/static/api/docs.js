// Shows the OpenAPI document that this host serves; nothing is asked of any other.
const target = document.getElementById("api");

// The page around it has title, introduction and main landmark: here come only sign-in, calls and schemas.
function Page({ React, getComponent }) {
    const show = (name) => React.createElement(getComponent(name, true), { key: name });
    const parts = ["SvgAssets", "errors", "AuthorizeBtnContainer", "operations", "Models"];
    return React.createElement("div", { className: "swagger-ui" }, parts.map(show));
}

// Paths stand inside buttons, where a link can't be reached with the keyboard: plain text in their place.
function withoutLinks(_Original, { React }) {
    return ({ text }) => React.createElement("span", { className: "nostyle" }, text);
}

function ours({ React, getComponent }) {
    return {
        components: { Page: () => Page({ React, getComponent }) },
        wrapComponents: { DeepLink: withoutLinks },
    };
}

window.SwaggerUIBundle({
    domNode: target,
    url: target.dataset.document,
    plugins: [ours],
    layout: "Page",
    deepLinking: true,
    // Headings first: above 150 lines it draws only those in view, which no screen reader and no search finds.
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null,
});
