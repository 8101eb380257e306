"""Content of the platform's own site: what the sales website shows."""

from .texts import DRAFT, PUBLIC, Content, Faq, Group, Link, Picture

FAQS = (
    Group(
        "Om Meander",
        nn="Om Meander",
        en="About Meander",
        items=(
            Faq(
                "Hva er Meander?",
                "<p>Ett sted for organisasjoner som driver likepersonsarbeid: innholdet likepersonene "
                "leser i "
                "appen, og alt koordinatoren trenger for å følge dem opp.</p>",
                audience=PUBLIC,
                nn=(
                    "Kva er Meander?",
                    "<p>Éin stad for organisasjonar som driv likepersonsarbeid: innhaldet likepersonane "
                    "les i "
                    "appen, og alt koordinatoren treng for å følgje dei opp.</p>",
                ),
                en=(
                    "What is Meander?",
                    "<p>One place for organisations that do peer support: what peer mentors read in the "
                    "app, and "
                    "everything a coordinator needs to support them.</p>",
                ),
            ),
            Faq(
                "Hvem er det laget for?",
                "<p>For organisasjoner der mennesker med egen erfaring hjelper andre: "
                "funksjonsnedsettelse, sykdom, "
                "rus, sorg, pårørende. Små lag og landsdekkende forbund bruker det samme.</p>",
                audience=PUBLIC,
                en=(
                    "Who is it made for?",
                    "<p>For organisations in which people with experience of their own help others. "
                    "Small local "
                    "groups and nationwide associations use the same.</p>",
                ),
            ),
            Faq(
                "Virker det uten nett?",
                "<p>Ja. Appen tar med seg innholdet, og det du skriver, sendes når du er på nett igjen.</p>",
                audience=PUBLIC,
                nn=(
                    "Verkar det utan nett?",
                    "<p>Ja. Appen tek med seg innhaldet, og det du skriv, blir sendt når du er på nett "
                    "igjen.</p>",
                ),
                en=(
                    "Does it work offline?",
                    "<p>Yes. The app carries the content along, and sends what you write when you are back "
                    "online.</p>",
                ),
            ),
        ),
    ),
    Group(
        "Personvern og sikkerhet",
        nn="Personvern og tryggleik",
        en="Privacy and security",
        items=(
            Faq(
                "Kan en annen organisasjon se våre data?",
                "<p>Nei. Hver organisasjon har sitt eget område i databasen, med en egen tilgang som "
                "databasen selv "
                "håndhever.</p>",
                audience=PUBLIC,
                en=(
                    "Can another organisation see our data?",
                    "<p>No. Each organisation has an area of its own in the database, with an access of "
                    "its own "
                    "that the database itself enforces.</p>",
                ),
            ),
            Faq(
                "Kan dere som leverandør lese samtalenotatene?",
                "<p>Vi går bare inn hos en kunde når en administrator der har sagt ja, for en avtalt "
                "tid, og hvert "
                "oppslag blir stående i loggen.</p>",
                audience=PUBLIC,
                en=(
                    "Can you, the supplier, read the notes?",
                    "<p>We enter a customer's organisation only after an administrator there has agreed, "
                    "for a set "
                    "time, and everything we look at stays in the log.</p>",
                ),
            ),
            Faq(
                "Hva skjer hvis vi slutter?",
                "<p>Dere får ut alt dere har lagt inn. Deretter slettes området etter en avtalt frist.</p>",
                audience=PUBLIC,
                en=(
                    "What happens if we leave?",
                    "<p>You get everything out that you put in. The area is then deleted after an agreed "
                    "time.</p>",
                ),
            ),
        ),
    ),
    Group(
        "Kom i gang",
        en="Getting started",
        items=(
            Faq(
                "Hvordan får vi prøve?",
                "<p>Bestill en demo på denne siden. Vi viser dere en organisasjon med eksempeldata og "
                "svarer på det "
                "dere lurer på.</p>",
                audience=PUBLIC,
                en=(
                    "How can we try it?",
                    "<p>Book a demo on this page. We show you an organisation with sample data and "
                    "answer your "
                    "questions.</p>",
                ),
            ),
            Faq(
                "Hva koster det?",
                "<p>Prisen følger antall likepersoner. Be om et tilbud når dere bestiller demo.</p>",
                audience=PUBLIC,
                state=DRAFT,
            ),
        ),
    ),
)

LINKS = (
    Group(
        "Les mer",
        nn="Les meir",
        en="Read more",
        items=(
            Link(
                "WCAG 2.2",
                "https://www.w3.org/TR/WCAG22/",
                "Kravene til universell utforming som appen og administrasjonen er laget etter.",
                en=("WCAG 2.2", "The accessibility guidelines that the app and the admin are made to meet."),
            ),
            Link(
                "Datatilsynet",
                "https://www.datatilsynet.no/",
                "Om rettighetene dine når noen lagrer opplysninger om deg.",
                en=(
                    "The Norwegian Data Protection Authority",
                    "Your rights when someone keeps data about you.",
                ),
            ),
            Link(
                "Uutilsynet",
                "https://www.uutilsynet.no/",
                "Tilsynet for universell utforming av IKT, med veiledning om skjermlesere og kontrast.",
                picture="bench",
                en=("The authority for accessible ICT", "With guidance on screen readers and contrast."),
            ),
        ),
    ),
)

PICTURES = {
    "bench": Picture(
        "bench",
        "En samtale",
        "Tegning av to mennesker ved siden av hverandre på en benk under en sol.",
        ("#eef4f5", "#f0c987", "#1f4e5f"),
    ),
}
CONTENT = Content(faqs=FAQS, links=LINKS, pictures=PICTURES)
