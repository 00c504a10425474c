"""One measured figure, beside the baseline that was measured in the same run."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    baseline: float
    against: str
    """What the baseline is."""

    def line(self) -> str:
        ratio = self.value / self.baseline if self.baseline else None
        return json.dumps(
            {
                "name": self.name,
                "value": round(self.value, 4),
                "unit": self.unit,
                "baseline": round(self.baseline, 4),
                "against": self.against,
                "ratio": None if ratio is None else round(ratio, 4),
            }
        )
