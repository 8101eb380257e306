"""Conversation cards of Norges Blindeforbund, for the demonstration."""

from cms.demo.texts import DRAFT, MEMBERS, REVIEW, Card, Group

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
