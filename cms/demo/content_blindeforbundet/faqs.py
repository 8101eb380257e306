"""Questions and answers of Norges Blindeforbund, for the demonstration."""

from cms.demo.texts import CHANGED, DRAFT, PUBLIC, REVIEW, ROLES, SCHEDULED, Faq, Group

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
