"""What client.yaml says of mailing lists, and what a scenario of the catalogue is made of."""

import re
from typing import Annotated, Literal

import pydantic

ENDINGS = {"generic": "csv", "cp932": "csv", "excel": "xlsx"}  # how each profile's files are called
# every column a list may have; `lists.columns` of client.yaml picks from them
COLUMNS = ("customer_id", "email", "name", "kana", "phone", "postal_code", "list", "send_on", "send_slot",
           "rank", "sku", "product_name", "base_date")
DATED = ("first_shipment", "first_order", "cart", "detractor", "runs_out")  # due so many days after something
STATES = ("rank", "past_rank", "became_rank", "cross_sell", "list_price", "sale", "birthday")
NOT_A_FILE = re.compile(r"set_aside|con|prn|aux|nul|com\d|lpt\d")   # names a list's file cannot have
STOPS = ("returned", "subscriber", "bought_again")
Days = Annotated[int, pydantic.Field(ge=0, le=3660)]
Name = Annotated[str, pydantic.Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Share = Annotated[float, pydantic.Field(ge=0, le=0.5)]


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class Cap(_Strict):
    """At most `sends` messages in any `days` days running, and `a_day` on one day, over all scenarios."""

    sends: Annotated[int, pydantic.Field(gt=0)] = 4
    days: Annotated[int, pydantic.Field(gt=0, le=90)] = 7
    a_day: Annotated[int, pydantic.Field(gt=0)] = 1


class Lists(_Strict):
    """client.yaml, `lists:`."""

    days: Annotated[int, pydantic.Field(gt=0, le=31)] = 7   # planned: this many days after as_of
    cap: Cap = Cap()
    holdout_rate: Share = 0.1                               # left out at random, to measure against
    profile: Literal["generic", "cp932", "excel"] = "generic"
    columns: Annotated[tuple[Literal[COLUMNS], ...], pydantic.Field(min_length=1)] = (
        "customer_id", "email", "name", "list", "send_on", "send_slot", "rank", "sku", "product_name")
    lead_days: Days = 2                                     # order -> shipment, where no shipment is told
    discontinued_days: Annotated[int, pydantic.Field(gt=0)] = 90  # unsold this long: not offered
    not_offered: tuple[str, ...] = ()                       # product codes never to recommend
    families: dict[str, tuple[str, ...]] = {}               # who owns one of a family is offered none of it
    subscription_days: Annotated[int, pydantic.Field(gt=0)] = 62  # a delivery this recent: 定期中
    assume_sent: bool = True                                # delivered is sent; false: only what `make sent` records


class Mix(_Strict):
    """What a message talks about, in percent: the brand, the product, the offer."""

    brand: int = 0
    product: int = 0
    offer: int = 0

    @pydantic.model_validator(mode="after")
    def _whole(self):
        if min(self.brand, self.product, self.offer) < 0 or self.brand + self.product + self.offer != 100:
            raise ValueError("brand, product and offer of `mix` must add up to 100")
        return self


class Scenario(_Strict):
    """Who × when × what: one list. Sent `day` days after what `who` names, or on the `day`-th planned day."""

    id: Annotated[str, pydantic.Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    who: Literal[(*DATED, *STATES)]
    name: Name = ""                      # of a scenario of the client's own
    rank: Literal["premium", "semi_premium", "regular", "dormant"] | None = None
    day: Annotated[int, pydantic.Field(ge=-30, le=365)] = 0
    days: Days = 0                       # how far `who` looks: silent this long, became so within …
    catch_up_days: Days = 0              # a day that was missed is made good this long
    again_days: Days | None = None       # the same person again after this long; missing: never
    stops: tuple[Literal[STOPS], ...] = ()
    priority: Annotated[int, pydantic.Field(ge=0)] = 50     # the lowest goes first
    campaign: Annotated[str, pydantic.Field(pattern=r"^([a-z][a-z0-9_]{0,40})?$")] = ""  # lists of one series share it: measured, and left out, as one
    window_days: Annotated[int, pydantic.Field(gt=0, le=365)] = 14
    holdout_rate: Share | None = None    # default: lists.holdout_rate
    profile: Literal["generic", "cp932", "excel"] | None = None
    mix: Mix
    kpi: str = ""                        # the figure of METRICS.md it is to move
    on: bool = True

    @property
    def file(self):
        """What its list is called among the delivered lists."""
        return f"{self.id}.{ENDINGS[self.profile or Lists().profile]}"

    @property
    def series(self):
        """What its sends are measured as."""
        return self.campaign or self.id

    @property
    def is_dated(self):
        """True if every person has a day of their own."""
        return self.who in DATED

    @pydantic.model_validator(mode="after")
    def _complete(self):
        if self.who in ("rank", "past_rank", "became_rank") and not self.rank:
            raise ValueError(f"a scenario with `who: {self.who}` needs a `rank`")
        if NOT_A_FILE.fullmatch(self.id):
            raise ValueError(f"a list cannot be called `{self.id}`: its file would be another's, or none on Windows")
        if not self.is_dated and self.day < 0:
            raise ValueError(f"`who: {self.who}` has no day of its own: `day` counts the planned days from 0")
        return self
