"""The app's own words in Danish and English. Labels of figures come from the marts, never from here."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import streamlit as st

from smv_ai.seeds.characters import cleaned

LANGUAGES = {"da": "Dansk", "en": "English"}
# One entry of `Accept-Language`: a language, perhaps a country, perhaps a weight.
_WISH = re.compile(r"\s*([a-z]+)(?:-[a-z0-9-]+)*\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE)

TEXTS: dict[str, tuple[str, str]] = {
    # The frame around every page
    "app": ("AI i danske SMV'er", "AI in Danish SMEs"),
    "app_lead": (
        "Hvad danske undersøgelser siger om små og mellemstore virksomheders brug af AI, med kilde og usikkerhed.",
        "What Danish studies say about the use of AI in small and medium-sized firms, with source and uncertainty.",
    ),
    "table_rows": ("Vis tabellen (rækker: {n})", "Show the table (rows: {n})"),
    "chart_mark": ("tal i figuren", "figure in the chart"),
    "first_waiting": ("Henter tallene …", "Loading the figures …"),
    "first_noscript": (
        "Siden kræver JavaScript. Alle tal ligger også som filer i datavarehusets udgivelse.",
        "This page needs JavaScript. All figures are also in the files of the warehouse's release.",
    ),
    "nav_overview": ("Overblik", "Overview"),
    "nav_adoption": ("Anvendelse", "Adoption"),
    "nav_barriers": ("Barrierer", "Barriers"),
    "nav_productivity": ("Produktivitet", "Productivity"),
    "nav_official": ("Over tid og i udlandet", "Over time and abroad"),
    "nav_explore": ("Udforsk", "Explore"),
    "nav_sources": ("Kilder og kontrol", "Sources and checks"),
    "nav_sql": ("SQL", "SQL"),
    "nav_surveys": ("Undersøgelser", "Surveys"),
    "nav_files": ("Data og metode", "Data and methods"),
    "link_gone": (
        "Linket nævner noget, der ikke findes her mere: {what}. Du ser standardvalget i stedet.",
        "The link names something that is no longer here: {what}. You see the default instead.",
    ),
    "release": ("Udgave {id}, dannet {age}", "Release {id}, made {age}"),
    "age_unknown": ("på ukendt tidspunkt", "at an unknown time"),
    "age_now": ("for under et minut siden", "less than a minute ago"),
    "age_minutes": ("for {n} min. siden", "{n} min ago"),
    "age_hours": ("for {n} t. siden", "{n} h ago"),
    "age_days": ("for {n} dage siden", "{n} days ago"),
    "footer": (
        "Alle tal er læst fra datavarehusets åbne tabeller.",
        "All figures are read from the public tables of the warehouse.",
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
    # Which evidence is shown
    "evidence_kind": ("Datagrundlag", "Evidence"),
    "evidence_help": (
        "Hver type vises for sig. De blandes aldrig i samme graf.",
        "Each kind is shown by itself. They never share a chart.",
    ),
    "synthetic_notice": (
        "Syntetiske tal: beregnet af konstruerede demonstrationsdata, ikke af data om virkelige virksomheder. Brug "
        "dem kun til at se, hvordan løsningen virker.",
        "Synthetic figures: computed from constructed demonstration data, not from real firms. Use them only to "
        "see how the system works.",
    ),
    "demonstration_title": ("Dette er en demonstration", "This is a demonstration"),
    "demonstration_notice": (
        "Nogle af tallene er beregnet af opdigtede besvarelser og står side om side med de offentliggjorte. De siger "
        "intet om virkelige virksomheder. Citér ikke tal herfra.",
        "Some of the figures are computed from made-up responses and stand side by side with the published ones. They "
        "say nothing about real firms. Do not quote figures from here.",
    ),
    "synthetic_short": ("Syntetiske tal, ikke virkelige virksomheder", "Synthetic figures, not real firms"),
    "own_estimates": (
        "beregnet i datavarehuset af besvarelser eller registerdata; intet trykt forlæg.",
        "computed in the warehouse from responses or register data; nothing in print.",
    ),
    # What a page is about and how it is filtered
    "choose_asked": ("Undersøgelse og population", "Survey and base population"),
    "choose_several": ("Vælg", "Choose"),
    "choose_by": ("Opdelt på", "Broken down by"),
    "by_industry": ("Branche", "Industry"),
    "by_size_class": ("Størrelse", "Size"),
    "by_region": ("Område", "Region"),
    "by_technology": ("Teknologi", "Technology"),
    "by_maturity_level": ("Modenhed", "Maturity"),
    "by_ai_use_group": ("Brug af AI", "AI use"),
    "by_own_group": ("Undersøgelsens egne grupper", "The survey's own groups"),
    "by_answer_category": ("Svar", "Answer"),
    "by_barrier": ("Barriere", "Barrier"),
    "title_industry": ("efter branche", "by industry"),
    "title_size_class": ("efter størrelse", "by size"),
    "title_region": ("efter område", "by region"),
    "title_technology": ("efter teknologi", "by technology"),
    "title_maturity_level": ("efter modenhed", "by maturity"),
    "title_ai_use_group": ("med og uden AI", "with and without AI"),
    "title_own_group": ("efter undersøgelsens egne grupper", "by the survey's own groups"),
    "title_answer_category": ("efter svar", "by answer"),
    "title_barrier": ("efter barriere", "by barrier"),
    "title_total": ("i alt", "in total"),
    "choose_focus": ("Fremhæv", "Highlight"),
    "focus_none": ("Ingen", "None"),
    # Findings as titles
    "finding_range": (
        "{high} ligger højest med {high_value}, {low} lavest med {low_value}",
        "{high} is highest at {high_value}, {low} lowest at {low_value}",
    ),
    "finding_range_tied": (
        "{high} ligger lige højt øverst med {high_value}, {low} lavest med {low_value}",
        "{high} are joint highest at {high_value}, {low} lowest at {low_value}",
    ),
    "finding_same": ("Alle {n} har samme værdi: {value}", "All {n} have the same value: {value}"),
    "finding_of": ("Af de {n} {noun}, der er offentliggjort:", "Of the {n} {noun} that are published:"),
    "count_2": ("to", "two"),
    "count_3": ("tre", "three"),
    "finding_many": ("{n} andre", "{n} others"),
    "finding_clear": ("; forskellen er større end usikkerheden", "; the difference is larger than its uncertainty"),
    "finding_unclear": ("; forskellen kan være tilfældig", "; the difference may be chance"),
    "finding_open": (
        "; om forskellen er tilfældig, vides ikke",
        "; whether the difference is chance is not known",
    ),
    "finding_unknown": ("Uden tal: {labels}.", "Without a figure: {labels}."),
    "reads_plain": ("{label}: {value}", "{label}: {value}"),
    "noun_industry": ("brancher", "industries"),
    "noun_size_class": ("størrelser", "size classes"),
    "noun_region": ("områder", "areas"),
    "noun_technology": ("teknologier", "technologies"),
    "noun_maturity_level": ("modenhedsniveauer", "maturity levels"),
    "noun_ai_use_group": ("grupper", "groups"),
    "noun_own_group": ("grupper", "groups"),
    "noun_answer_category": ("svar", "answers"),
    "noun_barrier": ("barrierer", "barriers"),
    "noun_total": ("grupper", "groups"),
    # Rows of the reader's choice
    "adjust": ("Fremhæv og sammenlign", "Highlight and compare"),
    "choose_rows": ("Fremhæv rækker", "Highlight rows"),
    "choose_sort": ("Rækkefølge", "Order"),
    "sort_given": ("Som i figuren", "As in the figure"),
    "sort_largest": ("Største først", "Largest first"),
    "sort_smallest": ("Mindste først", "Smallest first"),
    "sort_alphabet": ("Alfabetisk", "Alphabetical"),
    "choose_none": ("Ingen", "None"),
    "first_row": ("Første række", "First row"),
    "second_row": ("Anden række", "Second row"),
    "difference_of": ("{other} minus {one}: {said}", "{other} less {one}: {said}"),
    "difference_none": (
        "forskellen kan ikke beregnes, for usikkerheden på den kendes ikke, eller tallene kan ikke sammenlignes.",
        "the difference cannot be taken: its uncertainty is not known, or the figures cannot be compared.",
    ),
    "difference_open": (
        "{value}. Der er intet interval, så det vides ikke, om forskellen er tilfældig.",
        "{value}. There is no interval, so whether the difference is chance is not known.",
    ),
    "difference_open_short": ("{value}, usikkerhed ukendt", "{value}, uncertainty unknown"),
    "difference_short": ("{value} ({low} til {high})", "{value} ({low} to {high})"),
    "difference_long": ("{value}, 95 %-interval {low} til {high}.", "{value}, 95% interval {low} to {high}."),
    "difference_clear": ("Forskellen er større end usikkerheden.", "The difference is larger than its uncertainty."),
    "difference_unclear": ("Forskellen kan være tilfældig.", "The difference may be chance."),
    "difference_p": ("Test: p = {p}.", "Test: p = {p}."),
    "col_to_total": ("Forskel til i alt", "Difference to total"),
    "described_more": ("og {n} rækker til; se tabellen", "and {n} more rows; see the table"),
    # Embedding and links
    "embed_gone": (
        "Figuren {what} findes ikke mere på denne side.",
        "The figure {what} is no longer on this page.",
    ),
    "embed_page": ("Åbn siden", "Open the page"),
    "embed_open": ("Se figuren med metode og data", "See the figure with method and data"),
    "menu_short_link": ("Kort link til figuren i den nyeste udgave", "Short link to the figure in the newest release"),
    "menu_embed": ("Indlejr: kopiér dette til din egen side", "Embed: copy this to a page of your own"),
    "menu_verify": (
        "Hver fil bærer udgave, forespørgsel og kontrolsum. `smv-ai verify-figure FIL` siger uden netforbindelse, om "
        "den er, som datavarehuset siger.",
        "Each file carries release, query and digest. `smv-ai verify-figure FILE` says offline whether it is what the "
        "warehouse says.",
    ),
    "release_word": ("Udgave", "Release"),
    "notes_columns_name": ("Kolonner", "Columns"),
    "notes_columns": (
        "value_text er tallet, som det er trykt; ci_lower og ci_upper er grænserne for 95 %-intervallet; "
        "no_interval_reason siger, hvorfor der intet interval er; source_file og source_line er stedet i kilden.",
        "value_text is the figure as printed; ci_lower and ci_upper limit the 95% interval; no_interval_reason "
        "says why "
        "there is none; source_file and source_line are the place in the source.",
    ),
    # Method beside the figure
    "method": ("Metode", "Method"),
    "method_more": ("Alt om metoden", "All about the methods"),
    "method_none": (
        "Tallene er beregnet af andre tal; forespørgslen bag dem står under Hent og del.",
        "The figures are computed from other figures; the query behind them is under Save and share.",
    ),
    "method_unknown": ("ikke oplyst", "not given"),
    "method_population": ("Population: {population}", "Population: {population}"),
    "method_base": ("Andelen er beregnet af: {bases}", "The share is of: {bases}"),
    "method_answers": ("Indsamling: {counts}", "Collection: {counts}"),
    "method_invited": ("{n} inviteret", "{n} invited"),
    "method_answered": ("{n} har svaret", "{n} answered"),
    "method_valid": ("{n} gyldige svar", "{n} valid answers"),
    "method_rate": ("svarprocent {rate} %", "response rate {rate}%"),
    "method_n": ("Antal svar bag tallene i figuren: {n}", "Answers behind the figures shown: {n}"),
    "method_mode": ("Indsamlet ved {what}", "Collected by {what}"),
    "method_weighting": ("Vægtning: {what}", "Weighting: {what}"),
    "method_no_interval": ("Intet interval: {reason}", "No interval: {reason}"),
    "method_some_without": ("Nogle af tallene har intet interval: {reason}", "Some figures have no interval: {reason}"),
    "method_interval": (
        "95 %-interval: {method}. {description}",
        "95% interval: {method}. {description}",
    ),
    "method_approximate": (
        "Tilnærmet 95 %-interval, beregnet her og ikke af rapporten: {method}. {description}",
        "Approximate 95% interval, computed here and not by the report: {method}. {description}",
    ),
    "method_deff_assumed": (
        "Designeffekt {effect}: en antagelse, ikke et skøn. Usikkerheden er regnet så meget større end ved tilfældig "
        "udvælgelse.",
        "Design effect {effect}: an assumption, not an estimate. The variance is taken to be that many times the "
        "one of a "
        "simple random sample.",
    ),
    "method_deff_estimated": (
        "Designeffekt {effect}, beregnet af svarene",
        "Design effect {effect}, estimated from the answers",
    ),
    "method_deff_basis": ("Grunden til antagelsen (på engelsk): {basis}", "Basis of the assumption: {basis}"),
    "method_error": ("Standardfejl: {error}", "Standard error: {error}"),
    "method_question": ("Spørgsmål: {wording}", "Question: {wording}"),
    "method_options": ("Svarmuligheder: {options}.", "Answer options: {options}."),
    "method_question_none": (
        "Spørgsmålets ordlyd er ikke gengivet i rapporten.",
        "The wording of the question is not in the report.",
    ),
    "method_confirmed": (
        "{n} af {all} tal er læst i kontorets egen tabel eller udgivelse; resten er ikke bekræftet",
        "{n} of {all} figures were read in the office's own table or release; the rest are not confirmed",
    ),
    "method_breaks": ("Brud mellem de viste perioder: {n}", "Breaks between the periods shown: {n}"),
    "method_bounds": (
        "Grænserne er den mindste og den største andel, som alle måder at fordele virksomhederne på tillader, når de "
        "trykte tal (med deres afrunding) og forudsætningerne skal passe: lineær programmering, Fréchets grænser.",
        "The bounds are the least and the greatest share over all ways to distribute the firms that agree with the "
        "printed figures (with their rounding) and the premises: linear programming, Fréchet bounds.",
    ),
    # Search
    "search": ("Søg i alt", "Search everything"),
    "search_example": (
        "Søg: indikator, branche, område, spørgsmål, udgiver",
        "Search: indicator, industry, area, question, publisher",
    ),
    "search_none": ("Intet fundet for {words}.", "Nothing found for {words}."),
    "search_found": ("{n} fundet, {most} vist", "{n} found, {most} shown"),
    "kind_indicator": ("indikator", "indicator"),
    "kind_industry": ("branche", "industry"),
    "kind_region": ("område", "area"),
    "kind_technology": ("teknologi", "technology"),
    "kind_barrier": ("barriere", "barrier"),
    "kind_question": ("spørgsmål", "question"),
    "kind_publisher": ("rapport", "report"),
    "kind_official": ("officiel serie", "official series"),
    "kind_survey": ("undersøgelse", "survey"),
    # Surveys
    "surveys_lead": (
        "En undersøgelse ad gangen: hvem der blev spurgt, hvor mange der svarede, og alle dens tal, også fra "
        "undersøgelser, I selv har indlæst.",
        "One survey at a time: who was asked, how many answered, and all its figures, also of surveys that you loaded "
        "yourselves.",
    ),
    "choose_survey_wave": ("Undersøgelse og måling", "Survey and wave"),
    "survey_response": ("Indsamling", "Collection"),
    "survey_figures": ("Tal", "Figures"),
    "survey_differences": ("Forskelle", "Differences"),
    "survey_groups": ("Forskelle mellem grupper", "Differences between groups"),
    "survey_tests": ("Test af uafhængighed", "Tests of independence"),
    "survey_quantiles": ("Fraktiler", "Quantiles"),
    "survey_shares": ("Andele af totaler", "Shares of totals"),
    "survey_quality": ("Kvalitet", "Quality"),
    "survey_questions": ("Spørgsmål", "Questions"),
    "survey_none": ("Der er ingen tal i denne undersøgelse.", "This survey has no figures."),
    "quality_said": ("{n} tal: {grade}", "{n} figures: {grade}"),
    "withheld_said": (
        "{n} tal er tilbageholdt af hensyn til fortrolighed eller usikkerhed.",
        "{n} figures are withheld for confidentiality or uncertainty.",
    ),
    # Data and methods
    "files_lead": (
        "Alle tal som filer, metoden, hvad der er ændret siden sidst, og hvordan der henvises.",
        "All figures as files, the methods, what has changed, and how to cite.",
    ),
    "tab_download": ("Hent", "Download"),
    "tab_methods": ("Metode", "Methods"),
    "tab_dictionary": ("Dataordbog", "Dictionary"),
    "tab_changes": ("Ændringer", "Changes"),
    "tab_cite": ("Henvis", "Cite"),
    "tab_reports": ("Rapporter", "Reports"),
    "download_all": ("Hent det hele (zip)", "Download everything (zip)"),
    "download_all_what": (
        "Udgavens datapakke: hver tabel som Parquet, CSV og CSV til dansk Excel, med beskrivelse af hver kolonne "
        "(datapackage.json), henvisning, ændringer, metode og dataordbog.",
        "The release's data package: each table as Parquet, CSV and CSV for a Danish Excel, with every column "
        "described "
        "(datapackage.json), citation, changes, methods and dictionary.",
    ),
    "download_table": ("En enkelt tabel", "One table"),
    "in_english": ("Teksten er på engelsk.", "The text comes from the project's guides."),
    "report_none": (
        "Rapportens adresse står ikke i datavarehuset.",
        "The address of the report is not in the warehouse.",
    ),
    "report_lines": (
        "Tekstfil {file}, {n} linjer; kontrolsum {digest}",
        "Text file {file}, {n} lines; digest {digest}",
    ),
    # The frame around every figure
    "menu": ("Hent og del", "Save and share"),
    "save_as": ("Hent {kind}", "Save {kind}"),
    "menu_link": ("Link til det, du ser nu", "Link to what you see now"),
    "menu_citation": ("Henvisning", "Citation"),
    "menu_sql": ("SQL bag tallene", "The SQL behind the figures"),
    "cited_demonstration": ("smv_ai, demonstration, udgave {id}.", "smv_ai, demonstration, release {id}."),
    "cited_release": ("smv_ai, udgave {id}.", "smv_ai, release {id}."),
    "reads_pair": ("{label}: {values}.", "{label}: {values}."),
    "reads_one": ("**{label}: {value}.**", "**{label}: {value}.**"),
    "unclear_mark": (
        "{mark} Kan ikke skelnes fra tallet ovenfor: forskellen ligger inden for afrunding eller interval.",
        "{mark} Cannot be told from the figure above: the difference lies within rounding or interval.",
    ),
    "differences_none": (
        "Tallene kan ikke trækkes fra hinanden: usikkerheden på forskellen kendes ikke.",
        "The figures cannot be subtracted from each other: the uncertainty of the difference is not known.",
    ),
    "differences_open": (
        "Ingen af de {n} mulige forskelle har et interval, så det kan ikke afgøres, om de er tilfældige.",
        "None of the {n} possible differences has an interval, so chance cannot be ruled out.",
    ),
    "differences_some": (
        "{clear} af {n} forskelle er større end deres usikkerhed.",
        "{clear} of {n} differences are larger than their uncertainty.",
    ),
    "interval": ("95 %-interval {low}–{high}.", "95% interval {low}–{high}."),
    "from_to": ("{low} til {high}", "{low} to {high}"),
    "no_interval": ("Intet interval: {reason}.", "No interval: {reason}."),
    "chart": ("Graf", "Chart"),
    "table": ("Tabel", "Table"),
    "n_one": ("n = {n}", "n = {n}"),
    "n_some": (
        "n = {n} for {known} af {all} tal, ellers ikke offentliggjort",
        "n = {n} for {known} of {all} figures, otherwise not published",
    ),
    "n_none": ("n ikke offentliggjort", "n not published"),
    "several_bases": ("Hver undersøgelse har sin egen population", "Each survey has its own base population"),
    "dots_interval": (
        "Fyldt mærke med streg: 95 %-interval ({method}).",
        "Filled mark with line: 95% interval ({method}).",
    ),
    "dots_approximate": (
        "Fyldt mærke med streg: tilnærmet 95 %-interval ({method}).",
        "Filled mark with line: approximate 95% interval ({method}).",
    ),
    "dots_open": ("Åbent mærke: intet interval ({reason}).", "Open mark: no interval ({reason})."),
    "cells_interval": (
        "Under tallet: 95 %-interval ({method}).",
        "Below the figure: 95% interval ({method}).",
    ),
    "cells_approximate": (
        "Under tallet: tilnærmet 95 %-interval ({method}).",
        "Below the figure: approximate 95% interval ({method}).",
    ),
    "cells_open": ("{mark}: intet interval ({reason}).", "{mark}: no interval ({reason})."),
    "disputed": ("¶ Omstridt: kontrollen fandt modstrid i rapporten", "¶ Disputed: the checks found a contradiction"),
    "cited": ("Citeret fra en anden undersøgelse.", "Cited from another study."),
    "source": ("Kilde", "Source"),
    "section": ("Afsnit", "Section"),
    "line": ("Linje {lines}", "Line {lines}"),
    "lines": ("Linje {lines}", "Lines {lines}"),
    "many_lines": ("{n} steder i linje {first}–{last}", "{n} places in lines {first}–{last}"),
    "col_label": ("Gruppe", "Group"),
    "col_status_marks": ("Mærker", "Marks"),
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
    "growth": ("Vækst i procent, 2021–2023", "Growth in per cent, 2021–2023"),
    "all": ("Alle", "All"),
    "not_published": ("Ikke offentliggjort", "Not published"),
    # Overview
    "overview_lead": (
        "Fem danske undersøgelser giver hver sit svar, fordi de har spurgt forskellige virksomheder om "
        "forskellige ting. "
        "Hvert tal kan føres tilbage til den linje, hvor det er trykt.",
        "Five Danish studies give five answers, for they asked different firms different things. Every figure can "
        "be traced "
        "to the line where it is printed.",
    ),
    "overview_question": (
        "Hvor mange danske SMV'er bruger AI, og hvorfor går svarene fra {low} til {high}?",
        "How many Danish SMEs use AI, and why do the answers run from {low} to {high}?",
    ),
    "overview_published": (
        "Overblikket viser altid offentliggjorte tal.",
        "The overview always shows published figures.",
    ),
    "pair_title": (
        "Samme størrelse, to svar: virksomheder med 5–9 ansatte",
        "The same size, two answers: firms with 5–9 employees",
    ),
    "pair_said": (
        "{survey}, {wave}. {n} {interval}",
        "{survey}, {wave}. {n} {interval}",
    ),
    "pair_why": (
        "De to undersøgelser er forskellige på disse punkter, så tallene kan ikke sammenlignes:",
        "The two studies differ on these points, so the figures cannot be compared:",
    ),
    "doors_title": ("Tre spørgsmål at gå videre med", "Three questions to go on with"),
    "compare_title": ("Sammenlign selv", "Compare for yourself"),
    "compare_choose": ("Vælg to eller flere tal", "Choose two or more figures"),
    "compare_more": ("Vælg mindst to tal.", "Choose at least two figures."),
    "compare_none_two": ("De to tal kan ikke sammenlignes.", "The two figures cannot be compared."),
    "compare_some_two": ("De to tal kan sammenlignes.", "The two figures can be compared."),
    "compare_none": (
        "Ingen af de {n} par kan sammenlignes.",
        "None of the {n} pairs can be compared.",
    ),
    "compare_some": (
        "{can} af {n} par kan sammenlignes: {pairs}.",
        "{can} of {n} pairs can be compared: {pairs}.",
    ),
    "compare_same": ("Ens for dem alle: {facets}.", "The same for all of them: {facets}."),
    "compare_table": ("Det, der er forskelligt", "What differs"),
    "ask_use": (
        "Hvor mange små virksomheder i byggeriet bruger AI?",
        "How many small firms in construction use AI?",
    ),
    "ask_use_other": (
        "{survey} siger {value} om {segment}. De to tal kan ikke sammenlignes; se hvorfor nederst.",
        "{survey} says {value} for {segment}. The two cannot be compared; see why below.",
    ),
    "ask_use_missing": (
        "Byggevirksomheder med 10–49 ansatte er ikke offentliggjort for sig.",
        "Construction firms with 10–49 employees are not published separately.",
    ),
    "ask_use_link": ("Se alle brancher", "See all industries"),
    "ask_barriers": ("Hvad holder dem tilbage?", "What holds them back?"),
    "ask_barriers_other": ("{survey}: {label}, {value}.", "{survey}: {label}, {value}."),
    "ask_barriers_missing": (
        "Ingen af rapporterne opdeler barrierer på byggeriet.",
        "None of the reports breaks barriers down to construction.",
    ),
    "ask_barriers_link": ("Se barriererne", "See the barriers"),
    "ask_pays": ("Betaler det sig?", "Does it pay?"),
    "ask_pays_meaning": (
        "Det kan ikke afgøres. Produktiviteten voksede {one} med AI og {other} uden, 2021–2023",
        "It cannot be settled. Productivity grew {one} with AI and {other} without, 2021–2023",
    ),
    "ask_pays_caution": (
        "En sammenhæng, ikke en årsag: rapporten advarer selv mod at læse tallene som virkning.",
        "An association, not a cause: the report itself warns against reading the figures as an effect.",
    ),
    "ask_pays_link": ("Se vækst og produktivitet", "See growth and productivity"),
    "range_note": (
        "Ordnet efter definition: hvem der er spurgt, og om hvad. {comparable} af {pairs} par af tal kan sammenlignes.",
        "In the order of their definitions: who was asked, and about what. {comparable} of {pairs} pairs of "
        "figures can be "
        "compared.",
    ),
    "range_title": ("Andel, der bruger AI, i hver undersøgelse", "Share that uses AI, survey by survey"),
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
    # Adoption
    "use_header": ("Hvor mange bruger AI?", "How many use AI?"),
    "adoption_lead": (
        "Hvem bruger AI, hvor langt er de, og hvilke teknologier bruger de? Hver graf viser én undersøgelse.",
        "Who uses AI, how far have they come, and which technologies do they use? Each chart shows one survey.",
    ),
    "use_title": ("Andel, der bruger AI, {by}", "Share that uses AI, {by}"),
    "cross_header": ("Branche og størrelse på én gang", "Industry and size at once"),
    "cross_title": ("Andel, der bruger AI, efter branche og størrelse", "Share that uses AI, by industry and size"),
    "cross_none": (
        "Ingen af rapporterne offentliggør branche og størrelse på én gang. Danmarks Statistik giver brancher for "
        "mikrovirksomheder med 5–9 ansatte; CAISA nævner enkelte brancher og én størrelse hver for sig.",
        "None of the reports publishes industry by size. Statistics Denmark gives industries for micro firms with 5–9 "
        "employees; CAISA names a few industries and one size class separately.",
    ),
    "technology_title": ("Brug af AI-teknologier", "Use of AI technologies"),
    "digital_title": ("{indicator}, efter branche", "{indicator}, by industry"),
    "left_out_header": ("Det, graferne ikke viser", "What the charts leave out"),
    "undetermined_title": (
        "Tal uden sikker betegnelse",
        "Figures without a certain label",
    ),
    "undetermined_note": (
        "{n} tal står i rapporterne uden sikker forbindelse til den gruppe, de hører til. Den mulige etiket følger kun "
        "læserækkefølgen.",
        "{n} figures stand in the reports without a certain tie to the group they belong to. The possible label only "
        "follows the reading order.",
    ),
    "not_published_title": (
        "Figurer og tal, der ikke kan læses i rapporternes tekst",
        "Charts and numbers that cannot be read from the reports' text",
    ),
    "digital_header": ("Digitalisering efter branche", "Digitalisation by industry"),
    "choose_indicator": ("Indikator", "Indicator"),
    "technology_header": ("Hvilke teknologier bruges?", "Which technologies are used?"),
    "maturity_header": ("Hvor langt er virksomhederne?", "How far have the firms come?"),
    "part_of_above": ("– heraf {label}", "– of whom {label}"),
    "status_note": (
        "Optimister og skeptikere er de to dele af gruppen uden erfaring.",
        "Optimists and sceptics are the two parts of the group without experience.",
    ),
    "matrix_note": (
        "Frontløbere bruger og prioriterer AI, aspirerende prioriterer uden at bruge, brugere uden prioritet bruger "
        "uden at prioritere, og afventende gør ingen af delene.",
        "Front-runners use AI and give it priority, aspiring firms give it priority without using it, users without "
        "priority use it without priority, and waiting firms do neither.",
    ),
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
    "barriers_small_missing": (
        "Barrierer for virksomheder med 10–49 ansatte er ikke offentliggjort for sig.",
        "Barriers of firms with 10–49 employees are not published separately.",
    ),
    "choose_barrier": ("Hovedbarriere", "Main barrier"),
    "barriers_header": ("Hvad holder dem tilbage?", "What holds them back?"),
    "choose_order": ("Vis", "Show"),
    "order_rank": ("Rangordnet", "Ranked"),
    "order_toe": ("Efter TOE-kategori", "By TOE category"),
    "sub_title": ("Hvad dækker barrieren over?", "What is behind the barrier?"),
    "sub_chart": ("Blandt virksomheder, hvis barriere er: {barrier}", "Among firms whose barrier is: {barrier}"),
    "sub_note": (
        "Spurgt blandt de virksomheder, der nævnte hovedbarrieren; andelene gælder kun dem.",
        "Asked of the firms that named the main barrier; the shares hold for them only.",
    ),
    "support_header": ("Hvilken hjælp ønsker de?", "What help do they want?"),
    "support_title": ("Ønsket hjælp efter modenhed", "Support wanted by maturity"),
    "toe_header": ("Hvad siger interviewene?", "What do the interviews say?"),
    "toe_title": ("Emner i interview efter TOE-kategori", "Topics in interviews by TOE category"),
    "toe_note": (
        "TOE: teknologi, organisation og omgivelser. n er antallet af interview; et emne er en kodet enhed i et af "
        "dem.",
        "TOE: technology, organisation, environment. n is the number of interviews; a topic is a coded unit in one "
        "of them.",
    ),
    "toe_topics": ("Alle emner", "All topics"),
    "toe_axis": ("Antal koder", "Number of codes"),
    "col_toe_theme": ("Emne", "Theme"),
    "col_toe_category": ("Kategori", "Category"),
    "col_interview": ("Interview", "Interview"),
    # Productivity
    "productivity_lead": (
        "Betaler det sig? Rapporterne viser sammenhænge og selvvurderinger, ikke årsager.",
        "Does it pay? The reports show associations and self-assessments, not causes.",
    ),
    "area_header": ("Produktivitet efter område", "Productivity by area"),
    "choose_wave": ("Måling", "Wave"),
    "map_title": ("Produktivitetsindikator på kortet, {wave}", "Productivity indicator on the map, {wave}"),
    "map_note": (
        "Felterne står, som områderne ligger. Blå er over nul, orange under.",
        "The tiles stand as the areas lie. Blue is above zero, orange below.",
    ),
    "area_note": (
        "Indikatoren er selvrapporteret og går fra −100 til 100. Ændringen er efterår minus forår.",
        "The indicator is self-reported and runs from −100 to 100. The change is autumn minus spring.",
    ),
    "area_printed": (
        "Hele landet er kun trykt for efteråret.",
        "The whole country is printed for autumn only.",
    ),
    "area_title": (
        "Produktivitetsindikator efter erhvervshusområde, to målinger",
        "Productivity indicator by business-hub area, two waves",
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
    "growth_chart": ("Vækst 2021–2023 i matchede virksomheder", "Growth 2021–2023 in matched firms"),
    "growth_caution": (
        "Tallene viser en sammenhæng, ikke at AI er årsagen. Virksomhederne er matchet på det, der kan måles, og "
        "rapporten tager selv forbehold for årsagsslutninger (linje 781–787).",
        "The figures show an association, not that AI is the cause. The firms are matched on what can be measured, and "
        "the report itself warns against causal conclusions (lines 781–787).",
    ),
    "matched_caution": (
        "Tallene viser en sammenhæng blandt virksomheder, der ligner hinanden, ikke en effekt: det, der ikke er målt, "
        "kan forklare forskellen.",
        "The figures show an association among similar firms, not an effect: what was not measured may explain the "
        "difference.",
    ),
    "matched_printed": (
        "Rapporten har matchet AI-virksomhederne med deres nærmeste naboer på størrelse, omsætning, eksport og branche "
        "(linje 757–763). Hvor mange naboer hver virksomhed fik, og hvor ens grupperne blev, oplyser den ikke.",
        "The report matched the firms with AI to their nearest neighbours on size, turnover, exports and industry "
        "(lines 757–763). It does not say how many neighbours each firm got, nor how alike the groups became.",
    ),
    "matched_design": (
        "{treated} virksomheder med AI er sammenlignet med {controls} forskellige virksomheder uden. Hver har fået "
        "sine {neighbours} nærmeste naboer, målt på {terms}{exact}. En virksomhed uden AI kan være nabo til flere.",
        "{treated} firms with AI are compared with {controls} different firms without. Each has its {neighbours} "
        "nearest neighbours, measured on {terms}{exact}. A firm without AI may be the neighbour of several.",
    ),
    "matched_exact": (", inden for samme {columns}", ", within the same {columns}"),
    "and_last": ("{first} og {last}", "{first} and {last}"),
    "width_unknown": (
        "Hvor brede intervallerne ville være, vides ikke: spredningen mellem virksomhederne er ikke offentliggjort. En "
        "forskel på nogle få procentpoint kan derfor være tilfældig.",
        "How wide the intervals would be is not known: the variance between firms is not published. A difference of a "
        "few percentage points may therefore be chance.",
    ),
    "width_demonstration": (
        "Hvor brede intervallerne ville være, er ikke offentliggjort. I demonstrationens konstruerede register, hvor "
        "spredningen mellem virksomhederne er antaget, går 95 %-intervallet {narrowest}-{widest} procentpoint til hver "
        "side af forskellen, og {zero} af {n} intervaller omfatter nul.",
        "How wide the intervals would be is not published. In the made-up register of the demonstration, where the "
        "spread between firms is assumed, the 95% interval reaches {narrowest}–{widest} percentage points to either "
        "side of the difference, and {zero} of {n} intervals include zero.",
    ),
    "growth_difference_title": (
        "Forskel i vækst mellem virksomheder med og uden AI",
        "Difference in growth between firms with and without AI",
    ),
    "growth_difference_axis": (
        "Vækst med AI minus vækst uden, procentpoint",
        "Growth with AI less growth without, percentage points",
    ),
    "percentage_points": ("procentpoint", "percentage points"),
    "decimal_mark": (",", "."),
    "balance_title": ("Ligner virksomhederne hinanden?", "Are the firms alike?"),
    "balance_axis": ("Forskel i standardafvigelser", "Difference in standard deviations"),
    "balance_note": (
        "Gennemsnit med AI minus gennemsnit uden i 2021, målt i standardafvigelser. De stiplede linjer ved ±0,1 er en "
        "tommelfingerregel for, hvornår grupper ligner hinanden.",
        "Mean with AI less mean without in 2021, in standard deviations. The dashed lines at ±0.1 are a rule of thumb "
        "for groups that are alike.",
    ),
    "balance_descriptive": (
        "Beskriver de matchede virksomheder og ikke en stikprøve",
        "Describes the firms matched, not a sample",
    ),
    "before_matching": ("Før matchning", "Before matching"),
    "after_matching": ("Efter matchning", "After matching"),
    "col_variance_ratio": ("Varians med AI delt med varians uden", "Variance with AI over variance without"),
    "col_treated_outside_count": (
        "AI-virksomheder uden for de andres spænd",
        "Firms with AI outside the others' range",
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
    # Over time and abroad
    "official_lead": (
        "De officielle tal år for år, ved siden af EU's. Hvor spørgsmålet blev ændret, er der et brud: tallene på "
        "hver side kan ikke sammenlignes, og ingen linje går over det.",
        "The official figures year by year, beside the EU's. Where the question was changed there is a break: the "
        "figures on either side cannot be compared, and no line crosses it.",
    ),
    "always_published": ("Siden viser altid offentliggjorte tal.", "This page always shows published figures."),
    "official_areas_header": ("Danmark og udlandet", "Denmark and abroad"),
    "official_areas_title": (
        "Andel af virksomheder, der bruger AI, over tid",
        "Share of firms that use AI, over time",
    ),
    "official_size_header": ("Efter størrelse over tid", "By size over time"),
    "official_size_title": ("{area}: andel, der bruger AI, efter størrelse", "{area}: share that uses AI, by size"),
    "official_industry_header": ("Efter branche over tid", "By industry over time"),
    "official_industry_title": (
        "{area}: andel, der bruger AI, efter branche",
        "{area}: share that uses AI, by industry",
    ),
    "official_choose_series": ("Vælg serier", "Choose series"),
    "official_choose_area": ("Land og kilde", "Country and source"),
    "official_choose_one": ("Vælg mindst én serie.", "Choose at least one series."),
    "official_newest": ("{label}: {value} i {period}", "{label}: {value} in {period}"),
    "official_all_broken": (
        "Ingen to år kan sammenlignes: definitionen blev ændret hver gang",
        "No two years can be compared: the definition changed each time",
    ),
    "official_some_broken": (
        "{n} af {all} skridt er brud, så kun resten af udviklingen kan følges",
        "{n} of {all} steps are breaks, so only the rest of the development can be followed",
    ),
    "official_comparable": (
        "Kun inden for en uændret definition kan tallene sammenlignes: {pairs}",
        "Only under an unchanged definition can figures be compared: {pairs}",
    ),
    "official_pair": ("{start}–{end} ({value} procentpoint)", "{start}–{end} ({value} percentage points)"),
    "official_gap": (
        "Stiplet linje: brud; tallene på hver side kan ikke sammenlignes.",
        "Dashed line: break; the figures on either side cannot be compared.",
    ),
    "official_break": ("{letter}, {start}–{end}: {words}.", "{letter}, {start}–{end}: {words}."),
    "official_break_only": ("kun {labels}: {change}", "only {labels}: {change}"),
    "official_no_break": ("Ingen brud mellem tallene.", "No break between the figures."),
    "official_step": ("{value} procentpoint siden {period}", "{value} percentage points since {period}"),
    "official_step_break": ("Brud: {words}", "Break: {words}"),
    "official_absent": ("Uden tal: {labels}.", "Without a figure: {labels}."),
    "official_nordic_absent": (
        "{areas}: ingen tal, for deres tabel fra Eurostat er ikke indlæst i datavarehuset.",
        "{areas}: no figures, for their table from Eurostat has not been loaded into the warehouse.",
    ),
    "official_others_header": ("Formål, virkning og teknologi", "Purposes, effects and technologies"),
    "official_others_title": ("Øvrige tal: {asked}", "Other figures: {asked}"),
    "official_others_note": (
        "Andele af virksomheder efter kildens egen afgrænsning: effekter er spurgt blandt dem, der bruger AI.",
        "Shares of firms as the source delimits them: effects were asked of those that use AI.",
    ),
    "official_studies_header": ("Undersøgelserne i tid", "The studies in time"),
    "official_studies_title": (
        "Datavarehusets tal om brug af AI, i rækkefølge efter tid",
        "The warehouse's figures on AI use, in the order of time",
    ),
    "official_studies_finding": (
        "{n} undersøgelser i tid er ikke en udvikling: hver har sin egen definition",
        "{n} studies in time are no development: each has its own definition",
    ),
    "official_studies_note": (
        "Tallene er ikke forbundet, for ingen to af dem kan sammenlignes. Hvad der skiller hver af dem fra den "
        "officielle undersøgelse, står nedenfor og i tabellen.",
        "The figures are not joined, for no two of them can be compared. What keeps each apart from the official "
        "survey stands below and in the table.",
    ),
    "official_itself_series": ("Den officielle serie", "Official series"),
    "official_own_series": ("En undersøgelse", "A study"),
    "official_apart": (
        "Hvad skiller hver undersøgelse fra den officielle?",
        "What keeps each study apart from the official survey?",
    ),
    "official_itself": (
        "er selv den officielle undersøgelse, for en enkelt branche",
        "is the official survey itself, for one industry",
    ),
    "bounds_header": (
        "Hvad tallene tillader under den anden definition",
        "What the figures allow under the other definition",
    ),
    "bounds_title": (
        "Mindste og største værdi, som de trykte tal tillader",
        "Least and greatest value that the printed figures allow",
    ),
    "bounds_base": (
        "Beregnet af trykte tal, så der er intet n",
        "Computed from printed figures, so there is no n",
    ),
    "bounds_axis": ("Procent eller procentpoint", "Per cent or percentage points"),
    "bounds_note": (
        "Bjælken går fra den mindste til den største mulige værdi, når hvert trykt tal kan være afrundet; den lodrette "
        "streg er det tidligere tal, den holdes op imod. Grænserne er ikke et konfidensinterval: de siger intet om "
        "tilfældighed.",
        "The bar runs from the least to the greatest possible value, each printed figure being rounded; the tick is "
        "the earlier figure that it is held against. The limits are no confidence interval: they say nothing of "
        "chance.",
    ),
    "bounds_none_proven": (
        "Ingen stigning er bevist under uændret definition: {n} af {n} grænser rummer også det modsatte",
        "No rise is proven under an unchanged definition: {n} of {n} bounds leave room for the contrary",
    ),
    "bounds_proven": ("Ændringen er bevist for: {labels}", "The change is proven for: {labels}"),
    "bounds_premises": ("Forudsætningerne, en for en", "The premises, one by one"),
    "bound_percent": ("{low}–{high} %", "{low}–{high}%"),
    "bound_points": ("{low}–{high} procentpoint", "{low}–{high} percentage points"),
    "bound_compared": ("{period}: {value}", "{period}: {value}"),
    "verdict_rise_proven": ("Stigning bevist", "Rise proven"),
    "verdict_fall_proven": ("Fald bevist", "Fall proven"),
    "verdict_not_proven": ("Ændring ikke bevist", "Change not proven"),
    "verdict_not_compared": ("Intet tidligere tal at holde op imod", "No earlier figure to hold it against"),
    "verdict_premises_contradict": ("Forudsætningerne modsiger hinanden", "The premises contradict each other"),
    "official_breaks": ("Alle brud, der er dokumenteret", "All documented breaks"),
    "break": ("Brud", "Break"),
    "break_what": ("Hvad der blev ændret", "What changed"),
    "compared": ("Tidligere tal", "Earlier figure"),
    "unconfirmed": ("Ikke bekræftet i kontorets egen tabel", "Not confirmed in the office's own table"),
    "more_sources": ("{n} til, se filerne", "{n} more, see the files"),
    "synthetic_mark": ("SYNTETISK", "SYNTHETIC"),
    "col_time_period": ("Periode", "Period"),
    "col_step_words": ("Siden forrige", "Since the last"),
    "col_verdict": ("Udfald", "Verdict"),
    "col_bound_lower": ("Mindst", "Least"),
    "col_bound_upper": ("Størst", "Greatest"),
    "col_compared_text": ("Tidligere tal", "Earlier figure"),
    "col_apart": ("Skiller den fra den officielle", "Keeps it apart from the official one"),
    "col_premise": ("Forudsætning", "Premise"),
    "col_lower_limit": ("Mindst", "Least"),
    "col_upper_limit": ("Størst", "Greatest"),
    "col_premise_source": ("Kilde", "Source"),
    "col_from_period": ("Fra", "From"),
    "col_to_period": ("Til", "To"),
    "col_what_changed": ("Hvad der blev ændret", "What changed"),
    "col_family": ("Serie", "Series"),
    "col_area": ("Område", "Area"),
    "col_break_kind": ("Type", "Kind"),
    "col_break_source": ("Kilde", "Source"),
    # Explore
    "explore_lead": (
        "Vælg en indikator, hvem der er spurgt, og en opdeling. Kun det, der findes, kan vælges.",
        "Choose an indicator, who was asked, and a breakdown. Only what exists can be chosen.",
    ),
    "explore_title": ("{indicator}, {by}", "{indicator}, {by}"),
    "changes_title": ("Forskelle, der kan beregnes", "Differences that can be taken"),
    "col_from_label": ("Fra", "From"),
    "col_to_label": ("Til", "To"),
    "col_p_value": ("p", "p"),
    "col_p_holm": ("p, justeret (Holm)", "p, adjusted (Holm)"),
    "col_group_a": ("Gruppe", "Group"),
    "col_group_b": ("mod", "against"),
    "col_breakdown": ("Opdelt på", "Broken down by"),
    "col_test_statistic": ("F (Rao-Scott)", "F (Rao–Scott)"),
    "col_quantile": ("Fraktil", "Quantile"),
    "col_quantile_value": ("Værdi", "Value"),
    "col_share_of_total": ("Andel af totalen, %", "Share of the total, %"),
    "col_difference": ("Forskel", "Difference"),
    "col_rounding_half_width": ("Afrunding ±", "Rounding ±"),
    "col_interval_method_label": ("Metode", "Method"),
    "col_no_interval_reason_label": ("Uden interval, fordi", "No interval because"),
    # Sources and checks
    "sources_lead": (
        "Hvor tallene kommer fra, hvem der er spurgt, og hvor rapporterne modsiger sig selv.",
        "Where the figures come from, who was asked, and where the reports contradict themselves.",
    ),
    "choose_part": ("Vis", "Show"),
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
    "sql_row": ("{n} række på {seconds} s. Udgave {release}.", "{n} row in {seconds} s. Release {release}."),
    "sql_cancel": ("Annullér", "Cancel"),
    "sql_running": ("Kører … {seconds} s", "Running … {seconds} s"),
    "sql_cancelled": ("Forespørgslen er annulleret.", "The query was cancelled."),
    "sql_names": ("Tabeller og kolonner, der passer", "Tables and columns that fit"),
    "sql_keys": (
        "Ctrl+Enter kører. Navne foreslås, mens du skriver: pil ned vælger, Enter indsætter, Ctrl+mellemrum viser dem.",
        "Ctrl+Enter runs. Names are suggested as you type: arrow down chooses, Enter inserts, Ctrl+Space shows them.",
    ),
    "sql_rows": ("{n} rækker på {seconds} s. Udgave {release}.", "{n} rows in {seconds} s. Release {release}."),
    "sql_cut": (
        "Kun de første {n} rækker vises; resultatet er større. Brug LIMIT, eller læg tallene sammen i forespørgslen.",
        "Only the first {n} rows are shown; the result is larger. Use LIMIT, or aggregate in the query.",
    ),
    "sql_no_rows": ("Ingen rækker.", "No rows."),
    "download": ("Hent CSV", "Download CSV"),
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
    "sql_error_machine": (
        "Serveren har ikke plads til at køre forespørgslen lige nu. Prøv igen om lidt.",
        "The server has no room to run the query right now. Try again in a moment.",
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
    english = f"{value:,.{decimals}f}".replace("-", "\u2212")
    return english.translate(str.maketrans(",.", ".,")) if language() == "da" else english


def settle_language() -> None:
    """Take the language from the address where it names another than before, first of all from the browser."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES and asked != st.session_state.get("language_written"):
        st.session_state["language"] = asked
    elif "language" not in st.session_state:
        st.session_state["language"] = preferred(st.context.headers.get("Accept-Language") or "")
    # Back and Forward change the address without the switch.
    st.session_state["language_written"] = asked


