"""The app's own words in Danish and English. Labels of figures come from the marts, never from here."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

LANGUAGES = {"da": "Dansk", "en": "English"}

TEXTS: dict[str, tuple[str, str]] = {
    # The frame around every page
    "app": ("AI i danske SMV'er", "AI in Danish SMEs"),
    "nav_overview": ("Overblik", "Overview"),
    "nav_adoption": ("Anvendelse", "Adoption"),
    "nav_barriers": ("Barrierer", "Barriers"),
    "nav_productivity": ("Produktivitet", "Productivity"),
    "nav_sources": ("Kilder og kontrol", "Sources and checks"),
    "nav_sql": ("SQL", "SQL"),
    "language": ("Sprog", "Language"),
    "release": ("Udgave {id}, dannet {age}", "Release {id}, made {age}"),
    "age_unknown": ("på ukendt tidspunkt", "at an unknown time"),
    "age_now": ("for under et minut siden", "less than a minute ago"),
    "age_minutes": ("for {n} min. siden", "{n} min ago"),
    "age_hours": ("for {n} t. siden", "{n} h ago"),
    "age_days": ("for {n} dage siden", "{n} days ago"),
    "footer": (
        "Alle tal er offentliggjort i fem rapporter og læst fra datavarehusets åbne tabeller.",
        "All figures are published in five reports and read from the public tables of the warehouse.",
    ),
    "release_old": (
        "Linket viser en ældre udgave af data: {id}, dannet {age}.",
        "The link shows an older release of the data: {id}, made {age}.",
    ),
    # Sign-in
    "sign_in_title": ("Log ind", "Sign in"),
    "sign_in_lead": (
        "Denne udgave af appen er kun for inviterede. Log ind for at fortsætte.",
        "This copy of the app is by invitation only. Sign in to continue.",
    ),
    "sign_in": ("Log ind", "Sign in"),
    "sign_out": ("Log ud", "Sign out"),
    "signed_in": ("Logget ind som {email}", "Signed in as {email}"),
    "sign_in_refused": (
        "{email} har ikke adgang. Bed den, der driver appen, om at blive tilføjet.",
        "{email} has no access. Ask whoever operates the app to be added.",
    ),
    "sign_in_unset": (
        "Appen kræver log ind, men det er ikke sat op. Den, der driver appen, kan gøre det.",
        "The app requires sign-in, but it is not set up. Whoever operates the app can do so.",
    ),
    # The frame around every figure
    "chart": ("Graf", "Chart"),
    "table": ("Tabel", "Table"),
    "download": ("Hent CSV", "Download CSV"),
    "n_one": ("n = {n}", "n = {n}"),
    "n_range": ("n = {low}–{high}", "n = {low}–{high}"),
    "n_some": (
        "n = {n} for {known} af {all} tal, ellers ikke offentliggjort",
        "n = {n} for {known} of {all} figures, otherwise not published",
    ),
    "n_none": ("n ikke offentliggjort", "n not published"),
    "several_bases": ("Hver undersøgelse har sin egen population", "Each survey has its own base population"),
    "with_interval": (
        "Fyldt mærke med streg: tilnærmet 95 %-interval ({method}).",
        "Filled mark with line: approximate 95% interval ({method}).",
    ),
    "without_interval": ("Åbent mærke: intet interval ({reason}).", "Open mark: no interval ({reason})."),
    "disputed": ("¶ Omstridt: kontrollen fandt modstrid i rapporten", "¶ Disputed: the checks found a contradiction"),
    "cited": ("Citeret fra en anden undersøgelse.", "Cited from another study."),
    "source": ("Kilde", "Source"),
    "section": ("Afsnit", "Section"),
    "line": ("Linje {lines}", "Line {lines}"),
    "lines": ("Linje {lines}", "Lines {lines}"),
    "many_lines": ("{n} steder i linje {first}-{last}", "{n} places in lines {first}–{last}"),
    "col_label": ("Gruppe", "Group"),
    "col_series": ("Serie", "Series"),
    "col_value_text": ("Værdi", "Value"),
    "col_change": ("Ændring", "Change"),
    "col_change_rounding_half_width": ("Afrunding ±", "Rounding ±"),
    "col_ci_lower": ("Nedre grænse", "Lower limit"),
    "col_ci_upper": ("Øvre grænse", "Upper limit"),
    "col_sample_size": ("n", "n"),
    "col_interval_note": ("Interval", "Interval"),
    "col_observation_status_label": ("Status", "Status"),
    "col_base_population": ("Population", "Base population"),
    "col_survey_wave": ("Måling", "Wave"),
    "col_source_section": ("Afsnit", "Section"),
    "col_source_line": ("Linje", "Line"),
    "col_group_title": ("Sammenlignelighedsgruppe", "Comparability group"),
    "col_indicator": ("Indikator", "Indicator"),
    "col_publisher": ("Udgiver", "Publisher"),
    "col_candidate_labels": ("Mulig etiket efter læserækkefølgen", "Possible label by reading order"),
    "col_label_position": ("Plads", "Position"),
    "percent": ("Procent", "Per cent"),
    "index_points": ("Indekspoint", "Index points"),
    "growth": ("Vækst i procent, 2021-2023", "Growth in per cent, 2021–2023"),
    "all": ("Alle", "All"),
    "not_published": ("Ikke offentliggjort", "Not published"),
    # Overview
    "overview_lead": (
        "Offentliggjorte andele, der bruger AI, går fra {low} til {high}. Undersøgelserne har spurgt forskellige "
        "virksomheder på forskellige måder og tidspunkter. Derfor kan tallene ikke uden videre sammenlignes.",
        "Published shares that use AI run from {low} to {high}. The surveys asked different firms in different ways "
        "and at different times, so the figures cannot simply be compared.",
    ),
    "lowest": ("Laveste andel", "Lowest share"),
    "highest": ("Højeste andel", "Highest share"),
    "comparable_pairs": ("Par, der kan sammenlignes", "Pairs that can be compared"),
    "of": ("{part} af {whole}", "{part} of {whole}"),
    "range_title": ("Andel, der bruger AI, i hver undersøgelse", "Share that uses AI, survey by survey"),
    "range_note": (
        "Hver farve er en sammenlignelighedsgruppe. De {values} tal ligger i {groups} grupper; kun tal i samme gruppe "
        "kan sammenlignes.",
        "Each colour is a comparability group. The {values} figures lie in {groups} groups; only figures in the same "
        "group can be compared.",
    ),
    "why_title": ("Hvorfor er to tal forskellige?", "Why do two figures differ?"),
    "first_figure": ("Første tal", "First figure"),
    "second_figure": ("Andet tal", "Second figure"),
    "choose_two": ("Vælg to forskellige tal.", "Choose two different figures."),
    "why_not": (
        "Tallene kan ikke sammenlignes. {left} ({left_value}) og {right} ({right_value}) er forskellige på {differing} "
        "af {all} punkter: {facets}.",
        "The figures cannot be compared. {left} ({left_value}) and {right} ({right_value}) differ on {differing} of "
        "{all} points: {facets}.",
    ),
    "why_same": (
        "Tallene kan sammenlignes: {left} ({left_value}) og {right} ({right_value}) ligger i samme gruppe.",
        "The figures can be compared: {left} ({left_value}) and {right} ({right_value}) lie in the same group.",
    ),
    "why_absent": ("Rapporten trykker ikke andelen for {label}.", "The report does not print the share for {label}."),
    "facet": ("Punkt", "Point"),
    "facets_table": ("Forskelle punkt for punkt", "Differences point by point"),
    # Adoption
    "adoption_lead": (
        "Hvem bruger AI, hvor langt er de, og hvilke teknologier bruger de? Hver graf viser én undersøgelse.",
        "Who uses AI, how far have they come, and which technologies do they use? Each chart shows one survey.",
    ),
    "industry_title": (
        "Brug af AI efter branche, mikrovirksomheder med 5-9 ansatte",
        "AI use by industry, micro firms with 5–9 employees",
    ),
    "caisa_title": (
        "Brug af AI i SMV'er: de grupper, som CAISA nævner",
        "AI use in SMEs: the groups that CAISA names",
    ),
    "caisa_note": (
        "Rapporten viser alle brancher i en figur, men nævner kun disse tal i teksten.",
        "The report shows all industries in a figure, but only these numbers are named in its text.",
    ),
    "digital_title": ("{indicator} efter branche", "{indicator} by industry"),
    "digital_header": ("Digitalisering efter branche", "Digitalisation by industry"),
    "choose_indicator": ("Indikator", "Indicator"),
    "technology_header": ("Hvilke teknologier bruges?", "Which technologies are used?"),
    "choose_base": ("Population", "Base population"),
    "technology_title": ("Brug af AI-teknologier, {base}", "Use of AI technologies, {base}"),
    "undetermined_title": ("Tal, som ikke kan knyttes til en etiket", "Figures that cannot be tied to a label"),
    "undetermined_note": (
        "{n} tal står i rapporterne uden sikker forbindelse til den gruppe, de hører til. De vises derfor ikke i en "
        "graf. Den mulige etiket følger kun læserækkefølgen.",
        "{n} figures stand in the reports without a certain tie to the group they belong to, so no chart shows them. "
        "The possible label only follows the reading order.",
    ),
    "maturity_header": ("Hvor langt er virksomhederne?", "How far have the firms come?"),
    "status_title": ("Status for AI i produktions-SMV'er i Midtjylland", "AI status of SMEs, Central Denmark"),
    "status_note": (
        "Optimister og skeptikere er de to dele af gruppen uden erfaring.",
        "Optimists and sceptics are the two parts of the group without experience.",
    ),
    "maturity_title": ("Modenhed i brugen af AI", "Maturity in the use of AI"),
    "matrix_title": ("Brug og strategisk prioritet", "Use and strategic priority"),
    "matrix_note": (
        "Frontløbere bruger og prioriterer AI, aspirerende prioriterer uden at bruge, brugere uden prioritet bruger "
        "uden at prioritere, og afventende gør ingen af delene.",
        "Front-runners use AI and give it priority, aspiring firms give it priority without using it, users without "
        "priority use it without priority, and waiting firms do neither.",
    ),
    "all_adoption": ("Alle tal om anvendelse", "All figures on adoption"),
    "choose_publisher": ("Rapport", "Report"),
    # Barriers
    "barriers_lead": (
        "Hvad holder virksomhederne tilbage, og hvilken hjælp ønsker de? Barrierer ordnes kun inden for "
        "én undersøgelse.",
        "What holds firms back, and what help do they want? Barriers are ranked within one survey only.",
    ),
    "choose_survey": ("Undersøgelse", "Survey"),
    "barriers_title": ("De nævnte barrierer", "The barriers named"),
    "barriers_note": (
        "Spørgsmål og svarmuligheder er ikke ens i undersøgelserne. Vælg en anden undersøgelse for at se dens tal.",
        "Questions and answer options differ from survey to survey. Choose another survey to see its figures.",
    ),
    "sub_title": ("Konkrete udfordringer under en hovedbarriere", "Concrete challenges under a main barrier"),
    "choose_barrier": ("Hovedbarriere", "Main barrier"),
    "sub_chart": ("Virksomheder, der nævner: {barrier}", "Firms that name: {barrier}"),
    "sub_note": (
        "Spurgt blandt de virksomheder, der nævnte hovedbarrieren; andelene gælder kun dem.",
        "Asked of the firms that named the main barrier; the shares hold for them only.",
    ),
    "support_title": ("Ønsket hjælp efter modenhed", "Support wanted by maturity"),
    "support_note": (
        "De to øverste svar er bekræftet i teksten. For resten følger etiketterne læserækkefølgen i figuren.",
        "The first two answers are confirmed by the text. The labels of the rest follow the figure's reading order.",
    ),
    "toe_title": ("Emner i fem interview efter TOE-kategori", "Topics in five interviews by TOE category"),
    "toe_subtitle": (
        "Kodede enheder i {interviews} interview · {codes} koder · optælling, ingen stikprøveusikkerhed",
        "Coded units in {interviews} interviews · {codes} codes · a count, no sampling error",
    ),
    "toe_axis": ("Antal koder", "Number of codes"),
    "col_toe_theme": ("Emne", "Theme"),
    "col_toe_category": ("Kategori", "Category"),
    "col_interview": ("Interview", "Interview"),
    # Productivity
    "productivity_lead": (
        "Hvordan går det med produktiviteten, og er der forskel på virksomheder med og uden AI?",
        "How is productivity developing, and do firms with and without AI differ?",
    ),
    "area_title": (
        "Produktivitetsindikator efter erhvervshusområde, to målinger",
        "Productivity indicator by business-hub area, two waves",
    ),
    "area_note": (
        "Indikatoren er selvrapporteret og går fra -100 til 100. Ændringen er efterår minus forår. Den har intet "
        "interval, fordi områdernes n ikke er offentliggjort. Hele landet er kun trykt for efteråret.",
        "The indicator is self-reported and runs from -100 to 100. The change is autumn minus spring and has no "
        "interval, because the n of the areas is not published. The whole country is printed for autumn only.",
    ),
    "whole_country": ("Hele landet", "Whole country"),
    "distribution_title": (
        "Udvikling i produktivitet de seneste seks måneder",
        "Change in productivity over the last six months",
    ),
    "distribution_note": (
        "Øverst: tilbagegang til venstre og fremgang til højre for midten af uændret. Nederst: de samme tal enkeltvis.",
        "Above: decrease to the left, increase to the right of the middle of unchanged. Below: the same, one by one.",
    ),
    "growth_title": ("Vækst i virksomheder med og uden AI", "Growth in firms with and without AI"),
    "growth_chart": ("Vækst 2021-2023 i matchede virksomheder", "Growth 2021–2023 in matched firms"),
    "growth_caution": (
        "Tallene viser en sammenhæng, ikke at AI er årsagen. Virksomhederne er matchet på det, der kan måles, og "
        "rapporten tager selv forbehold for årsagsslutninger (linje 781-787).",
        "The figures show an association, not that AI is the cause. The firms are matched on what can be measured, and "
        "the report itself warns against causal conclusions (lines 781–787).",
    ),
    "difference_title": (
        "Forskel mellem SMV'er med og uden AI",
        "Difference between SMEs with and without AI",
    ),
    "difference_caution": (
        "Gennemsnitlige forskelle mellem virksomheder; de siger ikke, hvad der er årsag og virkning.",
        "Average differences between firms; they do not say what is cause and what is effect.",
    ),
    "difference_axis": ("Procent højere med AI", "Per cent higher with AI"),
    "driver_title": ("Bidrag til produktiviteten", "Contribution to productivity"),
    # Sources and checks
    "sources_lead": (
        "Hvor tallene kommer fra, hvem der er spurgt, og hvor rapporterne modsiger sig selv.",
        "Where the figures come from, who was asked, and where the reports contradict themselves.",
    ),
    "tab_publications": ("Rapporter", "Publications"),
    "tab_checks": ("Kontrol", "Checks"),
    "tab_not_published": ("Ikke offentliggjort", "Not published"),
    "tab_populations": ("Populationer", "Populations"),
    "tab_questions": ("Spørgsmål", "Questions"),
    "checks_headline": (
        "{contradictions} af {checks} kontroller fandt modstrid i rapporterne.",
        "{contradictions} of {checks} checks found a contradiction in the reports.",
    ),
    "choose_outcome": ("Udfald", "Outcome"),
    "checks_shown": ("{n} kontroller vist", "{n} checks shown"),
    "none_found": ("Ingen rækker med dette valg.", "No rows for this choice."),
    "not_published_lead": (
        "{n} figurer eller tal, som rapporterne viser eller har spurgt om, men som ikke kan læses af teksten.",
        "{n} figures or numbers that the reports show or asked about, but that cannot be read from the text.",
    ),
    "waves": ("Målinger", "Survey waves"),
    "bases": ("Populationer", "Base populations"),
    # SQL
    "sql_lead": (
        "Skriv en forespørgsel på de samme åbne tabeller, som siderne læser. Her kan kun læses: én SELECT ad gangen, "
        "højst {seconds} sekunder og {rows} rækker.",
        "Write a query on the same public tables that the pages read. Reading only: one SELECT at a time, at most "
        "{seconds} seconds and {rows} rows.",
    ),
    "sql_example": ("Eksempel", "Example"),
    "sql_example_none": ("Vælg et eksempel", "Choose an example"),
    "sql_statement": ("Forespørgsel", "Query"),
    "sql_run": ("Kør", "Run"),
    "sql_rows": ("{n} rækker på {seconds} s. Udgave {release}.", "{n} rows in {seconds} s. Release {release}."),
    "sql_cut": (
        "Kun de første {n} rækker vises; resultatet er større. Brug LIMIT, eller læg tallene sammen i forespørgslen.",
        "Only the first {n} rows are shown; the result is larger. Use LIMIT, or aggregate in the query.",
    ),
    "sql_no_rows": ("Ingen rækker.", "No rows."),
    "sql_parquet": ("Hent Parquet", "Download Parquet"),
    "sql_tables": ("Tabeller og kolonner", "Tables and columns"),
    "sql_table": ("Tabel", "Table"),
    "sql_descriptions": ("Beskrivelserne er på engelsk.", "The descriptions come from the release."),
    "col_column_name": ("Kolonne", "Column"),
    "col_data_type": ("Datatype", "Data type"),
    "col_description": ("Beskrivelse", "Description"),
    "sql_error_empty": ("Der er ingen forespørgsel at køre.", "There is no query to run."),
    "sql_error_many": ("Kun én forespørgsel ad gangen.", "One query at a time."),
    "sql_error_kind": (
        "Kun SELECT kan køres (også WITH, FROM, VALUES, DESCRIBE, SUMMARIZE og PIVOT … IN (…) i en SELECT).",
        "Only SELECT can be run (WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, and PIVOT … IN (…) inside a SELECT, too).",
    ),
    "sql_error_long": ("Forespørgslen er længere end {n} tegn.", "The query is longer than {n} characters."),
    "sql_error_wrong": ("Forespørgslen kunne ikke køres:", "The query could not be run:"),
    "sql_error_time": (
        "Forespørgslen blev stoppet efter {seconds} sekunder.",
        "The query was stopped after {seconds} seconds.",
    ),
    "sql_error_memory": ("Forespørgslen brugte for meget hukommelse.", "The query used too much memory."),
    "sql_error_crash": (
        "Forespørgslen fik sin egen proces til at gå ned. Intet andet er berørt.",
        "The query brought its own process down. Nothing else is affected.",
    ),
    "sql_error_busy": (
        "Andre forespørgsler kører lige nu. Prøv igen om lidt.",
        "Other queries are running right now. Try again in a moment.",
    ),
    "sql_use_by_industry": ("Brug af AI efter branche", "AI use by industry"),
    "sql_headlines": ("De overordnede andele", "The headline shares"),
    "sql_barriers": ("Barrierer, ordnet inden for én undersøgelse", "Barriers, ranked within one survey"),
    "sql_areas": ("Produktivitet efter erhvervshusområde", "Productivity by business-hub area"),
    "sql_bases": ("Samme indikator, forskellige populationer", "One indicator, different base populations"),
    "sql_contradictions": ("Modstrid i rapporterne", "Contradictions in the reports"),
    "sql_find_column": ("Find en kolonne", "Find a column"),
    "col_title": ("Titel", "Title"),
    "col_publication_kind": ("Type", "Kind"),
    "col_year": ("År", "Year"),
    "col_figures": ("Tal", "Figures"),
    "col_contradictions": ("Modstrid", "Contradictions"),
    "col_citation": ("Henvisning", "Citation"),
    "col_source_file": ("Tekstfil", "Text file"),
    "col_source_lines": ("Linjer", "Lines"),
    "col_check_kind": ("Kontrol", "Check"),
    "col_outcome": ("Udfald", "Outcome"),
    "col_explanation": ("Forklaring", "Explanation"),
    "col_arithmetic": ("Regnestykke", "Arithmetic"),
    "col_figure_label": ("Figur", "Figure"),
    "col_shows": ("Viser", "Shows"),
    "col_status": ("Status", "Status"),
    "col_survey": ("Undersøgelse", "Survey"),
    "col_mode": ("Indsamling", "Mode"),
    "col_weighting": ("Vægtning", "Weighting"),
    "col_invited": ("Inviteret", "Invited"),
    "col_answered": ("Svar", "Answered"),
    "col_valid": ("Gyldige", "Valid"),
    "col_response_rate_percent": ("Svarprocent", "Response rate"),
    "col_population": ("Population", "Population"),
    "col_question_number": ("Nr.", "No."),
    "col_wording": ("Spørgsmål, kort gengivet", "Question, in short"),
    "col_options": ("Svarmuligheder", "Answer options"),
}


def language() -> str:
    """The reader's language, `da` or `en`, as settled for this session."""
    return st.session_state.get("language", "da")


