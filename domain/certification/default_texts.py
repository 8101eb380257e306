"""The drafts of declarations that a new organisation begins with. Its own people read and publish them."""

from .choices import RoleContext

TEXTS: dict[str, dict[str, str]] = {
    RoleContext.MENTOR: {
        "title_nb": "Taushetserklæring for likepersoner",
        "title_nn": "Teieplikterklæring for likepersonar",
        "title_en": "Declaration of confidentiality for peer mentors",
        "body_nb": (
            "Jeg er likeperson for {organization}.\n\n"
            "Det jeg får vite om andre menneskers helse, familie og andre personlige forhold, holder jeg for"
            " meg selv. Det gjelder også at noen har hatt kontakt med oss, og det gjelder overfor familie og"
            " venner.\n\n"
            "Jeg skriver ikke ned mer enn jeg trenger, oppbevarer det trygt og sletter det når det ikke "
            "trengs lenger. Trenger jeg råd, snakker jeg med koordinatoren uten å si mer enn nødvendig.\n\n"
            "Er det fare for liv eller helse, eller er et barn utsatt for vold eller omsorgssvikt, sier jeg "
            "fra. Taushetsplikten er ikke til hinder for det.\n\n"
            "Plikten varer også etter at jeg har sluttet som likeperson."
        ),
        "body_nn": (
            "Eg er likeperson for {organization}.\n\n"
            "Det eg får vite om helsa, familien og andre personlege tilhøve til andre menneske, held eg for "
            "meg sjølv. Det gjeld òg at nokon har hatt kontakt med oss, og det gjeld overfor familie og "
            "vener.\n\n"
            "Eg skriv ikkje ned meir enn eg treng, tek vare på det på ein trygg måte og slettar det når det "
            "ikkje trengst lenger. Treng eg råd, snakkar eg med koordinatoren utan å seie meir enn "
            "naudsynt.\n\n"
            "Er det fare for liv eller helse, eller er eit barn utsett for vald eller omsorgssvikt, seier eg"
            " frå. Teieplikta er ikkje til hinder for det.\n\n"
            "Plikta varer òg etter at eg har slutta som likeperson."
        ),
        "body_en": (
            "I am a peer mentor of {organization}.\n\n"
            "What I learn about other people's health, family and other personal matters I keep to myself. "
            "That somebody has been in touch with us is part of it, and it holds towards family and "
            "friends.\n\n"
            "I write down no more than I need, keep it safe and delete it when it is no longer needed. If I "
            "need advice, I speak with the coordinator without saying more than necessary.\n\n"
            "If life or health is in danger, or a child suffers violence or neglect, I say so. This "
            "declaration does not stand in the way of that.\n\n"
            "My duty lasts after I have ceased to be a peer mentor."
        ),
    },
    RoleContext.DRIVER: {
        "title_nb": "Taushetserklæring for sjåfører",
        "title_nn": "Teieplikterklæring for sjåførar",
        "title_en": "Declaration of confidentiality for drivers",
        "body_nb": (
            "Jeg kjører for {organization}.\n\n"
            "Hvem jeg kjører, hvorfra og hvorhen, og det jeg hører og ser underveis, holder jeg for meg "
            "selv.\n\n"
            "Navn, adresser og telefonnumre bruker jeg bare til turen og sletter dem etterpå.\n\n"
            "Plikten varer også etter at jeg har sluttet som sjåfør."
        ),
        "body_nn": (
            "Eg køyrer for {organization}.\n\n"
            "Kven eg køyrer, kvarifrå og kvarhen, og det eg høyrer og ser undervegs, held eg for meg "
            "sjølv.\n\n"
            "Namn, adresser og telefonnummer bruker eg berre til turen og slettar dei etterpå.\n\n"
            "Plikta varer òg etter at eg har slutta som sjåfør."
        ),
        "body_en": (
            "I drive for {organization}.\n\n"
            "Whom I drive, from where and to where, and what I hear and see on the way, I keep to myself.\n\n"
            "I use names, addresses and phone numbers for the trip alone and delete them afterwards.\n\n"
            "My duty lasts after I have ceased to be a driver."
        ),
    },
}
