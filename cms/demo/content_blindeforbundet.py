"""Demo content of Norges Blindeforbund. Written for the demonstration; not the organisation's own texts."""

from .texts import (
    CHANGED,
    DRAFT,
    MEMBERS,
    PUBLIC,
    REVIEW,
    ROLES,
    SCHEDULED,
    Card,
    Content,
    Faq,
    Group,
    Link,
    Picture,
)

STAFF = ("coordinator", "org_admin")
MENTORS = ("coordinator", "org_admin", "peer_mentor")

FAQS = (
    Group(
        "Når synet svikter",
        nn="Når synet sviktar",
        en="When sight fails",
        items=(
            Faq(
                "Jeg ser dårligere enn før. Hvor begynner jeg?",
                "<p>Begynn med øyelegen, så du vet hva det er. Kontakt deretter synskontakten i kommunen om "
                "hjelpemidler og opplæring. Og snakk gjerne med en likeperson underveis: vi har stått der du "
                "står.</p>",
                audience=PUBLIC,
                nn=(
                    "Eg ser dårlegare enn før. Kvar byrjar eg?",
                    "<p>Byrja med augelegen, så du veit kva det er. Ta så kontakt med synskontakten i "
                    "kommunen om "
                    "hjelpemiddel og opplæring. Og snakk gjerne med ein likeperson undervegs: vi har "
                    "stått der du "
                    "står.</p>",
                ),
                en=(
                    "My sight is getting worse. Where do I begin?",
                    "<p>Begin with the eye doctor, so that you know what it is. Then ask your "
                    "municipality's sight "
                    "contact about aids and training. And do talk with a peer mentor along the way.</p>",
                ),
            ),
            Faq(
                "Må man være helt blind for å få hjelp?",
                "<p>Nei. De fleste av oss ser noe. Det avgjørende er om synet hindrer deg i det du vil "
                "gjøre.</p>",
                audience=PUBLIC,
                en=(
                    "Do I have to be completely blind to get help?",
                    "<p>No. Most of us see something. What counts is whether your sight keeps you from "
                    "what you "
                    "want to do.</p>",
                ),
            ),
            Faq(
                "Kan pårørende også få snakke med noen?",
                "<p>Ja. Vi har likepersoner som selv er partner, forelder eller voksent barn. Si fra hva du "
                "ønsker når du tar kontakt.</p>",
                audience=PUBLIC,
                nn=(
                    "Kan pårørande òg få snakke med nokon?",
                    "<p>Ja. Vi har likepersonar som sjølve er partnar, forelder eller vakse barn. Sei "
                    "frå kva du "
                    "ønskjer når du tek kontakt.</p>",
                ),
            ),
        ),
    ),
    Group(
        "Å være synshemmet likeperson",
        nn="Å vere synshemma likeperson",
        items=(
            Faq(
                "Hvordan bruker jeg appen med skjermleser?",
                "<p>Alt i appen kan brukes med VoiceOver og TalkBack. Skru opp tekststørrelsen i "
                "telefonens egne "
                "innstillinger; appen følger etter. Finner du en knapp uten navn, meld fra: det er en "
                "feil hos "
                "oss.</p>",
                nn=(
                    "Korleis bruker eg appen med skjermlesar?",
                    "<p>Alt i appen kan brukast med VoiceOver og TalkBack. Skru opp tekststorleiken i "
                    "innstillingane på telefonen; appen følgjer etter. Finn du ein knapp utan namn, meld "
                    "frå: det "
                    "er ein feil hos oss.</p>",
                ),
            ),
            Faq(
                "Hvordan møtes to som ikke ser hverandre?",
                "<p>Avtal et sted med tydelig lyd eller en fast skranke, og ring når dere er "
                "der.</p><ol><li>Si "
                "navnet ditt når du kommer.</li><li>Si fra når du går.</li><li>Sett dere slik at begge hører "
                "godt.</li></ol>",
                audience=ROLES,
                roles=MENTORS,
            ),
            Faq(
                "Får jeg dekket ledsager og drosje?",
                "<p>Ja, når du trenger det for å komme fram til et oppdrag. Skriv på regningen at "
                "ledsager var "
                "med.</p>",
            ),
        ),
    ),
    Group(
        "Personvern og taushet",
        items=(
            Faq(
                "Kan jeg skrive notater fra samtalen?",
                "<p>Skriv så lite som mulig, og bare i appen. Det du skriver på papir eller på opptak i "
                "telefonen, kan andre finne.</p>",
                audience=ROLES,
                roles=MENTORS,
                state=CHANGED,
            ),
            Faq(
                "Jeg møtte en jeg har snakket med, på butikken. Hilser jeg?",
                "<p>La den andre hilse først – og kjenner hen deg på stemmen, så hils vennlig uten å si "
                "hvor dere "
                "kjenner hverandre fra.</p>",
                audience=ROLES,
                roles=MENTORS,
            ),
            Faq(
                "Hvor lenge lagrer dere opplysninger om meg?",
                "<p>Så lenge du er i kontakt med en likeperson, og en tid etterpå. Så slettes de. Du kan "
                "be om å "
                "få se dem når som helst.</p>",
                audience=PUBLIC,
                state=REVIEW,
            ),
        ),
    ),
    Group(
        "Kurs og samlinger",
        nn="Kurs og samlingar",
        items=(
            Faq(
                "Når er neste grunnkurs?",
                "<p>Datoene for våren legges ut her så snart de er klare. Kurset holdes på "
                "rehabiliteringssenteret, "
                "og reisen dekkes.</p>",
                state=SCHEDULED,
            ),
            Faq(
                "Kan jeg ta med førerhunden?",
                "<p>Selvsagt. Si fra ved påmelding, så ordner vi vannskål, luftested og et rom uten "
                "teppe om det "
                "trengs.</p>",
                nn=(
                    "Kan eg ta med førarhunden?",
                    "<p>Sjølvsagt. Sei frå ved påmelding, så ordnar vi vasskål, luftestad og eit rom "
                    "utan teppe om "
                    "det trengst.</p>",
                ),
            ),
            Faq(
                "Hvilken opplæring skal nye likepersoner ha før første oppdrag?",
                "<p>Grunnkurs, en samtale med koordinator og underskrevet taushetserklæring. Registrer "
                "datoene på "
                "personen.</p>",
                audience=ROLES,
                roles=STAFF,
                state=DRAFT,
            ),
        ),
    ),
)

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

