"""`python -m tests.golden`: writes the entries anew."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from tests import golden
from tests.support.corpus import course, mutants, verdicts


def main(chosen: list[str]) -> None:
    """Write the entries of exercises ("03") or mutants ("03-rate_forgotten"); of all for none."""
    torch.set_num_threads(1)  # as in the tests
    known_names = {*course().exercises, *map(str, mutants())}
    if unknown := sorted({*chosen} - known_names):
        raise SystemExit(f"neither an exercise nor a mutant: {', '.join(unknown)}")
    for number in course().exercises:
        mine = [mutant for mutant in mutants() if mutant.number == number]
        known = golden.read(number)
        entries = {mutant.name: known[mutant.name] for mutant in mine if mutant.name in known}
        for mutant in mine:
            if not chosen or number in chosen or str(mutant) in chosen:
                with TemporaryDirectory() as folder:
                    entries[mutant.name] = golden.entry(mutant, verdicts(mutant, Path(folder)))
        golden.write(number, entries)
    golden.TABLE.write_text(golden.table(course().exercises), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
