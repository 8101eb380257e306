"""Questions and answers of Norges Handikapforbund, for the demonstration."""

from cms.demo.texts import CHANGED, DRAFT, PUBLIC, REVIEW, ROLES, Faq, Group

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