def preferred(header: str) -> str:
    """The language that `Accept-Language` wants most among the app's own; Danish where it wants neither."""
    wishes = []
    for place, wish in enumerate(header.split(",")):
        found = _WISH.fullmatch(wish)
        if found and found[1].lower() in LANGUAGES:
            weight = float(found[2]) if found[2] else 1.0
            wishes.append((-weight, place, found[1].lower()))
    weight, _, best = min(wishes, default=(0, 0, "da"))
    return best if weight < 0 else "da"


def _switch() -> None:
    st.session_state["language"] = st.session_state["language_switch"]


def choose_language() -> None:
    """The language switch, and the choice written to the URL.

    The widget's own binding to the URL would write the word on the button (`lang=Dansk`) and drop the default.
    The choice has a key of its own: a run that ends before the switch is drawn would drop the state of the widget.
    """
    st.session_state["language_switch"] = language()
    st.segmented_control(
        # In both languages: whoever needs the switch may not read the other.
        "Sprog / Language",
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code],
        required=True,
        key="language_switch",
        on_change=_switch,
        label_visibility="collapsed",
    )
    # A change of page drops the parameters of the URL, so it is written on every run.
    if st.query_params.get("lang") != language():
        st.query_params["lang"] = language()
    st.session_state["language_written"] = language()


