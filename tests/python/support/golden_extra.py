"""Cases of the golden format that exercise every rule of its README, on invented data, with answers from the oracle."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import numpy as np
from support import estimation_oracle

REGIONS = ["north", "south, east", "west"]
SIZES = ["small", "large"]
SECTORS = ["trade", "build", "care"]


def write_data(folder: Path) -> None:
    """A panel of two waves (firm = sampling unit, overlapping), clustered, with missing answers, zero weights and
    lonely strata.
    """
    random = np.random.default_rng(20251121)
    rows = []
    for firm in range(260):
        sector, size = SECTORS[firm % 3], SIZES[(firm // 3) % 2]
        stratum = "lonely" if firm == 7 else f"{sector}-{size}"
        for wave in (1, 2):
            if stratum != "lonely" and random.random() < 0.35:
                continue
            for plant in range(1 + int(random.random() < 0.2)):
                use = float(random.random() < 0.3 + 0.2 * (wave == 2) + 0.2 * (size == "large"))
                rows.append(
                    {
                        "wave": wave,
                        "firm": firm // 2 * 2 if firm % 5 == 0 else firm,
                        "stratum": stratum,
                        "wave_stratum": f"{wave}:{stratum}",
                        "sector": sector,
                        "size": size,
                        "region": REGIONS[int(random.integers(3))],
                        "weight": round(float(random.choice([1.5, 7.25, 20.0]) * (1 + plant)), 6),
                        "own_weight": repr(float(random.gamma(4.0, 5.0))),
                        "use": "" if random.random() < 0.1 else int(use),
                        "score": "" if random.random() < 0.15 else int(random.choice([-100, -50, 0, 50, 100])),
                        "growth": "" if random.random() < 0.1 else round(float(random.normal(1995, 12)), 3),
                        "staff": int(random.integers(5, 250)),
                        "turnover": "" if random.random() < 0.05 else round(float(random.lognormal(8, 1.5)), 2),
                        "constant": 7.3,
                        "plan": ""
                        if random.random() < 0.1
                        else str(random.choice(["Yes", "No", "Maybe"], p=[0.5, 0.45, 0.05])),
                    }
                )
    units = {}
    for row in rows:
        units.setdefault(row["stratum"], set()).add(row["firm"])
        units.setdefault(row["wave_stratum"], set()).add((row["firm"], len(units)))
    counts = {name: sum(1 for row in rows if row["stratum"] == name or row["wave_stratum"] == name) for name in units}
    census = "care-large"
    for row in rows:
        row["zero_weight"] = 0 if row["region"] == "west" else row["weight"]
        row["part_weight"] = 0 if row["staff"] < 60 else row["weight"]
        row["population"] = (
            len(units[row["stratum"]]) if row["stratum"] == census else 4 * len(units[row["stratum"]]) + 3
        )
        row["row_population"] = counts[row["wave_stratum"]] + 57
    _write(folder / "data" / "panel.csv", rows)
    for column, categories in {"sector": SECTORS, "size": SIZES, "region": REGIONS}.items():
        shares = np.linspace(1, 1.4, len(categories))
        counts_of = [round(float(2400 * share / shares.sum()), 6) for share in shares]
        counts_of[-1] = 2400 - sum(counts_of[:-1])
        _write(
            folder / "data" / f"margin_{column}.csv",
            [{column: c, "Freq": repr(n)} for c, n in zip(categories, counts_of, strict=True)],
        )


def _write(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def cases() -> list[dict]:  # noqa: C901 - a list, however long
    """The cases, without their answers."""
    numeric = ["use", "score", "growth", "constant", "turnover"]
    wald = {"method": "wald", "level": 0.95, "df": "design"}
    one_wave = {"where": {"wave": 1}, "stratum": "stratum", "weight": "weight", "interval": wald, "design_effect": True}
    made = []

    def add(name: str, **fields) -> None:
        made.append(
            {
                "case_id": name,
                "data": "data/panel.csv",
                "where": None,
                "stratum": None,
                "psu": None,
                "weight": "weight",
                "population_size": None,
                "lonely_stratum": "adjust",
                "calibration": None,
                "statistic": "mean",
                "variables": numeric,
                "levels": None,
                "by": [],
                "domain": None,
                "change": None,
                "interval": None,
                "design_effect": False,
                "key": None,
                "tolerance": None,
                **fields,
            }
        )

    for rule, psu, method in itertools.product(
        ["adjust", "remove", "average", "certainty"], [None, "firm"], [None, "poststratify", "linear", "rake", "raking"]
    ):
        for by in ([], ["sector"], ["size", "region"]):
            add(
                f"{rule}_{psu}_{method}_{'_'.join(by)}",
                **one_wave,
                lonely_stratum=rule,
                psu=psu,
                by=by,
                population_size="population" if psu else "row_population",
                calibration=method and calibration(method),
            )
    for method in ["poststratify", "linear", "rake", "raking"]:
        for residual in ["base", "unweighted"]:
            for weight in ["weight", "own_weight"]:
                name = f"{method}_{residual}_{weight}"
                add(
                    f"within_{name}",
                    psu="firm",
                    stratum="stratum",
                    weight=weight,
                    variables=["use", "score"],
                    by=["region"],
                    interval=wald,
                    calibration=calibration(method, residual, within="wave"),
                )
                add(
                    f"change_{name}",
                    psu="firm",
                    stratum="stratum",
                    weight=weight,
                    variables=["use", "score", "growth"],
                    statistic="change",
                    change={"column": "wave", "from": 1, "to": 2},
                    interval=wald,
                    calibration=calibration(method, residual, within="wave"),
                )
                add(
                    f"total_{name}",
                    **{**one_wave, "weight": weight, "design_effect": False},
                    statistic="total",
                    by=["sector"],
                    calibration=calibration(method, residual),
                )
    for weight in ["weight", "own_weight", "zero_weight", "part_weight"]:
        for by in ([], ["region"], ["sector", "region"]):
            add(f"{weight}_{'_'.join(by)}", **{**one_wave, "weight": weight}, by=by, population_size="row_population")
            add(
                f"{weight}_clustered_{'_'.join(by)}",
                **{**one_wave, "weight": weight},
                by=by,
                psu="firm",
                population_size="population",
            )
    for psu, stratum in [("firm", "stratum"), (None, "wave_stratum"), ("firm", None)]:
        add(
            f"change_{psu}_{stratum}",
            psu=psu,
            stratum=stratum,
            statistic="change",
            change={"column": "wave", "from": 1, "to": 2},
            interval=wald,
        )
        add(
            f"change_{psu}_{stratum}_normal",
            psu=psu,
            stratum=stratum,
            statistic="change",
            by=["size"],
            domain={"sector": "trade"},
            change={"column": "region", "from": "west", "to": "south, east"},
            interval={**wald, "df": "infinite"},
            variables=["use", "growth"],
        )
    for psu in [None, "firm"]:
        plain = {**one_wave, "psu": psu, "design_effect": False}
        add(f"ratio_{psu}", **plain, statistic="ratio", variables=["turnover", "staff"], by=["sector"])
        add(
            f"ratio_rake_{psu}",
            **plain,
            statistic="ratio",
            variables=["turnover", "growth"],
            calibration=calibration("rake"),
            domain={"size": "large"},
        )
        add(
            f"domain_{psu}",
            **{**plain, "design_effect": True},
            domain={"size": "large", "use": 1},
            by=["sector"],
            variables=["score", "growth"],
        )
        add(
            f"domain_linear_{psu}",
            **plain,
            domain={"size": "large", "use": 1},
            by=["sector"],
            variables=["score", "growth"],
            calibration=calibration("linear"),
        )
        add(
            f"levels_{psu}",
            **{**plain, "design_effect": True},
            statistic="proportion",
            variables=["plan", "region"],
            levels={"plan": ["Yes", "No", "Maybe", "Never"], "region": REGIONS},
            by=["sector", "size"],
        )
        add(
            f"levels_margin_{psu}",
            **plain,
            statistic="total",
            variables=["region", "size"],
            levels={"region": REGIONS, "size": SIZES},
            by=["sector"],
            calibration=calibration("raking"),
        )
        add(
            f"levels_total_{psu}",
            **plain,
            statistic="total",
            variables=["plan"],
            levels={"plan": ["Yes", "Maybe"]},
            by=["region"],
            calibration=calibration("raking"),
        )
        for method, df in itertools.product(
            ["wald", "logit", "xlogit", "asin", "beta"], ["design", "segment", "infinite"]
        ):
            for made_by in [None, "rake"]:
                add(
                    f"{method}_{df}_{psu}_{made_by}",
                    **{
                        **plain,
                        "interval": {
                            "method": method,
                            "level": 0.9,
                            "df": df,
                            "beta_rows": "design" if made_by else "segment",
                        },
                    },
                    statistic="proportion",
                    variables=["use"],
                    by=["size"],
                    calibration=made_by and calibration(made_by),
                )
    for method in [None, "poststratify", "linear", "rake"]:
        add(
            f"weights_{method}",
            **{**one_wave, "interval": None, "design_effect": False},
            statistic="weights",
            variables=[],
            key="row",
            calibration=method and calibration(method),
        )
    add("unstratified", weight="own_weight", interval=wald, design_effect=True)
    plain = {**made[-1], "design_effect": False}
    made.extend({**plain, **fields} for fields in of_second_set(one_wave))
    return made


def of_second_set(one_wave: dict) -> list[dict]:
    """Where replicate weights, lonely strata and answers that do not vary meet other statistics."""
    both_waves = {"weight": "weight", "variables": ["use", "score", "growth"]}
    change = {"statistic": "change", "change": {"column": "wave", "from": 1, "to": 2}}
    pairs = [
        {"pair": "sizes", "a": {"size": "small"}, "b": {"size": "large"}},
        {"pair": "regions", "a": {"region": "north"}, "b": {"region": "west"}},
        {"pair": "crossed", "a": {"region": "north", "size": "small"}, "b": {"size": "large"}},
    ]
    made = []
    for mse in (True, False):
        replicates = {"file": "data/replicates.csv", "key": "row", "prefix": "w.", "combined": mse, "scale": 1 / 16,
                      "rscales": 1, "mse": mse, "source": "file"}  # fmt: skip
        again = {"replicates": {**replicates, "file": f"data/replicates_{'combined' if mse else 'factors'}.csv"}}
        made += [
            {"case_id": f"replicated_change_{mse}", **both_waves, **again, **change, "by": ["size"],
             "interval": {"method": "wald", "level": 0.9, "df": "segment"}},
            {"case_id": f"replicated_beta_{mse}", **again, "statistic": "proportion", "variables": ["use"],
             "weight": "weight", "by": ["size"],
             "interval": {"method": "beta", "level": 0.95, "df": "design", "beta_rows": "segment"}},
            {"case_id": f"replicated_constant_{mse}", **again, "statistic": "difference", "weight": "weight",
             "variables": ["constant", "use"], "pairs": pairs, "family": "case", "domain": {"use": 1}},
        ]  # fmt: skip
    # all users use: no difference has an error, and none counts in the family
    made.append({"case_id": "differences_constant", "statistic": "difference", "variables": ["use", "score"],
                 "weight": "own_weight", "pairs": pairs, "family": "case", "domain": {"use": 1}})  # fmt: skip
    made += [
        {**one_wave, "case_id": f"independent_{rule}_{psu}", "lonely_stratum": rule, "psu": psu,
         "statistic": "independence", "variables": [], "design_effect": False,
         "table": {"rows": "plan", "columns": "size"}, "tests": ["F"]}
        for rule in ("average", "adjust") for psu in (None, "firm")
    ]  # fmt: skip
    return made


def write_replicates(folder: Path, rows: list[dict]) -> None:
    """Half the weight or half as much again, as factors and as weights."""
    drawn = np.random.default_rng(7).choice([0.5, 1.5], (len(rows), 16))
    for name, by in (("factors", False), ("combined", True)):
        _write(
            folder / "data" / f"replicates_{name}.csv",
            [
                {
                    "row": row["row"],
                    **{
                        f"w.{place:02d}": repr(float(one * (float(row["weight"]) if by else 1.0)))
                        for place, one in enumerate(own)
                    },
                }
                for row, own in zip(rows, drawn, strict=True)
            ],
        )


def calibration(method: str, residual: str | None = None, within: str | None = None) -> dict:
    columns = ["sector"] if method == "poststratify" else ["sector", "size", "region"]
    return {
        "method": method,
        "margins": [{"file": f"data/margin_{column}.csv", "column": column} for column in columns],
        "residual_weights": residual or ("base" if method in ("linear", "raking") else "unweighted"),
        "within": within,
    }


def write_folder(folder: Path) -> None:
    """The folder: data, cases and the oracle's answers."""
    write_data(folder)
    rows = estimation_oracle.read_table(folder / "data" / "panel.csv")
    named = [
        {**{k: v if v is not None else "" for k, v in row.items()}, "row": f"r{number}"}
        for number, row in enumerate(rows)
    ]
    _write(folder / "data" / "panel.csv", named)
    write_replicates(folder, named)
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as file:
        for case in cases():
            case["expected"] = f"expected/{case['case_id']}.csv"
            values = estimation_oracle.run(case, folder)
            _write(
                folder / case["expected"],
                [
                    dict(zip(("variable", "level", "segment", "stat"), key, strict=True), value=repr(value))
                    for key, value in values.items()
                ],
            )
            file.write(json.dumps(case) + "\n")
