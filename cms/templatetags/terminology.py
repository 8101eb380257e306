"""The organisation's words in templates."""

from django import template
from django.utils.text import capfirst

from domain.config.choices import Term, TermForm
from domain.config.terminology import term

register = template.Library()


class TermNode(template.Node):
    def __init__(self, key, form: str, *, capital: bool, variable: str):
        self.key, self.form, self.capital, self.variable = key, form, capital, variable

    def render(self, context):
        word = term(str(self.key.resolve(context)), self.form)
        word = capfirst(word) if self.capital else word
        if self.variable:
            context[self.variable] = word
            return ""
        return template.base.render_value_in_context(word, context)


@register.tag("term")
def term_tag(parser, token):
    """`{% term "faq" plural %}`: a word in the reader's language; the form is singular unless it is said.

    Forms: singular, plural, definite_singular, definite_plural. `capital` begins it with a capital letter;
    `as name` keeps it for `blocktranslate`. A key written out is checked when the template is loaded.
    """
    name, *bits = token.split_contents()
    if not bits:
        raise template.TemplateSyntaxError(f"{name} needs the key of a term")
    key, *bits = bits
    variable = ""
    if len(bits) >= 2 and bits[-2] == "as":
        variable, bits = bits[-1], bits[:-2]
    capital = "capital" in bits
    forms = [bit for bit in bits if bit != "capital"]
    if len(forms) > 1 or (forms and forms[0] not in TermForm.values):
        raise template.TemplateSyntaxError(
            f"{name} knows the forms {', '.join(TermForm.values)}, not {forms}"
        )
    if key[0] in "\"'" and key[1:-1] not in Term.values:
        raise template.TemplateSyntaxError(f"{key} is not one of the platform's terms")
    return TermNode(
        parser.compile_filter(key),
        forms[0] if forms else TermForm.SINGULAR.value,
        capital=capital,
        variable=variable,
    )