DECKS = (
    Group(
        "Uten blikk",
        nn="Utan blikk",
        en="Without a glance",
        description="Kort å begynne med når ingen av dere – eller bare den ene – ser den andre.",
        items=(
            Card(
                "Lyden av hjemme",
                "Hvordan hører det ut der du bor?",
                ("Hvilken lyd ville du savnet?", "Hva gjør deg utrygg når du hører det?"),
                theme="Hverdag",
                nn=(
                    "Lyden av heime",
                    "Korleis høyrest det ut der du bur?",
                    ("Kva for ein lyd ville du sakna?", "Kva gjer deg utrygg når du høyrer det?"),
                ),
                en=(
                    "The sound of home",
                    "What does it sound like where you live?",
                    ("Which sound would you miss?", "What makes you uneasy when you hear it?"),
                ),
            ),
            Card(
                "Det siste jeg la merke til",
                "Hva la du merke til på veien hit?",
                ("Hva gikk du glipp av?",),
                theme="Hverdag",
                nn=(
                    "Det siste eg la merke til",
                    "Kva la du merke til på vegen hit?",
                    ("Kva gjekk du glipp av?",),
                ),
                audience=MEMBERS,
                roles=(),
            ),
            Card(
                "Navnet på det",
                "Hvilke ord bruker du om synet ditt – blind, svaksynt, noe annet?",
                ("Hvem valgte ordet?", "Hvilket ord vil du ikke høre?"),
                theme="Identitet",
                difficulty="medium",
                advice="Bruk ordet den andre bruker, også når det er et annet enn ditt.",
            ),
            Card(
                "Kaffe på egen hånd",
                "Hva var det første du fikk til igjen, etter at synet endret seg?",
                ("Hvordan fant du ut av det?", "Hvem fortalte du det til?"),
                theme="Mestring",
                picture="cups",
            ),
            Card(
                "En stemme jeg stoler på",
                "Fortell om noen du kjenner igjen med én gang, bare på stemmen.",
                ("Hva er det ved den?",),
                theme="Relasjoner",
            ),
        ),
    ),
    Group(
        "Ut av døra",
        nn="Ut døra",
        description="Om stokk, hund, buss og mot.",
        items=(
            Card(
                "Den hvite stokken",
                "Hvordan var det å gå ut med den hvite stokken første gang?",
                ("Hva trodde du folk tenkte?", "Hva fant du ut at de tenkte?"),
                theme="Mobilitet",
                difficulty="medium",
                picture="path",
                advice="For mange er stokken beviset på at synet ikke kommer tilbake. Ta den tiden det tar.",
                nn=(
                    "Den kvite stokken",
                    "Korleis var det å gå ut med den kvite stokken første gongen?",
                    ("Kva trudde du folk tenkte?",),
                ),
            ),
            Card(
                "Feil buss",
                "Har du endt opp et helt annet sted enn du skulle?",
                ("Hvem hjalp deg?", "Hva gjør du annerledes nå?"),
                theme="Mobilitet",
            ),
            Card(
                "Hjelp jeg ikke ba om",
                "Hva gjør du når noen tar tak i armen din?",
                ("Hva sier du?", "Hva skulle du ønske at de visste?"),
                theme="Møte med andre",
                difficulty="medium",
            ),
            Card(
                "Turen jeg drømmer om",
                "Hvor ville du reist hvis noen ordnet alt det praktiske?",
                ("Hva er det første du ville kjent, hørt og luktet?",),
                theme="Deltakelse",
            ),
            Card(
                "På nettet",
                "Hvilken side eller app gir deg lyst til å kaste telefonen?",
                ("Hvordan kommer du deg forbi?", "Hvem sier du fra til?"),
                theme="Hverdag",
            ),
            Card(
                "En hund i sele",
                "Hva ville en førerhund gi deg – og hva ville den kreve?",
                ("Hva hindrer deg i å spørre?",),
                theme="Mobilitet",
                state=REVIEW,
            ),
        ),
    ),
    Group(
        "Det som er vanskelig å si",
        en="What is hard to say",
        description="Bruk disse når dere er trygge på hverandre.",
        items=(
            Card(
                "Ansiktene",
                "Er det ansikter du er redd for å glemme?",
                ("Hva husker du best?", "Hvordan holder du på dem?"),
                theme="Sorg",
                difficulty="deep",
                advice="Det er lov å gråte, også for likepersonen. Ikke skynd deg videre til noe lyst.",
                en=(
                    "The faces",
                    "Are there faces you are afraid of forgetting?",
                    ("What do you remember best?",),
                ),
            ),
            Card(
                "Hvis jeg så i morgen",
                "Tenker du på hva du ville gjort om du så igjen i morgen?",
                ("Hjelper det å tenke på det, eller gjør det vondt?",),
                theme="Sorg",
                difficulty="deep",
                advice="Gi aldri råd om behandling. Håp hører den andre til.",
            ),
            Card(
                "Å være forelder",
                "Hva har du måttet finne ut av som forelder, som andre slipper?",
                ("Hva har barna dine lært av det?", "Når er du redd?"),
                theme="Familie",
                difficulty="medium",
            ),
            Card(
                "Kjærlighet",
                "Hva har synet gjort med det å være kjæreste?",
                ("Hva er det ingen spør deg om?",),
                theme="Relasjoner",
                difficulty="deep",
                advice="Den andre bestemmer hvor langt dere går. Si høyt at det er greit å hoppe over.",
                state=DRAFT,
            ),
            Card(
                "Det ingen ser på meg",
                "Hva er det ved deg som ikke har endret seg i det hele tatt?",
                ("Hvem ser det?",),
                theme="Identitet",
                en=("What nobody sees", "What about you hasn't changed at all?", ("Who notices?",)),
            ),
        ),
    ),
)

PICTURES = {
    "cups": Picture(
        "cups",
        "Kaffe til to",
        "Tegning av to dampende kopper på et blått bord.",
        ("#eef4fb", "#9fc0e6", "#0b5394"),
    ),
    "path": Picture(
        "path",
        "Stokk og vei",
        "Tegning av en vei med hvit stiplet linje og en hvit stokk ved siden av.",
        ("#f4f7fb", "#7f8fa6", "#0b5394"),
    ),
}
CONTENT = Content(faqs=FAQS, links=LINKS, decks=DECKS, pictures=PICTURES)
