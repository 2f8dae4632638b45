"""What the presets of the order sources say about their rows: per rule, the sources it holds for."""

import dataclasses

import ibis


@dataclasses.dataclass(frozen=True)
class Shapes:
    """`presets` {source number: preset of an order file}."""

    presets: dict

    def of(self, **wanted):
        """The numbers of the sources whose preset has these values."""
        return [n for n, p in self.presets.items() if all(getattr(p, k) == v for k, v in wanted.items())]

    def tell_tax(self):
        """True where some file tells an order's tax by itself, or its amounts come without it."""
        return any(p.tax != "included" for p in self.presets.values())

    def option(self, name, value):
        """The numbers of the sources with that option."""
        return [n for n, p in self.presets.items() if p.options.get(name) == value]

    def given(self):
        """Every field that some source gives: no need to look at the others."""
        return {n for p in self.presets.values() for n in p.all_fields}

    def summed(self, name):
        """The numbers of the sources whose rows each tell a part of the order's amount."""
        return [n for n, p in self.presets.items() if name in p.fields and p.fields[name].rows == "sum"]

    def rests(self, name):
        """The numbers of the sources where this amount is what remains."""
        return [n for n, p in self.presets.items() if name in p.fields and p.fields[name].rest]

    def splits(self):
        """[(source number, field, separator)]: cells that hold a list."""
        return [(n, name, f.split) for n, p in self.presets.items() for name, f in p.lines.items() if f.split]

    def line_sums(self, name):
        """[(sign, line type, source numbers)]: what the order's lines add to this amount."""
        found = {}
        for number, preset in self.presets.items():
            field = preset.fields.get(name)
            for sign, kind in ((1, field.lines), (-1, field.less_lines)) if field else ():
                if kind:
                    found.setdefault((sign, kind), []).append(number)
        return [(sign, kind, numbers) for (sign, kind), numbers in found.items()]


def at(rows, numbers):
    """True for the rows of these sources."""
    return rows.source_no.isin(numbers) if numbers else ibis.literal(False)