def t(key: str, **values: object) -> str:
    """The text behind a key in the reader's language, with its values filled in."""
    return TEXTS[key][0 if language() == "da" else 1].format(**values)


def number(value: float, decimals: int = 0) -> str:
    """A number as the language writes it: 1.521 and 2,2 in Danish, 1,521 and 2.2 in English."""
    english = f"{value:,.{decimals}f}"
    return english.translate(str.maketrans(",.", ".,")) if language() == "da" else english


def settle_language() -> None:
    """Take the language from the URL parameter `lang` on the first run; from then on the switch decides."""
    if "language" not in st.session_state:
        asked = st.query_params.get("lang")
        st.session_state["language"] = asked if asked in LANGUAGES else "da"


def _switch() -> None:
    st.session_state["language"] = st.session_state["language_switch"]


def choose_language() -> None:
    """The language switch, and the choice written to the URL.

    The widget's own binding to the URL would write the word on the button (`lang=Dansk`) and drop the default.
    The choice has a key of its own: a run that ends before the switch is drawn would drop the state of the widget.
    """
    st.segmented_control(
        # In both languages: whoever needs the switch may not read the other.
        "Sprog / Language",
        list(LANGUAGES),
        default=language(),
        format_func=LANGUAGES.get,
        required=True,
        key="language_switch",
        on_change=_switch,
        label_visibility="collapsed",
    )
    # A change of page drops the parameters of the URL, so it is written on every run.
    if st.query_params.get("lang") != language():
        st.query_params["lang"] = language()


def lower_first(label: str) -> str:
    """A label as it stands inside a sentence; words that begin with two capitals or a sign (AI, OCR, n) stay."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def age(created_at: str) -> str:
    """How long ago a release was made, in words; `created_at` is ISO 8601 in UTC."""
    try:
        minutes = int((datetime.now(UTC) - datetime.fromisoformat(created_at)).total_seconds() // 60)
    except (TypeError, ValueError):
        return t("age_unknown")
    if minutes < 1:
        return t("age_now")
    if minutes < 120:
        return t("age_minutes", n=minutes)
    return t("age_hours", n=minutes // 60) if minutes < 48 * 60 else t("age_days", n=minutes // (24 * 60))
