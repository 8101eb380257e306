"""Resource links of Norges Handikapforbund, for the demonstration."""

from cms.demo.texts import CHANGED, MEMBERS, ROLES, SCHEDULED, Group, Link

MENTORS = ("coordinator", "org_admin", "peer_mentor")

LINKS = (
    Group(
        "Rettigheter og hjelpemidler",
        nn="Rettar og hjelpemiddel",
        en="Rights and assistive technology",
        items=(
            Link(
                "NAV: hjelpemidler",
                "https://www.nav.no/hjelpemidler",
                "Hva du kan søke om, til hverdag, skole og jobb, og hvordan du følger saken din.",
                nn=(
                    "NAV: hjelpemiddel",
                    "Kva du kan søkje om, til kvardag, skule og jobb, og korleis du følgjer saka di.",
                ),
                en=("NAV: assistive technology", "What you can apply for, and how to follow your case."),
            ),
            Link(
                "Helsenorge: brukerstyrt personlig assistanse",
                "https://www.helsenorge.no/",
                "Om retten til BPA og hvordan kommunen behandler en søknad. Søk på «BPA».",
            ),
            Link(
                "Diskrimineringsnemnda",
                "https://www.diskrimineringsnemnda.no/",
                "Her kan du klage når du er diskriminert, for eksempel ved manglende universell utforming.",
            ),
            Link(
                "Pasient- og brukerombudet",
                "https://www.pasientogbrukerombudet.no/",
                "Gratis råd når noe har gått galt i helse- og omsorgstjenesten, uansett hvor du bor.",
                state=CHANGED,
            ),
        ),
    ),
    Group(
        "Noen å snakke med nå",
        nn="Nokon å snakke med no",
        en="Someone to talk to now",
        items=(
            Link(
                "Mental Helses hjelpetelefon",
                "https://mentalhelse.no/",
                "Åpen hele døgnet på 116 123. Du kan være anonym, og du kan skrive i stedet for å ringe.",
                picture="cups",
                nn=(
                    "Hjelpetelefonen til Mental Helse",
                    "Open heile døgnet på 116 123. Du kan vere anonym, og du kan skrive i staden for å "
                    "ringje.",
                ),
                en=("The helpline of Mental Helse", "Open day and night on 116 123. You can be anonymous."),
            ),
            Link(
                "Kirkens SOS",
                "https://www.kirkens-sos.no/",
                "Døgnåpen krisetelefon og chat for alle, uansett tro.",
            ),
            Link(
                "Ung.no",
                "https://www.ung.no/",
                "For deg mellom 13 og 20 år: svar fra fagfolk på alt du lurer på, også om kropp og "
                "funksjonsnedsettelse.",
            ),
        ),
    ),
    Group(
        "For likepersoner",
        items=(
            Link(
                "Likepersonsarbeid: kunnskap og kurs",
                "https://www.likeperson.com/",
                "Grunnkurset som lese- og lyttestoff, og mer om hva likepersonsarbeid er.",
                audience=MEMBERS,
            ),
            Link(
                "Grunnkurs: meld deg på",
                "https://nhf.no/",
                "Datoer for vårens kurs og skjema for påmelding.",
                audience=ROLES,
                roles=MENTORS,
                state=SCHEDULED,
            ),
            Link(
                "Norges Handikapforbund",
                "https://nhf.no/",
                "Lokallag, politikk og medlemskap.",
                picture="bench",
            ),
        ),
    ),
)
