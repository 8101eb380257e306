"""Conversation cards of Norges Handikapforbund, for the demonstration."""

from cms.demo.texts import DRAFT, MEMBERS, REVIEW, Card, Group

DECKS = (
    Group(
        "Bli kjent",
        nn="Bli kjende",
        en="Getting to know each other",
        description="Til de første samtalene, før dere kjenner hverandre.",
        items=(
            Card(
                "En helt vanlig tirsdag",
                "Fortell om en vanlig dag hos deg, fra du våkner.",
                ("Hva går lett?", "Hva bruker du mest krefter på?", "Hva gjør du når ingen maser?"),
                theme="Hverdag",
                picture="bench",
                nn=(
                    "Ein heilt vanleg tysdag",
                    "Fortel om ein vanleg dag hos deg, frå du vaknar.",
                    ("Kva går lett?", "Kva bruker du mest krefter på?", "Kva gjer du når ingen masar?"),
                ),
                en=(
                    "A perfectly ordinary Tuesday",
                    "Tell me about an ordinary day of yours, from when you wake up.",
                    ("What goes easily?", "What takes most of your strength?"),
                ),
            ),
            Card(
                "Stedet ditt",
                "Hvor trives du best? Beskriv stedet så jeg kan se det for meg.",
                ("Kommer du deg dit når du vil?", "Hvem har du med?"),
                theme="Hverdag",
                nn=(
                    "Staden din",
                    "Kvar trivst du best? Skildre staden så eg kan sjå han for meg.",
                    ("Kven har du med?",),
                ),
            ),
            Card(
                "Noe jeg er god på",
                "Hva kan du, som andre ofte spør deg om?",
                ("Hvordan lærte du det?", "Når brukte du det sist?"),
                theme="Styrker",
            ),
            Card(
                "Det folk tror om meg",
                "Er det noe folk ofte tar feil av når de møter deg?",
                ("Hva skulle du ønske de spurte om?", "Retter du på dem?"),
                theme="Møte med andre",
                difficulty="medium",
            ),
            Card(
                "Musikk",
                "Hvilken sang kunne handlet om året ditt?",
                ("Hva er det ved den?",),
                theme="Hverdag",
                audience=MEMBERS,
                roles=(),
            ),
        ),
    ),
    Group(
        "Kropp og hjelpemidler",
        nn="Kropp og hjelpemiddel",
        description="Når samtalen handler om det praktiske – og om det som ligger under.",
        items=(
            Card(
                "Første gang med rullestol",
                "Husker du den første turen ute? Hvordan var den?",
                ("Hva så du som du ikke hadde sett før?", "Hva ville du sagt til deg selv den dagen?"),
                theme="Overganger",
                difficulty="medium",
                advice="For noen er hjelpemidlet en frihet, for andre et tap. La den andre velge ordet.",
                nn=(
                    "Første gong med rullestol",
                    "Hugsar du den første turen ute? Korleis var han?",
                    ("Kva såg du som du ikkje hadde sett før?",),
                ),
            ),
            Card(
                "Når kroppen sier stopp",
                "Hvordan merker du at du har brukt opp kreftene?",
                ("Hvem sier du det til?", "Hva hjelper?", "Hva har du sluttet å unnskylde?"),
                theme="Energi",
                difficulty="medium",
            ),
            Card(
                "Å ta imot hjelp",
                "Hva er lett å be om hjelp til, og hva er vanskelig?",
                ("Hvem er god til å hjelpe deg?", "Når blir hjelp for mye?"),
                theme="Avhengighet og frihet",
                difficulty="deep",
                advice=(
                    "Ikke kom med løsninger. Del gjerne hva du selv syntes var vanskelig, hvis den "
                    "andre spør."
                ),
            ),
            Card(
                "Smerte som ikke synes",
                "Hvis smerten hadde et vær, hvilket vær er det i dag?",
                ("Hvem vet hvordan du har det i dag?",),
                theme="Energi",
                difficulty="deep",
                advice="Gi ikke råd om medisiner. Spør om den andre har noen å snakke med i helsetjenesten.",
                state=REVIEW,
            ),
            Card(
                "Det beste hjelpemidlet mitt",
                "Hvilket hjelpemiddel ville du aldri gitt fra deg – og finnes det et du hater?",
                ("Hvem fant på å bruke det slik?",),
                theme="Hverdag",
            ),
        ),
    ),
    Group(
        "Familie, jobb og veien videre",
        en="Family, work and the road ahead",
        description="Når dere har møttes noen ganger.",
        items=(
            Card(
                "De hjemme",
                "Hva har endret seg mellom dere hjemme?",
                ("Hva sier dere ikke til hverandre?", "Hva ler dere av?"),
                theme="Familie",
                difficulty="deep",
                advice="Barn og partnere er ikke til stede. Snakk om dem slik at de kunne ha hørt på.",
                en=("At home", "What has changed between you at home?", ("What do you laugh at?",)),
            ),
            Card(
                "Tilbake på jobb",
                "Hva savner du ved jobben, og hva savner du ikke?",
                ("Hva måtte vært annerledes for at det skulle gå?", "Hvem kan du spørre?"),
                theme="Arbeid",
                difficulty="medium",
                en=(
                    "Back at work",
                    "What do you miss about work, and what don't you miss?",
                    ("Whom could you ask?",),
                ),
            ),
            Card(
                "Et ja jeg vil øve på",
                "Hva har du sagt nei til fordi det var for mye styr å komme dit?",
                ("Hva er det minste første skrittet?", "Hvem kan bli med?"),
                theme="Deltakelse",
                picture="path",
            ),
            Card(
                "Sorg som kommer i bølger",
                "Er det dager da du sørger over noe du ikke kan lenger?",
                ("Hva gjør du de dagene?", "Hva hjelper ikke, selv om folk mener det godt?"),
                theme="Sorg",
                difficulty="deep",
                advice="Sorg er ikke et problem som skal løses. Pass på at dere har god tid.",
            ),
            Card(
                "Om fem år",
                "Hva vil du fortelle meg hvis vi møtes om fem år?",
                ("Hva har du med deg dit fra i dag?",),
                theme="Fremtid",
                difficulty="medium",
            ),
            Card(
                "Takk for i dag",
                "Hva tar du med deg fra samtalen vår?",
                ("Er det noe vi skal la ligge til neste gang?",),
                theme="Avslutning",
                state=DRAFT,
            ),
        ),
    ),
)
