"""The thresholds of ranks, stages and products: what client.yaml may change, with its defaults.

Part of the settings (config.py); analyses take objects with these fields and know nothing of files.
"""

from typing import Annotated, Literal

import pydantic


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class RankRule(Strict):
    """A rank is the first rule, top to bottom, that a customer meets within the window."""

    rank: Literal["premium", "semi_premium", "regular"]
    min_purchases: int = 0
    min_sales_jpy: int = 0


class Rfm(Strict):
    """Fixed cut points: score 5 is best. Equal values always share a score."""

    window_days: Annotated[int, pydantic.Field(gt=0)] = 365
    dormant_days: Annotated[int, pydantic.Field(gt=0)] = 365
    recency_days: tuple[int, ...] = (30, 90, 180, 365)      # R: 5 if days <= 30 ... 1 if > 365
    frequency: tuple[int, ...] = (2, 3, 5, 10)              # F: 1 if < 2 ... 5 if >= 10
    monetary_jpy: tuple[int, ...] = (5000, 10000, 30000, 50000)
    mode: Literal["fixed", "quantile"] = "fixed"
    ranks: tuple[RankRule, ...] = (
        RankRule(rank="premium", min_purchases=4),
        RankRule(rank="semi_premium", min_purchases=2),
        RankRule(rank="regular"),
    )

    @pydantic.model_validator(mode="after")
    def _ordered(self):
        for cuts in (self.recency_days, self.frequency, self.monetary_jpy):
            if list(cuts) != sorted(set(cuts)) or len(cuts) != 4:
                raise ValueError(f"four increasing cut points are needed, not {list(cuts)}")
        last = self.ranks[-1]
        if last.rank != "regular" or last.min_purchases or last.min_sales_jpy:
            raise ValueError("the last rank rule must be `regular` without conditions")
        return self


class Cpm(Strict):
    """CPM: 初回 よちよち コツコツ 流行 優良, still active or away."""

    young_days: Annotated[int, pydantic.Field(gt=0)] = 90
    premium_days: Annotated[int, pydantic.Field(gt=0)] = 210
    sales_jpy: Annotated[int, pydantic.Field(gt=0)] = 70000
    away_days: Annotated[int, pydantic.Field(gt=0)] = 240


class Stages(Strict):
    """Stages of life (見込み … 離反), beside the ranks of `rfm:`."""

    lost_days: Annotated[int, pydantic.Field(gt=0)] = 730  # 離反: this long without a purchase


class Pattern(Strict):
    """優良化パターン: what counts as early, when the outcome is looked at, how few are too few."""

    days: Annotated[int, pydantic.Field(gt=0)] = 90
    outcome_days: Annotated[int, pydantic.Field(gt=0)] = 365
    amount_jpy: tuple[int, ...] = (3000, 5000, 10000)      # bands of the first amount
    min_n: Annotated[int, pydantic.Field(ge=5)] = 30       # people with and without a signal

    @pydantic.model_validator(mode="after")
    def _ordered(self):
        if not self.amount_jpy or list(self.amount_jpy) != sorted(set(self.amount_jpy)):
            raise ValueError(f"increasing amounts are needed, not {list(self.amount_jpy)}")
        if self.days >= self.outcome_days:
            raise ValueError("`days` must be fewer than `outcome_days`")
        return self


class Cards(Strict):
    """顧客カルテ: what is said of a person must be shared by so many buyers."""

    alike: Annotated[int, pydantic.Field(ge=5)] = 5


class Basket(Strict):
    """Products: what is bought next after what, and when a product runs out."""

    window_days: Annotated[int, pydantic.Field(gt=0)] = 180       # "next" is within this many days
    max_products: Annotated[int, pydantic.Field(gt=0, le=200)] = 30  # compared: most buyers in the last year
    replenishable_share: Annotated[float, pydantic.Field(gt=0, le=1)] = 0.2  # of its buyers buy it again
    min_n: Annotated[int, pydantic.Field(gt=0)] = 30              # people behind a comparison
    replenish_days: Annotated[int, pydantic.Field(gt=0)] = 365    # who buys the same again does so within this
