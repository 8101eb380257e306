"""Demo content of Norges Handikapforbund. Written for the demonstration; not the organisation's own texts."""

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
        "Om likepersonstjenesten",
        nn="Om likepersontenesta",
        en="About peer support",
        items=(
            Faq(
                "Hva er en likeperson?",
                "<p>En likeperson har selv kjent på kroppen hvordan det er å leve med "
                "funksjonsnedsettelse, og "
                "har lært å bruke den erfaringen for andre. Likepersonen lytter og deler, men gir ikke "
                "behandling "
                "og fører ikke saken din for deg.</p>",
                audience=PUBLIC,
                nn=(
                    "Kva er ein likeperson?",
                    "<p>Ein likeperson har sjølv kjent på kroppen korleis det er å leve med "
                    "funksjonsnedsetjing, og har lært å bruke den erfaringa for andre. Likepersonen "
                    "lyttar og "
                    "deler, men gir ikkje behandling og fører ikkje saka di for deg.</p>",
                ),
                en=(
                    "What is a peer mentor?",
                    "<p>A peer mentor lives with a disability and has learnt to use that experience for "
                    "others. "
                    "A peer mentor listens and shares, but doesn't treat you or run your case for you.</p>",
                ),
            ),
            Faq(
                "Koster det noe å snakke med en likeperson?",
                "<p>Nei. Samtalene er gratis, og du trenger ingen henvisning. Du kan slutte når du vil, "
                "uten å "
                "forklare hvorfor.</p>",
                audience=PUBLIC,
                nn=(
                    "Kostar det noko å snakke med ein likeperson?",
                    "<p>Nei. Samtalane er gratis, og du treng inga tilvising. Du kan slutte når du vil, "
                    "utan å "
                    "forklare kvifor.</p>",
                ),
                en=(
                    "Does it cost anything?",
                    "<p>No. It is free, and nobody has to refer you. You can stop whenever you like, without "
                    "saying why.</p>",
                ),
            ),
            Faq(
                "Hvem får vite hva vi snakker om?",
                "<p>Bare dere to. Likepersonen har skrevet under på taushetsplikt. Er det fare for liv "
                "og helse, "
                "må likepersonen si fra – og sier da fra til deg først, om det lar seg gjøre.</p>",
                audience=PUBLIC,
                en=(
                    "Who gets to know what we talk about?",
                    "<p>Only the two of you. The peer mentor has signed a declaration of "
                    "confidentiality. If life "
                    "or health is in danger the mentor has to speak up – and tells you first, if at all "
                    "possible.</p>",
                ),
            ),
        ),
    ),
    Group(
        "Når du er ny som likeperson",
        nn="Når du er ny som likeperson",
        items=(
            Faq(
                "Hvordan forbereder jeg den første samtalen?",
                "<p>Avtal et rolig sted som begge kommer seg inn i.</p><ul><li>Spør på forhånd om det er "
                "noe den "
                "andre trenger: rampe, teleslynge, pauser.</li><li>Bestem hvor lenge dere skal snakke.</li>"
                "<li>Ha ingen plan for hva den andre skal si.</li></ul>",
                nn=(
                    "Korleis førebur eg den første samtalen?",
                    "<p>Avtal ein roleg stad som begge kjem seg inn i.</p><ul><li>Spør på førehand om "
                    "det er noko "
                    "den andre treng: rampe, teleslynge, pausar.</li><li>Avgjer kor lenge de skal "
                    "snakke.</li>"
                    "<li>Ha ingen plan for kva den andre skal seie.</li></ul>",
                ),
            ),
            Faq(
                "Hva gjør jeg når jeg ikke vet hva jeg skal si?",
                "<p>Si akkurat det: «Jeg vet ikke helt hva jeg skal si, men jeg hører deg.» En pause er "
                "ikke en "
                "feil. Kortene under Samtalekort kan hjelpe dere videre.</p>",
                audience=ROLES,
                roles=MENTORS,
            ),
            Faq(
                "Kan jeg bytte likeperson eller si nei til en forespørsel?",
                "<p>Ja, begge deler, og du trenger ikke forklare det for den det gjelder. Ta det med "
                "koordinatoren, så finner dere en god måte å gjøre det på.</p>",
                audience=ROLES,
                roles=MENTORS,
                state=CHANGED,
            ),
        ),
    ),
    Group(
        "Reise og utgifter",
        items=(
            Faq(
                "Hvilke reiser får jeg dekket?",
                "<p>Reiser til og fra avtalte samtaler og kurs, på billigste forsvarlige måte. Trenger "
                "du drosje "
                "eller bil på grunn av funksjonsnedsettelsen, er <b>det</b> den forsvarlige måten.</p>",
            ),
            Faq(
                "Hvor fort får jeg pengene?",
                "<p>Reiseregninger som er fullstendige, behandles fortløpende. Mangler det en "
                "kvittering, får du "
                "beskjed i appen.</p>",
            ),
            Faq(
                "Kan ledsageren min få dekket reisen?",
                "<p>Ja, når du trenger ledsager for å gjennomføre oppdraget. Skriv det på "
                "reiseregningen.</p>",
                state=REVIEW,
            ),
        ),
    ),
    Group(
        "Når noe er vanskelig",
        nn="Når noko er vanskeleg",
        items=(
            Faq(
                "Den jeg snakker med, sier at livet ikke er verdt å leve. Hva gjør jeg?",
                "<p>Spør rett ut om hen tenker på å ta livet sitt; det øker ikke faren. Bli i samtalen. "
                "Er det "
                "akutt, ring 113. Ring deretter koordinatoren – du skal ikke bære dette alene.</p>",
                audience=ROLES,
                roles=MENTORS,
                nn=(
                    "Den eg snakkar med, seier at livet ikkje er verdt å leve. Kva gjer eg?",
                    "<p>Spør rett ut om hen tenkjer på å ta livet sitt; det aukar ikkje faren. Ver verande i "
                    "samtalen. Er det akutt, ring 113. Ring så koordinatoren – du skal ikkje bere dette "
                    "åleine.</p>",
                ),
            ),
            Faq(
                "Jeg orker ikke flere samtaler akkurat nå",
                "<p>Sett deg selv på pause i appen. Ingen nye forespørsler kommer, og koordinatoren får "
                "vite det. "
                "Å ta pause er god likepersonsetikk.</p>",
                audience=ROLES,
                roles=MENTORS,
            ),
            Faq(
                "Hvordan følger vi opp en likeperson som har hatt en tung samtale?",
                "<p>Ring samme dag. Spør hva hen trenger, ikke hva som ble sagt. Tilby en ny samtale "
                "innen en "
                "uke.</p>",
                audience=ROLES,
                roles=STAFF,
                state=DRAFT,
            ),
        ),
    ),
)

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

PICTURES = {
    "bench": Picture(
        "bench",
        "To på en benk",
        "Tegning av to mennesker som sitter ved siden av hverandre på en benk, i rødt og gult.",
        ("#fbeee6", "#f2c14e", "#9b1b30"),
    ),
    "cups": Picture(
        "cups",
        "To kopper",
        "Tegning av to dampende kopper på et bord.",
        ("#fdf6ec", "#e8cfa6", "#9b1b30"),
    ),
    "path": Picture(
        "path",
        "En vei fremover",
        "Tegning av en stiplet vei som går mot en rød sol.",
        ("#eef3f1", "#b7c9c2", "#9b1b30"),
    ),
}
CONTENT = Content(faqs=FAQS, links=LINKS, decks=DECKS, pictures=PICTURES)
