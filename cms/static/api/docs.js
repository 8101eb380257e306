// Shows the OpenAPI document that this host serves; nothing is asked of any other.
const target = document.getElementById("api");
window.SwaggerUIBundle({
    domNode: target,
    url: target.dataset.document,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null,
});
