"""What selection looks at: the tables of one client on one day, and what follows from them."""

import dataclasses
import datetime
import functools

import ibis

from shindan import schema
from shindan.analyses import basket, following, replenish, rfm
from shindan.engine import as_table, by_number, days_after, days_between

DISTANT_DAYS = 90   # a return this recent is a return of what is being followed up
FEW_SELLERS = 10    # best sellers tried, one after the other, for who has nothing to be offered


@dataclasses.dataclass(frozen=True)
class Known:
    """The tables (canonical and derived, lazy) of one client up to `as_of`, and its settings.

    `earlier`: one row per person x list assigned by runs of earlier days (customer_key, list, campaign_id,
    arm, send_on); `drawn`: the arms of these and of this day's own last run; `lists`, `cuts`, `basket_rules`: the client's settings of these names.
    """

    tables: dict
    as_of: datetime.date
    lists: object
    cuts: object = rfm.Cuts()
    basket_rules: object = basket.RULES
    counted: object = basket.COUNTED
    earlier: object = None
    drawn: object = None
    keep: object = lambda table, name: table  # noqa: E731 - how a result used often is stored (engine.keep)

    @property
    def first(self):
        """The first planned day."""
        return self.as_of + datetime.timedelta(days=1)

    @property
    def last(self):
        """The last planned day."""
        return self.as_of + datetime.timedelta(days=self.lists.days)

    def table(self, name):
        """A canonical or derived table; one that a client does not have is empty."""
        found = self.tables.get(name)
        return ibis.memtable(schema.of(name).to_pyarrow().empty_table()) if found is None else as_table(found)

    @functools.cached_property
    def ranked(self):
        """One row per buyer: customer_key, rank and what it stands on, on as_of."""
        return self.keep(rfm.rank_as_of(self.table("purchases"), self.as_of, self.cuts), "ranked")

    def rank_before(self, days):
        """The same, `days` ago."""
        return rfm.rank_as_of(self.table("purchases"), self.as_of - datetime.timedelta(days=days), self.cuts)

    @functools.cached_property
    def nobody(self):
        """customer_key of staff, test and wholesale accounts: never on any list."""
        c = self.table("customers")
        return c.filter(c.is_staff | c.is_test | c.is_wholesale).select("customer_key")

    @functools.cached_property
    def shipped_orders(self):
        """Orders that left the shop, or were to: valid ones and those returned, up to as_of."""
        o = self.table("orders")
        return o.filter(
            o.status.isin(["valid", "returned"]), o.order_type.isin(schema.PURCHASE_TYPES), ~o.is_staff,
            ~o.is_test, ~o.is_zero_yen, o.customer_key.notnull(), o.order_date <= self.as_of)

    @functools.cached_property
    def first_orders(self):
        """One row per new customer: order_date and base_date (shipment; is_estimated: order + lead days)."""
        o = self.shipped_orders
        place = ibis.row_number().over(group_by=o.customer_key, order_by=[o.ordered_at, *by_number(o.order_id)])
        o = o.mutate(place=place).filter(ibis._.place == 0)
        older = self.table("buyers").filter(~ibis._.is_new)
        told = (o.shipped_date <= self.as_of).fill_null(False)
        lead = days_after(o.order_date, self.lists.lead_days)
        o = o.mutate(is_estimated=~told, base_date=ibis.ifelse(told, o.shipped_date, lead))
        o = o.anti_join(older, "customer_key").select("customer_key", "order_date", "is_estimated", "base_date")
        return self.keep(o, "first_orders")

    @functools.cached_property
    def items(self):
        """What everybody has bought (basket.items)."""
        return self.keep(basket.items(
            self.table("orders"), self.table("order_lines"), self.as_of, self.counted), "items")

    @functools.cached_property
    def sellers(self):
        """pandas: the products still sold and free to be offered, best sellers first (sku, product)."""
        i = self.items
        ago = days_between(ibis.literal(self.as_of), i.order_date)
        i = i.filter(ago < 365, ~i.sku.isin(list(self.lists.not_offered) or [""]))
        sold = i.group_by("sku").agg(product=i.product_name.max(), n_people=i.customer_key.nunique(),
                                     last=i.order_date.max())
        alive = days_between(ibis.literal(self.as_of), sold.last) < self.lists.discontinued_days
        return sold.filter(alive).order_by(ibis.desc("n_people"), "sku").limit(
            self.basket_rules.max_products).to_pandas()

    @functools.cached_property
    def runs_out(self):
        """One row per person x product they hold: when it is likely to be used up (replenish.runs_out)."""
        gaps = replenish.gaps(self.items, self.as_of, list(self.sellers["sku"]))
        return replenish.runs_out(gaps, replenish.days_per_unit(gaps, self.basket_rules.replenish_days))

    @functools.cached_property
    def pairs(self):
        """pandas: what is bought next after what (following.next_products), of products that may be offered."""
        skus = list(self.sellers["sku"])
        return following.next_products(self.items, self.table("buyers"), self.as_of, skus, self.basket_rules)
