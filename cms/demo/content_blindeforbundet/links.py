"""Resource links of Norges Blindeforbund, for the demonstration."""

from cms.demo.texts import CHANGED, DRAFT, MEMBERS, Group, Link

LINKS = (
    Group(
        "Lese og lytte",
        nn="Lese og lytte",
        en="Reading and listening",
        items=(
            Link(
                "Norsk lyd- og blindeskriftbibliotek",
                "https://www.nlb.no/",
                "Lydbøker, punktskrift og e-bøker til lån for alle som har vansker med å lese vanlig "
                "trykt tekst.",
                picture="cups",
                nn=(
                    "Norsk lyd- og blindeskriftbibliotek",
                    "Lydbøker, punktskrift og e-bøker til lån for alle som har vanskar med å lese vanleg "
                    "trykt tekst.",
                ),
                en=(
                    "Norwegian library of talking books and braille",
                    "Free loans for those who can't read print.",
                ),
            ),
            Link(
                "NRK med synstolking",
                "https://tv.nrk.no/",
                "Serier og filmer der noen forteller hva du ikke ser. Søk på «synstolket».",
            ),
            Link(
                "Statped: syn",
                "https://www.statped.no/syn/",
                "Om opplæring for barn, unge og voksne med synshemming.",
            ),
        ),
    ),
    Group(
        "Hverdag og hjelpemidler",
        nn="Kvardag og hjelpemiddel",
        en="Everyday life and aids",
        items=(
            Link(
                "NAV: hjelpemidler for deg som ser dårlig",
                "https://www.nav.no/hjelpemidler",
                "Lupe, leselist, skjermleser, mobilitet: hva du kan få, og hvordan du søker.",
                nn=(
                    "NAV: hjelpemiddel for deg som ser dårleg",
                    "Lupe, leselist, skjermlesar, mobilitet: kva du kan få, og korleis du søkjer.",
                ),
                en=("NAV: aids for low vision", "What you can get, and how to apply."),
            ),
            Link(
                "Be My Eyes",
                "https://www.bemyeyes.com/",
                "Vis kameraet til en frivillig som ser. Godt til datostempler, brev og sokker.",
            ),
            Link(
                "Tilgjengelighet på reisen: Entur",
                "https://entur.no/",
                "Reiseplanlegger som fungerer med skjermleser.",
                state=CHANGED,
            ),
            Link(
                "Norges Blindeforbund",
                "https://www.blindeforbundet.no/",
                "Medlemskap, kurs, rehabilitering og førerhund.",
                picture="path",
            ),
        ),
    ),
    Group(
        "Når du trenger en å snakke med",
        items=(
            Link(
                "Mental Helses hjelpetelefon",
                "https://mentalhelse.no/",
                "116 123, hele døgnet. Du kan være anonym.",
            ),
            Link(
                "Pårørendelinjen",
                "https://www.parorendesenteret.no/",
                "For deg som står nær en som er syk eller har en funksjonsnedsettelse.",
            ),
            Link(
                "Veiledning for likepersoner",
                "https://www.blindeforbundet.no/",
                "Hvem du kan ringe etter en tung samtale.",
                audience=MEMBERS,
                state=DRAFT,
            ),
        ),
    ),
)
