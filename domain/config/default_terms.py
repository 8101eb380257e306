"""The words Meander ships with, per locale: singular, plural, definite singular, definite plural."""

from typing import NamedTuple

from .choices import Term


class Forms(NamedTuple):
    """One word in one language."""

    singular: str
    plural: str
    definite_singular: str
    definite_plural: str


def _en(singular: str, plural: str = "") -> Forms:
    plural = plural or f"{singular}s"
    return Forms(singular, plural, f"the {singular}", f"the {plural}")


_NB = {
    Term.ORGANIZATION: Forms("organisasjon", "organisasjoner", "organisasjonen", "organisasjonene"),
    Term.LOCAL_ASSOCIATION: Forms("lokallag", "lokallag", "lokallaget", "lokallagene"),
    Term.PEER_MENTOR: Forms("likeperson", "likepersoner", "likepersonen", "likepersonene"),
    Term.COORDINATOR: Forms("koordinator", "koordinatorer", "koordinatoren", "koordinatorene"),
    Term.ORG_ADMIN: Forms("administrator", "administratorer", "administratoren", "administratorene"),
    Term.CONTACT: Forms("kontakt", "kontakter", "kontakten", "kontaktene"),
    Term.CAREGIVER: Forms("pårørende", "pårørende", "den pårørende", "de pårørende"),
    Term.NOTE: Forms("notat", "notater", "notatet", "notatene"),
    Term.ACTIVITY: Forms("aktivitet", "aktiviteter", "aktiviteten", "aktivitetene"),
    Term.HOME_VISIT: Forms("hjemmebesøk", "hjemmebesøk", "hjemmebesøket", "hjemmebesøkene"),
    Term.ASSIGNMENT: Forms("oppdrag", "oppdrag", "oppdraget", "oppdragene"),
    Term.HONORARIUM: Forms("honorar", "honorarer", "honoraret", "honorarene"),
    Term.CERTIFICATION: Forms("sertifisering", "sertifiseringer", "sertifiseringen", "sertifiseringene"),
    Term.COURSE: Forms("kurs", "kurs", "kurset", "kursene"),
    Term.EVENT: Forms("arrangement", "arrangementer", "arrangementet", "arrangementene"),
    Term.WORKSHOP: Forms("verksted", "verksteder", "verkstedet", "verkstedene"),
    Term.EXPENSE_CLAIM: Forms("refusjonskrav", "refusjonskrav", "refusjonskravet", "refusjonskravene"),
    Term.RECEIPT: Forms("kvittering", "kvitteringer", "kvitteringen", "kvitteringene"),
    Term.ACHIEVEMENT: Forms("utmerkelse", "utmerkelser", "utmerkelsen", "utmerkelsene"),
    Term.NOTIFICATION: Forms("varsel", "varsler", "varselet", "varslene"),
    Term.REPORT: Forms("rapport", "rapporter", "rapporten", "rapportene"),
    Term.FAQ: Forms("spørsmål og svar", "spørsmål og svar", "spørsmålet og svaret", "spørsmålene og svarene"),
    Term.FAQ_CATEGORY: Forms(
        "spørsmålskategori", "spørsmålskategorier", "spørsmålskategorien", "spørsmålskategoriene"
    ),
    Term.RESOURCE_LINK: Forms("ressurslenke", "ressurslenker", "ressurslenken", "ressurslenkene"),
    Term.LINK_CATEGORY: Forms("lenkekategori", "lenkekategorier", "lenkekategorien", "lenkekategoriene"),
    Term.CONVERSATION_CARD: Forms("samtalekort", "samtalekort", "samtalekortet", "samtalekortene"),
    Term.CARD_DECK: Forms("kortstokk", "kortstokker", "kortstokken", "kortstokkene"),
}
_NN = {
    Term.ORGANIZATION: Forms("organisasjon", "organisasjonar", "organisasjonen", "organisasjonane"),
    Term.LOCAL_ASSOCIATION: Forms("lokallag", "lokallag", "lokallaget", "lokallaga"),
    Term.PEER_MENTOR: Forms("likeperson", "likepersonar", "likepersonen", "likepersonane"),
    Term.COORDINATOR: Forms("koordinator", "koordinatorar", "koordinatoren", "koordinatorane"),
    Term.ORG_ADMIN: Forms("administrator", "administratorar", "administratoren", "administratorane"),
    Term.CONTACT: Forms("kontakt", "kontaktar", "kontakten", "kontaktane"),
    Term.CAREGIVER: Forms("pårørande", "pårørande", "den pårørande", "dei pårørande"),
    Term.NOTE: Forms("notat", "notat", "notatet", "notata"),
    Term.ACTIVITY: Forms("aktivitet", "aktivitetar", "aktiviteten", "aktivitetane"),
    Term.HOME_VISIT: Forms("heimebesøk", "heimebesøk", "heimebesøket", "heimebesøka"),
    Term.ASSIGNMENT: Forms("oppdrag", "oppdrag", "oppdraget", "oppdraga"),
    Term.HONORARIUM: Forms("honorar", "honorar", "honoraret", "honorara"),
    Term.CERTIFICATION: Forms("sertifisering", "sertifiseringar", "sertifiseringa", "sertifiseringane"),
    Term.COURSE: Forms("kurs", "kurs", "kurset", "kursa"),
    Term.EVENT: Forms("arrangement", "arrangement", "arrangementet", "arrangementa"),
    Term.WORKSHOP: Forms("verkstad", "verkstader", "verkstaden", "verkstadene"),
    Term.EXPENSE_CLAIM: Forms("refusjonskrav", "refusjonskrav", "refusjonskravet", "refusjonskrava"),
    Term.RECEIPT: Forms("kvittering", "kvitteringar", "kvitteringa", "kvitteringane"),
    Term.ACHIEVEMENT: Forms("utmerking", "utmerkingar", "utmerkinga", "utmerkingane"),
    Term.NOTIFICATION: Forms("varsel", "varsel", "varselet", "varsla"),
    Term.REPORT: Forms("rapport", "rapportar", "rapporten", "rapportane"),
    Term.FAQ: Forms("spørsmål og svar", "spørsmål og svar", "spørsmålet og svaret", "spørsmåla og svara"),
    Term.FAQ_CATEGORY: Forms(
        "spørsmålskategori", "spørsmålskategoriar", "spørsmålskategorien", "spørsmålskategoriane"
    ),
    Term.RESOURCE_LINK: Forms("ressurslenkje", "ressurslenkjer", "ressurslenkja", "ressurslenkjene"),
    Term.LINK_CATEGORY: Forms("lenkjekategori", "lenkjekategoriar", "lenkjekategorien", "lenkjekategoriane"),
    Term.CONVERSATION_CARD: Forms("samtalekort", "samtalekort", "samtalekortet", "samtalekorta"),
    Term.CARD_DECK: Forms("kortstokk", "kortstokkar", "kortstokken", "kortstokkane"),
}
_EN = {
    Term.ORGANIZATION: _en("organisation"),
    Term.LOCAL_ASSOCIATION: _en("local association"),
    Term.PEER_MENTOR: _en("peer mentor"),
    Term.COORDINATOR: _en("coordinator"),
    Term.ORG_ADMIN: _en("administrator"),
    Term.CONTACT: _en("contact"),
    Term.CAREGIVER: _en("caregiver"),
    Term.NOTE: _en("note"),
    Term.ACTIVITY: _en("activity", "activities"),
    Term.HOME_VISIT: _en("home visit"),
    Term.ASSIGNMENT: _en("assignment"),
    Term.HONORARIUM: _en("honorarium", "honoraria"),
    Term.CERTIFICATION: _en("certification"),
    Term.COURSE: _en("course"),
    Term.EVENT: _en("event"),
    Term.WORKSHOP: _en("workshop"),
    Term.EXPENSE_CLAIM: _en("expense claim"),
    Term.RECEIPT: _en("receipt"),
    Term.ACHIEVEMENT: _en("achievement"),
    Term.NOTIFICATION: _en("notification"),
    Term.REPORT: _en("report"),
    Term.FAQ: _en("FAQ"),
    Term.FAQ_CATEGORY: _en("FAQ category", "FAQ categories"),
    Term.RESOURCE_LINK: _en("resource link"),
    Term.LINK_CATEGORY: _en("link category", "link categories"),
    Term.CONVERSATION_CARD: _en("conversation card"),
    Term.CARD_DECK: _en("card deck"),
}
DEFAULT_TERMS: dict[str, dict[str, Forms]] = {
    locale: {key.value: forms for key, forms in words.items()}
    for locale, words in (("nb", _NB), ("nn", _NN), ("en", _EN))
}