# What Streamlit reads in a text besides Markdown, after escapes are resolved: shortcodes (:smile:, :material/x:),
# addresses, arrows and dashes. Nothing but a character without width between their parts stops it.
_READ_LATER = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[-<>~=])(?=[-<>=])", re.IGNORECASE)
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>$~|#&]|^[-+=](?=[-+=\s]|$)")
_LIST_NUMBER = re.compile(r"^([0-9]+)([.)])(?=\s|$)")
LINE_BREAK = re.compile(r"[\r\n]+")
WORD_JOINER = "\u2060"


# A number and its per cent sign stay on one line.
_BEFORE_PER_CENT = re.compile(r"(?<=[0-9]) (?=%)")
# A range between numbers, and a number below zero, as both languages write them.
_RANGE, _MINUS = re.compile(r"(?<=[0-9])-(?=[0-9])"), re.compile(r"(?<![\w\u2013-])-(?=[0-9])")


def typeset(text: str) -> str:
    """A label or value with the signs of print: 10–49 and −0,9; for words on the screen, never for codes or files."""
    return _MINUS.sub("\u2212", _RANGE.sub("\u2013", text))


def plain(text: object) -> str:
    """A text from data so that it is shown as written wherever the app reads Markdown.

    No picture, link, formula, emphasis, list, colour, emoji or HTML comes of it. Every text that is not the app's own
    passes here; where plain text is shown (tables, options of a select box, charts, code) it does not.
    """
    line = _BEFORE_PER_CENT.sub("\u00a0", LINE_BREAK.sub(" ", cleaned(str(text))).strip(" \t"))
    escaped = _MARKDOWN.sub(r"\\\g<0>", _READ_LATER.sub(WORD_JOINER, line))
    return _LIST_NUMBER.sub(r"\1\\\2", escaped)


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
